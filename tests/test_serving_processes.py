"""Several processes that serve one address: as one that does, and each dies for itself."""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from multiprocessing.connection import wait
from typing import Any

import pytest
from starlette.applications import Starlette

from pipeline.run.forking import fork_for
from pipeline.serving.desk import HOST, make_app
from pipeline.serving.episode import Episode, Observation, list_proven_moves
from pipeline.serving.peers import Peers
from pipeline.serving.server import Processes, listen
from pipeline.serving.sessions import NoSessionError, Sessions, find_process
from pipeline.serving.stay import PATIENCE
from pipeline.serving.tally import Tally
from schemas.errors import InputError
from schemas.record import JsonObject
from tests.test_serving import Known, ask, begin, patient, proven, serving

PROCESSES = 2


@contextmanager
def serving_together(most: int = 100, patience: float = PATIENCE) -> Iterator[tuple[int, Tally]]:
    """A server of two processes, and what it notes."""
    tally, listening = Tally(PROCESSES), listen(0, PROCESSES)
    port = listening[0].getsockname()[1]
    proven()  # made once, before

    def make(number: int, ports: Any) -> Starlette:
        sessions = Sessions(most, 600, tally=tally, process=number)
        app = make_app(Known(), sessions, Peers(number, tally, HOST, ports))
        app.state.stays.patience = patience
        return app

    parent = fork_for(lambda _: Processes(tally, make, lambda _: None).run(listening))
    for one in listening:
        one.close()
    try:
        patient(lambda: ask(port, "GET", "/health"))
        yield port, tally
    finally:
        parent.ask_to_end()
        ended = wait([parent.pipe], timeout=240)
        assert parent.end() == "with code 0"
        assert ended


@pytest.fixture(scope="module")
def together() -> Iterator[tuple[int, Tally]]:
    with serving_together() as found:
        yield found


def tell(seen: Observation) -> JsonObject:
    """An observation as a client is told it."""
    ended = {"ended": seen.ended, "why": seen.why, "scored": True} if seen.done else {}
    if seen.reward is not None:
        ended["reward"] = seen.reward.model_dump(mode="json")
    return {"messages": list(seen.messages), "done": seen.done} | ended


def test_sessions_at_once_are_as_if_each_were_alone(together: tuple[int, Tally]) -> None:
    port, tally = together
    rng, count = random.Random(1), 4 * len(proven())
    open_now: dict[int, tuple[str, list[JsonObject], Episode]] = {}
    connections = [HTTPConnection(HOST, port, timeout=240) for _ in range(6)]
    owners = Counter[int]()

    def send(path: str, body: JsonObject) -> JsonObject:
        one = rng.choice(connections)  # as a client does that keeps some, for all of its sessions
        one.request("POST", path, json.dumps(body), {"content-type": "application/json"})
        told = json.loads(one.getresponse().read())
        assert "error" not in told
        return dict(told)

    for number in range(count):
        told = send("/reset", {"seed": number})
        one = proven()[number % len(proven())]
        moves = list_proven_moves(one.trajectory)
        if number % 3 == 0:  # and some go another way
            moves = [{"content": f"One moment, please ({at})."} for at in range(len(moves) + 40)]
        alone = Episode(one)
        assert {key: told[key] for key in ("messages", "done")} == tell(alone.look())
        open_now[number] = told["session"], moves, alone
        owners[find_process(told["session"], tally)] += 1
    assert tally.sum("open") >= count
    while open_now:
        number = rng.choice([*open_now])
        session, moves, alone = open_now[number]
        move = moves.pop(0)
        told = send("/step", {"session": session, "message": move})
        assert told.pop("session") == session
        assert told == tell(alone.step(move))
        if alone.done:
            del open_now[number]
    for one in connections:
        one.close()
    assert set(owners) == {0, 1}
    assert ask(port, "GET", "/health")[1]["sessions"] == 0


def test_a_session_is_ended_over_whichever_connection(together: tuple[int, Tally]) -> None:
    port, tally = together
    for _ in range(8):
        session = begin(port)["session"]
        assert ask(port, "DELETE", f"/session/{session}") == (200, {"ended": True})
        assert ask(port, "DELETE", f"/session/{session}")[0] == 404
    assert tally.sum("dropped") == 8


@pytest.mark.parametrize("name", ["", "x", "7.0-" + 24 * "a", "0.0-" + 24 * "a", "0.0-a\r\nx: y"])
def test_names_that_nobody_gave_are_no_sessions(together: tuple[int, Tally], name: str) -> None:
    port, _ = together
    status, told = ask(port, "POST", "/step", {"session": name, "message": {"content": "Hello."}})
    assert (status, "no such session" in told["error"]) == (404, True)


def test_a_process_that_is_killed_takes_its_own_sessions_alone() -> None:
    with serving_together() as (port, tally):
        sessions = [begin(port)["session"] for _ in range(24)]
        owners = {one: find_process(one, tally) for one in sessions}
        assert set(owners.values()) == {0, 1}
        os.kill(int(tally.get(0, "pid")), signal.SIGKILL)
        until = time.monotonic() + 30
        while not tally.get(0, "born") and time.monotonic() < until:
            time.sleep(0.02)
        move = {"content": "Let me see."}
        for name, owner in owners.items():
            body = {"session": name, "message": move}
            status, told = patient(lambda body=body: ask(port, "POST", "/step", body))
            assert status == (200 if owner else 404), told
            assert owner or "has ended; begin anew" in told["error"]
        lost = sum(not one for one in owners.values())
        assert tally.sum("lost") == lost
        again = [patient(lambda: begin(port))["session"] for _ in range(40)]
        assert {one.partition("-")[0] for one in again} == {"0.1", "1.0"}
        assert f'what="lost"}} {lost}' in ask(port, "GET", "/metrics")[1]


def test_sessions_are_bounded_in_all_processes_together() -> None:
    with serving_together(most=5) as (port, _):
        assert [ask(port, "POST", "/reset", {"seed": 0})[0] for _ in range(7)] == 5 * [200] + 2 * [
            503
        ]


def test_who_has_much_fewer_sessions_is_given_the_next() -> None:
    tally = Tally(3)
    peers = Peers(0, tally, HOST, (1, 2, 3))
    assert peers.find_idler() is None
    for process, sessions in enumerate((20, 12, 9)):
        tally.put(process, "open", sessions)
    assert peers.find_idler() is None
    tally.put(0, "open", 22)
    assert peers.find_idler() == 2
    assert Peers(0, Tally(1), HOST, ()).find_idler() is None


def test_what_nobody_else_can_begin_is_begun_here() -> None:
    tally = Tally(2)
    with listen(0)[0] as closed:
        port = closed.getsockname()[1]
    tally.put(0, "open", 100)
    sessions = Sessions(200, 600, tally=tally)
    with serving(sessions, peers=Peers(0, tally, HOST, (0, port))) as own:
        assert begin(own)["session"].startswith("0.")


def test_a_name_tells_which_process_and_which_one_in_its_place() -> None:
    tally = Tally(2)
    name = "1.0-" + 24 * "0"
    assert find_process(name, tally) == 1
    tally.put(1, "open", 3)
    assert tally.lose(1) == 3
    assert (tally.sum("open"), tally.sum("lost")) == (0, 3)
    with pytest.raises(NoSessionError, match="has ended; begin anew"):
        find_process(name, tally)


def test_a_port_is_shared_with_nobody_else() -> None:
    taken = listen(0, 2)
    for processes in (1, 2):
        with pytest.raises(InputError, match="cannot be had"):
            listen(taken[0].getsockname()[1], processes)
    for one in taken:
        one.close()
