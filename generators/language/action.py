"""What a tool does, as a person would ask for it: "cancel {object}", "find flights"."""

from dataclasses import dataclass
from functools import lru_cache

from generators.language.words import label, plural, singular, split_name, with_article
from generators.world import ToolModel

_GENERIC = frozenset(
    "details detail info information data record records entry read write all list "
    "content contents results result summary".split()
)
_TO = frozenset("add send post attach append invite submit assign apply upload write push".split())
_FROM = frozenset("remove withdraw detach unassign".split())
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
def _rest(name: str, verb: str) -> tuple[str, ...]:
    """The words of the name without its verb, and without a tail such as "by email"."""
    words = list(split_name(name))
    if "by" in words:
        words = words[: words.index("by")]
    for word in verb.split():
        if word in words:
            words.remove(word)
    if words[-1:] in (["id"], ["ids"]) and len(words) > 1:
        words.pop()
    return tuple(words)


def action(model: ToolModel) -> Action:
    """How people ask for this tool's work."""
    if model.operation == "list":
        return _listing(model)
    if model.operation == "get":
        return _looking_up(model)
    if model.operation == "compute":
        return _computing(model)
    return _changing(model)


def _listing(model: ToolModel) -> Action:
    noun = plural(_noun(model))
    return Action(_ASK["list"], noun, noun)


def _noun(model: ToolModel) -> str:
    return label(model.noun.replace(" ", "_")) if model.noun else "entry"


def _looking_up(model: ToolModel) -> Action:
    noun = _noun(model)
    domain = set(split_name(model.tool.domain))
    aspect = [word for word in _aspect(model) if word not in domain]
    if aspect:
        what = f"the {label('_'.join(aspect))} of"
        return Action(_ASK["aspect"], f"{what} {{object}}", f"{what} {with_article(noun)}")
    return Action(_ASK["get"], "{object}", with_article(noun))


def _computing(model: ToolModel) -> Action:
    verb, rest = _titled(model)
    return Action((verb,), rest, rest)


_PREPOSITIONS = frozenset("to of for from in on with by at into".split())


def _titled(model: ToolModel) -> tuple[str, str]:
    """Verb and object from the title, or else from the name."""
    title = model.tool.title.strip().rstrip(".")
    if " " in title and "_" not in title and title.split()[0].lower() == model.verb.split()[0]:
        first, _, rest = title.partition(" ")
        return first.lower(), _plain_case(rest)
    words = list(_rest(model.tool.name, model.verb))
    if words[:1] == ["to"] and len(words) > 1:
        return model.verb, f"me to {with_article(singular(label('_'.join(words[1:]))))}"
    return model.verb, _object([word for word in words if word != "to"])


def _object(words: list[str]) -> str:
    text = label("_".join(words)) if words else "something"
    if words and words[0] in ("current", "next", "last", "latest", "local"):
        return f"the {text}"
    return with_article(text) if words else text


def _plain_case(text: str) -> str:
    """A title's words as in a sentence: ``Pull Request Review`` → ``a pull request review``."""
    words = text.split()
    titled = [word for word in words if word[:1].isupper() and not word.isupper()]
    if len(titled) * 2 <= len(words) or words[0].lower() in ("a", "an", "the", "all", "my"):
        return f"{text[:1].lower()}{text[1:]}" if not words[0].isupper() else text
    plain = " ".join(word if word.isupper() else word.lower() for word in words)
    return plain if words[0].lower() in _PREPOSITIONS else with_article(plain)


def _aspect(model: ToolModel) -> list[str]:
    """What a name says beside verb and noun: ``title`` in update_issue_title."""
    nouns = {singular(word) for word in split_name(model.noun)} | set(split_name(model.noun))
    words = [
        word
        for word in _rest(model.tool.name, model.verb)
        if word not in _GENERIC and word not in nouns and singular(word) not in nouns
    ]
    while words and words[-1] in _PREPOSITIONS:
        words.pop()
    return words


def _changing(model: ToolModel) -> Action:
    """The verb, and either the row itself or what is done about it: "the address of {object}"."""
    verb, generic = _titled(model)
    if model.operation == "create" or not any(p.use == "identity" for p in model.parameters):
        return Action((verb,), generic, generic)
    noun, aspect = _noun(model), _aspect(model)
    if not aspect or model.operation == "delete" or model.transition:
        return Action((verb,), "{object}", with_article(noun))
    what = label("_".join(aspect))
    preposition = "to" if verb in _TO else "from" if verb in _FROM else "of"
    article = with_article(what) if verb in _TO else f"the {what}"
    whole = f"{article} {preposition}"
    return Action((verb,), f"{whole} {{object}}", f"{whole} {with_article(noun)}")
