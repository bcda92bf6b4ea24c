"""Rows that others made: which form they have, and of OpenAI's what is wrong with them.

Structure and schema need no catalogue beside the row's own ``tools``: who answers whom, whether the
arguments are JSON text, whether they fit what the tool says it takes.
"""

import json
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from schemas.record import JsonObject

OPENAI = "OpenAI chat"
"""The form that can be audited."""
_ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})
_SWIFT = frozenset({"tool_call", "tool_response", "function_call", "tool_calls"})


def name_form(row: Any) -> str:
    """What the form of a row is called, as far as it is known; ``OPENAI`` can be audited."""
    if not isinstance(row, dict):
        return ""
    messages = row.get("messages")
    if isinstance(messages, list):
        roles = {one.get("role") for one in messages if isinstance(one, dict)}
        if roles & _SWIFT:
            return "swift (messages with the role tool_call)"
        if any(isinstance(one, dict) and isinstance(one.get("content"), list) and any(
                isinstance(part, dict) and part.get("type") in ("tool_use", "tool_result")
                for part in one["content"]) for one in messages):  # fmt: skip
            return "Anthropic messages (tool_use blocks)"
        return OPENAI
    conversations = row.get("conversations", row.get("conversation"))
    if isinstance(conversations, list):
        first = next((one for one in conversations if isinstance(one, dict)), {})
        return "ShareGPT (conversations)" if "from" in first else "conversations with roles"
    if isinstance(row.get("contents"), list):
        return "Gemini (contents)"
    if "instruction" in row and "output" in row:
        return "Alpaca (instruction and output)"
    if "prompt" in row and ("completion" in row or "chosen" in row):
        return "prompt and completion"
    if "query" in row and "answers" in row:
        return "xLAM (query and answers)"
    if "input" in row and "output" in row:
        return "OpenAI responses (input and output)"
    return ""


class Audit:
    """Judges rows of OpenAI's chat form, one after the other."""

    def __init__(self) -> None:
        self.known: dict[str, JsonObject] = {}
        """What tools take, by the rows so far: a row may have forgotten its own."""

    def faults(self, row: JsonObject) -> Iterator[str]:
        """What is wrong with a row, each with its place."""
        own = dict(_list_tools(row.get("tools")))
        self.known |= own
        waiting: dict[str, str] = {}
        seen: set[str] = set()
        systems = 0
        messages = row["messages"]
        for number, message in enumerate(messages):
            place = f"messages[{number}]"
            if not isinstance(message, dict) or message.get("role") not in _ROLES:
                yield f"{place}: has none of the roles {', '.join(sorted(_ROLES))}"
                continue
            if message["role"] == "tool":
                answered = message.get("tool_call_id")
                if answered is None:
                    yield f"{place}: has no tool_call_id"
                elif waiting.pop(str(answered), None) is None:
                    yield f"{place}: answers no call of the id {answered!r}"
            elif waiting:
                yield f"{place}: calls before it have no answer: {', '.join(waiting)}"
                waiting = {}
            systems += message["role"] == "system"
            if message["role"] == "system" and systems > 1:
                yield f"{place}: is another system message"
            yield from _judge_content(message, place)
            calls = message.get("tool_calls")
            for at, call in enumerate(calls if isinstance(calls, list) else []):
                inside = f"{place}.tool_calls[{at}]"
                yield from _take_id(call, inside, waiting, seen)
                yield from self.judge_call(call, own, inside)
        if waiting:
            yield f"messages[{len(messages) - 1}]: calls have no answer: {', '.join(waiting)}"
        last = messages[-1] if messages else None
        if not isinstance(last, dict) or last.get("role") != "assistant":
            yield "messages: the last is not the assistant's"

    def judge_call(self, call: Any, own: dict[str, JsonObject], place: str) -> Iterator[str]:
        """Name and arguments of a call, against the tools of the row."""
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            yield f"{place}: names no function"
            return
        name, arguments = function["name"], function.get("arguments")
        if name not in own:
            yield f"{place}: {name!r} is not among the tools of the row"
        if not isinstance(arguments, str):
            yield f"{place}: arguments are {type(arguments).__name__}, not JSON text"
        else:
            try:
                arguments = json.loads(arguments)
            except ValueError as error:
                yield f"{place}: arguments are no JSON: {error}"
                return
        if not isinstance(arguments, dict):
            yield f"{place}: arguments are no object"
            return
        schema = own.get(name, self.known.get(name))
        if schema is None:
            return
        properties = schema.get("properties")
        if isinstance(properties, dict):
            strange = [key for key in arguments if key not in properties]
            if strange and not schema.get("additionalProperties"):
                yield f"{place}: {name!r} has no argument {', '.join(map(repr, strange))}"
        try:
            for fault in Draft202012Validator(schema).iter_errors(arguments):
                yield f"{place}: arguments of {name!r}, at {fault.json_path}: {fault.message[:160]}"
        except (SchemaError, ValueError, TypeError, AttributeError) as error:
            yield f"{place}: the schema of {name!r} is not valid: {str(error)[:120]}"


def _take_id(call: Any, place: str, waiting: dict[str, str], seen: set[str]) -> Iterator[str]:
    """Note the call as one that waits for its answer, or say why it cannot."""
    known_id = call.get("id") if isinstance(call, dict) else None
    if not isinstance(known_id, str) or not known_id:
        yield f"{place}: has no id"
    elif known_id in seen:
        yield f"{place}: its id {known_id!r} is used twice"
    else:
        waiting[known_id] = place
        seen.add(known_id)


def _judge_content(message: JsonObject, place: str) -> Iterator[str]:
    content = message.get("content")
    if content is None and not message.get("tool_calls"):
        yield f"{place}: says nothing"
    elif not isinstance(content, str | list | None):
        yield f"{place}: content is {type(content).__name__}, not text"
    if "tool_calls" in message and message["role"] != "assistant":
        yield f"{place}: only the assistant calls tools"


def _list_tools(tools: Any) -> Iterator[tuple[str, JsonObject]]:
    """Name and schema of each tool of a row; ``tools`` may be a JSON text."""
    if isinstance(tools, str):
        try:
            tools = json.loads(tools)
        except ValueError:
            return
    for tool in tools if isinstance(tools, list) else ():
        function = tool.get("function", tool) if isinstance(tool, dict) else None
        if isinstance(function, dict) and isinstance(function.get("name"), str):
            schema = function.get("parameters")
            yield function["name"], schema if isinstance(schema, dict) else {}
