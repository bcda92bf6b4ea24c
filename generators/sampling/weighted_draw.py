"""Drawing by weight: all items in a random order, or a few of thousands of tools.

Sums and products only, so that the same seed draws the same on any machine.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, islice
from random import Random
from typing import TypeVar

T = TypeVar("T")
_FEW = 48
"""A pool of so many tools is drawn from without putting back; of a larger one, which would take
long, repeated draws are thrown away …"""
_PATIENCE = 4
"""… and the search is given up after so many times the draws that are wanted."""


def draw_by_weight(items: Sequence[T], weights: Sequence[float], rng: Random) -> Iterator[T]:
    """Yield all items, one after another, each drawn by weight from those that are left."""
    left, loads = list(items), list(weights)
    if len(left) != len(loads):
        raise ValueError(f"{len(left)} items with {len(loads)} weights")
    while left:
        point = rng.random() * sum(loads)
        place = len(left) - 1
        for number, weight in enumerate(loads):
            point -= weight
            if point < 0:
                place = number
                break
        del loads[place]
        yield left.pop(place)


def draw_by_count(items: Sequence[T], counts: Sequence[int], rng: Random) -> T | None:
    """Draw one item by whole numbers, without rounding; None where all are zero."""
    total = sum(counts)
    point = rng.randrange(total) if total else 0
    for item, count in zip(items, counts, strict=True):
        point -= count
        if point < 0:
            return item
    return None


class ToolPool:
    """Tools with fixed weights."""

    def __init__(self, names: Sequence[str], weights: Mapping[str, float]) -> None:
        """Weights are positive."""
        self.names = tuple(names)
        self._weights = [weights[name] for name in self.names]
        self._sums = list(accumulate(self._weights))

    def draw(self, rng: Random) -> str:
        """One tool by weight. Raises IndexError where there is none."""
        point = rng.random() * self._sums[-1]
        return self.names[min(bisect_right(self._sums, point), len(self.names) - 1)]

    def draw_several(self, rng: Random, most: int) -> Iterator[str]:
        """Up to ``most`` different tools by weight; fewer where few have nearly all the weight."""
        if len(self.names) <= _FEW:
            yield from islice(draw_by_weight(self.names, self._weights, rng), most)
            return
        seen: set[str] = set()
        for _ in range(_PATIENCE * most):
            name = self.draw(rng)
            if name not in seen:
                seen.add(name)
                yield name
            if len(seen) == most:
                return
