"""The build: N accepted, in the stream's order, and never anything made twice."""

import asyncio
import json
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.program import finished
from pipeline.cli.progress import Watcher
from pipeline.config import Settings
from pipeline.run.build_loop import build
from pipeline.run.manifest import Report
from pipeline.run.output_folder import open_output
from pipeline.run.stopping import Stop
from schemas.trajectory import Trajectory
from tests.commands import (
    apart,
    contents,
    data_of,
    journalled,
    manifest,
    plan,
    records_of,
    stopped,
    toolweave,
)
from tests.workshop import Hand


@dataclass(frozen=True)
class Counted(Hand):
    """Counts what is made and how much is open at once."""

    made: Counter[int] = field(default_factory=Counter)
    open_now: list[int] = field(default_factory=list)
    most: list[int] = field(default_factory=lambda: [0])

    async def candidate(self, index: int) -> Trajectory:
        self.made[index] += 1
        self.open_now.append(index)
        self.most[0] = max(self.most[0], len(self.open_now))
        try:
            return await super().candidate(index)
        finally:
            self.open_now.remove(index)


def run(workshop: Hand, known: Settings) -> Report:
    with open_output(known, workshop) as output:
        return asyncio.run(build(workshop, known, output, Watcher()))


@settings(max_examples=3, deadline=None)
@given(
    n=st.integers(1, 12),
    size=st.integers(1, 12),
    concurrency=st.integers(1, 9),
    reject=st.integers(2, 6),
    repeat=st.integers(2, 6),
)
def test_any_shape_of_the_run_gives_the_same_data(
    tmp_path_factory: pytest.TempPathFactory,
    n: int, size: int, concurrency: int, reject: int, repeat: int,
) -> None:  # fmt: skip
    folder = tmp_path_factory.mktemp("shapes")
    workshop = Counted(3, {"reject_every": reject, "repeat_every": repeat, "delay": 0.0002})
    cap = 40 * n + 50
    one = Settings(
        out=folder / "one",
        n=n,
        shard_size=size,
        concurrency=concurrency,
        workers=1,
        max_candidates=cap,
    )
    report = run(workshop, one)
    run(Hand(3, workshop.plan), Settings(out=folder / "two", n=n, max_candidates=cap))
    assert data_of(folder / "one") == data_of(folder / "two")
    assert report.accepted == n or report.candidates == cap
    assert max(workshop.made.values()) == 1
    assert workshop.most[0] <= concurrency
    assert sum(workshop.made.values()) == report.candidates, "more was made than was needed"


def test_exactly_n_are_accepted_in_the_order_of_the_stream_and_the_rest_is_kept(
    tmp_path: Path,
) -> None:
    report = run(
        Hand(0, {"reject_every": 4, "repeat_every": 5}), Settings(out=tmp_path / "o", n=30)
    )
    kept, rejected = (records_of(data, tmp_path / "o") for data in data_of(tmp_path / "o"))
    assert len(kept) == report.accepted == 30
    assert all(trajectory.accepted for trajectory in kept)
    indexes = [trajectory.index for trajectory in kept]
    assert indexes == sorted(indexes)
    assert sorted(indexes + [t.index for t in rejected]) == list(range(report.candidates))
    codes = Counter(code for trajectory in rejected for code in trajectory.reasons)
    assert set(codes) == {"too_short", "duplicate_first_message", "duplicate_task"}
    assert all(t.verdicts[-1].level == "dataset" for t in rejected if "too_short" not in t.reasons)


@dataclass(frozen=True)
class Later(Counted):
    """Notes how many are open when each of those begins that follow the first twenty."""

    later: list[int] = field(default_factory=list)

    async def candidate(self, index: int) -> Trajectory:
        if index >= 20:
            self.later.append(len(self.open_now) + 1)
        return await super().candidate(index)


