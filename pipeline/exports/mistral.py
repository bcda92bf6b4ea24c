"""What mistral-common takes for fine-tuning: ids of nine letters and digits, results in order.

``weight`` says what is learned from. Its older tokenizers (v3, tekken of September 2024) refuse
text beside calls: ``--text-beside-calls drop`` or ``refuse``.
"""

from collections.abc import Iterator
from hashlib import sha256

from pipeline.exports.chat import Chat
from pipeline.exports.format import Format
from pipeline.exports.trl import tools_of
from pipeline.exports.wire import as_text
from schemas.record import JsonObject

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as a row."""
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


def problems(row: JsonObject) -> list[str]:
    """Two ids of a row may have become one."""
    ids = [call["id"] for said in row["messages"] for call in said.get("tool_calls", ())]
    return [] if len({*ids}) == len(ids) else ["two call ids have the same short form"]


FORMAT = Format("mistral", rows, problems, frozenset({"masks"}))
