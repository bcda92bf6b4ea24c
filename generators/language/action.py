"""What a tool does, as a person would ask for it: "cancel {object}", "find flights"."""

import re
from dataclasses import dataclass
from functools import lru_cache

from generators.lexicon.names import label, split_words
from generators.lexicon.nouns import plural, singular, with_article
from generators.lexicon.verbs import base_form, find_verb, first_line
from generators.world.model import ToolModel

_GENERIC = frozenset(
    "details detail info information data record records entry read write all list "
    "content contents results result summary".split()
)
_ASK = {
    "aspect": ("check", "look up", "find out"),
    "get": ("look up", "pull up", "check the details of", "get the details of"),
    "list": ("find", "look up", "list"),
}


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


@lru_cache(maxsize=20_000)
def _words(name: str, domain: str) -> tuple[str, ...]:
    """The words of a name without the domain before them and a tail such as "by email" after."""
    words = list(split_words(name))
    while len(words) > 1 and words[0] in split_words(domain):
        words.pop(0)
    if "by" in words:
        words = words[: words.index("by")]
    if words[-1:] in (["id"], ["ids"]) and len(words) > 1:
        words.pop()
    return tuple(words)


def _rest(model: ToolModel) -> tuple[str, list[str]]:
    """The verb as the name has it, and the words of the name beside it."""
    words = list(_words(model.tool.name, model.tool.domain))
    if find_verb(words[0]) is not None:
        return words[0], words[1:]
    for word in model.verb.split():
        if word in words:
            words.remove(word)
    return model.verb, words


def _described(model: ToolModel) -> tuple[str, str] | None:
    """Verb and object from the description, for a name that is a verb alone: ``git_status``."""
    first = first_line(model.tool.description).rstrip(".")
    verb, _, rest = first.partition(" ")
    base = base_form(verb) or _without_s(verb.lower())
    if not rest or len(rest.split()) > 9 or set(first) & set(".,;:()`'\""):
        return None
    return base, _plain_case(rest)


def _without_s(verb: str) -> str:
    """``unstages`` → ``unstage``."""
    return verb[:-1] if verb.endswith("s") and not verb.endswith("ss") else verb


def action(model: ToolModel) -> Action:
    """How people ask for this tool's work."""
    if model.operation == "list":
        noun = plural(_noun(model))
        if any(p.use == "identity" and p.required and "[" not in p.path for p in model.parameters):
            return Action(("list", "look into", "show"), "{object}", with_article(singular(noun)))
        return Action(_ASK["list"], noun, noun)
    if model.operation == "get":
        return _looking_up(model)
    if model.operation == "compute":
        if any(parameter.semantic == "expression" for parameter in model.parameters):
            return Action(("calculate", "work out"), "", "something")
        verb, rest = _titled(model)
        return Action((verb,), rest, rest)
    return _changing(model)


def aspect_of(model: ToolModel) -> str:
    """What a change is about, as its name says: ``title`` of "update the title of …"."""
    return action(model).pattern.removesuffix(" of {object}").removeprefix("the ")


def _noun(model: ToolModel) -> str:
    return label(model.noun.replace(" ", "_")) if model.noun else "entry"


def _looking_up(model: ToolModel) -> Action:
    noun = _noun(model)
    aspect = _aspect(model)
    if not _rest(model)[1] and (described := _described(model)):
        return Action((described[0],), described[1], described[1])
    if aspect:
        what = f"the {label('_'.join(aspect))} of"
        return Action(_ASK["aspect"], f"{what} {{object}}", f"{what} {with_article(noun)}")
    return Action(_ASK["get"], "{object}", with_article(noun))


_PHRASAL = {"login": "log in", "logout": "log out", "signup": "sign up", "signin": "sign in"}
_PREPOSITIONS = frozenset("to of for from in on with by at into".split())


