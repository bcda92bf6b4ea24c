"""What a call must be given by earlier calls, and which tools can give it.

A value that means nothing to a person has to come from a result. Not every edge will do: where
``get`` gives back the id that it was asked with, nothing is gained. The sources kept here are
well-founded: following them from any tool ends after finitely many calls at tools that need
nothing. What no tool can give, the user has to say.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from generators.graph.tool_graph import ToolGraph
from generators.world.model import World
from schemas.graph import Edge

ParameterPlace = tuple[str, str]
"""A tool and the path of one of its parameters."""
EdgesByPlace = Mapping[ParameterPlace, tuple[Edge, ...]]
_BORROWED: frozenset[str] = frozenset({"echo", "value"})
"""Methods of the edges that bring no new value into the conversation, or one from elsewhere."""
_BRINGING = (("list", "get", "compute"), ("create",), ("update", "delete"))
"""Operations of sources; nothing is changed for a value's sake, if it can be read."""


def brings_value(edge: Edge) -> bool:
    """Whether an edge brings a value into the conversation that a person could not say."""
    return edge.method not in _BORROWED


@dataclass(frozen=True)
class ValueSources:
    """Sources of the required opaque parameters."""

    edges: EdgesByPlace
    """Best first. A parameter that is absent is the user's to fill."""
    lengths: Mapping[str, int]
    """Tool → calls of a short chain that ends with it."""
    loads: Mapping[str, float]
    """Tool → how often it is called, if every tool is wanted once."""


def find_value_sources(world: World, graph: ToolGraph) -> ValueSources:
    """Keep, of the edges into required opaque parameters, those that rest on firm ground."""
    names = sorted(world.models)
    asked: dict[ParameterPlace, tuple[Edge, ...]] = {}
    for name in names:
        for parameter in world.models[name].parameters:
            if parameter.required and parameter.found:
                edges = [e for e in graph.feeding(name, parameter.path) if brings_value(e)]
                for operations in _BRINGING:
                    some = [e for e in edges if world.models[e.producer].operation in operations]
                    if some:
                        asked[name, parameter.path] = tuple(some)
                        break
    ranks = _rank_tools(names, asked)
    firm: dict[ParameterPlace, tuple[Edge, ...]] = {}
    by_tool: dict[str, list[tuple[Edge, ...]]] = {name: [] for name in names}
    for (name, path), found in asked.items():
        if kept := tuple(edge for edge in found if ranks[edge.producer] < ranks[name]):
            firm[name, path] = kept
            by_tool[name].append(kept)
    # How many calls a chain needs that ends with each tool, at the least or nearly so.
    plans: dict[str, frozenset[str]] = {}
    for name in sorted(names, key=lambda name: (ranks[name], name)):
        parts = [
            min((plans[edge.producer] for edge in kept), key=lambda p: (len(p), sorted(p)))
            for kept in by_tool[name]
        ]
        plans[name] = frozenset({name}).union(*parts)
    # How often each is called, if every tool is wanted once and sources share the work.
    downwards = sorted(names, key=lambda name: (-ranks[name], name))
    loads = dict.fromkeys(downwards, 1.0)
    for name in downwards:
        for kept in by_tool[name]:
            total = sum(edge.score**2 for edge in kept)
            for edge in kept:
                loads[edge.producer] += loads[name] * edge.score**2 / total
    return ValueSources(firm, {name: len(plan) for name, plan in plans.items()}, loads)


def _rank_tools(names: list[str], asked: EdgesByPlace) -> dict[str, int]:
    """Tool → how many calls deep its needs go, at the least.

    In a ring of tools that all need each other the first by name is taken to need nothing.
    """
    unmet = dict.fromkeys(names, 0)
    waiting: dict[str, list[ParameterPlace]] = {}
    for place, edges in asked.items():
        unmet[place[0]] += 1
        for producer in dict.fromkeys(edge.producer for edge in edges):
            waiting.setdefault(producer, []).append(place)
    ranks: dict[str, int] = {}
    met: set[ParameterPlace] = set()
    left, ready, rank = iter(names), [name for name in names if not unmet[name]], 0
    while len(ranks) < len(names):
        ready = ready or [next(name for name in left if name not in ranks)]
        ranks |= dict.fromkeys(ready, rank)
        rank += 1
        served = [place for name in ready for place in waiting.get(name, ())]
        ready = []
        for place in served:
            if place not in met:
                met.add(place)
                unmet[place[0]] -= 1
                if not unmet[place[0]] and place[0] not in ranks:
                    ready.append(place[0])
    return ranks
