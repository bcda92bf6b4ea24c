"""What ``toolweave tools`` does: reads catalogues and says what came of it."""

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.cli.progress import watching
from pipeline.cli.tools_report import ToolRead, ToolsRead, report_of
from pipeline.config import Settings

DONE = 0
WIDEST = 32
"""Characters of a tool's name on one line."""
MOST = 8
"""Of repairs, merged tools and the like that are told one by one; all with ``--repairs``."""


def tools_command(settings: Settings, every: bool, limit: int | None) -> int:
    """Print the report; ``every`` lists all that was repaired, skipped and merged."""
    with watching(settings.quiet) as watcher:
        watcher.say("Reading catalogues …")
        from pipeline.cli import answers
        from pipeline.opening import read_catalog

        report = report_of(read_catalog(settings))
    if settings.as_json:
        shown = report.tools[:limit]
        answers.print_json(report.model_copy(update={"tools": shown}))
    elif not settings.quiet:
        print_report(report, every, limit)
    return DONE


def print_report(report: ToolsRead, every: bool, limit: int | None) -> None:
    """Print to stdout."""
    console = Console(highlight=False)
    counts = ((len(report.tools), "tool"), (len(report.files), "file"))
    told = (f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts)
    _head(console, " from ".join(told))
    table = _table("file", "format", "tools", "domain")
    for file in report.files:
        more = f" and {len(file.domains) - 3} more" if len(file.domains) > 3 else ""
        table.add_row(
            *map(
                Text, (file.file, file.format, str(file.tools), ", ".join(file.domains[:3]) + more)
            )
        )
    console.print(table)
    _print_tools(console, report.tools, limit)
    _print_repairs(console, report, every)
    _print_lines(console, "skipped", [str(skipped) for skipped in report.skipped], every)
    _print_lines(
        console,
        "merged",
        [
            f"{merged.name} of {merged.domain} is {merged.kept} ({merged.similarity:.2f})"
            for merged in report.merged
        ],
        every,
    )
    _print_lines(console, "notes", report.notes, every)


def _print_tools(console: Console, tools: Sequence[ToolRead], limit: int | None) -> None:
    _head(console, "\ntools")
    table = _table("tool", "effect", "parameters (optional)", "result", "repairs")
    longest = max((len(tool.tool) for tool in tools[:limit]), default=0)
    table.columns[0].min_width = min(longest, WIDEST)
    for tool in tools[:limit]:
        optional = (Text(f"({name})", style="dim") for name in tool.optional)
        parameters = Text(" ").join([*map(Text, tool.required), *optional])
        repairs = str(len(tool.repairs)) if tool.repairs else ""
        table.add_row(Text(tool.tool), tool.effect, parameters, tool.result, repairs)
    console.print(table)
    if limit is not None and limit < len(tools):
        console.print(f"and {len(tools) - limit} more")


def _print_repairs(console: Console, report: ToolsRead, every: bool) -> None:
    if every:
        lines = [f"{tool.tool}: {repair}" for tool in report.tools for repair in tool.repairs]
        _print_lines(console, "repairs", lines, every)
        return
    total = sum(kind.count for kind in report.repairs)
    if total:
        _head(console, f"\nrepairs ({total}; --repairs lists them all)")
    for kind in report.repairs:
        console.print(Text(f"  {kind.count:>4} × {kind.kind}"))
        console.print(
            Padding(Text(f"such as {kind.example}", style="dim"), (0, 0, 0, 9), expand=False)
        )


def _print_lines(console: Console, title: str, lines: Sequence[str], every: bool) -> None:
    if not lines:
        return
    _head(console, f"\n{title} ({len(lines)})")
    shown = lines if every else lines[:MOST]
    for line in shown:
        console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
    if len(shown) < len(lines):
        console.print(f"  and {len(lines) - len(shown)} more; --repairs lists them all")


def _head(console: Console, text: str) -> None:
    console.print(Text(text, style="bold"))


def _table(*columns: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name in columns:
        number = name in ("tools", "repairs")
        table.add_column(name, justify="right" if number else "left", overflow="fold")
    return table
