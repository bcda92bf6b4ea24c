"""What was said or called and does not stand: moves that were turned down, dialogues given up.

Both are kept beside the conversation in whose place they do not stand. With what stands there
instead, each is the raw material of recovery: the same beginning, a wrong move, why it is wrong,
and the right one.
"""

from schemas.message import AssistantMessage, Call, Message, ToolMessage
from schemas.record import Record
from schemas.verdict import Reason, TurnLabel, Verdict


class TurnedDown(Record):
    """A move of the assistant that a check turned down, most often before it was made."""

    message: int
    """Number of the message that stands in its place; the last one's and one more where the
    dialogue ended over it."""
    text: str = ""
    reasoning: str | None = None
    calls: tuple[Call, ...] = ()
    reasons: tuple[Reason, ...]
    answers: tuple[ToolMessage, ...] = ()
    """What its calls were answered, where they were made: in a dialogue that was given up."""


class GivenUp(Record):
    """A dialogue of the same task that failed, and was played again."""

    seed: int
    shared: int
    """It begins with so many messages of the one that was played after it …"""
    messages: tuple[Message, ...]
    """… and goes on with these: first the wrong one, then what came of it."""
    verdicts: tuple[Verdict, ...]
    labels: tuple[TurnLabel, ...] = ()
    turned_down: tuple[TurnedDown, ...] = ()

    @property
    def wrong_move(self) -> TurnedDown | None:
        """The assistant's message by which it parts from the next one, if it is the assistant's."""
        first = self.messages[0] if self.messages else None
        if not isinstance(first, AssistantMessage):
            return None
        reasons = (one for verdict in self.verdicts if verdict.label == "bad"
                   for one in verdict.reasons)  # fmt: skip
        called = {call.id for call in first.calls}
        answers = (one for one in self.messages if isinstance(one, ToolMessage))
        return TurnedDown(
            message=self.shared, text=first.text, reasoning=first.reasoning, calls=first.calls,
            reasons=tuple(one for one in reasons if one.message is not None
                          and self.shared <= one.message <= self.shared + len(called)),
            answers=tuple(one for one in answers if one.call_id in called),
        )  # fmt: skip
