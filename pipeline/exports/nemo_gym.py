"""NeMo-Gym: one decision a row, its history as items of OpenAI's Responses, the call as the truth.

A row for each message with calls that is learned from: what to do next, given all before it. Which
server verifies it is the user's to name (``agent_ref`` is added by ``gym dataset collate``).
"""

from collections.abc import Iterator

from generators.identity_cache import remembered
from pipeline.exports.chat import Chat
from pipeline.exports.format import Format
from pipeline.exports.wire import Shared, flat_tool, write_json
from schemas.record import JsonObject
from schemas.tool import ToolSpec


def rows(chat: Chat) -> Iterator[JsonObject]:
    """The decisions to call."""
    tools = [*map(_tool, chat.tools)]
    items: list[JsonObject] = []
    for number, said in enumerate(chat.messages):
        if said.train and said.calls:
            truth = [
                {"name": one.name, "arguments": write_json(one.arguments)} for one in said.calls
            ]
            yield {
                "responses_create_params": {
                    "input": [*items],
                    "tools": tools,
                    "parallel_tool_calls": True,
                },
                "ground_truth": truth,
                "id": f"{chat.name}-{number}",
                "category": chat.domain,
            }
        if said.role == "tool":
            output = {"call_id": said.call_id, "output": said.text}
            items.append({"type": "function_call_output", **output})
        elif said.text:
            items.append({"role": said.role, "content": said.text})
        for call in said.calls:
            told = {"call_id": call.id, "name": call.name, "arguments": write_json(call.arguments)}
            items.append({"type": "function_call", **told})


@remembered
def _tool(tool: ToolSpec) -> JsonObject:
    return Shared({"type": "function", **flat_tool(tool), "strict": False})


FORMAT = Format("nemo-gym", rows, carries=frozenset({"masks"}))
