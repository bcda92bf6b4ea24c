"""Live servers are called, everything is recorded, and a record replays without them."""

import asyncio
import importlib.util
import json
import os
import shlex
import signal
import sys
import threading
from pathlib import Path
from random import Random
from typing import Any

import pytest

from generators.backends.backend import WantedCall
from generators.backends.patience import LoopThread
from generators.embedding import HashEmbedder
from generators.importers import NamedDocument, read_catalog
from generators.studio import open_studio
from generators.world.infer import infer_world
from pipeline.live.backend import LiveBackend, open_live, open_recorded, targets_of
from pipeline.live.servers import MOST_OPEN, LiveServers, list_tools, name_of
from pipeline.recordings import Cassette
from pipeline.run.build_loop import until_interrupted
from schemas.environment import CallOutcome
from schemas.errors import InputError, NotRecordedError, OutputError
from schemas.message import Fault
from schemas.tool import Catalog
from schemas.trajectory import Roles
from tests.test_mcp_client import PATIENT, is_alive, listening
from validators.checks import examine

mcp = pytest.importorskip("mcp", reason="live servers need the extra 'mcp'")

CLOCK = "2026-03-02T10:00:00+00:00"
TODO = """
import json, os, pathlib, sys

# The protocol by hand: to import a server of its kit takes longer than all that is asked of it.
log = pathlib.Path(sys.argv[1])
log.open("a").write(f"start {os.getpid()}\\n")
tasks = {n: {"id": n, "title": title, "done": False}
         for n, title in enumerate(["Water the plants", "Call the plumber", "Pay the rent"], 1)}


def known(task_id):
    if task_id not in tasks:
        raise LookupError(f"there is no task {task_id}")
    return tasks[task_id]


def list_tasks():
    log.open("a").write("list\\n")
    return {"result": list(tasks.values())}


def get_task(task_id):
    log.open("a").write(f"get {task_id}\\n")
    return known(task_id)


def complete_task(task_id):
    log.open("a").write(f"complete {task_id}\\n")
    if known(task_id)["done"]:
        raise LookupError("it is done already")
    if os.environ.get("MOOD") and task_id == 3:
        tasks[task_id]["title"] += " " + str(os.getpid())
    tasks[task_id]["done"] = True
    return tasks[task_id]


def crash_server(how):
    os._exit(3)


def taking(**kinds):
    return {"type": "object", "required": list(kinds),
            "properties": {name: {"type": kind} for name, kind in kinds.items()}}


rows = {"type": "array", "items": {"type": "object", "additionalProperties": True}}
listed = {"type": "object", "required": ["result"], "properties": {"result": rows}}
reads = {"annotations": {"readOnlyHint": True}}
TOOLS = [
    {"name": "list_tasks", "description": "List all tasks.", "inputSchema": taking(),
     "outputSchema": listed, **reads},
    {"name": "get_task", "description": "Get a task.",
     "inputSchema": taking(task_id="integer"), **reads},
    {"name": "complete_task", "description": "Complete a task.",
     "inputSchema": taking(task_id="integer")},
    {"name": "crash_server", "description": "Show how the server crashes.",
     "inputSchema": taking(how="string"), **reads},
]


def called(name, arguments):
    try:
        found = globals()[name](**arguments)
    except LookupError as error:
        return {"content": [{"type": "text", "text": error.args[0]}], "isError": True}
    shown = {"structuredContent": found} if name == "list_tasks" else {}
    return {"content": [{"type": "text", "text": json.dumps(found)}], "isError": False, **shown}


for line in sys.stdin:
    asked = json.loads(line)
    params, reply = asked.get("params") or {}, {}
    if asked["method"] == "initialize":
        reply["result"] = {"protocolVersion": params["protocolVersion"],
                           "capabilities": {"tools": {}},
                           "serverInfo": {"name": "todo-list", "version": "1.0"}}
    elif asked["method"] == "tools/list":
        reply["result"] = {"tools": TOOLS}
    elif asked["method"] == "tools/call":
        reply["result"] = called(params["name"], params.get("arguments") or {})
    else:
        reply["error"] = {"code": -32601, "message": "Method not found"}
    if "id" in asked:
        print(json.dumps({"jsonrpc": "2.0", "id": asked["id"], **reply}), flush=True)
"""


