"""Makes a mistake of a kind in a conversation, with what really follows and what puts it right.

A wrong call that has left the state as it was is followed by the right move, with a word that it
was noticed; a mistake in words is followed by a user who doubts it. Where the world would not be
what it was, nothing is put right: there is no recovery, and none is forced.
"""

from dataclasses import dataclass
from itertools import islice
from random import Random

from generators.errors.draft import Draft, Kind
from generators.errors.ground import Ground
from generators.errors.twin import TwinPart, make_twin, spoil, write_move
from schemas.canonical import derive_seed
from schemas.message import AssistantMessage, Message, ToolMessage, UserMessage
from schemas.mistake import Mistake, Use
from schemas.slip import Slip
from schemas.trajectory import Trajectory

_IF_DONE = frozenset(
    {"wrong_arguments", "unexpected_write", "demand_ignored", "format_ignored", "repeated_write"}
)
"""Codes that are about a call which was carried out."""
_TRIES = 8
"""Places at most that are tried until the tools answer as the mistake needs it."""


@dataclass(frozen=True)
class Made:
    """A mistake and the conversations that come of it."""

    mistake: Mistake
    twin: Trajectory
    """The conversation in which nobody notices."""
    recovery: Trajectory | None
    """The one in which it is noticed and put right; None where it cannot be."""


def make_mistake(ground: Ground, kind: Kind, seed: int, use: Use = "pair") -> Made | None:
    """Make one, by seed; None where the conversation has no place for this kind."""
    rng = Random(derive_seed("mistake", seed, ground.clean.id, kind.name))
    for draft in islice(kind.drafts(ground, rng), _TRIES):
        twin = spoil(ground, kind.name, draft)
        after = twin.trajectory.messages[draft.decision + 1 :][: len(draft.calls)]
        answers = [one for one in after if isinstance(one, ToolMessage)]  # to the wrong calls
        failed = any(one.is_error for one in answers)
        if draft.succeeds is not None and draft.succeeds == failed:
            continue
        code = "missed_required_action" if failed and draft.code in _IF_DONE else draft.code
        recovery = recover(ground, kind, draft)
        clean, at = ground.clean, draft.decision
        mistake = Mistake(
            kind=kind.name, use=use, trajectory=clean.id, index=clean.index, decision=at,
            wrong=twin.trajectory.messages[at : at + 1 + len(answers)], code=code, blame=at,
            repair=recovery.repair if recovery else (),
            diagnosis=kind.diagnosis.format_map({"tool": "", "parameter": ""} | draft.details),
        )  # fmt: skip
        slip = Slip(message=at, kind=kind.name, code=code, of=clean.id, repaired=False)
        spoilt = twin.trajectory.model_copy(update={"slips": (slip,)})
        if recovery is None:
            return Made(mistake, spoilt, None)
        mended = slip.model_copy(update={"repaired": True})
        return Made(mistake, spoilt, recovery.trajectory.model_copy(update={"slips": (mended,)}))
    return None


@dataclass(frozen=True)
class Recovery:
    """The conversation, and the move that puts it right with its results."""

    trajectory: Trajectory
    repair: tuple[Message, ...]


def recover(ground: Ground, kind: Kind, draft: Draft) -> Recovery | None:
    """Play it; None where the kind, or what the tools answer, leaves nothing to be put right."""
    clean, mend = ground.clean, draft.decision if draft.mend is None else draft.mend
    right = clean.messages[mend]
    before = reversed(clean.messages[: draft.decision])
    asked = next((one for one in before if isinstance(one, UserMessage)), None)
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
