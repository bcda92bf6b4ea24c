"""How a task became harder: by which operators, and what of it a target model still solved."""

from typing import Literal

from schemas.rate import Rate
from schemas.record import Record


class Step(Record):
    """One operator more."""

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
