"""GOAT's sampling (arXiv 2510.12218): connected subgraphs of 2–4 tools, in all topological orders.

One provider is kept for each (target, parameter), rings are broken at their weakest edge, and every
order in which providers come before targets is a chain. The original tries all combinations of four
tools; here subgraphs are grown along edges one at a time, and a sample chooses among a bounded
number of those around one tool. Left out are subgraphs that lack the source of a value which no
person has in mind, and orders that nobody would make, such as asking for what was just deleted.
"""

from collections.abc import Iterator, Mapping
from itertools import islice, permutations
from random import Random

from generators.graph.returned import container
from generators.graph.tool_graph import ToolGraph
from generators.sampling.connected import Tools, connected_sets
from generators.sampling.drafting import Feeds, told_apart
from generators.sampling.ground import out_of_reach, prepare
from generators.sampling.sampler import NOTHING_USED, Focus, Link, Usage, link_of
from generators.sampling.sense import sensible
from generators.sampling.turns import MOST_TURNS, group_turns
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.graph import ChainStep, Edge, Feed, ToolChain

_LOOK_AT = 240
"""Subgraphs of one size around one tool, among which a sample chooses."""
_OFTEN = 40
"""Neighbours of one tool that a sample looks at; hubs have thousands."""
_ROOTS = 12

Kept = tuple[Edge, ...]
"""The edges of a subgraph: one provider for each (target, parameter)."""


class SubgraphSampler:
    """Draws one order of one small connected subgraph."""

    policy = "subgraphs"

    def __init__(
        self, world: World, graph: ToolGraph, *, min_calls: int = 2, max_calls: int = 4
    ) -> None:
        """Subgraphs have ``min_calls`` to ``max_calls`` tools, each of which is called once."""
        self._least, self._most = min_calls, max_calls
        self._world = world
        self._ground = prepare(world, graph, most_calls=max_calls, visit_cap=1)
        self._pairs = _pairs(graph, self._ground.known)
        self._near = _neighbours(self._pairs)
        self.usable: tuple[str, ...] = tuple(n for n in self._ground.usable if n in self._near)
        self.links: tuple[Link, ...] = self._ground.links

    def sample(
        self, seed: int, focus: Focus | None = None, usage: Usage = NOTHING_USED
    ) -> ToolChain:
        """Draw a chain of one subgraph that holds the focus. Raises InputError; see `Sampler`."""
        del usage
        rng = Random(derive_seed(self.policy, seed, focus))
        roots = self.usable if focus is None else (focus,)
        tries = _ROOTS if focus is None and roots else len(roots)
        for root in (rng.choice(roots) for _ in range(tries)):
            for size in rng.sample(
                range(self._least, self._most + 1), self._most + 1 - self._least
            ):
                found = list(islice(self._around(root, size, rng), _LOOK_AT))
                rng.shuffle(found)
                for kept in found:
                    if orders := list(self._orders(kept)):
                        return self._chain(rng.choice(orders), kept, seed)
        raise out_of_reach(focus or "", self._most)

    def enumerate_chains(self, limit: int | None = None) -> Iterator[ToolChain]:
        """Yield every chain of every subgraph, none twice, up to ``limit`` chains."""
        return islice(self._all_chains(), limit)

    def _all_chains(self) -> Iterator[ToolChain]:
        for size in range(self._least, self._most + 1):
            for root in self.usable:
                # of the sets that hold a tool, those in which it is the first by name
                sets = connected_sets(root, size, self._near.__getitem__, root.__lt__)
                for kept in map(self._kept, sets):
                    for order in self._orders(kept) if kept else ():
                        yield self._chain(order, kept, 0)

    def _around(self, focus: Focus, size: int, rng: Random) -> Iterator[Kept]:
        """Yield subgraphs that contain the focus, in an order that the seed decides."""
        wanted = None if isinstance(focus, str) else focus
        root = wanted.consumer if wanted else str(focus)
        if root not in self._near:
            return
        local: dict[str, list[str]] = {}

        def near(name: str) -> list[str]:
            if name not in local:
                local[name] = rng.sample(self._near[name], min(_OFTEN, len(self._near[name])))
                if wanted and name == root and wanted.producer in self._near[name]:
                    local[name] = [n for n in local[name] if n != wanted.producer]
                    local[name].append(wanted.producer)
            return local[name]

        for members in islice(connected_sets(root, size, near, lambda _: True), 2 * _LOOK_AT):
            if kept := self._kept(members, wanted):
                yield kept

    def _kept(self, members: Tools, wanted: Link | None = None) -> Kept:
        """Keep one provider a parameter; nothing where the subgraph cannot be called as it is."""
        chosen = [e for name in sorted(members) for e in self._providers(name, members, wanted)]
        kept = _without_rings(chosen, wanted)
        complete = _joined(members, kept) and self._sufficient(members, kept)
        found = wanted is None or any(link_of(edge) == wanted for edge in kept)
        return tuple(kept) if complete and found else ()

    def _providers(self, target: str, members: Tools, wanted: Link | None) -> Iterator[Edge]:
        """Yield the best edge of each parameter; the parts of an identity from one row."""
        offers = [e for name in sorted(members) for e in self._pairs.get((name, target), ())]
        first = [edge for edge in offers if link_of(edge) == wanted]
        kept = {edge.parameter: edge for edge in first}
        for parameter in self._world.models[target].parameters:
            options = [e for e in offers if e.parameter == parameter.path and _free(e, kept)]
            if options and parameter.path not in kept:
                rows = [_row(edge) for edge in kept.values()]
                kept[parameter.path] = max(options, key=lambda e: (_row(e) in rows, e.score))
        yield from kept.values()

    def _sufficient(self, members: Tools, kept: list[Edge]) -> bool:
        """Whether all that must come from results does."""
        fed = {(edge.consumer, edge.parameter) for edge in kept}
        sources = self._ground.drafter.supply.sources
        return all(
            (name, parameter.path) in fed or (name, parameter.path) not in sources
            for name in members
            for parameter in self._world.models[name].parameters
        )

    def _orders(self, kept: Kept) -> Iterator[Tools]:
        """Yield all topological orders that make sense."""
        members = sorted({name for edge in kept for name in (edge.producer, edge.consumer)})
        before = {(edge.producer, edge.consumer) for edge in kept}
        for order in permutations(members):
            places = {name: place for place, name in enumerate(order)}
            if all(places[one] < places[two] for one, two in before):
                models = [self._world.models[name] for name in order]
                if all(sensible(models[:place], model) for place, model in enumerate(models)):
                    yield order

    def _chain(self, order: Tools, kept: Kept, seed: int) -> ToolChain:
        places = {name: place for place, name in enumerate(order)}
        steps = []
        for name in order:
            feeds: Feeds = {
                edge.parameter: Feed(
                    parameter=edge.parameter,
                    step=places[edge.producer],
                    result_path=edge.result_path,
                )
                for edge in kept
                if edge.consumer == name
            }
            model = self._world.models[name]
            steps.append(ChainStep(tool=name, feeds=tuple(told_apart(model, feeds))))
        writes = [self._world.models[name].writes for name in order]
        rng = Random(derive_seed("turns", seed, *order))
        turns = group_turns(writes, [0] * len(order), MOST_TURNS, rng)
        return ToolChain(steps=tuple(steps), turns=turns, policy=self.policy, seed=seed)


