"""The checks that every trajectory must pass, in order, and the one way to run them."""

from collections.abc import Sequence

from schemas.check import Check, CheckContext, EnvironmentFactory
from schemas.message import ToolMessage
from schemas.trajectory import Trajectory
from schemas.verdict import Reason, Verdict
from validators import (
    demands,
    faithful,
    goal,
    order,
    provenance,
    replay,
    schema,
    structure,
    text,
    writes,
)
from validators.labels import label
from validators.suspicions import drop_settled

CHECKS: tuple[Check, ...] = (
    structure.check,
    schema.check,
    demands.check,
    provenance.check,
    order.check,
    order.check_consent,
    writes.check,
    text.check,
    faithful.check,
    goal.check,
    demands.check_policy,
    replay.check,
)


def examine(
    trajectory: Trajectory,
    environment: EnvironmentFactory | None,
    extra: tuple[Verdict, ...] = (),
) -> Trajectory:
    """Add the verdicts of all checks, those of ``extra``, and the labels.

    What checks suspect and a judge among ``extra`` has settled is held against nobody by them.

    Without an environment the replay stays ``unknown``, and nothing is accepted. Former verdicts
    and labels are replaced.
    """
    return weigh(trajectory, run_checks(trajectory, environment), extra)


def run_checks(
    trajectory: Trajectory, environment: EnvironmentFactory | None
) -> tuple[Verdict, ...]:
    """What all checks say, one after the other."""
    context = CheckContext(trajectory, environment)
    return tuple(check(context) for check in CHECKS)


def weigh(
    trajectory: Trajectory, found: tuple[Verdict, ...], extra: tuple[Verdict, ...] = ()
) -> Trajectory:
    """Add what all checks have ``found`` of it, and ``extra``, as `examine` does."""
    judged = tuple(one for one in extra if one.judge != "code")
    checked = drop_settled(found, judged)
    # What broke the conversation off is the cause of much that the checks find.
    before = tuple(one for one in extra if one.level == "structure")
    verdicts = (*before, *checked, *(one for one in extra if one not in before))
    verdicts = excuse(trajectory, verdicts)
    labels = label(trajectory, verdicts)
    return trajectory.model_copy(update={"verdicts": verdicts, "labels": labels})


def excuse(trajectory: Trajectory, verdicts: Sequence[Verdict]) -> tuple[Verdict, ...]:
    """The verdicts, in which known mistakes that are put right hold against nothing else.

    What checks say of a mistake that code has put in and the conversation puts right again masks
    that message, and no more: a verdict all of whose reasons are about such messages becomes
    ``recoverable``. Of a mistake that nobody puts right nothing is excused.
    """
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
