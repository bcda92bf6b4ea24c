"""Simple directed paths of the tool graph, each as likely as any other of its length.

Walks are counted, which takes time linear in the edges; one is drawn uniformly, and thrown away
where it comes back to a tool or makes a call that is not legal yet. What is left is uniform over
the simple paths that can be called.

GOAT's sampling (arXiv 2510.12218) takes connected subgraphs of 2–4 tools, in all topological
orders. One provider is kept for each (target, parameter), rings are broken at their weakest edge,
and every order in which providers come before targets is a chain. The original tries all
combinations of four tools; here subgraphs are grown along edges one at a time, and a sample chooses
among a bounded number of those around one tool. Left out are subgraphs that lack the source of a
value which no person has in mind, and orders that nobody would make, such as asking for what was
just deleted.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, permutations
from random import Random
from typing import Any

from generators.graph.result_leaves import list_element
from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_growth import (
    Call,
    GrowingChain,
    distinguish_feeds,
    make_feed,
    may_follow,
)
from generators.sampling.chain_sampler import ChainSampler, SamplerSettings
from generators.sampling.sampler import Focus, Link, link_of
from generators.sampling.weighted_draw import draw_by_count
from generators.world.model import World
from schemas.graph import ChainStep, Edge

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


_LOOK_AT = 240
"""Subgraphs of one size around one tool, among which a sample chooses."""
_OFTEN = 40
"""Neighbours of one tool that a sample looks at; hubs have thousands."""
_ROOTS = 12

Members = tuple[str, ...]
Subgraph = tuple[Edge, ...]
"""Its edges: one provider for each (target, parameter)."""


class SubgraphSampler(ChainSampler):
    """Draws one order of one small connected subgraph; each of its tools is called once."""

    policy = "subgraphs"
    settings = SamplerSettings(min_calls=2, max_calls=4)

    def __init__(self, world: World, graph: ToolGraph, **changes: Any) -> None:
        """``changes``: of the settings."""
        super().__init__(world, graph, **changes)
        self._between: dict[tuple[str, str], list[Edge]] = {}
        near: dict[str, set[str]] = {}
        for edge in graph.edges:
            one, two = edge.producer, edge.consumer
            if one != two and {one, two} <= self.known:
                self._between.setdefault((one, two), []).append(edge)
                near.setdefault(one, set()).add(two)
                near.setdefault(two, set()).add(one)
        self.neighbours = {name: sorted(others) for name, others in near.items()}
        """Tool → those that an edge joins to it."""
        self.usable = tuple(name for name in self.usable if name in near)

    def draw(self, rng: Random, focus: Focus | None) -> GrowingChain | None:
        """Draw one of the subgraphs that hold the focus, and one of its orders."""
        roots: Sequence[Focus] = self.usable if focus is None else (focus,)
        sizes = range(self.settings.min_calls, self.settings.max_calls + 1)
        tries = _ROOTS if focus is None and roots else len(roots)
        for root in (rng.choice(roots) for _ in range(tries)):
            for size in rng.sample(sizes, len(sizes)):
                found = list(islice(self._find_around(root, size, rng), _LOOK_AT))
                rng.shuffle(found)
                for subgraph in found:
                    if orders := list(self.order_calls(subgraph)):
                        return self._call_in_order(rng.choice(orders), subgraph)
        return None

    def _find_around(self, focus: Focus, size: int, rng: Random) -> Iterator[Subgraph]:
        """Yield subgraphs that contain the focus, in an order that the seed decides."""
        wanted = None if isinstance(focus, str) else focus
        root = focus if isinstance(focus, str) else focus.consumer
        if root not in self.neighbours:
            return
        local: dict[str, list[str]] = {}

        def look_around(name: str) -> list[str]:
            if name not in local:
                near = self.neighbours[name]
                local[name] = rng.sample(near, min(_OFTEN, len(near)))
                if wanted and name == root and wanted.producer in near:
                    local[name] = [n for n in local[name] if n != wanted.producer]
                    local[name].append(wanted.producer)
            return local[name]

        for members in islice(connected_sets(root, size, look_around), 2 * _LOOK_AT):
            if subgraph := self.join_members(members, wanted):
                yield subgraph

    def join_members(self, members: Members, wanted: Link | None = None) -> Subgraph:
        """Keep one provider a parameter; nothing where the tools cannot be called by themselves."""
        chosen: list[Edge] = []
        for target in sorted(members):
            offers = [e for name in sorted(members) for e in self._between.get((name, target), ())]
            kept = {edge.parameter: edge for edge in offers if link_of(edge) == wanted}
            for parameter in self.world.models[target].parameters:
                given = {(other.producer, other.result_path) for other in kept.values()}
                rows = [_row_of(edge) for edge in kept.values()]  # an identity's parts are of one
                options = [
                    edge
                    for edge in offers
                    if edge.parameter == parameter.path and edge.method != "value"
                    if "[]" in edge.result_path or (edge.producer, edge.result_path) not in given
                ]
                if options and parameter.path not in kept:
                    best = max(options, key=lambda e: (_row_of(e) in rows, e.score))
                    kept[parameter.path] = best
            chosen += kept.values()
        # Leave out the weakest edge of each ring; not the wanted one, if that can be helped.
        whole, ring = list(chosen), list(chosen)
        while ring:
            producers = {edge.producer for edge in ring}
            consumers = {edge.consumer for edge in ring}
            inner = [e for e in ring if e.producer in consumers and e.consumer in producers]
            if len(inner) == len(ring):  # on rings, or on ways from one ring to another
                whole.remove(min(ring, key=lambda edge: (link_of(edge) == wanted, edge.score)))
                inner = list(whole)
            ring = inner
        fed = {(edge.consumer, edge.parameter) for edge in whole}
        needed = {place for place in self.sources.edges if place[0] in members}
        found = wanted is None or any(link_of(edge) == wanted for edge in whole)
        if not found or not needed <= fed:
            return ()
        # Whether the edges join all members, whatever their direction.
        reached = {members[0]}
        for _ in members:
            ends = ({edge.producer, edge.consumer} for edge in whole)
            reached.update(*(pair for pair in ends if pair & reached))
        return tuple(whole) if len(reached) == len(members) else ()

    def order_calls(self, subgraph: Subgraph) -> Iterator[Members]:
        """Yield all topological orders that make sense."""
        before = {(edge.producer, edge.consumer) for edge in subgraph}
        names = sorted({name for pair in before for name in pair})
        for order in permutations(names) if names else ():
            if all(order.index(one) < order.index(two) for one, two in before):
                models = [self.world.models[name] for name in order]
                if all(may_follow(models[:place], model) for place, model in enumerate(models)):
                    yield order

    def _call_in_order(self, order: Members, subgraph: Subgraph) -> GrowingChain:
        drawn = GrowingChain()
        for name in order:
            feeds = {
                edge.parameter: make_feed(
                    edge.parameter, order.index(edge.producer), edge.result_path
                )
                for edge in subgraph
                if edge.consumer == name
            }
            fed = distinguish_feeds(self.world.models[name], feeds)
            drawn = drawn.with_step(ChainStep(tool=name, feeds=fed), 0)
        return drawn


def connected_sets(root: str, size: int, near: Callable[[str], Sequence[str]]) -> Iterator[Members]:
    """Yield the connected sets of ``size`` tools that hold ``root``.

    ESU (Wernicke 2006): a set is grown only by neighbours that no earlier member of it had, so that
    it comes up in one way alone, if ``near`` (tool → its neighbours, without itself) is symmetric.
    The work is bounded by what is asked for: sets are yielded as they are found.
    """

    def grow(members: Members, extension: list[str], reached: frozenset[str]) -> Iterator[Members]:
        if len(members) == size:
            yield members
            return
        left = list(extension)
        while left:
            chosen = left.pop()
            around = near(chosen)
            fresh = [name for name in around if name not in reached]
            yield from grow((*members, chosen), [*left, *fresh], reached.union(around))

    around = near(root)
    yield from grow((root,), [*around], frozenset({root, *around}))


def _row_of(edge: Edge) -> tuple[str, str]:
    """Whose element of which list a value lies in."""
    return edge.producer, list_element(edge.result_path)
