"""Checks that the calls, run again from the initial state, return and leave what was recorded."""

from collections.abc import Iterator

from schemas.check import CheckContext
from schemas.verdict import Reason
from validators.certificate import certify
from validators.code_check import code_check
from validators.reasons import reason


@code_check("replay", level="replay")
def check(context: CheckContext) -> Iterator[Reason]:
    """Unknown where no environment is at hand, or where it breaks."""
    if context.environment is None:
        yield reason("replay_unavailable")
        return
    yield from certify(context.trajectory, context.environment).differences
