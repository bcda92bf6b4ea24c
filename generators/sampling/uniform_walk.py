"""ToolMind's walk as published (arXiv 2511.15718): a uniform choice of edges, capped visits.

The length is drawn from U{5..20}. What the call at the end of an edge needs besides is put before
it; where no edge leads on, the walk begins anew at any tool.
"""

from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.drafting import Draft
from generators.sampling.ground import prepare
from generators.sampling.sampler import NOTHING_USED, Focus, Link, Usage
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.graph import ToolChain

_JUMPS = 24


class UniformWalkSampler:
    """Uniform over the edges that leave the last call."""

    policy = "uniform_walk"

    def __init__(
        self,
        world: World,
        graph: ToolGraph,
        *,
        min_calls: int = 5,
        max_calls: int = 20,
        visit_cap: int = 2,
    ) -> None:
        """Fewer than ``min_calls`` calls only where no call is left. Raises InputError."""
        self._least, self._most, self._graph = min_calls, max_calls, graph
        self._ground = prepare(world, graph, most_calls=max_calls, visit_cap=visit_cap)
        self.usable: tuple[str, ...] = self._ground.usable
        self.links: tuple[Link, ...] = self._ground.links

    def sample(
        self, seed: int, focus: Focus | None = None, usage: Usage = NOTHING_USED
    ) -> ToolChain:
        """Draw the chain of a seed, begun with the focus. Raises InputError; see `Sampler`."""
        del usage
        rng = Random(derive_seed(self.policy, seed, focus))
        draft = self._ground.start(focus, lambda: rng.choice(self.usable), rng)
        length = rng.randint(self._least, self._most)
        while len(draft.steps) < length:
            longer = self._step(draft, length, rng) or self._jump(draft, length, rng)
            if longer is None:
                break
            draft = longer
        return self._ground.cut(draft, rng, self.policy, seed)

    def _step(self, draft: Draft, length: int, rng: Random) -> Draft | None:
        """Follow one of the edges from the last call, each as likely as the others."""
        place = len(draft.steps) - 1
        edges = list(self._graph.leaving(draft.steps[place].tool))
        rng.shuffle(edges)
        for edge in edges:
            if edge.consumer in self._ground.known:
                mission = draft.missions[-1]
                longer = self._ground.add(draft, edge.consumer, mission, rng, (place, edge))
                if longer is not None and len(longer.steps) <= length:
                    return longer
        return None

    def _jump(self, draft: Draft, length: int, rng: Random) -> Draft | None:
        """Begin anew; after some attempts in vain, at whatever tool is left."""
        some = [rng.choice(self.usable) for _ in range(_JUMPS)]
        for tool in (*some, *(self.usable if len(draft.steps) < self._least else ())):
            longer = self._ground.add(draft, tool, draft.missions[-1] + 1, rng)
            if longer is not None and len(longer.steps) <= length:
                return longer
        return None