@pytest.mark.parametrize(("model", "most"), [("tiny", 20), (None, 10)])
def test_with_a_model_as_many_are_open_as_the_share_that_is_accepted_calls_for(
    tmp_path: Path, model: str | None, most: int
) -> None:
    """Every second one is rejected, so for the last ten of 20 accepted ones twenty are needed."""
    workshop = Later(1, {"reject_every": 2, "delay": 0.01})
    known = Settings(
        n=20, out=tmp_path, shard_size=20, concurrency=30, model=model, workers=1,
        complete_world=False, max_candidates=60,
    )  # fmt: skip
    assert run(workshop, known).accepted == 20
    assert max(workshop.later) == most


def test_no_two_accepted_begin_alike(tmp_path: Path) -> None:
    run(Hand(0, {"repeat_every": 2}), Settings(out=tmp_path / "o", n=20))
    lines = data_of(tmp_path / "o")[0].splitlines()
    assert len({json.loads(line)["messages"][1]["text"] for line in lines}) == 20


def test_another_seed_gives_other_data(tmp_path: Path) -> None:
    for seed in (0, 1):
        run(Hand(seed, {}), Settings(out=tmp_path / str(seed), n=3, seed=seed))
    assert data_of(tmp_path / "0") != data_of(tmp_path / "1")


def test_a_failing_endpoint_ends_the_run_and_keeps_what_is_finished(tmp_path: Path) -> None:
    failing = plan(tmp_path, fail_at=40, delay=0.001)
    ran = toolweave("build", "--tools", failing, "-n", 60, "--out", tmp_path / "o")
    assert ran.code == 2
    assert ran.last == "toolweave: the endpoint refused the key"
    assert "Traceback" not in ran.err
    assert 0 < journalled(tmp_path / "o") < 60
    workshop = Counted(0, {})
    before = journalled(tmp_path / "o")
    report = run(workshop, Settings(out=tmp_path / "o", n=60, workers=1))
    assert sum(workshop.made.values()) == report.candidates - before
    run(Hand(0, {}), Settings(out=tmp_path / "calm", n=60))
    assert data_of(tmp_path / "o") == data_of(tmp_path / "calm")


@dataclass(frozen=True)
class Asking(Hand):
    """Asks the build to stop while a candidate is made."""

    stop: Stop = field(default_factory=Stop)

    async def candidate(self, index: int) -> Trajectory:
        if index == 9:
            self.stop.ask()
        return await super().candidate(index)


def test_a_build_that_is_asked_to_stop_finishes_what_is_open_and_begins_nothing(
    tmp_path: Path,
) -> None:
    workshop = Asking(0, {"delay": 0.002, "reject_every": 5, "picky": True})
    known = Settings(out=tmp_path / "o", n=40, shard_size=6, concurrency=4, workers=1)
    with open_output(known, workshop) as output:
        report = asyncio.run(build(workshop, known, output, Watcher(), stop=workshop.stop))
    assert report.state == "stopped"
    assert 10 <= report.candidates <= 13, "it, those before it, and what was open beside it"
    assert manifest(tmp_path / "o")["state"] == "stopped"
    assert manifest(tmp_path / "o")["left_out"] == {"small": ["seed"]}
    assert manifest(tmp_path / "o")["shown"] == {"small": ["tools"]}
    again = run(Hand(0, workshop.plan), known)
    run(Hand(0, workshop.plan), Settings(out=tmp_path / "calm", n=40))
    assert (again.state, data_of(tmp_path / "o")) == ("complete", data_of(tmp_path / "calm"))


