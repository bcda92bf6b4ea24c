"""The protocol of checks: one context in, one verdict out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from schemas.environment import Environment
from schemas.task import Task
from schemas.trajectory import Trajectory
from schemas.verdict import Verdict

EnvironmentFactory = Callable[[Task], Environment]
"""Makes the environment of a task in its initial state."""


@dataclass(frozen=True)
class CheckContext:
    """The sole input of a check."""

    trajectory: Trajectory
    environment: EnvironmentFactory | None
    """None where the catalogue is not at hand: a check that needs it answers ``unknown``."""


class Check(Protocol):
    """A function over a context; a registry is a visible tuple of them."""

    def __call__(self, context: CheckContext) -> Verdict:
        """Judge one trajectory. Never raises for anything that a trajectory can hold."""
        ...
