"""Labels each assistant message: whether a model may be trained on it, and if not, why not.

A call that the service failed was a right call and is trained on; one that was itself wrong is
kept for the context, and masked.
"""

from collections.abc import Sequence

from schemas.message import AssistantMessage
from schemas.trajectory import Trajectory
from schemas.verdict import TurnLabel, Verdict
from validators.transcript import equal, exchanges, fails


def label(trajectory: Trajectory, verdicts: Sequence[Verdict]) -> tuple[TurnLabel, ...]:
    """One label for each assistant message, in order; ``unknown`` where a verdict is missing."""
    blamed = _blamed(trajectory, verdicts)
    # Position of an assistant message → why a call of it failed: its own fault comes first.
    failures: dict[int, str] = {}
    for exchange in exchanges(trajectory.messages):
        if exchange.answer is None or exchange.succeeded:
            continue
        if exchange.answer.fault:
            lasts = not exchange.answer.fault.transient
            failures.setdefault(exchange.message, "lasting_fault" if lasts else "transient_fault")
        elif not any(
            gold.tool == exchange.call.name
            and equal(gold.arguments, exchange.call.arguments)
            and fails(gold)
            for gold in trajectory.task.calls
        ):
            failures[exchange.message] = "failed_attempt"
    undecided = not verdicts or any(verdict.label == "unknown" for verdict in verdicts)
    return tuple(
        _label(position, blamed.get(position, ()), failures.get(position), undecided)
        for position, message in enumerate(trajectory.messages)
        if isinstance(message, AssistantMessage)
    )


def _label(
    position: int, blamed: tuple[str, ...], failure: str | None, undecided: bool
) -> TurnLabel:
    if blamed:
        return TurnLabel(message=position, label="bad", train=False, reasons=blamed)
    reasons = (failure,) if failure else ()
    if undecided:
        return TurnLabel(message=position, label="unknown", train=False, reasons=reasons)
    if failure:
        train = failure != "failed_attempt"
        return TurnLabel(message=position, label="recoverable", train=train, reasons=reasons)
    return TurnLabel(message=position, label="good", train=True)


def _blamed(trajectory: Trajectory, verdicts: Sequence[Verdict]) -> dict[int, tuple[str, ...]]:
    """Position of an assistant message → the codes that point at it or at its results."""
    codes: dict[int, dict[str, None]] = {}
    for verdict in verdicts:
        for reason in verdict.reasons if verdict.label == "bad" else ():
            # Find the assistant message: that one itself, or the one whose call a tool message
            # answers.
            responsible_position = reason.message
            if responsible_position is None or not 0 <= responsible_position < len(
                trajectory.messages
            ):
                responsible_position = None
            else:
                while (
                    responsible_position >= 0
                    and trajectory.messages[responsible_position].role == "tool"
                ):
                    responsible_position -= 1
                responsible_found = (
                    responsible_position >= 0
                    and trajectory.messages[responsible_position].role == "assistant"
                )
                responsible_position = responsible_position if responsible_found else None
            position = responsible_position
            if position is not None:
                codes.setdefault(position, {})[reason.code] = None
    return {position: tuple(found) for position, found in codes.items()}
