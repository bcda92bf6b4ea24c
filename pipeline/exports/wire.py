"""How tools, calls and messages are written where formats agree: on OpenAI's objects, mostly."""

import json
from collections.abc import Callable
from typing import Any

from generators.identity_cache import remembered
from pipeline.exports.chat import Called, Said
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def write_json(value: Any) -> str:
    """JSON text as chat templates and people write it, letters as they are. Raises ValueError."""
    return _JSON.encode(value)


@remembered
def flat_tool(tool: ToolSpec) -> JsonObject:
    """Name, description and parameters."""
    told = {"description": tool.description} if tool.description else {}
    return {"name": tool.wire_name, **told, "parameters": tool.parameters}


@remembered
def nested_tool(tool: ToolSpec) -> JsonObject:
    """As OpenAI has it: ``{"type": "function", "function": {…}}``."""
    return {"type": "function", "function": flat_tool(tool)}


@remembered
def nested_text(tool: ToolSpec) -> str:
    """`nested_tool` as JSON text."""
    return write_json(nested_tool(tool))


def tools_text(tools: tuple[ToolSpec, ...]) -> str:
    """The list of all tools as one JSON text."""
    return f"[{', '.join(map(nested_text, tools))}]"


def as_text(call: Called) -> JsonObject:
    """A call of OpenAI's, its arguments as JSON text."""
    function = {"name": call.name, "arguments": write_json(call.arguments)}
    return {"id": call.id, "type": "function", "function": function}


def as_object(call: Called) -> JsonObject:
    """The same, its arguments as an object: what most chat templates take."""
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function}


def template_message(said: Said, write: Callable[[Called], JsonObject] = as_object) -> JsonObject:
    """A message as chat templates take it: always with a text, reasoning beside it."""
    if said.role == "tool":
        named = {"tool_call_id": said.call_id, "name": said.name}
        return {"role": "tool", **named, "content": said.text}
    message: JsonObject = {"role": said.role, "content": said.text}
    if said.reasoning:
        message["reasoning_content"] = said.reasoning
    if said.calls:
        message["tool_calls"] = [*map(write, said.calls)]
    return message


def with_thoughts(said: Said) -> str:
    """What is said, after the reasoning between tags, where there is any."""
    return f"<think>\n{said.reasoning}\n</think>\n\n{said.text}" if said.reasoning else said.text
