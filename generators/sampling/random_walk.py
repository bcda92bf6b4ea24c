"""The default: chains of missions, drawn by random walk and held to common sense.

After ToolMind (arXiv 2511.15718), which walks 5 to 20 single calls under a cap on the visits of a
tool. Here a walk is a few missions, each of which follows edges from a tool to what its result can
serve, often ends with a write, and gives way to another. Hubs are held down by weights that are
fixed in advance.
"""

from collections.abc import Iterator
from itertools import islice
from random import Random
from typing import Any

from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_growth import Call, GrowingChain
from generators.sampling.chain_sampler import MOST_TURNS, ChainSampler, SamplerSettings
from generators.sampling.sampler import Focus
from generators.sampling.weighted_draw import ToolPool, draw_by_weight
from generators.world.model import World

_RESTART = 0.2
"""Probability of a new mission while the present one could go on …"""
_REST = 0.75
"""… and after a write, which is a mission's natural end."""
_STAY = 0.85
"""Probability that a new mission is in the same domain."""
_TRIES = 8
_RECENT = 2.0
"""How much more readily the walk goes on from its last call than from those before."""


class RandomWalkSampler(ChainSampler):
    """Random walks with a visit cap, balanced over the tools."""

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
        for tool, place in islice(draw_by_weight(options, loads, rng), _TRIES):
            yield Call(tool, mission, place)

    def _begin_mission(self, drawn: GrowingChain, rng: Random) -> Iterator[Call]:
        """Call a tool that follows from nothing."""
        stays = rng.random() < _STAY
        near = self._pools.get(self.domain(drawn.tools[-1]))
        pool = near if stays and near is not None else self._everything
        for tool in pool.draw_several(rng, _TRIES):
            yield Call(tool, drawn.missions[-1] + 1)
