"""Dates and times: near the clock, in the form that a schema asks for, and in agreement in a row.

A row's dates lie in the order of events. Its state agrees with them: nothing is over whose day is
still to come. Which states say so is data (``data/lexicon/states.yaml``).
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Any

from generators.lexicon.date_field_names import (
    START,
    came_out,
    has_happened,
    is_birth,
    is_expiry,
    is_long_ago,
    is_short_lived,
    lies_ahead,
    stage_of,
    tells_begin,
    tells_having,
    usual_hours,
)
from generators.lexicon.meanings import find_text_kind
from generators.lexicon.names import in_words, split_words
from generators.lexicon.tables import load_words
from generators.sandbox.schema_validity import fits
from generators.world.model import Field
from schemas.reading import minutes_of
from schemas.record import JsonObject
from schemas.semantic import SemanticType

Schemas = Mapping[str, JsonObject]
"""Field → its schema. A change that would violate one is not made."""

_FEW = 3
"""What has no more usual hours than these begins on the hour or half past."""
_AGREED, _OFFICE = ("agenda", "visit"), range(8, 18)
"""Kinds of things that people agree on, and the hours at which those begin."""
_TOLD = re.compile(
    r"\b(?:YYYY|DD?|MM?|HH)(?:[-/.:, T]{0,2}(?:YYYY|YY|DD?|MM?|HH|SS))+(?:\.(?:S{3}|0{3}))?Z?\b",
    re.IGNORECASE,
)
_PART = re.compile(r"YYYY|YY|DD?|MM?|HH|SSS|SS|000", re.IGNORECASE)
_PARTS = {"yyyy": "%Y", "yy": "%y", "dd": "%d", "d": "%d", "hh": "%H", "ss": "%S", "sss": "000",
          "000": "000"}  # fmt: skip
WRITTEN = (
    "%Y-%m-%dT%H:%M:%S.000Z", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S+00:00", "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d",
    "%Y%m%d", "%Y/%m/%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y-%m", "%Y",
    "%m/%y", "%m/%Y", "%H:%M:%S", "%H:%M", "%H%M", "%I:%M %p", "%H:%M:%SZ", "%Y%m%dT%H%M%SZ",
)  # fmt: skip
"""How moments, days and times are written, for patterns that allow only one of them."""
_MILLISECONDS = re.compile(r"(?:ms|millis)$", re.IGNORECASE)
_ISO = re.compile(r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d)?")
DAY = len("2026-03-12")
_FIRST, _LAST = date(1600, 1, 1), date(2999, 12, 31)
"""Dates of which each can be moved to the clock, and all others with it, within the calendar."""
_DAY = minutes_of("day")
_COUNTING = frozenset({"in", "for", "of", "the", "number"})
_LONGEST = 36_525
"""Days of a span that is taken for one: what a caller gives may lead out of the calendar."""
_COUNTED = 1_000_000_000
"""From here on a whole number may be a moment, in seconds since 1970."""
_HOUR = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d)?")
_SHORT = 6
"""Days before the clock and behind it within which what is valid for a short time lies."""
_BEGUN, _ENDS = 1, (5, 6)
"""Stages of the course of events: at which a row was made, at which it ends."""


def moment(name: str, noun: str, rng: Random, clock: datetime) -> datetime:
    """A whole five minutes: past for what has happened, within weeks for what is planned."""
    direction, least, most = -1, 2, 120
    if is_birth(name):
        least, most = 20 * 365, 70 * 365
    elif is_long_ago(name, noun):
        least, most = 150, 2_200
    elif is_expiry(name):
        direction, least, most = (1, 1, _SHORT) if is_short_lived(name, noun) else (1, 20, 700)
    elif lies_ahead(name, noun):
        direction, least, most = 1, 1, 45
    day = clock + timedelta(days=direction * rng.randint(least, most))
    agreed = direction > 0 and find_text_kind(noun, "") in _AGREED
    hours = _OFFICE if agreed else usual_hours(name)
    loose = len(hours) > _FEW and not agreed
    minute = 5 * rng.randrange(12) if loose else rng.choice((0, 0, 30))
    return day.replace(hour=rng.choice(hours), minute=minute, second=0, microsecond=0)


def moment_text(
    when: datetime, schema: JsonObject, meaning: SemanticType = "datetime", name: str = ""
) -> Any:
    """A moment, its day, or its time of day, as the ``meaning`` is: in the schema's form.

    With the clock's offset where the format asks for RFC 3339; seconds since 1970 where a number is
    wanted (or milliseconds), else ISO, or what the description names: ``DD/MM/YYYY``, AM/PM.
    """
    form, description = schema.get("format"), str(schema.get("description", ""))
    told = told_form(description) if form is None else ""
    iso = when.isoformat(timespec="seconds")
    offset = "Z" if iso[19:] in ("", "+00:00") else iso[19:]
    if meaning == "time" and form == "time":
        return when.strftime("%H:%M:00") + offset
    if meaning == "time":
        told = told if "%H" in told and "%d" not in told else "%H:%M"
        return when.strftime("%I:%M %p" if "AM/PM" in description else told)
    if schema.get("type") in ("integer", "number"):
        fine = "millisecond" in description.lower() or _MILLISECONDS.search(name) is not None
        return int(when.timestamp()) * (1000 if fine else 1)
    if told and ("%H" in told or meaning == "date"):
        return when.strftime(told)
    return iso[:19] + offset if meaning == "datetime" and form != "date" else iso[:DAY]


def stamp_text(when: datetime, schema: JsonObject, taken: Collection[Any] = ()) -> str:
    """Seconds since 1970 with six decimals, none twice; "" where the schema wants another text."""
    second = int(when.timestamp())
    while (made := f"{second}.{second * 7919 % 1_000_000:06}") in taken:
        second += 1
    wanted = fits(made, schema) and not fits(made[:-1], schema) and not fits("a" * 17, schema)
    return made if wanted else ""


@lru_cache(maxsize=4096)
def told_form(description: str) -> str:
    """The form of dates and times that a description names: ``DD/MM/YYYY``; "" for none."""
    found, hours = _TOLD.search(description), False
    if found is None:
        return ""

    def write(part: re.Match[str]) -> str:
        nonlocal hours
        said = part[0].lower()
        hours = hours or said == "hh"
        return _PARTS.get(said) or ("%M" if hours else "%m")

    written = _PART.sub(write, found[0])
    return written if len(set(re.findall(r"%\w", written))) > 1 else ""


def is_dated(value: Any) -> bool:
    """Whether this is ISO text that begins with a day of the calendar, not too far away."""
    return isinstance(value, str) and value[4:5] == "-" and _begins_with_day(value)


@lru_cache(maxsize=4096)  # the rows of a few worlds
def _begins_with_day(value: str) -> bool:
    if _ISO.match(value) is None:
        return False
    try:
        return _FIRST <= date.fromisoformat(value[:DAY]) <= _LAST
    except ValueError:  # the 30th of February
        return False


def day_of(value: str) -> date:
    """The day on which an ISO date or date-time lies."""
    return date.fromisoformat(value[:DAY])


def shifted(value: str, days: int) -> str:
    """An ISO date or date-time moved by some days, the rest of the text kept."""
    return (day_of(value) + timedelta(days=days)).isoformat() + value[DAY:]


def moved_to(value: str, when: datetime) -> str:
    """An ISO date-time set to another moment, its offset and precision kept.

    Only the day is set where the time is written in another way: ``2026-03-12 9 pm``.
    """
    try:
        old = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return when.date().isoformat() + value[DAY:]
    new = when.astimezone(old.tzinfo) if old.tzinfo else when.replace(tzinfo=None)
    return new.strftime("%Y-%m-%dT%H:%M:%S") + value[19:]


@dataclass(frozen=True)
class Span:
    """A length of time in a row: ``weeks`` from ``borrowed_on`` to ``due_date``."""

    begin: str
    days: int
    end: str
    """Empty where the row does not say when it ends."""


def span_of(row: Mapping[str, Any]) -> Span | None:
    """The row's length of time, where it says one in days, nights or weeks, and a beginning."""
    counted = (name for name, value in row.items() if isinstance(value, int) and _unit(name))
    unit = next(counted, None)
    if unit is None:
        return None
    days = row[unit] * _unit(unit)
    dated = [(stage_of(name), name) for name in _dates(row)]
    begins = [name for wanted in (START, _BEGUN) for stage, name in dated if stage == wanted]
    if not begins or abs(days) > _LONGEST:
        return None
    ends = (name for stage, name in dated if stage in _ENDS and not is_expiry(name))
    return Span(begins[0], days, next(ends, ""))


