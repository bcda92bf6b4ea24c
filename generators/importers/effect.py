"""Decides whether a tool only reads, and whether it loses something that cannot be had back.

A source's own hint decides where there is one; otherwise the verb, from the name or from the first
words of the description, and the method of HTTP. Without a verb, what only reads is known by its
noun, its pages, or numbers that it reckons with; else nothing is known. What a tool does to which
entity is left to the world.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from generators.importers.found_tools import FoundTool
from generators.lexicon.names import noun_words, snake, split_words
from generators.lexicon.nouns import is_plural
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import Deed, find_deed, find_verb
from schemas.tool import Effect

_PEOPLE = frozenset("human agent agents operator representative person staff support".split())
"""Being transferred to one of these costs nothing."""
_DELETES = re.compile(
    r"^\W*(?:permanently )?deletes?\b|[(/] ?(?:soft[- ])?deletes?\b"
    r"|\b(?:can(?:not|'t) be undone|irreversibl|permanently (?:delete|remove|erase))",
    re.IGNORECASE,
)
"""``Archive (delete) a record``: what goes by a milder name."""


@dataclass(frozen=True)
class Influence:
    """What was decided, and what of it was a guess, in words."""

    effect: Effect
    destructive: bool
    guesses: tuple[str, ...] = ()


def influence(tool: FoundTool) -> Influence:
    """The effect of a tool, from its hints, its name and its description."""
    deed, words = find_deed(tool.name, tool.description), split_words(tool.name)
    effect, guess = _effect_by_name(tool, deed)
    guesses = [guess]
    if tool.read_only is not None:
        # HTTP calls GET safe; some services let it write, and say so in name and description.
        got = tool.place.startswith("GET ")
        opened = find_deed("", tool.description)
        if not (got and tool.read_only and deed.writes and opened.writes):
            effect, guesses = ("read" if tool.read_only else "write"), []
    verb = find_verb(deed.verb)
    handover = deed.verb == "transfer" and _PEOPLE & set(words)
    said = _DELETES.search(tool.description or "") is not None and deed.writes
    losing = (verb.destructive or said) and not handover
    destructive = effect == "write" and tool.destructive is not False and losing
    if destructive and tool.destructive is None:
        guesses.append(
            f"destructive from {'its description' if said else f'the verb {deed.verb!r}'}"
        )
    return Influence(effect, destructive, tuple(guesses))


def _effect_by_name(tool: FoundTool, deed: Deed) -> tuple[Effect, str]:
    """The effect where no hint tells, and by what it was guessed."""
    schema = getattr(tool.parameters, "value", None)
    found = schema.get("properties") if isinstance(schema, Mapping) else None
    properties = found if isinstance(found, Mapping) else {}
    leaves = [one for one in properties.values() if isinstance(one, Mapping)]
    numbers = [one for one in leaves if one.get("type") in ("integer", "number", "int", "float")]
    reckons = len(leaves) == len(numbers) > 0 and not any(
        noun_words(name)[-1:] in (("id",), ("uuid",), ("key",)) for name in properties
    )
    bare = deed.place is not None and len(split_words(tool.name)) == deed.size
    if reckons and (deed.operation is None or (bare and deed.verb == "add")):
        return "read", "effect from its parameters: numbers alone are reckoned with"
    if deed.operation is not None:
        return "write" if deed.writes else "read", f"effect from the verb {deed.verb!r}"
    if tool.place.startswith("POST "):
        return "write", "effect from the method POST"
    words, reading = split_words(tool.name), load_words("inference", "reading")
    if words and (is_plural(words[-1]) or noun_words(words[-1])[-1] in reading):
        return "read", f"effect from the noun {words[-1]!r}"
    if not load_words("inference", "paging").isdisjoint(map(snake, properties)):
        return "read", "effect from its parameters: it gives pages"
    return "unknown", "effect unknown: no verb says it"
