"""Hugging Face TRL: whole chats, and a prompt with a completion for each message that is learned.

Arguments are objects, as chat templates take them; a text always stands there, since some
templates stumble over null. TRL knows no masks by message: whole chats train on each message of the
assistant's (``assistant_only_loss``), prompt and completion on just the one.
"""

from collections.abc import Iterator

from pipeline.exports.chat import Chat
from pipeline.exports.format import Format
from pipeline.exports.wire import nested_tool, template_message
from schemas.record import JsonObject


def tools_of(chat: Chat) -> JsonObject:
    """The key ``tools``, where there are any."""
    return {"tools": [*map(nested_tool, chat.tools)]} if chat.tools else {}


def messages(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as a row."""
    yield {"messages": [*map(template_message, chat.messages)], **tools_of(chat)}


def completions(chat: Chat) -> Iterator[JsonObject]:
    """A row for each message that is learned, after all that was said before it."""
    written, tools = [*map(template_message, chat.messages)], tools_of(chat)
    for at in chat.decisions:
        if chat.messages[at].train:
            yield {"prompt": written[:at], "completion": written[at : at + 1], **tools}


MESSAGES = Format("trl", messages, carries=frozenset({"reasoning"}), trains_on_all=True)
COMPLETIONS = Format("trl-completion", completions, carries=frozenset({"reasoning", "masks"}))
