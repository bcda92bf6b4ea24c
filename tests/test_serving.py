"""Episodes over HTTP: apart from each other, bounded, ended by themselves."""

import asyncio
import json
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from shutil import copytree
from typing import Any
from zlib import crc32

import pytest
import uvicorn

from data import resource
from pipeline.cli.serve_command import open_tasks
from pipeline.config import Settings
from pipeline.opening import OpenWorkshop
from pipeline.run.data_index import INDEX, read_index
from pipeline.run.manifest import ACCEPTED
from pipeline.serving.desk import HOST, LONGEST, make_app
from pipeline.serving.episode import Proven, list_proven_moves
from pipeline.serving.peers import Peers
from pipeline.serving.server import Protocol, listen
from pipeline.serving.sessions import FullError, NoSessionError, Sessions
from pipeline.serving.stay import PATIENCE
from pipeline.serving.tasks import FolderTasks, Tasks
from schemas.environment import CallOutcome, Environment
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.task import Task
from tests.commands import (
    command,
    environment,
    started,
    toolweave,
)
from tests.studio import own_studio, take
from validators.reward import is_earned


@cache
def proven() -> tuple[Proven, ...]:
    played = [take(index).trajectory for index in range(6)]
    return tuple(Proven(one, own_studio().environment) for one in played if is_earned(one))


class Known:
    """Tasks that are there."""

    async def by_seed(self, seed: int) -> Proven:
        return proven()[seed % len(proven())]

    async def by_name(self, name: str) -> Proven:
        raise InputError(f"no task is called {name!r}")


class Broken:
    """The first task, whose calls fail for every seed but 0."""

    async def by_seed(self, seed: int) -> Proven:
        return replace(proven()[0], environment=open_broken) if seed else proven()[0]

    async def by_name(self, name: str) -> Proven:
        raise InputError(name)


def open_broken(task: Task) -> Environment:
    def fail(*_: object) -> CallOutcome:
        raise ZeroDivisionError("secret/path")

    made = own_studio().environment(task)
    made.call = fail  # type: ignore[method-assign]
    return made


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def nothing() -> None:
    pass


@contextmanager
def serving(
    sessions: Sessions,
    tasks: Tasks | None = None,
    peers: Peers | None = None,
    close: Callable[[], Awaitable[None]] = nothing,
    patience: float = PATIENCE,
) -> Iterator[int]:
    """A server in a thread; its port."""
    proven()  # made once, before a loop runs
    with listen(0)[0] as listening:
        app = make_app(tasks or Known(), sessions, peers, close)
        app.state.stays.patience = patience
        config = uvicorn.Config(app, log_level="critical", http=Protocol, ws="websockets-sansio")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with serving(Sessions(most=40, idle=600)) as found:
        yield found


