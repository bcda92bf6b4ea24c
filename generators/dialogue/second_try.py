"""A dialogue that failed is played again: from where it went wrong, and with another seed.

What comes before the first message at fault is good, and stays: it is played back, calls and all,
and costs no request. Where no single message is at fault, all is played anew. Who is not at fault
is not asked again: a task that cannot be met stays so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from generators.dialogue.following import list_utterances
from generators.dialogue.roles import AssistantRole, Move, PlannedCall, UserRole, Utterance
from schemas.message import AssistantMessage, Message, ToolMessage, UserMessage
from schemas.reasons import find_blame
from schemas.trajectory import Trajectory
from schemas.turned_down import GivenUp
from schemas.verdict import Reason

_WHOLE = frozenset(
    "too_many_steps too_many_messages repeated_message repeated_call premature_termination"
    " missed_required_action stop_too_early judge_user_ends_early".split()
)
"""Codes that name a message at which something is noticed, not the one that it comes from."""


class Fork(NamedTuple):
    """Where another dialogue goes its own way."""

    at: int
    """So many messages stay; 0: none."""
    reasons: tuple[Reason, ...] = ()
    """What was wrong with the assistant's message there."""


def find_fork(trajectory: Trajectory) -> Fork | None:
    """Where to begin again; None where it is good, or nobody who speaks is at fault."""
    causes = trajectory.causes
    if trajectory.accepted or not causes or find_blame(causes[0]) not in ("user", "assistant"):
        return None
    found = [one for verdict in trajectory.verdicts if verdict.label == "bad"
             for one in verdict.reasons if one.code in causes and not one.suspect]  # fmt: skip
    if not found or any(one.message is None or one.code in _WHOLE for one in found):
        return Fork(0)
    messages = trajectory.messages
    places = [(_find_speaker(messages, one.message or 0), one) for one in found]
    at = min(place for place, _ in places)
    if at < 2:  # the system message, and the words that open it
        return Fork(0)
    said = at < len(messages) and isinstance(messages[at], AssistantMessage)
    own = at == len(messages) and find_blame(causes[0]) == "assistant"
    return Fork(at, tuple(one for place, one in places if place == at) if said or own else ())


def _find_speaker(messages: Sequence[Message], position: int) -> int:
    """The message itself; of a result, the one that calls."""
    while 0 < position < len(messages) and isinstance(messages[position], ToolMessage):
        position -= 1
    return position


def give_up(failed: Trajectory, following: Trajectory) -> Trajectory:
    """The dialogue that was played next, and beside it the one that failed."""
    pairs = zip(failed.messages, following.messages, strict=False)
    shared = next((n for n, (one, other) in enumerate(pairs) if one != other),
                  min(len(failed.messages), len(following.messages)))  # fmt: skip
    kept = GivenUp(
        seed=failed.seed, shared=shared, messages=failed.messages[shared:],
        verdicts=failed.verdicts, labels=failed.labels, turned_down=failed.turned_down,
    )  # fmt: skip
    # What was turned down before they part belongs to both.
    own = tuple(one for one in failed.turned_down if one.message < shared)
    return following.model_copy(
        update={
            "given_up": (*failed.given_up, kept),
            "turned_down": (*own, *following.turned_down),
        }
    )


@dataclass(frozen=True)
class ResumedUser:
    """Implements `UserRole`: says again what was said, then leaves it to another."""

    before: Sequence[Message]
    after: UserRole

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        """The next thing of those before; else what the other says."""
        rest = self.before[len(messages) :]
        said = list_utterances(rest) if isinstance(next(iter(rest), None), UserMessage) else []
        return said[0] if said else await self.after.speak(messages)


@dataclass(frozen=True)
class ResumedAssistant:
    """Implements `AssistantRole` in the same way."""

    before: Sequence[Message]
    after: AssistantRole

    async def move(self, messages: tuple[Message, ...]) -> Move:
        """The next move of those before; else the other's."""
        said = self.before[len(messages)] if len(messages) < len(self.before) else None
        if not isinstance(said, AssistantMessage):
            return await self.after.move(messages)
        calls = tuple(
            PlannedCall(one.name, one.arguments, one.provenance, one.raw) for one in said.calls
        )
        return Move(said.text, said.act, calls, said.reasoning)
