"""Worker processes: the same bytes for any number of them, whoever is killed; none is left."""

import asyncio
import fcntl
import json
import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from benchmarks.program import finished
from pipeline.chat.activity import Activity
from pipeline.cli.progress import Watcher, tell_rate, tell_time
from pipeline.config import Settings, count_cores
from pipeline.files import append_whole, read_kept
from pipeline.run import build_loop, data_lines
from pipeline.run.forking import WorkersLostError, work_in_order
from pipeline.run.journal import Journal, write_line
from pipeline.run.output_folder import open_output
from pipeline.run.worker_pool import WorkerPool
from schemas.errors import OutputError
from tests.commands import (
    children,
    command,
    contents,
    data_of,
    environment,
    journalled,
    plan,
    started,
    toolweave,
    wait_until,
)
from tests.trajectories import GOOD
from tests.workshop import Hand

SHAPE = {"reject_every": 5, "repeat_every": 7, "raise_at": [9, 31]}


def built(folder: Path, name: str, *options: object, **settings: object) -> Path:
    out = folder / name
    tools = plan(folder, **SHAPE, **settings)
    ran = toolweave("build", "--tools", tools, "-n", 70, "--out", out, *options)
    assert ran.code == 0, ran.err
    return out


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one process makes."""
    return built(tmp_path_factory.mktemp("alone"), "o", "--workers", 1)


@pytest.mark.parametrize(("workers", "size"), [(2, 50), (5, 7)])
def test_any_number_of_workers_makes_the_same_bytes(
    tmp_path: Path, alone: Path, workers: int, size: int
) -> None:
    out = built(tmp_path, "o", "--workers", workers, "--shard-size", size, delay=0.001)
    assert data_of(out) == data_of(alone)
    told = {name: text for name, text in contents(out).items() if name.endswith(".json")}
    changing = {"manifest.json", "begun.json"}  # they tell of the plan's file
    same = contents(alone)
    assert {name for name, text in told.items() if same[name] != text} <= changing
    assert children(os.getpid()) == []


def test_a_worker_that_dies_has_the_rest_of_its_batch_played_again(
    tmp_path: Path, alone: Path
) -> None:
    out = built(tmp_path, "o", "--workers", 2, die_at={"3": 2, "40": 1, "60": 1})
    assert len((tmp_path / "deaths-3").read_text()) == 2
    assert data_of(out) == data_of(alone)
    assert journalled(out) == journalled(alone), "what was finished was not made again"


def test_three_deaths_in_a_row_end_the_run_in_one_line(tmp_path: Path, alone: Path) -> None:
    tools, out = plan(tmp_path, **SHAPE, die_at={"33": 3}), tmp_path / "o"
    arguments = ("build", "--tools", tools, "-n", 70, "--out", out, "--workers", 2)
    ran = toolweave(*arguments)
    assert (ran.code, ran.last) == (
        2,
        "toolweave: 3 worker processes in a row ended with SIGKILL over candidate 33; "
        "what is finished is kept (--workers 1 needs the least memory)",
    )
    assert "Traceback" not in ran.err
    assert children(os.getpid()) == []
    assert toolweave(*arguments).code == 0
    assert data_of(out) == data_of(alone)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_kills_of_the_build_and_of_its_workers_change_no_byte(tmp_path: Path, alone: Path) -> None:
    tools, out = plan(tmp_path, **SHAPE, delay=0.01), tmp_path / "o"
    arguments = ("build", "--tools", tools, "-n", 70, "--out", out, "--workers", 2)
    arguments = (*arguments, "--shard-size", 7, "--quiet")
    left: list[int] = []
    for number in range(2):
        with started(command(*arguments), env=environment(tmp_path), cwd=tmp_path) as process:
            wait_until(lambda: len(children(process.pid)) == 2)
            os.kill(children(process.pid)[number % 2], signal.SIGKILL)
            so_far = journalled(out)
            wait_until(lambda: journalled(out) >= min(so_far + 6, 84))  # noqa: B023
            left += children(process.pid)
            process.kill()
    wait_until(lambda: not any(Path(f"/proc/{one}").exists() for one in left))
    assert toolweave(*arguments).code == 0
    assert data_of(out) == data_of(alone)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_of_all_processes_keeps_what_is_finished(
    tmp_path: Path, alone: Path, number: int
) -> None:
    # As a terminal does it: the workers, too, are sent the signal.
    tools, out = plan(tmp_path, **SHAPE, delay=0.01), tmp_path / "o"
    arguments = ("build", "--tools", tools, "-n", 70, "--out", out, "--workers", 2)
    with started(
        command(*arguments), env=environment(tmp_path), cwd=tmp_path, text=True,
        stderr=subprocess.PIPE, start_new_session=True,
    ) as process:  # fmt: skip
        wait_until(lambda: journalled(out) >= 20)
        before = journalled(out)
        os.killpg(process.pid, number)
        _, err = process.communicate(timeout=240)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "interrupted:" in err.splitlines()[-1]
    assert journalled(out) >= before
    assert toolweave(*arguments).code == 0
    assert data_of(out) == data_of(alone)


def test_what_fails_in_a_worker_fails_as_it_would_here(tmp_path: Path) -> None:
    tools = plan(tmp_path, fail_at=40)
    arguments = ("build", "--tools", tools, "-n", 60, "--out", tmp_path / "o", "--workers")
    ran = toolweave(*arguments, 2)
    assert (ran.code, ran.last) == (2, "toolweave: the endpoint refused the key")
    kept = finished(tmp_path / "o")  # how far the other worker came is a matter of time
    assert kept
    assert 40 not in kept


def test_a_bug_in_a_worker_shows_where_it_was(tmp_path: Path) -> None:
    class Torn(Journal):
        def append(self, trajectory: object) -> object:  # type: ignore[override]
            raise LookupError("no such shelf")

    async def run() -> None:
        pool = WorkerPool(1, Hand(0, {}), Torn(tmp_path, 50), Watcher(), 2)
        try:
            await pool.finish_batch(range(3))
        finally:
            pool.close()

    with pytest.raises(RuntimeError, match=r"in another process:(.|\n)*LookupError: no such shelf"):
        asyncio.run(run())


def test_a_small_run_and_a_waiting_one_stay_in_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(build_loop, "WorkerPool")
    built_here = ("--workers", 8, "--out")
    small = ("build", "--tools", plan(tmp_path), "-n", 50, *built_here, tmp_path / "small")
    assert toolweave(*small).code == 0
    live = tmp_path / "live.json"
    live.write_text(json.dumps({"mcp": ["http://127.0.0.1:9/mcp"], "mcp_calls": True}))
    waiting = ("build", "--tools", plan(tmp_path), "-n", 60, "--config", live, *built_here)
    ran = toolweave(*waiting, tmp_path / "waiting")
    assert ran.code == 0
    assert "One process plays: what a server answers is only waited for" in ran.err
    assert Settings().processes == count_cores() == len(os.sched_getaffinity(0))
    assert Settings(workers=3).processes == 3


def test_a_line_that_a_killed_writer_left_torn_is_cut_off_before_the_next(tmp_path: Path) -> None:
    file = tmp_path / "f"
    for torn, kept in ((b"", b""), (b"a\nb\nc", b"a\nb\n"), (b"abc", b""), (b"a\n", b"a\n")):
        file.write_bytes(torn)
        assert append_whole(file, b"next\n") == len(kept) + 5
        assert file.read_bytes() == kept + b"next\n"


def test_a_first_candidate_that_is_not_decided_is_kept_at_the_end(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "s", 10)
    journal.append(GOOD.model_copy(update={"index": 0}))
    journal.forget(0, ended=True)
    assert list(Journal(tmp_path / "s", 10).find(range(1))) == [0]
    journal.forget(1, ended=True)
    assert not (tmp_path / "s").exists()


def test_what_others_append_to_a_shard_is_found_and_what_was_told_is_not_read(
    tmp_path: Path,
) -> None:
    here, there = Journal(tmp_path / "s", 10), Journal(tmp_path / "s", 10)
    records = [GOOD.model_copy(update={"index": index}) for index in range(3)]
    ends = [there.append(record) for record in records]
    here.note(ends[1])
    assert [*here.find(range(3))] == [0, 1, 2]
    assert here.find(range(3)) == {one.candidate: one for one in ends}
    lines = [write_line(record, here.definitions) for record in records]
    assert here.lines(ends) == lines
    file = here.path(0)
    file.write_bytes(b"X" + file.read_bytes()[1:])
    with pytest.raises(OutputError, match="something else has changed candidate 0 there"):
        here.lines(ends)


def test_a_line_that_is_being_written_is_not_cut_off_by_who_reads(tmp_path: Path) -> None:
    """As where a folder is checked while a build goes on there."""
    path = tmp_path / "answers.jsonl"
    with path.open("ab", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(b'{"key": 1}\n{"key"')
        reading = threading.Thread(target=read_kept, args=(path, "answers", dict))
        reading.start()
        reading.join(0.2)
        file.write(b": 2}\n")
    reading.join(240)
    assert read_kept(path, "answers", dict) == [{"key": 1}, {"key": 2}]


def test_the_lock_of_the_folder_lives_as_long_as_a_worker(tmp_path: Path) -> None:
    settings = Settings(out=tmp_path / "o", workers=2)
    with open_output(settings, Hand(0, {})):
        arguments = ("build", "--tools", plan(tmp_path), "-n", 60, "--out", tmp_path / "o")
        assert toolweave(*arguments).last.endswith("another build is at work in this folder")


@pytest.fixture
def long_file(alone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data set that falls short here and there, and is long enough for several processes."""
    monkeypatch.setattr(data_lines, "STRETCH", 20_000)
    rows = (alone / "trajectories.jsonl").read_bytes().splitlines(keepends=True)[:40]
    rows[4] = rows[4].replace(b'"delivery_date":"2026-03-12"', b'"delivery_date":"2026-03-13"')
    shutil.copytree(alone, tmp_path / "o")
    (tmp_path / "o" / "data.jsonl").write_bytes(b"".join([*rows, b"\n", rows[2]]))
    return tmp_path / "o" / "data.jsonl"


