"""The graph in the terminal: its facts, and one tool with all that it is joined to."""

import difflib
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.graphs.facts import GraphFacts
from pipeline.graphs.files import Known
from pipeline.views.graph_page import kind_of
from schemas.errors import InputError
from schemas.graph import Edge
from schemas.record import JsonObject
from schemas.tool import ToolSpec

MOST_UNREACHABLE = 12
BAR = 30
"""Characters of the longest bar."""


def find_tool(known: Known, name: str) -> ToolSpec:
    """The tool of this wire name. Raises InputError that names the nearest."""
    tools = known.catalog.by_name
    if name not in tools:
        near = difflib.get_close_matches(name, tools, n=3)
        hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
        raise InputError(f"no tool is called {name!r}{hint}")
    return tools[name]


def neighbours(known: Known, name: str) -> JsonObject:
    """A tool with the edges that lead to it and from it, the surest first."""
    tool = find_tool(known, name)
    fed_by = [edge for edge in known.graph.edges if edge.consumer == name]
    feeds = [edge for edge in known.graph.edges if edge.producer == name]
    return {
        "tool": tool.model_dump(mode="json"),
        "fed_by": [edge.model_dump(mode="json") for edge in sorted(fed_by, key=_by_score)],
        "feeds": [edge.model_dump(mode="json") for edge in sorted(feeds, key=_by_score)],
    }


def _by_score(edge: Edge) -> tuple[float, str, str, str]:
    return -edge.score, edge.producer, edge.consumer, edge.parameter


def print_tool(known: Known, name: str) -> None:
    """Print a tool, who feeds it and whom it feeds."""
    console = Console(highlight=False)
    tool = find_tool(known, name)
    heading_title = Text.assemble(
        (tool.wire_name, "bold"), (f"  {tool.domain} · {tool.effect}", "dim")
    )
    parameters = [
        Text.assemble(
            "  ", name, (f"  {kind_of(schema)}{('' if optional else ', required')}", "dim")
        )
        for name, schema in tool.properties.items()
        for optional in [name not in tool.required]
    ]
    console.print(Group(heading_title, Text(tool.description), *parameters))
    found = neighbours(known, name)
    for title, end in (("fed by", "producer"), ("feeds", "consumer")):
        edges = found[title.replace(" ", "_")]
        console.print(Text(f"\n{title} ({len(edges)})", style="bold"))
        for edge in edges:
            console.print(_edge(edge, end))


def _edge(edge: JsonObject, end: str) -> RenderableType:
    head = Text.assemble(
        f"  {edge['score']:.2f} ", (f"{edge['method']:<9}", "dim"), (edge[end], "bold")
    )
    why = [f"{edge['result_path']} → {edge['parameter']}", edge["evidence"]]
    if judged := edge["judgement"]:
        why.append(f"{judged['model']} gives {judged['score']} of 9: {judged['reason']}")
    if edge["consumed"] is not None:
        why.append("a call with it ran" if edge["consumed"] else "no call with it ran")
    told = [Padding(Text(line, style="dim"), (0, 0, 0, 17), expand=False) for line in why if line]
    return Group(head, *told)


def print_facts(facts: GraphFacts) -> None:
    """Print the facts of a graph."""
    console = Console(highlight=False)
    counts = {name: value for name, value in facts.counts.items() if not isinstance(value, dict)}
    console.print(_columns((_words(name), _number(value)) for name, value in counts.items()))
    for name, value in facts.counts.items():
        if isinstance(value, dict):
            _print_bars(console, _words(name), value)
    _print_bars(console, "tools, by how many others they feed", _grouped(facts.feeds))
    _print_bars(console, "tools, by how many others feed them", _grouped(facts.fed_by))
    console.print(Text("\nhubs", style="bold"))
    told = ((hub.tool, f"feeds {hub.feeds}", f"fed by {hub.fed_by}") for hub in facts.hubs)
    console.print(_columns(told))
    console.print(Text("\nparts", style="bold"))
    console.print(f"  {_parts(facts.components)}")
    names = facts.unreachable
    console.print(
        Text(
            f"\nno edge leads to, though they must be given something ({len(names)})", style="bold"
        )
    )
    more = f" and {len(names) - MOST_UNREACHABLE} more" if len(names) > MOST_UNREACHABLE else ""
    shown = ", ".join(names[:MOST_UNREACHABLE]) + more
    console.print(Padding(Text(shown or "none"), (0, 0, 0, 2), expand=False))


def _words(name: str) -> str:
    return name.replace("_", " ")


def _number(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _columns(rows: Iterable[Sequence[str]]) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*(Text(f"  {cell}" if i == 0 else cell) for i, cell in enumerate(row)))
    return table


def _grouped(distribution: Mapping[int, int]) -> dict[str, int]:
    """Degrees 0 … 4 one by one, then ever wider."""
    grouped: dict[str, int] = {}
    for low, high in pairwise((0, 1, 2, 3, 4, 5, 10, 20, 50, 100, sys.maxsize)):
        count = sum(tools for degree, tools in distribution.items() if low <= degree < high)
        if count:
            grouped[
                str(low)
                if high == low + 1
                else f"{low} or more"
                if high == sys.maxsize
                else f"{low} to {high - 1}"
            ] = count
    return grouped


def _print_bars(console: Console, title: str, counts: Mapping[str, int]) -> None:
    console.print(Text(f"\n{title}", style="bold"))
    most = max(counts.values(), default=1)
    rows = [
        (name, _number(count), "█" * max(1, round(BAR * count / most)))
        for name, count in counts.items()
    ]
    console.print(_columns(rows))


def _parts(sizes: Sequence[int]) -> str:
    alone = sizes.count(1)
    joined = [f"{size:,}" for size in sizes if size > 1]
    if not joined:
        return f"{alone:,} tools, each alone"
    smaller = f" and {len(joined) - 8} smaller ones" if len(joined) > 8 else ""
    return f"{len(joined)} of {', '.join(joined[:8])}{smaller} tools; {alone:,} alone"
