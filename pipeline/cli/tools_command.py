"""What ``toolweave tools`` does: reads catalogues and sums up files, tools, repairs, omissions."""

import re
from collections import defaultdict
from collections.abc import Sequence

from rich.padding import Padding
from rich.text import Text

from pipeline.cli import answers
from pipeline.cli.answers import DONE, SafeConsole, make_table, of_reading
from pipeline.cli.progress import watching
from pipeline.config import Settings
from schemas.record import JsonObject
from schemas.tool import Catalog

WIDEST = 32
"""Characters of a tool's name on one line."""
MOST = 8
"""Of repairs, merged tools and the like that are told one by one; all with ``--repairs``."""
_PLACE = re.compile(r"^[\w.\[\]$/{}<>*-]+: ")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|\b\d+(\.\d+)?\b")


def tools_command(settings: Settings, every: bool, limit: int | None) -> int:
    """Print the report; ``every`` lists all that was repaired, skipped and merged."""
    with watching(settings.quiet):
        from pipeline.opening import read_catalog

        catalog = read_catalog(settings)
        report = report_of(catalog)
    if settings.as_json:
        answers.print_json(report | {"tools": report["tools"][:limit]})
    elif not settings.quiet:
        print_report(catalog, report, every, limit)
    return DONE


def report_of(catalog: Catalog) -> JsonObject:
    """Sum up a catalogue; files stand in the order of their first tools.

    ``suspect`` are the tools whose descriptions demand what no rule understands: their sentences.
    A tool's effect is ``write!`` where something is lost or paid; ``result`` says where the schema
    of its result was had from.
    """
    from generators.world.infer import infer_world

    domains: dict[tuple[str, str], list[str]] = defaultdict(list)
    for tool in catalog.tools:
        domains[tool.source.path, tool.source.format].append(tool.domain)
    return {
        "files": [
            {"file": file, "format": form, "domains": list(dict.fromkeys(own)), "tools": len(own)}
            for (file, form), own in domains.items()
        ],
        "tools": [
            {
                "tool": tool.wire_name,
                "domain": tool.domain,
                "effect": f"{tool.effect}!" if tool.destructive else tool.effect,
                "required": list(tool.required),
                "optional": [name for name in tool.properties if name not in tool.required],
                "result": "none" if tool.returns is None else tool.returns_from or "source",
                "repairs": list(tool.repairs),
            }
            for tool in catalog.tools
        ],
        "repairs": repair_kinds(catalog),
        "skipped": [one.model_dump(mode="json") for one in catalog.skipped],
        "merged": [one.model_dump(mode="json") for one in catalog.merged],
        "suspect": [
            {"tool": name, "why": list(model.suspect)}
            for name, model in infer_world(catalog.tools, catalog.worlds).models.items()
            if model.suspect
        ],
        "notes": list(catalog.notes),
    }


def repair_kinds(catalog: Catalog) -> list[JsonObject]:
    """Repairs that differ in nothing but names and places, the most frequent kind first."""
    found: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name, repair in _repairs(catalog):
        found[_QUOTED.sub("…", _PLACE.sub("", repair))].append((name, repair))
    return [
        {
            "kind": kind,
            "count": len(repairs),
            "tools": len({tool for tool, _ in repairs}),
            "example": "{}: {}".format(*repairs[0]),
        }
        for kind, repairs in sorted(found.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _repairs(catalog: Catalog) -> list[tuple[str, str]]:
    """Tool and repair: of those that are kept, then of those that are left out."""
    kept = [(one.wire_name, repair) for one in catalog.tools for repair in one.repairs]
    return kept + [(one.tool, repair) for one in catalog.skipped for repair in one.repairs]


def print_report(catalog: Catalog, report: JsonObject, every: bool, limit: int | None) -> None:
    """Print to stdout."""
    console = SafeConsole(highlight=False)

    def head(text: str) -> None:
        console.print(Text(text, style="bold"))

    counts = ((len(report["tools"]), "tool"), (len(report["files"]), "file"))
    head(" from ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in counts))
    files = make_table("file", "format", "tools", "domain", numbers=("tools",))
    for file in report["files"]:
        own = file["domains"]
        domains = ", ".join(own[:3]) + (f" and {len(own) - 3} more" if len(own) > 3 else "")
        files.add_row(*map(Text, (file["file"], file["format"], str(file["tools"]), domains)))
    console.print(files)
    for line in of_reading(catalog):
        console.print(Text(line.removesuffix("; 'toolweave tools' tells more")))

    head("\ntools")
    shown = report["tools"][:limit]
    columns = ("tool", "effect", "parameters (optional)", "result", "repairs")
    table = make_table(*columns, numbers=("repairs",))
    table.columns[0].min_width = min(max((len(one["tool"]) for one in shown), default=0), WIDEST)
    for tool in shown:
        optional = (Text(f"({name})", style="dim") for name in tool["optional"])
        parameters = Text(" ").join([*map(Text, tool["required"]), *optional])
        repairs = str(len(tool["repairs"]) or "")
        table.add_row(Text(tool["tool"]), tool["effect"], parameters, tool["result"], repairs)
    console.print(table)
    if len(shown) < len(catalog.tools):
        console.print(f"and {len(catalog.tools) - len(shown)} more")

    listed: dict[str, Sequence[str]] = {
        "repairs": [f"{name}: {repair}" for name, repair in _repairs(catalog)],
        "skipped": [str(skipped) for skipped in catalog.skipped],
        "merged": [
            f"{merged.name} of {merged.domain} is {merged.kept} ({merged.similarity:.2f})"
            for merged in catalog.merged
        ],
        "suspect": [f"{one['tool']}: {'; '.join(one['why'])}" for one in report["suspect"]],
        "notes": catalog.notes,
    }
    if not every and (repaired := listed.pop("repairs")):
        head(f"\nrepairs ({len(repaired)}; --repairs lists them all)")
        for kind in report["repairs"]:
            console.print(Text(f"  {kind['count']:>4} × {kind['kind']}"))
            example = Text(f"such as {kind['example']}", style="dim")
            console.print(Padding(example, (0, 0, 0, 9), expand=False))
    for title, lines in listed.items():
        if lines:
            head(f"\n{title} ({len(lines)})")
        told = lines if every else lines[:MOST]
        for line in told:
            console.print(Padding(Text(line), (0, 0, 0, 2), expand=False))
        if len(told) < len(lines):
            console.print(f"  and {len(lines) - len(told)} more; --repairs lists them all")
