"""What a tool does, as a person would ask for it: "cancel {object}", "find flights"."""

from dataclasses import dataclass
from functools import lru_cache

from generators.language.words import label, plural, singular, split_name, with_article
from generators.world import ToolModel

_GENERIC = frozenset(
    [
        "details",
        "detail",
        "info",
        "information",
        "data",
        "record",
        "records",
        "entry",
        "read",
        "write",
        "all",
        "list",
        "content",
        "contents",
        "results",
        "result",
        "summary",
    ]
)
_TO = frozenset(
    [
        "add",
        "send",
        "post",
        "attach",
        "append",
        "invite",
        "submit",
        "assign",
        "apply",
        "upload",
        "write",
        "push",
    ]
)
_FROM = frozenset(["remove", "withdraw", "detach", "unassign"])
_ASK = {
    "get": ("check", "look up", "pull up", "see"),
    "list": ("find", "look up", "see", "go through"),
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
def _rest(name: str, verb: str, noun: str) -> tuple[str, ...]:
    """The words of the name without its verb, and without a tail such as "by email"."""
    words = list(split_name(name))
    if "by" in words:
        words = words[: words.index("by")]
    for word in verb.split():
        if word in words:
            words.remove(word)
    if words[-1:] in (["id"], ["ids"]) and len(words) > 1:
        words.pop()
    del noun
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
    rest = [w for w in _rest(model.tool.name, model.verb, noun) if w not in _GENERIC]
    aspect = [w for w in rest if singular(w) not in noun.split() and w not in noun.split()]
    domain = set(split_name(model.tool.domain))
    aspect = [w for w in aspect if w not in domain]
    if aspect:
        what = label("_".join(aspect))
        return Action(
            _ASK["get"], f"the {what} of {{object}}", f"the {what} of {with_article(noun)}"
        )
    return Action(_ASK["get"], "{object}", with_article(noun))


def _computing(model: ToolModel) -> Action:
    verb, rest = _titled(model)
    return Action((verb,), rest, rest)


def _titled(model: ToolModel) -> tuple[str, str]:
    """Verb and object from the title, or else from the name."""
    title = model.tool.title.strip().rstrip(".")
    if " " in title and "_" not in title and title.split()[0].lower() == model.verb.split()[0]:
        first, _, rest = title.partition(" ")
        return first.lower(), _lower_first(rest)
    words = [w for w in _rest(model.tool.name, model.verb, model.noun) if w not in ("to",)]
    verb = "get" if model.operation == "compute" and model.verb == "get" else model.verb
    return verb, _object(words)


def _object(words: list[str]) -> str:
    text = label("_".join(words)) if words else "this"
    if words and words[0] in ("current", "next", "last", "latest", "local"):
        return f"the {text}"
    return with_article(text) if words else text


def _lower_first(text: str) -> str:
    first, _, rest = text.partition(" ")
    return (
        text
        if first.isupper() and len(first) > 1
        else f"{first[:1].lower()}{first[1:]} {rest}".strip()
    )


def _changing(model: ToolModel) -> Action:
    """The verb, and either the row itself or what is done about it: "the address of {object}"."""
    verb, generic = _titled(model)
    noun = _noun(model)
    if model.operation == "create":
        return Action((verb,), generic, generic)
    rest = [w for w in _rest(model.tool.name, model.verb, noun) if w not in _GENERIC]
    aspect = [w for w in rest if w not in noun.split() and singular(w) not in noun.split()]
    about = any(p.use == "identity" for p in model.parameters)
    if not about:
        return Action((verb,), generic, generic)
    if not aspect or model.operation == "delete" or model.transition:
        return Action((verb,), "{object}", with_article(noun))
    what = label("_".join(aspect))
    preposition = "to" if verb in _TO else "from" if verb in _FROM else "of"
    article = with_article(what) if verb in _TO else f"the {what}"
    return Action(
        (verb,),
        f"{article} {preposition} {{object}}",
        f"{article} {preposition} {with_article(noun)}",
    )
