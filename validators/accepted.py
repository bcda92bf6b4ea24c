"""What a task demands beside its state: values told, calls that must or must not be made.

The demands are data (`schemas.task`). A read that nobody asked for breaks none of them.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from schemas.leaves import value_at
from schemas.message import AssistantMessage
from schemas.reading import tells
from schemas.reasons import reason
from schemas.task import CallPattern
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.transcript import Exchange, equal, fails, lasts


def demands(trajectory: Trajectory, made: Sequence[Exchange]) -> Iterator[Reason]:
    """Find which demands of the task's acceptance are not fulfilled."""
    wanted = trajectory.task.acceptance
    clock = datetime.fromisoformat(trajectory.task.clock)
    for must in wanted.must_say:
        if not any(
            isinstance(message, AssistantMessage)
            and message.turn >= must.turn
            and tells(message.text, must.value, clock)
            for message in trajectory.messages
        ):
            yield reason("value_not_told", None, must.path, f"{must.value!r} is not told")
    for pattern in wanted.must_call:
        # Whether the call succeeded, or failed as the gold call itself does.
        if not any(
            _fits(pattern, one)
            and (
                True
                if one.succeeded
                else one.answer is not None
                and any(
                    gold.tool == one.call.name
                    and equal(gold.arguments, one.call.arguments)
                    and (fails(gold) or lasts(gold))
                    for gold in trajectory.task.calls
                )
            )
            for one in made
        ):
            yield reason("missed_required_action", None, "", f"{pattern.tool} is demanded")
    for pattern in wanted.must_not_call:
        for one in made:
            if _fits(pattern, one):
                yield reason("forbidden_call", one.message, one.place, one.call.name)


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
