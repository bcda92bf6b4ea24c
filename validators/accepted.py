"""What a task demands beside its state: values told, calls that must or must not be made.

The demands are data (`schemas.acceptance`). A read that nobody asked for breaks none of them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from schemas.acceptance import CallPattern, MustSay
from schemas.leaves import value_at
from schemas.message import AssistantMessage
from schemas.telling import tells
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.reasons import reason
from validators.transcript import Exchange, equal, fails, lasts


def demands(trajectory: Trajectory, made: Sequence[Exchange]) -> Iterator[Reason]:
    """Find which demands of the task's acceptance are not fulfilled."""
    wanted = trajectory.task.acceptance
    clock = datetime.fromisoformat(trajectory.task.clock)
    for must in wanted.must_say:
        if not _told(trajectory, must, clock):
            yield reason("value_not_told", None, must.path, f"{must.value!r} is not told")
    for pattern in wanted.must_call:
        if not any(_fits(pattern, one) and _answered(trajectory, one) for one in made):
            yield reason("missed_required_action", None, "", f"{pattern.tool} is demanded")
    for pattern in wanted.must_not_call:
        for one in made:
            if _fits(pattern, one):
                yield reason("forbidden_call", one.message, one.place, one.call.name)


def _told(trajectory: Trajectory, must: MustSay, clock: datetime) -> bool:
    return any(
        isinstance(message, AssistantMessage)
        and message.turn >= must.turn
        and tells(message.text, must.value, clock)
        for message in trajectory.messages
    )


def _fits(pattern: CallPattern, exchange: Exchange) -> bool:
    call = exchange.call
    if call.name != pattern.tool or pattern.turn not in (None, exchange.turn):
        return False
    try:
        return all(
            equal(value_at(call.arguments, path), value)
            for path, value in pattern.arguments.items()
        )
    except KeyError:
        return False


def _answered(trajectory: Trajectory, exchange: Exchange) -> bool:
    """Whether the call succeeded, or failed as the gold call itself does."""
    if exchange.succeeded:
        return True
    return exchange.answer is not None and any(
        gold.tool == exchange.call.name
        and equal(gold.arguments, exchange.call.arguments)
        and (fails(gold) or lasts(gold))
        for gold in trajectory.task.calls
    )
