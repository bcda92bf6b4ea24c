"""A conversation in which a mistake is noticed and put right, so that all ends as it should.

A wrong call that has left the state as it was is followed by the right move, with a word that it
was noticed; a mistake in words is followed by a user who doubts it. Where the world would not be
what it was, nothing is put right: there is no recovery, and none is forced.
"""

from dataclasses import dataclass

from generators.errors.draft import Draft, Kind
from generators.errors.ground import Ground
from generators.errors.twin import TwinPart, make_twin, write_move
from schemas.message import AssistantMessage, Message, ToolMessage
from schemas.trajectory import Trajectory


@dataclass(frozen=True)
class Recovery:
    """The conversation, and the move that puts it right with its results."""

    trajectory: Trajectory
    repair: tuple[Message, ...]


def recover(ground: Ground, kind: Kind, draft: Draft) -> Recovery | None:
    """Play it; None where the kind, or what the tools answer, leaves nothing to be put right."""
    clean, mend = ground.clean, draft.decision if draft.mend is None else draft.mend
    right = clean.messages[mend]
    asked = ground.user_before(draft.decision)
    assert isinstance(right, AssistantMessage)
    if not kind.notice or (not draft.calls and not draft.nudge) or asked is None:
        return None
    move = write_move(ground, kind.name, draft)
    parts = [TwinPart(one, n) for n, one in enumerate(clean.messages[: draft.decision])]
    parts.append(TwinPart(move))
    if not draft.calls:
        nudge = asked.model_copy(update={"text": draft.nudge, "act": "inform", "turn": right.turn})
        parts.append(TwinPart(nudge))
    again = "" if right.text == move.text else right.text  # nobody says the same twice running
    words = "" if right.calls and ground.silent else f"{kind.notice} {again}".strip()
    parts.append(TwinPart(right.model_copy(update={"text": words}), mend))
    parts += [TwinPart(one, n) for n, one in enumerate(clean.messages) if n > mend]
    twin = make_twin(ground, parts, frozenset(call.id for call in move.calls))
    made = twin.trajectory
    if not twin.untouched or made.final_state != clean.final_state:
        return None
    start = twin.places[mend]
    end = start + 1
    while end < len(made.messages) and isinstance(made.messages[end], ToolMessage):
        end += 1
    return Recovery(made, made.messages[start:end])
