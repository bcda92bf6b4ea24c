"""Dates and times near the clock, in the form that a schema asks for."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Any

from generators.lexicon.names import in_words
from generators.lexicon.tables import word_set
from schemas.record import JsonObject

_PAST = word_set(
    "created updated opened placed published joined posted modified started closed merged committed"
    " ordered registered purchased sent received last since signed uploaded added completed paid"
    " logged issued founded hired fetched timestamp previous pushed archived after history borrowed"
    " booked requested reported submitted taken made bought delivered returned shipped cancelled"
    " resolved filed collected renewed visited played held"
)
_NOT_YET = word_set("due needed expected scheduled planned estimated required valid")
_LONG_AGO = word_set("since joined registered founded hired established")
_LASTING = word_set(
    "account customer member user repository project organization team patient employee teammate"
    " channel board payee company card"
)
_EXPIRY = word_set("expires expiry expiration valid")
_FUTURE = word_set(
    "due check checkin checkout departure depart return arrival arrive appointment scheduled"
    " deadline expires expiry expiration delivery eta start end begin from to until pickup"
    " dropoff renewal"
    " remind reminder next target travel flight event booking reservation valid before outbound"
    " inbound"
)
_PLANNED = word_set(
    "flight event appointment reservation meeting booking trip showing concert match reminder"
    " session class table room stay hotel availability slot delivery task forecast rental train"
)
_BIRTH = frozenset({"birth", "birthday", "dob", "birthdate"})
_HOURS = tuple(range(7, 21))
_ORDER = (
    word_set("birth birthday dob"),
    word_set(
        "created opened placed joined registered ordered booked issued published posted added"
        " submitted requested reported logged uploaded filed borrowed taken made bought purchased"
        " sent received signed founded hired committed started"
    ),
    word_set("updated modified last pushed"),
    word_set("completed closed merged delivered returned shipped cancelled resolved collected paid"
             " archived"),
    word_set("start begin from checkin departure depart after pickup outbound"),
    word_set("end until to checkout arrival arrive return before dropoff inbound finish"),
    word_set("due deadline expires expiry expiration"),
)  # fmt: skip
_HISTORY = 3
"""The last rank of what has happened; behind it stands what is planned."""
_STARTS = frozenset({"order", "purchase", "issue", "registration", "hire", "opening"})
_OPENING: tuple[tuple[frozenset[str], tuple[int, ...]], ...] = (
    (word_set("checkin"), (14, 15, 16)),
    (word_set("checkout"), (10, 11)),
    (word_set("closing close closes"), (21, 22, 23)),
    (word_set("opening opens"), (7, 8, 9)),
    (word_set("lunch"), (12, 13)),
)
"""Words of names → the hours at which such things happen."""


def moment(name: str, noun: str, rng: Random, clock: datetime) -> datetime:
    """A whole five minutes: past for what has happened, within weeks for what is planned."""
    direction, least, most = _distance(name, noun)
    day = clock + timedelta(days=direction * rng.randint(least, most))
    hours = _hours(name)
    minute = 5 * rng.randrange(12) if hours is _HOURS else rng.choice((0, 0, 30))
    return day.replace(hour=rng.choice(hours), minute=minute, second=0, microsecond=0)


@lru_cache(maxsize=4096)
def _distance(name: str, noun: str) -> tuple[int, int, int]:
    """(-1 for the past or 1, least days from now, most)."""
    words = set(in_words(name).split())
    if is_birth(name):
        return -1, 20 * 365, 70 * 365
    if words & _LONG_AGO or (rank(name) == 1 and noun.rsplit(" ", 1)[-1] in _LASTING):
        return -1, 150, 2_200
    if is_expiry(name):
        return 1, 20, 700
    return (1, 3, 45) if _lies_ahead(name, noun) else (-1, 2, 120)


@lru_cache(maxsize=4096)
def _hours(name: str) -> tuple[int, ...]:
    words = in_words(name).split()
    joined = {a + b for a, b in pairwise(words)} | set(words)
    return next((hours for marks, hours in _OPENING if joined & marks), _HOURS)


@lru_cache(maxsize=4096)
def is_expiry(name: str) -> bool:
    """Whether a field says until when something is valid."""
    return bool(_EXPIRY & set(in_words(name).split()))


@lru_cache(maxsize=4096)
def has_happened(name: str) -> bool:
    """Whether a field holds the date of something that is done: ``borrowed_on``, ``updated_at``."""
    place = rank(name)
    return place is not None and place <= _HISTORY


@lru_cache(maxsize=4096)
def _lies_ahead(name: str, noun: str) -> bool:
    words = set(in_words(name).split())
    if has_happened(name) or (words & _PAST and not words & _NOT_YET):
        return False
    return bool(words & _FUTURE or set(noun.split()) & _PLANNED)


@lru_cache(maxsize=4096)
def rank(name: str) -> int | None:
    """Place of a field in the course of events: start before end; None where it says nothing."""
    words = in_words(name).split()
    joined = {a + b for a, b in pairwise(words)} | set(words)
    if joined & {"checkin", "checkout"}:
        return 4 if "checkin" in joined else 5
    if words[-1:] == ["date"] and words[0] in _STARTS:
        return 1
    if joined & _NOT_YET and joined & _ORDER[-1]:
        return len(_ORDER) - 1
    return next((n for n, names in enumerate(_ORDER) if joined & names), None)


@lru_cache(maxsize=4096)
def is_birth(name: str) -> bool:
    """Whether a field holds a birthday."""
    return bool(_BIRTH & set(in_words(name).split()))


def date_text(when: datetime, schema: JsonObject) -> Any:
    """A day: ISO, or the form that the description names."""
    form = _form(schema.get("description", ""))
    return when.strftime(form) if form else when.date().isoformat()


@lru_cache(maxsize=2048)
def _form(description: str) -> str:
    forms = (("MM/DD/YYYY", "%m/%d/%Y"), ("DD/MM/YYYY", "%d/%m/%Y"), ("DD.MM.YYYY", "%d.%m.%Y"))
    return next((form for mark, form in forms if mark in description), "")


def time_text(when: datetime, schema: JsonObject) -> str:
    """A time of day: ``09:40``, with seconds and offset where the format asks for RFC 3339."""
    if schema.get("format") == "time":
        return when.strftime("%H:%M:00") + _offset(when)
    return when.strftime("%I:%M %p" if "AM/PM" in schema.get("description", "") else "%H:%M")


def datetime_text(when: datetime, schema: JsonObject) -> Any:
    """Date and time with the clock's offset; seconds since 1970 where a number is wanted."""
    if schema.get("type") in ("integer", "number"):
        return int(when.timestamp())
    if schema.get("format") == "date":
        return date_text(when, schema)
    return when.strftime("%Y-%m-%dT%H:%M:%S") + _offset(when)


