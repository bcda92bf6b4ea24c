"""How a person attaches a value to a request: "from Lisbon", "for three guests", "called …".

A visible table of rules from meaning and name to words; what no rule fits becomes a detail of its
own: "the seat class should be economy".
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from generators.language.action import aspect_of
from generators.language.phrase import NOTHING, Mention, Phrase, concat
from generators.language.scene import Scene
from generators.lexicon.dates import date_with_on
from generators.lexicon.names import bare_label, label, split_words
from generators.lexicon.nouns import is_plural, singular, with_article
from generators.lexicon.numbers import is_measure, is_period
from generators.lexicon.verbs import find_verb
from generators.world.model import ParameterModel, ToolModel
from schemas.reading import says

_FROM = frozenset(
    "from start since after checkin begin origin departure source pickup base".split()
)
_UNTIL = frozenset("until end to before checkout till return".split())
_TOWARDS = frozenset("to destination arrival target dropoff delivery".split())
_PEOPLE = frozenset("passenger guest patient member customer attendee recipient traveler".split())
_ADDRESS = frozenset({"street", "address", "zip", "city", "state", "country"})
_BOUND_WORDS = frozenset("min max minimum maximum least most lowest highest".split())
_HOW_MANY = frozenset(
    "limit max_results per_page perpage page_size count max_count top size tail head".split()
)
_NAMES = frozenset("name title subject summary full".split())


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
    if parameter.use == "field" and changes_fields(scene.model(call)):
        # A new value: "to 12 Oak Lane" where the request names the field, else "the new city".
        what = _label(parameter)
        unit = split_words(parameter.name)[-1]
        if is_period(unit) and what.endswith(f" {unit}"):
            what, said = what.removesuffix(f" {unit}"), said + f" {unit}"
        aspect = set(aspect_of(scene.model(call)).split())
        if "[" not in path and aspect <= set(what.split()):
            return Told(tail="to " + said)
        if parameter.semantic == "count" and is_plural(what):
            what = f"number of {what}"
        return Told(label=what if what.startswith("new ") else f"new {what}", value=said)
    leaf = _Leaf(parameter, frozenset(split_words(parameter.name)), said, value)
    if "[" not in path:
        for rule in _RULES:
            if told := rule(leaf):
                return told
    return Told(label=_label(parameter), value=said)


Leaf = tuple[str, ParameterModel, object]
"""Path, model and value of something to be told."""


def tell_all(scene: Scene, call: int, leaves: list[Leaf]) -> list[Told]:
    """Words for several leaves; what belongs together is told together."""
    out, left = _together(scene, call, leaves)
    return out + [tell(scene, call, *leaf) for leaf in left]


def _together(scene: Scene, call: int, leaves: list[Leaf]) -> tuple[list[Told], list[Leaf]]:
    """A whole name, a whole address, a way from one time to another; and the other leaves."""
    out: list[Told] = []
    by_name = {leaf[1].name: leaf for leaf in leaves}
    if "owner" in by_name and "repo" in by_name:
        pair = [by_name["owner"], by_name["repo"]]
        said = "in " + scene.say(call, *pair[0]) + "/" + scene.say(call, *pair[1])
        out.append(Told(tail=said))
        leaves = [leaf for leaf in leaves if leaf not in pair]
    if "first_name" in by_name and "last_name" in by_name:
        whole = [by_name["first_name"], by_name["last_name"]]
        said = concat([scene.say(call, *leaf) for leaf in whole])
        out.append(Told(tail="called " + said))
        leaves = [leaf for leaf in leaves if leaf not in whole]
    for parent in dict.fromkeys(leaf[0].rpartition(".")[0] for leaf in leaves):
        parts = [
            leaf
            for leaf in leaves
            if leaf[0].rpartition(".")[0] == parent and leaf[1].semantic in _ADDRESS
        ]
        if len(parts) >= 3 and "[" not in parent:
            said = concat([scene.say(call, *leaf) for leaf in parts], ", ")
            out.append(Told(label=label(parent) if parent else "address", value=said))
            leaves = [leaf for leaf in leaves if leaf not in parts]
        elif parent and "[" not in parent:
            inside = [leaf for leaf in leaves if leaf[0].rpartition(".")[0] == parent]
            out.append(_tell_object(scene, call, parent, inside))
            leaves = [leaf for leaf in leaves if leaf not in inside]
    return out, leaves


def _tell_object(scene: Scene, call: int, parent: str, inside: list[Leaf]) -> Told:
    """An object's values together: "the emergency contact is Adam Yang, relationship sibling"."""
    parts = []
    for path, parameter, value in inside:
        said = scene.say(call, path, parameter, value)
        name = "" if parameter.semantic == "person_name" else f"{label(parameter.name)} "
        parts.append(name + said)
    return Told(label=label(parent.rpartition(".")[2]), value=concat(parts, ", "))


