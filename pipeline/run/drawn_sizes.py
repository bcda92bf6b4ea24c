"""How large candidates are that nobody has played yet: what an estimate of their cost goes by.

What a conversation costs follows its calls and wishes, which stand in its task. So ten of them tell
the cost of many as soon as it is known how large those are beside the ten: of some, spread over
the stream, the tasks are drawn by a process of their own, while the first ones are played.
"""

import asyncio
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import fmean, stdev
from typing import NamedTuple

from pipeline.files import replace_file
from pipeline.run.forking import fork_for

DRAWN = "drawn.json"
ENOUGH, _SPREAD = 10, 30
"""Candidates whose size is drawn: those from which it is told what others cost, and others."""
_FAR = 200
"""Candidates over which the others are spread at least."""
_LONGEST = 120
"""Seconds for which it is waited for in the end."""
_PATIENT = 10
"""By so much the drawing gives way to those who play."""


class Sizes(NamedTuple):
    """Sizes that were drawn."""

    first: Mapping[int, int]
    """Candidate → size."""
    mean: float
    """Of those that are spread over the stream …"""
    error: float
    """… and its standard error."""


@contextmanager
def drawing(folder: Path, n: int, size_of: Callable[[int], int]) -> Iterator[Callable[[], bool]]:
    """Have sizes drawn and written down by another process meanwhile; tells whether it works yet.

    It ends with the context, whether it is done or not.
    """
    spread = range(0, max(n, _FAR), max(n, _FAR) // _SPREAD)

    def draw(_: Connection) -> None:
        os.nice(_PATIENT)
        told = {
            key: {index: size_of(index) for index in indexes}
            for key, indexes in (("first", range(ENOUGH)), ("spread", spread))
        }
        replace_file(folder / DRAWN, json.dumps(told) + "\n")

    worker = fork_for(draw)
    try:
        yield lambda: not worker.pipe.poll()
    finally:
        worker.end()


async def await_drawing(draws: Callable[[], bool], hurried: Callable[[], bool]) -> None:
    """Wait for sizes that are still drawn, unless ``hurried``, and not for ever."""
    with suppress(TimeoutError):
        async with asyncio.timeout(_LONGEST):
            while draws() and not hurried():
                await asyncio.sleep(0.02)


def read_sizes(folder: Path) -> Sizes | None:
    """The sizes that were drawn for a folder; None where none were, or something changed them."""
    with suppress(OSError, ValueError, LookupError, AttributeError, TypeError):
        told = json.loads((folder / DRAWN).read_text())
        first = {int(index): int(size) for index, size in told["first"].items()}
        spread = [int(size) for size in told["spread"].values()]
        if spread[1:] and sum(first.values()):
            return Sizes(first, fmean(spread), stdev(spread) / len(spread) ** 0.5)
    return None
