"""Runs the calls of a trajectory again, strictly: each output and both states must be equal."""

from collections.abc import Iterator
from typing import NamedTuple

from schemas.canonical import canonical_json, content_hash, read_json, written_json
from schemas.check import CheckContext, EnvironmentFactory, ReplayCertificate, ReplayedCall
from schemas.environment import CallOutcome, Change, call_at
from schemas.reasons import reason
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import Exchange, equal, exchanges, find_giving_up


@code_check("replay", level="replay")
def check(context: CheckContext) -> Iterator[Reason]:
    """Unknown where no environment is at hand, or where it breaks."""
    if context.environment is None:
        yield reason("replay_unavailable")
        return
    made = _run_again(context.trajectory, context.environment)
    yield from made.differences
    if find_giving_up(context.trajectory):
        return  # of what was wanted, some is not wanted any more
    # Each is about a row that the calls change; a row that they leave alone fulfils none.
    changed = {(change.table, change.key): change.after for change in made.changes}
    for wanted in context.trajectory.task.acceptance.assertions:
        place = (wanted.table, wanted.key)
        row = changed.get(place)
        if wanted.row is None or row is None:
            holds = place in changed and wanted.row is row
        else:
            holds = all(name in row and equal(row[name], v) for name, v in wanted.row.items())
        if not holds:
            yield reason("assertion_failed", None, "", f"{wanted.table} {wanted.key}")


class _Rerun(NamedTuple):
    """What came of a trajectory's calls when they were made again."""

    initial_state: str
    outcomes: list[tuple[Exchange, CallOutcome, bool]]
    """Of each call that was answered, and whether that is on record."""
    final_state: str
    changes: tuple[Change, ...]
    differences: tuple[Reason, ...]


def _run_again(trajectory: Trajectory, environments: EnvironmentFactory) -> _Rerun:
    environment = environments(trajectory.task)
    initial = environment.state_hash()
    differences: list[Reason] = []
    if initial != trajectory.task.initial_state:
        differences.append(reason("replay_initial_state_differs", None, "task.initial_state"))
    outcomes = []
    for exchange in exchanges(trajectory.messages):
        call, answer = exchange.call, exchange.answer
        if answer is None or exchange.answered_at is None:
            continue
        outcome = call_at(environment, answer.at, call.name, call.arguments, answer.fault)
        same = written_json(outcome.content) == answer.content
        same = same or _hash_record(answer.content) == content_hash(outcome.content)
        same = same and outcome.is_error == answer.is_error
        outcomes.append((exchange, outcome, same))
        if not same:
            told = f"{call.name} gives {canonical_json(outcome.content)[:200]}"
            place = exchange.answered_at
            differences.append(reason("replay_differs", place, "content", told))
    final = environment.state_hash()
    if final != trajectory.final_state:
        differences.append(reason("replay_state_differs", None, "final_state"))
    return _Rerun(initial, outcomes, final, environment.changes(), tuple(differences))


def _hash_record(content: str) -> str:
    """The hash of what an answer holds; "" where that is no JSON."""
    try:
        return content_hash(read_json(content))
    except ValueError:
        return ""


def certify(trajectory: Trajectory, environments: EnvironmentFactory) -> ReplayCertificate:
    """The certificate of a trajectory, from a fresh environment of its task."""
    made = _run_again(trajectory, environments)
    calls = tuple(
        ReplayedCall(
            message=one.answered_at,
            tool=one.call.name,
            recorded=_hash_record(one.answer.content),
            replayed=content_hash(outcome.content),
            same=same,
        )
        for one, outcome, same in made.outcomes
        if one.answer is not None and one.answered_at is not None
    )
    return ReplayCertificate(
        trajectory=trajectory.id,
        tools=trajectory.roles.tools,
        initial_state=made.initial_state,
        calls=calls,
        final_state=made.final_state,
        changes=made.changes,
        differences=made.differences,
    )
