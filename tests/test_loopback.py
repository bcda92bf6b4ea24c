"""The endpoint of the tests: finished conversations survive the way over HTTP."""

import asyncio
import json
import select
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pipeline.chat.client import OpenAIChat
from pipeline.chat.loopback import HOST, Loopback, Recorded, Response, failure, main
from schemas.chat import ChatModel, ChatRequest
from schemas.check import CheckContext
from schemas.message import AssistantMessage
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from tests.commands import started, wait_until
from tests.dialogues import over_http, replay, shape
from tests.endpoints import unreadable_judge
from tests.tampering import edit, edit_task, say
from tests.trajectories import GOOD, Shop
from validators.checks import CHECKS, examine
from validators.court import Court
from validators.judge import UNREADABLE
from validators.suspicions import list_suspicions


def second() -> Trajectory:
    """Another conversation that begins with the same system text and first words."""
    other = edit_task(brief=GOOD.task.brief.model_copy(update={"who": "Ole Berg"}))
    return say(5, "Two of the small ones, please, for the 12th of March.", other)


def hello(request: JsonObject) -> JsonObject:
    del request
    return {"choices": [{"message": {"content": "hello"}}]}


def post(url: str, body: JsonObject) -> tuple[int, JsonObject]:
    request = urllib.request.Request(
        f"{url}/chat/completions",
        json.dumps(body).encode(),
        {"content-type": "application/json"},
    )
    try:
        with urllib.request.urlopen(request, timeout=240) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.load(error)


def test_a_finished_conversation_is_played_again_word_for_word_and_call_for_call() -> None:
    played = over_http(Recorded([GOOD]), lambda model: replay(GOOD, model))
    assert shape(played) == shape(GOOD)


def test_turns_and_the_acts_of_the_user_are_told_again_as_they_were() -> None:
    played = over_http(Recorded([GOOD]), lambda model: replay(GOOD, model))
    assert [m.turn for m in played.messages] == [m.turn for m in GOOD.messages]
    acts = [getattr(m, "act", None) for m in played.messages]
    said = [isinstance(m, AssistantMessage) and not m.calls for m in GOOD.messages]
    wanted = [getattr(m, "act", None) for m in GOOD.messages]
    # What a model's words amount to is not on record.
    assert acts == ["say" if spoken else act for act, spoken in zip(wanted, said, strict=True)]


def test_what_was_played_over_http_passes_every_check_but_for_what_a_judge_must_read() -> None:
    played = over_http(Recorded([GOOD]), lambda model: replay(GOOD, model))
    verdicts = [check(CheckContext(played, Shop)) for check in CHECKS]
    assert {v.check: v.label for v in verdicts if v.label != "good"} == {"goal": "unknown"}
    assert [one.code for one in list_suspicions(verdicts)] == ["should_have_refused"]
    judged = over_http(
        Recorded([GOOD]),
        lambda model: Court([model]).judge(played, examine(played, Shop).verdicts, 1),
    )
    assert examine(played, Shop, judged).accepted
    assert played.final_state == GOOD.final_state


def test_two_conversations_with_one_opening_are_kept_apart() -> None:
    recorded = (GOOD, second())

    async def both(model: ChatModel) -> list[object]:
        played = await asyncio.gather(*(replay(trajectory, model) for trajectory in recorded))
        return [shape(trajectory) for trajectory in played]

    shapes = over_http(Recorded(recorded), both)
    assert shapes == [shape(trajectory) for trajectory in recorded]
    assert shapes[0] != shapes[1]


def test_what_was_not_recorded_is_an_error_that_is_not_tried_again() -> None:
    elsewhere = edit_task(clock="2027-01-01T00:00:00+01:00")
    with (
        Loopback(Recorded([GOOD])) as endpoint,
        pytest.raises(AssertionError, match="HTTP 500: no recorded assistant"),
    ):
        asyncio.run(replay_once(endpoint.base_url, elsewhere))
    assert endpoint.requests == 2  # the second without a shape for its answer


async def replay_once(url: str, trajectory: Trajectory) -> None:
    async with OpenAIChat("tiny", url) as chat:
        await replay(trajectory, chat)


def test_a_changed_result_is_not_recognised() -> None:
    changed = edit(3, content='{"products": [], "total": 0}')
    with pytest.raises(AssertionError, match="no recorded assistant"):
        over_http(Recorded([changed]), lambda model: replay(GOOD, model))


def test_the_recorded_judge_is_lenient_and_the_unreadable_one_is_not_believed() -> None:
    kind = over_http(Recorded([GOOD]), lambda model: Court([model]).judge(GOOD, (), 1))
    assert {verdict.label for verdict in kind} == {"good"}
    prose = over_http(
        unreadable_judge(Recorded([GOOD])), lambda model: Court([model]).judge(GOOD, (), 1)
    )
    assert {verdict.label for verdict in prose} == {"unknown"}
    assert {reason.code for verdict in prose for reason in verdict.reasons} == {UNREADABLE}


