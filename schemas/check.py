"""The protocol of checks, one context in, one verdict out, and what a replay certifies."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from schemas.environment import Change, Environment
from schemas.record import Record
from schemas.task import Task
from schemas.trajectory import Trajectory
from schemas.verdict import Reason, Verdict

EnvironmentFactory = Callable[[Task], Environment]
"""Makes the environment of a task in its initial state."""


@dataclass(frozen=True)
class CheckContext:
    """The sole input of a check."""

    trajectory: Trajectory
    environment: EnvironmentFactory | None
    """None where the catalogue is not at hand: a check that needs it answers ``unknown``."""
    since: int = 0
    """Position of the first message that is asked about: what is wrong before may be left out."""


class Check(Protocol):
    """A function over a context; a registry is a visible tuple of them."""

    def __call__(self, context: CheckContext) -> Verdict:
        """Judge one trajectory. Never raises for anything that a trajectory can hold."""
        ...


class ReplayedCall(Record):
    """One call that was run again."""

    message: int
    """Index of the tool message on record."""
    tool: str
    recorded: str
    """Hash of the content on record; empty where that is not JSON."""
    replayed: str
    """Hash of the content that came this time."""
    same: bool
    """The contents are equal, and so is whether they are errors."""


class ReplayCertificate(Record):
    """A record's calls, run again from the initial state: it holds where nothing differs."""

    trajectory: str
    tools: str
    """What the tools ran in: ``sandbox``."""
    initial_state: str
    calls: tuple[ReplayedCall, ...]
    final_state: str
    changes: tuple[Change, ...]
    """What the calls have changed in all."""
    differences: tuple[Reason, ...] = ()

    @property
    def holds(self) -> bool:
        """Nothing differs from the record."""
        return not self.differences
