"""Conversations over HTTP for tests: a model behind the loopback endpoint."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import TypeVar

from generators.dialogue.loop import play
from generators.dialogue.model_roles import ModelAssistant, ModelUser
from pipeline.chat.client import OpenAIChat
from pipeline.chat.loopback import Answer, Loopback
from pipeline.chat.profile import Profile
from schemas.chat import ChatModel
from schemas.message import ToolMessage
from schemas.record import JsonObject
from schemas.trajectory import Roles, Trajectory
from tests.trajectories import Shop

Result = TypeVar("Result")
IMPATIENT = Profile(timeout=10, attempts=1, outage=0)
"""Gives an endpoint up at its first failure, unless it answers others."""


def over_http(answer: Answer, work: Callable[[ChatModel], Awaitable[Result]]) -> Result:
    """Run ``work`` with a model that ``answer`` plays behind a real endpoint."""

    async def run() -> Result:
        async with (
            Loopback(answer) as endpoint,
            OpenAIChat("tiny", endpoint.base_url, IMPATIENT) as chat,
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


async def replay(recorded: Trajectory, model: ChatModel) -> Trajectory:
    """Let models play the task again, in a shop of its own."""
    task, tools = recorded.task, recorded.tools
    played = await play(
        task,
        tools,
        ModelUser(task, model, recorded.seed),
        ModelAssistant(tools, model, recorded.seed),
        Shop(task),
        index=recorded.index,
        seed=recorded.seed,
        roles=Roles(user=model.name, assistant=model.name),
    )
    assert played.failure is None, played.failure.reasons[0].explanation
    return played.trajectory


def shape(trajectory: Trajectory) -> list[object]:
    """What was said and done, without ids and times."""
    return [
        (m.role, m.content, m.is_error)
        if isinstance(m, ToolMessage)
        else (m.role, m.text, [(c.name, c.arguments) for c in getattr(m, "calls", ())])
        for m in trajectory.messages
    ]


def judgement(*findings: tuple[int, str, str]) -> str:
    """A judge's answer with these findings: message, code and label."""
    told = [
        {"message": at, "code": code, "label": label, "explanation": "because"}
        for at, code, label in findings
    ]
    return json.dumps({"findings": told, "suspicions": []})


def user_says(say: str, act: str = "answer", wish: int = 1) -> str:
    """A user's answer."""
    return json.dumps({"wish": wish, "act": act, "say": say})
