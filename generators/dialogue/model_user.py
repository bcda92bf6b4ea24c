"""The user, played by a model that knows the script and sees only what a person in a chat sees."""

from dataclasses import dataclass

from data.prompts import render
from generators.dialogue.guess_act import answer_act, only_thanks, opening_act
from generators.dialogue.roles import RoleFailure, Utterance, attempt
from schemas.briefing import script
from schemas.canonical import derive_seed
from schemas.chat import ChatModel, ChatReply, ChatRequest
from schemas.message import AssistantMessage, Message, ToolMessage, UserMessage
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
        acts = [message.act for message in messages if isinstance(message, AssistantMessage)]
        asked = acts[-1] if acts else "say"
        if reply.calls:
            raise RoleFailure("user_calls_tool")
        if not text and not stops:
            raise RoleFailure("empty_reply", "the user's model said nothing")
        if stops and not any(isinstance(message, UserMessage) for message in messages):
            raise RoleFailure("stop_in_first_turn")
        if stops and not text and asked == "confirm":
            raise RoleFailure("stop_while_pending")
        if not text:
            return None
        turn, opens = user_turn(text, self.task, messages)
        act = opening_act(self.task.turns[turn]) if opens else answer_act(text, asked)
        # An end that is announced together with the yes would leave the write undone (τ² #297): it
        # is not heard before it is said alone.
        return Utterance(text=text, act=act, turn=turn)


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
            text = message.text
            if history[-1]["role"] == "user":
                text = f"{history.pop()['content']}\n\n{text}"
            history.append({"role": "user", "content": text})
    return tuple(history)


def user_turn(text: str, task: Task, messages: tuple[Message, ...]) -> tuple[int, bool]:
    """Tell the number of the task's turn, and whether this message opens it.

    Estimated by progress, and never falling: a turn is over when the tool of its last gold call
    has answered without an error since the turn began, or, where it has no calls, when the
    assistant has spoken. The next message that is more than thanks opens the next turn.
    """
    spoken = [message for message in messages if isinstance(message, UserMessage)]
    if not spoken:
        return 0, True
    number = spoken[-1].turn
    begun = next(message.index for message in spoken if message.turn == number)
    since = [message for message in messages if message.index > begun]
    turn = task.turns[number]
    if not turn.calls or turn.outcome != "complete":
        said = [m.act for m in since if isinstance(m, AssistantMessage) and not m.calls]
        over = any(act not in ("clarify", "confirm") for act in said)
    else:
        last = turn.calls[-1]
        answers = [m for m in since if isinstance(m, ToolMessage) and m.name == last.tool]
        # Where the recorded answer is itself an error, there is nothing better to wait for.
        good = [m for m in answers if not m.fault and (not m.is_error or last.is_error)]
        over = len(good) >= sum(call.tool == last.tool for call in turn.calls)
    if over and number + 1 < len(task.turns) and not only_thanks(text):
        return number + 1, True
    return number, False