@lru_cache(maxsize=4096)
def _unit(name: str) -> int:
    """The days of the unit that a field counts in: 7 for ``weeks``; 0 where it counts none."""
    words = [word for word in in_words(name).split() if word not in _COUNTING]
    return minutes_of(words[0]) // _DAY if len(words) == 1 else 0


def _dates(row: Mapping[str, Any]) -> list[str]:
    """The fields that hold dates, but for birthdays."""
    return [name for name, value in row.items() if is_dated(value) and not is_birth(name)]


def _put(row: JsonObject, name: str, value: Any, schemas: Schemas) -> None:
    if fits(value, schemas.get(name, {})):
        row[name] = value


def order_dates(row: JsonObject, schemas: Schemas) -> None:
    """Put what has happened in the order of events; move what is planned behind what begins it.

    Moments that are counted from 1970 are dates too; of two times of day the later is the end.
    """
    counted = {
        name: unit for name, value in row.items()
        if type(value) is int and value >= _COUNTED
        and (unit := next((one for one in (1, 1000)  # of seconds since 1970, or milliseconds
                           if _COUNTED <= value / one < 2.5 * _COUNTED), 0))
        and stage_of(name) is not None
    }  # fmt: skip
    for name, unit in counted.items():
        row[name] = datetime.fromtimestamp(row[name] / unit, UTC).isoformat()
    free: Schemas = {name: {} for name in counted}
    _order_dated(row, {**schemas, **free} if counted else schemas)
    for name, unit in counted.items():
        row[name] = int(datetime.fromisoformat(row[name]).timestamp()) * unit
    _order_hours(row, schemas)


