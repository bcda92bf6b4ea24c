"""What all samplers share: the tools that can be called, and how a chain begins, grows and ends.

A sampler is a subclass with a ``policy``, ``settings`` and ``draw``, named in
`generators.sampling`. What a call needs is known in `generators.sampling.chain_growth`.
Calls share a user turn: a write ends its turn, a new mission begins one, and a turn has at most
three calls.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, pairwise, repeat
from random import Random
from typing import Any, ClassVar

from generators.graph.tool_graph import ToolGraph
from generators.sampling.answers import is_no_look_up
from generators.sampling.chain_growth import Call, ChainGrower, GrowingChain, may_follow
from generators.sampling.sampler import Focus, Link, link_of
from generators.sampling.value_sources import brings_value, find_value_sources
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.errors import InputError
from schemas.graph import Edge, ToolChain

MOST_CALLS = 3
"""Calls of one turn."""
MOST_TURNS = 4
"""User turns of one chain, unless it is longer than eight calls."""
_CUT = 0.5
_FIXED_TRIES = 6
"""Before a focus is given up, with seeds that are the same for everybody."""
_ROOTS = 8
"""Tools that are drawn before the first that can be called at all is taken."""


@dataclass(frozen=True)
class SamplerSettings:
    """The bounds of a sampler's chains; each sampler has its own."""

    min_calls: int
    """Fewer only where no call is left that makes sense."""
    max_calls: int
    visit_cap: int = 1
    """How often one tool may be called."""


