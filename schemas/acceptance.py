"""How it is decided whether a task was done: data, so that any program can decide it alike.

The final state and each turn's outcome stand in the task itself. Reads that nobody asked for never
count against a trajectory.
"""

from pydantic import Field

from schemas.numbering import CallNumber, TurnNumber
from schemas.record import JsonObject, Record


class Assertion(Record):
    """What must hold of one row in the end."""

    table: str
    key: str
    """As in `schemas.environment.Change`."""
    row: JsonObject | None
    """Fields and the values that they must have; None where the row must be gone."""


class MustSay(Record):
    """A value that the assistant must tell the user."""

    turn: TurnNumber
    call: CallNumber
    """Number of the gold call whose result holds it."""
    path: str
    """Concrete path in that result."""
    value: str | int | float | bool


class CallPattern(Record):
    """A call, by its tool and some of its arguments."""

    tool: str
    """Wire name."""
    turn: TurnNumber | None = None
    """The turn of the task in which it counts; None is any."""
    arguments: JsonObject = Field(default_factory=dict)
    """Path of an argument leaf → its value; leaves that are not named do not matter."""


class Acceptance(Record):
    """What a trajectory must fulfil beside the final state."""

    assertions: tuple[Assertion, ...] = ()
    must_say: tuple[MustSay, ...] = ()
    must_call: tuple[CallPattern, ...] = ()
    """Each must have succeeded, or have been answered as the gold call was."""
    must_not_call: tuple[CallPattern, ...] = ()