def _offset(when: datetime) -> str:
    offset = when.strftime("%z")
    return "Z" if offset in ("", "+0000") else f"{offset[:3]}:{offset[3:]}"


@lru_cache(maxsize=256)
def read_clock(clock: str) -> datetime:
    """The sandbox's present time. Raises ValueError for text that is not ISO 8601."""
    return datetime.fromisoformat(clock)


_ISO = re.compile(r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d)?")
_DAY = len("2026-03-12")
_FIRST, _LAST = date(1600, 1, 1), date(2999, 12, 31)
"""Dates of which each can be moved to the clock, and all others with it, within the calendar."""


def shifted(value: str, days: int) -> str:
    """An ISO date or date-time moved by some days, the rest of the text kept."""
    day = datetime.fromisoformat(value[:_DAY]) + timedelta(days=days)
    return day.date().isoformat() + value[_DAY:]


def moved_to(value: str, when: datetime) -> str:
    """An ISO date-time set to another moment, its offset and precision kept.

    Only the day is set where the time is written in another way: ``2026-03-12 9 pm``.
    """
    try:
        old = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        return when.date().isoformat() + value[_DAY:]
    new = when.astimezone(old.tzinfo) if old.tzinfo else when.replace(tzinfo=None)
    return new.strftime("%Y-%m-%dT%H:%M:%S") + value[19:]


def is_dated(value: Any) -> bool:
    """Whether this is ISO text that begins with a day of the calendar, not too far away."""
    if not isinstance(value, str) or value[4:5] != "-" or _ISO.match(value) is None:
        return False
    try:
        return _FIRST <= date.fromisoformat(value[:_DAY]) <= _LAST
    except ValueError:  # the 30th of February
        return False
