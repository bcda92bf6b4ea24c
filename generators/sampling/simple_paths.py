"""DICE-Bench's draw (arXiv 2506.22853): uniformly one of all simple directed paths of 1–4 tools."""

from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.ground import out_of_reach, prepare
from generators.sampling.paths import Paths
from generators.sampling.sampler import NOTHING_USED, Focus, Link, Usage
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.graph import ToolChain


class SimplePathSampler:
    """Draws a length, and then a path of it; a shorter or longer one where there is none."""

    policy = "simple_paths"

    def __init__(
        self, world: World, graph: ToolGraph, *, min_calls: int = 1, max_calls: int = 4
    ) -> None:
        """Lengths are drawn from U{min_calls..max_calls}. Raises InputError; see `prepare`."""
        self._least, self._most = min_calls, max_calls
        self._ground = prepare(world, graph, most_calls=max_calls, visit_cap=1)
        self._paths = Paths(self._ground, graph, max_calls, within=False)
        self.usable: tuple[str, ...] = self._ground.usable
        self.links: tuple[Link, ...] = self._ground.links

    def sample(
        self, seed: int, focus: Focus | None = None, usage: Usage = NOTHING_USED
    ) -> ToolChain:
        """Draw a path through the focus. Raises InputError; see `Sampler`."""
        del usage
        rng = Random(derive_seed(self.policy, seed, focus))
        least = self._least if focus is None or isinstance(focus, str) else max(2, self._least)
        lengths = range(least, self._most + 1)
        for length in rng.sample(lengths, len(lengths)):
            draft = self._paths.draw(length, focus, rng)
            if draft is not None:
                return self._ground.cut(draft, rng, self.policy, seed)
        raise out_of_reach(focus or "", self._most)
