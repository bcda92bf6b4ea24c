"""An endpoint that takes no tools is told of them in words, and asked to call in words."""

import asyncio
import json

import pytest

from generators.dialogue.loop import play
from generators.dialogue.model_roles import ModelAssistant, ModelUser
from pipeline.chat.client import OpenAIChat, tell_tools
from pipeline.chat.loopback import Loopback, Recorded, Response, completion, failure
from schemas.chat import ChatRequest
from schemas.errors import RefusedRequestError
from schemas.message import AssistantMessage
from schemas.record import JsonObject
from schemas.trajectory import Roles, Trajectory
from tests.dialogues import IMPATIENT
from tests.trajectories import GOOD, Shop
from validators.checks import examine

TOOL: JsonObject = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
REFUSALS = {
    "vLLM": failure(
        400,
        '"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set',
    ),
    "Ollama": failure(400, "registry.ollama.ai/library/tiny:latest does not support tools"),
    "llama.cpp": failure(500, "tools param requires --jinja flag"),
    "OpenAI": failure(400, "'tools' is not supported with this model.", param="tools"),
    "OpenRouter": failure(404, "No endpoints found that support tool use."),
}


def moves() -> list[str]:
    """What the assistant says and calls in the good conversation, all in words."""
    told = []
    for message in GOOD.messages:
        if isinstance(message, AssistantMessage):
            calls = [json.dumps({"name": c.name, "arguments": c.arguments}) for c in message.calls]
            written = [f"<tool_call>{call}</tool_call>" for call in calls]
            told.append("\n".join(filter(None, [message.text, *written])))
    return told


class Wordy:
    """Plays the good conversation, and refuses tools."""

    def __init__(self, refusal: Response) -> None:
        self.refusal, self.refused, self.brain = refusal, 0, Recorded([GOOD])
        self.asked: list[JsonObject] = []

    def __call__(self, request: JsonObject) -> JsonObject | Response:
        if "tools" in request:
            self.refused += 1
            return self.refusal
        if "# Tools" not in request["messages"][0]["content"]:
            return self.brain(request)
        self.asked.append(request)
        said = sum(one["role"] == "assistant" for one in request["messages"])
        return completion({"content": moves()[said]}, request)


async def made(url: str) -> tuple[Trajectory, OpenAIChat]:
    async with OpenAIChat("tiny", url, IMPATIENT) as chat:
        played = await play(
            GOOD.task, GOOD.tools, ModelUser(GOOD.task, chat, 1),
            ModelAssistant(GOOD.tools, chat, 1), Shop(GOOD.task), index=0, seed=1,
            roles=Roles(user="tiny", assistant="tiny"),
        )  # fmt: skip
        return examine(played.trajectory, Shop, ()), chat


@pytest.mark.parametrize("server", REFUSALS)
def test_a_server_that_refuses_tools_plays_the_whole_conversation_in_words(server: str) -> None:
    brain = Wordy(REFUSALS[server])
    with Loopback(brain) as endpoint:
        one, chat = asyncio.run(made(endpoint.base_url))
    assert brain.refused == 1
    # Whether the refusal was said is a judge's to tell, and nobody judges here.
    assert {verdict.label for verdict in one.verdicts} <= {"good", "unknown"}, one.reasons
    assert [m.calls for m in one.messages if isinstance(m, AssistantMessage) and m.calls]
    assert chat.left_out == {"tools"}
    assert "tools" not in chat.shown
    last = brain.asked[-1]["messages"]
    roles = [message["role"] for message in last]
    assert roles[0] == "system"
    assert set(roles[1:]) == {"user", "assistant"}
    assert all(tool.description in last[0]["content"] for tool in GOOD.tools)
    assert any("<tool_response>" in message["content"] for message in last)


@pytest.mark.parametrize(
    "refusal",
    [
        failure(400, "the tool f needs an object", param="tools[0].function.parameters"),
        failure(400, "no such role"),
    ],
)
def test_what_is_wrong_with_one_request_is_not_blamed_on_tools(refusal: Response) -> None:
    async def ask(url: str) -> frozenset[str]:
        async with OpenAIChat("tiny", url, IMPATIENT) as chat:
            messages = ({"role": "user", "content": "hi"},)
            request = ChatRequest(role="assistant", messages=messages, tools=(TOOL,), seed=1)
            with pytest.raises(RefusedRequestError, match="HTTP 400"):
                await chat.complete(request)
            return chat.left_out

    with Loopback(lambda _: refusal) as endpoint:
        assert asyncio.run(ask(endpoint.base_url)) == set()


def test_a_server_that_has_taken_tools_goes_on_being_given_them() -> None:
    sent: list[bool] = []

    def moody(request: JsonObject) -> JsonObject | Response:
        sent.append("tools" in request)
        if len(sent) == 2:
            return failure(400, "this model does not support tools")
        return completion({"content": "hello"}, request)

    async def ask(url: str) -> None:
        async with OpenAIChat("tiny", url, IMPATIENT) as chat:
            for seed in range(3):
                messages = ({"role": "user", "content": "hi"},)
                request = ChatRequest(role="assistant", messages=messages, tools=(TOOL,), seed=seed)
                if seed == 1:
                    with pytest.raises(RefusedRequestError, match="does not support tools"):
                        await chat.complete(request)
                else:
                    await chat.complete(request)
            assert {"tools", "seed"} <= chat.shown

    with Loopback(moody) as endpoint:
        asyncio.run(ask(endpoint.base_url))
    assert sent == [True] * 3


def test_calls_and_results_of_before_are_written_as_they_are_to_be_written() -> None:
    call = {"id": "a", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}
    told = tell_tools({
        "model": "tiny", "tools": [TOOL],
        "messages": [
            {"role": "user", "content": "hi"},
            {"role": "assistant", "content": "Let me see.", "tool_calls": [call, call]},
            {"role": "tool", "tool_call_id": "a", "content": "1"},
            {"role": "tool", "tool_call_id": "a", "content": "2"},
        ],
    })  # fmt: skip
    assert told.keys() == {"model", "messages"}
    assert [one["role"] for one in told["messages"]] == ["system", "user", "assistant", "user"]
    written = '<tool_call>{"name": "f", "arguments": {"x": 1}}</tool_call>'
    assert told["messages"][2]["content"] == f"Let me see.\n{written}\n{written}"
    results = "<tool_response>1</tool_response>\n<tool_response>2</tool_response>"
    assert told["messages"][3]["content"] == results
