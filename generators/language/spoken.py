"""A value as people say it: "the 12th of March", "9:40 am", "three".

Every form is tried against `schemas.reading`; one that would be read as another value is not used.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime
from random import Random
from typing import Any

from generators.lexicon.nouns import ordinal
from schemas.reading import MONTHS, NUMBER_WORDS, WEEKDAYS, says
from schemas.semantic import SemanticType

_NAME = re.compile(r"[A-Za-z][\w -]*")
_QUOTED: frozenset[str] = frozenset({"title", "text", "query", "expression"})
_CURRENCIES = {"euro": "{} euros", "eur": "{} euros", "€": "{} euros", "dollar": "${}",
               "usd": "${}", "pound": "£{}", "gbp": "£{}"}  # fmt: skip


@dataclass(frozen=True)
class Spoken:
    """A value in words. ``span`` is the part of ``text`` that ``rule`` reads the value from."""

    text: str
    span: str
    rule: str


def speak(
    value: Any, semantic: SemanticType, clock: datetime, rng: Random, description: str = ""
) -> Spoken:
    """Say a scalar. Falls back on the value as it is written, which is always understood."""
    for candidate in _forms(value, semantic, clock, rng, description):
        if says(candidate.rule, candidate.span, value, clock):
            return candidate
    return Spoken(plain := _plain(value), plain, "number" if _is_number(value) else "literal")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _plain(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _forms(
    value: Any, semantic: SemanticType, clock: datetime, rng: Random, description: str
) -> list[Spoken]:
    if _is_number(value):
        return _number_forms(value, semantic, rng, description)
    if not isinstance(value, str):
        return []
    if semantic == "date":
        return [Spoken(text, text, "date") for text in _date_forms(value, clock, rng)]
    if semantic == "time":
        return [Spoken(text, text, "time") for text in _time_forms(value)]
    if semantic == "datetime":
        return [Spoken(text, text, "datetime") for text in _datetime_forms(value, clock, rng)]
    if semantic in ("enum", "label", "language") and _NAME.fullmatch(value):
        words = value.replace("_", " ").replace("-", " ")
        if semantic == "language":
            words = words.capitalize()
        elif not (value.isupper() and len(value) < 4):
            words = words.lower()
        return [Spoken(words, words, "words")]
    if semantic in _QUOTED or (" " in value and semantic in ("unknown", "label")):
        return [Spoken(f"“{value}”", value, "literal")]
    return []


def _number_forms(
    value: int | float, semantic: SemanticType, rng: Random, description: str
) -> list[Spoken]:
    digits = _plain(value)
    if semantic == "money":
        written = f"{value:,.2f}" if not float(value).is_integer() else f"{int(value):,}"
        unit = next((u for key, u in _CURRENCIES.items() if key in description.lower()), "{}")
        return [Spoken(unit.format(written), written, "number")]
    if isinstance(value, int) and 1 < value <= 10 and semantic == "count" and rng.random() < 0.6:
        return [Spoken(NUMBER_WORDS[value], NUMBER_WORDS[value], "number")]
    if semantic == "percent":
        return [Spoken(f"{digits}%", digits, "number")]
    return [Spoken(digits, digits, "number")]


def _date_forms(value: str, clock: datetime, rng: Random) -> list[str]:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return []
    month = MONTHS[day.month - 1]
    near = [f"the {_ordinal_day(day.day)} of {month}", f"{month} {day.day}"]
    far = [f"the {_ordinal_day(day.day)} of {month} {day.year}", f"{month} {day.day}, {day.year}"]
    ahead = (day - clock.date()).days
    forms = near if rng.random() < 0.7 else near[::-1]
    if ahead == 1:
        forms = ["tomorrow", *forms]
    elif 2 <= ahead <= 6 and rng.random() < 0.5:
        forms = [f"this {WEEKDAYS[day.weekday()]}", *forms]
    return [*forms, *(far if rng.random() < 0.5 else far[::-1])]


def _ordinal_day(day: int) -> str:
    text = ordinal(day + 100)
    return f"{day}{text[-2:]}"


def _time_forms(value: str) -> list[str]:
    hour, _, minute = value.partition(":")
    if not (hour.isdigit() and minute[:2].isdigit()):
        return []
    number, half = int(hour), "am" if int(hour) < 12 else "pm"
    minutes = "" if minute[:2] == "00" else f":{minute[:2]}"
    return [f"{number % 12 or 12}{minutes} {half}", f"{number}:{minute[:2]}"]


def _datetime_forms(value: str, clock: datetime, rng: Random) -> list[str]:
    day, _, time = value.replace(" ", "T").partition("T")
    return [
        f"{said_day} at {said_time}"
        for said_day in _date_forms(day, clock, rng)
        for said_time in _time_forms(time[:5])
    ]
