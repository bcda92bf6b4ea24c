"""What a tool's description demands of a call beyond its schema, and whether a call keeps to it.

The world model says it, the sandbox refuses what breaks it, a check judges any call by it: all by
`is_broken`. What depends on the conversation (`once`, `ask_first`, `after`) is for whoever has it.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Literal

from schemas.canonical import canonical_json
from schemas.record import JsonObject, Record

Scalar = str | int | float | bool

DemandKind = Literal[
    "at_least_one",  # of these parameters one must be given
    "at_most_one",  # of these parameters no two may be given
    "needed",  # these must be given
    "never",  # these must not be given
    "only_with",  # the first may be given only where the second has one of the values
    "same",  # what these name must agree in the field: another size of the same product
    "differ",  # these must not be equal
    "format",  # the value must be written so
    "one_of",  # the value must be one of the values
    "between",  # a number, or how long a list or text is, must lie within the bounds
    "once",  # the tool may be called once for a row
    "ask_first",  # the user must have agreed, whatever the policy says
    "after",  # another tool must have been called before
    "seen",  # what the call hangs on must have been shown before, by this read or another
    "named",  # what the user hears of the call before they agree
    "said",  # a sentence that the user hears with the call, in one of its words
]
SAID: Mapping[DemandKind, str] = {
    "at_least_one": "One of these is needed: {all}.",
    "at_most_one": "Only one of these can be given: {all}.",
    "needed": "This is needed: {all}.",
    "never": "This cannot be given: {all}.",
    "only_with": "{first} is only for {last} {values}.",
    "same": "These must have the same {field}: {all}.",
    "differ": "These must not be the same: {all}.",
    "format": "{all} must be written like {value}.",
    "one_of": "{all} must be one of {values}.",
    "between": "{all} is out of bounds.",
}
"""Kind → how a service tells it where the description has no words for it."""
JSON_TEXT = "<json>"
"""The pattern of a text that is to be JSON."""


_WHEN_ASKED = re.compile(
    r"\b[Uu]se ['\"`]?(\w+)['\"`]? (?:for|when|if) [^.']*\bexplicit (?:user )?request"
)


def fixed_values(schema: Mapping[str, Any]) -> list[Any]:
    """Values that a parameter has though nobody says them: by the schema, or by its description.

    ``Use 'HIGH' for an explicit user request``: calls are made because a user asks.
    """
    fixed = [schema[key] for key in ("default", "const") if key in schema]
    told = _WHEN_ASKED.search(str(schema.get("description", "")))
    return [*fixed, *(one for one in schema.get("enum", ()) if told and one == told[1])]


class Given(Record):
    """A condition on a call: a parameter is given, or has one of some values."""

    parameter: str
    """Path."""
    values: tuple[Scalar, ...] = ()
    """Empty: any."""

    def holds(self, arguments: JsonObject) -> bool:
        """Whether a call meets it."""
        found = values_at(arguments, self.parameter)
        return any(not self.values or _among(value, self.values) for value in found)


class Side(Record):
    """Where the rows lie that a parameter names, and what of them is compared."""

    table: str
    """Key of the entity."""
    key: str
    """The field that names a row of it."""
    field: str
    """The row's field; or, where ``listed`` is told, what names the row that lists it."""
    listed: str = ""
    """The field of ``table``'s rows in which the values are listed: a product's ``item_ids``."""


class Sight(Record):
    """By what a read finds what a later call hangs on: one of its parameters."""

    parameter: str
    """Of the read: path."""
    argument: str = ""
    """The later call's argument that has the value: path. Empty: ``value`` has it."""
    key: str = ""
    """For what a row refers to: the row's field that the argument equals …"""
    field: str = ""
    """… and the field that holds the value: the flight of a booking."""
    row: str = ""
    """The field of the row looked for that has the value, where one row is."""
    value: Scalar | None = None


