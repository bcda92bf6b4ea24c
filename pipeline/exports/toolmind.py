"""ToolMind's published form, split as it is: a row ends with the message that is learned from.

Its calls have no ids, results follow in the order of the calls; reasoning stands inside the text.
"""

from collections.abc import Iterator

from pipeline.exports.chat import Chat, Said
from pipeline.exports.format import Format
from pipeline.exports.trl import tools_of
from pipeline.exports.wire import with_thoughts
from schemas.record import JsonObject


def rows(chat: Chat) -> Iterator[JsonObject]:
    """A row for each message that is learned from."""
    written, tools = [*map(_message, chat.messages)], tools_of(chat)
    for at in chat.decisions:
        if chat.messages[at].train:
            yield {"conversations": written[: at + 1], **tools}


def _message(said: Said) -> JsonObject:
    if not said.calls:
        return {"role": said.role, "content": with_thoughts(said)}
    calls = [{"function": {"name": one.name, "arguments": one.arguments}} for one in said.calls]
    return {"role": said.role, "content": with_thoughts(said), "tool_calls": calls}


FORMAT = Format("toolmind", rows, carries=frozenset({"reasoning", "masks"}))
