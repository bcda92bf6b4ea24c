"""Facts about a tool graph as a whole: how it hangs together, and what no tool leads to."""

from collections import Counter
from collections.abc import Iterable, Sequence

from generators.graph.tool_graph import ToolGraph
from schemas.graph import Edge
from schemas.record import JsonObject, Record
from schemas.tool import Catalog

MOST_HUBS = 10


class Hub(Record):
    """A tool with many neighbours."""

    tool: str
    feeds: int
    """Tools that its result can serve."""
    fed_by: int


class GraphFacts(Record):
    """What `toolweave graph stats` tells."""

    counts: JsonObject
    """`ToolGraph.stats`."""
    feeds: dict[int, int]
    """Number of tools that a tool feeds → how many tools do so; rising."""
    fed_by: dict[int, int]
    hubs: tuple[Hub, ...]
    components: tuple[int, ...]
    """Sizes of the parts that no edge joins, the largest first; lone tools are parts of one."""
    unreachable: tuple[str, ...]
    """Tools that must be given something, to which no edge leads: only a user can ask for them."""


def facts_of(catalog: Catalog, graph: ToolGraph) -> GraphFacts:
    """Count."""
    feeds, fed_by = _neighbours(graph.tools, graph.edges)
    by_degree = sorted(graph.tools, key=lambda tool: (-feeds[tool] - fed_by[tool], tool))
    needy = {tool.wire_name for tool in catalog.tools if tool.required}
    return GraphFacts(
        counts=graph.stats(),
        feeds=dict(sorted(Counter(feeds.values()).items())),
        fed_by=dict(sorted(Counter(fed_by.values()).items())),
        hubs=tuple(
            Hub(tool=tool, feeds=feeds[tool], fed_by=fed_by[tool])
            for tool in by_degree[:MOST_HUBS]
            if feeds[tool] + fed_by[tool]
        ),
        components=_components(graph.tools, graph.edges),
        unreachable=tuple(tool for tool in graph.tools if tool in needy and not fed_by[tool]),
    )


def _neighbours(
    tools: Iterable[str], edges: Sequence[Edge]
) -> tuple[dict[str, int], dict[str, int]]:
    """How many other tools each one feeds, and is fed by."""
    feeds, fed_by = dict.fromkeys(tools, 0), dict.fromkeys(tools, 0)
    for giver, taker in {(edge.producer, edge.consumer) for edge in edges}:
        if giver != taker:
            feeds[giver] += 1
            fed_by[taker] += 1
    return feeds, fed_by


def _components(tools: Iterable[str], edges: Sequence[Edge]) -> tuple[int, ...]:
    """Sizes of the weakly connected parts."""
    above = {tool: tool for tool in tools}

    def top(tool: str) -> str:
        while above[tool] != tool:
            above[tool] = above[above[tool]]
            tool = above[tool]
        return tool

    for edge in edges:
        above[top(edge.producer)] = top(edge.consumer)
    return tuple(sorted(Counter(map(top, above)).values(), reverse=True))