class Demand(Record):
    """What a tool's description demands of a call, beyond its schema."""

    kind: DemandKind
    parameters: tuple[str, ...] = ()
    """Paths."""
    when: tuple[Given, ...] = ()
    """It is demanded only where all of these hold."""
    field: str | None = None
    """For ``same``: the rows' field."""
    value: Scalar | None = None
    """For ``only_with``: of the second parameter; for ``format``: the pattern; for ``said``: the
    sentence, as one may put it."""
    values: tuple[Scalar, ...] = ()
    """For ``only_with`` and ``one_of``: the values, where there are several; for ``said``: words of
    which one is heard, however it is put."""
    first: bool = False
    """For ``said``: before the user agrees."""
    least: float | None = None
    most: float | None = None
    """For ``between``, both included."""
    tool: str | None = None
    """For ``after`` and ``seen``: the wire name of the tool that goes first."""
    given: tuple[Sight, ...] = ()
    """For ``seen``: what the read is told; for ``named``: the rows of which something is said."""
    shows: tuple[str, ...] = ()
    """For ``seen``: the row's fields; empty: all rows that fit are to be listed."""
    told: tuple[str, ...] = ()
    """For ``seen`` and ``named``: fields that the user hears before they agree: ``items[].name``,
    ``*[].name`` of any list."""
    free: tuple[str, ...] = ()
    """For ``seen``: parameters of the read that leave nothing out."""
    sides: tuple[Side, ...] = ()
    """For ``same``: where the rows of each parameter lie; worked out, never written in a file."""
    text: str = ""
    """The description's own words."""

    def is_heard(self, said: str) -> bool:
        """Whether words say what is to be said with the call."""
        return any(str(word).casefold() in said.casefold() for word in self.values)

    @property
    def allowed(self) -> tuple[Scalar, ...]:
        """The values, whether one is told or several."""
        return self.values if self.value is None else (self.value,)

    @property
    def sentence(self) -> str:
        """The demand in words, for people."""
        if self.text:
            return self.text
        names = self.parameters or ("",)
        values = ", ".join(map(str, self.allowed))
        said = SAID.get(self.kind, "This cannot be called so.")
        return said.format(
            first=names[0], last=names[-1], all=", ".join(names), values=values,
            value=self.value, field=self.field,
        )  # fmt: skip


Rows = Callable[[str], Iterable[Mapping[str, Any]]]
"""Table → its present rows."""


def is_broken(demand: Demand, arguments: JsonObject, rows: Rows = lambda _: ()) -> bool:
    """Whether a call breaks a demand, as far as its arguments and the state can tell."""
    if not all(condition.holds(arguments) for condition in demand.when):
        return False
    judge = _JUDGES.get(demand.kind)
    if judge is None:
        return demand.kind == "same" and not _agree(demand, arguments, rows)
    heads = {path.rpartition(".")[0] for path in demand.parameters}
    head = heads.pop() if len(heads) == 1 else ""
    if not head:
        return judge(demand, demand.parameters, arguments)
    # What lies in elements of one list is judged element by element, and what lies in one object
    # only where the object is given.
    names = tuple(path[len(head) + 1 :] for path in demand.parameters)
    elements = (one for one in values_at(arguments, head) if isinstance(one, dict))
    return any(judge(demand, names, one) for one in elements)


def repeats(demand: Demand, arguments: JsonObject, earlier: Iterable[JsonObject]) -> bool:
    """Whether what may be done once for a row was done by an earlier call of the tool."""
    own = _named(demand, arguments)
    return any(_named(demand, other) == own for other in earlier)


def _named(demand: Demand, arguments: JsonObject) -> list[Any]:
    if not demand.parameters:
        return [arguments]
    return [values_at(arguments, path) for path in demand.parameters]


def values_at(arguments: JsonObject, path: str) -> list[Any]:
    """All that is given at a path, each element of its lists by itself: ``items[].sku``."""
    found: list[Any] = [arguments]
    for step in path.split("."):
        name, dots = step.removesuffix("[]"), step.endswith("[]")
        found = [one[name] for one in found if isinstance(one, dict) and name in one]
        if dots:
            found = list(chain.from_iterable(one for one in found if isinstance(one, list)))
    return [one for one in found if one is not None]


Judge = Callable[[Demand, Sequence[str], JsonObject], bool]


