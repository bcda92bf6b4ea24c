"""An error with truth: made by code, at one decision of a conversation that was proven right.

So the right move and the wrong one, what really follows from it, who is to blame and what puts it
right are all known. What trainers want of it follows from the record and its trajectory: a pair of
moves after the same prefix (`make_pair`), and a label for each step (`label_steps`).
"""

from collections.abc import Iterator, Sequence
from typing import Literal

from schemas.message import AssistantMessage, Message
from schemas.record import Record
from schemas.trajectory import Trajectory

Use = Literal[
    "recovery",  # a conversation in which it stands masked, is noticed and put right
    "pair",  # right against wrong, after the same prefix
    "steps",  # each step of the wrong conversation labelled
    "near_miss",  # the violating twin of a conversation, with the label of the violating message
]
"""What a mistake was made for."""


class Mistake(Record):
    """One wrong move, and all that is known of it."""

    kind: str
    """One of `generators.errors.KINDS`, by its name."""
    use: Use
    trajectory: str
    """Id of the clean trajectory."""
    index: int
    """… and its number in its run: records stand in the order of the trajectories."""
    decision: int
    """Index of the assistant message in the clean trajectory in whose place the wrong one comes."""
    wrong: tuple[Message, ...]
    """The wrong message, and what the tools really answer to its calls. Indexes count on from the
    clean trajectory's messages before `decision`."""
    code: str | None
    """The reason code that a check should give; None where only a judge can decide."""
    blame: int
    """Index of the message at fault in the wrong conversation."""
    repair: tuple[Message, ...] = ()
    """What the assistant does right after `wrong` to put it right, and what the tools answer; empty
    where nothing can, or nobody would notice."""
    diagnosis: str = ""
    """What went wrong, as one who reviews it would say; it does not give the right answer away."""
    line: int | None = None
    """CRC-32 of the line in which the clean trajectory stands: it is known without its record."""


class Pair(Record):
    """Two moves after the same prefix."""

    prefix: tuple[Message, ...]
    chosen: tuple[AssistantMessage, ...]
    rejected: tuple[AssistantMessage, ...]
    kind: str
    code: str | None


class StepLabel(Record):
    """What one assistant message of a wrong conversation is worth."""

    message: int
    value: Literal[1, 0, -1]
    """Right; not judged, as it follows from something wrong; wrong."""
    code: str | None = None


def list_played(trajectory: Trajectory) -> Iterator[Mistake]:
    """The wrong moves of a model's assistant in whose place right ones stand, as mistakes.

    What was only suspected may have been right, and what could not be read is no move.
    """
    masked = {one.message for one in trajectory.labels if not one.train}
    for down in trajectory.wrong_moves:
        sure = [one for one in down.reasons if not one.suspect]
        stands = trajectory.messages[down.message]
        said = (down.text or down.calls) and down.message not in masked
        if not (sure and said and isinstance(stands, AssistantMessage)):
            continue
        wrong = AssistantMessage(
            index=down.message, turn=stands.turn, timestamp=stands.timestamp, text=down.text,
            reasoning=down.reasoning, calls=down.calls, act="call" if down.calls else "say",
        )  # fmt: skip
        yield Mistake(
            kind=f"played-{sure[0].code}", use="pair", trajectory=trajectory.id,
            index=trajectory.index, decision=down.message, wrong=(wrong, *down.answers),
            code=sure[0].code, blame=down.message, diagnosis=sure[0].explanation,
        )  # fmt: skip


def make_pair(trajectory: Trajectory, mistake: Mistake) -> Pair:
    """The right and the wrong move at the decision: no results, as neither has seen any."""
    chosen = trajectory.messages[mistake.decision]
    rejected = mistake.wrong[0]
    assert isinstance(chosen, AssistantMessage)
    assert isinstance(rejected, AssistantMessage)
    return Pair(
        prefix=trajectory.messages[: mistake.decision],
        chosen=(chosen,),
        rejected=(rejected,),
        kind=mistake.kind,
        code=mistake.code,
    )


def label_steps(
    trajectory: Trajectory, mistake: Mistake
) -> tuple[tuple[Message, ...], tuple[StepLabel, ...]]:
    """The conversation up to the wrong move with its results, and a label for each step of it."""
    messages = (*trajectory.messages[: mistake.decision], *mistake.wrong)
    length, labels = label_roles([one.role for one in messages], mistake)
    return messages[:length], labels


def label_roles(roles: Sequence[str], mistake: Mistake) -> tuple[int, tuple[StepLabel, ...]]:
    """How many of such messages are steps or what they stand on, and the label of each step."""
    length = len(roles)
    while roles[length - 1] not in ("assistant", "tool"):
        length -= 1
    return length, tuple(
        StepLabel(message=position, value=-1, code=mistake.code)
        if position == mistake.blame
        else StepLabel(message=position, value=1 if position < mistake.blame else 0)
        for position, role in enumerate(roles[:length])
        if role == "assistant"
    )
