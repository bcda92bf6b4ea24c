"""Numbers and units in words: ``three``, ``first``, ``21st``, ``two hours``, ``kg``."""

from typing import Any

from generators.lexicon.tables import load_words
from schemas.reading import NUMBER_WORDS

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")


def ordinal(number: int) -> str:
    """1 → ``first``; from 10 on ``10th``."""
    if 1 <= number <= len(_ORDINALS):
        return _ORDINALS[number - 1]
    return f"{number}{ordinal_ending(number)}"


def ordinal_ending(number: int) -> str:
    """``st`` of 21st, ``th`` of 11th."""
    if number % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def number_word(number: int) -> str:
    """3 → ``three``; figures beyond twelve."""
    return NUMBER_WORDS[number] if 0 <= number < len(NUMBER_WORDS) else str(number)


def hours_in_words(hours: int) -> str:
    """``an hour``, ``two hours``."""
    return f"{number_word(hours)} hours" if hours > 1 else "an hour"


def figures(value: Any) -> str:
    """A value as it is written; a whole number without a point."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def is_measure(word: str) -> bool:
    """Whether a word is a measure: ``kg``, ``milliseconds``."""
    return word in load_words("exceptions", "measures")


def is_period(word: str) -> bool:
    """Whether a word is a length of time in the plural: ``minutes``."""
    return word in load_words("exceptions", "periods")
