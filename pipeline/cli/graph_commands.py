"""What ``toolweave graph`` does: makes the files of a graph, shows them, counts."""

import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.cli import answers
from pipeline.cli.answers import DONE, SafeConsole
from pipeline.cli.progress import watching
from pipeline.config import Settings, load_settings
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog

if TYPE_CHECKING:
    from generators.graph.tool_graph import ToolGraph
    from pipeline.views.graph_files import Known

GRAPH_OUT = Path("out/graph")
MOST_HUBS = 10
MOST_UNREACHABLE = 12
BAR = 30
"""Characters of the longest bar."""


def graph_build_command(settings: Settings) -> int:
    """Find the edges and write all files."""
    with watching(settings.quiet) as watcher:
        from pipeline.opening import open_graph
        from pipeline.views.graph_files import Known, refuse_foreign_graph, write_graph

        refuse_foreign_graph(settings.out)
        known = Known(*open_graph(settings))
        files = write_graph(settings.out, known)
    stats = known.graph.stats()
    if settings.as_json:
        named = {name: str(path) for name, path in files.items()}
        answers.print_json({"out": str(settings.out), "files": named, "stats": stats})
    elif not settings.quiet:
        for line in answers.of_reading(known.catalog):
            watcher.say(line)
        edges = f"{stats['edges']} edge{'s' * (stats['edges'] != 1)}"
        answers.print_line(f"{settings.out}: {stats['tools']} tools, {edges}")
        answers.print_line(f"open {files['graph.html']} in a browser")
    return DONE


def graph_show_command(words: Sequence[str], open_it: bool, as_json: bool) -> int:
    """Say where the picture lies, or print one tool with its neighbours."""
    from pipeline.views.graph_files import PAGE, is_graph, read_graph, write_page

    # The last word is a tool where it is not the only one and no such path exists.
    if len(words) > 1 and not Path(words[-1]).exists():
        known = read_known(tuple(map(Path, words[:-1])))
        # The tool with the edges that lead to it and from it, the surest first.
        name = words[-1]
        tools = known.catalog.by_name
        if name not in tools:
            near = get_close_matches(name, tools, n=3)
            hint = f"; did you mean {' or '.join(map(repr, near))}?" if near else ""
            raise InputError(f"no tool is called {name!r}{hint}")
        edges = sorted(
            known.graph.edges,
            key=lambda edge: (-edge.score, edge.producer, edge.consumer, edge.parameter),
        )
        found = {
            "tool": tools[name].model_dump(mode="json"),
            "fed_by": [edge.model_dump(mode="json") for edge in edges if edge.consumer == name],
            "feeds": [edge.model_dump(mode="json") for edge in edges if edge.producer == name],
        }
        answers.print_json(found) if as_json else print_tool(known, found)
        return DONE
    folder = Path(words[0])
    if not is_graph(folder):
        raise InputError(
            "holds no graph; make one with 'toolweave graph build', or name a tool",
            file=str(folder),
        )
    page = folder / PAGE
    if not page.exists():  # a build does not draw
        write_page(folder, read_graph(folder))
    if open_it:
        import webbrowser

        webbrowser.open(page.resolve().as_uri())
    answers.print_json({"page": str(page)}) if as_json else answers.print_line(str(page))
    return DONE


def graph_stats_command(paths: Sequence[Path], as_json: bool) -> int:
    """Count."""
    facts = facts_of(*read_known(tuple(paths)))
    answers.print_json(facts) if as_json else print_facts(facts)
    return DONE


def read_known(paths: tuple[Path, ...]) -> "Known":
    """Read a graph that was made already, or make it now."""
    from pipeline.opening import open_graph
    from pipeline.views.graph_files import Known, is_graph, read_graph

    if len(paths) == 1 and is_graph(paths[0]):
        return read_graph(paths[0])
    options: JsonObject = {"tools": paths}
    return Known(*open_graph(load_settings(None, options)))


def facts_of(catalog: Catalog, graph: "ToolGraph") -> JsonObject:
    """Count how a graph hangs together, and what no tool leads to.

    ``feeds`` and ``fed_by`` say how many tools feed so many others; ``components`` are the sizes of
    the parts that no edge joins; ``unreachable`` are tools that must be given something, to which
    no edge leads: only a user can ask for them.
    """
    feeds, fed_by = dict.fromkeys(graph.tools, 0), dict.fromkeys(graph.tools, 0)
    part = {tool: {tool} for tool in graph.tools}
    for giver, taker in {(edge.producer, edge.consumer) for edge in graph.edges}:
        if giver != taker:
            feeds[giver] += 1
            fed_by[taker] += 1
        small, large = sorted((part[giver], part[taker]), key=len)
        if small is not large:
            large |= small
            part |= dict.fromkeys(small, large)
    parts = {id(one): len(one) for one in part.values()}
    by_degree = sorted(graph.tools, key=lambda tool: (-feeds[tool] - fed_by[tool], tool))
    needy = {tool.wire_name for tool in catalog.tools if tool.required}
    return {
        "counts": graph.stats(),
        "feeds": dict(sorted(Counter(feeds.values()).items())),
        "fed_by": dict(sorted(Counter(fed_by.values()).items())),
        "hubs": [
            {"tool": tool, "feeds": feeds[tool], "fed_by": fed_by[tool]}
            for tool in by_degree[:MOST_HUBS]
            if feeds[tool] + fed_by[tool]
        ],
        "components": sorted(parts.values(), reverse=True),
        "unreachable": [tool for tool in graph.tools if tool in needy and not fed_by[tool]],
    }


