"""A trajectory as checks look at it: each call beside its answer, results as values.

Messages are addressed by position; that `index` agrees with it is the structure check's affair.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from schemas.brief import GIVES_UP
from schemas.canonical import read_json
from schemas.message import AssistantMessage, Call, Message, ToolMessage, UserMessage
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
    def result(self) -> Any:
        """The answer's content as a value; None where it is none, or there is no answer."""
        try:
            return None if self.answer is None else _read_result(self.answer.content)
        except ValueError:  # the schema check's affair
            return None

    @property
    def succeeded(self) -> bool:
        """Answered, and not by an error."""
        return self.answer is not None and not self.answer.is_error


def exchanges(messages: Sequence[Message]) -> tuple[Exchange, ...]:
    """Every call in order, with the first result of its id that directly follows its batch."""
    for known, before in _LAST:
        if known is messages:
            return before
    paired: list[Exchange] = []
    for position, message in enumerate(messages):
        if not isinstance(message, AssistantMessage) or not message.calls:
            continue
        answers: dict[str, tuple[int, ToolMessage]] = {}
        for at in range(position + 1, len(messages)):
            answer = messages[at]
            if not isinstance(answer, ToolMessage):
                break
            answers.setdefault(answer.call_id, (at, answer))
        for number, call in enumerate(message.calls):
            answered = answers.get(call.id, (None, None))
            paired.append(Exchange(position, number, message.turn, call, *answered))
    found = tuple(paired)
    if isinstance(messages, tuple):
        _LAST[:] = [(messages, found)]
    return found


_LAST: list[tuple[Sequence[Message], tuple[Exchange, ...]]] = []
"""The messages that were asked about last, and their calls: most checks ask for them."""


def results(messages: Sequence[Message]) -> dict[int, Any]:
    """Position of each tool message → its parsed content; unreadable ones are left out."""
    values = {}
    for position, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            try:
                values[position] = _read_result(message.content)
            except ValueError:
                continue
    return values


@lru_cache(maxsize=256)
def _read_result(content: str) -> Any:
    """What an answer holds: most checks ask for it, and none changes it. Raises ValueError."""
    return read_json(content)


def writers(trajectory: Trajectory) -> frozenset[str]:
    """Wire names of the offered tools that change something."""
    return frozenset(tool.wire_name for tool in trajectory.tools if tool.writes)


def find_giving_up(trajectory: Trajectory) -> UserMessage | None:
    """The words by which a user who may give up does so: what is left of the task is void then."""
    if trajectory.manner != GIVES_UP:
        return None
    said = (one for one in trajectory.messages if isinstance(one, UserMessage))
    return next((one for one in said if one.act == "give_up"), None)


Consent = Literal["given", "refused", "unclear", "missing"]
_OPENS = ("request", "partial_request", "vague_request", "unsupported_request", "choose")


def knows_acts(trajectory: Trajectory) -> bool:
    """Whether the assistant's acts are on record: a model says only what it says."""
    return trajectory.roles.assistant == "scripted"


def find_consent(before: Sequence[Message], turn: int) -> Consent:
    """Whether the user has agreed to what is done in a turn, by their own acts alone.

    Who changes something while asked for leave agrees to the rest; ``unclear``: they have answered,
    and neither agreed nor declined.
    """
    consent: Consent = "missing"
    for _, found in _answers(before, turn):
        if found in ("given", "refused"):
            consent = "given" if found == "given" else "refused"
        elif consent == "missing" or (consent, found) == ("given", "changed"):
            consent = "unclear"
    return consent


def _answers(
    before: Sequence[Message], turn: int
) -> Iterator[tuple[int, Literal["given", "refused", "changed", "other"]]]:
    """Position of each message by which the user answers the assistant in a turn; what it is."""
    for position, message in enumerate(before):
        if not isinstance(message, UserMessage) or message.turn != turn or not position:
            continue
        asked = before[position - 1]
        if not isinstance(asked, AssistantMessage) or asked.turn != turn:
            continue
        if message.act == "affirm" or (message.act == "correct" and asked.act == "confirm"):
            yield position, "given"
        elif message.act == "negate":
            yield position, "refused"
        elif message.act == "correct":
            yield position, "changed"
        elif message.act not in _OPENS:
            yield position, "other"


def words_of_consent(before: Sequence[Message], turn: int) -> str | None:
    """What the user has heard from the assistant when they agreed, and their own words with it.

    None where they have not agreed. What was agreed to is over with the call that followed; a read
    in between ends no question. Where the assistant's acts are known, what is heard begins with the
    question for leave.
    """
    agreed = [position for position, found in _answers(before, turn) if found == "given"]
    if not agreed:
        return None
    own = [n for n, one in enumerate(before) if one.turn == turn]
    called = [n for n in own if isinstance(before[n], ToolMessage) and agreed[0] < n < agreed[-1]]
    first = max(called, default=own[0]) + 1
    asked = (n for n in own if n >= first and getattr(before[n], "act", "") == "confirm")
    first = next(asked, first)
    heard = (before[n] for n in own if first <= n <= agreed[-1]
             if isinstance(before[n], AssistantMessage) or n in agreed)  # fmt: skip
    return "\n".join(one.text for one in heard if not isinstance(one, ToolMessage))


def is_made(trajectory: Trajectory, gold: GoldCall, exchange: Exchange) -> bool:
    """Whether a call is this gold call."""
    call = exchange.call
    tool = next((one for one in trajectory.tools if one.wire_name == call.name), None)
    return gold.is_made_by(call.name, call.arguments, tool)


def equal(left: Any, right: Any) -> bool:
    """Equal as JSON: ``1`` is ``1.0`` and is not ``true``."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)
