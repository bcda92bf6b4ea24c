"""Chats as the templates of models take them: TRL, Axolotl, Prime's renderers, ToolMind, Mistral.

Arguments are objects where nothing else is said; a text always stands there, since some templates
stumble over null.
"""

from collections.abc import Iterator
from hashlib import sha256

from pipeline.exports.chat import Chat, Said
from pipeline.exports.format import Format
from pipeline.exports.wire import as_text, flat_tool, nested_tool, template_message, with_thoughts
from schemas.record import JsonObject


def tools_of(chat: Chat) -> JsonObject:
    """The key ``tools``, where there are any."""
    return {"tools": [*map(nested_tool, chat.tools)]} if chat.tools else {}


def trl_messages(chat: Chat) -> Iterator[JsonObject]:
    """TRL's whole chat as a row: it knows no masks by message (``assistant_only_loss``)."""
    yield {"messages": [*map(template_message, chat.messages)], **tools_of(chat)}


def trl_completions(chat: Chat) -> Iterator[JsonObject]:
    """A row of TRL's for each message that is learned, after all that was said before it."""
    written, tools = [*map(template_message, chat.messages)], tools_of(chat)
    for at in chat.decisions:
        if chat.messages[at].train:
            yield {"prompt": written[:at], "completion": written[at : at + 1], **tools}


def axolotl_rows(chat: Chat) -> Iterator[JsonObject]:
    """Axolotl's ``type: chat_template`` with ``message_field_training: weight``, a row a chat.

    ``weight`` is 1 on what is learned from; arguments are JSON text, which Axolotl reads.
    """
    messages = [template_message(said, as_text) for said in chat.messages]
    for said, message in zip(chat.messages, messages, strict=True):
        if said.role == "assistant":
            message["weight"] = int(said.train)
    yield {"messages": messages, **tools_of(chat)}


def prime_rows(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat with a mask for each message, as ``build_training_sample`` takes it."""
    yield {
        "messages": [*map(template_message, chat.messages)],
        "tools": [*map(flat_tool, chat.tools)],
        "message_loss_mask": [said.train for said in chat.messages],
    }


def toolmind_rows(chat: Chat) -> Iterator[JsonObject]:
    """ToolMind's published form, split as it is: a row ends with a message that is learned from.

    Its calls have no ids, results follow in the order of the calls; reasoning stands inside the
    text.
    """

    def write(said: Said) -> JsonObject:
        calls = [{"function": {"name": one.name, "arguments": one.arguments}} for one in said.calls]
        told = {"role": said.role, "content": with_thoughts(said)}
        return {**told, "tool_calls": calls} if calls else told

    written, tools = [*map(write, chat.messages)], tools_of(chat)
    for at in chat.decisions:
        if chat.messages[at].train:
            yield {"conversations": written[: at + 1], **tools}


_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def mistral_rows(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as mistral-common takes it: ids of nine letters and digits, results in order.

    ``weight`` says what is learned from. Its older tokenizers (v3, tekken of September 2024) refuse
    text beside calls: ``--text-beside-calls drop`` or ``refuse``.
    """
    messages: list[JsonObject] = []
    for said in chat.messages:
        message: JsonObject = {"role": said.role, "content": said.text}
        if said.role == "tool":
            message |= {"name": said.name, "tool_call_id": short_id(said.call_id)}
        if said.role == "assistant":
            message["weight"] = float(said.train)
        if said.calls:
            message["tool_calls"] = [
                as_text(one._replace(id=short_id(one.id))) for one in said.calls
            ]
        messages.append(message)
    yield {"messages": messages, **tools_of(chat)}


def short_id(known: str) -> str:
    """Nine letters and digits that stand for an id: always the same ones."""
    number = int.from_bytes(sha256(known.encode()).digest()[:8], "big")
    letters = []
    for _ in range(9):
        number, rest = divmod(number, len(_LETTERS))
        letters.append(_LETTERS[rest])
    return "".join(letters)


def _find_same_ids(row: JsonObject) -> list[str]:
    """Two ids of a row of Mistral's may have become one."""
    ids = [call["id"] for said in row["messages"] for call in said.get("tool_calls", ())]
    return [] if len({*ids}) == len(ids) else ["two call ids have the same short form"]


TRL = Format("trl", trl_messages, carries=frozenset({"reasoning"}), trains_on_all=True)
TRL_COMPLETION = Format(
    "trl-completion", trl_completions, carries=frozenset({"reasoning", "masks"})
)
AXOLOTL = Format("axolotl", axolotl_rows, carries=frozenset({"reasoning", "masks"}))
PRIME = Format("prime", prime_rows, carries=frozenset({"reasoning", "masks"}))
TOOLMIND = Format("toolmind", toolmind_rows, carries=frozenset({"reasoning", "masks"}))
MISTRAL = Format("mistral", mistral_rows, _find_same_ids, frozenset({"masks"}))
