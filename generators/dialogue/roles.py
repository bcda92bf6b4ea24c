"""The protocols of the two speaking roles, and what becomes of one that cannot go on.

The dialogue loop knows nothing else of them. A model's reply that cannot be used is data about the
model: it is asked again, and then costs one candidate. A provider that fails is not: its
ProviderError passes through here.

`Course` ends what gets nowhere: what is said and called again word for word while nothing changes,
or what has left the state in which the task can still end well. Without it a model that repeats a
sentence is paid for to the last message that is allowed.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from schemas.canonical import canonical_json
from schemas.chat import ChatModel, ChatReply, ChatRequest, ask_again
from schemas.errors import RefusedRequestError
from schemas.message import ArgumentSource, AssistantAct, Call, Message, ToolMessage, UserAct
from schemas.reasons import BY_CODE, ROLE_FAILURES
from schemas.record import JsonObject
from schemas.task import Task
from schemas.tool import ToolSpec
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


MOST_ALIKE = 3
"""The same words of one speaker, or the same call with the same answer: then nobody gets on."""
_SHOWN = 120


class LeadsNowhereError(RoleFailure):
    """The message that was noted last shows it: nobody gets on from there."""


class Course:
    """What has been said and done so far, as far as it tells whether this leads anywhere."""

    def __init__(self, task: Task, tools: Mapping[str, ToolSpec]) -> None:
        self._writers = {name for name, tool in tools.items() if tool.writes}
        self._tools = tools
        self._wanted = [*task.calls]
        """Gold calls that are still to be made."""
        self._said: Counter[tuple[str, str]] = Counter()
        """Speaker and words → how often, since something was called."""
        self._called: Counter[tuple[str, str, str]] = Counter()
        """Tool, arguments and answer → how often, since something was written."""

    def hear(self, speaker: str, text: str) -> None:
        """Note what somebody says. Raises LeadsNowhereError where it is said again and again."""
        said = speaker, " ".join(text.casefold().split())
        self._said[said] += bool(text)
        if self._said[said] >= MOST_ALIKE:
            told = f"the {speaker} said {MOST_ALIKE} times: {text[:_SHOWN]!r}"
            raise LeadsNowhereError("repeated_message", told)

    def note(self, call: Call, answer: ToolMessage) -> None:
        """Note a call. Raises LeadsNowhereError where it is made in vain, or undoes the task."""
        self._said.clear()
        key = call.name, canonical_json(call.arguments)
        if call.name in self._writers and not answer.is_error:
            self._called.clear()
            tool = self._tools.get(call.name)
            made = [gold for gold in self._wanted
                    if gold.is_made_by(call.name, call.arguments, tool)]  # fmt: skip
            if not made:
                told = f"{call.name} was carried out, which nobody wanted so"
                raise LeadsNowhereError("goal_out_of_reach", told)
            self._wanted.remove(made[0])
        self._called[(*key, answer.content)] += 1
        if self._called[(*key, answer.content)] >= MOST_ALIKE:
            told = f"{call.name} was called {MOST_ALIKE} times with the same arguments and answer"
            raise LeadsNowhereError("repeated_call", told)
