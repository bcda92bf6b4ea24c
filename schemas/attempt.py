"""What a target model made of a task or a decision of its proven conversation, and of harder ones.

Attempts lie beside the trajectories and name theirs by its id: the record itself stays as it is.
"""

from collections.abc import Iterable
from math import sqrt
from typing import Literal

from schemas.record import Record

_Z = 1.959964
"""Of a normal distribution: 95 % lie within."""


class Rate(Record):
    """So many of so many, and where the true share lies with 95 % confidence (Wilson)."""

    hits: int = 0
    of: int = 0

    @property
    def share(self) -> float:
        """The share that was counted; 0 where nothing was."""
        return self.hits / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper bound; everything where nothing was counted."""
        if not self.of:
            return 0.0, 1.0
        share, n = self.hits / self.of, self.of
        middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
        half = _Z / (1 + _Z**2 / n) * sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
        return max(0.0, middle - half), min(1.0, middle + half)

    def count(self, *, hit: bool) -> "Rate":
        """With one more."""
        return Rate(hits=self.hits + hit, of=self.of + 1)


class WrongStep(Record):
    """Where an attempt went wrong first."""

    code: str
    """A reason code, or of a decision one of `pipeline.probing.decisions.WRONG`."""
    tool: str = ""
    """What was called there, or was not; empty where only words are wrong."""
    instead: str = ""
    """Of a decision, what was called in its place."""
    message: int | None = None
    """Where it stands in the attempt's conversation."""


class Attempt(Record):
    """One attempt of a model."""

    trajectory: str
    """Id of the proven conversation."""
    index: int
    """Its candidate's number."""
    decision: int | None = None
    """The message of the proven conversation in whose place a move was asked for; None: the whole
    task was played."""
    number: int
    """Of the attempts at this, from 0."""
    seed: int
    model: str
    place: str = ""
    """Address of its endpoint: at another one, another model may have its name."""
    passed: bool | None
    """None: the endpoint did not serve it, which says nothing of the model."""
    graded: float = 0.0
    """Of a whole task, the graded reward."""
    calls: int = 0
    """Calls that were made."""
    ended: str = ""
    """The code by which it broke off."""
    wrong: WrongStep | None = None
    """Where it failed."""

    @property
    def key(self) -> tuple[int, str, int, str, str, int, int]:
        """What tells it from all others, and their order."""
        at = -1 if self.decision is None else self.decision
        return self.index, self.trajectory, at, self.model, self.place, self.seed, self.number


def count_passed(attempts: Iterable[Attempt]) -> Rate:
    """How many passed, of those that were served."""
    served = [one for one in attempts if one.passed is not None]
    return Rate(hits=sum(bool(one.passed) for one in served), of=len(served))


class Step(Record):
    """One operator more, by which a task became harder."""

    operator: str
    trajectory: str
    """Id of the conversation that proves the task with it."""
    passed: Rate
    """How many attempts of the model solved it then."""


class Hardening(Record):
    """The lineage of a hardened task."""

    origin: str
    """Id of the trajectory whose task it was."""
    index: int
    """Its candidate's number."""
    model: str
    seed: int
    passed: Rate
    """How many attempts solved the task as it was."""
    steps: tuple[Step, ...]
    ended: Literal["failed", "none_left"]
    """The model failed it then, or no operator found a place any more."""