def changes_fields(model: ToolModel) -> bool:
    """Whether the tool replaces values, as "update" does and "cancel" does not."""
    verb = find_verb(model.verb)
    changing = verb is not None and verb.replaces
    return model.operation == "update" and model.transition is None and changing


def _label(parameter: ParameterModel) -> str:
    if parameter.label:
        return parameter.label
    return bare_label(parameter.name) if parameter.opaque else label(parameter.name)


def _tell_flag(call: int, path: str, parameter: ParameterModel, value: bool) -> Told:
    """Words that affirm or negate; a name with a "no" of its own is set to yes or no instead."""
    words = split_words(parameter.name)
    rest = [w for w in words if w not in _FLAG_WORDS]
    thing = parameter.label or label("_".join(rest or words))
    if parameter.role == "with" or set(words) & {"include", "includes", "has", "with"}:
        text = f"with {thing}" if value else f"without {thing}"
    elif words[0] in ("is", "only"):
        text = f"that is {thing}" if value else f"that is not {thing}"
    else:
        text = f"with {thing} switched {'on' if value else 'off'}"
    if says("flag", text, value, datetime.min):
        return Told(tail=Phrase(text, (Mention(call, path, text, "flag"),)))
    answer = "yes" if value else "no"
    said = Phrase(answer, (Mention(call, path, answer, "flag"),))
    return Told(label=f"answer to “{label(parameter.name)}”", value=said)


_FLAG_WORDS = frozenset("is has include includes with only".split())


def _by_role(leaf: _Leaf) -> Told | None:
    """The value behind the preposition that the world gives it: "for the category travel"."""
    role, thing, semantic = leaf.parameter.role, _label(leaf.parameter), leaf.parameter.semantic
    if role is None:
        return None
    if semantic in ("date", "datetime") and role.rpartition(" ")[2] == "on":
        return leaf.tail(f"{role.removesuffix('on')}{_dated(leaf)}")
    unit = split_words(leaf.parameter.name)[-1]
    counted = thing.removeprefix("number of ")
    if counted != thing or is_period(unit):
        noun = unit if counted == thing else counted
        return leaf.tail(f"{role} {{}} {singular(noun) if leaf.value == 1 else noun}")
    if isinstance(leaf.value, int | float) and is_plural(thing):
        return leaf.tail(f"{role} {{}} {singular(thing) if leaf.value == 1 else thing}")
    if isinstance(leaf.value, int | float) and role == "with":
        return leaf.tail(f"with {with_article(thing)} of {{}}")
    named = semantic in ("enum", "label") and role in _PLAIN_ROLES
    if (role == "with" or named) and not thing.startswith("way of "):
        return leaf.tail(f"{role} the {thing} {{}}")
    return leaf.tail(f"{role} {{}}")


_PLAIN_ROLES = frozenset("of for at in to with by".split())
"""Prepositions behind which a word such as "normal" does not say what it is."""


def _when(leaf: _Leaf) -> Told | None:
    if leaf.parameter.semantic not in ("date", "datetime", "time"):
        return None
    words = leaf.words
    if "due" in words or "deadline" in words:
        return leaf.tail("due {}" if leaf.parameter.semantic != "time" else "due at {}")
    if words & {"birth", "dob", "birthday"}:
        return leaf.tail("born " + _dated(leaf))
    if leaf.parameter.semantic == "time" and leaf.parameter.use == "field":
        return leaf.tail("until {}" if words & _UNTIL else "at {}")
    if words & {"departure", "leave", "return"} and leaf.parameter.semantic == "date":
        return leaf.tail(("returning " if "return" in words else "leaving ") + _dated(leaf))
    if leaf.parameter.use == "minimum" or (
        words & _FROM and words & {"date", "start", "from", "since", "after"}
    ):
        return leaf.tail("from {}")
    if leaf.parameter.use == "maximum" or words & _UNTIL:
        return leaf.tail("until {}")
    if leaf.parameter.semantic == "time":
        return leaf.tail("at {}")
    return leaf.tail(_dated(leaf))


