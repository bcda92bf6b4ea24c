"""Random order by weight."""

from collections.abc import Iterator, Sequence
from random import Random
from typing import TypeVar

T = TypeVar("T")


def draw_by_weight(items: Sequence[T], weights: Sequence[float], rng: Random) -> Iterator[T]:
    """Yield all items, one after another, each drawn by weight from those that are left.

    Sums and products only, so that the same seed draws the same on any machine.
    """
    left = list(zip(items, weights, strict=True))
    while left:
        point = rng.random() * sum(weight for _, weight in left)
        for place, (item, weight) in enumerate(left):  # noqa: B007
            point -= weight
            if point < 0:
                break
        del left[place]
        yield item