def print_tool(known: "Known", found: JsonObject) -> None:
    """Print a tool, who feeds it and whom it feeds."""
    from pipeline.views.graph_page import kind_of

    console = SafeConsole(highlight=False)
    tool = known.catalog.by_name[found["tool"]["wire_name"]]
    about = (f"  {tool.domain} · {tool.effect}", "dim")
    console.print(Text.assemble((tool.wire_name, "bold"), about), Text(tool.description), sep="\n")
    for name, schema in tool.properties.items():
        required = ", required" if name in tool.required else ""
        console.print(Text.assemble("  ", name, (f"  {kind_of(schema)}{required}", "dim")))
    for title, end in (("fed by", "producer"), ("feeds", "consumer")):
        edges = found[title.replace(" ", "_")]
        console.print(Text(f"\n{title} ({len(edges)})", style="bold"))
        for edge in edges:
            head = Text.assemble(
                f"  {edge['score']:.2f} ", (f"{edge['method']:<9}", "dim"), (edge[end], "bold")
            )
            why = [f"{edge['result_path']} → {edge['parameter']}", edge["evidence"]]
            if judged := edge["judgement"]:
                why.append(f"{judged['model']} gives {judged['score']} of 9: {judged['reason']}")
            if edge["consumed"] is not None:
                why.append("a call with it ran" if edge["consumed"] else "no call with it ran")
            console.print(head)
            for line in filter(None, why):
                console.print(Padding(Text(line, style="dim"), (0, 0, 0, 17), expand=False))


def print_facts(facts: JsonObject) -> None:
    """Print the facts of a graph."""
    console = SafeConsole(highlight=False)

    def head(text: str) -> None:
        console.print(Text(f"\n{text}", style="bold"))

    counts = {name.replace("_", " "): value for name, value in facts["counts"].items()}
    bars = {name: value for name, value in counts.items() if isinstance(value, dict)}
    plain = (pair for pair in counts.items() if pair[0] not in bars)
    console.print(
        lay_columns((name, f"{n:,}" if isinstance(n, int) else str(n)) for name, n in plain)
    )
    bars["tools, by how many others they feed"] = group_degrees(facts["feeds"])
    bars["tools, by how many others feed them"] = group_degrees(facts["fed_by"])
    for title, by_name in bars.items():
        head(title)
        most = max(by_name.values(), default=1)
        console.print(
            lay_columns(
                (name, f"{count:,}", "█" * max(1, round(BAR * count / most)))
                for name, count in by_name.items()
            )
        )
    head("hubs")
    console.print(
        lay_columns(
            (hub["tool"], f"feeds {hub['feeds']}", f"fed by {hub['fed_by']}")
            for hub in facts["hubs"]
        )
    )
    head("parts")
    alone, joined = facts["components"].count(1), [f"{n:,}" for n in facts["components"] if n > 1]
    smaller = f" and {len(joined) - 8} smaller ones" if len(joined) > 8 else ""
    told = f"{len(joined)} of {', '.join(joined[:8])}{smaller} tools; {alone:,} alone"
    console.print(f"  {told if joined else f'{alone:,} tools, each alone'}")
    names = facts["unreachable"]
    head(f"no edge leads to, though they must be given something ({len(names)})")
    more = f" and {len(names) - MOST_UNREACHABLE} more" if len(names) > MOST_UNREACHABLE else ""
    shown = ", ".join(names[:MOST_UNREACHABLE]) + more
    console.print(Padding(Text(shown or "none"), (0, 0, 0, 2), expand=False))


def lay_columns(rows: Iterable[Sequence[str]]) -> Table:
    """Rows side by side."""
    table = Table.grid(padding=(0, 2, 0, 0))
    for row in rows:
        table.add_row(*(Text(f"  {cell}" if i == 0 else cell) for i, cell in enumerate(row)))
    return table


def group_degrees(distribution: Mapping[int, int]) -> dict[str, int]:
    """Degrees 0 … 4 one by one, then ever wider."""
    grouped: dict[str, int] = {}
    for low, high in pairwise((0, 1, 2, 3, 4, 5, 10, 20, 50, 100, sys.maxsize)):
        name = f"{low} or more" if high == sys.maxsize else f"{low} to {high - 1}"
        count = sum(tools for degree, tools in distribution.items() if low <= degree < high)
        if count:
            grouped[str(low) if high == low + 1 else name] = count
    return grouped