_MARK = re.compile(r"\s*[\[(](deprecated|legacy|beta|preview|experimental)[\])]", re.IGNORECASE)
"""What a title says of the tool's age, and nobody says when asking for its work."""


def _titled(model: ToolModel) -> tuple[str, str]:
    """Verb and object from the title, or else from name or description."""
    title = _MARK.sub("", model.tool.title).strip().rstrip(".")
    if " " in title and "_" not in title and title.split()[0].lower() == model.verb.split()[0]:
        first, _, rest = title.partition(" ")
        return first.lower(), _plain_case(rest)
    verb, words = _rest(model)
    strange = not words or (words[0] not in model.noun and words[-1] not in model.noun)
    if strange and (described := _described(model)):
        return described
    if verb in _PHRASAL and not [word for word in words if word != "to"]:
        return _PHRASAL[verb], ""
    if words[:1] == ["to"] and len(words) > 1:
        return verb, f"me to {with_article(singular(label('_'.join(words[1:]))))}"
    object_words = [word for word in words if word != "to"]
    text = label("_".join(object_words)) if object_words else "something"
    if object_words and object_words[0] in ("current", "next", "last", "latest", "local"):
        return verb, f"the {text}"
    return verb, with_article(text) if object_words else text


def _plain_case(text: str) -> str:
    """A title's words as in a sentence: ``Pull Request Review`` → ``a pull request review``."""
    words = text.split()
    titled = [word for word in words if word[:1].isupper() and not word.isupper()]
    if len(titled) * 2 > len(words):
        words = [word if word.isupper() else word.lower() for word in words]
    elif not words[0].isupper():
        words[0] = f"{words[0][:1].lower()}{words[0][1:]}"
    # With an article before the head, unless it has one or is a plural.
    end = next((n for n, word in enumerate(words) if word.lower() in _PREPOSITIONS), len(words))
    head, rest = (" ".join(words[:end]), " ".join(words[end:]))
    if not head or words[0].lower() in _DETERMINED:
        return " ".join(words)
    return f"{with_article(head)} {rest}".strip()


_DETERMINED = frozenset(
    "a an the all my your their its or and any every this these changes".split()
)


def _aspect(model: ToolModel) -> list[str]:
    """What a name says beside verb and noun: ``title`` in update_issue_title.

    Words before the noun describe it (``latest`` release) and are no aspect.
    """
    nouns = {singular(word) for word in split_words(model.noun)} | set(split_words(model.noun))
    words: list[str] = []
    for word in _rest(model)[1]:
        if word in _PREPOSITIONS:
            break
        if word in nouns or singular(word) in nouns:
            words = []
        elif word not in _GENERIC or (word == "list" and words):
            words.append(word)
    return words


def _changing(model: ToolModel) -> Action:
    """The verb, and either the row itself or what is done about it: "the address of {object}"."""
    verb, generic = _titled(model)
    if not _rest(model)[1]:
        return Action((verb,), generic, generic)
    if model.operation == "create":
        return Action((verb,), generic, generic)
    if not any(p.use in ("identity", "reference") for p in model.parameters):
        # ``an engine`` → ``the engine``: what nothing tells from others is the only one.
        first, _, rest = generic.partition(" ")
        generic = f"the {rest}" if first in ("a", "an") and rest else generic
    if not any(p.use == "identity" for p in model.parameters):
        return Action((verb,), generic, generic)
    noun, aspect = _noun(model), _aspect(model)
    asking = aspect in (["user"], ["users"])  # whoever asks: "save_albums_user"
    if not aspect or asking or model.operation == "delete" or model.transition:
        return Action((verb,), "{object}", with_article(noun))
    what = label("_".join(aspect))
    known = find_verb(verb)
    preposition = (known.to if known else "") or "of"
    article = with_article(what) if preposition == "to" else f"the {what}"
    whole = f"{article} {preposition}"
    return Action((verb,), f"{whole} {{object}}", f"{whole} {with_article(noun)}")
