"""OpenAI's fine-tuning format for supervised training on chats with tools.

One object a line with ``messages``, ``tools`` and ``parallel_tool_calls``. The arguments of a call
are JSON text; ``weight`` says which assistant messages are trained on. The format has no place for
reasoning, which is left out, and allows no further keys.
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from jsonschema import Draft202012Validator

from generators.identity_cache import remembered
from generators.sandbox.schema_validity import fits
from pipeline.exports.chat import Chat, Said
from pipeline.exports.format import Format
from pipeline.exports.wire import as_text, nested_tool
from schemas.canonical import read_json
from schemas.record import JsonObject


def row(chat: Chat) -> JsonObject:
    """Write a conversation as one line of a training file."""
    messages = [*map(write_message, chat.messages)]
    if not chat.tools:
        return {"messages": messages}
    tools = [*map(nested_tool, chat.tools)]
    return {"messages": messages, "tools": tools, "parallel_tool_calls": True}


def write_message(said: Said) -> JsonObject:
    """A message as OpenAI has it; the assistant's with a weight."""
    if said.role == "tool":
        return {"role": "tool", "tool_call_id": said.call_id, "content": said.text}
    if said.role != "assistant":
        return {"role": said.role, "content": said.text}
    told: JsonObject = {"role": "assistant", "weight": int(said.train)}
    if said.text or not said.calls:
        told["content"] = said.text
    if said.calls:
        told["tool_calls"] = [*map(as_text, said.calls)]
    return told


_KEYS = {"messages", "tools", "parallel_tool_calls"}
_MESSAGE_KEYS = {
    "system": {"role", "content"},
    "user": {"role", "content"},
    "assistant": {"role", "content", "tool_calls", "weight"},
    "tool": {"role", "content", "tool_call_id"},
}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CONTROL = re.compile(r"<\|[a-z_]+\|>|</?tool_(?:call|response|calls|responses)>|\[/?INST\]")


def problems(row: JsonObject) -> list[str]:
    """Say what is wrong with a row, place first; nothing for a good one.

    The rules are written against the row alone, not against the record that it was made from, so
    that they find the mistakes of this exporter too.
    """
    return [*_outer(row), *_order(row["messages"]), *_calls(row), *_texts(row["messages"])]


def _outer(row: JsonObject) -> Iterator[str]:
    yield from (f"unknown key {key!r}" for key in row if key not in _KEYS)
    if row.get("tools") == []:
        yield "tools is empty: leave it out"
    for number, message in enumerate(row["messages"]):
        allowed = _MESSAGE_KEYS.get(message.get("role"), set())
        if not message.keys() <= allowed:
            yield from (
                f"messages[{number}]: unknown key {key!r}" for key in message if key not in allowed
            )
        if "weight" in message and message["weight"] not in (0, 1):
            yield f"messages[{number}]: weight is {message['weight']!r}, not 0 or 1"
    if not any(message.get("weight") == 1 for message in row["messages"]):
        yield "no assistant message is trained on"


def _order(messages: list[JsonObject]) -> Iterator[str]:
    roles = [message.get("role") for message in messages]
    if roles[:1] == ["system"]:
        roles = roles[1:]
    if roles[:1] != ["user"]:
        yield "the first message after the system's is not the user's"
    if roles[-1:] != ["assistant"]:
        yield "the last message is not the assistant's"
    if "system" in roles:
        yield "a system message stands in the middle"
    for one, two in pairwise(roles):
        if one == two and one in ("user", "assistant"):
            yield f"two messages of the {one} follow one another"


def _calls(row: JsonObject) -> Iterator[str]:
    tools = row.get("tools", ())
    schemas = {tool["function"]["name"]: tool["function"] for tool in tools}
    yield from (
        f"tool name {name!r} is not allowed" for name in schemas if not _NAME.fullmatch(name)
    )
    if held := "".join(map(_find_token, tools)):
        yield f"tools hold the control token {_CONTROL.findall(held)[0]!r}"
    seen: set[str] = set()
    waiting: list[str] = []
    for number, message in enumerate(row["messages"]):
        place = f"messages[{number}]"
        if message["role"] == "tool":
            if not waiting or waiting.pop(0) != message.get("tool_call_id"):
                yield f"{place}: answers no call that is next"
            continue
        if waiting:
            yield f"{place}: {len(waiting)} calls before it have no result"
        waiting = [call["id"] for call in message.get("tool_calls", ())]
        yield from (
            f"{place}: call id {known!r} is used twice" for known in waiting if known in seen
        )
        seen.update(waiting)
        for call in message.get("tool_calls", ()):
            if problem := _call(call, schemas, message.get("weight") == 1):
                yield f"{place}: {problem}"


def _call(call: JsonObject, schemas: dict[str, JsonObject], trained: bool) -> str | None:
    name, text = call["function"]["name"], call["function"]["arguments"]
    if name not in schemas:
        return f"calls {name!r}, which is not among the tools"
    if not isinstance(text, str):
        return f"the arguments of {name!r} are no JSON text"
    try:
        arguments = read_json(text)
    except ValueError as error:
        return f"the arguments of {name!r} are no JSON text: {error}"
    schema = schemas[name]["parameters"]
    if not trained or fits(arguments, schema):
        return None
    wrong = next(Draft202012Validator(schema).iter_errors(arguments), None)
    return f"the arguments of {name!r} do not fit its schema: {wrong.message}" if wrong else None


@remembered
def _find_token(tool: JsonObject) -> str:
    """The control token in a tool as `nested_tool` has it: the same object for the same tool."""
    # Python's own writing has these letters as they are, and is made six times as fast as JSON.
    found = _CONTROL.search(repr(tool))
    return found.group() if found else ""


def _texts(messages: list[JsonObject]) -> Iterator[str]:
    for number, message in enumerate(messages):
        content = message.get("content", "" if message.get("tool_calls") else None)
        if not isinstance(content, str):
            yield f"messages[{number}]: content is no text"
        elif not content.strip() and message["role"] != "tool" and not message.get("tool_calls"):
            yield f"messages[{number}]: says nothing"
        elif ("<" in content or "INST]" in content) and (found := _CONTROL.search(content)):
            yield f"messages[{number}]: holds the control token {found.group()!r}"


FORMAT = Format("openai", lambda chat: (row(chat),), problems, frozenset({"masks"}))
