"""Episodes as a server of the Model Context Protocol, for that package's own client."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from http.client import HTTPConnection, HTTPResponse
from typing import Any

import pytest
from mcp.client.client import Client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError

from pipeline.serving.desk import HOST
from pipeline.serving.episode import Episode, list_proven_moves
from pipeline.serving.mcp import SESSION, TALK, TASK
from pipeline.serving.sessions import Sessions
from tests.test_serving import ask, patient, proven, serving
from tests.test_serving_processes import serving_together

PATIENCE = 0.5
"""Seconds after which a session ends whose last stream was closed."""
_JSON = {"content-type": "application/json"}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(Sessions(most=4, idle=600)) as found:
        yield found


@asynccontextmanager
async def agent(port: int, query: str) -> AsyncIterator[Client]:
    transport = streamable_http_client(f"http://{HOST}:{port}/mcp{query}")
    async with Client(transport, cache=None) as client:
        yield client


async def play(port: int, seed: int) -> tuple[list[str], Any]:
    """The texts of all answers, and what the end is told with."""
    heard: list[str] = []
    one = proven()[seed % len(proven())]
    alone = Episode(one)
    async with agent(port, f"?seed={seed}") as client:
        for move in list_proven_moves(one.trajectory):
            for call in move.get("tool_calls") or [{"function": {"name": TALK, "arguments": None}}]:
                name, told = call["function"]["name"], call["function"]["arguments"]
                arguments = json.loads(told) if told else {"message": move["content"]}
                answer = await client.call_tool(name, arguments)
                failed = alone.step({"tool_calls": [call]} if told else move).failed
                assert answer.is_error == failed
                heard += [block.text for block in answer.content]  # type: ignore[union-attr]
        return heard, answer.meta


@pytest.mark.parametrize("seed", [0, 1])
def test_an_agent_plays_a_task_to_its_reward(port: int, seed: int) -> None:
    heard, meta = asyncio.run(play(port, seed))
    one = proven()[seed]
    alone, expected = Episode(one), []
    for move in list_proven_moves(one.trajectory):
        single = [{"tool_calls": [call]} for call in move.get("tool_calls") or []] or [move]
        for part in single:
            seen = alone.step(part)
            expected += [str(message["content"]) for message in seen.messages]
    assert heard[:-1] == expected
    assert heard[-1].startswith("The conversation is over.\n")
    assert meta is not None
    assert meta["toolweave/end"]["reward"]["binary"] == 1
    assert json.loads(heard[-1].partition("\n")[2]) == meta["toolweave/end"]


def test_an_agent_sees_the_tools_the_policy_and_the_first_words(port: int) -> None:
    async def look() -> tuple[Any, Any, Any]:
        async with agent(port, "?seed=1") as client:
            tools = (await client.list_tools()).tools
            text = (await client.read_resource(TASK)).contents[0]
            return tools, client.instructions, text.text  # type: ignore[union-attr]

    tools, instructions, text = asyncio.run(look())
    one = proven()[1]
    system, user = (str(message["content"]) for message in Episode(one).beginning)
    assert instructions == text
    assert system in text
    assert user in text
    assert [tool.name for tool in tools] == [
        *(tool.wire_name for tool in one.trajectory.tools), TALK
    ]  # fmt: skip
    assert user in tools[-1].description


def test_a_session_ends_with_its_client(port: int) -> None:
    before = ask(port, "GET", "/health")[1]["sessions"]

    async def begin() -> int:
        async with agent(port, "?seed=1"):
            return int(ask(port, "GET", "/health")[1]["sessions"])

    assert asyncio.run(begin()) == before + 1
    assert ask(port, "GET", "/health")[1]["sessions"] == before


def test_arguments_that_a_tool_cannot_take_are_a_result_that_says_so(port: int) -> None:
    async def ask_wrongly() -> list[str]:
        told = []
        async with agent(port, "?seed=1") as client:
            wrong: tuple[Any, ...] = ({}, {"message": 7}, {"message": "x" * 20_001})
            for arguments in wrong:
                answer = await client.call_tool(TALK, arguments)
                assert answer.is_error
                told.append(answer.content[0].text)  # type: ignore[union-attr]
            assert not (await client.call_tool(TALK, {"message": "Hello."})).is_error
        return told

    told = asyncio.run(ask_wrongly())
    assert told[0] == told[1] == "talk_to_user takes a message, a text"
    assert "longer than" in told[2]


def test_a_call_that_fails_is_a_result_that_says_so(port: int) -> None:
    one = proven()[1]
    reads = [tool for tool in one.trajectory.tools if tool.effect == "read"]
    wrong = next(tool.wire_name for tool in reads if tool.parameters.get("required"))

    async def call() -> tuple[Any, Any]:
        async with agent(port, "?seed=1") as client:
            return await client.call_tool(wrong, {}), await client.call_tool("no_such_tool", {})

    failed, unknown = asyncio.run(call())
    seen = Episode(one).step({"tool_calls": [{"name": wrong, "arguments": {}}]})
    assert failed.is_error
    assert [block.text for block in failed.content] == [m["content"] for m in seen.messages]
    assert unknown.is_error
    assert unknown.meta["toolweave/end"]["ended"] == "unknown_tool"


def test_what_cannot_be_done_is_an_error_of_the_protocol(port: int) -> None:
    async def ask_wrongly() -> str:
        async with agent(port, "?seed=1") as client:
            with pytest.raises(MCPError) as error:
                await client.read_resource("file:///etc/passwd")
        return error.value.message

    assert "takes the name of one that is there" in asyncio.run(ask_wrongly())


@pytest.mark.parametrize(
    "query",
    ["?seed=-1", "?seed=x", "?task=nobody", "?path=/etc", "?seed=1&a=b", f"?seed={'9' * 5000}"],
)
def test_an_address_that_names_no_task_begins_nothing(port: int, query: str) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
    status, told = ask(port, "POST", f"/mcp{query}", body)
    assert (status, told["error"]["code"]) == (200, -32602)


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({"id": 1, "method": "tools/list"}, 200, "no session has begun"),
        ({"id": 1, "method": "server/discover"}, 200, "no session has begun"),
        ({"method": "notifications/initialized"}, 202, ""),
        ({"id": 1, "method": "initialize", "params": [1]}, 400, "params are no object"),
        ({"id": 1}, 400, "no request of the Model Context Protocol"),
        ([], 400, "no object"),
    ],
)
def test_messages_without_a_session(port: int, body: Any, status: int, told: str) -> None:
    found, answer = ask(port, "POST", "/mcp", body)
    assert found == status
    assert told in json.dumps(answer)


def test_there_is_no_stream_without_a_session(port: int) -> None:
    assert ask(port, "GET", "/mcp")[0] == 404
    gone = {SESSION: "0.0-" + 24 * "a"}
    assert ask(port, "POST", "/mcp", {"id": 1, "method": "ping"}, **gone)[0] == 404
    assert ask(port, "GET", "/mcp", **gone)[0] == 404


def count(port: int) -> int:
    return int(ask(port, "GET", "/health")[1]["sessions"])


def begin_mcp(port: int) -> str:
    with closing(HTTPConnection(HOST, port, timeout=60)) as connection:
        body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {}}
        connection.request("POST", "/mcp?seed=1", json.dumps(body), _JSON)
        answer = connection.getresponse()
        assert answer.read()
        return str(answer.headers[SESSION])


@contextmanager
def stream(port: int, session: str) -> Iterator[HTTPResponse]:
    """A stream of a session, once it has begun."""
    with closing(HTTPConnection(HOST, port, timeout=60)) as connection:
        connection.request("GET", "/mcp", headers={SESSION: session})
        answer = connection.getresponse()
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        with closing(answer):
            assert answer.readline() == b": here\n"
            yield answer


def test_a_session_ends_with_the_stream_of_a_client_that_is_gone() -> None:
    sessions = Sessions(most=4, idle=600)
    with serving(sessions, patience=PATIENCE) as port:
        session = begin_mcp(port)
        with stream(port, session):
            with stream(port, session):
                pass
            time.sleep(PATIENCE + 0.5)  # the other one is still there
            assert count(port) == 1
        assert count(port) == 1  # it may come back
        patient(lambda: count(port) == 0 or None)
        assert sessions.tally.get(0, "dropped") == 1


def test_a_stream_ends_with_its_session(port: int) -> None:
    session = begin_mcp(port)
    with stream(port, session) as answer:
        assert ask(port, "DELETE", "/mcp", **{SESSION: session})[0] == 200
        assert answer.read().replace(b": here\n\n", b"").strip() == b""


def test_a_stream_may_be_held_over_any_process() -> None:
    with serving_together(patience=PATIENCE) as (port, tally), ExitStack() as stack:
        begun = [begin_mcp(port) for _ in range(6)]
        for session in begun:
            stack.enter_context(stream(port, session))
        assert count(port) == 6
        stack.close()
        patient(lambda: count(port) == 0 or None)
        assert tally.sum("dropped") == 6
        with stream(port, begin_mcp(port)):
            pass  # and the server ends, though one was held just now


def test_an_agent_is_served_by_several_processes() -> None:
    with serving_together() as (port, tally):
        for seed in range(4):
            _, meta = asyncio.run(play(port, seed))
            assert meta is not None
            assert meta["toolweave/end"]["reward"]["binary"] == 1
        assert tally.sum("done") == 4
