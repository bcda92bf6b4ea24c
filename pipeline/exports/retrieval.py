"""Requests and the tools that serve them, for whoever trains a retriever of tools.

A row for each request that led to calls: the tools that were called are the positives, the others
on offer the negatives. What a user answers or corrects belongs to the request before it; thanks
and small talk to none.
"""

from collections.abc import Iterator

from pipeline.exports.chat import Chat
from pipeline.exports.format import Format
from pipeline.exports.wire import write_json
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_REQUESTS = ("request", "partial_request", "vague_request", "unsupported_request")
_IDLE = ("chat", "thank", "give_up", "talk")


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The requests."""
    query, called = "", dict[str, None]()
    number = 0
    for said in chat.messages:
        if said.role == "user" and said.act in _REQUESTS:
            if called:
                yield _row(chat, query, called, number)
                number += 1
            query, called = said.text, {}
        elif said.role == "user" and said.act not in _IDLE:
            query = f"{query}\n{said.text}"
        elif said.role == "assistant":
            called |= {one.name: None for one in said.calls}
    if called:
        yield _row(chat, query, called, number)


def _row(chat: Chat, query: str, called: dict[str, None], number: int) -> JsonObject:
    return {
        "id": f"{chat.name}-{number}",
        "query": query,
        "positive": [_document(one) for one in chat.tools if one.wire_name in called],
        "negative": [_document(one) for one in chat.tools if one.wire_name not in called],
        "positive_names": [*called],
        "domain": chat.domain,
    }


def _document(tool: ToolSpec) -> str:
    """A tool as a text that can be embedded: its name, what it does, what it takes."""
    takes = ", ".join(tool.properties)
    return f"{tool.wire_name}: {tool.description}" + (f" ({takes})" if takes else "")


def problems(row: JsonObject) -> list[str]:
    """A row without a positive teaches nothing."""
    missing = len(row["positive"]) != len(row["positive_names"])
    return [
        f"a tool that was called is not on offer: {write_json(row['positive_names'])}"
    ] * missing


FORMAT = Format("retrieval", rows, problems)
