"""GOAT's sampling (arXiv 2510.12218): connected subgraphs of 2–4 tools, in all topological orders.

One provider is kept for each (target, parameter), rings are broken at their weakest edge, and every
order in which providers come before targets is a chain. The original tries all combinations of four
tools; here subgraphs are grown along edges one at a time, and a sample chooses among a bounded
number of those around one tool. Left out are subgraphs that lack the source of a value which no
person has in mind, and orders that nobody would make, such as asking for what was just deleted.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice, permutations
from random import Random
from typing import Any

from generators.graph.result_leaves import list_element
from generators.graph.tool_graph import ToolGraph
from generators.sampling.chain_growth import (
    GrowingChain,
    distinguish_feeds,
    make_feed,
    may_follow,
)
from generators.sampling.chain_sampler import ChainSampler, SamplerSettings
from generators.sampling.sampler import Focus, Link, link_of
from generators.world.model import World
from schemas.graph import ChainStep, Edge

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
