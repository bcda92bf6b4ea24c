"""The tool graph: tools, and the values that can pass from one to another.

A multigraph, as one tool may give another several values. How edges are found is known in
`generators.graph.recipes`; what is done along them in `generators.sampling`.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from generators.embedding import Embedder
from generators.graph.recipes import find_recipe
from generators.identity_cache import Same, kept
from generators.world.model import World
from schemas.graph import Edge
from schemas.record import JsonObject

if TYPE_CHECKING:
    import networkx as nx

_K = TypeVar("_K", bound=Hashable)
WEAK: frozenset[str] = frozenset({"mention", "kind", "text"})
"""Methods of the edges that say only that a value is of the right sort."""


class ToolGraph:
    """Which tool can feed which parameter of which other tool."""

    def __init__(self, tools: Iterable[str], edges: Iterable[Edge]) -> None:
        """``tools`` are wire names. Edges of a parameter are kept best first."""
        self.edges: tuple[Edge, ...] = tuple(
            sorted(
                edges,
                key=lambda e: (e.consumer, e.parameter, -e.score, e.producer, e.result_path),
            )
        )
        """By consumer and parameter, best first."""
        ends = (name for edge in self.edges for name in (edge.producer, edge.consumer))
        self.tools: tuple[str, ...] = tuple(sorted({*tools, *ends}))
        """Wire names, sorted."""
        self._feeding = _group_edges(self.edges, lambda edge: (edge.consumer, edge.parameter))
        self._leaving = _group_edges(self.edges, lambda edge: edge.producer)

    @cached_property
    def network(self) -> "nx.MultiDiGraph[str]":
        """The graph as networkx has it, made when it is first asked for."""
        import networkx as nx  # takes 0.2 s, and a build never asks for it

        network: nx.MultiDiGraph[str] = nx.MultiDiGraph(
            nx.node_link_graph(self.to_json(), edges="edges")
        )
        return network

    def feeding(self, consumer: str, parameter: str) -> tuple[Edge, ...]:
        """Edges that can give a parameter its value, best first."""
        return self._feeding.get((consumer, parameter), ())

    def leaving(self, producer: str) -> tuple[Edge, ...]:
        """Edges from a tool, by consumer and parameter."""
        return self._leaving.get(producer, ())

    def between(self, producer: str, consumer: str) -> tuple[Edge, ...]:
        """Edges from one tool to another, best first."""
        return self._between.get((producer, consumer), ())

    @cached_property
    def _between(self) -> dict[tuple[str, str], tuple[Edge, ...]]:
        falling = sorted(self.edges, key=lambda edge: -edge.score)
        return _group_edges(falling, lambda edge: (edge.producer, edge.consumer))

    def sure(self) -> "ToolGraph":
        """The graph without edges on weak evidence: what a walk may follow.

        The others would lead it between calls of which the user has to say all the same what the
        second one needs. Edges of one's own recipes are taken to be sure.
        """
        return ToolGraph(self.tools, (edge for edge in self.edges if edge.method not in WEAK))

    def stats(self) -> JsonObject:
        """Count for the report; ``density`` is the share of ordered pairs that are joined."""
        count = len(self.tools)
        pairs = {(edge.producer, edge.consumer) for edge in self.edges}
        joined = {name for pair in pairs for name in pair}
        return {
            "tools": count,
            "edges": len(self.edges),
            "pairs": len(pairs),
            "density": round(len(pairs) / (count * (count - 1)), 4) if count > 1 else 0.0,
            "fed_parameters": len(self._feeding),
            "isolated": sum(name not in joined for name in self.tools),
            "methods": dict(sorted(Counter(edge.method for edge in self.edges).items())),
        }

    def to_json(self) -> JsonObject:
        """Node-link form, as networkx and most graph viewers read it."""
        links: list[JsonObject] = []
        numbers: Counter[tuple[str, str]] = Counter()
        for edge in sorted(self.edges, key=lambda edge: edge.producer):
            ends = (edge.producer, edge.consumer)
            facts = edge.model_dump(mode="json", exclude={"producer", "consumer"})
            links.append(facts | {"source": ends[0], "target": ends[1], "key": numbers[ends]})
            numbers[ends] += 1
        nodes = [{"id": name} for name in self.tools]
        kind = {"directed": True, "multigraph": True, "graph": {}}
        return {**kind, "nodes": nodes, "edges": links}

    @classmethod
    def from_json(cls, form: JsonObject) -> "ToolGraph":
        """Read back what `to_json` wrote."""
        edges = [
            Edge(
                producer=link["source"],
                consumer=link["target"],
                **{name: value for name, value in link.items() if name in Edge.model_fields},
            )
            for link in form["edges"]
        ]
        return cls([node["id"] for node in form["nodes"]], edges)


def _group_edges(edges: Iterable[Edge], key: Callable[[Edge], _K]) -> dict[_K, tuple[Edge, ...]]:
    groups: dict[_K, list[Edge]] = {}
    for edge in edges:
        groups.setdefault(key(edge), []).append(edge)
    return {key: tuple(found) for key, found in groups.items()}


def build_graph(world: World, embedder: Embedder, recipe: str = "full") -> ToolGraph:
    """Find the edges of a world's tools. Independent of the order of the tools.

    ``recipe``: a name of `generators.graph.recipes.RECIPES`; InputError where it is none.
    """
    return connected(Same(world), Same(embedder), recipe)


@kept(2)
def connected(world: Same[World], embedder: Same[Embedder], recipe: str) -> ToolGraph:
    """The graph of one world: its edges are not looked for again."""
    return ToolGraph(world.it.models, find_recipe(recipe).edges(world.it, embedder.it))
