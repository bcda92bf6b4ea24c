"""UniToolCall's draw (arXiv 2604.11557): tools ∝ 1/(usage + 1) within a locked domain, 2–5 calls.

The domain is that of the first tool, which is drawn from all by the same weights. What a tool
needs is called before it, and counts.
"""

from itertools import islice
from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.drafting import Draft
from generators.sampling.draw import draw_by_weight
from generators.sampling.ground import prepare
from generators.sampling.sampler import NOTHING_USED, Focus, Link, Usage
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.graph import ToolChain

_TRIES = 24


class UsageBalancedSampler:
    """Prefers what was used least."""

    policy = "usage_balanced"

    def __init__(
        self,
        world: World,
        graph: ToolGraph,
        *,
        min_calls: int = 2,
        max_calls: int = 5,
        visit_cap: int = 1,
    ) -> None:
        """Fewer than ``min_calls`` calls only where the domain has no more. Raises InputError."""
        self._least, self._most = min_calls, max_calls
        self._ground = prepare(world, graph, most_calls=max_calls, visit_cap=visit_cap)
        self.usable: tuple[str, ...] = self._ground.usable
        self.links: tuple[Link, ...] = self._ground.links

    def sample(
        self, seed: int, focus: Focus | None = None, usage: Usage = NOTHING_USED
    ) -> ToolChain:
        """Draw the chain of a seed, begun with the focus. Raises InputError; see `Sampler`."""
        rng = Random(derive_seed(self.policy, seed, focus))
        weights = self._weights(self.usable, usage)
        draft = self._ground.start(focus, lambda: rng.choices(self.usable, weights)[0], rng)
        domain = self._ground.domain(draft.steps[-1].tool)
        length = rng.randint(self._least, self._most)
        members = self._ground.domains[domain].names
        others = draw_by_weight(members, self._weights(members, usage), rng)
        for tool in islice(others, _TRIES):
            if len(draft.steps) >= length:
                break
            longer = self._ground.add(draft, tool, draft.missions[-1] + 1, rng)
            if longer is not None and self._stays(draft, longer, domain):
                draft = longer
        return self._ground.cut(draft, rng, self.policy, seed)

    def _weights(self, tools: tuple[str, ...], usage: Usage) -> list[float]:
        return [1 / (usage.tools.get(name, 0) + 1) for name in tools]

    def _stays(self, draft: Draft, longer: Draft, domain: str) -> bool:
        """Whether the new calls are all in the domain."""
        new = longer.steps[len(draft.steps) :]
        return all(self._ground.domain(step.tool) == domain for step in new)
