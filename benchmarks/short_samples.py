"""Short samples of single decisions, for training on a processor: what is called next.

A sample is what a small model can read: the tools on offer, a line each, and the conversation so
far without the system message. What it learns is the one call that the proven conversation makes.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from random import Random
from typing import Any

from schemas.canonical import canonical_json
from schemas.message import AssistantMessage, Call, SystemMessage, ToolMessage
from schemas.record import JsonObject
from schemas.tool import ToolSpec
from schemas.trajectory import Trajectory

LONGEST = 3_600
"""Characters of a sample: about 1,000 tokens."""
_DESCRIPTION = 80
_ASKED = (
    'Call one tool. Answer with <tool_call>{"name": "…", "arguments": {"parameter": "value"}}'
    "</tool_call>"
)
"""So that a model that was not trained knows the form, too."""


def list_samples(played: Trajectory) -> Iterator[JsonObject]:
    """A sample for each move with one call, where it is short enough."""
    tools = "\n".join(map(tell_tool, played.tools))
    system = f"Now: {played.task.clock}\nTools:\n{tools}\n{_ASKED}"
    told: list[JsonObject] = [{"role": "system", "content": system}]
    for place, message in enumerate(played.messages):
        if isinstance(message, AssistantMessage) and len(message.calls) == 1:
            target = write_call(message.calls[0])
            if sum(len(one["content"]) for one in told) + len(target) <= LONGEST:
                yield {
                    "id": f"{played.id}-{place}", "messages": [*told], "target": target,
                    "tool": message.calls[0].name, "arguments": message.calls[0].arguments,
                    "defaults": find_defaults(played.tools, message.calls[0].name),
                }  # fmt: skip
        if isinstance(message, SystemMessage):
            continue
        if isinstance(message, ToolMessage):
            _add(told, "user", f"<tool_response>{message.content}</tool_response>")
        elif isinstance(message, AssistantMessage):
            written = [*([message.text] if message.text else []), *map(write_call, message.calls)]
            _add(told, "assistant", "\n".join(written))
        else:
            _add(told, "user", message.text)


def _add(told: list[JsonObject], role: str, words: str) -> None:
    """Roles take turns: what one says on end is one message."""
    if told[-1]["role"] == role:
        words = f"{told.pop()['content']}\n{words}"
    told.append({"role": role, "content": words})


def write_call(call: Call) -> str:
    """As the model is to write it."""
    arguments = json.dumps(call.arguments, ensure_ascii=False)
    return f'<tool_call>{{"name": "{call.name}", "arguments": {arguments}}}</tool_call>'


def tell_tool(tool: ToolSpec) -> str:
    """A tool in a line: ``lend_book(member_id: string, days?: integer) Lends a book.``."""
    needed = {*tool.parameters.get("required", ())}
    named = [
        f"{name}{'' if name in needed else '?'}: {tell_kind(told)}"
        for name, told in tool.parameters.get("properties", {}).items()
    ]
    first = tool.description.partition(". ")[0].rstrip(".")[:_DESCRIPTION]
    return f"{tool.wire_name}({', '.join(named)}) {first}"


def tell_kind(told: Any) -> str:
    """The type of a parameter, or its few choices."""
    if not isinstance(told, dict):
        return "any"
    if choices := told.get("enum"):
        return "|".join(map(str, choices))
    kind = told.get("type", "any")
    return str(told.get("format") or kind) if kind == "string" else str(kind)


def find_defaults(tools: Iterable[ToolSpec], name: str) -> JsonObject:
    """Parameter → its default, of a tool: told or left out, it is the same call."""
    tool = next(one for one in tools if one.wire_name == name)
    known = tool.parameters.get("properties", {})
    return {key: told["default"] for key, told in known.items()
            if isinstance(told, dict) and "default" in told}  # fmt: skip


def shuffle_arguments(samples: list[JsonObject], seed: int) -> list[JsonObject]:
    """The same samples, each with the arguments that another call of its tool has.

    Where all calls of a tool have the same ones, those of a call of another tool.
    """
    rng, groups = Random(seed), defaultdict[str, list[JsonObject]](list)
    for one in samples:
        groups[one["tool"]].append(one)
    shuffled = []
    for one in samples:
        own = canonical_json(one["arguments"])
        others = [other for other in groups[one["tool"]]
                  if canonical_json(other["arguments"]) != own]  # fmt: skip
        others = others or [other for other in samples if canonical_json(other["arguments"]) != own]
        taken = rng.choice(others)["arguments"]
        target = write_call(Call(id="", name=one["tool"], arguments=taken))
        shuffled.append({**one, "arguments": taken, "target": target})
    return shuffled
