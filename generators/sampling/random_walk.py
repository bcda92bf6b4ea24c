"""The default: chains of missions, drawn by random walk and held to common sense.

After ToolMind (arXiv 2511.15718), which walks 5 to 20 single calls under a cap on the visits of a
tool. Here a walk is a few missions, each of which follows edges from a tool to what its result can
serve, often ends with a write, and gives way to another. Hubs are held down by weights that are
fixed in advance; what earlier chains have used often is taken less readily. What a call needs is
known in `generators.sampling.drafting`, which calls share a user turn in
`generators.sampling.turns`.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice
from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.drafting import Draft
from generators.sampling.draw import draw_by_weight
from generators.sampling.ground import Ground, prepare
from generators.sampling.pools import Pool
from generators.sampling.sampler import NOTHING_USED, Focus, Link, Usage, link_of
from generators.sampling.turns import most_turns
from generators.world.model import World
from schemas.canonical import derive_seed
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


class RandomWalkSampler:
    """Random walks with a visit cap, balanced over the tools."""

    policy = "random_walk"

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
        self._least, self._most = min_calls, max_calls
        self._graph = graph
        self._ground: Ground = prepare(
            world,
            graph,
            most_calls=max_calls,
            visit_cap=visit_cap,
            most_turns=most_turns(max_calls),
        )
        self.usable: tuple[str, ...] = self._ground.usable
        self.links: tuple[Link, ...] = self._ground.links

    def sample(
        self, seed: int, focus: Focus | None = None, usage: Usage = NOTHING_USED
    ) -> ToolChain:
        """Draw the chain of a seed, begun with the focus. Raises InputError; see `Sampler`."""
        rng = Random(derive_seed("walk", seed, focus))
        draft = self._ground.start(focus, lambda: self._ground.everything.draw(rng), rng)
        length = rng.randint(self._least, self._most)
        while len(draft.steps) < length:
            longer = self._walk_on(draft, rng, usage)
            if longer is None and len(draft.steps) < self._least:
                longer = self._anything(draft, rng)
            if longer is None:
                break
            draft = longer
        return self._ground.cut(draft, rng, self.policy, seed)

    def _walk_on(self, draft: Draft, rng: Random, usage: Usage) -> Draft | None:
        """Go on with the mission or begin another; None where neither is possible."""
        ended = self._ground.writes(draft)[-1]
        if rng.random() < (_REST if ended else _RESTART):
            return self._restart(draft, rng, usage) or self._follow(draft, rng, usage)
        return self._follow(draft, rng, usage) or self._restart(draft, rng, usage)

    def _follow(self, draft: Draft, rng: Random, usage: Usage) -> Draft | None:
        """Take an edge from one of the mission's calls."""
        mission = draft.missions[-1]
        options: dict[tuple[str, int], float] = {}
        for place in range(draft.missions.index(mission), len(draft.steps)):
            near = _RECENT if place == len(draft.steps) - 1 else 1.0
            for link, strength, weight in self._ways.get(draft.steps[place].tool, ()):
                fair = weight / (usage.links.get(link, 0) + 1)
                option = (link.consumer, place)
                options[option] = max(options.get(option, 0), near * strength * fair)
        drawn = draw_by_weight(list(options), list(options.values()), rng)
        for tool, place in islice(drawn, _TRIES):
            longer = self._ground.follow(draft, tool, mission, rng, place)
            if longer is not None:
                return longer
        return None

    @cached_property
    def _ways(self) -> dict[str, list[tuple[Link, float, float]]]:
        """Tool → the edges from it to what can be called: square of its score, tool's weight."""
        ways: dict[str, list[tuple[Link, float, float]]] = {}
        for edge in self._graph.edges:
            if edge.consumer in self._ground.known:
                way = (link_of(edge), edge.score**2, self._ground.weights[edge.consumer])
                ways.setdefault(edge.producer, []).append(way)
        return ways

    def _restart(self, draft: Draft, rng: Random, usage: Usage) -> Draft | None:
        ground = self._ground
        stays = rng.random() < _STAY
        near = ground.domains.get(ground.domain(draft.steps[-1].tool))
        pool = near if stays and near is not None else ground.everything
        return self._new_mission(draft, rng, _fairest(pool, usage, rng))

    def _new_mission(self, draft: Draft, rng: Random, roots: Iterable[str]) -> Draft | None:
        for tool in islice(roots, _TRIES):
            longer = self._ground.add(draft, tool, draft.missions[-1] + 1, rng)
            if longer is not None:
                return longer
        return None

    def _anything(self, draft: Draft, rng: Random) -> Draft | None:
        """Any call at all, lest the chain be too short."""
        names, start = self.usable, rng.randrange(len(self.usable))
        for mission in (draft.missions[-1] + 1, draft.missions[-1]):
            for place in range(len(names)):
                tool = names[(start + place) % len(names)]
                longer = self._ground.add(draft, tool, mission, rng)
                if longer is not None:
                    return longer
        return None


def _fairest(pool: Pool, usage: Usage, rng: Random) -> Iterator[str]:
    """Yield tools by weight, of each two the less used one first."""
    drawn = pool.draws(rng, 2 * _TRIES)
    while pair := list(islice(drawn, 2)):
        yield from sorted(pair, key=lambda name: usage.tools.get(name, 0))
