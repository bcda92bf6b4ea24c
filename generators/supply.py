"""What a call must be given by earlier calls, and which tools can give it.

A value that means nothing to a person has to come from a result. Not every edge will do: where
``get`` gives back the id that it was asked with, nothing is gained. The sources kept here are
well-founded: following them from any tool ends after finitely many calls at tools that need
nothing. What no tool can give, the user has to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from generators.graph import ToolGraph
from generators.world import ParameterModel, World
from schemas.graph import Edge

Place = tuple[str, str]
"""A tool and one of its parameters."""

GIVING: frozenset[str] = frozenset({"identity", "name"})
"""Methods of the edges that bring a value into the conversation."""


@dataclass(frozen=True)
class Supply:
    """Sources of the required opaque parameters."""

    sources: Mapping[Place, tuple[Edge, ...]]
    """Best first. A place that is absent is the user's to fill."""
    plans: Mapping[str, frozenset[str]]
    """For each tool the tools of one short chain that ends with it, itself included."""


def find_supply(world: World, graph: ToolGraph) -> Supply:
    """Keep, of the edges into required opaque parameters, those that rest on firm ground."""
    places = {
        (name, parameter.path): _sources(world, graph, name, parameter)
        for name in sorted(world.models)
        for parameter in world.models[name].parameters
        if parameter.required and parameter.opaque
    }
    asked = {place: edges for place, edges in places.items() if edges}
    ranks = _ranks(sorted(world.models), asked)
    firm = {
        place: tuple(edge for edge in edges if ranks[edge.producer] < ranks[place[0]])
        for place, edges in asked.items()
    }
    sources = {place: edges for place, edges in firm.items() if edges}
    return Supply(sources, _plans(sources, ranks))


def _sources(
    world: World, graph: ToolGraph, name: str, parameter: ParameterModel
) -> tuple[Edge, ...]:
    """Edges that bring the value in; a row is not made only to be deleted, if there is a choice."""
    edges = [e for e in graph.feeding(name, parameter.path) if e.method in GIVING]
    if world.models[name].operation == "delete":
        found = [e for e in edges if world.models[e.producer].operation != "create"]
        edges = found or edges
    return tuple(edges)


def _ranks(names: list[str], asked: Mapping[Place, tuple[Edge, ...]]) -> dict[str, int]:
    """Tool → how many calls deep its needs go, at the least.

    In a ring of tools that all need each other the first by name is taken to need nothing.
    """
    needs: dict[str, list[tuple[Edge, ...]]] = {name: [] for name in names}
    for (name, _), edges in asked.items():
        needs[name].append(edges)
    ranks: dict[str, int] = {}
    rank = 0
    while len(ranks) < len(names):
        open_names = [name for name in names if name not in ranks]
        ready = [n for n in open_names if all(_met(edges, ranks) for edges in needs[n])]
        for name in ready or open_names[:1]:
            ranks[name] = rank
        rank += 1
    return ranks


def _met(edges: tuple[Edge, ...], ranks: Mapping[str, int]) -> bool:
    return any(edge.producer in ranks for edge in edges)


def _plans(
    sources: Mapping[Place, tuple[Edge, ...]], ranks: Mapping[str, int]
) -> dict[str, frozenset[str]]:
    needs: dict[str, list[tuple[Edge, ...]]] = {name: [] for name in ranks}
    for (name, _), edges in sources.items():
        needs[name].append(edges)
    plans: dict[str, frozenset[str]] = {}
    for name in sorted(ranks, key=lambda name: (ranks[name], name)):
        parts = [
            min((plans[edge.producer] for edge in edges), key=lambda p: (len(p), sorted(p)))
            for edges in needs[name]
        ]
        plans[name] = frozenset({name}).union(*parts)
    return plans
