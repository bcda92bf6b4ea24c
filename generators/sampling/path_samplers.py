"""Simple directed paths of the tool graph, each as likely as any other of its length.

Walks are counted, which takes time linear in the edges; one is drawn uniformly, and thrown away
where it comes back to a tool or makes a call that is not legal yet. What is left is uniform over
the simple paths that can be called.
"""

from collections.abc import Sequence
from random import Random
from typing import Any

from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_growth import GrowingChain
from generators.sampling.chain_sampler import ChainSampler, SamplerSettings
from generators.sampling.sampler import Focus, Link, Usage
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
        longest = self.settings.max_calls
        self._ending = _count_walks(self._after, dict.fromkeys(self._roots, 1), longest)
        self._beginning = _count_walks(self._before, dict.fromkeys(self.usable, 1), longest)

    def draw(self, rng: Random, focus: Focus | None, usage: Usage) -> GrowingChain | None:
        """Draw a length, and then a path of it; a shorter or longer one where there is none."""
        del usage
        least = max(self.settings.min_calls, 2 if isinstance(focus, Link) else 1)
        lengths = range(least, self.settings.max_calls + 1)
        for length in rng.sample(lengths, len(lengths)):
            drawn = self.draw_path(length, focus, rng)
            if drawn is not None:
                return drawn
        return None

    def draw_path(self, length: int, focus: Focus | None, rng: Random) -> GrowingChain | None:
        """Draw a path of ``length`` tools through the focus; None where none was found."""
        return self.draw_from(self._roots, length, focus, rng)

    def draw_from(
        self, roots: Sequence[str], length: int, focus: Focus | None, rng: Random
    ) -> GrowingChain | None:
        """The same, from one of ``roots`` where there is no focus."""
        for _ in range(_TRIES):
            walk = self._draw_walk(roots, length, focus, rng)
            if walk is None:
                return None
            drawn = self._call_walk(walk, focus, rng) if len(set(walk)) == length else None
            if drawn is not None:
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

    def _call_walk(
        self, path: Sequence[str], focus: Focus | None, rng: Random
    ) -> GrowingChain | None:
        """The calls of a path, each fed by the one before it; None where one is not legal."""
        drawn = GrowingChain()
        for place, tool in enumerate(path):
            edge = None
            if place:
                before = path[place - 1]
                edge = next(iter(self.graph.between(before, tool)), None)
                if isinstance(focus, Link) and (focus.producer, focus.consumer) == (before, tool):
                    edge = self.edge_of(focus)
            if not self.is_legal(path[:place], tool) or (place and edge is None):
                return None
            longer = self.add(drawn, tool, 0, rng, place - 1 if edge else None, edge)
            if longer is None or len(longer.steps) != place + 1:
                return None
            drawn = longer
        return drawn


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

    def __init__(self, world: World, graph: ToolGraph, **changes: Any) -> None:
        """Group the roots by server. ``changes``: of the settings."""
        super().__init__(world, graph, **changes)
        joined = {name for link in self.links for name in (link.producer, link.consumer)}
        self.usable = tuple(name for name in self.usable if name in joined)
        self._servers: dict[str, list[str]] = {}
        for root in self._roots:
            self._servers.setdefault(self.domain(root), []).append(root)

    def draw_path(self, length: int, focus: Focus | None, rng: Random) -> GrowingChain | None:
        """Draw a server and, through the focus or from a root of it, a path."""
        if focus is not None:
            return super().draw_path(length, focus, rng)
        names = list(self._servers)
        for name in rng.sample(names, min(_DOMAINS, len(names))):
            drawn = self.draw_from(self._servers[name], length, None, rng)
            if drawn is not None:
                return drawn
        return None


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
