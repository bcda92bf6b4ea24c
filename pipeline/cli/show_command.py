"""Reads samples in the terminal: a table of them, or one conversation call by call.

What it prints goes to stdout; colours are left out where that is no terminal.
"""

import json
from pathlib import Path

from rich.console import Console, Group, JustifyMethod, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pipeline.run.output_folder import ACCEPTED, REJECTED
from pipeline.run.trajectory_lines import manifest_of, parse
from pipeline.store.database import Found, Store, find
from schemas.errors import InputError
from schemas.message import (
    AssistantMessage,
    Call,
    FromContext,
    FromDefault,
    FromResult,
    FromUser,
    Message,
    Source,
    ToolMessage,
)
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from schemas.verdict import TurnLabel

COLOURS = {"system": "dim", "user": "cyan", "assistant": "green", "tool": "yellow"}
LABELS = {"good": "green", "recoverable": "yellow", "bad": "red", "unknown": "magenta"}
SHORT = 300
"""Characters of a result that are shown."""
COLUMNS = {"id": 8, "domain": 16, "turns": 5, "calls": 5}
"""Columns of the table and their widths; so much of an id is enough for `sample` to find it."""
_LIST = """
SELECT trajectory_id AS id, domain, persona_style AS style, user_turns AS turns, calls,
    operators, reasons, first_message
FROM trajectories WHERE accepted = $accepted ORDER BY {order} LIMIT $limit
"""


def samples(folder: Path, rejected: bool, limit: int, shuffled: bool) -> list[JsonObject]:
    """List samples as rows, in the order of the stream or at random. Raises OutputError."""
    manifest_of(folder)
    query = _LIST.format(order="random()" if shuffled else "candidate")
    with Store(folder).open() as connection:
        found = connection.execute(query, {"accepted": not rejected, "limit": limit})
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def sample(folder: Path, prefix: str) -> Trajectory:
    """Read the trajectory whose id begins with ``prefix``. Raises InputError, OutputError."""
    manifest_of(folder)
    found = find(folder, prefix)
    exact = [place for place in found if place.trajectory_id == prefix] or found
    if not exact:
        raise InputError(f"no trajectory has an id that begins with {prefix!r}", file=str(folder))
    if len({place.trajectory_id for place in exact}) > 1:
        ids = ", ".join(place.trajectory_id for place in exact)
        raise InputError(f"{prefix!r} begins several ids: {ids} …", file=str(folder))
    return _read(folder, exact[0])


def _read(folder: Path, place: Found) -> Trajectory:
    path = folder / place.file
    assert place.file in (ACCEPTED, REJECTED)
    with path.open("rb") as file:
        file.seek(place.offset)
        return parse(file.read(place.length), str(path), f"byte {place.offset}")


def print_samples(rows: list[JsonObject], rejected: bool) -> None:
    """Print a table of samples."""
    last = "reasons" if rejected else "first_message"
    console = Console()
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for name, width in (
        *COLUMNS.items(),
        (last, max(20, console.width - sum(COLUMNS.values()) - 2 * len(COLUMNS))),
    ):
        justify: JustifyMethod = "right" if name in ("turns", "calls") else "left"
        table.add_column(name.replace("_", " "), width=width, no_wrap=True, justify=justify)
    for row in rows:
        row = {**row, "id": str(row["id"])[: COLUMNS["id"]]}
        table.add_row(*(Text(_cell(row[name]), overflow="ellipsis") for name in (*COLUMNS, last)))
    console.print(table)


def _cell(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def print_trajectory(trajectory: Trajectory) -> None:
    """Print one conversation with sources, verdicts and what is trained on."""
    console = Console()
    task, roles = (trajectory.task, trajectory.roles)
    fate = ("accepted", "green") if trajectory.accepted else ("rejected", "red")
    facts = f"{task.domain} · {task.persona.name}, {task.persona.style} · {task.clock}"
    played = f"user {roles.user}, assistant {roles.assistant}, judge {roles.judge}"
    applied = ", ".join(task.operators) or "none"
    title = Text.assemble((trajectory.id, "bold"), "  ", fate)
    console.print(
        Group(title, Text(f"{facts}\n{played} · operators: {applied}\n", style="dim")),
        highlight=False,
    )
    labels = {label.message: label for label in trajectory.labels}
    for message in trajectory.messages:
        console.print(_message(message, labels.get(message.index)), highlight=False)
    console.print(Text("\nverdicts", style="bold"))
    for verdict in trajectory.verdicts:
        shown = Text.assemble("  ", (f"{verdict.label:<12}", LABELS[verdict.label]), verdict.check)
        for reason in verdict.reasons:
            place = "" if reason.message is None else f" at message {reason.message}"
            place += f" {reason.path}" if reason.path else ""
            shown.append(f"\n      {reason.code}{place}: {reason.explanation}", style="dim")
        console.print(shown, highlight=False)


def _message(message: Message, label: TurnLabel | None) -> RenderableType:
    act = getattr(message, "act", None) or getattr(message, "name", "")
    title = Text(f"{message.index:>3}  ")
    title.append(message.role, style=f"bold {COLOURS[message.role]}")
    title.append(f"  {act}" if act else "", style="dim")
    if isinstance(message, ToolMessage) and message.fault:
        title.append(f"  fault: {message.fault.kind}", style="red")
    if label:
        mark = "train" if label.train else "masked"
        why = f" ({', '.join(label.reasons)})" if label.reasons else ""
        title.append(f"  [{mark}{why}]", style=LABELS[label.label])
    parts: list[RenderableType] = [title]
    if isinstance(message, ToolMessage):
        parts.append(Text(_short(message.content), style="red" if message.is_error else ""))
        return Group(parts[0], Padding(parts[1], (0, 0, 0, 6)))
    if isinstance(message, AssistantMessage) and message.reasoning:
        parts.append(Padding(Text(message.reasoning, style="italic dim"), (0, 0, 0, 6)))
    if message.text:
        parts.append(Padding(Text(message.text), (0, 0, 0, 6)))
    if isinstance(message, AssistantMessage):
        parts += [Padding(_call(call), (0, 0, 0, 6)) for call in message.calls]
    return Group(*parts)


def _call(call: Call) -> RenderableType:
    shown = Text.assemble(("→ ", "bold"), (call.name, "bold green"))
    shown.append(f" {_short(json.dumps(call.arguments, ensure_ascii=False))}")
    for part in call.provenance:
        shown.append(f"\n    {part.path} ← {_source(part.source)}", style="dim")
    return shown


def _source(source: Source) -> str:
    match source:
        case FromUser(message=message, span=span):
            return f"the user said {span!r} in message {message}"
        case FromResult(message=message, path=path):
            return f"{path} of the result in message {message}"
        case FromContext(span=span):
            return f"the system message says {span!r}"
        case FromDefault():
            return "the schema's default"


def _short(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[:SHORT]} … ({len(text)} characters)"
