"""The base of every record: frozen, closed to unknown keys, comparable by value.

Some records hold numbers of calls and turns, which are counted over the whole task. Where a call or
a turn is put in or taken out, every record that speaks of later ones follows; a field says by its
type that it is such a number.
"""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, TypeVar, get_args

from pydantic import BaseModel, ConfigDict

JsonObject = dict[str, Any]
"""A JSON object as Python holds it."""


class Record(BaseModel):
    """Frozen data without behaviour beyond what can be derived from it.

    How it is validated is worked out at its first use: most commands use few of the records.
    """

    model_config = ConfigDict(
        frozen=True, extra="forbid", ser_json_inf_nan="null", defer_build=True
    )


_COUNTS = ("counts calls", "counts turns")
CallNumber = Annotated[int, _COUNTS[0]]
"""The number of a gold call."""
TurnNumber = Annotated[int, _COUNTS[1]]
"""The number of a turn."""
Move = Callable[[int], int]
"""Old number → new number."""
Rec = TypeVar("Rec", bound=Record)


def renumbered(record: Rec, *, calls: Move | None = None, turns: Move | None = None) -> Rec:
    """The record with its numbers of calls, or of turns, moved."""
    moves = dict(zip(_COUNTS, (calls, turns), strict=True))
    update: dict[str, Any] = {}
    for name, counts in _numbers(type(record)):
        move, held = moves[counts], getattr(record, name)
        if move is not None and held is not None:
            update[name] = tuple(map(move, held)) if isinstance(held, tuple) else move(held)
    return record.model_copy(update=update) if update else record


def calls_of(record: Record) -> frozenset[int]:
    """The numbers of the calls that a record speaks of."""
    held = [getattr(record, n) for n, counts in _numbers(type(record)) if counts == _COUNTS[0]]
    found = (one if isinstance(one, tuple) else (one,) for one in held if one is not None)
    return frozenset(number for numbers in found for number in numbers)


@cache
def _numbers(kind: type[Record]) -> tuple[tuple[str, str], ...]:
    """The fields of a kind of record that hold numbers, and what each of them counts."""
    found = []
    for name, field in kind.model_fields.items():
        inner = (getattr(one, "__metadata__", ()) for one in get_args(field.annotation))
        marks = [*field.metadata, *(mark for marks in inner for mark in marks)]
        found += [(name, mark) for mark in marks if isinstance(mark, str) and mark in _COUNTS][:1]
    return tuple(found)