def _order_hours(row: JsonObject, schemas: Schemas) -> None:
    """Of two times of a day let the later be the end, but of what often ends on the next day.

    What begins and ends at one time ends an hour later.
    """
    hours = [
        (stage_of(name), name) for name, value in row.items()
        if isinstance(value, str) and value[2:3] == ":" and _HOUR.fullmatch(value)
    ]  # fmt: skip
    begins, ends = ([name for at, name in hours if at == stage] for stage in (START, _ENDS[0]))
    if len(begins) != 1 or len(ends) != 1 or row[begins[0]] < row[ends[0]]:
        return
    if row[begins[0]] == row[ends[0]]:
        hour = int(row[ends[0]][:2])
        _put(row, ends[0], f"{min(hour + 1, 23):02}{row[ends[0]][2:]}", schemas)
        return
    if load_words("date_names", "overnight").isdisjoint(in_words(begins[0]).split()):
        begin, end = row[ends[0]], row[begins[0]]
        _put(row, begins[0], begin, schemas)
        _put(row, ends[0], end, schemas)


_STATES = frozenset({"status", "state"})
"""What is in a state lasts as long as that: a campaign that is active."""
_STARTS, _STOPS = (("start", "starts", "begin", "begins"), ("end", "ends"))
_HOURLY = frozenset({"time", "at", "datetime"})


@lru_cache(maxsize=4096)
def _is_by_the_hour(first: str, second: str) -> bool:
    """Whether two dates tell from which time of day to which something lasts: ``start_time``."""
    begin, end = split_words(first), split_words(second)
    whole = {*begin[1:], *end[1:]} <= _HOURLY
    return whole and begin[0] in _STARTS and end[0] in _STOPS


def _on_that_day(early: str, late: str) -> str:
    """The end of what is told by the hour, on the day of its start: no meeting lasts for days."""
    same = early[:DAY] + late[DAY:]
    if same <= early and early[11:13].isdigit():
        same = f"{early[:11]}{int(early[11:13]) + 1:02}{late[13:]}"
    return same if same > early and same[11:13] < "24" else late