class Todo:
    """The small server: its catalogue, its command, and what it noted."""

    def __init__(self, folder: Path) -> None:
        (folder / "todo.py").write_text(TODO)
        self.log, self.folder = folder / "log.txt", folder
        self.target = shlex.join([sys.executable, str(folder / "todo.py"), str(self.log)])
        document = list_tools(self.target, PATIENT)
        self.named = [(name_of(self.target, document), self.target)]
        self.catalog = read_catalog((), documents=[NamedDocument(self.named[0][0], document)])
        self.log.unlink()

    @property
    def noted(self) -> list[str]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if not line.startswith("start")]

    @property
    def started(self) -> list[int]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [int(line.split()[1]) for line in lines if line.startswith("start")]

    def backend(self) -> LiveBackend:
        targets = targets_of(self.catalog, self.named)
        cassette = Cassette(self.folder / "calls.jsonl")
        return LiveBackend(infer_world(self.catalog.tools), targets, cassette, LiveServers(PATIENT))

    def recorded(self) -> LiveBackend:
        cassette = Cassette(self.folder / "calls.jsonl")
        return LiveBackend(infer_world(self.catalog.tools), {}, cassette, None)


@pytest.fixture
def todo(tmp_path: Path) -> Todo:
    return Todo(tmp_path)


def test_calls_reach_the_server_once_and_replay_without_it(todo: Todo) -> None:
    backend = todo.backend()
    environment = backend.open(1, CLOCK)
    calls: list[tuple[str, dict[str, Any]]] = [
        ("get_task", {"task_id": 1}),
        ("get_task", {"task_id": 1}),
        ("complete_task", {"task_id": 1}),
        ("get_task", {"task_id": 1}),
        ("complete_task", {"task_id": 1}),
        ("list_tasks", {}),
    ]
    first = [environment.call(name, arguments) for name, arguments in calls]
    assert [one.is_error for one in first] == [False, False, False, False, True, False]
    assert first[0].content == {"id": 1, "title": "Water the plants", "done": False}
    assert first[3].content["done"] is True
    assert first[4].content["error"]["code"] == "tool_error"
    assert "it is done already" in first[4].content["error"]["message"]
    # The second look in one state was answered from the cassette.
    assert todo.noted == ["get 1", "complete 1", "get 1", "complete 1", "list"]
    (pid,) = todo.started
    backend.close()
    assert not is_alive(pid)
    alone = todo.recorded().open(1, CLOCK)
    assert [alone.call(name, arguments) for name, arguments in calls] == first
    assert alone.state_hash() == environment.state_hash()
    assert len(todo.started) == 1


def test_a_replay_is_strict(todo: Todo) -> None:
    backend = todo.backend()
    environment = backend.open(1, CLOCK)
    environment.call("complete_task", {"task_id": 1})
    environment.call("get_task", {"task_id": 2})
    backend.close()
    alone = todo.recorded().open(1, CLOCK)
    with pytest.raises(NotRecordedError, match="get_task was not called so at this point"):
        alone.call("get_task", {"task_id": 2})  # it was called after the write only
    alone.call("complete_task", {"task_id": 1})
    assert alone.call("get_task", {"task_id": 2}).content["id"] == 2
    with pytest.raises(NotRecordedError):
        alone.call("get_task", {"task_id": 3})
    with pytest.raises(NotRecordedError):
        todo.recorded().open(2, CLOCK).call("complete_task", {"task_id": 1})


def test_the_state_is_the_hash_of_the_writes(todo: Todo) -> None:
    backend = todo.backend()
    environment = backend.open(1, CLOCK)
    before = environment.state_hash()
    environment.call("list_tasks", {})
    environment.call("complete_task", {"task_id": 99})
    assert environment.state_hash() == before
    assert environment.changes() == ()
    environment.call("complete_task", {"task_id": 1})
    assert environment.state_hash() != before
    (change,) = environment.changes()
    assert change.after == {"tool": "complete_task", "arguments": {"task_id": 1}}
    assert environment.rows("todo_list/task") == ()
    backend.close()


