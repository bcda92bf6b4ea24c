"""The chains of one seed in order, steered to what was used least; and how evenly they use it.

Chain ``i`` depends on the chains before it and on nothing else: not on which were asked for, nor in
what order. So a stream that is opened anew draws them again up to ``i``, which takes about a
millisecond each. Only a window of the latest is kept.
"""

import heapq
from collections import Counter, OrderedDict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from random import Random
from threading import Lock

from generators.sampling.sampler import Focus, Link, Sampler, Usage, contains, links_in
from schemas.canonical import derive_seed
from schemas.errors import InputError
from schemas.graph import ToolChain
from schemas.record import Record

WINDOW = 2048
"""Chains kept for those who ask again, or a little later than others."""


@dataclass(frozen=True)
class Drawn:
    """A chain of the stream."""

    chain: ToolChain
    focus: Focus | None
    """What it was drawn for and contains; None where nothing can be steered to, or the sampler
    left it for another time."""


class ChainStream:
    """Draws chain after chain, each for a tool or an edge that was used least."""

    def __init__(self, sampler: Sampler, seed: int, window: int = WINDOW) -> None:
        """``window``: how many chains are kept. Draws nothing yet."""
        self._sampler, self._seed, self._window = sampler, seed, window
        self._lock = Lock()
        self._begin()

    def draw(self, index: int) -> Drawn:
        """Chain ``index``, from 0. Raises InputError where no chain can be drawn at all.

        What the sampler raises otherwise is raised for this chain alone.
        """
        with self._lock:
            if index < self._next and index not in self._kept:
                self._begin()
            while self._next <= index:
                try:
                    drawn: Drawn | Exception = self._draw_next()
                except InputError:
                    raise
                except Exception as error:
                    drawn = error
                if isinstance(drawn, Drawn):
                    self._tools.update(step.tool for step in drawn.chain.steps)
                    self._links.update(links_in(drawn.chain))
                self._kept[self._next] = drawn
                self._next += 1
                if len(self._kept) > self._window:
                    self._kept.popitem(last=False)
            found = self._kept[index]
            if isinstance(found, Exception):
                raise found
            return found

    @property
    def unusable(self) -> tuple[Focus, ...]:
        """Tools and edges that no chain can be drawn for, in the order of their discovery.

        Once in a while one comes into a chain all the same, on the way to something else.
        """
        return tuple(self._unusable)

    def _begin(self) -> None:
        self._next = 0
        self._kept: OrderedDict[int, Drawn | Exception] = OrderedDict()
        self._tools: Counter[str] = Counter()
        self._links: Counter[Link] = Counter()
        self._unusable: list[Focus] = []
        wanted: list[Focus] = [*self._sampler.usable, *self._sampler.links]
        Random(derive_seed("focus order", self._seed)).shuffle(wanted)
        self._wanted = wanted
        self._queue: list[tuple[int, int]] = [(0, place) for place in range(len(wanted))]
        """A heap of (times used when last looked at, place)."""

    def _draw_next(self) -> Drawn:
        seed = derive_seed("chain", self._seed, self._next)
        usage = Usage(self._tools, self._links)
        while self._queue:
            counted, place = self._queue[0]
            focus = self._wanted[place]
            used = self._tools[focus] if isinstance(focus, str) else self._links[focus]
            if used != counted:  # since it was looked at last, so another may be used less
                heapq.heapreplace(self._queue, (used, place))
                continue
            try:
                chain = self._sampler.sample(seed, focus, usage)
            except Exception as error:
                self._unusable.append(focus)
                heapq.heappop(self._queue)
                if isinstance(error, InputError):
                    continue
                raise  # a bug costs this chain, and the focus is not tried again
            return Drawn(chain, focus if contains(chain, focus) else None)
        return Drawn(self._sampler.sample(seed, None, usage), None)


class Spread(Record):
    """Uses of one kind of thing: of each tool, or of each edge."""

    usable: int
    used: int
    least: int
    """Uses of the one that was used least."""
    median: int
    most: int
    gini: float
    """0 where all are used alike, towards 1 where few have all the uses."""


class Coverage(Record):
    """What was used by the chains of a run."""

    chains: int
    tools: Spread
    links: Spread
    unusable_tools: tuple[str, ...] = ()
    """Nothing can be drawn for them, so that they count for nothing above."""
    unusable_links: tuple[str, ...] = ()


def measure_coverage(
    chains: Iterable[ToolChain], sampler: Sampler, unusable: Collection[Focus] = ()
) -> Coverage:
    """Count over chains. ``unusable``: what a stream found to be out of reach."""
    uses: Counter[Focus] = Counter()
    count = 0
    for chain in chains:
        count += 1
        uses.update(step.tool for step in chain.steps)
        uses.update(links_in(chain))
    lost = set(unusable)
    return Coverage(
        chains=count,
        tools=_measure_spread([uses[name] for name in sampler.usable if name not in lost]),
        links=_measure_spread([uses[link] for link in sampler.links if link not in lost]),
        unusable_tools=tuple(sorted(name for name in lost if isinstance(name, str))),
        unusable_links=tuple(sorted(str(link) for link in lost if not isinstance(link, str))),
    )


def _measure_spread(uses: Sequence[int]) -> Spread:
    ordered = sorted(uses) or [0]
    return Spread(
        usable=len(uses),
        used=sum(number > 0 for number in ordered),
        least=ordered[0],
        median=ordered[len(ordered) // 2],
        most=ordered[-1],
        gini=round(measure_inequality(ordered), 4),
    )


def measure_inequality(ordered: Sequence[int]) -> float:
    """Gini coefficient of numbers that are sorted and not negative; 0 where all are 0."""
    total, count = sum(ordered), len(ordered)
    if not total:
        return 0.0
    weighted = sum(rank * number for rank, number in enumerate(ordered, 1))
    return 2 * weighted / (count * total) - (count + 1) / count
