"""OpenAI's fine-tuning format for supervised training on chats with tools.

One object a line with ``messages``, ``tools`` and ``parallel_tool_calls``. The arguments of a call
are JSON text; ``weight`` says which assistant messages are trained on. The format has no place for
reasoning, which is left out, and allows no further keys.
"""

import json

from pipeline.exports.chat_rules import problems
from pipeline.exports.write import Format
from schemas.message import AssistantMessage, Message, ToolMessage
from schemas.record import JsonObject
from schemas.tool import ToolSpec
from schemas.trajectory import Trajectory


def row(trajectory: Trajectory) -> JsonObject:
    """Write a trajectory as one line of a training file."""
    trained = {label.message for label in trajectory.labels if label.train}
    messages: list[JsonObject] = []
    for message in trajectory.messages:
        _append(messages, _message(message, message.index in trained))
    if not trajectory.tools:
        return {"messages": messages}
    tools = [_tool(tool) for tool in trajectory.tools]
    return {"messages": messages, "tools": tools, "parallel_tool_calls": True}


def _append(messages: list[JsonObject], message: JsonObject) -> None:
    """Join what the assistant says in two messages running; it is trained on if both are."""
    last = messages[-1] if messages else {}
    if not (last.get("role") == message["role"] == "assistant") or "tool_calls" in last:
        messages.append(message)
        return
    said = [part["content"] for part in (last, message) if part.get("content")]
    joined = {"content": "\n\n".join(said)} if said else {}
    weight = min(last["weight"], message["weight"])
    messages[-1] = {**last, **message, **joined, "weight": weight}


def _message(message: Message, train: bool) -> JsonObject:
    if isinstance(message, ToolMessage):
        return {"role": "tool", "tool_call_id": message.call_id, "content": message.content}
    if not isinstance(message, AssistantMessage):
        return {"role": message.role, "content": message.text}
    said: JsonObject = {"role": "assistant", "weight": int(train)}
    if message.text or not message.calls:
        said["content"] = message.text
    if message.calls:
        said["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {
                    "name": call.name,
                    "arguments": json.dumps(call.arguments, ensure_ascii=False, allow_nan=False),
                },
            }
            for call in message.calls
        ]
    return said


def _tool(tool: ToolSpec) -> JsonObject:
    function: JsonObject = {"name": tool.wire_name}
    if tool.description:
        function["description"] = tool.description
    return {"type": "function", "function": {**function, "parameters": tool.parameters}}


FORMAT = Format("openai", "OpenAI fine-tuning, supervised, with tools", row, problems)
