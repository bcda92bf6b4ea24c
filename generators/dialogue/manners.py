"""Users who do not make it easy: which manner one has, drawn by seed.

What each manner is, ``manner.j2`` tells whoever plays the user, and whoever judges them.
"""

from collections.abc import Mapping
from random import Random

from schemas.brief import Manner
from schemas.canonical import derive_seed


def draw_manner(shares: Mapping[Manner, float], seed: int, index: int) -> Manner | None:
    """The manner of candidate ``index``: each one in its share of all, none in what is left."""
    drawn, upto = Random(derive_seed("manner", seed, index)).random(), 0.0
    for manner in sorted(shares):
        upto += shares[manner]
        if drawn < upto:
            return manner
    return None
