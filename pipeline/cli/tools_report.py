"""What was read of a user's catalogues, summed up: files, tools, repairs, and what was left out."""

import re
from collections import Counter
from collections.abc import Iterator

from schemas.record import Record
from schemas.tool import Catalog, MergedTool, SkippedTool, ToolSpec

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


def report_of(catalog: Catalog) -> ToolsRead:
    """Sum up a catalogue."""
    return ToolsRead(
        files=tuple(_files(catalog)),
        tools=tuple(map(_tool, catalog.tools)),
        repairs=tuple(repair_kinds(catalog)),
        skipped=catalog.skipped,
        merged=catalog.merged,
        notes=catalog.notes,
    )


def _files(catalog: Catalog) -> Iterator[FileRead]:
    """In the order of their first tools."""
    found: dict[tuple[str, str], list[str]] = {}
    for tool in catalog.tools:
        found.setdefault((tool.source.path, tool.source.format), []).append(tool.domain)
    for (file, form), domains in found.items():
        known = tuple(dict.fromkeys(domains))
        yield FileRead(file=file, format=form, domains=known, tools=len(domains))


def _tool(tool: ToolSpec) -> ToolRead:
    optional = tuple(name for name in tool.properties if name not in tool.required)
    return ToolRead(
        tool=tool.wire_name,
        domain=tool.domain,
        effect=f"{tool.effect}!" if tool.destructive else tool.effect,
        required=tool.required,
        optional=optional,
        result="none" if tool.returns is None else tool.returns_from or "source",
        repairs=tool.repairs,
    )


def repair_kinds(catalog: Catalog) -> list[RepairKind]:
    """The most frequent first."""
    counts: Counter[str] = Counter()
    owners: dict[str, dict[str, str]] = {}
    for tool in catalog.tools:
        for repair in tool.repairs:
            kind = _QUOTED.sub("…", _PLACE.sub("", repair))
            counts[kind] += 1
            owners.setdefault(kind, {}).setdefault(tool.wire_name, repair)
    return [
        RepairKind(kind=kind, count=count, tools=len(owners[kind]), example=_example(owners[kind]))
        for kind, count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    ]


def _example(owners: dict[str, str]) -> str:
    tool, repair = next(iter(owners.items()))
    return f"{tool}: {repair}"
