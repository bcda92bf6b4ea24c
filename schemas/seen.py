"""Whether what a call hangs on was shown before it was made: demands of the kind ``seen``.

One row counts as shown by whatever showed it with the fields that matter, or by the read that gets
it. Of several rows only a list tells that leaves out none of them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, NamedTuple

from schemas.canonical import canonical_json
from schemas.demand import Demand, Sight, values_at
from schemas.leaves import leaves
from schemas.record import JsonObject

_NESTED = (dict, list)
_LISTED, _FIRST = re.compile(r"\[\d+\]"), re.compile(r"^\w+\[\]")


class Shown(NamedTuple):
    """A call that succeeded, and what it returned."""

    tool: str
    arguments: JsonObject
    result: Any


def find_unseen(
    demand: Demand, arguments: JsonObject, earlier: Sequence[Shown]
) -> Iterator[JsonObject]:
    """What the demanded read would have to be told, for each thing that was not shown.

    By parameter. None for what a call does not name, or what no shown row leads to.
    """
    if not all(condition.holds(arguments) for condition in demand.when):
        return
    found = [_resolve(sight, arguments, earlier) for sight in demand.given]
    for values in product(*found):
        told = {s.parameter: v for s, v in zip(demand.given, values, strict=True)}
        if not any(_tells(demand, told, shown) for shown in earlier):
            yield told


def find_told(
    demand: Demand, arguments: JsonObject, earlier: Sequence[Shown]
) -> Iterator[tuple[int, str, str, Any]]:
    """What the user is to hear of a row: number of the call, row's path, field, and its value.

    Of a row that was shown twice, as it was shown last.
    """
    found = [_resolve(sight, arguments, earlier) for sight in demand.given]
    for values in product(*found) if demand.told else ():
        wanted = {s.row: v for s, v in zip(demand.given, values, strict=True)}
        rows = [(n, path, row) for n, one in enumerate(earlier) for path, row in rows_in(one.result)
                if _is_named(row, wanted)]  # fmt: skip
        for name in demand.told:
            holders = ([(n, path, place, value) for place, value in leaves(row) if value is not None
                        and name in (held := _LISTED.sub("[]", place), _FIRST.sub("*[]", held))]
                       for n, path, row in reversed(rows))  # fmt: skip
            for number, path, place, value in next(filter(None, holders), ()):
                inner, _, field = place.rpartition(".")
                yield number, ".".join(filter(None, [path, inner])), field, value


def _is_named(row: JsonObject, wanted: JsonObject) -> bool:
    """Whether a row is the one that is meant; one that bears another id first only refers to it."""
    ids = [key for key in row if key.endswith("id")]
    other = bool(ids) and ids[0] not in wanted and any(key in ids for key in wanted)
    return wanted.items() <= row.items() and not other


def _resolve(sight: Sight, arguments: JsonObject, earlier: Sequence[Shown]) -> list[Any]:
    """The values of a parameter of the read, each once."""
    if not sight.argument:
        return [sight.value]
    named = values_at(arguments, sight.argument)
    if sight.field:
        rows = [row for shown in earlier for _, row in rows_in(shown.result)]
        held = (row.get(sight.field) for row in reversed(rows)
                if sight.key in row and row[sight.key] in named)  # fmt: skip
        named = [value for value in held if isinstance(value, str | int)][:1]
    return list({canonical_json(one): one for one in named}.values())


def _tells(demand: Demand, told: JsonObject, shown: Shown) -> bool:
    """Whether a call has shown what the read is to show."""
    given = dict(leaves(shown.arguments)) if shown.arguments else {}
    if shown.tool == demand.tool:
        missing = told.keys() - given.keys() if demand.shows else set()
        apart = {path for path, value in given.items() if told.get(path, value) != value}
        narrow = given.keys() - told.keys() - {*demand.free}
        if not missing and not apart and not narrow:
            return True
    if not demand.shows:
        return False
    # What a row of a list lacks and another one has is told too: this one has none.
    wanted = {s.row: told[s.parameter] for s in demand.given if s.row}
    asked = {key: given[key] for key in wanted if key in given}  # where it was looked for
    rows = ({**asked, **row} for _, row in rows_in(shown.result))
    alike = [row for row in rows if wanted.keys() <= row.keys()]
    fields = {name for row in alike for name in row}
    return {*demand.shows} <= fields and any(_is_named(row, wanted) for row in alike)


def rows_in(value: Any, path: str = "") -> list[tuple[str, JsonObject]]:
    """Every object of a result, with its path."""
    found: list[tuple[str, JsonObject]] = []
    _collect(value, path, found)
    return found


def _collect(value: Any, path: str, found: list[tuple[str, JsonObject]]) -> None:
    """Add the objects of a value, the outer ones first."""
    if isinstance(value, dict):
        found.append((path, value))
        for name, held in value.items():
            if isinstance(held, _NESTED):
                _collect(held, f"{path}.{name}" if path else name, found)
    elif isinstance(value, list):
        for number, held in enumerate(value):
            if isinstance(held, _NESTED):
                _collect(held, f"{path}[{number}]", found)
