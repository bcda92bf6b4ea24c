"""ATIF, the trajectories of Harbor and of the Agent Data Protocol since its third generation.

What a call returned is an observation of the step that made it. Whether a step is learned from, and
whether a call failed, stands under ``extra``.
"""

from collections.abc import Iterator
from typing import Literal

from pipeline.exports.chat import Chat
from pipeline.exports.format import Format
from pipeline.exports.wire import nested_tool
from schemas.record import JsonObject

VERSION: Literal["ATIF-v1.7"] = "ATIF-v1.7"
"""The one that both of its readers take."""
_SOURCES = {"system": "system", "user": "user", "assistant": "agent"}


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The whole chat as a row."""
    steps: list[JsonObject] = []
    for said in chat.messages:
        if said.role == "tool":
            told = {"source_call_id": said.call_id, "content": said.text}
            extra = {"extra": {"is_error": True}} if said.is_error else {}
            observed = steps[-1].setdefault("observation", {"results": []})
            observed["results"].append({**told, **extra})
            continue
        step: JsonObject = {
            "step_id": len(steps) + 1, "timestamp": said.at, "source": _SOURCES[said.role],
            "message": said.text,
        }  # fmt: skip
        if said.role == "assistant":
            step["extra"] = {"train": said.train, "label": said.label}
        if said.reasoning:
            step["reasoning_content"] = said.reasoning
        if said.calls:
            step["tool_calls"] = [
                {"tool_call_id": one.id, "function_name": one.name, "arguments": one.arguments}
                for one in said.calls
            ]
        steps.append(step)
    agent = {"name": "toolweave", "version": "1", "model_name": chat.assistant}
    tools = {"tool_definitions": [*map(nested_tool, chat.tools)]} if chat.tools else {}
    yield {
        "schema_version": VERSION, "session_id": chat.name, "trajectory_id": chat.name,
        "agent": {**agent, **tools}, "steps": steps,
    }  # fmt: skip


FORMAT = Format("atif", rows, carries=frozenset({"reasoning", "masks"}))
