"""Trajectories as rows of tables: what can be asked by SQL, nothing that cannot be made anew."""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import ValidationError

from schemas.graph import Edge
from schemas.message import AssistantMessage, Call, FromResult, ToolMessage, UserMessage
from schemas.record import JsonObject
from schemas.tool import ToolSpec
from schemas.trajectory import Trajectory
from validators.dataset import first_message_key, task_key

Rows = dict[str, list[JsonObject]]
"""Table name → rows."""


class Table(NamedTuple):
    """A table and the DuckDB types of its columns."""

    name: str
    columns: dict[str, str]


def _table(name: str, columns: str) -> Table:
    """A table of ``column TYPE, …``; a type has no ``, ``."""
    pairs = " ".join(columns.split()).split(", ")
    return Table(name, dict(pair.split(" ", 1) for pair in pairs))


TRAJECTORIES = _table(
    "trajectories",
    """candidate BIGINT, trajectory_id VARCHAR, accepted BOOLEAN, domain VARCHAR, persona VARCHAR,
    persona_style VARCHAR, user_turns INTEGER, messages INTEGER, calls INTEGER,
    tools_offered INTEGER, tools_used INTEGER, operators VARCHAR[], user_role VARCHAR,
    assistant_role VARCHAR, judge_role VARCHAR, seed BIGINT, first_message VARCHAR,
    reasons VARCHAR[], first_message_key VARCHAR, task_key VARCHAR, file VARCHAR,
    byte_offset BIGINT, byte_length BIGINT""",
)
MESSAGES = _table(
    "messages",
    """candidate BIGINT, trajectory_id VARCHAR, idx INTEGER, turn INTEGER, role VARCHAR,
    act VARCHAR, text VARCHAR, reasoning VARCHAR, calls INTEGER, is_error BOOLEAN,
    fault VARCHAR, label VARCHAR, train BOOLEAN, said_at VARCHAR""",
)
CALLS = _table(
    "calls",
    """candidate BIGINT, trajectory_id VARCHAR, message_idx INTEGER, idx INTEGER, call_id VARCHAR,
    tool VARCHAR, arguments JSON, sources VARCHAR[], result VARCHAR, is_error BOOLEAN,
    fault VARCHAR""",
)
VERDICTS = _table(
    "verdicts",
    """candidate BIGINT, trajectory_id VARCHAR, check VARCHAR, level VARCHAR, label VARCHAR,
    judge VARCHAR, code VARCHAR, message_idx INTEGER, path VARCHAR, explanation VARCHAR""",
)
TOOLS = _table(
    "tools",
    """wire_name VARCHAR, name VARCHAR, domain VARCHAR, effect VARCHAR, destructive BOOLEAN,
    parameters INTEGER, has_result_schema BOOLEAN, description VARCHAR, source_format VARCHAR,
    source_file VARCHAR, inferred VARCHAR[], repairs VARCHAR[], returns_from VARCHAR""",
)
EDGES = _table(
    "edges",
    """producer VARCHAR, result_path VARCHAR, consumer VARCHAR, parameter VARCHAR, score DOUBLE,
    method VARCHAR, evidence VARCHAR,
    judgement STRUCT(score INTEGER,reason VARCHAR,model VARCHAR), consumed BOOLEAN""",
)
FEEDS = _table(
    "feeds",
    """candidate BIGINT, trajectory_id VARCHAR, producer VARCHAR, result_path VARCHAR,
    consumer VARCHAR, parameter VARCHAR""",
)
_ELEMENT = re.compile(r"\[\d+\]")
"""``[3]`` in ``items[3].sku``."""
TABLES: tuple[Table, ...] = (TRAJECTORIES, MESSAGES, CALLS, VERDICTS, FEEDS, TOOLS, EDGES)


def rows_of(trajectory: Trajectory, file: str, offset: int, length: int) -> Rows:
    """Make the rows of one trajectory, whose line lies in ``file`` at ``offset``."""
    of = {"candidate": trajectory.index, "trajectory_id": trajectory.id}
    place = {"file": file, "byte_offset": offset, "byte_length": length}
    rows: dict[str, Iterable[JsonObject]] = {
        TRAJECTORIES.name: [_summary(trajectory) | place],
        MESSAGES.name: _messages(trajectory),
        CALLS.name: _calls(trajectory),
        FEEDS.name: _feeds(trajectory),
        VERDICTS.name: _verdicts(trajectory),
    }
    return {table: [of | row for row in found] for table, found in rows.items()}


