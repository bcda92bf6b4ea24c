"""Which calls of a chain answer one user message.

A write ends its turn, a new mission begins one, and a turn has at most three calls.
"""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

MOST_CALLS = 3
"""Calls of one turn."""
MOST_TURNS = 4
"""User turns of one chain, unless it is longer than eight calls."""
_CUT = 0.5

Turns = tuple[tuple[int, ...], ...]


def fewest_turns(writes: Sequence[bool], missions: Sequence[int]) -> int:
    """How many turns the calls need at the least. ``writes``, ``missions``: one entry a call."""
    return sum(-(-length // MOST_CALLS) for length in _count_stretches(writes, missions))


def group_turns(writes: Sequence[bool], missions: Sequence[int], most: int, rng: Random) -> Turns:
    """Cut the calls into at most ``most`` turns where that is possible.

    The reads that lead to a write are left in its turn, for the assistant to find out, or are
    asked for before it.
    """
    cuts: set[int] = set()
    free: list[int] = []
    start = 0
    for length in _count_stretches(writes, missions):
        end = start + length
        needed = set(range(end - MOST_CALLS, start, -MOST_CALLS)) | {start}
        cuts |= needed
        free += [place for place in range(start + 1, end) if place not in needed]
        start = end
    rng.shuffle(free)
    for place in free:
        if len(cuts) < most and rng.random() < _CUT:
            cuts.add(place)
    edges = [*sorted(cuts), len(writes)]
    return tuple(tuple(range(a, b)) for a, b in pairwise(edges))


def _count_stretches(writes: Sequence[bool], missions: Sequence[int]) -> list[int]:
    """Lengths of the runs of calls that may share a turn."""
    lengths: list[int] = []
    for place, mission in enumerate(missions):
        if place == 0 or writes[place - 1] or missions[place - 1] != mission:
            lengths.append(0)
        lengths[-1] += 1
    return lengths
