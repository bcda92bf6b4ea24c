"""ASTRA's draw (arXiv 2601.21558): chains of 2–5 tools that depend on each other, of one server.

A tool's domain stands for its server. The server is drawn first, and then one of its chains of the
length that was drawn.
"""

from random import Random

from generators.graph.tool_graph import ToolGraph
from generators.sampling.drafting import Draft
from generators.sampling.ground import out_of_reach, prepare
from generators.sampling.paths import Paths
from generators.sampling.sampler import NOTHING_USED, Focus, Link, Usage
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.graph import ToolChain

_SERVERS = 12


class ServerChainSampler:
    """Draws a server, a length and a chain."""

    policy = "server_chains"

    def __init__(
        self, world: World, graph: ToolGraph, *, min_calls: int = 2, max_calls: int = 5
    ) -> None:
        """Lengths are drawn from U{min_calls..max_calls}. Raises InputError; see `prepare`."""
        self._least, self._most = min_calls, max_calls
        self._ground = prepare(world, graph, most_calls=max_calls, visit_cap=1)
        self._paths = Paths(self._ground, graph, max_calls, within=True)
        self._servers: dict[str, list[str]] = {}
        for root in self._paths.roots:
            self._servers.setdefault(self._ground.domain(root), []).append(root)
        self.links: tuple[Link, ...] = tuple(
            link
            for link in self._ground.links
            if self._ground.domain(link.producer) == self._ground.domain(link.consumer)
        )
        joined = {name for link in self.links for name in (link.producer, link.consumer)}
        self.usable: tuple[str, ...] = tuple(n for n in self._ground.usable if n in joined)

    def sample(
        self, seed: int, focus: Focus | None = None, usage: Usage = NOTHING_USED
    ) -> ToolChain:
        """Draw a chain through the focus. Raises InputError; see `Sampler`."""
        del usage
        rng = Random(derive_seed(self.policy, seed, focus))
        lengths = range(self._least, self._most + 1)
        for length in rng.sample(lengths, len(lengths)):
            draft = self._draw(length, focus, rng)
            if draft is not None:
                return self._ground.cut(draft, rng, self.policy, seed)
        raise out_of_reach(focus or "", self._most)

    def _draw(self, length: int, focus: Focus | None, rng: Random) -> Draft | None:
        if focus is not None:
            return self._paths.draw(length, focus, rng)
        names = list(self._servers)
        for name in rng.sample(names, min(_SERVERS, len(names))):
            draft = self._paths.draw(length, None, rng, self._servers[name])
            if draft is not None:
                return draft
        return None
