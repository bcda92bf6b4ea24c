"""The user, played by a model that knows the script and sees only what a person in a chat sees."""

from dataclasses import dataclass

from data.prompts import render
from generators.dialogue.acts import answer_act, opening_act
from generators.dialogue.failure import RoleFailure, attempt
from generators.dialogue.progress import user_turn
from generators.dialogue.role import Utterance
from schemas.briefing import script
from schemas.canonical import derive_seed
from schemas.chat import ChatModel, ChatReply, ChatRequest
from schemas.message import AssistantAct, AssistantMessage, Message, UserMessage
from schemas.record import JsonObject
from schemas.task import Task

STOP = "###STOP###"
OPENING = "Hello! What can I do for you?"
"""Stands before the conversation, since some endpoints want a message to answer."""
_TRIES = 3


@dataclass(frozen=True)
class ModelUser:
    """Implements `UserRole`: one request for each message, two more where a reply is unusable."""

    task: Task
    model: ChatModel
    seed: int

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        """Say the next thing, or None at the end. Raises RoleFailure and ProviderError."""
        request = ChatRequest(
            role="user",
            messages=({"role": "system", "content": user_prompt(self.task)}, *heard(messages)),
            seed=derive_seed(self.seed, "user", len(messages)),
        )
        return await attempt(self.model, request, lambda reply: self._read(reply, messages), _TRIES)

    def _read(self, reply: ChatReply, messages: tuple[Message, ...]) -> Utterance | None:
        text = reply.text.replace(STOP, "").strip()
        stops = STOP in reply.text
        _refuse_unusable(reply, text, stops, messages)
        if not text:
            return None
        # An end that is announced together with the yes would leave the write undone (τ² #297).
        return self._utterance(text, stops and not _pending(messages), messages)

    def _utterance(self, text: str, last: bool, messages: tuple[Message, ...]) -> Utterance:
        turn, opens = user_turn(text, self.task, messages)
        act = opening_act(self.task.turns[turn]) if opens else answer_act(text, _asked(messages))
        return Utterance(text=text, act=act, turn=turn, last=last)


def user_prompt(task: Task) -> str:
    """Write the system text for whoever plays this task's user."""
    return render("user.j2", persona=task.persona, clock=task.clock, parts=script(task))


def heard(messages: tuple[Message, ...]) -> tuple[JsonObject, ...]:
    """Write the conversation with the parts swapped: own words are the model's, calls are unseen.

    What the assistant says in several messages on end becomes one, since roles must alternate.
    """
    history: list[JsonObject] = [{"role": "user", "content": OPENING}]
    for message in messages:
        if isinstance(message, UserMessage):
            history.append({"role": "assistant", "content": message.text})
        elif isinstance(message, AssistantMessage) and message.text:
            _add_heard(history, message.text)
    return tuple(history)


def _add_heard(history: list[JsonObject], text: str) -> None:
    if history[-1]["role"] == "user":
        text = f"{history.pop()['content']}\n\n{text}"
    history.append({"role": "user", "content": text})


def _refuse_unusable(
    reply: ChatReply, text: str, stops: bool, messages: tuple[Message, ...]
) -> None:
    if reply.calls:
        raise RoleFailure("user_calls_tool")
    if not text and not stops:
        raise RoleFailure("empty_reply", "the user's model said nothing")
    if stops and not any(isinstance(message, UserMessage) for message in messages):
        raise RoleFailure("stop_in_first_turn")
    if stops and not text and _pending(messages):
        raise RoleFailure("stop_while_pending")


def _asked(messages: tuple[Message, ...]) -> AssistantAct:
    """Find the act of the assistant's last message."""
    spoken = [message for message in messages if isinstance(message, AssistantMessage)]
    return spoken[-1].act if spoken else "say"


def _pending(messages: tuple[Message, ...]) -> bool:
    """Whether the assistant waits for leave to go on."""
    return _asked(messages) == "confirm"
