"""What became of words that a model was to write, and why some were not accepted.

Of a task, the words are situation, wishes and reasons of the brief, and what became of them is told
round by round: what the user knows, holds back and means is told beside them and stays as it is. Of
a scripted conversation, they are what is said, and it is told message by message.
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


class Reworded(Record):
    """A message of a scripted conversation that was to have other words."""

    message: int
    kept: bool = False
    """It has its scripted words: none of the others were accepted."""
    asked: int = 1
    """How often a model was asked for its words."""
    refused: tuple[str, ...] = ()
    """Why words were not accepted, by code, one for each try (`schemas.reasons.REWRITING`)."""
    scripted: str = ""
    """What the script said, where it says something else now."""
