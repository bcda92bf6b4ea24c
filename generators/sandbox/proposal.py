"""What a backend proposes: a call that succeeds, and what came of it when it was tried."""

from typing import Any, NamedTuple

from schemas.environment import CallOutcome, Environment
from schemas.record import JsonObject


class Proposal(NamedTuple):
    """A call that succeeds in the state for which it was proposed."""

    arguments: JsonObject
    outcome: CallOutcome | None = None
    """What the call returned when it was tried; None where it was not."""
    after: Any = None
    """The state that the tried call led to, as a snapshot of its environment."""


def made(environment: Environment, name: str, proposed: Proposal) -> CallOutcome:
    """Make the proposed call; one that was tried is not run again, its state is gone back to.

    ``environment``: the one that it was proposed for, still in the same state.
    """
    if proposed.outcome is None:
        return environment.call(name, proposed.arguments)
    environment.restore(proposed.after)
    return proposed.outcome
