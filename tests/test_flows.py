"""The build as a Prefect flow: the same data, no server left behind, nothing but its own lines."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import (
    apart,
    data_of,
    environment,
    journalled,
    manifest,
    plan,
    servers,
    stopped,
    toolweave,
    wait_until,
)

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc")


@pytest.mark.slow
def test_runs_by_flow_add_to_the_data_fail_in_one_line_and_leave_no_server(
    tmp_path: Path, prefect_home: Path
) -> None:
    out, calm = tmp_path / "o", tmp_path / "calm"
    tools = plan(tmp_path, reject_every=4, repeat_every=5)
    slow = plan(tmp_path, reject_every=4, repeat_every=5, delay=0.01)

    failing = plan(tmp_path, reject_every=4, repeat_every=5, fail_at=40)
    failed = apart(tmp_path, "schedule", "--once", "--tools", failing, "--out", out, "-n", 40)
    assert failed.code == 2
    assert failed.err.splitlines() == [
        "Reading 1 catalogue …",
        "Starting Prefect …",
        "toolweave: the endpoint refused the key",
    ]
    assert servers(out) == []
    shutil.copytree(out / ".prefect", prefect_home)

    before, seen = journalled(out), set[int]()
    assert before
    killed = stopped(
        tmp_path,
        lambda: journalled(out) > before + 5 and not seen.update(servers(out)),
        signal.SIGKILL,
        *("build", "--prefect", "--tools", slow, "--out", out, "-n", 300),
    )
    assert killed.code == -signal.SIGKILL
    assert seen, "a server was there"
    wait_until(lambda: not servers(out), 60)  # the server does not outlive the run

    kept = manifest(out)["accepted"]
    assert isinstance(kept, int)
    assert toolweave("build", "--tools", tools, "--out", out, "-n", kept + 15).code == 0
    assert toolweave("build", "--tools", tools, "--out", calm, "-n", kept + 15).code == 0
    assert data_of(out) == data_of(calm)


@pytest.mark.slow
def test_a_scheduled_run_into_an_empty_folder_completes(tmp_path: Path) -> None:
    out, calm = tmp_path / "o", tmp_path / "calm"
    tools = plan(tmp_path, reject_every=4)
    out.mkdir()
    ran = apart(tmp_path, "schedule", "--once", "--tools", tools, "--out", out, "-n", 12)
    assert ran.code == 0, ran.err
    assert manifest(out)["accepted"] == 12
    assert servers(out) == []
    assert toolweave("build", "--tools", tools, "--out", calm, "-n", 12).code == 0
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


RUNNERS = """
from pipeline.run.cluster import make_runner
from schemas.errors import InputError
for given in ({"class": "no.such.Runner"}, {"class": POOL, "speed": 3}, {"class": POOL}):
    try:
        with make_runner(given) as runner:
            print(type(runner).__name__)
    except InputError as error:
        print(error)
"""


def test_a_task_runner_that_is_not_there_or_cannot_be_made_is_named(tmp_path: Path) -> None:
    program = RUNNERS.replace("POOL", "'prefect.task_runners.ThreadPoolTaskRunner'")
    ran = subprocess.run(
        [sys.executable, "-c", program], env=environment(tmp_path), text=True, cwd=tmp_path,
        capture_output=True, check=True, timeout=240,
    )  # fmt: skip
    absent, wrong, right = ran.stdout.splitlines()
    assert absent.startswith("at task_runner.class: there is no no.such.Runner here: ")
    assert wrong.startswith("at task_runner: makes no prefect.task_runners.ThreadPoolTaskRunner: ")
    assert right == "ThreadPoolTaskRunner"
