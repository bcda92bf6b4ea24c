"""ms-swift's own form for agents: calls and results are messages, their contents JSON text.

``loss`` says of each of the assistant's messages whether it is learned from. Of calls that follow
each other the first one's counts for all: they come of one message, so that theirs are the same.
"""

from collections.abc import Iterable, Iterator

from pipeline.exports.chat import Chat, Said
from pipeline.exports.format import Format
from pipeline.exports.wire import tools_text, with_thoughts, write_json
from schemas.record import JsonObject


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as a row."""
    tools = {"tools": tools_text(chat.tools)} if chat.tools else {}
    yield {**tools, "messages": write_messages(chat.messages)}


def write_messages(messages: Iterable[Said]) -> list[JsonObject]:
    """The messages; one that speaks and calls becomes several."""
    written: list[JsonObject] = []
    for said in messages:
        if said.role == "tool":
            written.append({"role": "tool_response", "content": said.text})
        elif said.role != "assistant":
            written.append({"role": said.role, "content": said.text})
        else:
            words = with_thoughts(said)
            if words or not said.calls:
                written.append({"role": "assistant", "content": words, "loss": said.train})
            for call in said.calls:
                content = write_json({"name": call.name, "arguments": call.arguments})
                written.append({"role": "tool_call", "content": content, "loss": said.train})
    return written


FORMAT = Format("swift", rows, carries=frozenset({"reasoning", "masks"}))
