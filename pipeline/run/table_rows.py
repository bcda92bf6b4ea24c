"""Trajectories as rows of tables: what can be asked by SQL, nothing that cannot be made anew."""

import re
from collections.abc import Iterable, Iterator

from pydantic import ValidationError

from schemas.graph import Edge
from schemas.message import AssistantMessage, FromResult, ToolMessage, UserMessage
from schemas.record import JsonObject
from schemas.tool import ToolSpec
from schemas.trajectory import Trajectory
from validators.dataset import first_message_key, task_key

Rows = dict[str, list[JsonObject]]
"""Table name → rows."""


_COLUMNS = {
    "trajectories": """candidate BIGINT, trajectory_id VARCHAR, accepted BOOLEAN, domain VARCHAR,
    persona VARCHAR, persona_style VARCHAR, user_turns INTEGER, messages INTEGER, calls INTEGER,
    tools_offered INTEGER, tools_used INTEGER, operators VARCHAR[], stiff VARCHAR[],
    outcomes VARCHAR[], person VARCHAR,
    user_role VARCHAR, assistant_role VARCHAR, writer_role VARCHAR, judge_role VARCHAR,
    seed BIGINT, dialogues INTEGER, manner VARCHAR,
    first_message VARCHAR, reasons VARCHAR[], causes VARCHAR[],
    first_message_key VARCHAR, task_key VARCHAR,
    file VARCHAR, byte_offset BIGINT, byte_length BIGINT""",
    "messages": """candidate BIGINT, trajectory_id VARCHAR, idx INTEGER, turn INTEGER,
    role VARCHAR, act VARCHAR, text VARCHAR, reasoning VARCHAR, calls INTEGER, is_error BOOLEAN,
    fault VARCHAR, label VARCHAR, train BOOLEAN, said_at VARCHAR, speaker VARCHAR""",
    "made_calls": """candidate BIGINT, trajectory_id VARCHAR, message_idx INTEGER, idx INTEGER,
    call_id VARCHAR, tool VARCHAR, arguments JSON, sources VARCHAR[], answer_idx INTEGER,
    is_error BOOLEAN, fault VARCHAR""",
    "verdicts": """candidate BIGINT, trajectory_id VARCHAR, check VARCHAR, level VARCHAR,
    label VARCHAR, judge VARCHAR, code VARCHAR, message_idx INTEGER, path VARCHAR,
    explanation VARCHAR""",
    "rewriting": """candidate BIGINT, trajectory_id VARCHAR, message_idx INTEGER, role VARCHAR,
    kept BOOLEAN, asked INTEGER, refused VARCHAR[], scripted VARCHAR""",
    "turned_down": """candidate BIGINT, trajectory_id VARCHAR, message_idx INTEGER,
    made BOOLEAN, codes VARCHAR[], tools VARCHAR[], text VARCHAR""",
    "writing": """candidate BIGINT, trajectory_id VARCHAR, round INTEGER, outcome VARCHAR,
    reviewed BOOLEAN, code VARCHAR, told VARCHAR""",
    "feeds": """candidate BIGINT, trajectory_id VARCHAR, producer VARCHAR, result_path VARCHAR,
    consumer VARCHAR, parameter VARCHAR""",
    "tools": """wire_name VARCHAR, name VARCHAR, domain VARCHAR, effect VARCHAR,
    destructive BOOLEAN, parameters INTEGER, has_result_schema BOOLEAN, description VARCHAR,
    source_format VARCHAR, source_file VARCHAR, inferred VARCHAR[], repairs VARCHAR[],
    returns_from VARCHAR""",
    "edges": """producer VARCHAR, result_path VARCHAR, consumer VARCHAR, parameter VARCHAR,
    score DOUBLE, method VARCHAR, evidence VARCHAR,
    judgement STRUCT(score INTEGER,reason VARCHAR,model VARCHAR), consumed BOOLEAN""",
}
"""``column TYPE, …``; a type has no ``, ``."""
TABLES: dict[str, dict[str, str]] = {
    table: dict(pair.split(" ", 1) for pair in " ".join(columns.split()).split(", "))
    for table, columns in _COLUMNS.items()
}
"""Table → column → its type in DuckDB."""
_ELEMENT = re.compile(r"\[\d+\]")
"""``[3]`` in ``items[3].sku``."""


