"""Checks the lawful sequence of messages: who speaks when, and that calls and results pair."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from schemas.check import CheckContext
from schemas.message import AssistantMessage, Call, Message, ToolMessage, UserMessage
from schemas.reasons import reason
from schemas.verdict import Reason
from validators.code_check import code_check


@code_check("structure", level="structure")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find what no chat interface could have recorded."""
    trajectory = context.trajectory
    yield from _ends(trajectory.messages)
    turn = 0
    for position, message in enumerate(trajectory.messages):
        if message.index != position:
            yield reason("bad_index", position, "index", f"index {message.index} at {position}")
        # The user says which of their wishes it is about, in any order.
        turn = message.turn if isinstance(message, UserMessage) else turn
        if not turn <= message.turn < max(len(trajectory.task.turns), 1) or turn < 0:
            yield reason("bad_turn", position, "turn", f"turn {message.turn}")
    last: datetime | None = None
    for position, message in enumerate(trajectory.messages):
        try:
            time = datetime.fromisoformat(message.timestamp)
        except ValueError:
            time = None
        if time is None or not time.tzinfo:
            yield reason("bad_timestamp", position, "timestamp", repr(message.timestamp))
            continue
        if last and time < last:
            yield reason("time_runs_backwards", position, "timestamp")
        last = time
    yield from _speakers(trajectory.messages)
    yield from _pairs(trajectory.messages)
    names = Counter(tool.wire_name for tool in trajectory.tools)
    for name, count in names.items():
        if count > 1:
            yield reason("duplicate_tool", explanation=f"{name} is offered {count} times")


def _ends(messages: Sequence[Message]) -> Iterator[Reason]:
    if [message.role for message in messages[:2]] != ["system", "user"]:
        yield reason("bad_start", 0)
    last = messages[-1] if messages else None
    if not isinstance(last, AssistantMessage) or last.calls or not last.text.strip():
        yield reason("bad_end", len(messages) - 1)
    for position, message in enumerate(messages):
        if isinstance(message, UserMessage):
            if message.act == "thank":
                yield reason("early_farewell", position)
            break


def _speakers(messages: Sequence[Message]) -> Iterator[Reason]:
    for position, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            continue
        calls = isinstance(message, AssistantMessage) and message.calls
        if not calls and not message.text.strip():
            yield reason("empty_message", position)
        if position and message.role == "system":
            yield reason("misplaced_system", position)
    for position, (before, message) in enumerate(pairwise(messages), start=1):
        spoke = isinstance(before, UserMessage) or (
            isinstance(before, AssistantMessage) and not before.calls
        )
        talk = isinstance(before, UserMessage) and before.act == "talk" and before.speaker
        if spoke and before.role == message.role and not talk:
            yield reason("repeated_speaker", position)
        if before.role == "tool" and message.role == "user":
            yield reason("interrupted_call", position)


def _pairs(messages: Sequence[Message]) -> Iterator[Reason]:
    seen: set[str] = set()
    pending: list[tuple[int, int, Call]] = []
    for position, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            ids = [call.id for _, _, call in pending]
            if message.call_id not in ids:
                problem = f"no pending call {message.call_id}"
                yield reason("unpaired_result", position, "call_id", problem)
                continue
            if ids[0] != message.call_id:
                yield reason("results_out_of_order", position, "call_id")
            _, _, call = pending.pop(ids.index(message.call_id))
            if call.name != message.name:
                problem = f"{message.name} answers {call.name}"
                yield reason("wrong_result_name", position, "name", problem)
            continue
        yield from _unanswered(pending)
        calls = message.calls if isinstance(message, AssistantMessage) else ()
        pending = [(position, number, call) for number, call in enumerate(calls)]
        for _, number, call in pending:
            if call.id in seen:
                yield reason("duplicate_call_id", position, f"calls[{number}].id", call.id)
            seen.add(call.id)
    yield from _unanswered(pending)


def _unanswered(pending: list[tuple[int, int, Call]]) -> Iterator[Reason]:
    for position, number, call in pending:
        yield reason("unanswered_call", position, f"calls[{number}]", f"{call.name} has no result")
