"""The assistant, played by a model that sees what an assistant in service sees, and no more.

It is not given the task: nothing of the blueprint can reach its prompt.
"""

import json
from dataclasses import dataclass
from functools import partial

from generators.dialogue.guess_act import assistant_act, call_act
from generators.dialogue.roles import Move, PlannedCall, RoleFailure, attempt
from schemas.canonical import derive_seed, read_json
from schemas.chat import ChatModel, ChatReply, ChatRequest
from schemas.message import AssistantMessage, Call, Message, ToolMessage
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_TRIES = 2


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
        return await attempt(self.model, request, partial(self._read, messages), _TRIES)

    def _read(self, messages: tuple[Message, ...], reply: ChatReply) -> Move:
        text = reply.text.strip()
        if not text and not reply.calls:
            raise RoleFailure("empty_reply", "the assistant's model said nothing")
        calls = []
        for call in reply.calls:
            if call.name not in {tool.wire_name for tool in self.tools}:
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
