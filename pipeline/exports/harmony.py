"""Harmony messages, as `openai_harmony.Conversation` reads them: channels and recipients.

Calls are messages of their own on ``commentary``, one at a time; reasoning is on ``analysis``, what
the user reads on ``final``. ``trained`` names the messages that are learned from.
"""

from collections.abc import Iterator

from pipeline.exports.chat import Chat, Said
from pipeline.exports.format import Format
from pipeline.exports.wire import write_json
from schemas.record import JsonObject


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as a row."""
    messages: list[JsonObject] = []
    trained: list[int] = []
    instructed = False
    for said in chat.messages:
        if not instructed and said.role != "system":
            messages.append(_developer("", chat))
        made = [_developer(said.text, chat)] if said.role == "system" else [*_messages(said)]
        instructed = True
        trained += range(len(messages), len(messages) + len(made)) if said.train else ()
        messages += made
    yield {"messages": messages, "trained": trained}


def _developer(instructions: str, chat: Chat) -> JsonObject:
    tools = [
        {
            "name": one.wire_name,
            "description": one.description,
            "parameters": one.parameters if one.properties else None,
        }
        for one in chat.tools
    ]
    functions = {"functions": {"name": "functions", "description": None, "tools": tools}}
    told = {"instructions": instructions, "tools": functions if tools else None}
    return {"role": "developer", "content": [{"type": "developer_content", **told}]}


def _messages(said: Said) -> Iterator[JsonObject]:
    if said.role == "tool":
        yield {
            "role": "tool", "name": f"functions.{said.name}", "recipient": "assistant",
            "channel": "commentary", "content": _text(said.text),
        }  # fmt: skip
    elif said.role == "user":
        yield {"role": "user", "content": _text(said.text)}
    else:
        if said.reasoning:
            yield {"role": "assistant", "channel": "analysis", "content": _text(said.reasoning)}
        if said.text:
            channel = "commentary" if said.calls else "final"
            yield {"role": "assistant", "channel": channel, "content": _text(said.text)}
        for call in said.calls:
            yield {
                "role": "assistant", "recipient": f"functions.{call.name}",
                "channel": "commentary", "content_type": "<|constrain|>json",
                "content": _text(write_json(call.arguments)),
            }  # fmt: skip


def _text(text: str) -> list[JsonObject]:
    return [{"type": "text", "text": text}]


FORMAT = Format("harmony", rows, carries=frozenset({"reasoning", "masks"}), one_call=True)