def rows_of(trajectory: Trajectory) -> Rows:
    """Make the rows of one trajectory; whoever knows where its line lies adds the place."""
    of = {"candidate": trajectory.index, "trajectory_id": trajectory.id}
    calls, feeds = _calls_and_feeds(trajectory)
    used = [call["tool"] for call in calls]
    task, roles = trajectory.task, trajectory.roles
    said = [message.text for message in trajectory.messages if isinstance(message, UserMessage)]
    verdicts: list[JsonObject] = []
    for verdict in trajectory.verdicts:
        row = {"check": verdict.check, "level": verdict.level}
        row |= {"label": verdict.label, "judge": verdict.judge}
        told = [
            {"message_idx": one.message, "path": one.path}
            | {"code": one.code, "explanation": one.explanation}
            for one in verdict.reasons
        ]
        verdicts += [row | one for one in told or [{}]]
    rows: dict[str, Iterable[JsonObject]] = {
        "trajectories": [
            {
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
                "stiff": list(task.stiff),
                "outcomes": list(dict.fromkeys(turn.outcome for turn in task.turns)),
                "person": f"{task.domain}/{task.person.entity}" if task.person else None,
                "user_role": roles.user,
                "assistant_role": roles.assistant,
                "writer_role": roles.writer,
                "judge_role": roles.judge,
                "seed": trajectory.seed,
                "dialogues": 1 + len(trajectory.given_up),
                "manner": trajectory.manner,
                "first_message": said[0] if said else "",
                "reasons": list(trajectory.reasons),
                "causes": list(trajectory.causes),
                "first_message_key": first_message_key(trajectory),
                "task_key": task_key(trajectory),
            }
        ],
        "messages": _messages(trajectory),
        "made_calls": calls,
        "feeds": feeds,
        "verdicts": verdicts,
        "rewriting": _rewriting(trajectory),
        "turned_down": _turned_down(trajectory),
        "writing": _writing(trajectory),
    }
    return {table: [of | row for row in found] for table, found in rows.items()}


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
            row |= {"speaker": getattr(message, "speaker", "") or None}
        if isinstance(message, AssistantMessage):
            row |= {"reasoning": message.reasoning, "calls": len(message.calls)}
        yield row


def _calls_and_feeds(trajectory: Trajectory) -> tuple[list[JsonObject], list[JsonObject]]:
    """The calls; and their arguments out of results, as edges of the tool graph name their ends."""
    results = [one for one in trajectory.messages if isinstance(one, ToolMessage)]
    answers = {one.call_id: one for one in results}
    producers = {one.index: one.name for one in results}
    calls: list[JsonObject] = []
    feeds: list[JsonObject] = []
    for message in trajectory.messages:
        made = message.calls if isinstance(message, AssistantMessage) else ()
        for number, call in enumerate(made):
            answer = answers.get(call.id)
            calls.append(
                {
                    "message_idx": message.index,
                    "idx": number,
                    "call_id": call.id,
                    "tool": call.name,
                    "arguments": call.arguments,
                    "sources": [f"{part.path}: {part.source.kind}" for part in call.provenance],
                    "answer_idx": answer.index if answer else None,
                    "is_error": answer.is_error if answer else None,
                    "fault": answer.fault.kind if answer and answer.fault else None,
                }
            )
            feeds += [
                {
                    "producer": producers.get(part.source.message),
                    "result_path": _ELEMENT.sub("[]", part.source.path),
                    "consumer": call.name,
                    "parameter": _ELEMENT.sub("[]", part.path),
                }
                for part in call.provenance
                if isinstance(part.source, FromResult)
            ]
    return calls, feeds


def _rewriting(trajectory: Trajectory) -> Iterator[JsonObject]:
    for one in trajectory.rewriting:
        message = trajectory.messages[one.message]
        told = one.model_dump(mode="json", exclude={"message"})
        told["scripted"] = one.scripted or message.model_dump()["text"]
        yield {"message_idx": one.message, "role": message.role} | told


def _turned_down(trajectory: Trajectory) -> Iterator[JsonObject]:
    for one in (*trajectory.turned_down, *(old.wrong_move for old in trajectory.given_up)):
        if one is not None:
            yield {
                "message_idx": one.message,
                "made": bool(one.answers),
                "codes": list(dict.fromkeys(reason.code for reason in one.reasons)),
                "tools": [call.name for call in one.calls],
                "text": one.text,
            }


def _writing(trajectory: Trajectory) -> Iterator[JsonObject]:
    """A row for each round, with what was objected to first."""
    written = trajectory.writing
    for number, one in enumerate(written.rounds if written else (), 1):
        first = one.objections[0] if one.objections else None
        yield {
            "round": number, "outcome": written.outcome if written else None,
            "reviewed": one.reviewed, "code": first and first.code, "told": first and first.told,
        }  # fmt: skip


def tool_row(tool: ToolSpec) -> JsonObject:
    """Make the row of a tool."""
    own = {*TABLES["tools"]} & {*ToolSpec.model_fields} - {"parameters"}
    return tool.model_dump(mode="json", include=own) | {
        "parameters": len(tool.properties),
        "has_result_schema": tool.returns is not None,
        "source_format": tool.source.format,
        "source_file": tool.source.path,
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
