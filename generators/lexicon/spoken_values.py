"""Values as people say them: dates ("the 12th of March"), times, amounts of money, numbers.

Every form is tried against `schemas.reading`; one that would be read as another value is not used.
The names of months and days are those of that module; the names of currencies are babel's (CLDR).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from random import Random
from typing import Any

from generators.lexicon.nouns import is_english
from generators.lexicon.tables import load_table, load_words
from schemas.reading import MONTHS, NUMBER_WORDS, WEEKDAYS, says
from schemas.semantic import SemanticType

_NAME = re.compile(r"[A-Za-z][\w -]*")
_CODED = re.compile(r"[A-Z]+-\d+")
_HUMPED, _HUMPS = re.compile(r"(?:[A-Z][a-z]+){2,}"), re.compile(r"(?<=[a-z])(?=[A-Z])")
_QUOTED: frozenset[str] = frozenset({"title", "text", "query", "expression"})
_COUNTED_IN_WORDS = range(2, 11)
_RELATIVE = ("tomorrow", "today", "yesterday", "this ", "next ")
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_WRITTEN_BEFORE = {"USD": "$", "GBP": "£"}
"""Currencies whose sign people write before the amount; others are named behind it."""
_EURO = {"EUR": ("euro", "euros")}
"""The one of the others that most speak of, named as CLDR does: reading that takes a while."""
_COMMON = {"euro": "EUR", "dollar": "USD", "pound": "GBP", "franc": "CHF", "yen": "JPY"}
_CODE = re.compile(r"\b[A-Z]{3}\b")
_JOINTS = re.compile(r"[_\s-]+")
_SHORT, _CODE_LENGTH = 3, 2
"""Letters of a word in capitals that is told as it stands, and of a code such as a country's."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


_MINOR = re.compile(
    r"(?:\b(?:in|of|as) |[(=] ?)(?:(?:the|us|u\.s\.|usd|eur|gbp|euro|whole|integer) )*"
    r"(cents|pence|pennies)\b",
    re.IGNORECASE,
)
_NO_ONE_CURRENCY = re.compile(
    r"\b(?:account|customer|user)(?:'s)? currency\b|\bcurrency of (?:the|an?|your) [\w ]*?account\b"
    r"|\b(?:minor|smallest|lowest) (?:currency )?(?:unit|denomination)s?\b",
    re.IGNORECASE,
)
"""What hangs on an account, or is counted in parts of a currency: the sign would say more."""
_ONE = {"cents": "cent", "pence": "penny", "pennies": "penny"}


