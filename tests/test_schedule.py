"""The schedule as people run it: a deployment of a work pool, on a server of this machine."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import apart, command, data_of, environment, plan, toolweave

PROGRAM = """
import asyncio, json, os, subprocess, sys
from pathlib import Path
from pipeline.run.prefect_server import prefect_server

def run(*arguments):
    done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, f"{arguments}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr

async def make_pool():
    from prefect import get_client
    from prefect.client.schemas.actions import WorkPoolCreate
    async with get_client() as client:
        await client.create_work_pool(WorkPoolCreate(name="nightly", type="process"))

async def ask_for_run():
    from prefect.deployments import run_deployment
    await run_deployment("toolweave-build/toolweave-o", timeout=0, as_subflow=False)

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

with prefect_server(Path("server")):
    asyncio.run(make_pool())
    print(run(*json.loads(sys.argv[1])).strip())
    for _ in range(2):
        asyncio.run(ask_for_run())
        run("-m", "prefect", "worker", "start", "--pool", "nightly", "--run-once", "--name", "one")
    asyncio.run(look())
"""


@pytest.mark.slow
def test_workers_of_a_pool_make_the_runs_and_show_what_came_of_them(
    tmp_path: Path, prefect_home: Path
) -> None:
    if prefect_home.exists():
        shutil.copytree(prefect_home, tmp_path / "server")
    tools = plan(tmp_path, reject_every=4)
    asked = ("schedule", "--pool", "nightly", "--cron", "0 2 * * *", "--retries", 2, "-n", 12)
    given = command(*asked, "--tools", tools, "--out", tmp_path / "o")[1:]
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, json.dumps(given)], env=environment(tmp_path),
        cwd=tmp_path, text=True, capture_output=True, timeout=500, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    *told, last = ran.stdout.splitlines()
    out = tmp_path / "o"
    assert told[-1] == (
        f"Each run (0 2 * * *) adds 12 trajectories to {out}; it is made by a worker of "
        "'nightly', as toolweave-build/toolweave-o"
    )
    found = json.loads(last)
    assert found["states"] == ["Completed", "Completed"]
    assert found["retries"] == [2, 2]
    assert (found["limit"], found["cron"]) == (1, ["0 2 * * *"])
    rows = {row["what"]: row["count"] for row in json.loads(found["artifacts"]["toolweave-yield"])}
    assert (rows["new"], rows["accepted"]) == (12, 24)
    assert out.as_uri() in found["artifacts"]["toolweave-output"]
    assert toolweave("build", "--tools", tools, "--out", tmp_path / "calm", "-n", 24).code == 0
    assert data_of(out) == data_of(tmp_path / "calm")


def test_a_pool_needs_a_server(tmp_path: Path) -> None:
    ran = apart(tmp_path, "schedule", "--pool", "nightly", "--cron", "0 2 * * *")
    assert (ran.code, ran.err) == (
        2,
        "toolweave: at pool: a work pool is a server's: say which by PREFECT_API_URL\n",
    )
