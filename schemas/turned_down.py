"""What was said or called and does not stand: moves that were turned down, dialogues given up.

Both are kept beside the conversation in whose place they do not stand. With what stands there
instead, each is the raw material of recovery: the same beginning, a wrong move, why it is wrong,
and the right one.
"""

from schemas.message import Call, Message
from schemas.record import Record
from schemas.verdict import Reason, TurnLabel, Verdict


class TurnedDown(Record):
    """A move of the assistant that a check turned down before it was made."""

    message: int
    """Number of the message that stands in its place; the last one's and one more where the
    dialogue ended over it."""
    text: str = ""
    reasoning: str | None = None
    calls: tuple[Call, ...] = ()
    """None of them was made."""
    reasons: tuple[Reason, ...]


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
