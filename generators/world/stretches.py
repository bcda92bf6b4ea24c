"""From what to what a call looks, by the names of its parameters: ``date_from``, ``date_to``."""

from collections import defaultdict
from collections.abc import Iterable
from functools import lru_cache
from typing import Literal

from generators.lexicon.names import split_words
from generators.lexicon.tables import load_words
from generators.world.schema_leaves import Leaf

Side = Literal["minimum", "maximum"]
_SIDES: tuple[tuple[Side, str], ...] = (("minimum", "least"), ("maximum", "most"))
"""Of a bound, and the words that tell it."""


@lru_cache(maxsize=4096)
def find_side(name: str) -> tuple[Side | None, tuple[str, ...]]:
    """Which bound a name tells, and the words of what is bounded: ``max_price`` the most of price.

    The last word decides: ``start_at_end`` is the end of when it starts.
    """
    words = split_words(name)
    for mark, base in ((words[-1], words[:-1]), (words[0], words[1:])) if words else ():
        for use, marks in _SIDES:
            if mark in load_words("inference", marks):
                return use, base
    return None, words


def find_windows(leaves: Iterable[Leaf]) -> frozenset[str]:
    """The paths of those that bound the same on both sides, in one object."""
    ends: dict[tuple[str, tuple[str, ...]], dict[Side, str]] = defaultdict(dict)
    for leaf in leaves:
        side, base = find_side(leaf.name)
        if side is not None:
            ends[leaf.path.rpartition(".")[0], base].setdefault(side, leaf.path)
    return frozenset(path for both in ends.values() if len(both) > 1 for path in both.values())
