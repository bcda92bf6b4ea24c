"""The build as a Prefect flow: the same data, no server left behind, nothing but its own lines."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands import (
    apart,
    children,
    command,
    data_of,
    environment,
    journalled,
    manifest,
    plan,
    stopped,
    toolweave,
)

pytestmark = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks into /proc")


def servers(folder: Path) -> list[int]:
    """Prefect servers that were started for an output folder."""
    home, found = f"PREFECT_HOME={folder / '.prefect'}".encode(), []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            known = home in (process / "environ").read_bytes().split(b"\0")
            started = b"pipeline.run.prefect_server" in (process / "cmdline").read_bytes()
        except OSError:  # ended meanwhile, or not ours
            continue
        if known and started:
            found.append(int(process.name))
    return found


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
    deadline = time.monotonic() + 60
    while servers(out):
        assert time.monotonic() < deadline, "the server outlives the run"
        time.sleep(0.05)

    kept = manifest(out)["accepted"]
    assert isinstance(kept, int)
    assert toolweave("build", "--tools", tools, "--out", out, "-n", kept + 15).code == 0
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


@pytest.mark.slow
def test_a_cluster_of_two_workers_makes_the_same_bytes_though_one_is_killed(
    tmp_path: Path, prefect_home: Path
) -> None:
    pytest.importorskip("prefect_dask")
    out, calm = tmp_path / "o", tmp_path / "calm"
    if prefect_home.exists():
        shutil.copytree(prefect_home, out / ".prefect")
    tools = plan(tmp_path, reject_every=4, repeat_every=5)
    slow = plan(tmp_path, reject_every=4, repeat_every=5, delay=0.02)
    config = tmp_path / "build.yaml"
    config.write_text(
        "prefect: true\nn: 60\nshard_size: 10\ntask_runner:\n  cluster_kwargs:\n"
        "    {n_workers: 2, threads_per_worker: 1, dashboard_address: null}\n"
    )
    with subprocess.Popen(
        command("build", "--config", config, "--tools", slow, "--out", out), cwd=tmp_path,
        env=environment(tmp_path), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        deadline = time.monotonic() + 240
        while not journalled(out):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline, "it never came that far"
            time.sleep(0.01)
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
        capture_output=True, check=True,
    )  # fmt: skip
    absent, wrong, right = ran.stdout.splitlines()
    assert absent.startswith("at task_runner.class: there is no no.such.Runner here: ")
    assert wrong.startswith("at task_runner: makes no prefect.task_runners.ThreadPoolTaskRunner: ")
    assert right == "ThreadPoolTaskRunner"
