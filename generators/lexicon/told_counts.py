"""What names and descriptions say of how many rows a list shows, and of how many there are.

The words are data (``data/lexicon/paging.yaml``).
"""

import re
from collections.abc import Sequence
from functools import cache, lru_cache

from generators.lexicon.names import in_words, split_words
from generators.lexicon.nouns import singular
from generators.lexicon.spoken_values import is_unit
from generators.lexicon.tables import load_table, load_words
from generators.lexicon.verbs import opening_words

_REMEMBERED = 4096
_FIRST = frozenset({"top", "most", "trending"})
"""What else than a superlative says that a list holds the first ones."""


@lru_cache(maxsize=_REMEMBERED)
def tells_size(name: str, said: str) -> bool:
    """Whether a parameter says how many rows are shown: ``limit``, "The number of songs to return".

    By its name, or else by its description; letters, lines and hours are no rows.
    """
    if in_words(name) in load_words("paging", "sizes"):
        return True
    told = _search("told_sizes", said)
    last = told["of"].lower().split()[-1] if told else ""
    counted = bool(last) and singular(last) not in load_words("paging", "no_rows")
    return counted and not is_unit(last)


@lru_cache(maxsize=_REMEMBERED)
def told_default(said: str) -> float | None:
    """The number that a description says is taken where none is given: ``(default: 10)``."""
    told = _search("told_defaults", said)
    return float(told["number"]) if told else None


@lru_cache(maxsize=_REMEMBERED)
def told_most(said: str) -> int | None:
    """The most rows that a tool shows, as its description says: "Returns up to 20 orders"."""
    told = _search("told_most", said)
    return int(told["number"]) if told else None


@lru_cache(maxsize=_REMEMBERED)
def told_total(said: str, noun: str) -> int | None:
    """How many of a thing a description says that there are: "There are only 50 products"."""
    told = _search("told_totals", said)
    return int(told["number"]) if told and noun.split()[-1] in _nouns_of(told["of"]) else None


@lru_cache(maxsize=_REMEMBERED)
def ranked_by(name: str, said: str) -> str:
    """By what the rows of a list are the first ones: ``top``, ``latest``; "" where they are not.

    As its name says, or the first words of its description. "Newest first" says how all are sorted.
    """
    first = load_words("inference", "superlatives") | load_words("inference", "newest") | _FIRST
    opening = opening_words(said)
    told = opening[2:3] if opening[1:2] == ("the",) else opening[1:2]
    told = () if "first" in opening else told
    return next((word for word in (*split_words(name), *told) if word in first), "")


def _nouns_of(words: str) -> set[str]:
    return {singular(one) for one in words.lower().split()}


@cache
def _patterns(key: str) -> Sequence[re.Pattern[str]]:
    return [re.compile(one, re.IGNORECASE) for one in load_table("paging")[key]]


def _search(key: str, said: str) -> re.Match[str] | None:
    """Where the first of the patterns is found that is."""
    return next((found for one in _patterns(key) if (found := one.search(said))), None)
