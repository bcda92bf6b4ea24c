"""What a check found. A verdict that is missing or could not be reached is ``unknown``."""

from typing import Literal

from schemas.record import Record

Label = Literal["good", "recoverable", "bad", "unknown"]
Level = Literal[
    "structure", "schema", "provenance", "order", "writes", "text", "goal", "policy", "replay",
    "turn", "dataset",
]  # fmt: skip


class Reason(Record):
    """Why a verdict is not good: a stable code, the place, and a sentence."""

    code: str
    message: int | None = None
    """Index of the message that is at fault."""
    path: str = ""
    """Place inside it: ``calls[0].arguments.city``."""
    explanation: str = ""
    suspect: bool = False
    """Code cannot decide it: a judge is asked, and without one it stays ``unknown``."""


class Vote(Record):
    """What one of several judges found, before they were counted."""

    judge: str
    label: Label
    reasons: tuple[Reason, ...] = ()


class Verdict(Record):
    """The answer of one check about one trajectory."""

    check: str
    version: int
    level: Level
    label: Label
    reasons: tuple[Reason, ...] = ()
    judge: str = "code"
    """``code``, or the model that judged."""
    confidence: float | None = None
    borne_out: tuple[Reason, ...] = ()
    """What checks suspected and a judge has found to be right: held against nobody again."""
    votes: tuple[Vote, ...] = ()
    """Of several judges; empty where one was asked."""


class TurnLabel(Record):
    """Whether an assistant message may be trained on, and why not."""

    message: int
    label: Label
    train: bool
    reasons: tuple[str, ...] = ()
    """Reason codes."""