_COUNTED_IN = re.compile(r"\b(?:in|of) (seconds|minutes|hours|days)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Spoken:
    """A value in words. ``span`` is the part of ``text`` that ``rule`` reads the value from."""

    text: str
    span: str
    rule: str


def speak(
    value: Any, semantic: SemanticType, clock: datetime, rng: Random, description: str = "",
    choices: Sequence[Any] = (),
) -> Spoken:  # fmt: skip
    """Say a scalar. Falls back on the value as it is written, which is always understood.

    ``choices``: the values among which it is one.
    """
    if isinstance(value, bool):
        answer = "yes" if value else "no"
        return Spoken(answer, answer, "flag")
    plain = figures(value)
    if isinstance(value, int | float):
        text = said = _figure_amount(value) if semantic == "money" else plain
        if semantic == "count" and value in _COUNTED_IN_WORDS and rng.random() < 0.6:
            text = said = number_word(int(value))
        elif semantic == "money":
            unit = minor_unit(description)
            named = name_amount(value, "" if unit else find_currency(description))
            text = f"{named} {_ONE[unit] if value == 1 else unit}" if unit else named
        elif semantic == "percent":
            text = f"{said}%"
        candidates, fallback = [Spoken(text, said, "number")], Spoken(plain, plain, "number")
    else:
        texts = [one for one in choices if isinstance(one, str)]
        known = isinstance(value, str)
        candidates = _speak_text(value, semantic, clock, rng, texts) if known else []
        fallback = Spoken(plain, plain, "literal")
    found = (one for one in candidates if says(one.rule, one.span, value, clock))
    return next(found, fallback)


def _speak_text(
    value: str, semantic: SemanticType, clock: datetime, rng: Random, choices: Sequence[str]
) -> list[Spoken]:
    if semantic in ("date", "datetime", "time"):
        forms = time_forms(value) if semantic == "time" else []
        if semantic == "date":
            forms = date_forms(value, clock, rng)
        elif semantic == "datetime":  # ``the 12th of March at 9:40 am``
            day, _, time = value.replace(" ", "T").partition("T")
            times = time_forms(time[:5])
            days = date_forms(day, clock, rng)
            if _is_elsewhere(value, clock):  # where it is tomorrow already
                days = [said for said in days if not is_relative(said)]
            forms = [f"{said} at {hour}" for said in days for hour in times]
        return [Spoken(text, text, semantic) for text in forms]
    coded = _CODED.fullmatch(value) is not None  # CWE-79
    if semantic in ("enum", "label", "language") and _NAME.fullmatch(value) and not coded:
        words = value.replace("_", " ").replace("-", " ")
        tongue = semantic == "language" and len(words) > _SHORT  # ``en`` stays as it is
        words = words.capitalize() if tongue else _in_small(words, choices)
        return [Spoken(words, words, "words")]
    if semantic in _QUOTED or (" " in value and semantic in ("unknown", "label")):
        return [Spoken(f"“{value}”", value, "literal")]
    return []


def _is_elsewhere(moment: str, clock: datetime) -> bool:
    """Whether a moment is told by the clocks of another zone than this one's."""
    try:
        told = datetime.fromisoformat(moment)
    except ValueError:
        return False
    return None not in (told.tzinfo, clock.tzinfo) and told.utcoffset() != clock.utcoffset()


def _in_small(words: str, choices: Sequence[str]) -> str:
    """The words of a choice in small letters; abbreviations stay: ``GB_STORAGE`` → GB storage."""
    if words.isupper() and " " not in words:
        return words if len(words) <= _SHORT or not is_english(words.lower()) else words.lower()
    # Beside ``GB_STORAGE`` the IN of ``IN_STORAGE`` is a country too.
    every = {word for one in choices for word in _JOINTS.split(one)}
    coded = any(len(one) == _CODE_LENGTH and _is_abbreviation(one) for one in every)
    if any(one.istitle() and not is_english(one.lower()) for one in words.split(" ")):
        return words  # Germany, New Zealand
    if _HUMPED.fullmatch(words):  # FailedMount
        words = _HUMPS.sub(" ", words)
    said = []
    for word in words.split(" "):
        short = coded and len(word) == _CODE_LENGTH and word.isupper()
        said.append(word if short or _is_abbreviation(word) else word.lower())
    return " ".join(said)


def _is_abbreviation(word: str) -> bool:
    """Whether a word in capitals stands for others: ``GB``, ``MRI``, not ``OF``."""
    if not (word.isupper() and word.isalpha()) or len(word) < _CODE_LENGTH:
        return False
    if len(word) == _CODE_LENGTH:
        return word.lower() not in load_words("exceptions", "short_words")
    return not is_english(word.lower())


def date_forms(value: str, clock: datetime, rng: Random) -> list[str]:
    """Ways to say an ISO date, the likeliest first; none for text that is no date."""
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return []
    month, ahead = MONTHS[day.month - 1], (day - clock.date()).days
    near = [f"the {_figure_ordinal(day.day)} of {month}", f"{month} {day.day}"]
    far = [f"{near[0]} {day.year}", f"{near[1]}, {day.year}"]
    forms = near if rng.random() < 0.7 else near[::-1]
    if ahead == 1:
        forms = ["tomorrow", *forms]
    elif 2 <= ahead <= 6 and day.weekday() > clock.weekday() and rng.random() < 0.5:
        forms = [f"this {WEEKDAYS[day.weekday()]}", *forms]
    return [*forms, *(far if rng.random() < 0.5 else far[::-1])]


def with_year(said: str, value: str, clock: datetime) -> str:
    """A spoken date with its year where that is another than this one, else without.

    ``March 8 at 9 am`` → March 8, 2027 at 9 am.
    """
    year = value[:4]
    if year == str(clock.year):
        return re.sub(rf",? {year}(?= at |$)", "", said)
    if not year.isdigit() or year in said or is_relative(said):
        return said
    day, at, time = said.partition(" at ")
    joint = " " if day.startswith("the ") else ", "
    return f"{day}{joint}{year}{at}{time}"


def time_forms(value: str) -> list[str]:
    """Ways to say a time of day, ``09:40``; none for text that is none."""
    hour, _, minute = value.partition(":")
    if not (hour.isdigit() and minute[:2].isdigit()):
        return []
    number, half = int(hour), "am" if int(hour) < 12 else "pm"
    minutes = "" if minute[:2] == "00" else f":{minute[:2]}"
    return [f"{number % 12 or 12}{minutes} {half}", f"{number}:{minute[:2]}"]


def is_relative(said: str) -> bool:
    """Whether a spoken date counts from today: ``tomorrow``, ``this Friday``."""
    return said.startswith(_RELATIVE)


def date_with_on(said: str) -> str:
    """A spoken date with its preposition: ``on the 3rd of May``, ``tomorrow``."""
    return said if is_relative(said) else f"on {said}"


def speak_clock(clock: datetime) -> str:
    """``Monday, the 2nd of March 2026, 09:05 UTC (2026-03-02)``."""
    return (
        f"{WEEKDAYS[clock.weekday()]}, the {_figure_ordinal(clock.day)} of "
        f"{MONTHS[clock.month - 1]} {clock.year}, {clock:%H:%M} UTC ({clock:%Y-%m-%d})"
    )


def name_amount(value: float, currency: str) -> str:
    """The amount in a currency by its ISO code; the amount alone where that is no known one."""
    amount = _figure_amount(value)
    if currency in _WRITTEN_BEFORE:
        return f"{_WRITTEN_BEFORE[currency]}{amount}"
    if currency in _EURO:
        return f"{amount} {_EURO[currency][value != 1]}"
    if currency not in _known_currencies():
        return amount
    from babel.numbers import get_currency_name

    name = get_currency_name(currency, 1 if value == 1 else 2, locale="en")
    return f"{amount} {name}".strip()


def _figure_amount(value: float) -> str:
    """``1,250``, ``45.50``."""
    return f"{value:,.2f}" if not float(value).is_integer() else f"{int(value):,}"


@lru_cache(maxsize=20_000)
def find_currency(said: str) -> str:
    """The ISO code of the one currency that a description speaks of; empty for none or several.

    Empty too where it is that of an account, of which a code is only an example.
    """
    if _NO_ONE_CURRENCY.search(said):
        return ""
    found = {*_CODE.findall(said)} - load_words("exceptions", "no_currency")
    if not found <= _EURO.keys():
        found &= _known_currencies()
    if not found:
        words = set(re.findall(r"[a-z]+", said.lower()))
        found |= {code for word, code in _COMMON.items() if words & {word, f"{word}s"}}
        found |= {code for code in ("EUR", "USD", "GBP") if code.lower() in words}
        found |= {code for sign, code in _SIGNS.items() if sign in said}
    return found.pop() if len(found) == 1 else ""


@cache
def _known_currencies() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies("en"))