def test_it_listens_on_this_machine_only_and_ends_with_its_context() -> None:
    with Loopback(hello) as endpoint:
        assert endpoint.base_url.startswith("http://127.0.0.1:")
        port = int(endpoint.base_url.split(":")[2].split("/")[0])
        assert post(endpoint.base_url, {"messages": []})[0] == 200
    with pytest.raises(OSError, match="refused"):
        socket.create_connection((HOST, port), timeout=5).close()
    assert not [t for t in threading.enumerate() if t is endpoint._thread]


def test_one_connection_serves_many_requests() -> None:
    with Loopback(hello) as endpoint:
        connection = HTTPConnection(endpoint.base_url.split("/")[2], timeout=240)
        for _ in range(3):
            connection.request("POST", "/v1/chat/completions", json.dumps({"messages": []}))
            answer = connection.getresponse()
            assert answer.status == 200
            assert json.load(answer)["choices"][0]["message"]["content"] == "hello"
        connection.request("GET", "/v1/models")
        assert json.load(connection.getresponse())["object"] == "list"
        connection.close()
    assert endpoint.requests == 3


def test_it_hears_which_answers_their_client_had_read_when_it_went() -> None:
    """Neither what a client has left in its buffer, nor what is sent when it is gone."""
    heard: list[bytes] = []
    words = ("gone", "lost", "read")
    bodies = [json.dumps({"messages": [{"content": word}]}).encode() for word in words]

    def late(request: JsonObject) -> Response:
        delay = {"gone": 0.05, "read": 0.3}.get(request["messages"][0]["content"], 0.0)
        return Response(body=json.dumps(hello(request)).encode(), delay=delay)

    with Loopback(late, read=lambda body, _: heard.append(body)) as endpoint:
        port = urlsplit(endpoint.base_url).port
        for body in bodies:
            with socket.create_connection((HOST, port)) as client:
                head = f"POST /v1/chat/completions HTTP/1.1\r\ncontent-length: {len(body)}\r\n\r\n"
                client.sendall(head.encode() + body)
                if body != bodies[0]:
                    select.select([client], [], [], 5)
                if body == bodies[2]:
                    client.settimeout(240)
                    answer = b""
                    while b"hello" not in answer:
                        part = client.recv(65536)
                        assert part, "it ended without a word"
                        answer += part
        wait_until(lambda: heard)
    assert heard == bodies[2:]


def test_an_open_connection_and_a_slow_answer_do_not_hold_up_the_end() -> None:
    with Loopback(lambda _: Response(body=b"{}", delay=60)) as endpoint:
        connection = HTTPConnection(endpoint.base_url.split("/")[2], timeout=240)
        connection.request("POST", "/v1/chat/completions", "{}")
        wait_until(lambda: endpoint.requests)
    with pytest.raises(OSError, match=r".*"):
        connection.getresponse()
    connection.close()


@pytest.mark.parametrize(
    ("body", "status"), [({"stream": True}, 400), ({"messages": []}, 500), ({}, 500)]
)
def test_strange_requests_are_told_so(body: JsonObject, status: int) -> None:
    with Loopback(Recorded([GOOD])) as endpoint:
        assert post(endpoint.base_url, body)[0] == status


def test_a_completion_tells_its_usage() -> None:
    request = ChatRequest(
        role="user", messages=({"role": "user", "content": "hi"},), seed=1, temperature=0
    )
    brain = Recorded([GOOD])
    system = {"role": "system", "content": GOOD.task.policy}
    first = {"role": "user", "content": "Hi, do you have an oak desk?"}
    asked = request.model_copy(update={"messages": (system, first)})
    reply = over_http(brain, lambda model: model.complete(asked))
    assert reply.calls[0].name == "search_products"
    assert reply.input_tokens > 20 < reply.input_tokens + reply.output_tokens


def test_the_module_serves_an_output_folder_until_its_input_ends(tmp_path: Path) -> None:
    (tmp_path / "trajectories.jsonl").write_text(f"{GOOD.model_dump_json()}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pipeline.chat.loopback", str(tmp_path)]
    with started(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        asyncio.run(replay_once(url, GOOD))
        server.communicate(timeout=240)
    assert server.returncode == 0


@pytest.mark.parametrize(("content", "said"), [(None, "holds none of"), ("{}\n", "line 1")])
def test_an_unusable_folder_is_one_line(
    tmp_path: Path, content: str | None, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if content is not None:
        (tmp_path / "trajectories.jsonl").write_text(content, encoding="utf-8")
    assert main([str(tmp_path), "--seconds", "0"]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1


def test_errors_carry_what_clients_look_at() -> None:
    error = json.loads(failure(429, "slow down", param="seed").body)["error"]
    assert (error["message"], error["param"]) == ("slow down", "seed")
