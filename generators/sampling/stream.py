"""The chains of one seed, each for a tool or an edge; and how evenly they use it.

Chain ``i`` depends on the seed and on ``i`` alone, and takes as long as any other. Tools and edges
come in blocks: each has its turn once in a block, in an order that is shuffled anew for each.
"""

from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import NamedTuple

from generators.sampling.sampler import Focus, Sampler, contains, links_in
from schemas.canonical import derive_seed
from schemas.errors import InputError
from schemas.graph import ToolChain
from schemas.record import Record

WINDOW = 2048
"""Chains kept for those who ask again, or a little later than others."""
_BLOCKS = 4
"""Orders of blocks that are kept."""


@dataclass(frozen=True)
class Drawn:
    """A chain of the stream."""

    chain: ToolChain
    focus: Focus | None
    """What it was drawn for and contains; None where nothing can be steered to, or the sampler
    left it for another time."""


class Turn(NamedTuple):
    """When something is drawn for among others of its kind: tools and edges of its domain."""

    kind: str
    block: int
    place: int
    """How many of its kind come before it in the block."""


class ChainStream:
    """Draws a chain by its number, each tool and each edge as often as the others."""

    def __init__(self, sampler: Sampler, seed: int, window: int = WINDOW) -> None:
        """``window``: how many chains are kept. Draws nothing yet."""
        self._sampler, self._seed, self._window = sampler, seed, window
        self._lock = Lock()
        self._wanted: list[Focus] = [*sampler.usable, *sampler.links]
        self._kept: OrderedDict[int, Drawn | Exception] = OrderedDict()
        self._orders: OrderedDict[int, list[Focus]] = OrderedDict()
        self._unusable: dict[Focus, None] = {}

    def draw(self, index: int) -> Drawn:
        """Chain ``index``, from 0. Raises InputError where no chain can be drawn at all.

        What the sampler raises otherwise is raised for this chain alone.
        """
        with self._lock:
            if index not in self._kept:
                try:
                    drawn: Drawn | Exception = self._draw(index)
                except InputError:
                    raise
                except Exception as error:
                    drawn = error
                self._kept[index] = drawn
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

    def _draw(self, index: int) -> Drawn:
        seed = derive_seed("chain", self._seed, index)
        for focus in self._list_foci(index):
            try:
                chain = self._sampler.sample(seed, focus)
            except InputError:
                self._unusable.setdefault(focus)
                continue
            return Drawn(chain, focus if contains(chain, focus) else None)
        return Drawn(self._sampler.sample(seed, None), None)

    def find_turn(self, index: int, kind_of: Callable[[str], str]) -> Turn:
        """The turn of chain ``index``. ``kind_of``: a tool's."""
        if not self._wanted:
            return Turn("", 0, index)
        block, place = divmod(index, len(self._wanted))
        with self._lock:
            order = self._order(block)
        tools = (
            focus if isinstance(focus, str) else focus.consumer for focus in order[: place + 1]
        )
        *before, kind = map(kind_of, tools)
        return Turn(kind, block, before.count(kind))

    def _list_foci(self, index: int) -> Iterator[Focus]:
        """The tool or edge whose turn it is, and those after it for where it is out of reach."""
        if self._wanted:
            block, place = divmod(index, len(self._wanted))
            order = self._order(block)
            yield from order[place:]
            yield from order[:place]

    def _order(self, block: int) -> list[Focus]:
        if block not in self._orders:
            order = list(self._wanted)
            Random(derive_seed("focus order", self._seed, block)).shuffle(order)
            self._orders[block] = order
            if len(self._orders) > _BLOCKS:
                self._orders.popitem(last=False)
        return self._orders[block]


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
