"""Tools for an endpoint that takes none: told in words, called in words.

The definitions stand in the system text; calls and results of before stand in the messages as the
model is asked to write them. What it writes, whoever asked reads (`read_written_calls`).
"""

import json
from collections.abc import Iterable, Iterator

from data.prompts import SHIPPED, Prompts
from schemas.record import JsonObject


def tell_tools(payload: JsonObject, prompts: Prompts = SHIPPED) -> JsonObject:
    """The request without the option ``tools``."""
    sent = {name: value for name, value in payload.items() if name != "tools"}
    told = prompts.render("told_tools.j2", tools=payload["tools"])
    first, *rest = payload["messages"]
    if first["role"] == "system":
        told, messages = f"{first['content']}\n\n{told}", rest
    else:
        messages = [first, *rest]
    sent["messages"] = [{"role": "system", "content": told}, *_told(messages)]
    return sent


def _told(messages: Iterable[JsonObject]) -> Iterator[JsonObject]:
    """The messages in words; results on end are one message, since roles must alternate."""
    results: list[str] = []
    for message in messages:
        if message["role"] == "tool":
            results.append(f"<tool_response>{message['content']}</tool_response>")
            continue
        if results:
            yield {"role": "user", "content": "\n".join(results)}
            results = []
        if calls := message.get("tool_calls"):
            words = [message["content"]] if message.get("content") else []
            for function in (call["function"] for call in calls):
                name = json.dumps(function["name"], ensure_ascii=False)
                told = f'{{"name": {name}, "arguments": {function["arguments"]}}}'
                words.append(f"<tool_call>{told}</tool_call>")
            yield {"role": "assistant", "content": "\n".join(words)}
        else:
            yield message
    if results:
        yield {"role": "user", "content": "\n".join(results)}
