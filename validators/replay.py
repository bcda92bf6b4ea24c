"""Checks that the calls, run again from the initial state, return and leave what was recorded."""

from collections.abc import Iterator

from schemas.acceptance import Assertion
from schemas.canonical import canonical_json
from schemas.check import CheckContext
from schemas.environment import Environment
from schemas.record import JsonObject
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.reasons import reason
from validators.transcript import Exchange, equal, exchanges, parse


@code_check("replay", level="replay")
def check(context: CheckContext) -> Iterator[Reason]:
    """Unknown where no environment is at hand, or where it breaks."""
    if context.environment is None:
        yield reason("replay_unavailable")
        return
    trajectory = context.trajectory
    environment = context.environment(trajectory.task)
    if environment.state_hash() != trajectory.task.initial_state:
        yield reason("replay_initial_state_differs", None, "task.initial_state")
    for exchange in exchanges(trajectory.messages):
        yield from _replay(exchange, environment)
    if environment.state_hash() != trajectory.final_state:
        yield reason("replay_state_differs", None, "final_state")
    yield from _assertions(trajectory.task.acceptance.assertions, environment)


def _assertions(assertions: tuple[Assertion, ...], environment: Environment) -> Iterator[Reason]:
    """Each is about a row that the calls change; a row that they leave alone fulfils none."""
    if not assertions:
        return
    changed = {(change.table, change.key): change.after for change in environment.changes()}
    for wanted in assertions:
        place = (wanted.table, wanted.key)
        if place not in changed or not _holds(wanted.row, changed[place]):
            yield reason("assertion_failed", None, "", f"{wanted.table} {wanted.key}")


def _holds(wanted: JsonObject | None, row: JsonObject | None) -> bool:
    if wanted is None or row is None:
        return wanted is None and row is None
    return all(name in row and equal(row[name], value) for name, value in wanted.items())


def _replay(exchange: Exchange, environment: Environment) -> Iterator[Reason]:
    if exchange.answer is None:
        return
    call, answer = exchange.call, exchange.answer
    outcome = environment.call(call.name, call.arguments, answer.fault)
    again = canonical_json(outcome.content)
    if outcome.is_error != answer.is_error or again != _canonical(answer.content):
        yield reason(
            "replay_differs", exchange.answered_at, "content", f"{call.name} gives {again[:200]}"
        )


def _canonical(content: str) -> str | None:
    try:
        return canonical_json(parse(content))
    except ValueError:
        return None
