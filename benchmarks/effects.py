"""Whether what changes something is told from what only reads, where nobody says so.

Tools that their own authors marked as reading or writing are read with the marks taken out, and
what is inferred is held against them. ``right`` counts an effect that is known and as marked;
``executed`` what the sandbox does, where an unknown effect must not be taken for a read.

Run: ``python -m benchmarks.effects [-v]``; ``-v`` lists what is executed otherwise than marked.
Ends with 1 where a floor is missed.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.gold_edges import RETAIL
from benchmarks.operations import judged as judged_labels
from benchmarks.operations import read_labels, world_of
from generators.importers import read_catalog
from generators.world.infer import infer_world

REAL = RETAIL.parent
LEAST_RIGHT, MOST_WRITES_READ = 0.90, 0.05
"""Floors: of effects as executed that are right, and of true writes that run as reads."""
_READS = frozenset({"get", "list", "search", "compute"})
AIRLINE: Mapping[str, bool] = {
    "book_reservation": False,
    "calculate": True,
    "cancel_reservation": False,
    "get_reservation_details": True,
    "get_user_details": True,
    "list_all_airports": True,
    "search_direct_flight": True,
    "search_onestop_flight": True,
    "send_certificate": False,
    "transfer_to_human_agents": True,
    "update_reservation_baggages": False,
    "update_reservation_flights": False,
    "update_reservation_passengers": False,
    "get_flight_status": True,
}
"""As tau2-bench marks them in its source: READ and GENERIC, or WRITE."""


@dataclass(frozen=True)
class JudgedEffect:
    """One marked tool, and what was inferred of it."""

    source: str
    tool: str
    reads: bool
    effect: str
    executed_as: str
    why: str

    @property
    def right(self) -> bool:
        """The effect is known, and as marked."""
        return self.effect == ("read" if self.reads else "write")

    @property
    def executed_right(self) -> bool:
        """It is executed as what it is marked."""
        return self.reads == (self.executed_as not in ("create", "update", "delete"))


def judge_sources() -> tuple[JudgedEffect, ...]:
    """All marked tools that are here."""
    judged: list[JudgedEffect] = []
    for name, (pattern, mark_of) in _SOURCES.items():
        for file in sorted(REAL.glob(pattern)):
            judged += _judge_file(name, file, mark_of)
    return (*judged, *_judge_labelled())


def _judge_labelled() -> Iterator[JudgedEffect]:
    """Tools of catalogues without marks, as readers label them, where every label has one effect.

    Their source, in Toucan and in interfaces, says nothing of effects but for methods of HTTP.
    """
    for row in (one for part in ("others", "third") for one in judged_labels(read_labels(part))):
        reads = {act in _READS for act in row.label.acts}
        world = world_of(row.label.catalogue)
        if len(reads) == 1 and world is not None:
            named = {one.tool.name: one for one in world.models.values()}
            model = named.get(row.label.tool) or world.models[row.label.tool]
            yield JudgedEffect(
                "labelled by readers", row.label.tool, reads.pop(), model.tool.effect,
                model.operation, model.why,
            )  # fmt: skip


def _judge_file(
    source: str, file: Path, mark_of: Callable[[Mapping[str, Any]], bool | None]
) -> Iterator[JudgedEffect]:
    document = json.loads(file.read_text("utf-8"))
    marks = {}
    for entry in _entries(document):
        name = entry.get("name")
        if isinstance(name, str) and (mark := mark_of(entry)) is not None:
            marks[name] = mark
        entry.pop("annotations", None)
        entry.pop("operation_type", None)
    if not marks:
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / file.name
        copy.write_text(json.dumps(document), "utf-8")
        tools = read_catalog([copy]).tools
    models = infer_world(tools).models
    for tool in tools:
        if tool.name in marks:
            model = models[tool.wire_name]
            yield JudgedEffect(
                source, tool.name, marks[tool.name], tool.effect, model.operation, model.why
            )


def _entries(value: Any) -> Iterator[dict[str, Any]]:
    """Every object of a document."""
    if isinstance(value, dict):
        yield value
    for part in value.values() if isinstance(value, dict) else value:
        if isinstance(part, (dict, list)):
            yield from _entries(part)


def _hint(entry: Mapping[str, Any]) -> bool | None:
    """MCP's ``readOnlyHint``."""
    hints = entry.get("annotations")
    mark = hints.get("readOnlyHint") if isinstance(hints, dict) else None
    return mark if isinstance(mark, bool) else None


def _operation_type(entry: Mapping[str, Any]) -> bool | None:
    """The ``operation_type`` of NeMo Gym's tools."""
    return entry["operation_type"] == "read" if "operation_type" in entry else None


_SOURCES: Mapping[str, tuple[str, Callable[[Mapping[str, Any]], bool | None]]] = {
    "toucan": ("toucan/*.json", _hint),
    "playwright": ("mcp/playwright_tools_list.json", _hint),
    "github": ("mcp/github_mcp_server_tools_list.json", _hint),
    "reference servers": ("mcp/ref_*.json", _hint),
    "workplace": ("workplace/*.json", _operation_type),
    "airline": ("tau2_airline/airline.json", lambda entry: AIRLINE.get(str(entry.get("name")))),
}


def table(judged: Sequence[JudgedEffect]) -> str:
    """A row for each source, and one for all."""
    lines = [
        "| source | n | right | unknown | executed right | write as write | write as read "
        "| read as read | read as write |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    names = dict.fromkeys(one.source for one in judged)
    for name in (*names, "all"):
        own = [one for one in judged if name in ("all", one.source)]
        share = partial(_share, len(own))
        counts = [
            sum(one.reads == reads and one.executed_right == right for one in own)
            for reads, right in ((False, True), (False, False), (True, True), (True, False))
        ]
        unknown = sum(one.effect == "unknown" for one in own)
        lines.append(
            f"| {name} | {len(own)} | {share(sum(one.right for one in own))} | {unknown} "
            f"| {share(sum(one.executed_right for one in own))} "
            f"| {' | '.join(map(str, counts))} |"
        )
    return "\n".join(lines)


def _share(of: int, count: int) -> str:
    return f"{count / of:.2f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where a floor is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-v", "--verbose", action="store_true")
    verbose = parser.parse_args(arguments).verbose
    judged = judge_sources()
    if not judged:
        print("the catalogues of others are not here")  # noqa: T201
        return 1
    print(table(judged))  # noqa: T201
    for one in judged if verbose else ():
        if not one.executed_right or not one.right:
            marked = "read" if one.reads else "write"
            print(f"{one.source}: {one.tool}: marked {marked}, effect {one.effect}, "  # noqa: T201
                  f"{one.executed_as} ({one.why})")  # fmt: skip
    writes = [one for one in judged if not one.reads]
    read_as = sum(not one.executed_right for one in writes) / len(writes)
    right = sum(one.executed_right for one in judged) / len(judged)
    print(f"executed right {right:.3f}, true writes executed as reads {read_as:.3f}")  # noqa: T201
    return int(right < LEAST_RIGHT or read_as > MOST_WRITES_READ)


if __name__ == "__main__":
    sys.exit(main())
