"""What ``toolweave show`` does: a table of samples, or one conversation call by call.

What it prints goes to stdout; colours are left out where that is no terminal.
"""

import json
from collections.abc import Iterator
from pathlib import Path

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from data.prompts import render
from pipeline.cli import answers
from pipeline.cli.answers import DONE, SafeConsole, make_table
from pipeline.run.database import Store
from pipeline.run.output_folder import manifest_of
from pipeline.run.samples import read_sample
from schemas.message import (
    AssistantMessage,
    Call,
    FromContext,
    FromResult,
    FromUser,
    Message,
    ToolMessage,
)
from schemas.record import JsonObject
from schemas.trajectory import Trajectory, TurnedDown
from schemas.verdict import TurnLabel
from schemas.writing import Reworded

COLOURS = {"system": "dim", "user": "cyan", "assistant": "green", "tool": "yellow"}
LABELS = {"good": "green", "recoverable": "yellow", "bad": "red", "unknown": "magenta"}
SHORT = 300
"""Characters of a result that are shown."""
COLUMNS = {"id": 8, "domain": 16, "turns": 5, "calls": 5}
"""Columns of the table and their widths; so much of an id is enough for `read_sample`."""
_LIST = """
SELECT trajectory_id AS id, domain, persona_style AS style, user_turns AS turns, calls,
    operators, reasons, first_message
FROM trajectories WHERE accepted = $accepted ORDER BY {order} LIMIT $limit
"""


def show_command(
    folder: Path,
    prefix: str | None,
    shuffled: bool,
    limit: int | None,
    rejected: bool,
    as_json: bool,
) -> int:
    """Show a table of samples, or whole conversations."""
    if prefix is None and not shuffled:
        rows = list_samples(folder, rejected, limit or 20, shuffled=False)
        answers.print_json(rows) if as_json else print_samples(rows, rejected)
        return DONE
    ids = [prefix] if prefix is not None else [
        str(row["id"]) for row in list_samples(folder, rejected, limit or 1, shuffled=True)
    ]  # fmt: skip
    samples = [read_sample(folder, known) for known in ids]
    if as_json:
        found = [{"id": one.id} | one.model_dump(mode="json") for one in samples]
        answers.print_json(found if shuffled else found[0])
        return DONE
    for trajectory in samples:
        print_trajectory(trajectory)
    return DONE


def list_samples(folder: Path, rejected: bool, limit: int, shuffled: bool) -> list[JsonObject]:
    """List samples as rows, in the order of the stream or at random. Raises OutputError."""
    manifest_of(folder)
    query = _LIST.format(order="random()" if shuffled else "candidate")
    with Store(folder).open() as connection:
        found = connection.execute(query, {"accepted": not rejected, "limit": limit})
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def print_samples(rows: list[JsonObject], rejected: bool) -> None:
    """Print a table of samples."""
    last = "reasons" if rejected else "first_message"
    console = SafeConsole()
    room = max(20, console.width - sum(COLUMNS.values()) - 2 * len(COLUMNS))
    table = make_table()
    for name, width in (*COLUMNS.items(), (last, room)):
        right = name in ("turns", "calls")
        table.add_column(
            name.replace("_", " "), width=width, no_wrap=True, justify="right" if right else "left"
        )
    for row in rows:
        cells = [row["id"][: COLUMNS["id"]], *(row[name] for name in (*[*COLUMNS][1:], last))]
        texts = (", ".join(map(str, one)) if isinstance(one, list) else str(one) for one in cells)
        table.add_row(*(Text(text, overflow="ellipsis") for text in texts))
    console.print(table)


def tell_writing(trajectory: Trajectory) -> Iterator[str]:
    """How the task came to its words, where a model was to write them: round by round."""
    written = trajectory.writing
    if written is not None:
        yield f"the task's words: {written.outcome}, in {len(written.rounds)} rounds"
        for number, one in enumerate(written.rounds, 1):
            for objection in one.objections:
                yield f"  round {number}: {objection.code}: {objection.told}"


