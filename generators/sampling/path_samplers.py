"""Simple directed paths of the tool graph, each as likely as any other of its length.

Walks are counted, which takes time linear in the edges; one is drawn uniformly, and thrown away
where it comes back to a tool or makes a call that is not legal yet. What is left is uniform over
the simple paths that can be called.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_growth import Call, GrowingChain
from generators.sampling.chain_sampler import ChainSampler, SamplerSettings
from generators.sampling.sampler import Focus, Link
from generators.sampling.weighted_draw import draw_by_count
from generators.world.model import World

_TRIES = 80
_DOMAINS = 12
Counts = list[dict[str, int]]
"""By the length of a walk in tools, less one: tool → walks that begin, or end, with it."""


class PathSampler(ChainSampler):
    """Draws paths that begin at a tool which needs nothing of others."""

    within_domain = False

    def __init__(self, world: World, graph: ToolGraph, **changes: Any) -> None:
        """Count the walks. ``changes``: of the settings."""
        super().__init__(world, graph, **changes)
        if self.within_domain:
            inside = (x for x in self.links if self.domain(x.producer) == self.domain(x.consumer))
            self.links = tuple(inside)
        self._after: dict[str, list[str]] = {}
        self._before: dict[str, list[str]] = {}
        for one, two in sorted({(link.producer, link.consumer) for link in self.links}):
            self._after.setdefault(one, []).append(two)
            self._before.setdefault(two, []).append(one)
        self._roots = tuple(name for name in self.usable if self.is_legal((), name))
        servers: dict[str, list[str]] = {}
        for root in self._roots:
            servers.setdefault(self.domain(root), []).append(root)
        self._servers = list(servers.values())
        longest = self.settings.max_calls
        self._ending = _count_walks(self._after, dict.fromkeys(self._roots, 1), longest)
        self._beginning = _count_walks(self._before, dict.fromkeys(self.usable, 1), longest)
        if self.within_domain:
            joined = self._after.keys() | self._before.keys()
            self.usable = tuple(name for name in self.usable if name in joined)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain | None:
        """Draw a length, and then a path of it; a shorter or longer one where there is none.

        Where paths keep to a domain, that is drawn before the path, if no focus says which.
        """
        least = max(self.settings.min_calls, 2 if isinstance(focus, Link) else 1)
        lengths = range(least, self.settings.max_calls + 1)
        for length in rng.sample(lengths, len(lengths)):
            servers: Sequence[Sequence[str]] = (self._roots,)
            if self.within_domain and focus is None:
                servers = rng.sample(self._servers, min(_DOMAINS, len(self._servers)))
            for roots in servers:
                drawn = self._draw_path(roots, length, focus, rng)
                if drawn is not None:
                    return drawn
        return None

    def _draw_path(
        self, roots: Sequence[str], length: int, focus: Focus | None, rng: Random
    ) -> GrowingChain | None:
        """Draw a walk, and call it, each call fed by the one before, until all calls are legal."""
        for _ in range(_TRIES):
            walk = self._draw_walk(roots, length, focus, rng)
            if walk is None:
                return None
            drawn = GrowingChain()
            for place, tool in enumerate(walk if len(set(walk)) == length else ()):
                call: Call | None = Call(tool, 0)
                if place:
                    ends = (walk[place - 1], tool)
                    edge = next(iter(self.graph.between(*ends)), None)
                    if isinstance(focus, Link) and ends == (focus.producer, focus.consumer):
                        edge = self.edge_of(focus)
                    call = Call(tool, 0, place - 1, edge) if edge else None
                longer = None
                if call is not None and self.is_legal(walk[:place], tool):
                    longer = self.add(drawn, call, rng)
                if longer is None or len(longer.steps) != place + 1:
                    break
                drawn = longer
            if len(drawn.steps) == length:
                return drawn
        return None

    def _draw_walk(
        self, roots: Sequence[str], length: int, focus: Focus | None, rng: Random
    ) -> tuple[str, ...] | None:
        """One of all walks from a root, or of those that pass the focus, uniformly."""
        path: tuple[str, ...]
        place: int | None = 0
        if focus is None:
            counts = [self._beginning[length - 1].get(name, 0) for name in roots]
            root = draw_by_count(roots, counts, rng)
            path = () if root is None else (root,)
        else:
            path = (focus,) if isinstance(focus, str) else (focus.producer, focus.consumer)
            after = length - len(path)
            counts = [
                self._ending[before].get(path[0], 0)
                * self._beginning[after - before].get(path[-1], 0)
                for before in range(after + 1)
            ]
            place = draw_by_count(range(after + 1), counts, rng)
        if not path or place is None:
            return None
        for left in range(place, 0, -1):
            options = self._before.get(path[0], [])
            counts = [self._ending[left - 1].get(name, 0) for name in options]
            chosen = draw_by_count(options, counts, rng)
            path = path if chosen is None else (chosen, *path)
        for left in range(length - len(path), 0, -1):
            options = self._after.get(path[-1], [])
            counts = [self._beginning[left - 1].get(name, 0) for name in options]
            chosen = draw_by_count(options, counts, rng)
            path = path if chosen is None else (*path, chosen)
        return path


class SimplePathSampler(PathSampler):
    """DICE-Bench's draw (arXiv 2506.22853): uniformly one of all simple paths of 1–4 tools."""

    policy = "simple_paths"
    settings = SamplerSettings(min_calls=1, max_calls=4)


class ServerChainSampler(PathSampler):
    """ASTRA's draw (arXiv 2601.21558): chains of 2–5 dependent tools of one server.

    A tool's domain stands for its server. The server is drawn first, and then one of its chains of
    the length that was drawn.
    """

    policy = "server_chains"
    settings = SamplerSettings(min_calls=2, max_calls=5)
    within_domain = True


def _count_walks(joined: dict[str, list[str]], shortest: dict[str, int], longest: int) -> Counts:
    """Count the walks of each length that go on along the joined tools."""
    counts = [shortest]
    for _ in range(longest - 1):
        longer: dict[str, int] = {}
        for tool, count in counts[-1].items():
            for other in joined.get(tool, ()):
                longer[other] = longer.get(other, 0) + count
        counts.append(longer)
    return counts
