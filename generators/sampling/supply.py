"""What a call must be given by earlier calls, and which tools can give it.

A value that means nothing to a person has to come from a result. Not every edge will do: where
``get`` gives back the id that it was asked with, nothing is gained. The sources kept here are
well-founded: following them from any tool ends after finitely many calls at tools that need
nothing. What no tool can give, the user has to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from generators.graph.tool_graph import ToolGraph
from generators.world.model import ParameterModel, World
from schemas.graph import Edge

Place = tuple[str, str]
"""A tool and one of its parameters."""

_BORROWED: frozenset[str] = frozenset({"echo", "value"})
"""Methods of the edges that bring no new value into the conversation, or one from elsewhere."""


def gives(edge: Edge) -> bool:
    """Whether an edge brings a value into the conversation that a person could not say."""
    return edge.method not in _BORROWED


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
    edges = [e for e in graph.feeding(name, parameter.path) if gives(e)]
    for kinds in (("list", "get", "compute"), ("create",), ("update", "delete")):
        chosen = tuple(e for e in edges if world.models[e.producer].operation in kinds)
        if chosen:
            return chosen
    return ()


def _ranks(names: list[str], asked: Mapping[Place, tuple[Edge, ...]]) -> dict[str, int]:
    """Tool → how many calls deep its needs go, at the least.

    In a ring of tools that all need each other the first by name is taken to need nothing.
    """
    unmet = dict.fromkeys(names, 0)
    waiting: dict[str, list[Place]] = {}
    for place, edges in asked.items():
        unmet[place[0]] += 1
        for producer in dict.fromkeys(edge.producer for edge in edges):
            waiting.setdefault(producer, []).append(place)
    ranks: dict[str, int] = {}
    met: set[Place] = set()
    left, ready, rank = iter(names), [name for name in names if not unmet[name]], 0
    while len(ranks) < len(names):
        ready = ready or [next(name for name in left if name not in ranks)]
        ranks |= dict.fromkeys(ready, rank)
        rank += 1
        ready = _now_ready(ready, waiting, unmet, met, ranks)
    return ranks


def _now_ready(
    ranked: list[str],
    waiting: Mapping[str, list[Place]],
    unmet: dict[str, int],
    met: set[Place],
    ranks: Mapping[str, int],
) -> list[str]:
    """Tools whose last open need is met by those that were just ranked."""
    found: list[str] = []
    for place in (place for name in ranked for place in waiting.get(name, ())):
        if place not in met:
            met.add(place)
            unmet[place[0]] -= 1
            if not unmet[place[0]] and place[0] not in ranks:
                found.append(place[0])
    return found


def _by_tool(
    names: list[str], places: Mapping[Place, tuple[Edge, ...]]
) -> dict[str, list[tuple[Edge, ...]]]:
    grouped: dict[str, list[tuple[Edge, ...]]] = {name: [] for name in names}
    for (name, _), edges in places.items():
        grouped[name].append(edges)
    return grouped


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
