"""What has to agree with the clock: a row's state with its dates, a new row's dates with today."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Any

from generators.lexicon.names import in_words
from generators.lexicon.tables import phrase_set, word_set
from generators.lexicon.tenses import has_happened, is_birth, is_expiry, stage_of
from generators.sandbox.schema_validity import fits, simple
from generators.sandbox.times import (
    is_dated,
    moved_to,
    shifted,
)
from schemas.record import JsonObject

_OVER = phrase_set(
    "completed;delivered;expired;returned;done;finished;attended;checked out;past;no show;landed;"
    "arrived;closed;missed;flown;overdue;executed;collected"
)
_COMING = phrase_set(
    "scheduled;upcoming;booked;confirmed;planned;pending;requested;tentative;active;renewed;"
    "waiting;open;frozen;in progress;in review;on hold;ready"
)
_RUNNING = phrase_set("checked in;ongoing;running")
_AT_ONCE = phrase_set("preparing;on the way;received;out for delivery")
_SOON = phrase_set("pending;requested;processing;shipped;ready;waiting;queued;approved;scheduled")
OVER_WITH = phrase_set("flown;completed;attended;checked in;landed;arrived;missed;no show")
"""States of rows whose occasion, which another row may tell, lies behind them."""
_DATED, _RECENT = _OVER | _COMING, _AT_ONCE | _SOON
_UNITS = {"day": 1, "days": 1, "night": 1, "nights": 1, "week": 7, "weeks": 7}
_MARKS = word_set("in for of the number")
_LONGEST = 36_525
"""Days of a span that is taken for one: what a caller gives may lead out of the calendar."""

Schemas = Mapping[str, JsonObject]


@dataclass(frozen=True)
class Span:
    """A length of time in a row: ``weeks`` from ``borrowed_on`` to ``due_date``."""

    begin: str
    days: int
    end: str
    """Empty where the row does not say when it ends."""


def span_of(row: Mapping[str, Any]) -> Span | None:
    """The row's length of time, where it says one in days, nights or weeks, and a beginning."""
    counted = [name for name, value in row.items() if isinstance(value, int) and _unit(name)]
    if not counted:
        return None
    dated = [(stage_of(name), name) for name in _dates(row)]
    begins = [name for place, name in dated if place == 4] or [
        name for place, name in dated if place == 1
    ]
    if not begins:
        return None
    ends = [name for place, name in dated if place in (5, 6) and not is_expiry(name)]
    days = row[counted[0]] * _unit(counted[0])
    return Span(begins[0], days, ends[0] if ends else "") if _is_bearable(days) else None


@lru_cache(maxsize=4096)
def _unit(name: str) -> int:
    """The days of the unit that a field counts in: 7 for ``weeks``; 0 where it counts none."""
    words = [word for word in in_words(name).split() if word not in _MARKS]
    return _UNITS.get(words[0], 0) if len(words) == 1 else 0


def _is_bearable(days: int) -> bool:
    return abs(days) <= _LONGEST


def _put_value(row: JsonObject, name: str, value: Any, schemas: Mapping[str, JsonObject]) -> None:
    if fits(value, schemas.get(name, {})):
        row[name] = value


def order_dates(row: JsonObject, schemas: Mapping[str, JsonObject]) -> None:
    """Put what has happened in the order of events; move what is planned behind what begins it."""
    dated = [(stage_of(name), name) for name, value in row.items() if is_dated(value)]
    if len(dated) < 2:
        return
    events = sorted((place, name) for place, name in dated if place is not None)
    past = [name for place, name in events if has_happened(name) and not is_birth(name)]
    for length in {len(row[name]): None for name in past}:
        names = [name for name in past if len(row[name]) == length]
        for name, value in zip(names, sorted(row[name] for name in names), strict=True):
            _put_value(row, name, value, schemas)
    planned = [(place, name) for place, name in events if not has_happened(name)]
    for (before, first), (after, second) in pairwise(planned):
        early, late = row[first], row[second]
        if before < after and len(early) == len(late) and late <= early:
            _put_value(row, second, _after(early, late), schemas)
    if planned and past:
        _bring_forward(row, past, min(row[name][:10] for _, name in planned), schemas)


def _bring_forward(
    row: JsonObject, names: list[str], latest: str, schemas: Mapping[str, JsonObject]
) -> None:
    """Let what began a row have happened before what it plans: booked before the flight left."""
    begun = [name for name in names if stage_of(name) == 1 and row[name][:10] > latest]
    for name in begun:
        _put_value(row, name, shifted(latest + row[name][10:], -1 - int(latest[8:10]) % 9), schemas)


def _after(early: str, late: str) -> str:
    """A later moment with the second one's time of day: the same day where that is enough."""
    same_day = early[:10] + late[10:]
    return same_day if same_day > early else shifted(same_day, 1 + int(late[8:10]) % 4)


