"""Makes a mistake of a kind in a conversation, with what really follows and what puts it right."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from random import Random

from generators.errors.draft import Draft, Kind
from generators.errors.ground import Ground
from generators.errors.recover import recover
from generators.errors.twin import Twin, spoil
from schemas.canonical import derive_seed
from schemas.message import ToolMessage
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
        if draft.succeeds is None or draft.succeeds != failed:
            return _made(ground, kind, use, draft, twin, answers)
    return None


def _made(
    ground: Ground, kind: Kind, use: Use, draft: Draft, twin: Twin, answers: Sequence[ToolMessage]
) -> Made:
    clean, failed = ground.clean, any(one.is_error for one in answers)
    code = "missed_required_action" if failed and draft.code in _IF_DONE else draft.code
    recovery = recover(ground, kind, draft)
    wrong = twin.trajectory.messages[draft.decision : draft.decision + 1 + len(answers)]
    slip = Slip(message=draft.decision, kind=kind.name, code=code, of=clean.id, repaired=False)
    mistake = Mistake(
        kind=kind.name, use=use, trajectory=clean.id, index=clean.index, decision=draft.decision,
        wrong=wrong, code=code, blame=draft.decision,
        repair=recovery.repair if recovery else (),
        diagnosis=kind.diagnosis.format_map({"tool": "", "parameter": ""} | draft.details),
    )  # fmt: skip
    spoilt = twin.trajectory.model_copy(update={"slips": (slip,)})
    if recovery is None:
        return Made(mistake, spoilt, None)
    mended = slip.model_copy(update={"repaired": True})
    return Made(mistake, spoilt, recovery.trajectory.model_copy(update={"slips": (mended,)}))