def test_what_is_taken_back_is_taken_back_by_another_process(todo: Todo) -> None:
    backend = todo.backend()
    environment = backend.open(1, CLOCK)
    before = environment.snapshot()
    environment.call("complete_task", {"task_id": 1})
    after = environment.snapshot()
    environment.restore(before)
    assert environment.call("get_task", {"task_id": 1}).content["done"] is False
    environment.restore(after)
    assert environment.call("get_task", {"task_id": 1}).content["done"] is True
    assert len(todo.started) == 2
    stale = environment.call("get_task", {"task_id": 1}, Fault(kind="stale"))
    assert stale.content["cached"]["done"] is False
    late = environment.call("complete_task", {"task_id": 2}, Fault(kind="timeout"))
    assert late.content["error"]["code"] == "timeout"
    assert "complete 2" not in todo.noted
    backend.close()


def test_a_later_process_catches_up_and_no_more_than_a_few_run(todo: Todo) -> None:
    backend = todo.backend()
    sessions = [backend.open(seed, CLOCK) for seed in range(MOST_OPEN + 2)]
    for session in sessions:
        session.call("complete_task", {"task_id": 2})
    assert sum(map(is_alive, todo.started)) <= MOST_OPEN
    assert sessions[0].call("get_task", {"task_id": 2}).content["done"] is True
    assert todo.noted.count("complete 2") == len(sessions) + 1
    backend.close()
    assert not any(map(is_alive, todo.started))


