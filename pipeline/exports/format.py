"""What a format of a trainer is: a row of a trajectory, and the rules that a row must keep."""

from collections.abc import Callable
from dataclasses import dataclass

from schemas.record import JsonObject
from schemas.trajectory import Trajectory


@dataclass(frozen=True)
class Format:
    """One JSON object a trajectory."""

    name: str
    """As ``--to`` takes it."""
    about: str
    row: Callable[[Trajectory], JsonObject]
    problems: Callable[[JsonObject], list[str]]
    """What the trainer would refuse or misread; nothing for a good row."""
