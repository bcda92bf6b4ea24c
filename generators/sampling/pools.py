"""Drawing by weight from thousands of tools without looking at each of them."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from random import Random

from generators.sampling.draw import draw_by_weight

_FEW = 48
"""So many are drawn one by one from those that are left; of more, doubles are thrown away."""
_PATIENCE = 4


class Pool:
    """Tools and their weights, which are fixed."""

    def __init__(self, names: Sequence[str], weights: Mapping[str, float]) -> None:
        """Weights are positive."""
        self.names = tuple(names)
        self._weights = [weights[name] for name in self.names]
        self._sums = list(accumulate(self._weights))

    def draw(self, rng: Random) -> str:
        """One tool by weight. Raises IndexError where there is none."""
        point = rng.random() * self._sums[-1]
        return self.names[min(bisect_right(self._sums, point), len(self.names) - 1)]

    def draws(self, rng: Random, most: int) -> Iterator[str]:
        """Up to ``most`` different tools by weight; fewer where few have nearly all the weight."""
        if len(self.names) <= _FEW:
            for _, name in zip(
                range(most), draw_by_weight(self.names, self._weights, rng), strict=False
            ):
                yield name
            return
        seen: set[str] = set()
        for _ in range(_PATIENCE * most):
            name = self.draw(rng)
            if name not in seen:
                seen.add(name)
                yield name
            if len(seen) == most:
                return
