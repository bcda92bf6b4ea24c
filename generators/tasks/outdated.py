"""Whether a call takes a value from a result that a later write has made untrue.

"The flight of the booking" is another one once the booking has been moved, and a renamed task is no
longer known by its old name.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from generators.tasks.flaw import Flaw
from generators.world.model import World
from schemas.environment import Change
from schemas.leaves import value_at
from schemas.task import GoldCall, Origin

_NAMES = frozenset({"title", "person_name"})
"""Meanings of fields by which people call a row."""


def outdated(
    world: World, calls: tuple[GoldCall, ...], results: list[Any], written: Mapping[int, Any]
) -> Iterator[Flaw]:
    """The calls that take such a value. ``written``: number of a write → what it changed."""
    for number, call in enumerate(calls):
        for origin in call.origins:
            if origin.call is None:
                continue
            row = _holder(results[origin.call], origin)
            later = (n for n in written if origin.call < n < number)
            changes = (change for n in later for change in written[n])
            if any(_outdates(world, change, row, _field(origin)) for change in changes):
                yield Flaw("outdated_value", number, f"{call.tool} {origin.path}")


def _field(origin: Origin) -> str:
    return (origin.result_path or "").rpartition(".")[2]


def _holder(result: Any, origin: Origin) -> Any:
    """The object that the value was taken from."""
    place = (origin.result_path or "").rpartition(".")[0]
    try:
        return value_at(result, place)
    except KeyError:  # the call was not made in earnest
        return None


def _outdates(world: World, change: Change, row: Any, field: str) -> bool:
    """Whether the change is of this row, and of this field or of what the row is called."""
    before, after = change.before, change.after
    if not isinstance(row, dict) or before is None or after is None:
        return False
    entity = world.entities.get(change.table)
    identity = entity.identity if entity is not None else ()
    known = identity or [name for name in before if name in row]
    if not known or any(name not in row or row[name] != before.get(name) for name in known):
        return False
    fields = entity.fields if entity is not None else {}
    names = [name for name in before if name in fields and fields[name].semantic in _NAMES]
    return any(before.get(name) != after.get(name) for name in (field, *names))