def _free(edge: Edge, kept: Mapping[str, Edge]) -> bool:
    """Whether a value is one to be fed, and not given to another parameter already."""
    given = {(other.producer, other.result_path) for other in kept.values()}
    alone = "[]" not in edge.result_path
    return edge.method != "value" and not (alone and (edge.producer, edge.result_path) in given)


def _row(edge: Edge) -> tuple[str, str]:
    """Whose element of which list a value lies in."""
    return edge.producer, container(edge.result_path)


def _pairs(graph: ToolGraph, known: frozenset[str]) -> dict[tuple[str, str], list[Edge]]:
    pairs: dict[tuple[str, str], list[Edge]] = {}
    for edge in graph.edges:
        if edge.producer != edge.consumer and {edge.producer, edge.consumer} <= known:
            pairs.setdefault((edge.producer, edge.consumer), []).append(edge)
    return pairs


def _neighbours(pairs: dict[tuple[str, str], list[Edge]]) -> dict[str, list[str]]:
    """Tool → those that an edge joins to it, sorted."""
    near: dict[str, set[str]] = {}
    for one, two in pairs:
        near.setdefault(one, set()).add(two)
        near.setdefault(two, set()).add(one)
    return {name: sorted(others) for name, others in near.items()}


def _without_rings(edges: list[Edge], wanted: Link | None) -> list[Edge]:
    """Leave out the weakest edge of each ring; not the wanted one, if that can be helped."""
    kept = list(edges)
    while ring := _ringed(kept):
        weakest = min(ring, key=lambda edge: (link_of(edge) == wanted, edge.score))
        kept.remove(weakest)
    return kept


def _ringed(edges: list[Edge]) -> list[Edge]:
    """Find the edges that lie on rings or lead from one ring to another."""
    left = edges
    while True:
        producers = {edge.producer for edge in left}
        consumers = {edge.consumer for edge in left}
        inner = [e for e in left if e.producer in consumers and e.consumer in producers]
        if len(inner) == len(left):
            return left
        left = inner


def _joined(members: Tools, edges: list[Edge]) -> bool:
    """Whether the edges join all members, whatever their direction."""
    reached = {members[0]}
    while True:
        more = {
            name
            for edge in edges
            if (edge.producer in reached) != (edge.consumer in reached)
            for name in (edge.producer, edge.consumer)
        }
        if not more:
            return len(reached) == len(members)
        reached |= more
