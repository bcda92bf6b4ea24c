"""Dates and times near the clock, in the form that a schema asks for."""

import re
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from generators.lexicon.tenses import is_birth, is_expiry, is_long_ago, lies_ahead, usual_hours
from schemas.record import JsonObject

_FEW = 3
"""What has no more usual hours than these begins on the hour or half past."""


def moment(name: str, noun: str, rng: Random, clock: datetime) -> datetime:
    """A whole five minutes: past for what has happened, within weeks for what is planned."""
    direction, least, most = _distance(name, noun)
    day = clock + timedelta(days=direction * rng.randint(least, most))
    hours = usual_hours(name)
    minute = 5 * rng.randrange(12) if len(hours) > _FEW else rng.choice((0, 0, 30))
    return day.replace(hour=rng.choice(hours), minute=minute, second=0, microsecond=0)


@lru_cache(maxsize=4096)
def _distance(name: str, noun: str) -> tuple[int, int, int]:
    """(-1 for the past or 1, least days from now, most)."""
    if is_birth(name):
        return -1, 20 * 365, 70 * 365
    if is_long_ago(name, noun):
        return -1, 150, 2_200
    if is_expiry(name):
        return 1, 20, 700
    return (1, 3, 45) if lies_ahead(name, noun) else (-1, 2, 120)


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