def agree(
    row: JsonObject, schemas: Schemas, clock: datetime, fixed: Collection[str], rng: Random
) -> None:
    """Change the row's dates, or else its state, where one contradicts the other.

    Nothing is over whose day is still to come, nothing is to come whose day is over. ``fixed``
    fields stay.
    """
    if not _dates(row):
        return
    status = next((name for name in ("status", "state") if name in row), "")
    state = in_words(row[status]) if status and isinstance(row[status], str) else ""
    _place_span(row, schemas, clock, fixed, rng, state)
    if not state:
        return
    _make_recent(row, schemas, clock, fixed, rng, state)
    if state not in _DATED:
        return
    planned = [name for name in _dates(row) if not has_happened(name)]
    if not planned or span_of(row) is not None:
        return
    if all(map(is_expiry, planned)) and state not in ("active", "frozen", "expired"):
        return
    ahead = _ends(row, planned) >= clock.date()
    if ahead != (state in _OVER):
        return
    movable = [name for name in planned if name not in fixed]
    if len(movable) == len(planned):
        _move(movable, row, schemas, clock, rng, not ahead)
    elif status not in fixed:
        wrong = _OVER if ahead else _COMING
        options = simple(schemas.get(status, {})).get("enum", ())
        right = [one for one in options if isinstance(one, str) and in_words(one) not in wrong]
        row[status] = rng.choice(right) if right else row[status]


def _ends(row: Mapping[str, Any], planned: list[str]) -> date:
    return max(_day(row[name]) for name in planned)


def _place_span(
    row: JsonObject, schemas: Schemas, clock: datetime, fixed: Collection[str], rng: Random,
    state: str,
) -> None:  # fmt: skip
    """Put a span where its state wants it, and let it end when its length has passed."""
    span = span_of(row)
    if span is None:
        return
    today, past = clock.date(), has_happened(span.begin)
    if span.begin not in fixed and span.end not in fixed:
        last = today - timedelta(days=span.days)
        if state in _OVER - {"returned"}:
            begin = last - timedelta(days=rng.randint(1, 20))
        elif past or state in _RUNNING:
            begin = today - timedelta(days=rng.randint(0, max(span.days - 1, 0)))
        else:
            begin = today + timedelta(days=rng.randint(2, 40))
        _put(row, span.begin, begin, schemas)
    if span.end and span.end not in fixed:
        _put(row, span.end, _day(row[span.begin]) + timedelta(days=span.days), schemas)
    elif span.end and span.begin not in fixed:
        _put(row, span.begin, _day(row[span.end]) - timedelta(days=span.days), schemas)


def _make_recent(
    row: JsonObject, schemas: Schemas, clock: datetime, fixed: Collection[str], rng: Random,
    state: str,
) -> None:  # fmt: skip
    """What is under way was begun lately: a meal within the hour, a parcel within days."""
    for name in _dates(row) if state in _RECENT else ():
        if stage_of(name) != 1 or name in fixed:
            continue
        if state in _AT_ONCE and len(row[name]) > 10:
            when = clock - timedelta(minutes=5 * rng.randint(1, 9))
            made = moved_to(row[name], when)
        else:
            made = shifted(row[name], (clock.date() - _day(row[name])).days - rng.randint(1, 6))
        if fits(made, schemas.get(name, {})):
            row[name] = made


def begin_now(
    row: JsonObject, schemas: Schemas, clock: datetime, fixed: Collection[str], rng: Random
) -> None:
    """Let what a new row plans lie ahead: no date of it but a birthday is older than the row."""
    late = [
        name for name in _dates(row)
        if name not in fixed and not has_happened(name) and _day(row[name]) < clock.date()
    ]  # fmt: skip
    _move(late, row, schemas, clock, rng, ahead=True)


def _dates(row: Mapping[str, Any]) -> list[str]:
    return [name for name, value in row.items() if is_dated(value) and not is_birth(name)]


def _day(value: str) -> date:
    return date.fromisoformat(value[:10])


def _put(row: JsonObject, name: str, day: date, schemas: Schemas) -> None:
    made = day.isoformat() + row[name][10:]
    if fits(made, schemas.get(name, {})):
        row[name] = made


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


def born_on(row: Mapping[str, Any]) -> str:
    """When the row was made, as it says itself; empty where it does not."""
    for name in _begins(tuple(row)):
        if is_dated(row[name]):
            return str(row[name])
    return ""


@lru_cache(maxsize=4096)
def _begins(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the fields that say when something began."""
    return tuple(name for name in names if stage_of(name) == 1 and not is_birth(name))


def is_ahead(row: Mapping[str, Any], clock: datetime) -> bool:
    """Whether what the row plans is still to come: a flight, an event."""
    return any(
        is_dated(row[name]) and _day(row[name]) > clock.date() for name in _plans(tuple(row))
    )


@lru_cache(maxsize=4096)
def _plans(names: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the fields that say when something begins which is planned."""
    planned = (name for name in names if stage_of(name) == 4 or in_words(name) == "date")
    return tuple(name for name in planned if not is_birth(name))
