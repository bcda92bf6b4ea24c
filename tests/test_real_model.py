"""A real model behind a real server plays every role: whatever it says, a run comes to its end.

It speaks nonsense, and that is what it is here for: what is asserted holds of any words. Where a
test needs certain words, a grammar of the server's own forces them. `make test-model` runs these.
"""

import asyncio
import json
import subprocess
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from generators.backends.model_played import ModelPlayedBackend
from generators.world.infer import infer_world
from pipeline.chat.loopback import Loopback, load_recorded
from pipeline.chat.models import open_tool_player
from pipeline.chat.request_journal import read_requests
from pipeline.cli.cost_command import add_up
from pipeline.cli.progress import Watcher
from pipeline.config import Settings
from pipeline.run.build_loop import run
from pipeline.run.manifest import Report, read_manifest
from schemas.message import AssistantMessage, Message, ToolMessage, UserMessage
from schemas.reasons import BY_CODE, NOT_SERVED, ROLE_FAILURES
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from tests.clerk import office
from tests.commands import ROOT, data_of, manifest, records_of, toolweave
from validators.judge import JUDGE_REASONS

pytestmark = pytest.mark.model
PYTHON = ROOT / ".venv-model" / "bin" / "python"
CONTEXT, SLOTS, THREADS = 8192, 4, 1
"""More threads than free cores make llama.cpp slower by far: they wait for each other."""
N = 4
SPOKEN = '{"wish": 1, "act": "chat", "say": "'
"""How what the user says begins."""
TALK = 'root ::= "I am asking about " [a-z]{6} "."'
"""Words that are others each time."""
CHAT = {
    "extra_body": {"grammar": f'root ::= {json.dumps(SPOKEN)} "I ask about " [a-z]{{6}} ".\\"}}"'}
}
"""… said by the user."""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of the server, which ends with the tests."""
    if not PYTHON.exists():
        pytest.skip("there is no model: 'make test-model' installs it")
    program = [PYTHON, ROOT / "tests" / "model_server.py", *map(str, (CONTEXT, SLOTS, THREADS))]
    with subprocess.Popen(
        program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address, "the server did not start"
            yield address
            process.stdin.close()
            assert process.wait(30) == 0
        finally:
            process.kill()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> JsonObject:
    """A small catalogue and a short policy: each word is paid for in time."""
    folder = tmp_path_factory.mktemp("office")
    tools = [
        {"name": one.wire_name, "description": one.description,
         "inputSchema": one.parameters, "outputSchema": one.returns}
        for one in office().tools
    ]  # fmt: skip
    (folder / "office.json").write_text(json.dumps({"tools": tools}))
    (folder / "policy.txt").write_text("You help customers of an office with their orders.\n")
    return {"tools": [folder / "office.json"], "policy": folder / "policy.txt", "seed": 3}


def told(files: JsonObject, out: Path, url: str, **changes: object) -> Settings:
    """Settings by which a model plays: short replies, time enough on a busy machine, no tries."""
    every = {"base_url": url, "timeout": 600, "max_tokens": 50, "price": {"input": 1, "output": 2}}
    roles: dict[str, JsonObject] = {"all": every}
    for role, said in dict(changes.pop("roles", {})).items():  # type: ignore[call-overload]
        roles[role] = {**roles.get(role, {}), **said}
    known = {"model": "small", "complete_world": False, "concurrency": SLOTS, "workers": 1,
             "n": N, "max_candidates": N, "out": out, "roles": roles,
             "move_tries": 0, "dialogue_tries": 0}  # fmt: skip
    return Settings.model_validate({**files, **known, **changes})


def build(settings: Settings) -> Report:
    return asyncio.run(run("pipeline.opening", settings, Watcher()))


def asked(server: str) -> int:
    """Requests that the server has been sent so far."""
    with urlopen(f"{server}/asked") as answer:
        return int(json.load(answer)["asked"])


def rejected(folder: Path) -> list[Trajectory]:
    return records_of(data_of(folder)[1], folder)


def most_alike(messages: tuple[Message, ...]) -> int:
    """How often the same was said by one side, or called in vain, with nothing done between."""
    said, called, most = Counter[tuple[str, str]](), Counter[tuple[str, str, str]](), 0
    calls = {}
    for one in messages:
        if isinstance(one, AssistantMessage) and one.calls:
            calls |= {call.id: json.dumps(call.arguments, sort_keys=True) for call in one.calls}
        elif isinstance(one, ToolMessage):
            said.clear()
            if one.name == "cancel_order" and not one.is_error:
                called.clear()
            key = one.name, calls[one.call_id], one.content
            called[key] += 1
            most = max(most, called[key])
        elif isinstance(one, UserMessage | AssistantMessage):
            words = one.role, " ".join(one.text.casefold().split())
            said[words] += 1
            most = max(most, said[words])
    return most


def assert_it_came_to_its_end(folder: Path, report: Report) -> None:
    """What holds of any run, whatever was said in it."""
    assert report.candidates == report.accepted + report.rejected == N
    assert manifest(folder)["state"] == report.state
    causes = Counter[str]()
    for one in rejected(folder):
        assert one.causes
        assert {*one.causes} <= {*BY_CODE, *ROLE_FAILURES, *NOT_SERVED, *JUDGE_REASONS}
        ends = [r.code for v in one.verdicts for r in v.reasons if v.check == "role_play"]
        assert not ends or [*one.causes] == ends, "what follows is told as a cause"
        assert most_alike(one.messages) <= 3
        causes.update(one.causes)
    assert report.reasons == dict(sorted(causes.items(), key=lambda one: (-one[1], one[0]))[:5])


SALAD = {"temperature": 2.5, "max_tokens": 12, "extra_body": {"top_k": 0, "min_p": 0}}
MANNERS: dict[str, tuple[str, JsonObject]] = {
    "calls bound by a grammar": ("bound", {}),
    "nothing bound": ("plain", {}),
    "nothing bound, temperature 0": ("plain", {"temperature": 0}),
    "word salad, cut off": ("bare", SALAD),
}


@pytest.mark.parametrize("manner", MANNERS)
def test_nonsense_of_each_kind_comes_to_its_end_and_is_paid_for_once(
    server: str, files: JsonObject, tmp_path: Path, manner: str
) -> None:
    path, sampling = MANNERS[manner]
    tries = {"move_tries": 2, "dialogue_tries": 1}
    settings = told(files, tmp_path, f"{server}/{path}/v1", roles={"all": sampling}, **tries)
    before = asked(server)
    report = build(settings)
    assert_it_came_to_its_end(tmp_path, report)
    paid = asked(server) - before
    bill = add_up(tmp_path)
    left_out = sum(map(len, bill.left_out.values()))
    assert 0 < bill.total.requests <= paid <= bill.total.requests + left_out * SLOTS
    assert {row.role for row in bill.rows} >= {"user"}
    tokens = bill.total.read + 2 * bill.total.written
    assert bill.total.money == pytest.approx(tokens / 1e6)
    shown = toolweave("cost", tmp_path).out
    assert "dialogue" in shown
    assert f"{bill.total.read:,}" in shown
    assert build(settings).new == 0
    assert asked(server) - before == paid, "what is finished is not asked again"


def said(text: str) -> JsonObject:
    """What is sent besides, so that the model says just this."""
    return {"extra_body": {"grammar": f"root ::= {json.dumps(text)}"}}


def call(name: str, **arguments: object) -> JsonObject:
    """What is sent besides, so that the model calls just this, in its text."""
    return said(f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>")


LOOPS: dict[str, tuple[JsonObject, JsonObject, str]] = {
    "the user": (
        said(SPOKEN + 'This is a joke."}'), {"extra_body": {"grammar": TALK}}, "repeated_message"
    ),
    "the assistant": (CHAT, said("This is a joke."), "repeated_message"),
    "a call": (CHAT, call("get_order", order_id="1"), "repeated_call"),
}  # fmt: skip


@pytest.mark.parametrize("who", LOOPS)
def test_whoever_repeats_itself_is_stopped_at_the_third_time(
    server: str, files: JsonObject, tmp_path: Path, who: str
) -> None:
    user, assistant, cause = LOOPS[who]
    roles = {"user": user, "assistant": assistant}
    report = build(told(files, tmp_path, f"{server}/plain/v1", roles=roles, max_candidates=1))
    assert report.reasons == {cause: 1}
    (lost,) = rejected(tmp_path)
    assert most_alike(lost.messages) == 3
    assert len(lost.messages) <= 8
    (reason,) = (r for v in lost.verdicts for r in v.reasons if v.check == "role_play")
    assert reason.message == len(lost.messages) - 1
    kept = [one for one in read_requests(tmp_path) if one.reply]
    assert len(kept) == sum(isinstance(m, UserMessage | AssistantMessage) for m in lost.messages)


def test_a_write_that_nobody_wanted_ends_it(server: str, files: JsonObject, tmp_path: Path) -> None:
    user: JsonObject = CHAT
    url, one = f"{server}/plain/v1", {"max_candidates": 1}
    looks = {"user": user, "assistant": call("list_orders", status="open")}
    build(told(files, tmp_path / "a", url, roles=looks, **one))
    (seen,) = rejected(tmp_path / "a")
    wanted = {gold.arguments.get("order_id") for gold in seen.task.calls}
    listed = next(json.loads(m.content) for m in seen.messages if isinstance(m, ToolMessage))
    orders = [order["order_id"] for order in listed["orders"]]
    unwanted = next(order for order in orders if order not in wanted)
    writes = {"user": user, "assistant": call("cancel_order", order_id=unwanted)}
    report = build(told(files, tmp_path / "b", url, roles=writes, **one))
    assert report.reasons == {"goal_out_of_reach": 1}
    (lost,) = rejected(tmp_path / "b")
    assert lost.messages[-1].role == "tool"


def test_tools_that_are_refused_are_told_in_words_and_called_in_words(
    server: str, files: JsonObject, tmp_path: Path
) -> None:
    roles = {
        "user": CHAT,
        "assistant": call("get_order", order_id="1"),
    }
    url, one = f"{server}/toolless/v1", {"max_candidates": 1}
    assert build(told(files, tmp_path, url, roles=roles, **one)).reasons == {"repeated_call": 1}
    now = read_manifest(tmp_path)
    assert now is not None
    assert now.left_out == {"small": ("tools",)}


def test_a_role_that_is_never_served_ends_the_run_in_one_line(
    server: str, files: JsonObject, tmp_path: Path
) -> None:
    """The user is served all the while."""
    # A grammar that cannot be read is refused, whatever is asked.
    roles = {"user": CHAT, "assistant": {"extra_body": {"grammar": "root ::= missing"}}}
    many = {"n": 40, "max_candidates": 40}
    known = told(files, tmp_path / "o", f"{server}/plain/v1", roles=roles, **many)
    config = tmp_path / "config.json"
    config.write_text(known.model_dump_json(by_alias=True, exclude_none=True))
    ran = toolweave("build", "--config", config, stages="pipeline.opening")
    assert (ran.code, "as 10 requests in a row" in ran.last) == (2, True)
    refused = [one for one in read_requests(tmp_path / "o") if one.refused]
    assert len(refused) <= 10 + SLOTS
    assert manifest(tmp_path / "o")["state"] == "stopped"


@pytest.mark.parametrize("manner", ["bound", "bare"])
def test_the_judge_is_read_or_nothing_is_accepted(
    server: str, files: JsonObject, tmp_path: Path, manner: str
) -> None:
    asyncio.run(run("pipeline.opening", told_by_scripts(files, tmp_path / "s"), Watcher()))
    with Loopback(load_recorded(tmp_path / "s")) as players:
        judge = {"base_url": f"{server}/{manner}/v1", "max_tokens": 100, "temperature": 0}
        changes = {"roles": {"judge": judge}, "n": 1, "max_candidates": 1}
        report = build(told(files, tmp_path / "o", players.base_url, **changes))
    (accepted, lost), folder = data_of(tmp_path / "o"), tmp_path / "o"
    (one,) = records_of(accepted + lost, folder)
    judged = [verdict for verdict in one.verdicts if verdict.judge == "small"]
    assert judged
    codes = {reason.code for verdict in judged for reason in verdict.reasons}
    assert codes <= JUDGE_REASONS.keys()
    assert not (report.accepted and "judge_unreadable" in codes)
    now = read_manifest(folder)
    assert now is not None
    left = {"bound": {}, "bare": {"small": ("json_schema", "response_format")}}
    assert now.left_out == left[manner]
    rows = {(row.stage, row.role) for row in add_up(folder).rows}
    assert rows == {("dialogue", "user"), ("dialogue", "assistant"), ("judging", "judge")}


def told_by_scripts(files: JsonObject, out: Path) -> Settings:
    return Settings.model_validate({**files, "out": out, "n": 1, "workers": 1})


def test_who_writes_the_world_and_plays_the_tools_is_on_the_bill(
    server: str, files: JsonObject, tmp_path: Path
) -> None:
    roles = {"documenter": {"temperature": 0}, "user": CHAT, "assistant": said("Well.")}
    world = {"roles": roles, "complete_world": True, "max_candidates": 1}
    settings = told(files, tmp_path, f"{server}/plain/v1", **world)
    assert build(settings).reasons == {"repeated_message": 1}
    free, refusing = settings, told(files, tmp_path, f"{server}/plain/v1", roles={
        "tool": said('{"error": {"code": "not_found", "message": "There is no such order."}}')
    })  # fmt: skip
    outcomes = [played(one, "get_order", {"order_id": "1"}) for one in (free, refusing)]
    assert [code for code, _ in outcomes] == ["unavailable", "not_found"]
    assert not any(changed for _, changed in outcomes)
    stages = {(row.stage, row.role) for row in add_up(tmp_path).rows}
    assert stages == {
        ("opening", "documenter"), ("tools", "tool"), ("dialogue", "user"),
        ("dialogue", "assistant"),
    }  # fmt: skip
    shown = toolweave("cost", tmp_path).out
    assert {one for one in ("opening", "tools", "dialogue") if one in shown} == {
        stage for stage, _ in stages
    }


def played(settings: Settings, tool: str, arguments: JsonObject) -> tuple[str, bool]:
    """What a model that plays the tools answers: the code of its error, and whether it wrote."""
    chat, close = open_tool_player(settings, lambda _: None)
    backend = ModelPlayedBackend(infer_world(office().tools), chat.name, {}, chat)
    try:
        environment = backend.open(1, "2026-03-02T10:00:00+00:00")
        before = environment.state_hash()
        outcome = environment.call(tool, arguments)
        backend.thread.run(close())
    finally:
        backend.close()
    error = outcome.content.get("error", {}) if isinstance(outcome.content, dict) else {}
    return str(error.get("code", "")), environment.state_hash() != before
