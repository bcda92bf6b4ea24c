"""The build as a Prefect flow: on a server of its own, on one that many share, and on a cluster.

It makes the same data, leaves no server behind, and says nothing but its own lines.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import pytest

from pipeline.run.prefect_server import QUIET
from tests.commands import (
    children,
    command,
    data_of,
    environment,
    journalled,
    manifest,
    plan,
    servers,
    started,
    stopped,
    toolweave,
    wait_until,
)

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc")


@pytest.fixture(scope="module")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first run by Prefect leaves there: its tables take longer than all else of a run."""
    return tmp_path_factory.mktemp("known") / ".prefect"


CLUSTER = """
task_runner:
  cluster_kwargs: {{n_workers: {workers}, threads_per_worker: 1, dashboard_address: null}}
"""


def workers_of(process: int) -> list[int]:
    """Workers of a cluster that a process has started."""
    found = []
    for one in children(process):
        with suppress(OSError):  # it ended meanwhile
            if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes():
                found.append(one)
    return found


@pytest.mark.slow
def test_runs_on_servers_of_their_own_add_to_the_data_and_leave_none(
    tmp_path: Path, prefect_home: Path
) -> None:
    out, calm, seen = tmp_path / "o", tmp_path / "calm", set[int]()
    out.mkdir()
    tools = plan(tmp_path, reject_every=4, repeat_every=5)
    slow = plan(tmp_path, reject_every=4, repeat_every=5, delay=0.01)
    killed = stopped(
        tmp_path,
        lambda: journalled(out) > 5 and not seen.update(servers(out)),
        signal.SIGKILL,
        *("build", "--prefect", "--tools", slow, "--out", out, "-n", 300),
    )
    assert killed.code == -signal.SIGKILL
    assert seen, "a server was there"
    wait_until(lambda: not servers(out), 60)  # the server does not outlive the run
    shutil.copytree(out / ".prefect", prefect_home)

    kept = manifest(out)["accepted"]
    assert isinstance(kept, int)
    # A cluster makes what is missing: what it may leave behind is looked for as well.
    config, clustered = tmp_path / "build.yaml", find_spec("prefect_dask") is not None
    config.write_text(CLUSTER.format(workers=1) if clustered else "{}")
    asked = ("--config", config, "--tools", tools, "--out", out, "-n", 15)
    workers = set[int]()
    with started(
        command("schedule", "--once", *asked), cwd=tmp_path, env=environment(tmp_path), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        wait_until(lambda: workers.update(workers_of(process.pid)) or process.poll() is not None)
        _, err = process.communicate()
    assert (process.returncode, servers(out), "Traceback" in err) == (0, [], False), err
    assert bool(workers) == clustered
    wait_until(lambda: not [one for one in workers if Path(f"/proc/{one}").exists()], 60)
    assert manifest(out)["accepted"] == kept + 15
    assert toolweave("build", "--tools", tools, "--out", calm, "-n", kept + 15).code == 0
    assert data_of(out) == data_of(calm)


def test_a_foreign_folder_is_refused_before_anything_is_started(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("years of work")
    for arguments in (("schedule", "--once"), ("build", "--prefect")):
        ran = toolweave(*arguments, "--out", tmp_path)
        assert ran.code == 2
        assert "holds 'thesis.doc'" in ran.last
        assert not (tmp_path / ".prefect").exists()


def test_prefect_is_used_where_its_address_is_set(tmp_path: Path) -> None:
    known = dict(os.environ)
    os.environ["PREFECT_API_URL"] = "http://127.0.0.1:9/api"  # nobody listens there
    try:
        plain = toolweave(
            "build", "--no-prefect", "--tools", plan(tmp_path), "-n", 2, "--out", tmp_path / "o"
        )
    finally:
        os.environ.clear()
        os.environ.update(known)
    assert plain.code == 0
    assert "Prefect" not in plain.err


@pytest.fixture(scope="module")
def shared_server(prefect_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server; it has the tables of a run before it where there was one."""
    home = tmp_path_factory.mktemp("shared") / ".prefect"
    if prefect_home.exists():
        shutil.copytree(prefect_home, home)
    known = environment(home.parent) | QUIET | {"PREFECT_HOME": str(home)}
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}/api"
        process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.run.prefect_server", str(listener.fileno())],
            pass_fds=[listener.fileno()], stdin=subprocess.PIPE, env=known,
        )  # fmt: skip
    with process:
        deadline = time.monotonic() + 240
        while True:
            with suppress(OSError), urllib.request.urlopen(f"{address}/health", timeout=5):
                break
            assert process.poll() is None
            assert time.monotonic() < deadline, "it does not start"
            time.sleep(0.05)
        yield address
        process.kill()


PROGRAM = """
import asyncio, contextlib, io, json, os, sys
from pathlib import Path
from pipeline.run.prefect_server import prefect_server

async def make_pool():
    from prefect import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name="nightly", type="process"))

def call(words):
    from pipeline.entry import main
    told = io.StringIO()
    with contextlib.redirect_stderr(told):
        try:
            main(words, "tests.workshop")
        except SystemExit as end:
            return [end.code, told.getvalue().splitlines()]

def make_runners():
    from pipeline.run.cluster import make_runner
    from schemas.errors import InputError
    pool = "prefect.task_runners.ThreadPoolTaskRunner"
    for given in ({"class": "no.such.Runner"}, {"class": pool, "speed": 3}, {"class": pool}):
        try:
            with make_runner(given) as runner:
                yield type(runner).__name__
        except InputError as error:
            yield str(error)

async def have_it_run():
    from prefect.deployments import run_deployment
    from prefect.workers.process import ProcessWorker
    await run_deployment("toolweave-build/toolweave-o", timeout=0, as_subflow=False)
    await ProcessWorker("nightly", name="one").start(run_once=True, printer=lambda *_: None)

async def look():
    from prefect import get_client
    async with get_client() as client:
        deployment = await client.read_deployment_by_name("toolweave-build/toolweave-o")
        runs = [run for run in await client.read_flow_runs() if run.deployment_id]
        found = {}
        for one in await client.read_latest_artifacts():
            found[one.key] = one.data
        made = [run for run in runs if run.state_name != "Scheduled"]
        return {
            "artifacts": found,
            "states": [run.state_name for run in made],
            "retries": [run.empirical_policy.retries for run in made],
            "limit": deployment.global_concurrency_limit.limit,
            "cron": [one.schedule.cron for one in deployment.schedules],
        }

schedule, failing = json.loads(sys.argv[1])
with prefect_server(Path("client")):
    asyncio.run(make_pool())
    told = {"scheduled": call(schedule)}
    asyncio.run(have_it_run())
    told |= asyncio.run(look()) | {"failed": call(failing), "runners": [*make_runners()]}
    print(json.dumps(told))
"""


@pytest.mark.slow
def test_workers_of_a_pool_make_the_runs_and_show_what_came_of_them(
    tmp_path: Path, shared_server: str
) -> None:
    tools = plan(tmp_path, reject_every=4)
    asked = ("schedule", "--pool", "nightly", "--cron", "0 2 * * *", "--retries", 2, "-n", 12)
    out = tmp_path / "o"
    scheduled = (*asked, "--tools", tools, "--out", out)
    failing = ("schedule", "--once", "--tools", plan(tmp_path, fail_at=4), "--out", tmp_path / "f")
    assert toolweave("build", "--tools", tools, "--out", out, "-n", 12).code == 0
    given = json.dumps([[*map(str, words)] for words in (scheduled, failing)])
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, given], cwd=tmp_path,
        env=environment(tmp_path) | {"PREFECT_API_URL": shared_server},
        text=True, capture_output=True, timeout=500, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert "Traceback" not in ran.stderr
    found = json.loads(ran.stdout)
    code, told = found["scheduled"]
    assert code == 0
    assert (
        f"Each run (0 2 * * *) adds 12 trajectories to {out}; it is made by a worker of "
        "'nightly', as toolweave-build/toolweave-o"
    ) in told
    assert (found["states"], found["retries"]) == (["Completed"], [2])
    assert (found["limit"], found["cron"]) == (1, ["0 2 * * *"])
    rows = {row["what"]: row["count"] for row in json.loads(found["artifacts"]["toolweave-yield"])}
    assert (rows["new"], rows["accepted"]) == (12, 24)
    assert out.as_uri() in found["artifacts"]["toolweave-output"]
    assert toolweave("build", "--tools", tools, "--out", tmp_path / "calm", "-n", 24).code == 0
    assert data_of(out) == data_of(tmp_path / "calm")

    # What fails, and a task runner that is not there or cannot be made, is told in one line.
    assert found["failed"] == [2, [
        "Reading 1 catalogue …", "Starting Prefect …", "toolweave: the endpoint refused the key",
    ]]  # fmt: skip
    absent, wrong, right = found["runners"]
    assert absent.startswith("at task_runner.class: there is no no.such.Runner here: ")
    assert wrong.startswith("at task_runner: makes no prefect.task_runners.ThreadPoolTaskRunner: ")
    assert right == "ThreadPoolTaskRunner"


@pytest.mark.heavy
@pytest.mark.skipif(find_spec("prefect_dask") is None, reason="prefect-dask is not installed")
def test_a_cluster_makes_the_same_bytes_though_one_of_two_workers_is_killed(
    tmp_path: Path, shared_server: str
) -> None:
    out, calm = tmp_path / "o", tmp_path / "calm"
    tools = plan(tmp_path, reject_every=4, repeat_every=5)
    slow = plan(tmp_path, reject_every=4, repeat_every=5, delay=0.02)
    config = tmp_path / "build.yaml"
    config.write_text(f"prefect: true\nn: 60\nshard_size: 10\n{CLUSTER.format(workers=2)}")
    with started(
        command("build", "--config", config, "--tools", slow, "--out", out), cwd=tmp_path,
        env=environment(tmp_path) | {"PREFECT_API_URL": shared_server},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        wait_until(lambda: journalled(out) or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        first, _ = workers_of(process.pid)
        os.kill(first, signal.SIGKILL)
        _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert toolweave("build", "--tools", tools, "--out", calm, "-n", 60).code == 0
    assert data_of(out) == data_of(calm)
    assert servers(out) == []


def test_a_pool_needs_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    ran = toolweave("schedule", "--pool", "nightly", "--cron", "0 2 * * *")
    assert (ran.code, ran.err) == (
        2,
        "toolweave: at pool: a work pool is a server's: say which by PREFECT_API_URL\n",
    )
