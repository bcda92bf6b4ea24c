"""Dates and times near the clock, in the form that a schema asks for."""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from random import Random
from typing import Any

from generators.inference.naming_words import word_set
from generators.sandbox.naming import in_words
from schemas.record import JsonObject

_PAST = word_set(
    "created updated opened placed published joined posted modified started closed merged committed"
    " ordered registered purchased sent received last since signed uploaded added completed paid"
    " logged issued founded hired fetched timestamp previous pushed archived after history"
)
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
        " submitted requested reported logged uploaded filed"
    ),
    word_set("updated modified last"),
    word_set("start begin from checkin departure depart after since pickup outbound"),
    word_set("end until to checkout arrival arrive return before dropoff inbound finish"),
    word_set("due deadline expires expiry expiration"),
)


def moment(name: str, noun: str, rng: Random, clock: datetime) -> datetime:
    """A whole five minutes: past for what has happened, within weeks for what is planned."""
    if is_birth(name):
        days = -rng.randint(20 * 365, 70 * 365)
    elif _lies_ahead(name, noun):
        days = rng.randint(3, 45)
    else:
        days = -rng.randint(2, 120)
    day = (clock + timedelta(days=days)).replace(second=0, microsecond=0)
    return day.replace(hour=rng.choice(_HOURS), minute=5 * rng.randrange(12))


@lru_cache(maxsize=4096)
def _lies_ahead(name: str, noun: str) -> bool:
    words = set(in_words(name).split())
    if words & _PAST:
        return False
    return bool(words & _FUTURE or set(noun.split()) & _PLANNED)


@lru_cache(maxsize=4096)
def rank(name: str) -> int | None:
    """Place of a field in the course of events: start before end; None where it says nothing."""
    words = in_words(name).split()
    joined = {a + b for a, b in pairwise(words)} | set(words)
    if joined & {"checkin"}:
        return 3
    return next((n for n, names in enumerate(_ORDER) if joined & names), None)


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


def shifted(value: str, days: int) -> str:
    """An ISO date or date-time moved by some days, the rest of the text kept."""
    day = datetime.fromisoformat(value[:10]) + timedelta(days=days)
    return day.date().isoformat() + value[10:]


def is_dated(value: Any) -> bool:
    """Whether this is ISO text that begins with a date."""
    return isinstance(value, str) and _ISO.match(value) is not None
