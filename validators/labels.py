"""Labels each assistant message: whether a model may be trained on it, and if not, why not.

A call that the service failed was a right call and is trained on; one that was itself wrong is
kept for the context, and masked. So is what a judge finds ``recoverable``, and a mistake that code
has put in, whatever else is said of it.
"""

from collections.abc import Sequence

from schemas.message import AssistantMessage
from schemas.trajectory import Trajectory
from schemas.verdict import Label, TurnLabel, Verdict
from validators.transcript import exchanges, is_made

_KNOWN = ("known_mistake",)


def label(trajectory: Trajectory, verdicts: Sequence[Verdict]) -> tuple[TurnLabel, ...]:
    """One label for each assistant message, in order; ``unknown`` where a verdict is missing."""
    blamed = _find_blamed(trajectory, verdicts, "bad")
    masked = _find_blamed(trajectory, verdicts, "recoverable")
    # Position of an assistant message → why a call of it failed: its own fault comes first.
    failures: dict[int, str] = {}
    for exchange in exchanges(trajectory.messages):
        if exchange.answer is None or exchange.succeeded:
            continue
        if exchange.answer.fault:
            lasts = not exchange.answer.fault.transient
            failures.setdefault(exchange.message, "lasting_fault" if lasts else "transient_fault")
        elif not any(
            gold.is_error and is_made(trajectory, gold, exchange) for gold in trajectory.task.calls
        ):
            failures[exchange.message] = "failed_attempt"
    slips = {slip.message: slip for slip in trajectory.slips}
    undecided = not verdicts or any(verdict.label == "unknown" for verdict in verdicts)
    labels = []
    for position, message in enumerate(trajectory.messages):
        if not isinstance(message, AssistantMessage):
            continue
        failure = failures.get(position)
        reasons: tuple[str, ...] = (failure,) if failure else ()
        found: Label = "recoverable" if failure else "good"
        if position in blamed:
            found, reasons = "bad", tuple(blamed[position])
        elif undecided:
            found = "unknown"
        elif position in masked:
            found, reasons = "recoverable", tuple(masked[position])
        slip = slips.get(position)
        if slip is not None and found in ("good", "recoverable"):
            found, reasons = "recoverable" if slip.repaired else "bad", reasons or _KNOWN
        right = not masked.get(position) and slip is None and failure != "failed_attempt"
        train = found == "good" or (found == "recoverable" and right)
        labels.append(TurnLabel(message=position, label=found, train=train, reasons=reasons))
    return tuple(labels)


def _find_blamed(
    trajectory: Trajectory, verdicts: Sequence[Verdict], label: Label
) -> dict[int, dict[str, None]]:
    """Position of an assistant message → the codes that point at it or at its results.

    Of verdicts with this label; what is only suspected beside what is bad is held against nobody.
    """
    codes: dict[int, dict[str, None]] = {}
    messages = trajectory.messages
    for verdict in verdicts:
        for reason in verdict.reasons if verdict.label == label else ():
            left = label == "bad" and reason.suspect
            position = -1 if reason.message is None or left else reason.message
            if not 0 <= position < len(messages):
                continue
            while position >= 0 and messages[position].role == "tool":
                position -= 1  # whose call it answers
            if position >= 0 and messages[position].role == "assistant":
                codes.setdefault(position, {})[reason.code] = None
    return codes