class ChainSampler(ABC):
    """A world and its graph, made ready for one way of drawing chains."""

    policy: ClassVar[str]
    """Its name, which each of its chains bears."""
    seed_name: ClassVar[str] = ""
    """What its seeds are derived from, where that is not the policy."""
    settings: SamplerSettings
    most_turns: int | None = None
    """User turns of a chain; None: as many as the calls ask for."""

    def __init__(self, world: World, graph: ToolGraph, **changes: Any) -> None:
        """``changes``: of the settings. Raises InputError where no tool can be called."""
        self.settings = replace(type(self).settings, **changes)
        self.world, self.graph = world, graph
        self.sources = find_value_sources(world, graph)
        self._grower = ChainGrower(world, graph, self.sources, self.settings.visit_cap)
        lengths = self.sources.lengths
        callable_tools = tuple(n for n in lengths if lengths[n] <= self.settings.max_calls)
        if not callable_tools:
            raise InputError(f"no tool can be called within {self.settings.max_calls} calls")
        self.known: frozenset[str] = frozenset(callable_tools)
        """The tools that can be called within the bounds."""
        self.usable: tuple[str, ...] = callable_tools
        """Those of them that its chains may contain."""
        self.links: tuple[Link, ...] = tuple(
            link_of(edge)
            for edge in graph.edges
            if edge.producer != edge.consumer
            and {edge.producer, edge.consumer} <= self.known
            and may_follow([world.models[edge.producer]], world.models[edge.consumer])
        )
        """Edges between them that its chains may follow."""

    @abstractmethod
    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain | None:
        """Draw the calls of a chain that contains the focus; None where there is none."""

    def sample(self, seed: int, focus: Focus | None = None) -> ToolChain:
        """Draw the chain of a seed, and cut it into turns. Raises InputError; see `Sampler`."""
        rng = Random(derive_seed(self.seed_name or self.policy, seed, focus))
        drawn = self.draw(rng, focus)
        if drawn is None:
            raise self._out_of_reach(focus or "")
        return self.cut(drawn, rng, seed)

    def cut(self, drawn: GrowingChain, rng: Random, seed: int) -> ToolChain:
        """Cut a chain into as many turns as it may have, where that is possible.

        The reads that lead to a write are left in its turn, for the assistant to find out, or are
        asked for before it.
        """
        cuts: set[int] = set()
        free: list[int] = []
        start = 0
        for length in self._measure_stretches(drawn):
            end = start + length
            needed = {start}
            inner = range(start + 1, end)
            asked = [place for place in inner if self.may_ask(drawn.tools[place - 1])]
            # What looks nothing up for others is always asked for by itself.
            leads = [(place, self.world.models[drawn.tools[place - 1]]) for place in asked]
            needed |= {place for place, model in leads if is_no_look_up(self.world, model)}
            for place in range(end - MOST_CALLS, start, -MOST_CALLS):
                needed.add(next((other for other in asked if other >= place), place))
            cuts |= needed
            free += [place for place in asked if place not in needed]
            start = end
        rng.shuffle(free)
        for place in free:
            if len(cuts) < (self.most_turns or MOST_TURNS) and rng.random() < _CUT:
                cuts.add(place)
        ends = pairwise([*sorted(cuts), len(drawn.steps)])
        turns = tuple(tuple(range(first, end)) for first, end in ends)
        return ToolChain(steps=drawn.steps, turns=turns, policy=self.policy, seed=seed)

    def may_ask(self, tool: str) -> bool:
        """Whether a user may ask for a tool's work by itself, and not only for what it leads to."""
        return tool in self.known

    def _measure_stretches(self, drawn: GrowingChain) -> list[int]:
        """Lengths of the runs of calls that may share a turn."""
        lengths: list[int] = []
        last = -1
        for tool, mission in zip(drawn.tools, drawn.missions, strict=True):
            if mission != last:
                lengths.append(0)
            lengths[-1] += 1
            last = -1 if self.world.models[tool].writes else mission
        return lengths

    def domain(self, tool: str) -> str:
        """The domain of a tool."""
        return self.world.models[tool].tool.domain

    @cached_property
    def domains(self) -> dict[str, list[str]]:
        """Domain → its usable tools."""
        members: dict[str, list[str]] = {}
        for name in self.usable:
            members.setdefault(self.domain(name), []).append(name)
        return members

    def add(self, drawn: GrowingChain, call: Call, rng: Random) -> GrowingChain | None:
        """Add a call and what it needs, within the bounds of calls and turns."""
        longer = self._grower.add(drawn, call, rng)
        if longer is None or len(longer.steps) > self.settings.max_calls:
            return None
        if self.most_turns is not None and len(longer.steps) > self.most_turns:
            turns = sum(-(-length // MOST_CALLS) for length in self._measure_stretches(longer))
            return longer if turns <= self.most_turns else None
        return longer

    def add_first(
        self, drawn: GrowingChain, calls: Iterable[Call], rng: Random, most: int | None = None
    ) -> GrowingChain | None:
        """Add the first call that can be, with at most ``most`` calls then; None if none can."""
        for call in calls:
            longer = self.add(drawn, call, rng)
            if longer is not None and (most is None or len(longer.steps) <= most):
                return longer
        return None

    def grow(
        self,
        drawn: GrowingChain,
        length: int,
        options: Callable[[GrowingChain], Iterable[Call]],
        rng: Random,
        most: int | None = None,
    ) -> GrowingChain:
        """Add the first of the ``options`` that can be, until there are ``length`` calls."""
        while len(drawn.steps) < length:
            longer = self.add_first(drawn, options(drawn), rng, most)
            if longer is None:
                break
            drawn = longer
        return drawn

    def begin(self, focus: Focus | None, root: Callable[[], str], rng: Random) -> GrowingChain:
        """Draft the focus or, without one, a tool that ``root`` draws, or else any that can be.

        Raises InputError where that cannot be done: the same answer for every ``rng``, but for an
        edge that one in many attempts can use.
        """
        drafts: Iterable[Focus] = (focus,) if focus is not None else ()
        for wanted in drafts or chain((root() for _ in range(_ROOTS)), self.usable):
            tools = (wanted,) if isinstance(wanted, str) else (wanted.producer, wanted.consumer)
            edge = None if isinstance(wanted, str) else self.edge_of(wanted)
            if not self.known.issuperset(tools) or (edge is None and len(tools) > 1):
                continue
            fixed = [derive_seed("focus", wanted, n) for n in range(_FIXED_TRIES)]
            for own in chain(repeat(rng, 1 if focus is None else 8), map(Random, fixed)):
                drawn = self.add(GrowingChain(), Call(tools[0], 0), own)
                if drawn is not None and edge is not None:
                    call = Call(edge.consumer, 0, len(drawn.steps) - 1, edge)
                    drawn = self.add(drawn, call, own)
                if drawn is not None:
                    return drawn
        if focus is not None:
            raise self._out_of_reach(focus)
        raise InputError(f"no tool can be called within {self.settings.max_calls} calls")

    def edge_of(self, link: Link) -> Edge | None:
        """The edge of a link, if the graph has it."""
        edges = self.graph.feeding(link.consumer, link.parameter)
        return next((edge for edge in edges if link_of(edge) == link), None)

    def list_missing(self, called: Sequence[str], tool: str) -> Iterator[tuple[str, ...]]:
        """For each value that must come from a result, and can from none so far: its sources.

        Where nothing is missing, a call is legal (FunReason-MT: all prerequisites were called).
        """
        for parameter in self.world.models[tool].parameters:
            edges = self.sources.edges.get((tool, parameter.path), ())
            if not edges:
                continue
            givers = (*edges, *self.graph.feeding(tool, parameter.path))
            if not any(e.producer in called for e in givers if brings_value(e)):
                yield tuple(dict.fromkeys(edge.producer for edge in edges))

    def is_legal(self, called: Sequence[str], tool: str) -> bool:
        """Whether all prerequisites of a tool were called."""
        return next(self.list_missing(called, tool), None) is None

    def _out_of_reach(self, focus: Focus) -> InputError:
        calls = self.settings.max_calls
        return InputError(f"cannot be called within {calls} calls", tool=str(focus))