def _order_dated(row: JsonObject, schemas: Schemas) -> None:
    dated = [(stage_of(name), name) for name, value in row.items() if is_dated(value)]
    if len(dated) < 2:
        return
    known = [(stage, name) for stage, name in dated if stage is not None]
    events = sorted(known, key=lambda one: (one[0], "created" not in split_words(one[1]), one[1]))
    past = [name for _, name in events if has_happened(name) and not is_birth(name)]
    for length in {len(row[name]): None for name in past}:
        names = [name for name in past if len(row[name]) == length]
        for name, value in zip(names, sorted(row[name] for name in names), strict=True):
            _put(row, name, value, schemas)
    for name in [name for stage, name in dated if stage is None and came_out(name)]:
        # Nobody has saved or bought a work before it came out.
        had = min((row[one][:DAY] for one in past if tells_having(one)), default="")
        if had and row[name][:DAY] > had:
            earlier = shifted(had + row[name][DAY:], -1 - int(row[name][8:DAY]))
            _put(row, name, earlier, schemas)
    planned = [(stage, name) for stage, name in events if not has_happened(name)]
    for (before, first), (after, second) in pairwise(planned):
        early, late = row[first], row[second]
        if before < after and len(early) == len(late) and late <= early:
            # With its own time of day: on the same day where that is enough.
            later = early[:DAY] + late[DAY:]
            later = later if later > early else shifted(later, 1 + int(late[8:DAY]) % 4)
            _put(row, second, later, schemas)
        elif _is_by_the_hour(first, second) and _STATES.isdisjoint(row):
            _put(row, second, _on_that_day(early, late), schemas)
    if planned and past:  # what began a row happened before what it plans: booked before the flight
        latest = min(row[name][:DAY] for _, name in planned)
        hour = min((row[name] for _, name in planned if len(row[name]) > DAY), default="")
        begun = [name for name in past if stage_of(name) == _BEGUN]
        for name in [
            one for one in begun
            if row[one][:DAY] > latest or (len(row[one]) == len(hour) and row[one] > hour)
        ]:  # fmt: skip
            earlier = shifted(latest + row[name][DAY:], -1 - int(latest[8:]) % 9)
            _put(row, name, earlier, schemas)


def agree(
    row: JsonObject, schemas: Schemas, clock: datetime, fixed: Collection[str], rng: Random
) -> None:  # fmt: skip
    """Change the row's dates where its state contradicts them.

    Nothing is over whose day is still to come, nothing is to come whose day is over, what is under
    way has begun, what is valid for days was issued lately, and an age is the birthday's. ``fixed``
    fields stay.
    """
    dates = [name for name, value in row.items() if is_dated(value)]
    born = next((row[name] for name in dates if is_birth(name)), "")
    if born and type(row.get("age")) is int and "age" not in fixed:
        today, birthday = clock.date(), day_of(born)
        had = (today.month, today.day) >= (birthday.month, birthday.day)
        _put(row, "age", today.year - birthday.year - (not had), schemas)
    dates = [name for name in dates if not is_birth(name)]
    if not dates:
        return
    stated = (one for one in row if split_words(one)[-1:] in (("status",), ("state",)))
    status = next((name for name in ("status", "state") if name in row), "") or next(stated, "")
    state = in_words(row[status]) if status and isinstance(row[status], str) else ""
    span = span_of(row)
    if span is not None:
        _place_span(row, span, schemas, clock, fixed, rng, state)
    # What is under way was begun lately: a meal within the hour, a parcel within days.
    hourly = state in load_words("states", "at_once")
    lately = dates if hourly or state in load_words("states", "soon") else []
    for name in [name for name in lately if name not in fixed and stage_of(name) == _BEGUN]:
        if hourly and len(row[name]) > DAY:
            made = moved_to(row[name], clock - timedelta(minutes=5 * rng.randint(1, 9)))
        else:
            ago = (clock.date() - day_of(row[name])).days - rng.randint(1, 6)
            made = shifted(row[name], ago)
        _put(row, name, made, schemas)
    over, coming = load_words("states", "over"), load_words("states", "coming")
    planned = [name for name in dates if not has_happened(name)]
    if span is None and state in load_words("states", "begun"):
        planned = _begin(planned, row, schemas, clock, fixed, rng)
    if not planned or span is not None or state not in over | coming:
        return
    if all(map(is_expiry, planned)) and state not in ("active", "frozen", "expired"):
        return
    ahead = max(day_of(row[name]) for name in planned) >= clock.date()
    if ahead != (state in over):
        return
    if not any(name in fixed for name in planned):
        _move(planned, row, schemas, clock, rng, not ahead)


