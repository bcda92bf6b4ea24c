"""Episodes over a WebSocket, in the messages of OpenEnv's client (which `consumers` tries)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from pipeline.serving.desk import HOST
from pipeline.serving.episode import Episode, list_proven_moves
from pipeline.serving.play import tell
from pipeline.serving.sessions import Sessions
from tests.test_serving import Broken, ask, patient, proven, serving


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(Sessions(most=3, idle=600)) as found:
        yield found


@contextmanager
def line(port: int, origin: str | None = None) -> Iterator[ClientConnection]:
    address = f"ws://{HOST}:{port}/ws"
    with connect(address, origin=origin, proxy=None) as socket:  # type: ignore[arg-type]
        yield socket


def say(socket: ClientConnection, kind: str, data: Any = None) -> Any:
    socket.send(json.dumps({"type": kind, "data": data}))
    return json.loads(socket.recv(timeout=240))


def test_an_episode_is_played_to_its_reward(port: int) -> None:
    one = proven()[1]
    alone = Episode(one)
    with line(port) as socket:
        seen = say(socket, "reset", {"seed": 1, "episode_id": None})["data"]
        assert (seen["reward"], seen["done"]) == (None, False)
        assert seen["observation"] == {
            "messages": tell(alone.look())["messages"], "task": one.trajectory.id,
            "tools": list(alone.tools),
        }  # fmt: skip
        for number, move in enumerate(list_proven_moves(one.trajectory), 1):
            seen = say(socket, "step", {**move, "metadata": {}})["data"]
            told = tell(alone.step(move))
            assert seen["observation"]["messages"] == told["messages"]
            state = say(socket, "state")["data"]
            assert (state["step_count"], state["task"]) == (number, one.trajectory.id)
        assert (seen["reward"], seen["done"]) == (1, True)
        assert seen["observation"]["earned"] == told["reward"]


def test_each_reset_begins_the_next_and_closes_the_last(port: int) -> None:
    with line(port) as socket:
        tasks = [say(socket, "reset", {})["data"]["observation"]["task"] for _ in range(3)]
        assert tasks == [one.trajectory.id for one in proven()[:3]]
        assert ask(port, "GET", "/health")[1]["sessions"] == 1
    patient(lambda: ask(port, "GET", "/health")[1]["sessions"] == 0 or None)


@pytest.mark.parametrize(
    ("message", "code", "told"),
    [
        ("{", "VALIDATION_ERROR", "no JSON"),
        ('{"type": "step", "data": {"content": "Hi"}}', "VALIDATION_ERROR", "no episode has begun"),
        ('{"type": "reset", "data": {"path": "/etc"}}', "VALIDATION_ERROR", "takes a seed"),
        ('{"type": "reset", "data": [1]}', "VALIDATION_ERROR", "a message has a type"),
        ('{"type": "dance"}', "VALIDATION_ERROR", "a message has a type"),
    ],
)
def test_what_cannot_be_done_is_told_and_the_line_stays(
    port: int, message: str, code: str, told: str
) -> None:
    with line(port) as socket:
        socket.send(message)
        answer = json.loads(socket.recv(timeout=240))
        assert (answer["type"], answer["data"]["code"]) == ("error", code)
        assert told in answer["data"]["message"]
        assert say(socket, "reset", {"seed": 0})["type"] == "observation"


def test_a_message_in_bytes_is_a_message(port: int) -> None:
    with line(port) as socket:
        for sent in (b'{"type": "reset"}', b"\xff"):
            socket.send(sent)
            told = json.loads(socket.recv(timeout=60))
            assert told["type"] == ("observation" if sent.startswith(b"{") else "error")


def test_what_breaks_in_an_environment_is_told_to_whoever_serves(
    caplog: pytest.LogCaptureFixture,
) -> None:
    moves = list_proven_moves(proven()[0].trajectory)
    with serving(Sessions(most=3, idle=600), Broken()) as port, line(port) as socket:
        assert say(socket, "reset", {"seed": 1})["type"] == "observation"
        told = [say(socket, "step", move) for move in moves][-1]
        assert "error" in told["type"]
        assert "secret/path" not in str(told)
        assert say(socket, "reset", {"seed": 0})["type"] == "observation"
    assert "secret/path" in caplog.text


def test_a_full_server_says_so(port: int) -> None:
    with line(port) as first, line(port) as second, line(port) as third, line(port) as fourth:
        for one in (first, second, third):
            assert say(one, "reset", {"seed": 0})["type"] == "observation"
        assert say(fourth, "reset", {"seed": 0})["data"]["code"] == "CAPACITY_REACHED"
    patient(lambda: ask(port, "GET", "/health")[1]["sessions"] == 0 or None)


def test_pages_of_other_places_get_no_line(port: int) -> None:
    with pytest.raises(InvalidStatus), line(port, "http://evil.example"):
        pass
    with line(port, f"http://{HOST}:9") as socket:
        assert say(socket, "state")["data"]["episode_id"] is None
