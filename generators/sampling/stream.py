"""The chains of one seed, each for a tool or an edge.

Chain ``i`` depends on the seed and on ``i`` alone, and takes as long as any other. Tools and edges
come in blocks: each has its turn once in a block, or more often where it weighs more, in an order
that is shuffled anew for each.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random
from threading import Lock
from typing import NamedTuple

from generators.sampling.sampler import Focus, Sampler, find_focus, tools_of
from schemas.canonical import derive_seed
from schemas.errors import InputError
from schemas.graph import ToolChain

WINDOW = 64
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
    size: int = 0
    """How many of its kind a block has."""

    @property
    def number(self) -> int:
        """How many of its kind come before it."""
        return self.block * self.size + self.place


class ChainStream:
    """Draws a chain by its number, each tool and each edge as often as the others."""

    def __init__(
        self, sampler: Sampler, seed: int, window: int = WINDOW,
        turns: Callable[[Focus], int] = lambda _: 1, kind_of: Callable[[str], str] = lambda _: "",
    ) -> None:  # fmt: skip
        """``window``: how many chains are kept. ``turns``: how many turns one has in a block.

        ``kind_of``: a tool's kind, its domain. Draws nothing yet.
        """
        self._sampler, self._seed, self._window = sampler, seed, window
        self._lock = Lock()
        foci: list[Focus] = [*sampler.usable, *sampler.links]
        self._wanted = [focus for focus in foci for _ in range(turns(focus))]
        self._kinds = {focus: kind_of(tools_of(focus)[-1]) for focus in foci}
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
        for focus in self._find_foci(index):
            try:
                chain = self._sampler.sample(seed, focus)
            except InputError:
                self._unusable.setdefault(focus)
                continue
            return Drawn(chain, None if find_focus(chain, focus) is None else focus)
        return Drawn(self._sampler.sample(seed, None), None)

    def _find_foci(self, index: int) -> Iterator[Focus]:
        """The tool or edge whose turn it is, and those after it for where it is out of reach.

        Those of its kind come first: in the world of its turn, others would have all rows made for
        them alone.
        """
        if self._wanted:
            block, place = divmod(index, len(self._wanted))
            order = self._order(block)
            foci, kind = [*order[place:], *order[:place]], self._kinds[order[place]]
            for near in (True, False):
                yield from (one for one in foci if (self._kinds[one] == kind) is near)

    def find_turn(self, index: int) -> Turn:
        """The turn of chain ``index``."""
        if not self._wanted:
            return Turn("", 0, index)
        block, place = divmod(index, len(self._wanted))
        with self._lock:
            kinds = [self._kinds[focus] for focus in self._order(block)]
        kind = kinds[place]
        return Turn(kind, block, kinds[:place].count(kind), kinds.count(kind))

    def _order(self, block: int) -> list[Focus]:
        if block not in self._orders:
            order = list(self._wanted)
            Random(derive_seed("focus order", self._seed, block)).shuffle(order)
            self._orders[block] = order
            if len(self._orders) > _BLOCKS:
                self._orders.popitem(last=False)
        return self._orders[block]
