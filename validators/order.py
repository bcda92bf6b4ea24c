"""Checks that calls come in an order that their values, the user and the policy allow."""

from collections.abc import Iterator, Sequence
from typing import Any

from schemas.check import CheckContext
from schemas.leaves import leaves
from schemas.message import AssistantMessage, FromResult
from schemas.reasons import reason
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.provenance import Evidence
from validators.transcript import Exchange, equal, exchanges, is_confirmed, writers

_SILENT = frozenset({"timeout", "server_error"})
"""Faults after which nobody knows whether a write was made."""
_CHANCE = 12
"""Up to this number, values meet by chance."""


@code_check("order", level="order")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find what is used before it is known, written before it is confirmed, or written twice."""
    trajectory = context.trajectory
    messages, turns = trajectory.messages, trajectory.task.turns
    made = exchanges(messages)
    writes = [exchange for exchange in made if exchange.call.name in writers(trajectory)]
    evidence = Evidence(trajectory)
    for exchange in made:
        arguments = exchange.call.arguments
        for path, value in leaves(arguments) if arguments else ():
            if _races_ahead(exchange, path, value, made, evidence):
                place = f"{exchange.place}.arguments.{path}"
                yield reason("dependency_race", exchange.message, place, f"{value!r} comes later")
    for exchange in writes:
        wanted = exchange.turn < len(turns) and turns[exchange.turn].confirm
        if wanted and not is_confirmed(messages[: exchange.message], exchange.turn):
            yield reason("unconfirmed_write", exchange.message, exchange.place, exchange.call.name)
    yield from _find_repeats(trajectory, made, writes)
    refused: dict[int, int] = {}
    for position, message in enumerate(messages):
        if isinstance(message, AssistantMessage) and message.act == "refuse":
            refused.setdefault(message.turn, position)
    for exchange in writes:
        if exchange.message > refused.get(exchange.turn, len(messages)):
            yield reason("call_after_refusal", exchange.message, exchange.place, exchange.call.name)


def _find_repeats(
    trajectory: Trajectory, made: Sequence[Exchange], writes: Sequence[Exchange]
) -> Iterator[Reason]:
    """Find writes that succeed twice, or might: sent again blindly after a silent fault."""
    safe = {one.tool for one in trajectory.task.calls if one.repeatable}
    for number, exchange in enumerate(writes):
        call, spot = exchange.call, (exchange.message, exchange.place, exchange.call.name)
        same = [one for one in writes[:number] if one.call.name == call.name
                and equal(one.call.arguments, call.arguments)]  # fmt: skip
        if exchange.succeeded and any(one.succeeded for one in same):
            yield reason("repeated_write", *spot)
        last = same[-1] if same else None
        fault = last.answer.fault if last and last.answer else None
        if last is None or fault is None or fault.kind not in _SILENT or call.name in safe:
            continue
        since = [one for one in made if last.message < one.message < exchange.message]
        if not any(one.succeeded and one not in writes for one in since):
            yield reason("blind_repeat", *spot)


def _races_ahead(
    exchange: Exchange, path: str, value: Any, made: Sequence[Exchange], evidence: Evidence
) -> bool:
    """Whether the leaf comes from a later result, by its source or for want of any other."""
    sources = [given.source for given in exchange.call.provenance if given.path == path]
    if any(isinstance(source, FromResult) and source.message >= exchange.message
           for source in sources):  # fmt: skip
        return True
    if any(evidence.fault(exchange, path, value, source) is None for source in sources):
        return False
    # Whether the value is too special to be met with by chance.
    if isinstance(value, str):
        special = len(value) > 2
    else:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        special = number and abs(value) > _CHANCE
    # Whether a later result holds the value, and not as an echo of the call's own arguments.
    return special and any(
        _holds(evidence.results.get(other.answered_at), value)
        for other in made
        if other.message >= exchange.message
        if other.answered_at is not None and not _holds(other.call.arguments, value)
    )


def _holds(whole: Any, value: Any) -> bool:
    return any(equal(item, value) for _, item in leaves(whole))
