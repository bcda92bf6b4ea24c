"""Checks the outcome against the task: what was wanted was done, and nothing else was changed.

Reads beyond the wanted ones do no harm. Reads that are missing count only against a scripted
assistant: a model may find a shorter way.
"""

from collections.abc import Iterator, Sequence

from schemas.check import CheckContext
from schemas.message import AssistantMessage
from schemas.reasons import reason
from schemas.task import GoldCall
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.accepted import demands
from validators.code_check import code_check
from validators.outcomes import Ending, misses
from validators.transcript import Exchange, equal, exchanges, fails, lasts, writers


@code_check("goal", level="goal")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find where the trajectory departs from the task's calls, outcomes and final state."""
    trajectory = context.trajectory
    made = exchanges(trajectory.messages)
    wanted: list[tuple[int, GoldCall]] = []
    for number, turn in enumerate(trajectory.task.turns):
        # Find the assistant's last message in a turn, apart from a goodbye and what leads to it.
        positions = [
            position
            for position, message in enumerate(trajectory.messages)
            if isinstance(message, AssistantMessage)
            and message.turn == number
            and message.act != "close"
        ]
        said = [position for position in positions if not _calls(trajectory, position)]
        spoken = said or positions
        last = spoken[-1] if spoken else None
        if last is None:
            yield reason("premature_termination", len(trajectory.messages) - 1, "", turn.intent)
            continue
        missed = list(misses(Ending(trajectory, number, last, made)))
        yield from missed
        wanted += [(last, call) for call in turn.calls if not (missed or call.barred)]
    yield from _writes(trajectory, wanted, made)
    yield from _reads(trajectory, wanted, made)
    for exchange in made:
        if exchange.answer and exchange.answer.fault and not _recovers(trajectory, exchange, made):
            kind = exchange.answer.fault.kind
            yield reason("unrecovered_fault", exchange.message, exchange.place, kind)
    yield from demands(trajectory, made)
    if trajectory.final_state != trajectory.task.final_state:
        yield reason("wrong_final_state", None, "final_state")


def _calls(trajectory: Trajectory, position: int) -> bool:
    message = trajectory.messages[position]
    return isinstance(message, AssistantMessage) and bool(message.calls)


def _writes(
    trajectory: Trajectory, wanted: Sequence[tuple[int, GoldCall]], made: Sequence[Exchange]
) -> Iterator[Reason]:
    names = writers(trajectory)
    done = [exchange for exchange in made if exchange.call.name in names and exchange.succeeded]
    missing = []
    for last, gold in wanted:
        due = gold.tool in names and not fails(gold) and not lasts(gold)
        if due and not _take(gold, done, exactly=True):
            missing.append((last, gold))
    for last, gold in missing:
        if found := _take(gold, done, exactly=False):
            yield reason("wrong_arguments", found.message, f"{found.place}.arguments", gold.tool)
        else:
            yield reason("missed_required_action", last, "", f"{gold.tool} did not succeed")
    for exchange in done:
        yield reason("unexpected_write", exchange.message, exchange.place, exchange.call.name)


def _take(gold: GoldCall, done: list[Exchange], *, exactly: bool) -> Exchange | None:
    """Remove and return the first call that does what the gold call does."""
    for exchange in done:
        call = exchange.call
        if call.name == gold.tool and (not exactly or equal(call.arguments, gold.arguments)):
            done.remove(exchange)
            return exchange
    return None


def _reads(
    trajectory: Trajectory, wanted: Sequence[tuple[int, GoldCall]], made: Sequence[Exchange]
) -> Iterator[Reason]:
    if trajectory.roles.assistant != "scripted":
        return
    names = writers(trajectory)
    answered = {exchange.call.name for exchange in made if exchange.answer}
    succeeded = {exchange.call.name for exchange in made if exchange.succeeded}
    for last, gold in wanted:
        enough = answered if fails(gold) or lasts(gold) else succeeded
        if gold.tool not in names and gold.tool not in enough:
            yield reason("missed_required_action", last, "", f"{gold.tool} was not called")


def _recovers(trajectory: Trajectory, exchange: Exchange, made: Sequence[Exchange]) -> bool:
    """Whether the same call is made again without it, or its failure is admitted in that turn."""
    again = any(
        later.message > exchange.message
        and later.answer is not None
        and later.answer.fault is None
        and later.call.name == exchange.call.name
        and equal(later.call.arguments, exchange.call.arguments)
        for later in made
    )
    return again or any(
        isinstance(message, AssistantMessage)
        and message.act == "report_failure"
        and message.turn == exchange.turn
        for message in trajectory.messages[exchange.message + 1 :]
    )
