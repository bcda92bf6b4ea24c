"""What all samplers stand on: the tools that can be called, and how a chain begins and grows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, repeat
from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.drafting import Draft, Drafter
from generators.sampling.pools import Pool
from generators.sampling.sampler import Focus, Link, link_of
from generators.sampling.sense import sensible
from generators.sampling.supply import find_supply, gives
from generators.sampling.turns import MOST_TURNS, fewest_turns, group_turns
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.errors import InputError
from schemas.graph import Edge, ToolChain

_FIXED_TRIES = 6
"""Before an edge is given up, with seeds that are the same for everybody."""

_ROOTS = 8
"""Tools that are drawn before the first that can be called at all is taken."""

Accepts = Callable[[Draft], bool]


@dataclass(frozen=True)
class Ground:
    """A world and its graph, made ready for one sampler."""

    world: World
    graph: ToolGraph
    drafter: Drafter
    most_calls: int
    most_turns: int | None = None
    """None: as many as the calls ask for."""

    @cached_property
    def weights(self) -> dict[str, float]:
        """Hubs, which others need often anyway, weigh less."""
        return {name: 1 / load for name, load in self.drafter.supply.loads.items()}

    @cached_property
    def usable(self) -> tuple[str, ...]:
        """Tools that can be called within the bounds, sorted."""
        lengths = self.drafter.supply.lengths
        return tuple(name for name in lengths if lengths[name] <= self.most_calls)

    @cached_property
    def known(self) -> frozenset[str]:
        """The usable ones, for looking up."""
        return frozenset(self.usable)

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """Edges between different usable tools, if the later call makes sense after the former."""
        return tuple(link_of(e) for e in self.graph.edges if self._may_follow(e))

    @cached_property
    def everything(self) -> Pool:
        """All usable tools."""
        return Pool(self.usable, self.weights)

    @cached_property
    def domains(self) -> dict[str, Pool]:
        """Domain → its usable tools."""
        members: dict[str, list[str]] = {}
        for name in self.usable:
            members.setdefault(self.domain(name), []).append(name)
        return {name: Pool(members[name], self.weights) for name in sorted(members)}

    def domain(self, tool: str) -> str:
        """The domain of a tool."""
        return self.world.models[tool].tool.domain

    def add(
        self,
        draft: Draft,
        tool: str,
        mission: int,
        rng: Random,
        edge: tuple[int, Edge] | None = None,
    ) -> Draft | None:
        """Add a call and what it needs, within the bounds of calls and turns."""
        via, given = edge if edge else (None, None)
        longer = self.drafter.add(draft, tool, mission, rng, via, given)
        return longer if longer is not None and self.fits(longer) else None

    def follow(self, draft: Draft, tool: str, mission: int, rng: Random, via: int) -> Draft | None:
        """Add a call that takes what it can from the step ``via``."""
        longer = self.drafter.add(draft, tool, mission, rng, via)
        return longer if longer is not None and self.fits(longer) else None

    def fits(self, draft: Draft) -> bool:
        """Whether there are neither too many calls nor, cut as they must be, too many turns."""
        if len(draft.steps) > self.most_calls:
            return False
        turns = fewest_turns(self.writes(draft), draft.missions)
        return self.most_turns is None or turns <= self.most_turns

    def writes(self, draft: Draft) -> list[bool]:
        """Which of the calls change something."""
        return [self.world.models[step.tool].writes for step in draft.steps]

    def cut(self, draft: Draft, rng: Random, policy: str, seed: int) -> ToolChain:
        """Cut a draft into turns."""
        most = self.most_turns or MOST_TURNS
        turns = group_turns(self.writes(draft), draft.missions, most, rng)
        return ToolChain(steps=draft.steps, turns=turns, policy=policy, seed=seed)

    def begin(
        self, focus: Focus, rng: Random, accepts: Accepts = lambda _: True, tries: int = 8
    ) -> Draft:
        """Draft the focus and what it needs. Raises InputError where that cannot be done.

        The same answer for every ``rng``, but for an edge that one in many attempts can use.
        """
        draft = self._begun(focus, rng, accepts, tries)
        if draft is None:
            raise out_of_reach(focus, self.most_calls)
        return draft

    def start(self, focus: Focus | None, root: Callable[[], str], rng: Random) -> Draft:
        """Draft the focus or, without one, a tool that ``root`` draws, or else any that can be."""
        if focus is not None:
            return self.begin(focus, rng)
        drawn = (root() for _ in range(_ROOTS))
        for tool in chain(drawn, self.usable):
            draft = self._begun(tool, rng, lambda _: True, tries=1)
            if draft is not None:
                return draft
        raise InputError(f"no tool can be called within {self.most_calls} calls")

    def _begun(self, focus: Focus, rng: Random, accepts: Accepts, tries: int) -> Draft | None:
        fixed = (Random(derive_seed("focus", focus, n)) for n in range(_FIXED_TRIES))
        for own in chain(repeat(rng, tries), fixed):
            draft = self._opening(focus, own)
            if draft is not None and accepts(draft):
                return draft
        return None

    def _opening(self, focus: Focus, rng: Random) -> Draft | None:
        if isinstance(focus, str):
            return self.add(Draft(), focus, 0, rng) if focus in self.known else None
        edge = self.edge(focus)
        if edge is None or not {focus.producer, focus.consumer} <= self.known:
            return None
        draft = self.add(Draft(), focus.producer, 0, rng)
        if draft is None:
            return None
        return self.add(draft, focus.consumer, 0, rng, (len(draft.steps) - 1, edge))

    def edge(self, link: Link) -> Edge | None:
        """The edge of a link, if the graph has it."""
        edges = self.graph.feeding(link.consumer, link.parameter)
        return next((edge for edge in edges if link_of(edge) == link), None)

    def missing(self, called: Sequence[str], tool: str) -> Iterator[tuple[str, ...]]:
        """For each value that must come from a result, and can from none so far: its sources.

        Where nothing comes, a call is legal (FunReason-MT: all prerequisites were called).
        """
        for parameter in self.world.models[tool].parameters:
            edges = self.drafter.supply.sources.get((tool, parameter.path), ())
            if not edges:
                continue
            givers = (*edges, *self.graph.feeding(tool, parameter.path))
            if not any(e.producer in called for e in givers if gives(e)):
                yield tuple(dict.fromkeys(edge.producer for edge in edges))

    def legal(self, called: Sequence[str], tool: str) -> bool:
        """Whether all prerequisites of a tool were called."""
        return not any(True for _ in self.missing(called, tool))

    def _may_follow(self, edge: Edge) -> bool:
        if edge.producer == edge.consumer or not {edge.producer, edge.consumer} <= self.known:
            return False
        models = self.world.models
        return sensible([models[edge.producer]], models[edge.consumer])


def prepare(
    world: World,
    graph: ToolGraph,
    *,
    most_calls: int,
    visit_cap: int,
    most_turns: int | None = None,
) -> Ground:
    """Find out what each tool needs. Raises InputError where no tool can be called."""
    drafter = Drafter(world, graph, find_supply(world, graph), visit_cap)
    ground = Ground(world, graph, drafter, most_calls, most_turns)
    if not ground.usable:
        raise InputError(f"no tool can be called within {most_calls} calls")
    return ground


def out_of_reach(focus: Focus, calls: int) -> InputError:
    """The error for a focus that no chain can contain."""
    return InputError(f"cannot be called within {calls} calls", tool=str(focus))
