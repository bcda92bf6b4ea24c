"""Arguments for calls in environments of any kind: tried before they are proposed.

Values are what is given, what the rows of the environment hold, what its tables or earlier results
have under the parameter's name, choices and defaults, and at last inventions of the right meaning.
The sandbox has a proposer of its own (`generators.sandbox.propose`), which knows more of its rows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from generators.backends.drafting import Column, Draft
from generators.sandbox.faults import listed
from generators.sandbox.proposal import Proposal
from generators.sandbox.row_values import copied
from generators.world.model import ToolModel, World
from schemas.environment import Environment
from schemas.record import JsonObject

TRIES = 40

Allowed = Callable[[JsonObject], bool]


@dataclass(frozen=True)
class Ground:
    """What proposals are made from."""

    world: World
    environment: Environment
    column: Column
    """Values that were seen under a name, in rows or in results."""
    clock: str


def propose(
    ground: Ground,
    name: str,
    rng: Random,
    given: Mapping[str, Any],
    optional: int,
    *,
    allowed: Allowed = lambda _: True,
    tries: int = TRIES,
    tried: bool = True,
) -> Proposal | None:
    """A call that succeeds and does something, or None after so many tries.

    A read must find something, a write must change the state. With ``tried`` false nothing is
    called: for environments in which a call cannot be taken back. The state is left as it was.
    """
    model = ground.world.models[name]
    was = ground.environment.state_hash() if tried and model.writes else ""
    for attempt in range(tries):
        # What a call lacks may be something that need not be given: later attempts give more.
        most = optional if attempt < tries // 2 else max(optional, 1)
        draft = Draft(
            ground.world, model, ground.environment.rows, ground.column, ground.clock, rng, given
        )
        arguments = draft.arguments(most)
        if arguments is None or not allowed(arguments):
            continue
        if not tried:
            return Proposal(arguments)
        if (found := _tried(ground.environment, model, arguments, was)) is not None:
            return found
    return None


def _tried(
    environment: Environment, model: ToolModel, arguments: JsonObject, was: str
) -> Proposal | None:
    """The call where it does something. ``was``: the hash of the present state, for a write."""
    before = environment.snapshot()
    outcome = environment.call(model.name, copied(arguments))
    useful = not outcome.is_error and _is_useful(environment, model, outcome.content, was)
    after = environment.snapshot() if useful else None
    environment.restore(before)
    return Proposal(arguments, outcome, after) if useful else None


def _is_useful(environment: Environment, model: ToolModel, content: Any, was: str) -> bool:
    if model.writes:
        return environment.state_hash() != was
    return model.operation != "list" or finds(content)


def finds(content: Any) -> bool:
    """Whether a listing has anything in it."""
    rows = listed(content)
    return bool(content if rows is None else rows)
