"""Numbers of calls and turns inside records: what they count, so that they can be counted anew.

Calls and turns are counted over the whole task. Where one is put in or taken out, every record that
speaks of later ones follows; a field says by its type that it is such a number.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, get_args

from schemas.record import Record


@dataclass(frozen=True)
class _Counts:
    what: Literal["call", "turn"]


CallNumber = Annotated[int, _Counts("call")]
"""The number of a gold call."""
TurnNumber = Annotated[int, _Counts("turn")]
"""The number of a turn."""
Move = Callable[[int], int]
"""Old number → new number."""
Rec = TypeVar("Rec", bound=Record)


def renumbered(record: Rec, *, calls: Move | None = None, turns: Move | None = None) -> Rec:
    """The record with its numbers of calls, or of turns, moved."""
    moves: dict[str, Move | None] = {"call": calls, "turn": turns}
    update: dict[str, Any] = {}
    for name, what in _numbers(type(record)):
        move, held = moves[what], getattr(record, name)
        if move is not None and held is not None:
            update[name] = tuple(map(move, held)) if isinstance(held, tuple) else move(held)
    return record.model_copy(update=update) if update else record


def calls_of(record: Record) -> frozenset[int]:
    """The numbers of the calls that a record speaks of."""
    found: set[int] = set()
    for name, what in _numbers(type(record)):
        held = getattr(record, name)
        if what == "call" and held is not None:
            found.update(held if isinstance(held, tuple) else (held,))
    return frozenset(found)


@cache
def _numbers(kind: type[Record]) -> tuple[tuple[str, str], ...]:
    """The fields of a kind of record that hold numbers, and what each of them counts."""
    found = []
    for name, field in kind.model_fields.items():
        parts = (part for one in get_args(field.annotation) for part in _metadata(one))
        marks = [mark for mark in (*field.metadata, *parts) if isinstance(mark, _Counts)]
        found += [(name, mark.what) for mark in marks[:1]]
    return tuple(found)


def _metadata(annotation: Any) -> tuple[Any, ...]:
    return getattr(annotation, "__metadata__", ())
