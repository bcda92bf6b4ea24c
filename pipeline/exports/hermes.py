"""Hermes' function calling as text: tools in the system message, calls and results between tags.

``conversations`` of ``from`` and ``value`` as Nous Research publishes them. The texts of a call are
those that the templates of Qwen 2.5 and 3 write, so that `verl` has them, too.
"""

from collections.abc import Iterator

from pipeline.exports.chat import Chat, Said
from pipeline.exports.format import Format
from pipeline.exports.wire import nested_text, tools_text, with_thoughts, write_json
from schemas.record import JsonObject

_SENDERS = {"system": "system", "user": "human", "assistant": "gpt", "tool": "tool"}


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as a row; results of one batch are one message."""
    turns: list[JsonObject] = []
    for said in with_tools_told(chat):
        value = write_result(said) if said.role == "tool" else write_said(said)
        if said.role == "tool" and turns and turns[-1]["from"] == "tool":
            turns[-1]["value"] += f"\n{value}"
        else:
            turns.append({"from": _SENDERS[said.role], "value": value})
    tools = tools_text(chat.tools)
    yield {"id": chat.name, "conversations": turns, "tools": tools, "category": chat.domain}


def with_tools_told(chat: Chat) -> tuple[Said, ...]:
    """The messages, with the tools at the end of the system message."""
    first = chat.messages[:1] if chat.messages[0].role == "system" else (Said("system", ""),)
    rest = chat.messages[1:] if chat.messages[0].role == "system" else chat.messages
    if not chat.tools:
        return chat.messages
    told = "\n".join(map(nested_text, chat.tools))
    text = (
        f"{first[0].text}\n\n# Tools\n\nYou may call one or more functions to assist with the user "
        "query.\n\nYou are provided with function signatures within <tools></tools> XML tags:\n"
        f"<tools>\n{told}\n</tools>\n\nFor each function call, return a json object with function "
        "name and arguments within <tool_call></tool_call> XML tags:\n<tool_call>\n"
        '{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>'
    )
    return (first[0]._replace(text=text.lstrip("\n")), *rest)


def write_said(said: Said) -> str:
    """Words, then calls, each between tags."""
    calls = (
        f'<tool_call>\n{{"name": {write_json(one.name)}, "arguments": '
        f"{write_json(one.arguments)}}}\n</tool_call>"
        for one in said.calls
    )
    return "\n".join((*filter(None, [with_thoughts(said)]), *calls))


def write_result(said: Said) -> str:
    """A result between tags; what a tool answers is JSON already."""
    told = f'{{"name": {write_json(said.name)}, "content": {said.text}}}'
    return f"<tool_response>\n{told}\n</tool_response>"


FORMAT = Format("hermes", rows, carries=frozenset({"reasoning"}), trains_on_all=True)
