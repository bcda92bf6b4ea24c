"""The assistant, played by a model that sees what an assistant in service sees, and no more.

It is not given the task: nothing of the blueprint can reach its prompt.
"""

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from generators.dialogue.guess_act import assistant_act, call_act
from generators.dialogue.role_failure import RoleFailure, attempt
from generators.dialogue.roles import Move, PlannedCall
from schemas.canonical import derive_seed
from schemas.chat import ChatCall, ChatModel, ChatReply, ChatRequest
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
        request = ChatRequest(
            role="assistant",
            messages=assistant_history(messages),
            tools=tuple(function_definition(tool) for tool in self.tools),
            seed=derive_seed(self.seed, "assistant", len(messages)),
        )
        return await attempt(self.model, request, partial(self._read, messages), _TRIES)

    def _read(self, messages: tuple[Message, ...], reply: ChatReply) -> Move:
        text = reply.text.strip()
        if not text and not reply.calls:
            raise RoleFailure("empty_reply", "the assistant's model said nothing")
        offered = {tool.wire_name for tool in self.tools}
        calls = tuple(_planned(call, offered) for call in reply.calls)
        if calls:
            act = call_act([(call.name, call.arguments) for call in calls], messages)
        else:
            act = assistant_act(text, messages, any(tool.effect != "read" for tool in self.tools))
        return Move(text=text, act=act, calls=calls, reasoning=reply.reasoning)


def function_definition(tool: ToolSpec) -> JsonObject:
    """Write the tool as the chat completions interface wants it."""
    return {
        "type": "function",
        "function": {
            "name": tool.wire_name,
            "description": tool.description,
            "parameters": tool.parameters,
        },
    }


def assistant_history(messages: tuple[Message, ...]) -> tuple[JsonObject, ...]:
    """Write the conversation in the shapes of the chat completions interface, one for one."""
    return tuple(_wire(message) for message in messages)


def _wire(message: Message) -> JsonObject:
    if isinstance(message, ToolMessage):
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.content}
    if isinstance(message, AssistantMessage) and message.calls:
        calls = [wire_call(call) for call in message.calls]
        return {"role": "assistant", "content": message.text or None, "tool_calls": calls}
    return {"role": message.role, "content": message.text}


def wire_call(call: Call) -> JsonObject:
    """Write a call with its arguments as text: as the model wrote them, where one did."""
    written = json.dumps(call.arguments, ensure_ascii=False) if call.raw is None else call.raw
    function = {"name": call.name, "arguments": written}
    return {"id": call.id, "type": "function", "function": function}


def _planned(call: ChatCall, offered: set[str]) -> PlannedCall:
    if call.name not in offered:
        raise RoleFailure("unknown_tool", f"the assistant called {call.name[:80]!r}")
    # Parse the arguments. No text at all is how some endpoints say that there are none.
    try:
        value = json.loads(call.arguments or "{}", parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        raise RoleFailure("unparsable_arguments", f"{call.name}: {error}") from error
    if not isinstance(value, dict):
        raise RoleFailure("unparsable_arguments", f"{call.name}: the arguments are no object")
    return PlannedCall(call.name, value, raw=call.arguments or "{}")


def _not_json(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")