def test_too_much_rejected_ends_at_the_cap_with_code_3_and_the_reasons(tmp_path: Path) -> None:
    poor = plan(tmp_path, reject_every=1, reject_at=0)
    ran = toolweave(
        "build", "--tools", poor, "-n", 5, "--max-candidates", 12, "--out", tmp_path / "o"
    )
    assert ran.code == 3
    assert ran.last == (
        "toolweave: 0 of 5 accepted when the cap of 12 candidates was reached; "
        "most frequent reasons: too_short (12)"
    )
    assert manifest(tmp_path / "o")["state"] == "short"
    before = contents(tmp_path / "o")
    again = toolweave(
        "build", "--tools", poor, "-n", 5, "--max-candidates", 12, "--out", tmp_path / "o"
    )
    assert again.code == 3
    assert contents(tmp_path / "o") == before


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An undisturbed run."""
    folder = tmp_path_factory.mktemp("calm")
    calm = plan(folder, reject_every=5, repeat_every=7)
    assert toolweave("build", "--tools", calm, "-n", 70, "--out", folder / "o").code == 0
    return folder / "o"


INTERRUPTIONS = (
    pytest.param(signal.SIGKILL, 3, id="killed in the first batch"),
    pytest.param(signal.SIGKILL, 55, id="killed between batches"),
    pytest.param(signal.SIGINT, 40, id="Ctrl-C"),
    pytest.param(signal.SIGTERM, 20, id="terminated"),
)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "after"), INTERRUPTIONS)
def test_a_stopped_run_goes_on_and_ends_as_an_undisturbed_one(
    tmp_path: Path, calm: Path, number: int, after: int
) -> None:
    slow, out = plan(tmp_path, reject_every=5, repeat_every=7, delay=0.004), tmp_path / "o"
    arguments = ("build", "--tools", slow, "-n", 70, "--out", out)
    ran = stopped(tmp_path, lambda: journalled(out) >= after, number, *arguments)
    if number == signal.SIGKILL:
        assert ran.code == -signal.SIGKILL
    else:
        kept = manifest(out)["accepted"]
        assert ran.code == 130
        assert ran.last == (
            f"toolweave: interrupted: {kept} accepted so far are saved; the same command goes on"
        )
        assert manifest(out)["consumed"] == min(map(int, missing(out)))
    assert manifest(out)["state"] == ("running" if number == signal.SIGKILL else "stopped")
    assert toolweave(*arguments).code == 0
    assert data_of(out) == data_of(calm)


def missing(out: Path) -> list[int]:
    made = finished(out)
    return [index for index in range(len(made) + 1) if index not in made]


def test_any_torn_state_of_the_files_is_mended(tmp_path: Path, calm: Path) -> None:
    # what a kill can leave: bytes beyond the manifest, a torn journal line, broken tables
    slow = plan(tmp_path, reject_every=5, repeat_every=7)
    arguments = ("build", "--tools", slow, "--out", tmp_path / "o", "-n")
    assert toolweave(*arguments, 60).code == 0
    for name in ("trajectories.jsonl", "rejected.jsonl"):
        with (tmp_path / "o" / name).open("ab") as file:
            file.write(b'{"schema_version":1,"ind')
    torn = tmp_path / "o/shards/0001/candidates.jsonl"
    torn.parent.mkdir(parents=True)
    torn.write_bytes(calm.joinpath("trajectories.jsonl").read_bytes()[:777])
    (tmp_path / "o/toolweave.duckdb").write_bytes(b"no database" * 900)
    (tmp_path / "o/manifest.json.tmp").write_text("{")
    assert toolweave(*arguments, 70).code == 0
    assert data_of(tmp_path / "o") == data_of(calm)


def test_a_complete_folder_is_left_as_it_is(tmp_path: Path, calm: Path) -> None:
    out = tmp_path / "o"
    shutil.copytree(calm, out)
    before = contents(out)
    same = plan(tmp_path, reject_every=5, repeat_every=7)
    for n in (70, 50):
        ran = toolweave("build", "--tools", same, "-n", n, "--out", out)
        assert ran.code == 0
        assert "is complete already: 70 accepted" in ran.out
    assert contents(out) == before


def test_a_larger_n_goes_on_where_the_smaller_ended(tmp_path: Path, calm: Path) -> None:
    same = plan(tmp_path, reject_every=5, repeat_every=7)
    for n in (1, 50, 51, 70):
        out = tmp_path / "o"
        # another shard size does not move the shards that are there
        size = 50 - n // 3
        ran = toolweave("build", "--tools", same, "-n", n, "--out", out, "--shard-size", size)
        assert ran.code == 0
        assert manifest(out)["accepted"] == n
    assert data_of(tmp_path / "o") == data_of(calm)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--seed", 5), "was begun with seed 0 instead of 5"),
        (("--model", "m-1"), "was begun with model None instead of 'm-1'"),
        (("--tools", "other"), "was begun with tools ["),
    ],
)
def test_a_folder_of_other_settings_is_refused_and_not_touched(
    tmp_path: Path, options: tuple[object, ...], told: str
) -> None:
    out = tmp_path / "o"
    toolweave("build", "--tools", plan(tmp_path, stream=1), "-n", 3, "--out", out)
    before = contents(out)
    if options[0] == "--tools":
        options = ("--tools", plan(tmp_path, stream=2))
    else:
        options = ("--tools", plan(tmp_path, stream=3), *options)
    ran = toolweave("build", "-n", 3, "--out", out, *options)
    assert ran.code == 2
    assert told in ran.last
    assert contents(out) == before


def test_a_folder_with_something_else_in_it_is_refused_and_not_touched(tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    (tmp_path / "o/thesis.doc").write_text("years of work")
    ran = toolweave("build", "--tools", plan(tmp_path), "-n", 3, "--out", tmp_path / "o")
    assert ran.code == 2
    assert "holds 'thesis.doc' and no manifest.json" in ran.last
    assert contents(tmp_path / "o") == {"thesis.doc": b"years of work"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "o").mkdir()
    assert toolweave("build", "--tools", plan(tmp_path), "-n", 2, "--out", tmp_path / "o").code == 0


@pytest.mark.parametrize(("text", "place"), [("{", ""), ('{"consumed": "x"}', " at ")])
def test_a_broken_manifest_is_named(tmp_path: Path, text: str, place: str) -> None:
    arguments = ("build", "--tools", plan(tmp_path), "-n", 2, "--out", tmp_path / "o")
    toolweave(*arguments)
    (tmp_path / "o/manifest.json").write_text(text)
    ran = toolweave(*arguments)
    assert ran.code == 2
    assert f"manifest.json: is no manifest of toolweave{place}" in ran.last


def test_two_builds_in_one_folder_do_not_mix(tmp_path: Path) -> None:
    arguments = ("build", "--tools", plan(tmp_path), "-n", 2, "--out", tmp_path / "o")
    with open_output(Settings(out=tmp_path / "o"), Hand(0, {})):
        ran = toolweave(*arguments)
    assert ran.code == 2
    assert ran.last.endswith("o: another build is at work in this folder")
    assert toolweave(*arguments).code == 0


def test_a_file_where_the_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "o").write_text("")
    ran = toolweave("build", "--tools", plan(tmp_path), "--out", tmp_path / "o")
    assert (ran.code, ran.last) == (2, f"toolweave: {tmp_path / 'o'}: is a file, not a folder")


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    # root may write anywhere but in /proc
    ran = toolweave("build", "--tools", plan(tmp_path), "-n", 2, "--out", "/proc/toolweave")
    assert ran.code == 2
    assert ran.last.startswith("toolweave: /proc/toolweave: cannot be written: ")
    assert "Traceback" not in ran.err


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.slow
@pytest.mark.parametrize(("padding", "n"), [(0, 200), (40_000, 60)])
def test_a_full_disk_is_one_line_and_the_run_goes_on_with_more_room(
    tmp_path: Path, small_disk: Path, padding: int, n: int
) -> None:
    out = small_disk / "o"
    arguments = ("build", "--tools", plan(tmp_path, padding=padding), "-n", n, "--out")
    for ran in (apart(tmp_path, *arguments, out), toolweave(*arguments, out)):
        assert ran.code == 2, ran
        assert ran.last.startswith(f"toolweave: {out}")
        assert "Traceback" not in ran.err
    more = ["mount", "-o", "remount,size=200m", str(small_disk)]
    subprocess.run(more, check=True)
    assert toolweave(*arguments, out).code == 0
    assert toolweave(*arguments, tmp_path / "calm").code == 0
    assert data_of(out) == data_of(tmp_path / "calm")
