"""What has to agree with the clock: a row's state with its dates, a new row's dates with today."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from random import Random
from typing import Any

from generators.sandbox.fitting import fits, simple
from generators.sandbox.moments import is_birth, is_dated, rank, shifted
from generators.sandbox.naming import in_words
from schemas.record import JsonObject

_OVER = frozenset({"completed", "delivered", "expired", "returned", "done", "finished", "attended",
                   "checked_out", "past", "no_show", "landed", "arrived", "closed"})  # fmt: skip
_COMING = frozenset(
    {"scheduled", "upcoming", "booked", "confirmed", "planned", "pending", "requested"}
)
_HISTORY = (0, 1, 2)
"""Ranks of births, of beginnings and of changes: these lie in the past whatever the state is."""

Schemas = Mapping[str, JsonObject]


def agree(
    row: JsonObject, schemas: Schemas, clock: datetime, fixed: Collection[str], rng: Random
) -> None:
    """Change the row's state, or else its dates, where one contradicts the other.

    Nothing is over whose day is still to come, nothing is to come whose day is over. ``fixed``
    fields stay.
    """
    status = next((name for name in ("status", "state") if name in row), "")
    planned = [name for name in _dates(row) if rank(name) not in _HISTORY]
    if not status or not planned or not isinstance(row[status], str):
        return
    ahead = max(_day(row[name]) for name in planned) >= clock.date()
    wrong = _OVER if ahead else _COMING
    if row[status].lower() not in wrong:
        return
    options = simple(schemas.get(status, {})).get("enum", ())
    right = [one for one in options if isinstance(one, str) and one.lower() not in wrong]
    if status not in fixed and right:
        row[status] = rng.choice(right)
    else:
        _move([name for name in planned if name not in fixed], row, schemas, clock, rng, not ahead)


def begin_now(
    row: JsonObject, schemas: Schemas, clock: datetime, fixed: Collection[str], rng: Random
) -> None:
    """Let what a new row plans lie ahead: no date of it but a birthday is older than the row."""
    late = [
        name for name in _dates(row)
        if name not in fixed and not is_birth(name) and _day(row[name]) < clock.date()
    ]  # fmt: skip
    _move(late, row, schemas, clock, rng, ahead=True)


def _dates(row: Mapping[str, Any]) -> list[str]:
    return [name for name, value in row.items() if is_dated(value) and not is_birth(name)]


def _day(value: str) -> date:
    return date.fromisoformat(value[:10])


def _move(
    names: list[str], row: JsonObject, schemas: Schemas, clock: datetime, rng: Random, ahead: bool
) -> None:
    """Move dates together to the other side of today, keeping the days between them."""
    if not names:
        return
    edge = min if ahead else max
    distance = (clock.date() - edge(_day(row[name]) for name in names)).days
    days = distance + rng.randint(2, 20) if ahead else distance - rng.randint(2, 20)
    for name in names:
        moved = shifted(row[name], days)
        if fits(moved, schemas.get(name, {})):
            row[name] = moved


def is_born(name: str) -> bool:
    """Whether a field says when its row was made or last changed: now, for a new row."""
    words = in_words(name).split()
    return rank(name) in (1, 2) and words[-1] in ("at", "on", "date", "time", *words[:1])
