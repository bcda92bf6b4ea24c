"""The preposition before another thing of a deed, as the description says it: ``for a contact``."""

import re
from itertools import takewhile

from generators.identity_cache import remembered
from generators.lexicon.deeds import first_line
from generators.lexicon.names import bare_label
from generators.lexicon.tables import load_words
from generators.world.model import ToolModel

_WORD = re.compile(r"[\w'\u2019-]+|[^\w\s]")


def find_told_place(model: ToolModel, name: str) -> str:
    """``for`` of ``contact_id`` and "Write the score for a contact."; empty where none is told."""
    return _list_told(model).get(bare_label(name), "")


@remembered
def _list_told(model: ToolModel) -> dict[str, str]:
    """What each parameter's thing stands behind in the tool's first sentence."""
    line = _WORD.findall(first_line(model.tool.description))
    spelled = list(takewhile(lambda word: word != ".", line))
    words = [word.lower() for word in spelled]
    placing = load_words("slots", "placing")
    if model.operation in ("get", "list", "delete"):  # "revokes the access to a project"
        placing -= load_words("slots", "giving")
    small, ends = load_words("exceptions", "determiners"), load_words("exceptions", "stops")
    found: dict[str, str] = {}
    for name in (one.name for one in model.parameters):
        thing = bare_label(name).split()
        for at in range(1, len(words) - len(thing) + 1):
            after = words[at + len(thing) : at + len(thing) + 1]
            if words[at : at + len(thing)] != thing or not (
                not after or after[0] in ends or not after[0][0].isalnum()
            ):
                continue
            before = at - 1
            while before > 0 and (words[before] in small - placing or spelled[before][0].isupper()):
                before -= 1  # ``in a Shopkeeper sequence``
            joined = before > 0 and words[before - 1].endswith(
                ("ed", "ing")
            )  # "assigned to a user"
            if words[before] in placing and not joined:
                found.setdefault(" ".join(thing), words[before])
    return found
