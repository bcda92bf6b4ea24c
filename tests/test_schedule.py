"""Prefect on a server that many runs share: the workers of a pool, and those of a cluster."""

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
    apart,
    children,
    command,
    data_of,
    environment,
    journalled,
    plan,
    servers,
    started,
    toolweave,
    wait_until,
)


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
import asyncio, json, os, sys
from pathlib import Path
from pipeline.run.prefect_server import prefect_server

async def make_pool():
    from prefect import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name="nightly", type="process"))

def make_schedule():
    from pipeline.entry import main
    try:
        main(json.loads(sys.argv[1]), "tests.workshop")
    except SystemExit as end:
        assert end.code == 0, end.code

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
        print(json.dumps({
            "artifacts": found,
            "states": [run.state_name for run in made],
            "retries": [run.empirical_policy.retries for run in made],
            "limit": deployment.global_concurrency_limit.limit,
            "cron": [one.schedule.cron for one in deployment.schedules],
        }))

with prefect_server(Path("client")):
    asyncio.run(make_pool())
    make_schedule()
    asyncio.run(have_it_run())
    asyncio.run(look())
"""


@pytest.mark.slow
def test_workers_of_a_pool_make_the_runs_and_show_what_came_of_them(
    tmp_path: Path, shared_server: str
) -> None:
    tools = plan(tmp_path, reject_every=4)
    asked = ("schedule", "--pool", "nightly", "--cron", "0 2 * * *", "--retries", 2, "-n", 12)
    out = tmp_path / "o"
    given = [str(word) for word in (*asked, "--tools", tools, "--out", out)]
    assert toolweave("build", "--tools", tools, "--out", out, "-n", 12).code == 0
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(given)], cwd=tmp_path,
        env=environment(tmp_path) | {"PREFECT_API_URL": shared_server},
        text=True, capture_output=True, timeout=500, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert (
        f"Each run (0 2 * * *) adds 12 trajectories to {out}; it is made by a worker of "
        "'nightly', as toolweave-build/toolweave-o"
    ) in ran.stderr.splitlines()
    found = json.loads(ran.stdout)
    assert (found["states"], found["retries"]) == (["Completed"], [2])
    assert (found["limit"], found["cron"]) == (1, ["0 2 * * *"])
    rows = {row["what"]: row["count"] for row in json.loads(found["artifacts"]["toolweave-yield"])}
    assert (rows["new"], rows["accepted"]) == (12, 24)
    assert out.as_uri() in found["artifacts"]["toolweave-output"]
    assert toolweave("build", "--tools", tools, "--out", tmp_path / "calm", "-n", 24).code == 0
    assert data_of(out) == data_of(tmp_path / "calm")


@pytest.mark.slow
@pytest.mark.skipif(find_spec("prefect_dask") is None, reason="prefect-dask is not installed")
def test_a_cluster_of_two_workers_makes_the_same_bytes_though_one_is_killed(
    tmp_path: Path, shared_server: str
) -> None:
    out, calm = tmp_path / "o", tmp_path / "calm"
    tools = plan(tmp_path, reject_every=4, repeat_every=5)
    slow = plan(tmp_path, reject_every=4, repeat_every=5, delay=0.02)
    config = tmp_path / "build.yaml"
    config.write_text(
        "prefect: true\nn: 60\nshard_size: 10\ntask_runner:\n  cluster_kwargs:\n"
        "    {n_workers: 2, threads_per_worker: 1, dashboard_address: null}\n"
    )
    with started(
        command("build", "--config", config, "--tools", slow, "--out", out), cwd=tmp_path,
        env=environment(tmp_path) | {"PREFECT_API_URL": shared_server},
        text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        wait_until(lambda: journalled(out) or process.poll() is not None)
        assert process.poll() is None, process.communicate()
        workers = [
            one
            for one in children(process.pid)
            if b"spawn_main" in Path(f"/proc/{one}/cmdline").read_bytes()
        ]
        assert len(workers) == 2
        os.kill(workers[0], signal.SIGKILL)
        _, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    assert "Traceback" not in err
    assert toolweave("build", "--tools", tools, "--out", calm, "-n", 60).code == 0
    assert data_of(out) == data_of(calm)
    assert servers(out) == []


def test_a_pool_needs_a_server(tmp_path: Path) -> None:
    ran = apart(tmp_path, "schedule", "--pool", "nightly", "--cron", "0 2 * * *")
    assert (ran.code, ran.err) == (
        2,
        "toolweave: at pool: a work pool is a server's: say which by PREFECT_API_URL\n",
    )
