"""Runs the calls of a trajectory again, strictly: each output and both states must be equal."""

from schemas.canonical import canonical_json, content_hash
from schemas.check import EnvironmentFactory, ReplayCertificate, ReplayedCall
from schemas.environment import Environment
from schemas.message import ToolMessage
from schemas.reasons import reason
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.transcript import Exchange, exchanges, parse


def certify(trajectory: Trajectory, environments: EnvironmentFactory) -> ReplayCertificate:
    """The certificate of a trajectory, from a fresh environment of its task."""
    environment = environments(trajectory.task)
    initial = environment.state_hash()
    differences: list[Reason] = []
    if initial != trajectory.task.initial_state:
        differences.append(reason("replay_initial_state_differs", None, "task.initial_state"))
    calls = []
    for exchange in exchanges(trajectory.messages):
        if exchange.answer is not None and exchange.answered_at is not None:
            replayed, told = _replay(exchange, exchange.answer, exchange.answered_at, environment)
            calls.append(replayed)
            differences += [] if replayed.same else [told]
    final = environment.state_hash()
    if final != trajectory.final_state:
        differences.append(reason("replay_state_differs", None, "final_state"))
    return ReplayCertificate(
        trajectory=trajectory.id,
        tools=trajectory.roles.tools,
        initial_state=initial,
        calls=tuple(calls),
        final_state=final,
        changes=environment.changes(),
        differences=tuple(differences),
    )


def _replay(
    exchange: Exchange, answer: ToolMessage, place: int, environment: Environment
) -> tuple[ReplayedCall, Reason]:
    """The call run again, and the reason that tells how it differs, if it does."""
    call = exchange.call
    outcome = environment.call(call.name, call.arguments, answer.fault)
    recorded, replayed = _hash(answer.content), content_hash(outcome.content)
    same = recorded == replayed and outcome.is_error == answer.is_error
    told = f"{call.name} gives {canonical_json(outcome.content)[:200]}"
    return (
        ReplayedCall(
            message=place, tool=call.name, recorded=recorded, replayed=replayed, same=same
        ),
        reason("replay_differs", place, "content", told),
    )


def _hash(content: str) -> str:
    try:
        return content_hash(parse(content))
    except ValueError:
        return ""
