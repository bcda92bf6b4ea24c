"""What a call must be given by earlier calls, and which tools can give it.

A value that means nothing to a person has to come from a result. Not every edge will do: where
``get`` gives back the id that it was asked with, nothing is gained. The sources kept here are
well-founded: following them from any tool ends after finitely many calls at tools that need
nothing. What no tool can give, the user has to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from generators.graph.tool_graph import ToolGraph
from generators.world import ParameterModel, World
from schemas.graph import Edge

Place = tuple[str, str]
"""A tool and one of its parameters."""

GIVING: frozenset[str] = frozenset({"identity", "name"})
"""Methods of the edges that bring a value into the conversation."""

SURE: frozenset[str] = frozenset({"identity", "echo", "name"})
"""Methods of the edges along which a value may be taken that a person could not say."""
FOLLOWED: frozenset[str] = SURE | {"value"}
"""Methods of the edges that a walk follows. Weaker evidence, such as one kind of value, would lead
it between calls of which the user has to say all the same what the second one needs."""


@dataclass(frozen=True)
class Supply:
    """Sources of the required opaque parameters."""

    sources: Mapping[Place, tuple[Edge, ...]]
    """Best first. A place that is absent is the user's to fill."""
    lengths: Mapping[str, int]
    """Tool → calls of a short chain that ends with it."""
    loads: Mapping[str, float]
    """Tool → how often it is called, if every tool is wanted once."""


def find_supply(world: World, graph: ToolGraph) -> Supply:
    """Keep, of the edges into required opaque parameters, those that rest on firm ground."""
    names = sorted(world.models)
    places = {
        (name, parameter.path): _sources(world, graph, name, parameter)
        for name in names
        for parameter in world.models[name].parameters
        if parameter.required and parameter.opaque
    }
    asked = {place: edges for place, edges in places.items() if edges}
    ranks = _ranks(names, asked)
    firm = {
        place: tuple(edge for edge in edges if ranks[edge.producer] < ranks[place[0]])
        for place, edges in asked.items()
    }
    sources = {place: edges for place, edges in firm.items() if edges}
    return Supply(sources, _lengths(names, sources, ranks), _loads(names, sources, ranks))


def _sources(
    world: World, graph: ToolGraph, name: str, parameter: ParameterModel
) -> tuple[Edge, ...]:
    """Edges that bring the value in; nothing is changed for its sake, if it can be read."""
    edges = [e for e in graph.feeding(name, parameter.path) if e.method in GIVING]
    for kinds in (("list", "get", "compute"), ("create",), ("update", "delete")):
        chosen = tuple(e for e in edges if world.models[e.producer].operation in kinds)
        if chosen:
            return chosen
    return ()


def _ranks(names: list[str], asked: Mapping[Place, tuple[Edge, ...]]) -> dict[str, int]:
    """Tool → how many calls deep its needs go, at the least.

    In a ring of tools that all need each other the first by name is taken to need nothing.
    """
    needs = _by_tool(names, asked)
    ranks: dict[str, int] = {}
    rank = 0
    while len(ranks) < len(names):
        open_names = [name for name in names if name not in ranks]
        ready = [n for n in open_names if all(_met(edges, ranks) for edges in needs[n])]
        for name in ready or open_names[:1]:
            ranks[name] = rank
        rank += 1
    return ranks


def _by_tool(
    names: list[str], places: Mapping[Place, tuple[Edge, ...]]
) -> dict[str, list[tuple[Edge, ...]]]:
    grouped: dict[str, list[tuple[Edge, ...]]] = {name: [] for name in names}
    for (name, _), edges in places.items():
        grouped[name].append(edges)
    return grouped


def _met(edges: tuple[Edge, ...], ranks: Mapping[str, int]) -> bool:
    return any(edge.producer in ranks for edge in edges)


def _loads(
    names: list[str], sources: Mapping[Place, tuple[Edge, ...]], ranks: Mapping[str, int]
) -> dict[str, float]:
    """How often each tool is called, if every tool is wanted once and sources share the work."""
    loads = dict.fromkeys(names, 1.0)
    places = _by_tool(names, sources)
    for name in sorted(names, key=lambda name: (-ranks[name], name)):
        for edges in places[name]:
            total = sum(edge.score**2 for edge in edges)
            for edge in edges:
                loads[edge.producer] += loads[name] * edge.score**2 / total
    return loads


def _lengths(
    names: list[str], sources: Mapping[Place, tuple[Edge, ...]], ranks: Mapping[str, int]
) -> dict[str, int]:
    """How many calls a chain needs that ends with each tool, at the least or nearly so."""
    plans: dict[str, frozenset[str]] = {}
    places = _by_tool(names, sources)
    for name in sorted(names, key=lambda name: (ranks[name], name)):
        parts = [
            min((plans[edge.producer] for edge in edges), key=lambda p: (len(p), sorted(p)))
            for edges in places[name]
        ]
        plans[name] = frozenset({name}).union(*parts)
    return {name: len(plan) for name, plan in plans.items()}
