"""Checks that calls come in an order that their values, the user and the policy allow."""

from collections.abc import Iterator
from typing import Any

from schemas.check import CheckContext
from schemas.leaves import leaves
from schemas.message import AssistantMessage, FromResult, Message, UserMessage
from schemas.reasons import reason
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.sources import Evidence
from validators.transcript import Exchange, equal, exchanges, writers


@code_check("order", level="order")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find what is used before it is known, written before it is confirmed, or written twice."""
    trajectory = context.trajectory
    made = exchanges(trajectory.messages)
    writes = [exchange for exchange in made if exchange.call.name in writers(trajectory)]
    yield from _races(trajectory, made)
    yield from _unconfirmed(trajectory, writes)
    yield from _repeated(writes)
    yield from _after_refusal(trajectory.messages, writes)


def _races(trajectory: Trajectory, made: tuple[Exchange, ...]) -> Iterator[Reason]:
    evidence = Evidence(trajectory)
    for exchange in made:
        arguments = exchange.call.arguments
        for path, value in leaves(arguments) if arguments else ():
            if _races_ahead(exchange, path, value, made, evidence):
                place = f"{exchange.place}.arguments.{path}"
                yield reason("dependency_race", exchange.message, place, f"{value!r} comes later")


def _races_ahead(
    exchange: Exchange, path: str, value: Any, made: tuple[Exchange, ...], evidence: Evidence
) -> bool:
    """Whether the leaf comes from a later result, by its source or for want of any other."""
    sources = [given.source for given in exchange.call.provenance if given.path == path]
    if any(isinstance(source, FromResult) and source.message >= exchange.message
           for source in sources):  # fmt: skip
        return True
    if any(evidence.fault(exchange, path, value, source) is None for source in sources):
        return False
    # Whether the value is too special to be met with by chance.
    # Whether the result holds the value, and not as an echo of the call's own arguments.
    return (
        len(value) > 2
        if isinstance(value, str)
        else isinstance(value, int | float) and not isinstance(value, bool) and abs(value) > 12
    ) and any(
        False
        if other.answered_at is None or _holds(other.call.arguments, value)
        else _holds(evidence.results.get(other.answered_at), value)
        for other in made
        if other.message >= exchange.message
    )


def _holds(whole: Any, value: Any) -> bool:
    return any(equal(item, value) for _, item in leaves(whole))


def _unconfirmed(trajectory: Trajectory, writes: list[Exchange]) -> Iterator[Reason]:
    turns = trajectory.task.turns
    for exchange in writes:
        wanted = exchange.turn < len(turns) and turns[exchange.turn].confirm
        if wanted and not _confirmed(trajectory.messages[: exchange.message], exchange.turn):
            yield reason("unconfirmed_write", exchange.message, exchange.place, exchange.call.name)


def _confirmed(before: tuple[Message, ...], turn: int) -> bool:
    """Whether the turn's last request for confirmation was answered, and not by a no."""
    asked = False
    answer = ""
    for message in before:
        if message.turn != turn:
            continue
        if isinstance(message, AssistantMessage) and message.act == "confirm":
            asked, answer = True, ""
        elif isinstance(message, UserMessage) and asked and not answer:
            answer = message.act
    return answer in ("affirm", "correct")


def _repeated(writes: list[Exchange]) -> Iterator[Reason]:
    done: list[Exchange] = []
    for exchange in (write for write in writes if write.succeeded):
        call = exchange.call
        if any(call.name == earlier.call.name and equal(call.arguments, earlier.call.arguments)
               for earlier in done):  # fmt: skip
            yield reason("repeated_write", exchange.message, exchange.place, call.name)
        done.append(exchange)


def _after_refusal(messages: tuple[Message, ...], writes: list[Exchange]) -> Iterator[Reason]:
    refused = {
        message.turn: position
        for position, message in reversed(list(enumerate(messages)))
        if isinstance(message, AssistantMessage) and message.act == "refuse"
    }
    for exchange in writes:
        if exchange.message > refused.get(exchange.turn, len(messages)):
            yield reason("call_after_refusal", exchange.message, exchange.place, exchange.call.name)