def _stands_alone(demand: Demand, names: Sequence[str], element: JsonObject) -> bool:
    first, second = names
    wanted = Given(parameter=second, values=demand.allowed)
    return bool(values_at(element, first)) and not wanted.holds(element)


def _has_equal(_: Demand, names: Sequence[str], element: JsonObject) -> bool:
    # Of two lists, what stands in one place; of one, any two.
    lists = [_flat(values_at(element, name)) for name in names]
    if len(lists) == 1:
        return len({_text(value) for value in lists[0]}) < len(lists[0])
    return any(
        len({_text(value) for value in pair}) < len(pair) for pair in zip(*lists, strict=False)
    )


def _is_misspelt(demand: Demand, names: Sequence[str], element: JsonObject) -> bool:
    texts = (value for name in names for value in _flat(values_at(element, name)))
    return any(isinstance(one, str) and not is_written(one, str(demand.value)) for one in texts)


def _is_no_choice(demand: Demand, names: Sequence[str], element: JsonObject) -> bool:
    found = (value for name in names for value in _flat(values_at(element, name)))
    return any(not _among(value, demand.allowed) for value in found)


def _is_beyond(demand: Demand, names: Sequence[str], element: JsonObject) -> bool:
    for value in (value for name in names for value in values_at(element, name)):
        if isinstance(value, bool) or not isinstance(value, int | float | str | list):
            continue
        size = value if isinstance(value, int | float) else len(value)
        if demand.least is not None and size < demand.least:
            return True
        if demand.most is not None and size > demand.most:
            return True
    return False


_JUDGES: Mapping[DemandKind, Judge] = {
    "at_least_one": lambda _, names, element: not any(values_at(element, one) for one in names),
    "at_most_one": lambda _, names, element: sum(bool(values_at(element, n)) for n in names) > 1,
    "needed": lambda _, names, element: not all(values_at(element, one) for one in names),
    "never": lambda _, names, element: any(values_at(element, one) for one in names),
    "only_with": _stands_alone,
    "differ": _has_equal,
    "format": _is_misspelt,
    "one_of": _is_no_choice,
    "between": _is_beyond,
}


def is_written(text: str, pattern: str) -> bool:
    """Whether a text is written as a pattern asks; `JSON_TEXT` asks for JSON."""
    if pattern != JSON_TEXT:
        return re.search(pattern, text) is not None
    try:
        return isinstance(json.loads(text), dict | list)
    except ValueError:
        return False


def _agree(demand: Demand, arguments: JsonObject, rows: Rows) -> bool:
    """Whether the rows named agree in what is compared; of two lists, one after the other.

    What is not known of a row speaks for nothing.
    """
    lists = [values_at(arguments, path) for path in demand.parameters]
    lengths = {len(one[0]) for one in lists if one and isinstance(one[0], list)}
    if len(lengths) > 1:
        return False  # one in the place of each
    compared = []
    for path, side in zip(demand.parameters, demand.sides, strict=False):
        keys = _flat(values_at(arguments, path))
        compared.append([_compared(side, key, rows) for key in keys])
    if not compared or not all(compared):
        return True
    if len(compared) == 1:
        compared = [[one] for one in compared[0]]
    # What is named once holds for all: the order of several products.
    longest = max(map(len, compared))
    full = [one * longest if len(one) == 1 else one for one in compared]
    pairs = zip(chain.from_iterable(full[:-1]), chain.from_iterable(full[1:]), strict=False)
    return all(_text(one) == _text(other) for one, other in pairs if None not in (one, other))


def _compared(side: Side, key: Any, rows: Rows) -> Any:
    for row in rows(side.table):
        held = row.get(side.listed or side.key)
        if _among(key, held if isinstance(held, list) else [held]):
            return row.get(side.field)
    return None


def _flat(values: Iterable[Any]) -> list[Any]:
    return list(chain.from_iterable(one if isinstance(one, list) else [one] for one in values))


def _among(value: Any, known: Iterable[Any]) -> bool:
    return _text(value) in map(_text, known)


def _text(value: Any) -> str:
    """Equal for what is one value: 12 and "12"."""
    return value if isinstance(value, str) else canonical_json(value)
