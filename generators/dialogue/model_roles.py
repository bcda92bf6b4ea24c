"""User and assistant played by models, each of which sees no more than it would in service.

The user's model knows its brief, and of the conversation what a person in a chat sees. The
assistant's is not given the task: nothing of the blueprint can reach its prompt.
"""

import json
from dataclasses import dataclass
from functools import partial

from data.prompts import render
from generators.dialogue.guess_act import (
    answer_act,
    assistant_act,
    call_act,
    only_thanks,
    opening_act,
    wants_more,
)
from generators.dialogue.roles import Move, PlannedCall, RoleFailure, Utterance, attempt
from generators.dialogue.written_calls import read_written_calls
from schemas.canonical import derive_seed, read_json
from schemas.chat import ChatModel, ChatReply, ChatRequest
from schemas.message import AssistantMessage, Call, Message, ToolMessage, UserMessage
from schemas.record import JsonObject
from schemas.task import Task
from schemas.tool import ToolSpec

STOP = "###STOP###"
OPENING = "Hello! What can I do for you?"
"""Stands before the conversation, since some endpoints want a message to answer."""


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
        return await attempt(
            self.model, request, lambda reply: self._read(reply, messages), tries=3
        )

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
    return render("user.j2", style=task.persona.style, clock=task.clock, brief=task.brief)


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
        # What comes later is not waited for by who wants something else meanwhile.
        late = bool(answers and answers[-1].fault and answers[-1].fault.kind == "delayed")
        over = over or (late and wants_more(text))
    if over and number + 1 < len(task.turns) and not only_thanks(text):
        return number + 1, True
    return number, False


@dataclass(frozen=True)
class ModelAssistant:
    """Implements `AssistantRole`: one request for each move, a second where a reply is unusable."""

    tools: tuple[ToolSpec, ...]
    model: ChatModel
    seed: int

    async def move(self, messages: tuple[Message, ...]) -> Move:
        """Answer the last message. Raises RoleFailure and ProviderError."""
        tools = (
            {"name": one.wire_name, "description": one.description, "parameters": one.parameters}
            for one in self.tools
        )
        request = ChatRequest(
            role="assistant",
            messages=assistant_history(messages),
            tools=tuple({"type": "function", "function": tool} for tool in tools),
            seed=derive_seed(self.seed, "assistant", len(messages)),
        )
        return await attempt(self.model, request, partial(self._read, messages), tries=2)

    def _read(self, messages: tuple[Message, ...], reply: ChatReply) -> Move:
        text, written, names = (
            reply.text.strip(),
            reply.calls,
            {one.wire_name for one in self.tools},
        )
        if not text and not written:
            raise RoleFailure("empty_reply", "the assistant's model said nothing")
        if not written:
            text, written = read_written_calls(text, names)
        calls = []
        for call in written:
            if call.name not in names:
                raise RoleFailure("unknown_tool", f"the assistant called {call.name[:80]!r}")
            # No text at all is how some endpoints say that there are no arguments.
            raw = call.arguments or "{}"
            try:
                arguments = read_json(raw)
            except (ValueError, RecursionError) as error:
                raise RoleFailure("unparsable_arguments", f"{call.name}: {error}") from error
            if not isinstance(arguments, dict):
                problem = f"{call.name}: the arguments are no object"
                raise RoleFailure("unparsable_arguments", problem)
            calls.append(PlannedCall(call.name, arguments, raw=raw))
        if calls:
            act = call_act([(call.name, call.arguments) for call in calls], messages)
        else:
            act = assistant_act(text, messages, any(tool.effect != "read" for tool in self.tools))
        return Move(text=text, act=act, calls=tuple(calls), reasoning=reply.reasoning)


def assistant_history(messages: tuple[Message, ...]) -> tuple[JsonObject, ...]:
    """Write the conversation in the shapes of the chat completions interface, one for one."""
    history: list[JsonObject] = []
    for message in messages:
        if isinstance(message, ToolMessage):
            answer = {"tool_call_id": message.call_id, "content": message.content}
            history.append({"role": "tool", **answer})
        elif isinstance(message, AssistantMessage) and message.calls:
            calls = [wire_call(call) for call in message.calls]
            said = {"role": "assistant", "content": message.text or None, "tool_calls": calls}
            history.append(said)
        else:
            history.append({"role": message.role, "content": message.text})
    return tuple(history)


def wire_call(call: Call) -> JsonObject:
    """Write a call with its arguments as text: as the model wrote them, where one did."""
    written = json.dumps(call.arguments, ensure_ascii=False) if call.raw is None else call.raw
    function = {"name": call.name, "arguments": written}
    return {"id": call.id, "type": "function", "function": function}
