"""A trajectory as checks look at it: each call beside its answer, results as values.

Messages are addressed by position; that `index` agrees with it is the structure check's affair.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.canonical import read_json
from schemas.message import AssistantMessage, Call, Message, ToolMessage, UserMessage
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
            return None if self.answer is None else read_json(self.answer.content)
        except ValueError:  # the schema check's affair
            return None

    @property
    def succeeded(self) -> bool:
        """Answered, and not by an error."""
        return self.answer is not None and not self.answer.is_error


def exchanges(messages: Sequence[Message]) -> tuple[Exchange, ...]:
    """Every call in order, with the first result of its id that directly follows its batch."""
    found = []
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
            found.append(Exchange(position, number, message.turn, call, *answered))
    return tuple(found)


def results(messages: Sequence[Message]) -> dict[int, Any]:
    """Position of each tool message → its parsed content; unreadable ones are left out."""
    values = {}
    for position, message in enumerate(messages):
        if isinstance(message, ToolMessage):
            try:
                values[position] = read_json(message.content)
            except ValueError:
                continue
    return values


def writers(trajectory: Trajectory) -> frozenset[str]:
    """Wire names of the offered tools that change something."""
    return frozenset(
        tool.wire_name for tool in trajectory.tools if tool.effect == "write" or tool.destructive
    )


_CONSENT = re.compile(
    r"\b(yes|yep|yeah|yup|sure|ok|okay|go ahead|go on|go for it|do it|do that|proceed|confirm(ed)?"
    r"|please do|sounds (good|great)|that's fine|carry on|then go)\b",
    re.IGNORECASE,
)
"""Words by which somebody agrees to the rest while correcting one thing."""


def is_confirmed(before: Sequence[Message], turn: int) -> bool:
    """Whether the turn's last request for confirmation was answered, and not by a no.

    Who says another value has agreed to it only in so many words; else they are asked again.
    """
    asked = False
    answer = ""
    for message in before:
        if message.turn != turn:
            continue
        if isinstance(message, AssistantMessage) and message.act == "confirm":
            asked, answer = True, ""
        elif isinstance(message, UserMessage) and asked and not answer:
            agrees = message.act == "correct" and _CONSENT.search(message.text)
            answer = "affirm" if agrees else message.act
    return answer == "affirm"


_AGREEING = ("affirm", "correct")
"""Acts with which a user agrees, the second with a change."""


def words_of_consent(before: Sequence[Message], turn: int) -> str | None:
    """The turn's last question for consent with the user's answer; None where none was asked.

    Where the user asks something in between, and is asked once more, both questions are heard.
    """
    own = [message for message in before if message.turn == turn]
    asked = [n for n, one in enumerate(own) if getattr(one, "act", "") == "confirm"]
    if not asked:
        return None
    # What was agreed to is over with the call that followed; a read in between ends no question.
    agreed = next(
        (n for n, one in enumerate(own) if getattr(one, "act", "") in _AGREEING), len(own)
    )
    called = (n for n, one in enumerate(own) if isinstance(one, ToolMessage))
    last = max((n for n in called if agreed < n < asked[-1]), default=-1)
    first = next((n for n in asked if n > last), asked[-1])
    said = [one.text for one in own[first:] if not isinstance(one, ToolMessage)]
    return "\n".join(said[: max(2, 2 * sum(n >= first for n in asked))])


def equal(left: Any, right: Any) -> bool:
    """Equal as JSON: ``1`` is ``1.0`` and is not ``true``."""
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(equal(left[key], right[key]) for key in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(equal, left, right))
    return bool(left == right)