def ask(
    port: int, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, Any]:  # fmt: skip
    connection = HTTPConnection(HOST, port, timeout=240)
    try:
        sent = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        known = {"content-type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        connection.request(method, path, sent, known)
        answer = connection.getresponse()
        told = answer.read()
        is_json = answer.headers.get("content-type", "") == "application/json"
        return answer.status, json.loads(told) if is_json else told.decode()
    finally:
        connection.close()


def patient(ask_once: Callable[[], Any]) -> Any:
    """What is answered, once it is something: a process may just be ending, or beginning."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with suppress(OSError, HTTPException):
            if (found := ask_once()) is not None:
                return found
        time.sleep(0.05)
    raise AssertionError("nobody answers")


def begin(port: int, seed: int = 0) -> JsonObject:
    status, told = ask(port, "POST", "/reset", {"seed": seed})
    assert status == 200, told
    assert isinstance(told, dict)
    return told


def step(port: int, session: str, message: JsonObject) -> JsonObject:
    status, told = ask(port, "POST", "/step", {"session": session, "message": message})
    assert status == 200, told
    assert isinstance(told, dict)
    return told


def test_sessions_side_by_side_each_come_to_their_end(port: int) -> None:
    moves = [list_proven_moves(one.trajectory) for one in proven()]
    begun = [begin(port, seed) for seed in range(len(moves))]
    assert [one["task"] for one in begun] == [one.trajectory.id for one in proven()]
    rewards: dict[int, JsonObject] = {}
    for number in range(max(map(len, moves))):
        for seed, own in enumerate(moves):
            if number < len(own) and seed not in rewards:
                told = step(port, begun[seed]["session"], own[number])
                if told["done"]:
                    rewards[seed] = told["reward"]
    assert [rewards[seed]["binary"] for seed in range(len(moves))] == [1] * len(moves)
    status, told = ask(port, "POST", "/step", {"session": begun[0]["session"], "message": {}})
    assert status == 404
    assert "no such session" in told["error"]


def test_what_is_told_at_the_beginning_is_what_an_assistant_sees(port: int) -> None:
    told = begin(port, 1)
    assert [one["role"] for one in told["messages"]] == ["system", "user"]
    assert {one["function"]["name"] for one in told["tools"]} == {
        tool.wire_name for tool in proven()[1].trajectory.tools
    }
    assert told.keys() == {"session", "task", "tools", "messages", "done"}
    secret = proven()[1].trajectory.task.final_state
    assert secret not in json.dumps(told)


def test_a_call_alone_is_a_move(port: int) -> None:
    one = proven()[0].trajectory
    moves = (move["tool_calls"] for move in list_proven_moves(one) if move.get("tool_calls"))
    call = next(moves)[0]["function"]
    told = step(port, begin(port)["session"], {"tool_calls": [call]})
    other = begin(port)["session"]
    status, same = ask(port, "POST", "/step", {"session": other, "call": call})
    assert status == 200
    assert same["messages"] == told["messages"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "told"),
    [
        ("POST", "/reset", {}, 400, "takes a seed"),
        ("POST", "/reset", {"seed": -1}, 400, "takes a seed"),
        ("POST", "/reset", {"seed": True}, 400, "takes a seed"),
        ("POST", "/reset", {"seed": False}, 400, "takes a seed"),
        ("POST", "/reset", {"seed": 2**60}, 400, "takes a seed"),
        ("POST", "/reset", {"seed": 0, "task": "x"}, 400, "takes a seed"),
        ("POST", "/reset", {"task": "../../etc/passwd"}, 400, "no task is called"),
        ("POST", "/reset", {"path": "/etc"}, 400, "'path' is not known here"),
        ("POST", "/reset", b"{", 400, "no JSON"),
        ("POST", "/reset", b"[]", 400, "no object"),
        ("POST", "/reset", b"[" * 100_000, 400, "no JSON"),
        ("POST", "/reset", b" " * (LONGEST + 1), 413, "more than"),
        ("POST", "/step", {"session": "x", "message": {}}, 404, "no such session"),
        ("POST", "/step", {"session": "x"}, 400, "takes a session"),
        ("GET", "/step", None, 405, "Method Not Allowed"),
        ("GET", "/../etc/passwd", None, 404, "Not Found"),
        ("GET", "/docs", None, 404, "Not Found"),
        ("DELETE", "/session/x", None, 404, "no such session"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line(
    port: int, method: str, path: str, body: Any, status: int, told: str
) -> None:
    found, answer = ask(port, method, path, body)
    assert found == status
    assert answer.keys() == {"error"}
    assert told in answer["error"]
    assert "\n" not in answer["error"]


def test_pages_of_other_places_cannot_ask(port: int) -> None:
    assert ask(port, "GET", "/health", host="evil.example")[0] == 400
    status, told = ask(port, "POST", "/reset", {"seed": 0}, content_type="text/plain")
    assert (status, told) == (415, {"error": "the body must be application/json"})


def test_a_head_without_an_end_is_not_read_for_ever(port: int) -> None:
    told, line = b"", socket.create_connection((HOST, port), timeout=20)
    with line, suppress(ConnectionError):  # it hangs up, and the answer may be lost by that
        line.sendall(b"GET /health HTTP/1.1\r\nhost: localhost\r\nx: ")
        for _ in range(1000):
            line.sendall(b"x" * 1000)
        told = line.recv(100)
    assert not told or told.startswith(b"HTTP/1.1 400 ")


def test_a_refused_move_leaves_the_session_as_it_was(port: int) -> None:
    session = begin(port)["session"]
    status, told = ask(port, "POST", "/step", {"session": session, "message": {"content": 7}})
    assert (status, told) == (400, {"error": "at message.content: is no text"})
    one = proven()[0].trajectory
    told = [step(port, session, move) for move in list_proven_moves(one)][-1]
    assert told["reward"]["binary"] == 1


@pytest.mark.parametrize("value", [b"NaN", b"-Infinity", b"1e999", rb'"\ud800"'])
def test_what_is_no_json_in_a_move_leaves_the_session_as_it_was(port: int, value: bytes) -> None:
    session = begin(port)["session"]
    body = b'{"session": "%s", "call": {"name": "x", "arguments": {"a": %s}}}'
    status, told = ask(port, "POST", "/step", body % (session.encode(), value))
    assert status == 400
    assert "the body is no JSON" in told["error"]
    told = [step(port, session, move) for move in list_proven_moves(proven()[0].trajectory)][-1]
    assert told["reward"]["binary"] == 1


def test_no_policy_is_let_loose_on_what_runs_elsewhere() -> None:
    for told in ({"mcp": ("x",), "mcp_calls": True}, {"model": "m", "tools_by": "model"}):
        with pytest.raises(InputError, match="serve is for sandboxes"):
            open_tasks(Settings.model_validate(told))


def test_no_model_plays_the_tasks_that_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    class AskedError(Exception):
        pass

    class Asking:
        def cast(self, _: int) -> None:
            raise AskedError

    def workshop(_: Settings) -> OpenWorkshop:
        return OpenWorkshop(own_studio(), 3, models=Asking())  # type: ignore[arg-type]

    monkeypatch.setattr("pipeline.cli.serve_command.open_workshop", workshop)
    tasks, _ = open_tasks(Settings(model="m"))
    assert is_earned(asyncio.run(tasks.by_seed(0)).trajectory)


def test_what_breaks_in_an_environment_ends_its_session_and_no_other() -> None:
    moves = list_proven_moves(proven()[0].trajectory)
    at = next(number for number, move in enumerate(moves) if move.get("tool_calls"))
    with serving(Sessions(most=4, idle=600), Broken()) as port:
        broken, sound = begin(port, 1)["session"], begin(port, 0)["session"]
        for move in moves[:at]:
            step(port, broken, move)
        body = {"session": broken, "message": moves[at]}
        status, told = ask(port, "POST", "/step", body)
        assert (status, told["error"]) == (
            500, "the server failed, and the session is over: ZeroDivisionError"
        )  # fmt: skip
        assert ask(port, "POST", "/step", body)[0] == 404
        assert [step(port, sound, move) for move in moves][-1]["reward"]["binary"] == 1


def test_sessions_are_bounded_and_counted() -> None:
    with serving(Sessions(most=2, idle=600)) as port:
        first, second = begin(port)["session"], begin(port)["session"]
        status, told = ask(port, "POST", "/reset", {"seed": 0})
        assert (status, "2 sessions are open" in told["error"]) == (503, True)
        assert ask(port, "DELETE", f"/session/{first}") == (200, {"ended": True})
        begin(port)
        step(port, second, {"content": ""})
        known = {"status": "ok", "sessions": 1, "most": 2, "workers": 1}
        assert ask(port, "GET", "/health")[1] == known
        lines = ask(port, "GET", "/metrics")[1].splitlines()
        assert 'toolweave_sessions_total{what="begun"} 3' in lines
        assert 'toolweave_sessions_total{what="broken"} 1' in lines
        assert 'toolweave_sessions_total{what="dropped"} 1' in lines
        assert "toolweave_steps_total 1" in lines


def test_a_full_server_draws_no_task() -> None:
    drawn = []

    class Drawn(Known):
        async def by_seed(self, seed: int) -> Proven:
            drawn.append(seed)
            return await super().by_seed(seed)

    with serving(Sessions(most=1, idle=600), Drawn()) as port:
        begin(port, 4)
        assert ask(port, "POST", "/reset", {"seed": 5})[0] == 503
    assert drawn == [4]


def test_who_is_not_used_ends() -> None:
    clock = Clock()
    sessions = Sessions(most=2, idle=10, clock=clock)
    first, _ = sessions.begin(proven()[0])
    clock.now = 6
    second, _ = sessions.begin(proven()[0])
    sessions.find(first)
    clock.now = 15
    sessions.find(first)
    clock.now = 17
    with pytest.raises(NoSessionError):
        sessions.find(second)
    assert (len(sessions), sessions.tally.sum("idle")) == (1, 1)
    sessions.begin(proven()[0])
    with pytest.raises(FullError):
        sessions.begin(proven()[0])


def test_a_port_that_is_taken_is_told_in_a_line(tmp_path: Path) -> None:
    with socket.create_server((HOST, 0)) as taken:
        port = taken.getsockname()[1]
        ran = toolweave("serve", tmp_path, "--port", port)
    assert ran.code == 2
    assert f"port {port} cannot be had" in ran.last


@pytest.mark.slow
def test_a_folder_and_a_catalogue_are_served_until_a_signal(scripted: Path, tmp_path: Path) -> None:
    library = str(resource("catalogs").joinpath("library.json"))
    for asked in ((scripted,), (library, "--seed", 3)):
        served = command("serve", *asked, "--port", 0)
        with started(
            [part.replace("tests.workshop", "pipeline.opening") for part in served],
            env=environment(tmp_path), cwd=tmp_path, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        ) as process:  # fmt: skip
            assert process.stdout is not None
            port = int(process.stdout.readline().rpartition(":")[2])
            first, again = begin(port, 1), begin(port, 1)
            assert first["task"] == again["task"]
            assert first["session"] != again["session"]
            if asked == (scripted,):
                status, named = ask(port, "POST", "/reset", {"task": first["task"]})
                assert (status, named["messages"]) == (200, first["messages"])
            process.send_signal(signal.SIGTERM)
            _, told = process.communicate(timeout=240)
        assert process.returncode == 0
        assert told.startswith("toolweave: ended: ")
        with pytest.raises(OSError, match="refused"):
            ask(port, "GET", "/health")


def test_a_task_whose_own_conversation_earns_less_is_left_out_and_told(
    scripted: Path, tmp_path: Path
) -> None:
    told: list[str] = []
    folder = copytree(scripted, tmp_path / "o")
    whole = asyncio.run(FolderTasks(folder, told.append).by_seed(0)).trajectory
    assert told == []

    spoil(folder, whole.index)
    tasks = FolderTasks(folder, told.append)
    for seed in range(4):
        assert asyncio.run(tasks.by_seed(seed)).trajectory.id != whole.id
    (line,) = told
    assert f"left out, whose own conversation does not earn 1: {whole.id[:12]}: " in line
    with pytest.raises(InputError, match="is none that can be served: "):
        asyncio.run(tasks.by_name(whole.id))
    assert told == [line]


def spoil(folder: Path, candidate: int) -> None:
    """Let the assistant of a conversation say nothing of use, as long as what it said."""
    file, index = folder / ACCEPTED, folder / INDEX
    lines, entries = file.read_bytes().splitlines(keepends=True), [*read_index(folder)]
    for number, entry in enumerate(entries):
        if (entry.file, entry.candidate) == (ACCEPTED, candidate):
            place = [one for one in entries if one.file == ACCEPTED].index(entry)
            for message in json.loads(lines[place])["messages"]:
                if message["role"] == "assistant" and not message.get("calls"):
                    said = json.dumps(message["text"], ensure_ascii=False).encode()
                    idle = (b"All is as it was before. " * 99)[: len(said) - 2]
                    lines[place] = lines[place].replace(said, b'"%b"' % idle)
            entries[number] = entry._replace(checksum=crc32(lines[place]))
    file.write_bytes(b"".join(lines))
    index.write_bytes(b"".join(one.line for one in entries))