def test_a_server_that_answers_otherwise_than_before_is_not_gone_on_with(
    todo: Todo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOOD", "1")
    backend = todo.backend()
    backend.open(1, CLOCK).call("complete_task", {"task_id": 3})
    backend.close()
    again = todo.backend()
    environment = again.open(1, CLOCK)
    assert not environment.call("complete_task", {"task_id": 3}).is_error  # from the cassette
    outcome = environment.call("get_task", {"task_id": 1})
    assert outcome.content["error"]["code"] == "unavailable"
    again.close()


def test_a_server_that_ends_is_told(todo: Todo) -> None:
    backend = todo.backend()
    with pytest.raises(InputError, match=r"todo\.py.*: ended without an answer"):
        backend.open(1, CLOCK).call("crash_server", {"how": "hard"})
    backend.close()


def test_what_cannot_be_never_reaches_the_server(todo: Todo) -> None:
    backend = todo.backend()
    environment = backend.open(1, CLOCK)
    wrong = environment.call("get_task", {"task_id": "one"})
    assert wrong.content["error"]["code"] == "invalid_arguments"
    assert environment.call("fly", {}).content["error"]["code"] == "unknown_tool"
    assert todo.started == []
    backend.close()


def test_proposals_try_reads_and_only_reads(todo: Todo) -> None:
    backend = todo.backend()
    environment = backend.open(1, CLOCK)
    got = backend.propose(environment, WantedCall("get_task"), Random(1))
    assert got is not None
    assert got.arguments["task_id"] in (1, 2, 3)
    done = backend.propose(environment, WantedCall("complete_task"), Random(1))
    assert done is not None
    assert done.arguments["task_id"] in (1, 2, 3)
    assert not [line for line in todo.noted if line.startswith("complete")]
    with pytest.raises(TypeError):
        backend.propose(object(), WantedCall("get_task"), Random(1))  # type: ignore[arg-type]
    backend.close()


def test_results_that_are_not_announced_are_seen_by_calling(todo: Todo) -> None:
    quiet = Catalog(tools=tuple(t for t in todo.catalog.tools if t.name != "crash_server"))
    catalog, backend = open_live(quiet, targets_of(quiet, todo.named), todo.folder, PATIENT)
    tools = catalog.by_name
    assert tools["list_tasks"].returns_from == "source"
    assert tools["get_task"].returns_from == "observation"
    assert tools["get_task"].returns is not None
    assert set(tools["get_task"].returns["properties"]) == {"id", "title", "done"}
    assert tools["complete_task"].returns == {}
    assert not [line for line in todo.noted if line.startswith("complete")]
    studio = open_studio(catalog, HashEmbedder(), backend=backend)
    made = asyncio.run(studio.candidate(1, 0, studio.scripted, Roles(tools="mcp")))
    backend.close()
    replayed = open_recorded(catalog, todo.folder)
    again = open_studio(catalog, HashEmbedder(), backend=replayed)
    examined = examine(made.trajectory, again.environment, ())
    assert examined.accepted, examined.reasons


def test_tools_of_no_server_or_of_two_of_one_name_are_refused(todo: Todo) -> None:
    with pytest.raises(InputError, match="this one is in a file"):
        targets_of(todo.catalog, [])
    with pytest.raises(InputError, match="two servers call themselves 'todo-list'"):
        targets_of(todo.catalog, [*todo.named, (todo.named[0][0], "other")])
    with pytest.raises(InputError, match="there is no cassette"):
        open_recorded(todo.catalog, todo.folder / "empty")


def test_a_server_behind_an_address_is_never_written_twice(tmp_path: Path) -> None:
    with listening(tmp_path, "streamable-http") as address:
        target = f"{address}/mcp"
        document = list_tools(target, PATIENT)
        name = name_of(target, document)
        catalog = read_catalog((), documents=[NamedDocument(name, document)])
        (tool,) = catalog.tools
        written = catalog.model_copy(
            update={"tools": (tool.model_copy(update={"effect": "write"}),)}
        )
        targets = targets_of(catalog, [(name, target)])
        for number in range(2):
            cassette = Cassette(tmp_path / "calls.jsonl")
            backend = LiveBackend(
                infer_world(written.tools), targets, cassette, LiveServers(PATIENT)
            )
            environment = backend.open(1, CLOCK)
            assert not environment.call(tool.wire_name, {"item": "pen"}).is_error
            outcome = environment.call(
                tool.wire_name, {"item": "ink"} if number else {"item": "pen"}
            )
            assert outcome.is_error is bool(number)
            if number:
                assert outcome.content["error"]["code"] == "unavailable"
            backend.close()


@pytest.mark.skipif(
    importlib.util.find_spec("mcp_server_time") is None, reason="mcp-server-time is not installed"
)
def test_a_published_server_is_called_and_replayed(tmp_path: Path) -> None:
    target = shlex.join([sys.executable, "-m", "mcp_server_time"])
    document = list_tools(target, PATIENT)
    named = [(name_of(target, document), target)]
    catalog = read_catalog((), documents=[NamedDocument(named[0][0], document)])
    catalog, backend = open_live(catalog, targets_of(catalog, named), tmp_path, PATIENT)
    environment = backend.open(1, CLOCK)
    arguments = {"source_timezone": "UTC", "time": "10:00", "target_timezone": "Asia/Tokyo"}
    outcome = environment.call("convert_time", arguments)
    assert outcome.content["time_difference"] == "+9.0h"
    now = environment.call("get_current_time", {"timezone": "UTC"})
    bad = environment.call("get_current_time", {"timezone": "Nowhere/Else"})
    assert bad.is_error
    backend.close()
    alone = open_recorded(catalog, tmp_path).open(1, CLOCK)
    assert alone.call("convert_time", arguments) == outcome
    assert alone.call("get_current_time", {"timezone": "UTC"}) == now
    assert alone.call("get_current_time", {"timezone": "Nowhere/Else"}) == bad


# -- the cassette


def test_a_cassette_numbers_calls_and_survives_a_torn_line(tmp_path: Path) -> None:
    file = tmp_path / "new" / "calls.jsonl"
    cassette = Cassette(file)
    assert cassette.find("s", "0", "get", {}) is None
    cassette.append("s", "0", "get", {"n": 1}, CallOutcome(content=[1]))
    cassette.append("s", "0", "get", {"n": 2}, CallOutcome(content={}, is_error=True))
    cassette.append("t", "0", "get", {}, CallOutcome(content=None))
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(row["session"], row["number"]) for row in rows] == [("s", 0), ("s", 1), ("t", 0)]
    file.write_bytes(file.read_bytes()[:-5])
    again = Cassette(file)
    assert again.find("t", "0", "get", {}) is None
    assert again.find("s", "0", "get", {"n": 1.0}) == CallOutcome(content=[1])
    again.append("t", "0", "get", {}, CallOutcome(content=5))
    assert Cassette(file).find("t", "0", "get", {}) == CallOutcome(content=5)


@pytest.mark.parametrize("text", ["{}\n", "no\n", "[1]\n"])
def test_a_file_that_is_no_cassette_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "calls.jsonl").write_text(text)
    with pytest.raises(OutputError, match="is no cassette"):
        Cassette(tmp_path / "calls.jsonl").find("s", "0", "get", {})


def test_a_call_that_waits_for_a_server_is_cut_by_a_signal() -> None:
    stuck, before = LoopThread("a server that does not answer"), signal.getsignal(signal.SIGINT)

    async def call() -> None:
        stuck.run(asyncio.Event().wait())

    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        until_interrupted(call())
    assert signal.getsignal(signal.SIGINT) is before
    stuck.close()
