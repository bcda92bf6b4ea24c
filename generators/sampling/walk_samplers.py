"""Samplers that walk along edges: missions, and the walks as they were published."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from random import Random
from typing import Any

from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_growth import Call, GrowingChain
from generators.sampling.chain_sampler import MOST_TURNS, ChainSampler, SamplerSettings
from generators.sampling.sampler import Focus, Link
from generators.sampling.weighted_draw import ToolPool, draw_by_weight
from generators.world.model import ToolModel, World
from schemas.graph import ChainStep

_RESTART = 0.2
"""Probability of a new mission while the present one could go on …"""
_REST = 0.75
"""… and after a write, which is a mission's natural end."""
_STAY = 0.85
"""Probability that a new mission is in the same domain."""
_TOOLS_TRIED = 8
_RECENT = 2.0
"""How much more readily the walk goes on from its last call than from those before."""


class RandomWalkSampler(ChainSampler):
    """The default of walks: missions under a visit cap, balanced over the tools.

    After ToolMind (arXiv 2511.15718), which walks 5 to 20 single calls. Here each mission follows
    edges from a tool to what its result can serve, often ends with a write, and gives way to
    another. Hubs are held down by weights that are fixed in advance.
    """

    policy = "random_walk"
    seed_name = "walk"
    settings = SamplerSettings(min_calls=3, max_calls=8, visit_cap=2)

    def __init__(self, world: World, graph: ToolGraph, **changes: Any) -> None:
        """``changes``: of the settings."""
        super().__init__(world, graph, **changes)
        self.most_turns = max(MOST_TURNS, self.settings.max_calls // 2)  # the longer, the more
        loads = self.sources.loads
        weights = {name: 1 / loads[name] for name in loads}  # hubs, which others need often anyway
        self._everything = ToolPool(self.usable, weights)
        self._pools = {name: ToolPool(tools, weights) for name, tools in self.domains.items()}
        self._pulls: dict[str, dict[str, float]] = {}
        """Tool → tool to which an edge leads that can be called → the weight of the best one."""
        for edge in graph.edges:
            if edge.consumer in self.known:
                pulls = self._pulls.setdefault(edge.producer, {})
                pull = edge.score**2 * weights[edge.consumer]
                pulls[edge.consumer] = max(pulls.get(edge.consumer, 0.0), pull)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain:
        """Begin with the focus, and go on with its mission and others."""
        drawn = self.begin(focus, lambda: self._everything.draw(rng), rng)
        length = rng.randint(self.settings.min_calls, self.settings.max_calls)
        return self.grow(drawn, length, lambda shorter: self._walk_on(shorter, rng), rng)

    def _walk_on(self, drawn: GrowingChain, rng: Random) -> Iterator[Call]:
        """Go on with the mission, begin another or, lest the chain be too short, call anything."""
        ended = self.world.models[drawn.tools[-1]].writes
        steps = [self._follow_edge, self._begin_mission]
        if rng.random() < (_REST if ended else _RESTART):
            steps.reverse()
        for step in steps:
            yield from step(drawn, rng)
        if len(drawn.steps) < self.settings.min_calls:
            start = rng.randrange(len(self.usable))
            for mission in (drawn.missions[-1] + 1, drawn.missions[-1]):
                for tool in (*self.usable[start:], *self.usable[:start]):
                    yield Call(tool, mission)

    def _follow_edge(self, drawn: GrowingChain, rng: Random) -> Iterator[Call]:
        """Take an edge from one of the mission's calls."""
        mission, last = drawn.missions[-1], len(drawn.steps) - 1
        options: list[tuple[str, int]] = []
        loads: list[float] = []
        for place in range(drawn.missions.index(mission), last + 1):
            pulls = self._pulls.get(drawn.tools[place], {})
            options += [(tool, place) for tool in pulls]
            loads += (
                [_RECENT * pull for pull in pulls.values()] if place == last else pulls.values()
            )
        for tool, place in islice(draw_by_weight(options, loads, rng), _TOOLS_TRIED):
            yield Call(tool, mission, place)

    def _begin_mission(self, drawn: GrowingChain, rng: Random) -> Iterator[Call]:
        """Call a tool that follows from nothing."""
        stays = rng.random() < _STAY
        near = self._pools.get(self.domain(drawn.tools[-1]))
        pool = near if stays and near is not None else self._everything
        for tool in pool.draw_several(rng, _TOOLS_TRIED):
            yield Call(tool, drawn.missions[-1] + 1)


_TRIES = 24
MANY_PARAMETERS = 3


class UniformWalkSampler(ChainSampler):
    """ToolMind's walk (arXiv 2511.15718): uniform over the edges that leave the last call.

    The length is drawn from U{5..20}. What the call at the end of an edge needs besides is put
    before it; where no edge leads on, the walk begins anew at any tool.
    """

    policy = "uniform_walk"
    settings = SamplerSettings(min_calls=5, max_calls=20, visit_cap=2)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain:
        """Walk from the focus, or from a tool that the seed chooses."""
        drawn = self.begin(focus, lambda: rng.choice(self.usable), rng)
        length = rng.randint(self.settings.min_calls, self.settings.max_calls)
        return self.grow(drawn, length, lambda shorter: self._walk_on(shorter, rng), rng, length)

    def _walk_on(self, drawn: GrowingChain, rng: Random) -> Iterator[Call]:
        """Follow an edge or begin anew; after some attempts in vain, at whatever tool is left."""
        place, mission = len(drawn.steps) - 1, drawn.missions[-1]
        edges = list(self.graph.leaving(drawn.tools[place]))
        rng.shuffle(edges)
        for edge in edges:
            if edge.consumer in self.known:
                yield Call(edge.consumer, mission, place, edge)
        some = [rng.choice(self.usable) for _ in range(_TRIES)]
        for tool in (*some, *(self.usable if place + 1 < self.settings.min_calls else ())):
            yield Call(tool, mission + 1)


class UsageBalancedSampler(ChainSampler):
    """UniToolCall's draw (arXiv 2604.11557): tools ∝ 1/usage in a locked domain, 2–5 calls.

    The domain is that of the first tool, which is drawn from all by the same weights. What a tool
    needs is called before it, and counts. The original counts the calls of all chains before; here
    usage is how often others will need a tool, so that a chain depends on its seed alone.
    """

    policy = "usage_balanced"
    settings = SamplerSettings(min_calls=2, max_calls=5)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain:
        """Begin with the focus; then call, sooner than others, what few others need."""
        weights = {name: 1 / self.sources.loads[name] for name in self.usable}
        loads = list(weights.values())
        drawn = self.begin(focus, lambda: rng.choices(self.usable, loads)[0], rng)
        domain = self.domain(drawn.tools[-1])
        length = rng.randint(self.settings.min_calls, self.settings.max_calls)
        members = self.domains[domain]
        others = draw_by_weight(members, [weights[name] for name in members], rng)
        for tool in islice(others, _TRIES):
            if len(drawn.steps) >= length:
                break
            longer = self.add(drawn, Call(tool, drawn.missions[-1] + 1), rng)
            added = longer.tools[len(drawn.steps) :] if longer else ()
            if longer is not None and all(self.domain(name) == domain for name in added):
                drawn = longer
        return drawn


class DirectedSampler(ChainSampler):
    """FunReason-MT's (arXiv 2510.24645): to a target tool through legal calls only.

    A call is legal when all its prerequisites were called: a source of each value that it requires
    and that no person has in mind. If the target was called, any legal tool follows; if it is
    legal, it is called; otherwise the legal tool that is nearest to it. Distance is counted along
    the prerequisites that are still open, so that every step is one towards the target.
    """

    policy = "directed"
    settings = SamplerSettings(min_calls=3, max_calls=8)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain | None:
        """Call what leads to the target, the target, and any legal tools after it."""
        target = focus or rng.choice(self.usable)
        first = target if isinstance(target, str) else target.producer
        drawn = self._approach(GrowingChain(), first, rng)
        if drawn is not None and first not in drawn.tools:
            drawn = self.add(drawn, Call(first, 0), rng)
        if drawn is not None and isinstance(target, Link):
            edge, place = self.edge_of(target), len(drawn.steps) - 1
            drawn = self._approach(drawn, target.consumer, rng) if edge else None
            if drawn is not None:
                drawn = self.add(drawn, Call(target.consumer, 0, place, edge), rng)
        if drawn is None:
            return None
        length = rng.randint(self.settings.min_calls, self.settings.max_calls)

        def list_legal(drawn: GrowingChain) -> Iterator[Call]:  # mostly in the last one's domain
            near = self.domains[self.domain(drawn.tools[-1])]
            for attempt in range(_TRIES):
                tool = rng.choice(near if attempt < _TRIES // 2 else self.usable)
                if self.is_legal(drawn.tools, tool):
                    yield Call(tool, drawn.missions[-1] + 1)

        return self.grow(drawn, length, list_legal, rng)

    def _approach(self, drawn: GrowingChain, target: str, rng: Random) -> GrowingChain | None:
        """Make legal calls until the target is legal; the calls may bring it in themselves.

        Each is the one with the least distance to the target; of several, any.
        """
        ring, seen = [target], {target}
        while target in self.known and not self.is_legal(drawn.tools, target):
            rng.shuffle(ring)
            legal = (Call(tool, 0) for tool in ring if self.is_legal(drawn.tools, tool))
            nearer = self.add_first(drawn, legal, rng)
            if nearer is not None:
                drawn, ring, seen = nearer, [target], {target}
                continue
            # the next ring: sources of what the tools of this one still need
            found: list[str] = []
            for tool in ring:
                for producers in self.list_missing(drawn.tools, tool):
                    found += [name for name in producers if name not in seen]
                    seen |= set(producers)
            ring = list(dict.fromkeys(found))
            if not ring:
                return None
        return drawn if target in self.known else None


@dataclass(frozen=True)
class DifficultySettings(SamplerSettings):
    """Bounds of the sum of the calls' difficulties, besides those of the calls."""

    min_difficulty: int = 5
    max_difficulty: int = 10


class PolicyWalkSampler(ChainSampler):
    """IntellAgent's walk over a weighted graph (arXiv 2501.11067), until it is difficult enough.

    The next tool is drawn ∝ weight among the unvisited neighbours of the last, the weight being the
    best score of the edges between two tools in either direction, until the difficulties add up to
    a target of 5–10. Where no unvisited neighbour is left the walk ends; the original crashed.
    """

    policy = "policy_walk"
    settings: DifficultySettings = DifficultySettings(min_calls=1, max_calls=12)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain:
        """Walk from the focus until the difficulty that is drawn."""
        drawn = self.begin(focus, lambda: rng.choice(self.usable), rng)
        target = rng.randint(self.settings.min_difficulty, self.settings.max_difficulty)
        while self.sum_difficulties(drawn.steps) < target:
            unvisited = self.known.difference(drawn.tools)
            near = self.neighbours.get(drawn.tools[-1], {})
            options = {name: weight for name, weight in near.items() if name in unvisited}
            tools = draw_by_weight(list(options), list(options.values()), rng)
            place, mission = len(drawn.steps) - 1, drawn.missions[-1]
            longer = self.add_first(drawn, (Call(tool, mission, place) for tool in tools), rng)
            if longer is None:
                break
            drawn = longer
        return drawn

    def sum_difficulties(self, steps: Sequence[ChainStep]) -> int:
        """How difficult a chain is."""
        return sum(rate_difficulty(self.world.models[step.tool], step) for step in steps)

    @cached_property
    def neighbours(self) -> dict[str, dict[str, float]]:
        """Tool → those that an edge joins to it, in either direction → the best score."""
        weights: dict[str, dict[str, float]] = {}
        for edge in self.graph.edges:
            if edge.producer != edge.consumer and edge.score > 0:
                for one, two in ((edge.producer, edge.consumer), (edge.consumer, edge.producer)):
                    row = weights.setdefault(one, {})
                    row[two] = max(row.get(two, 0.0), edge.score)
        return weights


def rate_difficulty(model: ToolModel, step: ChainStep) -> int:
    """From 1 to 5: one for the call, and one each for what makes it harder.

    That it changes something; that it loses something for good; that it requires three parameters
    or more; that it depends on an earlier result.
    """
    required = sum(parameter.required for parameter in model.parameters)
    many = required >= MANY_PARAMETERS
    return 1 + sum((model.writes, model.tool.destructive, many, bool(step.feeds)))
