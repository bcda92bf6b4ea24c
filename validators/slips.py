"""What checks say of a mistake that code has put in and the conversation puts right again.

It masks that message, and no more: a verdict all of whose reasons are about such messages becomes
``recoverable``. Of a mistake that nobody puts right nothing is excused.
"""

from collections.abc import Sequence

from schemas.message import ToolMessage
from schemas.trajectory import Trajectory
from schemas.verdict import Reason, Verdict


def excuse(trajectory: Trajectory, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts, in which known mistakes that are put right hold against nothing else."""
    known = {slip.message for slip in trajectory.slips if slip.repaired}
    if not known:
        return tuple(verdicts)
    messages = trajectory.messages

    def is_known(reason: Reason) -> bool:
        place = reason.message
        while place is not None and 0 < place < len(messages):
            if not isinstance(messages[place], ToolMessage):
                break
            place -= 1  # whose call it answers
        return place in known

    return tuple(
        one.model_copy(update={"label": "recoverable"})
        if one.label in ("bad", "unknown") and one.reasons and all(map(is_known, one.reasons))
        else one
        for one in verdicts
    )
