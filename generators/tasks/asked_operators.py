"""Which operators a candidate is to have, where somebody asks for a share of the tasks."""

from collections.abc import Mapping
from random import Random

from generators.tasks.plan import Mix
from schemas.canonical import derive_seed

_BLOCK = 20
"""Candidates of which so many have an operator as its share says."""


def ask_operators(
    mix: Mix, usual: Mix, operators: Mapping[str, object], seed: int, index: int
) -> tuple[Mix, frozenset[str]]:
    """The mix of one candidate, and the operators that it must have if its tools allow it.

    Those of which a share is asked for, other than the ``usual`` one, are tried in so many of each
    block of candidates, and in no others; all else is tried as the mix says.
    """
    own, asked = dict(mix), set[str]()
    block, place = divmod(index, _BLOCK)
    for name in operators:
        if mix[name] in (usual[name], 0.0):
            continue
        rng = Random(derive_seed("asked", seed, name, block))
        order = rng.sample(range(_BLOCK), _BLOCK)
        count = int(mix[name] * _BLOCK + rng.random())
        chosen = place in order[:count]
        own[name] = float(chosen)
        asked |= {name} if chosen else set()
    return own, frozenset(asked)