def test_check_and_export_say_the_same_whoever_works(long_file: Path) -> None:
    told = [toolweave("check", long_file, "--json", "--workers", count) for count in (1, 3)]
    assert told[0] == told[1]
    assert (told[0].code, json.loads(told[0].out)["good"]) == (3, 39)
    assert '"code": "duplicate_task"' in told[0].out
    files = [long_file.with_name(f"{count}.jsonl") for count in (1, 3)]
    for count, file in zip((1, 3), files, strict=True):
        options = ("--to", "openai", "--out", file, "--workers", count)
        assert toolweave("export", long_file.parent, *options).code == 0
    assert files[0].read_bytes() == files[1].read_bytes()
    assert children(os.getpid()) == []


def test_a_line_that_cannot_be_read_ends_a_check_behind_what_comes_before(long_file: Path) -> None:
    with long_file.open("ab") as file:
        file.write(b"{}\n")
    told = [toolweave("check", long_file, "--workers", count) for count in (1, 3)]
    assert told[0] == told[1]
    assert told[0].code == 2
    assert "line 5, " in told[0].out
    assert "line 43" in told[0].last


def test_work_is_done_in_order_and_a_lost_worker_ends_it() -> None:
    def work(job: int) -> int:
        if job == 9:
            os.kill(os.getpid(), signal.SIGKILL)
        return job * job

    assert [*work_in_order(work, range(9), 3)] == [job * job for job in range(9)]
    with pytest.raises(WorkersLostError, match="ended before its work was done"):
        list(work_in_order(work, range(30), 2))
    assert children(os.getpid()) == []


