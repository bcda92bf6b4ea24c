"""Checks that the calls, run again from the initial state, return and leave what was recorded."""

from collections.abc import Iterator

from schemas.check import CheckContext
from schemas.reasons import reason
from schemas.record import JsonObject
from schemas.verdict import Reason
from validators.certificate import certify
from validators.code_check import code_check
from validators.transcript import equal


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
        if place not in changed or not _holds(wanted.row, changed[place]):
            yield reason("assertion_failed", None, "", f"{wanted.table} {wanted.key}")


def _holds(wanted: JsonObject | None, row: JsonObject | None) -> bool:
    if wanted is None or row is None:
        return wanted is None and row is None
    return all(name in row and equal(row[name], value) for name, value in wanted.items())
