"""NeMo-Gym: one decision a row, its history as items of OpenAI's Responses, the call as the truth.

A row for each message with calls that is learned from: what to do next, given all before it. Which
server verifies it is the user's to name (``agent_ref`` is added by ``gym dataset collate``).
"""

from collections.abc import Iterator

from generators.identity_cache import remembered
from pipeline.exports.chat import Chat, Said
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
        items += _items(said)


@remembered
def _tool(tool: ToolSpec) -> JsonObject:
    return Shared({"type": "function", **flat_tool(tool), "strict": False})


def _items(said: Said) -> Iterator[JsonObject]:
    if said.role == "tool":
        yield {"type": "function_call_output", "call_id": said.call_id, "output": said.text}
    elif said.text:
        yield {"role": said.role, "content": said.text}
    for call in said.calls:
        told = {"call_id": call.id, "name": call.name, "arguments": write_json(call.arguments)}
        yield {"type": "function_call", **told}


FORMAT = Format("nemo-gym", rows, carries=frozenset({"masks"}))
