"""The protocols of the two speaking roles, and what becomes of one that cannot go on.

The dialogue loop knows nothing else of them. A model's reply that cannot be used is data about the
model: it is asked again, and then costs one candidate. A provider that fails is not: its
ProviderError passes through here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from schemas.chat import ChatModel, ChatReply, ChatRequest, ask_again
from schemas.errors import RefusedRequestError
from schemas.message import ArgumentSource, AssistantAct, Message, UserAct
from schemas.reasons import BY_CODE, ROLE_FAILURES
from schemas.record import JsonObject
from schemas.trajectory import TurnedDown

Read = TypeVar("Read")
_CUT_OFF = 2
"""Replies to one question that are cut off: then it is given up."""


@dataclass(frozen=True)
class Utterance:
    """What the user says next."""

    text: str
    act: UserAct
    turn: int
    """Number of the task's turn that it belongs to."""
    before: tuple[tuple[str, str], ...] = ()
    """What is said among several people before it: speaker and words."""


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
    calls: tuple[PlannedCall, ...] = ()
    reasoning: str | None = None
    turned_down: tuple[TurnedDown, ...] = ()
    """What was to be said or done before, and was turned down."""


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


class RoleFailure(Exception):  # noqa: N818 - an outcome of a candidate, not an error of the run
    """The role cannot go on; the candidate is rejected with this reason."""

    def __init__(self, code: str, explanation: str = "", *, final: bool = False) -> None:
        """``code`` is one of ROLE_FAILURES, or a check's. Raises KeyError for another.

        ``final``: asking once more would change nothing.
        """
        meaning = ROLE_FAILURES[code] if code in ROLE_FAILURES else BY_CODE[code].meaning
        self.code, self.final = code, final
        self.turned_down: tuple[TurnedDown, ...] = ()
        self.explanation = explanation or meaning
        super().__init__(f"{code}: {self.explanation}")


async def attempt(
    model: ChatModel, request: ChatRequest, read: Callable[[ChatReply], Read], tries: int
) -> Read:
    """Ask until ``read`` accepts the reply, each time with another seed.

    Raises the last RoleFailure of ``read`` after ``tries`` requests, RefusedRequestError where the
    second reply is cut off too, and ProviderError at once.
    """
    number = cut = 0
    while True:
        reply = await model.complete(request)
        number += 1
        if reply.is_cut_off:
            cut += 1
            if cut == _CUT_OFF:
                raise RefusedRequestError("cut_off", f"the {request.role} said: {reply.text}")
        else:
            try:
                return read(reply)
            except RoleFailure as failure:
                if number >= tries or failure.final:
                    raise
        request = ask_again(request, reply, number)