def test_progress_tells_what_the_models_do_and_will_cost() -> None:
    spent = Activity(dialogues=8, open=3, requests=1200, tokens=340000, money=2.5, cool_downs=2)
    watcher = Watcher()
    watcher.begin(40, 20, lambda: spent)
    told = "; 8 dialogues and 3 requests open, 1,200 requests, 340,000 tokens, "
    told += "2.50{} money, 2 cool-downs"
    assert str(watcher).endswith(told.format(""))
    for index in range(5):
        watcher.finished(index, True)
    assert str(watcher).endswith(told.format(" of about 10.00"))
    free = Activity(open=1, retries=4)
    assert free.tell(0.5) == "0 dialogues and 1 requests open, 0 requests, 0 tokens, 4 retries"


def test_progress_tells_counts_reasons_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([100.0, 100.0, *[110.0] * 9])
    monkeypatch.setattr("pipeline.cli.progress.time.monotonic", lambda: next(now))
    watcher = Watcher()
    watcher.begin(500, 20)
    for index in range(30):
        watcher.finished(index, index % 6 != 0, [] if index % 6 else ["too_short"])
    watcher.committed(18, 35, 7, {"too_short": 4, "duplicate_task": 3})
    told = "45 of 500 accepted, 9 rejected (too_short 6, duplicate_task 3), 3.0/s, 3 min left"
    assert str(watcher) == told
    assert [tell_rate(one) for one in (1, 0.5, 1 / 90)] == ["1.0/s", "30.0/min", "40.0/h"]
    assert [tell_time(seconds) for seconds in (0, 99, 3599, 11000)] == [
        "0 s", "99 s", "1 h 0 min", "3 h 3 min"
    ]  # fmt: skip
