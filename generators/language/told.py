"""How a person attaches a value to a request: "from Lisbon", "for three guests", "called …".

A visible table of rules from meaning and name to words; what no rule fits becomes a detail of its
own: "the seat class should be economy".
"""

from collections.abc import Callable
from dataclasses import dataclass

from generators.language.phrase import NOTHING, Mention, Phrase
from generators.language.scene import Scene
from generators.language.words import bare_label, label, plural, split_name
from generators.world import ParameterModel

_FROM = frozenset(
    [
        "from",
        "start",
        "since",
        "after",
        "checkin",
        "begin",
        "origin",
        "departure",
        "source",
        "pickup",
        "base",
    ]
)
_UNTIL = frozenset(["until", "end", "to", "before", "checkout", "till", "return"])
_TOWARDS = frozenset(["to", "destination", "arrival", "target", "dropoff", "delivery"])
_PEOPLE = frozenset(
    ["passenger", "guest", "patient", "member", "customer", "attendee", "recipient", "traveler"]
)
_HOW_MANY = frozenset(
    [
        "limit",
        "max_results",
        "per_page",
        "perpage",
        "page_size",
        "count",
        "max_count",
        "top",
        "size",
        "tail",
        "head",
    ]
)
_NAMES = frozenset(["name", "title", "subject", "summary"])


@dataclass(frozen=True)
class Told:
    """A value in words: in the sentence itself, or as a detail after it."""

    tail: Phrase = NOTHING
    label: str = ""
    value: Phrase = NOTHING

    @property
    def is_detail(self) -> bool:
        """Needs words of its own."""
        return not self.tail


@dataclass(frozen=True)
class _Leaf:
    """A value to be said."""

    parameter: ParameterModel
    words: frozenset[str]
    said: Phrase
    value: object

    def tail(self, template: str) -> Told:
        before, after = template.split("{}")
        return Told(tail=before + self.said + after)


def tell(scene: Scene, call: int, path: str, parameter: ParameterModel, value: object) -> Told:
    """Words for one leaf of a call's arguments that the user has to say."""
    if isinstance(value, bool):
        return _tell_flag(call, path, parameter, value)
    said = scene.say(call, path, parameter, value)
    leaf = _Leaf(parameter, frozenset(split_name(parameter.name)), said, value)
    if "[" not in path:
        for rule in _RULES:
            if told := rule(leaf):
                return told
    return Told(label=_label(parameter), value=said)


def _label(parameter: ParameterModel) -> str:
    return bare_label(parameter.name) if parameter.opaque else label(parameter.name)


def _tell_flag(call: int, path: str, parameter: ParameterModel, value: bool) -> Told:
    words = [
        w
        for w in split_name(parameter.name)
        if w not in ("is", "has", "include", "with", "only", "includes")
    ]
    thing = label("_".join(words)) if words else label(parameter.name)
    if {"include", "includes", "has", "with"} & set(split_name(parameter.name)):
        text = f"with {thing}" if value else f"without {thing}"
    else:
        text = f"with {thing} switched {'on' if value else 'off'}"
    return Told(tail=Phrase(text, (Mention(call, path, text, "flag"),)))


def _on(said: str) -> str:
    relative = said.startswith(("tomorrow", "today", "this ", "next ", "yesterday"))
    return "{}" if relative else "on {}"


def _when(leaf: _Leaf) -> Told | None:
    if leaf.parameter.semantic not in ("date", "datetime", "time"):
        return None
    words = leaf.words
    if "due" in words or "deadline" in words:
        return leaf.tail("due {}" if leaf.parameter.semantic != "time" else "due at {}")
    if words & {"birth", "dob", "birthday"}:
        return leaf.tail("born " + _on(leaf.said.text))
    if leaf.parameter.use == "minimum" or (
        words & _FROM and words & {"date", "start", "from", "since", "after"}
    ):
        return leaf.tail("from {}")
    if leaf.parameter.use == "maximum" or words & _UNTIL:
        return leaf.tail("until {}")
    if leaf.parameter.semantic == "time":
        return leaf.tail("at {}")
    return leaf.tail(_on(leaf.said.text))


def _where(leaf: _Leaf) -> Told | None:
    if leaf.parameter.semantic not in (
        "city",
        "airport",
        "country",
        "timezone",
        "currency",
        "language",
    ):
        return None
    if leaf.words & _FROM:
        return leaf.tail("from {}")
    if leaf.words & _TOWARDS:
        return leaf.tail("to {}")
    return leaf.tail("in {}") if leaf.parameter.use in ("filter", "input") else None


def _how_many(leaf: _Leaf) -> Told | None:
    if leaf.parameter.semantic not in ("count", "number", "duration") or isinstance(
        leaf.value, str
    ):
        return None
    words = split_name(leaf.parameter.name)
    if "".join(words) in {n.replace("_", "") for n in _HOW_MANY}:
        return leaf.tail("at most {} of them")
    if words[-1:] in (("minutes",), ("hours",), ("days",), ("weeks",), ("months",), ("nights",)):
        return leaf.tail(
            "for {} "
            + plural(words[-1], 1 if leaf.value == 1 else 2).rstrip("s" if leaf.value == 1 else "")
        )
    if "party" in words or words == ("people",):
        return leaf.tail("for {} people" if leaf.value != 1 else "for {} person")
    if words[-1].endswith("s") and leaf.parameter.semantic == "count" and leaf.value != 1:
        return leaf.tail(
            "for {} " + label("_".join(w for w in words if w not in ("num", "number", "of")))
        )
    return None


def _how_much(leaf: _Leaf) -> Told | None:
    if leaf.parameter.semantic == "rating" and leaf.parameter.use == "minimum":
        return leaf.tail("rated at least {}")
    if leaf.parameter.semantic != "money":
        return None
    if leaf.parameter.use == "maximum":
        return leaf.tail("for at most {}")
    if leaf.parameter.use == "minimum":
        return leaf.tail("for at least {}")
    if leaf.parameter.name in ("amount", "price", "total", "budget"):
        return leaf.tail("for {}")
    return None


def _who(leaf: _Leaf) -> Told | None:
    if leaf.parameter.semantic == "person_name" and leaf.words & _PEOPLE:
        return leaf.tail("for {}")
    if leaf.parameter.semantic == "email" and leaf.words & {"to", "recipient"}:
        return leaf.tail("to {}")
    if leaf.parameter.semantic == "handle" and "author" in leaf.words:
        return leaf.tail("by {}")
    return None


def _what(leaf: _Leaf) -> Told | None:
    parameter = leaf.parameter
    if parameter.semantic == "query" or parameter.use == "query":
        return leaf.tail("about {}")
    if parameter.semantic in ("title", "person_name") and leaf.words <= _NAMES:
        return leaf.tail("called {}")
    if parameter.semantic == "branch":
        return leaf.tail("from the branch {}" if leaf.words & _FROM else "on the branch {}")
    if parameter.semantic == "expression":
        return leaf.tail("{}")
    if (
        parameter.semantic == "enum"
        and parameter.use == "filter"
        and leaf.words & {"status", "state"}
    ):
        return leaf.tail("that are {}")
    return None


_RULES: tuple[Callable[[_Leaf], Told | None], ...] = (
    _when,
    _where,
    _how_many,
    _how_much,
    _who,
    _what,
)