def _dated(leaf: _Leaf) -> str:
    return date_with_on(leaf.said.text).replace(leaf.said.text, "{}")


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
    if isinstance(leaf.value, str):
        return None
    words, one = split_words(leaf.parameter.name), leaf.value == 1
    rest = [w for w in words if w not in _BOUND_WORDS and w not in ("num", "number", "of")]
    if is_measure(words[-1]) and len(words) > 1:
        bound = {"minimum": "at least ", "maximum": "at most "}.get(leaf.parameter.use, "")
        return leaf.tail(f"with a {label('_'.join(rest[:-1]))} of {bound}{{}} {words[-1]}")
    if leaf.parameter.semantic not in ("count", "number", "duration"):
        return None
    if leaf.parameter.use in ("minimum", "maximum"):
        bound = "at least" if leaf.parameter.use == "minimum" else "at most"
        if rest and is_plural(rest[-1]):
            return leaf.tail(f"with {bound} {{}} {label('_'.join(rest))}")
        return leaf.tail(f"with a {label('_'.join(rest))} of {bound} {{}}")
    if "".join(words) in {n.replace("_", "") for n in _HOW_MANY}:
        return leaf.tail("at most {} of them")
    if is_period(words[-1]):
        return leaf.tail(f"for {{}} {words[-1][:-1] if one else words[-1]}")
    if "party" in words or words == ("people",):
        return leaf.tail("for {} person" if one else "for {} people")
    if rest and is_plural(rest[-1]) and leaf.parameter.semantic == "count":
        return leaf.tail(
            f"for {{}} {singular(label('_'.join(rest))) if one else label('_'.join(rest))}"
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
    if leaf.parameter.semantic == "email":
        towards = leaf.words & {"to", "recipient"}
        return leaf.tail("to {}" if towards else f"with the {label(leaf.parameter.name)} {{}}")
    if leaf.parameter.semantic == "phone":
        return leaf.tail("with the phone number {}")
    if leaf.parameter.semantic == "handle" and "author" in leaf.words:
        return leaf.tail("by {}")
    return None


def _what(leaf: _Leaf) -> Told | None:
    parameter = leaf.parameter
    if parameter.semantic == "query" or parameter.use == "query":
        return leaf.tail("matching {}")
    if parameter.semantic in ("title", "person_name") and leaf.words <= _NAMES:
        return leaf.tail("called {}")
    if parameter.semantic == "branch":
        return leaf.tail("from the branch {}" if leaf.words & _FROM else "on the branch {}")
    if parameter.semantic == "path" and isinstance(leaf.value, str):
        if leaf.words & {"repo", "repository"}:
            return leaf.tail("in the repository {}")
        if leaf.words & {"destination", "target"}:
            return leaf.tail("to {}")
        return leaf.tail("in {}") if leaf.parameter.use != "field" else None
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
    _by_role,
    _when,
    _where,
    _how_many,
    _how_much,
    _who,
    _what,
)


def differing(scene: Scene, call: int, other: int) -> list[Told]:
    """Words for the values of a call that another call of the same tool does not have."""
    known = {origin.path: value for origin, _, value in scene.told(other)}
    return tell_all(
        scene,
        call,
        [
            (origin.path, parameter, value)
            for origin, parameter, value in scene.told(call)
            if known.get(origin.path) != value
        ],
    )


def carried(scene: Scene, call: int, other: int) -> frozenset[str]:
    """Paths of the values that both calls have: they are not said again."""
    known = {origin.path: value for origin, _, value in scene.told(other)}
    return frozenset(
        origin.path for origin, _, value in scene.told(call) if known.get(origin.path) == value
    )
