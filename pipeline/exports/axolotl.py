"""Axolotl's ``type: chat_template`` with ``message_field_training: weight``.

OpenAI's rows with reasoning: ``weight`` is 1 on what is learned from. The column of the tools
has to be called ``tools``; arguments are JSON text, which Axolotl reads.
"""

from collections.abc import Iterator

from pipeline.exports.chat import Chat
from pipeline.exports.format import Format
from pipeline.exports.trl import tools_of
from pipeline.exports.wire import as_text, template_message
from schemas.record import JsonObject


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as a row."""
    messages = [template_message(said, as_text) for said in chat.messages]
    for said, message in zip(chat.messages, messages, strict=True):
        if said.role == "assistant":
            message["weight"] = int(said.train)
    yield {"messages": messages, **tools_of(chat)}


FORMAT = Format("axolotl", rows, carries=frozenset({"reasoning", "masks"}))
