"""A trajectory as checks look at it: each call beside its answer, results as values.

Messages are addressed by position; that `index` agrees with it is the structure check's affair.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from schemas.message import AssistantMessage, Call, Message, ToolMessage
from schemas.task import GoldCall
from schemas.trajectory import Trajectory


@dataclass(frozen=True)
class Exchange:
    """A call and its answer."""

    message: int
    """Position of the assistant message."""
    number: int
    """Position of the call in that message."""
    turn: int
    call: Call
    answered_at: int | None = None
    """Position of the tool message; None where there is none."""
    answer: ToolMessage | None = None

    @property
    def place(self) -> str:
        """``calls[0]``."""
        return f"calls[{self.number}]"

    @property
    def succeeded(self) -> bool:
        """Answered, and not by an error."""
        return self.answer is not None and not self.answer.is_error


def exchanges(messages: Sequence[Message]) -> tuple[Exchange, ...]:
    """Every call in order, with the first result of its id that directly follows its batch."""
    found = []
    for position, message in enumerate(messages):
        if isinstance(message, AssistantMessage) and message.calls:
            answers = {
                answer.call_id: (at, answer) for at, answer in reversed(_run(messages, position))
            }
            for number, call in enumerate(message.calls):
                at, answer = answers.get(call.id, (None, None))
                found.append(Exchange(position, number, message.turn, call, at, answer))
    return tuple(found)


def _run(messages: Sequence[Message], position: int) -> list[tuple[int, ToolMessage]]:
    """Collect the unbroken run of tool messages after a position."""
    run = []
    for at in range(position + 1, len(messages)):
        message = messages[at]
        if not isinstance(message, ToolMessage):
            break
        run.append((at, message))
    return run


def parse(text: str) -> Any:
    """Read JSON text. Raises ValueError, also for NaN and infinities."""
    return json.loads(text, parse_constant=_refuse)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def results(messages: Sequence[Message]) -> dict[int, Any]:
    """Position of each tool message → its parsed content; unreadable ones are left out."""
    values = {}
    for position, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            try:
                values[position] = parse(message.content)
            except ValueError:
                continue
    return values


def fails(gold: GoldCall) -> bool:
    """Whether the recorded answer is itself an error: the truthful answer to a vain question."""
    result = parse(gold.result)
    return isinstance(result, dict) and result.keys() == {"error"}


def lasts(gold: GoldCall) -> bool:
    """Whether the service fails the call each time it is made."""
    return gold.fault is not None and not gold.fault.transient


def writers(trajectory: Trajectory) -> frozenset[str]:
    """Wire names of the offered tools that change something."""
    return frozenset(
        tool.wire_name for tool in trajectory.tools if tool.effect == "write" or tool.destructive
    )


def texts(messages: Sequence[Message]) -> Iterator[tuple[int, str, str]]:
    """Position, role and words of whatever the user or the assistant says."""
    for position, message in enumerate(messages):
        if message.role in ("user", "assistant") and not isinstance(message, ToolMessage):
            yield position, message.role, message.text


def equal(left: Any, right: Any) -> bool:
    """Equal as JSON: ``1`` is ``1.0`` and is not ``true``."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)
