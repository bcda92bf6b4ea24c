"""How tools, calls and messages are written where formats agree: on OpenAI's objects, mostly."""

import json
from collections.abc import Callable
from functools import cached_property
from typing import Any

from pydantic_core import to_json

from generators.identity_cache import remembered
from pipeline.exports.chat import Called, Said
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


def write_json(value: Any) -> str:
    """JSON text as chat templates and people write it, letters as they are. Raises ValueError."""
    return _JSON.encode(value)


class Shared(dict[str, Any]):
    """A JSON object that stands in many rows and is never changed: its text is made once."""

    @cached_property
    def text(self) -> bytes:
        """As rows have it."""
        return to_json(dict(self))


def write_row(row: JsonObject) -> bytes:
    """A row as its line has it; shared objects are looked for in its lists and one object down."""
    parts = (b"%b:%b" % (to_json(key), _write_part(value, True)) for key, value in row.items())
    return b"{%b}" % b",".join(parts)


def _write_part(value: Any, outer: bool) -> bytes:
    if type(value) is list and value and type(value[0]) is Shared:
        return b"[%b]" % b",".join(
            [one.text if type(one) is Shared else to_json(one) for one in value]
        )
    if outer and type(value) is dict:
        parts = (b"%b:%b" % (to_json(key), _write_part(one, False)) for key, one in value.items())
        return b"{%b}" % b",".join(parts)
    return to_json(value)


@remembered
def flat_tool(tool: ToolSpec) -> JsonObject:
    """Name, description and parameters."""
    told = {"description": tool.description} if tool.description else {}
    return Shared({"name": tool.wire_name, **told, "parameters": tool.parameters})


@remembered
def nested_tool(tool: ToolSpec) -> JsonObject:
    """As OpenAI has it: ``{"type": "function", "function": {…}}``."""
    return Shared({"type": "function", "function": flat_tool(tool)})


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
