"""Conversations over HTTP for tests: a model behind the loopback endpoint, and a small loop."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

from generators.roles.model_assistant import ModelAssistant
from generators.roles.model_user import ModelUser
from generators.roles.role import Move
from pipeline.chat import OpenAIChat
from pipeline.loopback import Answer, Loopback
from schemas.chat import ChatModel
from schemas.message import (
    AssistantMessage,
    Call,
    Message,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from schemas.record import JsonObject
from schemas.trajectory import Trajectory

Result = TypeVar("Result")
WHEN = "2026-03-02T09:00:00+01:00"


def over_http(answer: Answer, work: Callable[[ChatModel], Awaitable[Result]]) -> Result:
    """Run ``work`` with a model that ``answer`` plays behind a real endpoint."""

    async def run() -> Result:
        async with (
            Loopback(answer) as endpoint,
            OpenAIChat("tiny", endpoint.base_url, retries=0, timeout=10) as chat,
        ):
            return await work(chat)

    return asyncio.run(run())


class Scripted:
    """Answers each request with the next of some messages, and keeps the requests."""

    def __init__(self, *messages: str | JsonObject) -> None:
        self.messages = list(messages)
        self.asked: list[JsonObject] = []

    def __call__(self, request: JsonObject) -> JsonObject:
        self.asked.append(request)
        if not self.messages:
            raise LookupError("nothing more to say")
        message = self.messages.pop(0)
        said = {"content": message} if isinstance(message, str) else message
        return {"choices": [{"message": said}]}


def tool_calls(*calls: tuple[str, str], text: str | None = None) -> JsonObject:
    """A message with calls, arguments as the model wrote them."""
    return {
        "content": text,
        "tool_calls": [
            {
                "id": f"m{n}",
                "type": "function",
                "function": {"name": name, "arguments": arguments},
            }
            for n, (name, arguments) in enumerate(calls)
        ],
    }


async def replay(recorded: Trajectory, model: ChatModel, steps: int = 60) -> tuple[Message, ...]:
    """Let models play the task again; tools answer as they did, call after call."""
    user = ModelUser(recorded.task, model, recorded.seed)
    assistant = ModelAssistant(recorded.tools, model, recorded.seed)
    results = [message for message in recorded.messages if isinstance(message, ToolMessage)]
    messages: list[Message] = [
        SystemMessage(index=0, turn=0, timestamp=WHEN, text=recorded.task.policy)
    ]
    for _ in range(steps):
        said = await user.speak(tuple(messages))
        if said is None:
            return tuple(messages)
        here = {"turn": said.turn, "timestamp": WHEN}
        messages.append(UserMessage(index=len(messages), text=said.text, act=said.act, **here))
        while True:
            move = await assistant.move(tuple(messages))
            calls = _calls(move, len(messages))
            messages.append(
                AssistantMessage(
                    index=len(messages), text=move.text, act=move.act, calls=calls, **here
                )
            )
            for call in calls:
                result = results.pop(0)
                change = {"index": len(messages), "call_id": call.id, **here}
                messages.append(result.model_copy(update=change))
            if not calls:
                break
    raise AssertionError("the conversation does not end")


def _calls(move: Move, index: int) -> tuple[Call, ...]:
    return tuple(
        Call(id=f"here-{index}-{number}", name=call.name, arguments=call.arguments, raw=call.raw)
        for number, call in enumerate(move.calls)
    )


def shape(messages: tuple[Message, ...]) -> list[object]:
    """What was said and done, without ids and times."""
    return [
        (m.role, m.content, m.is_error)
        if isinstance(m, ToolMessage)
        else (m.role, m.text, [(c.name, c.arguments) for c in getattr(m, "calls", ())])
        for m in messages
    ]


def judgement(label: str, *codes: str, confidence: object = 0.8) -> str:
    reasons = [{"code": code, "explanation": "because"} for code in codes]
    return json.dumps({"reasons": reasons, "label": label, "confidence": confidence})
