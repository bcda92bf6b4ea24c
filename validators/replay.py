"""Runs the calls of a trajectory again, strictly: each output and both states must be equal."""

from collections.abc import Iterator

from schemas.canonical import canonical_json, content_hash, read_json, written_json
from schemas.check import CheckContext, EnvironmentFactory, ReplayCertificate, ReplayedCall
from schemas.environment import call_at
from schemas.reasons import reason
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import equal, exchanges


@code_check("replay", level="replay")
def check(context: CheckContext) -> Iterator[Reason]:
    """Unknown where no environment is at hand, or where it breaks."""
    if context.environment is None:
        yield reason("replay_unavailable")
        return
    certificate = certify(context.trajectory, context.environment)
    yield from certificate.differences
    # Each is about a row that the calls change; a row that they leave alone fulfils none.
    changed = {(change.table, change.key): change.after for change in certificate.changes}
    for wanted in context.trajectory.task.acceptance.assertions:
        place = (wanted.table, wanted.key)
        row = changed.get(place)
        if wanted.row is None or row is None:
            holds = place in changed and wanted.row is row
        else:
            holds = all(name in row and equal(row[name], v) for name, v in wanted.row.items())
        if not holds:
            yield reason("assertion_failed", None, "", f"{wanted.table} {wanted.key}")


def certify(trajectory: Trajectory, environments: EnvironmentFactory) -> ReplayCertificate:
    """The certificate of a trajectory, from a fresh environment of its task."""
    environment = environments(trajectory.task)
    initial = environment.state_hash()
    differences: list[Reason] = []
    if initial != trajectory.task.initial_state:
        differences.append(reason("replay_initial_state_differs", None, "task.initial_state"))
    calls = []
    for exchange in exchanges(trajectory.messages):
        call, answer, place = exchange.call, exchange.answer, exchange.answered_at
        if answer is None or place is None:
            continue
        outcome = call_at(environment, answer.at, call.name, call.arguments, answer.fault)
        recorded = replayed = content_hash(outcome.content)
        if written_json(outcome.content) != answer.content:
            try:
                recorded = content_hash(read_json(answer.content))
            except ValueError:
                recorded = ""
        same = recorded == replayed and outcome.is_error == answer.is_error
        calls.append(
            ReplayedCall(
                message=place, tool=call.name, recorded=recorded, replayed=replayed, same=same
            )
        )
        if not same:
            told = f"{call.name} gives {canonical_json(outcome.content)[:200]}"
            differences.append(reason("replay_differs", place, "content", told))
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
