"""What became of a task's words where a model was to write them: round by round, with the reasons.

The words are situation, wishes and reasons of the brief. What the user knows, holds back and means
is told beside them and stays as it is.
"""

from typing import Literal

from schemas.brief import Brief
from schemas.record import Record

Outcome = Literal["written", "scripted", "dropped"]


class Objection(Record):
    """Why words were not accepted: a code of `schemas.reasons.WRITING`, and what is wrong."""

    code: str
    told: str


class Round(Record):
    """One answer of the writer, and what programs or the reviewer objected to; nothing: taken."""

    objections: tuple[Objection, ...] = ()
    reviewed: bool = False
    """Whether it came as far as the reviewer."""


class Written(Record):
    """How a task came to its words."""

    outcome: Outcome
    rounds: tuple[Round, ...] = ()
    scripted: Brief | None = None
    """The brief as code wrote it, where the task has another one now."""

    @property
    def refused(self) -> tuple[str, ...]:
        """The first code of each round that was not accepted."""
        return tuple(one.objections[0].code for one in self.rounds if one.objections)
