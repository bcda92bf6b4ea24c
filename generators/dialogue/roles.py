"""The protocols of the two speaking roles; the dialogue loop knows nothing else of them."""

from dataclasses import dataclass, field
from typing import Protocol

from schemas.message import ArgumentSource, AssistantAct, Message, UserAct
from schemas.record import JsonObject


@dataclass(frozen=True)
class Utterance:
    """What the user says next."""

    text: str
    act: UserAct
    turn: int
    """Number of the task's turn that it belongs to."""
    last: bool = False
    """Nothing follows but the assistant's answer."""


@dataclass(frozen=True)
class PlannedCall:
    """A call that the assistant wants made; the loop gives it an id and runs it."""

    name: str
    arguments: JsonObject
    provenance: tuple[ArgumentSource, ...] = ()
    """Empty where the role does not know: the loop then traces every leaf."""
    raw: str | None = None


@dataclass(frozen=True)
class Move:
    """What the assistant does next: words, calls, or both. Without calls, the user speaks next."""

    text: str
    act: AssistantAct
    calls: tuple[PlannedCall, ...] = field(default=())
    reasoning: str | None = None


class UserRole(Protocol):
    """Plays the user."""

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        """Say the next thing, or None when everything wanted has been said."""
        ...


class AssistantRole(Protocol):
    """Plays the assistant."""

    async def move(self, messages: tuple[Message, ...]) -> Move:
        """Answer the last message, which is the user's or a tool's."""
        ...
