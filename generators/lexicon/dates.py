"""Dates and times in words: ``the 12th of March``, ``9:40 am``, ``this Friday``.

The names of months and days are those of `schemas.reading`, which reads the words again.
"""

from datetime import date, datetime
from random import Random

from generators.lexicon.numbers import ordinal_ending
from schemas.reading import MONTHS, WEEKDAYS

_RELATIVE = ("tomorrow", "today", "yesterday", "this ", "next ")


def date_forms(value: str, clock: datetime, rng: Random) -> list[str]:
    """Ways to say an ISO date, the likeliest first; none for text that is no date."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return []
    month, ahead = MONTHS[day.month - 1], (day - clock.date()).days
    near = [f"the {_ordinal_day(day)} of {month}", f"{month} {day.day}"]
    far = [f"{near[0]} {day.year}", f"{near[1]}, {day.year}"]
    forms = near if rng.random() < 0.7 else near[::-1]
    if ahead == 1:
        forms = ["tomorrow", *forms]
    elif 2 <= ahead <= 6 and rng.random() < 0.5:
        forms = [f"this {WEEKDAYS[day.weekday()]}", *forms]
    return [*forms, *(far if rng.random() < 0.5 else far[::-1])]


def _ordinal_day(day: date) -> str:
    return f"{day.day}{ordinal_ending(day.day)}"


def time_forms(value: str) -> list[str]:
    """Ways to say a time of day, ``09:40``; none for text that is none."""
    hour, _, minute = value.partition(":")
    if not (hour.isdigit() and minute[:2].isdigit()):
        return []
    number, half = int(hour), "am" if int(hour) < 12 else "pm"
    minutes = "" if minute[:2] == "00" else f":{minute[:2]}"
    return [f"{number % 12 or 12}{minutes} {half}", f"{number}:{minute[:2]}"]


def moment_forms(value: str, clock: datetime, rng: Random) -> list[str]:
    """Ways to say a date with its time: ``the 12th of March at 9:40 am``."""
    day, _, time = value.replace(" ", "T").partition("T")
    times = time_forms(time[:5])
    return [f"{said} at {hour}" for said in date_forms(day, clock, rng) for hour in times]


def is_relative(said: str) -> bool:
    """Whether a spoken date counts from today: ``tomorrow``, ``this Friday``."""
    return said.startswith(_RELATIVE)


def date_with_on(said: str) -> str:
    """A spoken date with its preposition: ``on the 3rd of May``, ``tomorrow``."""
    return said if is_relative(said) else f"on {said}"


def speak_clock(clock: datetime) -> str:
    """``Monday, the 2nd of March 2026, 09:05 UTC (2026-03-02)``."""
    return (
        f"{WEEKDAYS[clock.weekday()]}, the {_ordinal_day(clock.date())} of "
        f"{MONTHS[clock.month - 1]} {clock.year}, {clock:%H:%M} UTC ({clock:%Y-%m-%d})"
    )