def print_trajectory(trajectory: Trajectory) -> None:
    """Print one conversation with sources, verdicts and what is trained on."""
    console = SafeConsole(highlight=False)
    task, roles = (trajectory.task, trajectory.roles)
    fate = ("accepted", "green") if trajectory.accepted else ("rejected", "red")
    facts = f"{task.domain} · {task.persona.name}, {task.persona.style} · {task.clock}"
    played = f"user {roles.user}, assistant {roles.assistant}, judge {roles.judge}"
    played += f", words by {roles.writer}" if roles.writer else ""
    played += f", a user who is {trajectory.manner}" if trajectory.manner else ""
    played += f", tried out by {roles.reviewer}" if roles.reviewer else ""
    applied = ", ".join(task.operators) or "none"
    title = Text.assemble((trajectory.id, "bold"), "  ", fate)
    console.print(Group(title, Text(f"{facts}\n{played} · operators: {applied}\n", style="dim")))
    if task.brief.wishes:
        console.print(Text("the user's brief", style="bold"))
        console.print(Text(f"{render('brief.j2', brief=task.brief)}\n", style="dim"))
    for line in tell_writing(trajectory):
        console.print(Text(line, style="dim"))
    labels = {label.message: label for label in trajectory.labels}
    words = {one.message: one for one in trajectory.rewriting}
    wrong = trajectory.wrong_moves
    for message in trajectory.messages:
        for one in wrong:
            if one.message == message.index:
                console.print(draw_wrong_move(one))
        console.print(draw_message(message, labels.get(message.index), words.get(message.index)))
    console.print(Text("\nverdicts", style="bold"))
    for verdict in trajectory.verdicts:
        shown = Text.assemble("  ", (f"{verdict.label:<12}", LABELS[verdict.label]), verdict.check)
        for reason in verdict.reasons:
            place = "" if reason.message is None else f" at message {reason.message}"
            place += f" {reason.path}" if reason.path else ""
            shown.append(f"\n      {reason.code}{place}: {reason.explanation}", style="dim")
        console.print(shown)


def draw_message(
    message: Message, label: TurnLabel | None, words: Reworded | None = None
) -> RenderableType:
    """A message with its calls, what is trained on, and what became of its words."""
    act = getattr(message, "act", None) or getattr(message, "name", "")
    title = Text(f"{message.index:>3}  ")
    title.append(message.role, style=f"bold {COLOURS[message.role]}")
    title.append(f"  {act}" if act else "", style="dim")
    title.append(f"  {getattr(message, 'speaker', '')}".rstrip(), style="bold")
    if isinstance(message, ToolMessage) and message.fault:
        title.append(f"  fault: {message.fault.kind}", style="red")
    if label:
        mark = "train" if label.train else "masked"
        why = f" ({', '.join(label.reasons)})" if label.reasons else ""
        title.append(f"  [{mark}{why}]", style=LABELS[label.label])
    if words and (words.kept or words.refused):
        fate = "kept as scripted" if words.kept else "rewritten"
        why = f" (refused: {', '.join(words.refused)})" if words.refused else ""
        title.append(f"  {fate}{why}", style="dim")
    parts: list[Text] = []
    if isinstance(message, ToolMessage):
        parts.append(Text(_shorten(message.content), style="red" if message.is_error else ""))
    else:
        if isinstance(message, AssistantMessage) and message.reasoning:
            parts.append(Text(message.reasoning, style="italic dim"))
        if message.text:
            parts.append(Text(message.text))
        if isinstance(message, AssistantMessage):
            parts += map(draw_call, message.calls)
    return Group(title, *(Padding(part, (0, 0, 0, 6)) for part in parts))


def draw_wrong_move(wrong: TurnedDown) -> Text:
    """A move that does not stand, in one line: what it was, and why another is in its place."""
    done = ", ".join(call.name for call in wrong.calls) or _shorten(wrong.text) or "no move"
    codes = ", ".join(dict.fromkeys(one.code for one in wrong.reasons))
    fate = "made, in a dialogue given up" if wrong.answers else "turned down"
    return Text(f"     {fate}: {done} ({codes})", style="dim")


def draw_call(call: Call) -> Text:
    """A call, and below it where each argument comes from."""
    shown = Text.assemble(("→ ", "bold"), (call.name, "bold green"))
    shown.append(f" {_shorten(json.dumps(call.arguments, ensure_ascii=False))}")
    for part in call.provenance:
        match part.source:
            case FromUser(message=message, span=span):
                source = f"the user said {span!r} in message {message}"
            case FromResult(message=message, path=path):
                source = f"{path} of the result in message {message}"
            case FromContext(span=span):
                source = f"the system message says {span!r}"
            case _:
                source = "the schema's default"
        shown.append(f"\n    {part.path} ← {source}", style="dim")
    return shown


def _shorten(text: str) -> str:
    return text if len(text) <= SHORT else f"{text[:SHORT]} … ({len(text)} characters)"
