"""What a tool does, as a person would ask for it: "cancel {object}", "find flights"."""

import re
from dataclasses import dataclass

from generators.identity_cache import remembered
from generators.lexicon.deeds import first_line
from generators.lexicon.names import label, split_words
from generators.lexicon.nouns import plural, singular, with_article
from generators.lexicon.verbs import base_form, find_verb
from generators.world.model import ToolModel
from generators.world.tool_names import telling_words

_GENERIC = frozenset(
    "details detail info information data record records entry read write all list "
    "content contents results result summary".split()
)
_ASK = {
    "aspect": ("check", "look up", "find out"),
    "get": ("look up", "pull up", "check the details of", "get the details of"),
    "list": ("find", "look up", "list"),
}
_PHRASAL = {"login": "log in", "logout": "log out", "signup": "sign up", "signin": "sign in"}
_PREPOSITIONS = frozenset("to of for from in on with by at into".split())
_DETERMINED = frozenset(
    "a an the all my your their its or and any every this these changes".split()
)
_MARK = re.compile(r"\s*[\[(](deprecated|legacy|beta|preview|experimental)[\])]", re.IGNORECASE)
"""What a title says of the tool's age, and nobody says when asking for its work."""
_LONGEST = 9
"""Words of a description that tells a tool's work as people would ask for it."""


@dataclass(frozen=True)
class Action:
    """A verb and its object. With a row at hand, ``{object}`` is replaced by words for that row."""

    verbs: tuple[str, ...]
    """Base forms that mean the same."""
    pattern: str
    """What follows the verb; ``{object}`` stands for the row, if the action is about one."""
    generic: str
    """The same without a row: "an order"."""

    @property
    def verb(self) -> str:
        """The plainest of the verbs."""
        return self.verbs[0]


@remembered
def action(model: ToolModel) -> Action:
    """How people ask for this tool's work."""
    noun, rest = label(model.noun) if model.noun else "entry", _split_name(model)[1]
    if model.operation == "list":
        if any(p.use == "identity" and p.required and "[" not in p.path for p in model.parameters):
            return Action(("list", "look into", "show"), "{object}", with_article(singular(noun)))
        return Action(_ASK["list"], plural(noun), plural(noun))
    if model.operation == "get":
        if not rest and (described := _read_description(model)):
            return Action((described[0],), described[1], described[1])
        if aspect := _find_aspect(model, rest):
            what = f"the {label(' '.join(aspect))} of"
            return Action(_ASK["aspect"], f"{what} {{object}}", f"{what} {with_article(noun)}")
        return Action(_ASK["get"], "{object}", with_article(noun))
    if model.operation == "compute" and any(p.semantic == "expression" for p in model.parameters):
        return Action(("calculate", "work out"), "", "something")
    verb, generic = _put_in_words(model)
    if not rest or model.operation in ("compute", "create"):
        return Action((verb,), generic, generic)
    # A change: of the row itself, or of something about it: "the address of {object}".
    uses = {parameter.use for parameter in model.parameters}
    if "identity" not in uses:
        # ``an engine`` → ``the engine``: what nothing tells from others is the only one.
        first, _, bare = generic.partition(" ")
        if "reference" not in uses and first in ("a", "an") and bare:
            generic = f"the {bare}"
        return Action((verb,), generic, generic)
    aspect = _find_aspect(model, rest)
    asking = aspect in (["user"], ["users"])  # whoever asks: "save_albums_user"
    if not aspect or asking or model.operation == "delete" or model.transition:
        return Action((verb,), "{object}", with_article(noun))
    what, preposition = label(" ".join(aspect)), find_verb(verb).to or "of"
    whole = f"{with_article(what) if preposition == 'to' else f'the {what}'} {preposition}"
    return Action((verb,), f"{whole} {{object}}", f"{whole} {with_article(noun)}")


def aspect_of(model: ToolModel) -> str:
    """What a change is about, as its name says: ``title`` of "update the title of …"."""
    return action(model).pattern.removesuffix(" of {object}").removeprefix("the ")


def _split_name(model: ToolModel) -> tuple[str, list[str]]:
    """The verb as the name has it, and the words of the name beside it.

    Without the domain before them, and a tail such as "by email" after them.
    """
    words = list(telling_words(model.tool))
    while len(words) > 1 and words[0] in split_words(model.tool.domain):
        words.pop(0)
    if "by" in words:
        words = words[: words.index("by")]
    if words[-1:] in (["id"], ["ids"]) and len(words) > 1:
        words.pop()
    if words and find_verb(words[0]):
        return words[0], words[1:]
    for word in model.verb.split():
        if word in words:
            words.remove(word)
    return model.verb, words


def _find_aspect(model: ToolModel, rest: list[str]) -> list[str]:
    """What a name says beside verb and noun: ``title`` in update_issue_title.

    Words before the noun describe it (``latest`` release) and are no aspect.
    """
    nouns = {singular(word) for word in split_words(model.noun)} | set(split_words(model.noun))
    words: list[str] = []
    for word in rest:
        if word in _PREPOSITIONS:
            break
        if word in nouns or singular(word) in nouns:
            words = []
        elif word not in _GENERIC or (word == "list" and words):
            words.append(word)
    return words


def _read_description(model: ToolModel) -> tuple[str, str] | None:
    """Verb and object from the description, for a name that is a verb alone: ``git_status``."""
    first = first_line(model.tool.description).rstrip(".")
    verb, _, rest = first.partition(" ")
    if not rest or len(rest.split()) > _LONGEST or set(first) & set(".,;:()`'\""):
        return None
    lower = verb.lower()
    bare = lower[:-1] if lower.endswith("s") and not lower.endswith("ss") else lower
    return base_form(verb) or bare, _put_in_sentence(rest)


def _put_in_words(model: ToolModel) -> tuple[str, str]:
    """Verb and object from the title, or else from name or description."""
    title = _MARK.sub("", model.tool.title).strip().rstrip(".")
    if " " in title and "_" not in title and title.split()[0].lower() == model.verb.split()[0]:
        first, _, rest = title.partition(" ")
        return first.lower(), _put_in_sentence(rest)
    verb, words = _split_name(model)
    strange = not words or (words[0] not in model.noun and words[-1] not in model.noun)
    if strange and (described := _read_description(model)):
        return described
    object_words = [word for word in words if word != "to"]
    if verb in _PHRASAL and not object_words:
        return _PHRASAL[verb], ""
    if words[:1] == ["to"] and len(words) > 1:
        return verb, f"me to {with_article(singular(label(' '.join(words[1:]))))}"
    if not object_words:
        return verb, "something"
    text = label(" ".join(object_words))
    known = object_words[0] in ("current", "next", "last", "latest", "local")
    return verb, f"the {text}" if known else with_article(text)


def _put_in_sentence(text: str) -> str:
    """A title's words as in a sentence: ``Pull Request Review`` → ``a pull request review``."""
    words = text.split()
    titled = [word for word in words if word[:1].isupper() and not word.isupper()]
    if len(titled) * 2 > len(words):
        words = [word if word.isupper() else word.lower() for word in words]
    elif not words[0].isupper():
        words[0] = f"{words[0][:1].lower()}{words[0][1:]}"
    # With an article before the head, unless it has one or is a plural.
    end = next((n for n, word in enumerate(words) if word.lower() in _PREPOSITIONS), len(words))
    if not end or words[0].lower() in _DETERMINED:
        return " ".join(words)
    return " ".join([with_article(" ".join(words[:end])), *words[end:]])