def _summary(trajectory: Trajectory) -> JsonObject:
    task, roles = trajectory.task, trajectory.roles
    used = [call.name for _, _, call in _made(trajectory)]
    said = [message.text for message in trajectory.messages if isinstance(message, UserMessage)]
    return {
        "accepted": trajectory.accepted,
        "domain": task.domain,
        "persona": task.persona.name,
        "persona_style": task.persona.style,
        "user_turns": len(said),
        "messages": len(trajectory.messages),
        "calls": len(used),
        "tools_offered": len(trajectory.tools),
        "tools_used": len(set(used)),
        "operators": list(task.operators),
        "user_role": roles.user,
        "assistant_role": roles.assistant,
        "judge_role": roles.judge,
        "seed": trajectory.seed,
        "first_message": said[0] if said else "",
        "reasons": list(trajectory.reasons),
        "first_message_key": first_message_key(trajectory),
        "task_key": task_key(trajectory),
    }


def _made(trajectory: Trajectory) -> list[tuple[int, int, Call]]:
    """The calls: place of the message, place in it, and the call."""
    return [
        (message.index, number, call)
        for message in trajectory.messages
        if isinstance(message, AssistantMessage)
        for number, call in enumerate(message.calls)
    ]


def _messages(trajectory: Trajectory) -> Iterator[JsonObject]:
    labels = {label.message: label for label in trajectory.labels}
    for message in trajectory.messages:
        label = labels.get(message.index)
        row: JsonObject = {
            "idx": message.index,
            "turn": message.turn,
            "role": message.role,
            "label": label.label if label else None,
            "train": label.train if label else None,
            "said_at": message.timestamp,
        }
        if isinstance(message, ToolMessage):
            fault = message.fault.kind if message.fault else None
            row |= {"text": message.content, "is_error": message.is_error, "fault": fault}
        else:
            row |= {"text": message.text, "act": getattr(message, "act", None)}
        if isinstance(message, AssistantMessage):
            row |= {"reasoning": message.reasoning, "calls": len(message.calls)}
        yield row


def _calls(trajectory: Trajectory) -> Iterator[JsonObject]:
    answers = {one.call_id: one for one in trajectory.messages if isinstance(one, ToolMessage)}
    for message, number, call in _made(trajectory):
        answer = answers.get(call.id)
        yield {
            "message_idx": message,
            "idx": number,
            "call_id": call.id,
            "tool": call.name,
            "arguments": call.arguments,
            "sources": [f"{part.path}: {part.source.kind}" for part in call.provenance],
            "result": answer.content if answer else None,
            "is_error": answer.is_error if answer else None,
            "fault": answer.fault.kind if answer and answer.fault else None,
        }


def _feeds(trajectory: Trajectory) -> Iterator[JsonObject]:
    """The arguments that came from a result, as edges of the tool graph name their ends."""
    producers = {one.index: one.name for one in trajectory.messages if isinstance(one, ToolMessage)}
    for _, _, call in _made(trajectory):
        for part in call.provenance:
            if isinstance(part.source, FromResult):
                yield {
                    "producer": producers.get(part.source.message),
                    "result_path": _ELEMENT.sub("[]", part.source.path),
                    "consumer": call.name,
                    "parameter": _ELEMENT.sub("[]", part.path),
                }


def _verdicts(trajectory: Trajectory) -> Iterator[JsonObject]:
    for verdict in trajectory.verdicts:
        row = {"check": verdict.check, "level": verdict.level}
        row |= {"label": verdict.label, "judge": verdict.judge}
        if not verdict.reasons:
            yield row
        for reason in verdict.reasons:
            place = {"message_idx": reason.message, "path": reason.path}
            yield row | place | {"code": reason.code, "explanation": reason.explanation}


def tool_row(tool: ToolSpec) -> JsonObject:
    """Make the row of a tool."""
    return {
        "wire_name": tool.wire_name,
        "name": tool.name,
        "domain": tool.domain,
        "effect": tool.effect,
        "destructive": tool.destructive,
        "parameters": len(tool.properties),
        "has_result_schema": tool.returns is not None,
        "description": tool.description,
        "source_format": tool.source.format,
        "source_file": tool.source.path,
        "inferred": list(tool.inferred),
        "repairs": list(tool.repairs),
        "returns_from": tool.returns_from,
    }


def edge_rows(graph: JsonObject) -> list[JsonObject]:
    """Make the rows of a graph in node-link form. Raises ValueError where it is none."""
    ends = {"source": "producer", "target": "consumer"}
    try:
        return [
            Edge(
                **{ends.get(name, name): fact for name, fact in link.items() if name != "key"}
            ).model_dump()
            for link in graph["edges"]
        ]
    except (KeyError, TypeError, AttributeError, ValidationError) as error:
        raise ValueError(f"no node-link form of a graph: {error}") from error