def _begin(
    planned: Collection[str], row: JsonObject, schemas: Schemas, clock: datetime,
    fixed: Collection[str], rng: Random,
) -> list[str]:  # fmt: skip
    """Let what is under way have begun; gives the dates that are left: of its end."""
    begins = [one for one in planned if one not in fixed and tells_begin(one)]
    late = [one for one in begins if day_of(row[one]) >= clock.date()]
    others = [one for one in planned if one not in begins]
    if late:
        _move(late, row, schemas, clock, rng, ahead=False)
    return others


def _place_span(
    row: JsonObject, span: Span, schemas: Schemas, clock: datetime, fixed: Collection[str],
    rng: Random, state: str,
) -> None:  # fmt: skip
    """Put a span where its state wants it, and let it end when its length has passed."""
    today, length = clock.date(), timedelta(days=span.days)
    if span.begin not in fixed and span.end not in fixed:
        if state in load_words("states", "over") - {"returned"}:
            begin = today - length - timedelta(days=rng.randint(1, 20))
        elif has_happened(span.begin) or state in load_words("states", "running"):
            begin = today - timedelta(days=rng.randint(0, max(span.days - 1, 0)))
        else:
            begin = today + timedelta(days=rng.randint(1, 40))
        _put(row, span.begin, begin.isoformat() + row[span.begin][DAY:], schemas)
    if span.end and span.end not in fixed:
        end = day_of(row[span.begin]) + length
        _put(row, span.end, end.isoformat() + row[span.end][DAY:], schemas)


def begin_now(
    row: JsonObject, schemas: Schemas, clock: datetime, fixed: Collection[str], rng: Random
) -> None:
    """Let what a new row plans lie ahead: no date of it but a birthday is older than the row."""
    late = [
        name for name in _dates(row)
        if name not in fixed and not has_happened(name) and day_of(row[name]) < clock.date()
    ]  # fmt: skip
    if late:
        _move(late, row, schemas, clock, rng, ahead=True)


def _move(
    names: list[str], row: JsonObject, schemas: Schemas, clock: datetime, rng: Random, ahead: bool
) -> None:
    """Move dates together to the other side of today, keeping the days between them."""
    edge = (min if ahead else max)(day_of(row[name]) for name in names)
    days = (clock.date() - edge).days + rng.randint(2, 20) * (1 if ahead else -1)
    for name in names:
        _put(row, name, shifted(row[name], days), schemas)


def born_on(row: Mapping[str, Any]) -> str:
    """The day on which the row was made, as it says itself; empty where it does not."""
    return next(
        (v[:DAY] for name, v in row.items() if stage_of(name) == _BEGUN and is_dated(v)), ""
    )  # fmt: skip


def is_ahead(row: Mapping[str, Any], clock: datetime) -> bool:
    """Whether what the row plans is still to come: a flight, an event."""
    return any(
        is_dated(value) and (stage_of(name) == START or in_words(name) == "date")
        and day_of(value) > clock.date()
        for name, value in row.items()
    )  # fmt: skip


_SPANS: Mapping[str, tuple[int, int]] = {"lately": (-6, 0), "near": (-2, 6), "future": (1, 45),
                                         "past": (-120, -2)}  # fmt: skip
_NOW = 0.4
"""How often a day that lies near is today."""


def moment_about(field: Field, noun: str, rng: Random, clock: datetime) -> datetime:
    """A moment of the field's usual hours on a day that lies as its ``when`` says."""
    least, most = _SPANS[field.when or "past"]
    today = least <= 0 <= most and rng.random() < _NOW
    days = 0 if today else rng.randint(least, most)
    made = moment(field.name, noun, rng, clock)
    day = (clock + timedelta(days=days)).date()
    made = made.replace(year=day.year, month=day.month, day=day.day)
    if days == 0 and field.when in ("past", "lately") and made > clock:
        made = clock.replace(second=0, microsecond=0) - timedelta(minutes=30)
    return made
