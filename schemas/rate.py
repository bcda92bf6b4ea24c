"""A share that was counted, and how sure one can be of it."""

from math import sqrt

from schemas.record import Record

_Z = 1.959964
"""Of a normal distribution: 95 % lie within."""


class Rate(Record):
    """So many of so many, and where the true share lies with 95 % confidence (Wilson)."""

    hits: int = 0
    of: int = 0

    @property
    def share(self) -> float:
        """The share that was counted; 0 where nothing was."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound; everything where nothing was counted."""
        if not self.of:
            return 0.0, 1.0
        share, n = self.hits / self.of, self.of
        middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    def count(self, *, hit: bool) -> "Rate":
        """With one more."""
        return Rate(hits=self.hits + hit, of=self.of + 1)
