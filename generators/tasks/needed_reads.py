"""Which reads a task could do without: their results bring nothing that is not known otherwise.

A read is needed where a later call takes a value from it that no other earlier result holds, where
it tells the user something new, or where so much time has passed that what was known is stale.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random
from typing import Any

from generators.tasks.clock import find_open_minutes
from generators.tasks.feeding import Executed, Scalars, scalar, scalars
from generators.tasks.plan import Plan
from generators.tasks.plan_changes import remove_call
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.task import Origin
from schemas.twists import Comparison, find_twists

_AGED = 0.3
"""Share of the idle reads that are made needed by time, where they could be left out as well."""
HOLDS_FOR = 1800
"""Seconds for which an answer holds: after them it must be asked for again before it is told."""
_HOURS = (2, 3, 4, 5, 6)
_LATEST = 23
"""The hour by which a conversation is over: "tomorrow" means the same day all along."""
_LEAST = 3
"""Calls that are left in any case."""


@dataclass(frozen=True)
class Step:
    """A call, as far as it matters whether it is needed."""

    arguments: JsonObject
    origins: tuple[Origin, ...]
    result: Any
    reads: bool
    """Changes nothing, and returned no error."""
    turn: int
    aged: bool = False
    """So much time has passed before its turn that earlier answers hold no longer."""
    compared: bool = False
    """Its result decides which row is chosen."""

    executed: Executed | None = None
    """The call itself, where it is at hand: it knows the scalars of its result."""

    @cached_property
    def scalars(self) -> Scalars:
        """The scalars of the result."""
        return scalars(self.result) if self.executed is None else self.executed.scalars


def idle_reads(steps: Sequence[Step]) -> tuple[int, ...]:
    """Numbers of the reads that could be left out, one at a time."""
    return tuple(
        number
        for number, step in enumerate(steps)
        if step.reads
        and not step.compared
        and not any(
            origin.call == number and _elsewhere(steps, number, later, origin) is None
            for later in range(number + 1, len(steps))
            for origin in steps[later].origins
        )
        and not _brings_news(steps, number)
    )


def _elsewhere(
    steps: Sequence[Step], number: int, later: int, origin: Origin
) -> tuple[int, str] | None:
    """Another call before ``later`` whose result holds the value, and where; None if there is none.

    The place must bear the same name: any 3 is not the 3 that is meant. And what the call takes
    from the same row besides must stand beside it there: an owner and a repository of that owner.
    """
    value = scalar(value_at(steps[later].arguments, origin.path))
    name = _last(origin.result_path or "")
    # Last name and value of what else a call takes from the row that an origin lies in.
    row, arguments = (_holder(origin.result_path or ""), steps[later].arguments)
    beside = [
        (_last(other.result_path or ""), scalar(value_at(arguments, other.path)))
        for other in steps[later].origins
        if other is not origin and other.call == origin.call
        if _holder(other.result_path or "") == row
    ]
    for other in range(later):
        if other != number:
            held = steps[other].scalars
            for path in held.get(value, ()):
                if _last(path) == name and all(
                    _holder(path) + last in held.get(one, ()) for last, one in beside
                ):
                    return other, path
    return None


def _holder(path: str) -> str:
    """``orders[1].id`` → ``orders[1].``: what a path goes through, with the last dot."""
    return path[: path.rfind(".") + 1]


def _last(path: str) -> str:
    return path.rpartition(".")[2].partition("[")[0]


def _brings_news(steps: Sequence[Step], number: int) -> bool:
    """Whether the user learns something by it; reads that only serve their turn tell nothing."""
    step = steps[number]
    serves = any(
        origin.call == number and steps[later].turn == step.turn
        for later in range(number + 1, len(steps))
        for origin in steps[later].origins
    )
    if serves:
        return False
    earlier = [other.scalars for other in steps[:number]]
    return step.aged or any(all(one not in held for held in earlier) for one in step.scalars)


def needed_only(plan: Plan, rng: Random, demanded: frozenset[str]) -> Plan:
    """The plan without idle reads: each is left out, or asked again after some hours.

    Calls of ``demanded`` tools stay.
    """
    for _ in range(len(plan.done)):
        idle = idle_reads(_steps(plan))
        if not idle:
            break
        call = idle[-1]
        number = plan.turn_of(call)
        kept = plan.done[call].model.name in demanded or len(plan.done) <= _LEAST
        serves = any(call in plan.done[other].sources for other in plan.turns[number].calls)
        pause = pause_before(plan, rng) if number and not serves else 0
        if pause and (kept or rng.random() < _AGED):
            turn = replace(plan.turns[number], elapsed=pause)
            plan = plan.with_turn(number, turn, "stale")
        else:
            # Take the read out; what it gave is taken from where else it stands.
            steps = _steps(plan)
            done = list(plan.done)
            for later in range(call + 1, len(done)):
                origins = tuple(
                    _resourced(steps, call, later, origin) if origin.call == call else origin
                    for origin in done[later].origins
                )
                done[later] = replace(done[later], origins=origins)
            left = remove_call(replace(plan, done=tuple(done)), call)
            plan = replace(left, turns=tuple(turn for turn in left.turns if turn.calls))
    return plan


def pause_before(plan: Plan, rng: Random) -> int:
    """Seconds of some hours that the day still has; 0 where it has none."""
    spent = sum(turn.elapsed for turn in plan.turns) // 3600
    closing = find_open_minutes(plan.setting.world)[1] // 60
    latest = closing if plan.setting.world.domains else _LATEST
    fitting = [hours for hours in _HOURS if plan.clock.hour + spent + hours < latest]
    return rng.choice(fitting) * 3600 if fitting else 0


def has_idle_reads(plan: Plan) -> bool:
    """Whether some read of the plan could be left out."""
    return bool(idle_reads(_steps(plan)))


def _resourced(steps: Sequence[Step], number: int, later: int, origin: Origin) -> Origin:
    found = _elsewhere(steps, number, later, origin)
    assert found is not None, "an idle read feeds nothing alone"
    return origin.model_copy(update={"call": found[0], "result_path": found[1]})


def _steps(plan: Plan) -> list[Step]:
    turns = {call: n for n, turn in enumerate(plan.turns) for call in turn.calls}
    compared = {
        call for turn in plan.turns for one in find_twists(turn, Comparison) for call in one.calls
    }
    return [
        Step(
            executed.arguments,
            executed.origins,
            executed.result,
            not executed.model.writes,
            turns[number],
            plan.turns[turns[number]].elapsed > HOLDS_FOR,
            number in compared,
            executed=executed,
        )
        for number, executed in enumerate(plan.done)
    ]