def ordinal(number: int) -> str:
    """1 → ``first``; from 10 on ``10th``."""
    if 1 <= number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    return _figure_ordinal(number)


def _figure_ordinal(number: int) -> str:
    """``21st``, ``11th``."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def number_word(number: int) -> str:
    """3 → ``three``; figures beyond twelve."""
    return NUMBER_WORDS[number] if 0 <= number < len(NUMBER_WORDS) else str(number)


def figures(value: Any) -> str:
    """A value as it is written; a whole number without a point."""
    return str(int(value) if isinstance(value, float) and value.is_integer() else value)


def told_unit(description: str) -> str:
    """In what a length of time is counted, as its description says: ``Duration in minutes``."""
    told = _COUNTED_IN.search(description)
    return told[1].lower() if told else ""


_SECOND, _MINUTE, _HOUR = 1000, 60, 60


def say_milliseconds(value: int) -> str:
    """``4 minutes 48 seconds``, ``1 hour 3 minutes``: as people say a length of time."""
    minutes, seconds = divmod(value // _SECOND, _MINUTE)
    hours, minutes = divmod(minutes, _HOUR)
    counts = [(hours, "hour"), (minutes, "minute"), (0 if hours else seconds, "second")]
    said = (f"{count} {unit}{'' if count == 1 else 's'}" for count, unit in counts if count)
    return " ".join(said)


@lru_cache(maxsize=20_000)
def minor_unit(description: str) -> str:
    """In what part of a currency an amount is counted, as its description says: ``cents``."""
    told = _MINOR.search(description)
    return told[1].lower() if told else ""


def is_measure(word: str) -> bool:
    """Whether a word is a measure: ``kg``, ``milliseconds``."""
    return word in load_words("exceptions", "measures")


def is_unit(word: str) -> bool:
    """Whether somebody who says that word for a unit means a measure or a length of time."""
    bare = word.lower()
    return is_measure(bare) or is_period(bare) or bare in load_table("exceptions")["units"]


def write_unit(word: str) -> str:
    """A unit that stands in lower case in a name, as it is written: ``MiB``."""
    written: dict[str, str] = load_table("exceptions")["written_units"]
    return written.get(word, word)


def is_period(word: str) -> bool:
    """Whether a word is a length of time in the plural: ``minutes``."""
    return word in load_words("exceptions", "periods")
