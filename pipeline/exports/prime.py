"""Prime Intellect's `renderers`: a mask for each message, as ``build_training_sample`` takes it."""

from collections.abc import Iterator

from pipeline.exports.chat import Chat
from pipeline.exports.format import Format
from pipeline.exports.wire import flat_tool, template_message
from schemas.record import JsonObject


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as a row."""
    yield {
        "messages": [*map(template_message, chat.messages)],
        "tools": [*map(flat_tool, chat.tools)],
        "message_loss_mask": [said.train for said in chat.messages],
    }


FORMAT = Format("prime", rows, carries=frozenset({"reasoning", "masks"}))
