"""A value as people say it: "the 12th of March", "9:40 am", "three".

Every form is tried against `schemas.reading`; one that would be read as another value is not used.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any

from generators.lexicon.dates import date_forms, moment_forms, time_forms
from generators.lexicon.money import figure_amount, find_currency, name_amount
from generators.lexicon.numbers import figures, number_word
from schemas.reading import says
from schemas.semantic import SemanticType

_NAME = re.compile(r"[A-Za-z][\w -]*")
_QUOTED: frozenset[str] = frozenset({"title", "text", "query", "expression"})
_COUNTED_IN_WORDS = range(2, 11)


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
    for candidate in _spoken_forms(value, semantic, clock, rng, description):
        if says(candidate.rule, candidate.span, value, clock):
            return candidate
    plain = figures(value)
    return Spoken(plain, plain, "number" if _is_number(value) else "literal")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _spoken_forms(
    value: Any, semantic: SemanticType, clock: datetime, rng: Random, description: str
) -> list[Spoken]:
    if _is_number(value):
        return [_speak_number(value, semantic, rng, description)]
    if not isinstance(value, str):
        return []
    if semantic == "date":
        return [Spoken(text, text, "date") for text in date_forms(value, clock, rng)]
    if semantic == "time":
        return [Spoken(text, text, "time") for text in time_forms(value)]
    if semantic == "datetime":
        return [Spoken(text, text, "datetime") for text in moment_forms(value, clock, rng)]
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


def _speak_number(
    value: int | float, semantic: SemanticType, rng: Random, description: str
) -> Spoken:
    digits = figures(value)
    if semantic == "money":
        amount = figure_amount(value)
        return Spoken(name_amount(value, find_currency(description)), amount, "number")
    if semantic == "count" and value in _COUNTED_IN_WORDS and rng.random() < 0.6:
        word = number_word(int(value))
        return Spoken(word, word, "number")
    if semantic == "percent":
        return Spoken(f"{digits}%", digits, "number")
    return Spoken(digits, digits, "number")
