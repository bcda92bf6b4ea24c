"""Draws chains of calls from the tool graph by random walk.

After ToolMind (arXiv 2511.15718), which walks 5 to 20 single calls under a cap on the visits of a
tool. Here a walk is a few missions, each of which follows edges from a tool to what its result can
serve, often ends with a write, and gives way to another. Every chain depends on its seed alone, so
hubs are held down by weights that are fixed in advance and not by counting what was drawn. What a
call needs is known in `generators.sampling.drafting`, which calls share a user turn in
`generators.sampling.turns`.
"""

from collections.abc import Sequence
from itertools import islice
from random import Random
from typing import Protocol

from generators.graph.tool_graph import ToolGraph
from generators.sampling.drafting import Draft, Drafter
from generators.sampling.draw import draw_by_weight
from generators.sampling.supply import FOLLOWED, find_supply
from generators.sampling.turns import fewest_turns, group_turns, most_turns
from generators.world import World
from schemas.canonical import derive_seed
from schemas.errors import InputError
from schemas.graph import ToolChain

_RESTART = 0.2
"""Probability of a new mission while the present one could go on …"""
_REST = 0.75
"""… and after a write, which is a mission's natural end."""
_STAY = 0.85
"""Probability that a new mission is in the same domain."""
_TRIES = 8
_RECENT = 2.0
"""How much more readily the walk goes on from its last call than from those before."""


class Sampler(Protocol):
    """Draws chains."""

    def sample(self, seed: int, focus: str | None = None) -> ToolChain:
        """Draw the chain of a seed; it contains the tool ``focus``, if one is named."""
        ...


class RandomWalkSampler:
    """Random walks with a visit cap, balanced over the tools."""

    def __init__(
        self,
        world: World,
        graph: ToolGraph,
        *,
        min_calls: int = 3,
        max_calls: int = 8,
        visit_cap: int = 2,
    ) -> None:
        """Chains have ``min_calls`` to ``max_calls`` calls; fewer only where no call is left.

        Raises InputError where no tool can be called within ``max_calls``.
        """
        self._world, self._graph = world, graph
        self._least, self._most = min_calls, max_calls
        supply = find_supply(world, graph)
        self._weights = {name: 1 / load for name, load in supply.loads.items()}
        self._drafter = Drafter(world, graph, supply, visit_cap)
        self.usable = tuple(n for n in self._weights if supply.lengths[n] <= max_calls)
        """Tools that a chain can contain, sorted."""
        if not self.usable:
            raise InputError(f"no tool can be called within {max_calls} calls")

    def sample(self, seed: int, focus: str | None = None) -> ToolChain:
        """Draw the chain of a seed: the same seed and focus give the same chain.

        Raises InputError where ``focus`` is unknown or cannot be reached.
        """
        rng = Random(derive_seed("walk", seed, focus))
        draft = self._begin(focus, rng)
        length = rng.randint(self._least, self._most)
        while len(draft.steps) < length:
            longer = self._walk_on(draft, rng)
            if longer is None and len(draft.steps) < self._least:
                longer = self._anything(draft, rng)
            if longer is None:
                break
            draft = longer
        writes = self._writes(draft)
        turns = group_turns(writes, draft.missions, most_turns(self._most), rng)
        return ToolChain(steps=draft.steps, turns=turns, seed=seed)

    def _begin(self, focus: str | None, rng: Random) -> Draft:
        roots = self.usable if focus is None else (focus,)
        known = focus is None or focus in self.usable
        draft = self._new_mission(Draft(), rng, roots) if known else None
        if draft is None:
            raise InputError(f"cannot be called within {self._most} calls", tool=focus or "")
        return draft

    def _walk_on(self, draft: Draft, rng: Random) -> Draft | None:
        """Go on with the mission or begin another; None where neither is possible."""
        ended = self._world.models[draft.steps[-1].tool].writes
        if rng.random() < (_REST if ended else _RESTART):
            return self._restart(draft, rng) or self._follow(draft, rng)
        return self._follow(draft, rng) or self._restart(draft, rng)

    def _follow(self, draft: Draft, rng: Random) -> Draft | None:
        """Take an edge from one of the mission's calls."""
        mission = draft.missions[-1]
        options: dict[tuple[str, int], float] = {}
        for place in range(draft.missions.index(mission), len(draft.steps)):
            near = _RECENT if place == len(draft.steps) - 1 else 1.0
            for edge in self._graph.leaving(draft.steps[place].tool):
                if edge.method not in FOLLOWED:
                    continue
                weight = near * edge.score**2 * self._weights[edge.consumer]
                option = (edge.consumer, place)
                options[option] = max(options.get(option, 0), weight)
        drawn = draw_by_weight(list(options), list(options.values()), rng)
        for tool, place in islice(drawn, _TRIES):
            longer = self._add(draft, tool, mission, rng, via=place)
            if longer is not None:
                return longer
        return None

    def _restart(self, draft: Draft, rng: Random) -> Draft | None:
        domain = self._world.models[draft.steps[-1].tool].tool.domain
        near = [n for n in self.usable if self._world.models[n].tool.domain == domain]
        return self._new_mission(draft, rng, near if rng.random() < _STAY else self.usable)

    def _new_mission(self, draft: Draft, rng: Random, roots: Sequence[str]) -> Draft | None:
        mission = draft.missions[-1] + 1 if draft.missions else 0
        drawn = draw_by_weight(roots, [self._weights[name] for name in roots], rng)
        for tool in islice(drawn, _TRIES):
            longer = self._add(draft, tool, mission, rng)
            if longer is not None:
                return longer
        return None

    def _anything(self, draft: Draft, rng: Random) -> Draft | None:
        """Any call at all, lest the chain be too short."""
        mission = draft.missions[-1]
        for number in (mission + 1, mission):
            for tool in rng.sample(self.usable, len(self.usable)):
                longer = self._add(draft, tool, number, rng)
                if longer is not None:
                    return longer
        return None

    def _add(
        self, draft: Draft, tool: str, mission: int, rng: Random, via: int | None = None
    ) -> Draft | None:
        """Add a call and what it needs, within the bounds of calls and turns."""
        longer = self._drafter.add(draft, tool, mission, rng, via)
        if longer is None or len(longer.steps) > self._most:
            return None
        turns = fewest_turns(self._writes(longer), longer.missions)
        return longer if turns <= most_turns(self._most) else None

    def _writes(self, draft: Draft) -> list[bool]:
        return [self._world.models[step.tool].writes for step in draft.steps]
