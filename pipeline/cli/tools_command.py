"""What ``toolweave tools`` does: reads catalogues and sums up files, tools, repairs, omissions."""

import re
from collections import defaultdict
from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from pipeline.cli.progress import watching
from pipeline.config import Settings
from schemas.record import Record
from schemas.tool import Catalog, MergedTool, SkippedTool

DONE = 0
WIDEST = 32
"""Characters of a tool's name on one line."""
MOST = 8
"""Of repairs, merged tools and the like that are told one by one; all with ``--repairs``."""
_PLACE = re.compile(r"^[\w.\[\]$/{}<>*-]+: ")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\b\d+(\.\d+)?\b")


class FileRead(Record):
    """A file, as far as its tools are in use."""

    file: str
    format: str
    domains: tuple[str, ...]
    tools: int


class ToolRead(Record):
    """A tool in one row."""

    tool: str
    domain: str
    effect: str
    """``read``, ``write`` or ``unknown``; ``write!`` where something is lost or paid."""
    required: tuple[str, ...]
    optional: tuple[str, ...]
    result: str
    """Where the schema of the result was had from; ``none``."""
    repairs: tuple[str, ...]


class RepairKind(Record):
    """Repairs that differ in nothing but names and places."""

    kind: str
    count: int
    tools: int
    example: str
    """A repair as it stands, and its tool."""


class ToolsRead(Record):
    """Everything that ``toolweave tools`` tells."""

    files: tuple[FileRead, ...]
    tools: tuple[ToolRead, ...]
    repairs: tuple[RepairKind, ...]
    skipped: tuple[SkippedTool, ...]
    merged: tuple[MergedTool, ...]
    notes: tuple[str, ...]


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


def report_of(catalog: Catalog) -> ToolsRead:
    """Sum up a catalogue; files stand in the order of their first tools."""
    domains: dict[tuple[str, str], list[str]] = defaultdict(list)
    for tool in catalog.tools:
        domains[tool.source.path, tool.source.format].append(tool.domain)
    return ToolsRead(
        files=tuple(
            FileRead(file=file, format=form, domains=tuple(dict.fromkeys(own)), tools=len(own))
            for (file, form), own in domains.items()
        ),
        tools=tuple(
            ToolRead(
                tool=tool.wire_name,
                domain=tool.domain,
                effect=f"{tool.effect}!" if tool.destructive else tool.effect,
                required=tool.required,
                optional=tuple(name for name in tool.properties if name not in tool.required),
                result="none" if tool.returns is None else tool.returns_from or "source",
                repairs=tool.repairs,
            )
            for tool in catalog.tools
        ),
        repairs=tuple(repair_kinds(catalog)),
        skipped=catalog.skipped,
        merged=catalog.merged,
        notes=catalog.notes,
    )


def repair_kinds(catalog: Catalog) -> list[RepairKind]:
    """The most frequent first."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for tool in catalog.tools:
        for repair in tool.repairs:
            kind = _QUOTED.sub("…", _PLACE.sub("", repair))
            found[kind].append((tool.wire_name, repair))
    return [
        RepairKind(
            kind=kind,
            count=len(repairs),
            tools=len({tool for tool, _ in repairs}),
            example="{}: {}".format(*repairs[0]),
        )
        for kind, repairs in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def print_report(report: ToolsRead, every: bool, limit: int | None) -> None:
    """Print to stdout."""
    from pipeline.cli.answers import make_table

    console = Console(highlight=False)

    def head(text: str) -> None:
        console.print(Text(text, style="bold"))

    counts = ((len(report.tools), "tool"), (len(report.files), "file"))
    head(" from ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts))
    files = make_table("file", "format", "tools", "domain", numbers=("tools",))
    for file in report.files:
        more = f" and {len(file.domains) - 3} more" if len(file.domains) > 3 else ""
        domains = ", ".join(file.domains[:3]) + more
        files.add_row(*map(Text, (file.file, file.format, str(file.tools), domains)))
    console.print(files)

    head("\ntools")
    shown = report.tools[:limit]
    columns = ("tool", "effect", "parameters (optional)", "result", "repairs")
    table = make_table(*columns, numbers=("repairs",))
    table.columns[0].min_width = min(max((len(one.tool) for one in shown), default=0), WIDEST)
    for tool in shown:
        optional = (Text(f"({name})", style="dim") for name in tool.optional)
        parameters = Text(" ").join([*map(Text, tool.required), *optional])
        repairs = str(len(tool.repairs)) if tool.repairs else ""
        table.add_row(Text(tool.tool), tool.effect, parameters, tool.result, repairs)
    console.print(table)
    if len(shown) < len(report.tools):
        console.print(f"and {len(report.tools) - len(shown)} more")

    total = sum(kind.count for kind in report.repairs)
    if total and not every:
        head(f"\nrepairs ({total}; --repairs lists them all)")
        for kind in report.repairs:
            console.print(Text(f"  {kind.count:>4} × {kind.kind}"))
            example = Text(f"such as {kind.example}", style="dim")
            console.print(Padding(example, (0, 0, 0, 9), expand=False))
    listed: dict[str, Sequence[str]] = {
        "repairs": [f"{one.tool}: {repair}" for one in report.tools for repair in one.repairs]
        if every
        else (),
        "skipped": [str(skipped) for skipped in report.skipped],
        "merged": [
            f"{merged.name} of {merged.domain} is {merged.kept} ({merged.similarity:.2f})"
            for merged in report.merged
        ],
        "notes": report.notes,
    }
    for title, lines in listed.items():
        if lines:
            head(f"\n{title} ({len(lines)})")
        told = lines if every else lines[:MOST]
        for line in told:
            console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
        if len(told) < len(lines):
            console.print(f"  and {len(lines) - len(told)} more; --repairs lists them all")
