"""Random order by weight."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def draw_by_weight(items: Sequence[T], weights: Sequence[float], rng: Random) -> Iterator[T]:
    """Yield all items, one after another, each drawn by weight from those that are left.

    Sums and products only, so that the same seed draws the same on any machine.
    """
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
