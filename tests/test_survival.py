"""A run survives everything: bugs cost a candidate, damage is mended or told in one line."""

import asyncio
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generators.dialogue.loop import play
from generators.sampling.stream import ChainStream
from pipeline.cli.progress import Watcher
from pipeline.config import Settings
from pipeline.opening import OpenWorkshop
from pipeline.run.build_loop import build
from pipeline.run.manifest import Report
from pipeline.run.output_folder import Output, open_output
from schemas.canonical import printable
from schemas.errors import OutputError
from schemas.failure import judge_failure, tell_origin
from schemas.trajectory import Roles, Trajectory
from tests.commands import Ran, contents, data_of, journalled, manifest, plan, records_of, toolweave
from tests.studio import own_studio
from tests.workshop import Hand

FILES = ("trajectories.jsonl", "rejected.jsonl")


def rejected(out: Path) -> list[Trajectory]:
    return records_of(data_of(out)[1], out)


def run(workshop: Hand, known: Settings) -> Report:
    with open_output(known, workshop) as output:
        return asyncio.run(build(workshop, known, output, Watcher()))


# A candidate that raises


def test_a_candidate_that_raises_is_rejected_with_its_origin_and_the_run_goes_on(
    tmp_path: Path,
) -> None:
    flawed = plan(tmp_path, raise_at=[1, 5, 6])
    ran = toolweave("build", "--tools", flawed, "-n", 8, "--out", tmp_path / "o")
    assert (ran.code, "Traceback" in ran.err) == (0, False)
    lost = rejected(tmp_path / "o")
    assert [one.index for one in lost] == [1, 5, 6]
    assert all(one.reasons == ("candidate_failed",) for one in lost)
    told = lost[0].verdicts[0].reasons[0].explanation
    assert "KeyError: 'no field of candidate 1' at pipeline/run/worker_pool.py:" in told
    assert len({one.id for one in lost}) == 3
    shown = toolweave("show", tmp_path / "o", lost[0].id)
    assert (shown.code, "no field of candidate 1" in " ".join(shown.out.split())) == (0, True)
    assert toolweave("show", tmp_path / "o", "--rejected").code == 0


def test_ten_in_a_row_end_the_run_in_one_line_and_it_stays_ended(tmp_path: Path) -> None:
    flawed = plan(tmp_path, raise_at=[1, *range(5, 40)])
    arguments = ("build", "--tools", flawed, "-n", 30, "--shard-size", 4, "--out", tmp_path / "o")
    ran = toolweave(*arguments)
    assert ran.code == 3
    assert ran.last.startswith("toolweave: 4 of 30 accepted when 10 candidates in a row had failed")
    assert "KeyError: 'no field of candidate 14'" in ran.last
    assert [one.index for one in rejected(tmp_path / "o")] == [1, *range(5, 15)]
    before = contents(tmp_path / "o")
    again = toolweave(*arguments)
    assert (again.code, again.last) == (3, ran.last)
    assert contents(tmp_path / "o") == before


def test_where_it_was_stopped_changes_no_byte(tmp_path: Path) -> None:
    flawed, failing = {"raise_at": [1, 4, *range(30, 60)]}, {"fail_at": 17, "delay": 0.001}
    known = Settings(out=tmp_path / "o", n=40, shard_size=7)
    with pytest.raises(Exception, match="refused the key"):
        run(Hand(0, flawed | failing), known)
    assert run(Hand(0, flawed), known).failing
    calm = run(Hand(0, flawed), Settings(out=tmp_path / "calm", n=40, concurrency=3, workers=1))
    assert (calm.accepted, calm.candidates) == (28, 40)
    assert data_of(tmp_path / "o") == data_of(tmp_path / "calm")


def test_ten_that_are_not_in_a_row_end_nothing(tmp_path: Path) -> None:
    report = run(
        Hand(0, {"raise_at": [*range(9), *range(10, 19)]}), Settings(out=tmp_path / "o", n=5)
    )
    assert (report.state, report.failing, report.rejected) == ("complete", "", 18)


def breaking(index: int, target: str, monkeypatch: pytest.MonkeyPatch) -> Trajectory:
    def broken(*_: object, **__: object) -> Any:
        raise ZeroDivisionError("a bug\nof two lines at 0x7f00aa11")

    monkeypatch.setattr(target, broken)
    return asyncio.run(OpenWorkshop(own_studio(), 1).candidate(index))


@pytest.mark.parametrize(
    ("target", "has_task"),
    [
        ("generators.studio.draw_task", False),
        ("generators.studio.open_planted", True),
        ("generators.studio.script_of", True),
        ("generators.dialogue.loop.trace", True),
        ("validators.checks.label", True),
    ],
)
def test_what_exists_of_a_candidate_that_raises_is_kept(
    monkeypatch: pytest.MonkeyPatch, target: str, has_task: bool
) -> None:
    if target.endswith("trace"):
        target = "generators.dialogue.loop.written_json"
    made = breaking(3, target, monkeypatch)
    assert made.reasons == ("candidate_failed",)
    assert made.task.chain.steps
    assert bool(made.task.turns) == has_task
    played = target.startswith(("generators.dialogue", "validators"))
    assert bool(made.messages) == played
    told = made.verdicts[0].reasons[0].explanation
    assert "ZeroDivisionError: a bug of two lines at 0x… at " in told
    assert not any(label.train for label in made.labels)
    assert Trajectory.model_validate_json(made.model_dump_json()) == made


def test_a_user_who_raises_leaves_the_conversation_until_then() -> None:
    studio = own_studio()
    task = studio.task(1, 0)
    user, assistant = studio.scripted(task, (), 1)
    spoken: list[int] = []

    class Stumbling:
        async def speak(self, messages: Any) -> Any:
            spoken.append(len(messages))
            if len(spoken) == 2:
                raise LookupError("no words")
            return await user.speak(messages)

    tools = tuple(studio.world.models[name].tool for name in task.tools)
    played = asyncio.run(
        play(task, tools, Stumbling(), assistant, studio.environment(task),
             index=0, seed=1, roles=Roles())
    )  # fmt: skip
    assert played.failure is not None
    assert played.failure.reasons[0].message == len(played.trajectory.messages) == spoken[1]


def test_a_sampler_that_raises_once_costs_one_chain(monkeypatch: pytest.MonkeyPatch) -> None:
    sampler = own_studio().bench.sampler
    stream, calm = ChainStream(sampler, 5), ChainStream(sampler, 5)
    assert stream.draw(0) == calm.draw(0)
    with monkeypatch.context() as patched:
        patched.setattr(type(sampler), "sample", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            stream.draw(1)
    with pytest.raises(ZeroDivisionError):
        stream.draw(1)
    later = range(2, 12)
    assert [stream.draw(index) for index in later] == [calm.draw(index) for index in later]
    assert stream.unusable == calm.unusable


def test_an_origin_is_one_short_line() -> None:
    error = ValueError("ü\ud800\n" * 999)
    told = tell_origin(error)
    assert len(told) < 400
    assert "\n" not in told
    assert judge_failure(error).model_dump_json()


def test_a_row_that_raises_is_told_and_the_others_are_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    toolweave("build", "--tools", plan(tmp_path), "-n", 3, "--out", tmp_path / "o")
    import pipeline.cli.data_commands as commands

    for name in ("examine", "certify"):
        real = getattr(commands, name)

        def once(trajectory: Trajectory, *rest: Any, real: Any = real) -> Any:
            if trajectory.index == 2:
                raise TypeError("strange row")
            return real(trajectory, *rest)

        monkeypatch.setattr(commands, name, once)
    checked = toolweave("check", tmp_path / "o")
    assert checked.code == 3
    assert "line 2, " in checked.out
    assert "candidate unknown: candidate_failed" in checked.out
    assert "TypeError: strange row" in checked.out
    replayed = toolweave("sandbox", "replay", tmp_path / "o")
    assert replayed.code == 3
    assert "TypeError: strange row" in replayed.out
    assert "2 of 3 certificates hold" in replayed.out


# A full disk


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that nothing ever happened to."""
    out = tmp_path_factory.mktemp("undisturbed") / "o"
    run(Hand(0, {"reject_every": 4}), Settings(out=out, n=30, shard_size=5, workers=1))
    return out


def test_a_batch_that_cannot_be_saved_is_not_followed_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: Path
) -> None:
    known = Settings(out=tmp_path / "o", n=30, shard_size=5)
    real, asked = Output.commit, []

    def full(self: Output, batch: range, wanted: int) -> int:
        asked.append(batch)
        if batch.start == 15 and len(asked) == 4:
            raise OutputError("no space left")
        return real(self, batch, wanted)

    with monkeypatch.context() as patched:
        patched.setattr(Output, "commit", full)
        with pytest.raises(OutputError, match="no space left"):
            run(Hand(0, {"reject_every": 4, "delay": 0.0001}), known)
    assert manifest(tmp_path / "o")["consumed"] == 15
    run(Hand(0, {"reject_every": 4}), known)
    assert data_of(tmp_path / "o") == data_of(undisturbed)


@pytest.mark.parametrize("name", [*FILES, "manifest.json"])
def test_a_write_that_fails_half_way_leaves_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, undisturbed: Path
) -> None:
    import pipeline.run.manifest as manifests
    import pipeline.run.output_folder as folders

    known, left = Settings(out=tmp_path / "o", n=30, shard_size=5, workers=1), [4]

    def spare(module: Any, function: str) -> None:
        real = getattr(module, function)

        def write(path: Path, *rest: Any) -> Any:
            if path.name == name:
                left[0] -= 1
                if left[0] < 0:
                    raise OutputError("no space left")
            return real(path, *rest)

        monkeypatch.setattr(module, function, write)

    with monkeypatch.context() as monkeypatch:
        spare(folders, "append_durably")
        spare(manifests, "replace_file")
        with pytest.raises(OutputError, match="no space left"):
            run(Hand(0, {"reject_every": 4}), known)
    run(Hand(0, {"reject_every": 4}), known)
    assert data_of(tmp_path / "o") == data_of(undisturbed)


# Files that something else changed


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished folder, and beside it one with more."""
    folder = tmp_path_factory.mktemp("calm")
    known = plan(folder, reject_every=4, repeat_every=5, raise_at=[6])
    for name, count in (("less", 20), ("more", 26)):
        arguments = ("-n", count, "--shard-size", 8, "--out", folder / name)
        assert toolweave("build", "--tools", known, *arguments).code == 0
    return folder


def garble(path: Path) -> None:
    """One letter in a text: the line is still JSON, and still a trajectory."""
    content = path.read_bytes()
    place = content.index(b"customer", len(content) // 2)
    path.write_bytes(content[:place] + b"X" + content[place + 1 :])


def scribble(path: Path) -> None:
    content = path.read_bytes()
    middle = len(content) // 2
    path.write_bytes(content[:middle] + b"\xff{X\n\0" + content[middle + 5 :])


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1000])


def empty(path: Path) -> None:
    path.write_bytes(b"")


DAMAGES: tuple[Callable[[Path], None], ...] = (garble, scribble, cut, empty, Path.unlink)


def grown(calm: Path, tmp_path: Path, damage: Callable[[Path], None], *names: str) -> Ran:
    out = tmp_path / "o"
    shutil.copytree(calm / "less", out)
    for name in names:
        damage(out / name)
    known = next(calm.glob("plan-*"))
    return toolweave("build", "--tools", known, "-n", 26, "--out", out)


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        *((FILES[0], damage) for damage in DAMAGES),
        *((FILES[1], damage) for damage in (garble, cut)),
    ],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_damaged_data_is_mended_from_the_journal(
    calm: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    ran = grown(calm, tmp_path, damage, name)
    assert ran.code == 0, ran.err
    assert "something else changed the data; it is mended" in ran.err
    assert data_of(tmp_path / "o") == data_of(calm / "more")
    assert toolweave("show", tmp_path / "o").code == 0


@pytest.mark.parametrize("name", ["index.jsonl", "definitions.jsonl"])
@pytest.mark.parametrize("damage", [scribble, cut, empty, Path.unlink])
def test_what_stands_beside_the_data_is_made_anew(
    calm: Path, tmp_path: Path, name: str, damage: Callable[[Path], None]
) -> None:
    ran = grown(calm, tmp_path, damage, name)
    assert ran.code == 0, ran.err
    assert data_of(tmp_path / "o") == data_of(calm / "more")
    assert (tmp_path / "o" / name).read_bytes() == (calm / "more" / name).read_bytes()
    assert toolweave("check", tmp_path / "o").code == 0


@pytest.mark.parametrize(
    "others", [(), ("toolweave.duckdb",), ("trajectories.jsonl", "rejected.jsonl")]
)
def test_a_lost_manifest_is_made_anew(calm: Path, tmp_path: Path, others: tuple[str, ...]) -> None:
    ran = grown(calm, tmp_path, Path.unlink, "manifest.json", *others)
    assert ran.code == 0, ran.err
    assert "manifest.json was lost" in ran.err
    assert data_of(tmp_path / "o") == data_of(calm / "more")


def test_a_lost_manifest_loses_nothing_that_was_made(calm: Path, tmp_path: Path) -> None:
    out = tmp_path / "o"
    shutil.copytree(calm / "less", out)
    (out / "manifest.json").unlink()
    made = sum(data.count(b"\n") for data in data_of(out))
    known = next(calm.glob("plan-*"))
    assert toolweave("build", "--tools", known, "-n", 20, "--out", out).code == 0
    assert journalled(out) == made
    assert data_of(out) == data_of(calm / "less")


def test_without_a_word_of_what_it_was_made_from_data_is_left_alone(
    calm: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o"
    shutil.copytree(calm / "less", out)
    for name in ("manifest.json", "begun.json"):
        (out / name).unlink()
    before = contents(out)
    ran = toolweave("build", "--tools", next(calm.glob("plan-*")), "-n", 26, "--out", out)
    assert ran.code == 2
    assert "holds data and no manifest.json" in ran.last
    assert {**contents(out), ".lock": b""} == {**before, ".lock": b""}


def test_a_lost_manifest_binds_to_what_the_folder_was_begun_from(
    calm: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o"
    shutil.copytree(calm / "less", out)
    (out / "manifest.json").unlink()
    before = data_of(out)
    known = next(calm.glob("plan-*"))
    ran = toolweave("build", "--tools", known, "--seed", 9, "-n", 26, "--out", out)
    assert ran.code == 2
    assert "was begun with seed 0 instead of 9" in ran.last
    assert data_of(out) == before


def test_a_manifest_that_counts_otherwise_than_its_files_is_noticed(
    calm: Path, tmp_path: Path
) -> None:
    out = tmp_path / "o"
    shutil.copytree(calm / "less", out)
    told = manifest(out) | {"accepted": 19}
    (out / "manifest.json").write_text(json.dumps(told))
    ran = toolweave("build", "--tools", next(calm.glob("plan-*")), "-n", 26, "--out", out)
    assert ran.code == 0
    assert "something else changed the data; it is mended" in ran.err
    assert data_of(out) == data_of(calm / "more")


@pytest.mark.parametrize("damage", [scribble, cut, empty])
def test_a_garbled_manifest_is_one_line_that_says_the_way_out(
    calm: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    ran = grown(calm, tmp_path, damage, "manifest.json")
    assert ran.code == 2
    assert "manifest.json: is no manifest of toolweave" in ran.last
    assert "without it, the same build makes it anew" in ran.last
    (tmp_path / "o/manifest.json").unlink()
    known = next(calm.glob("plan-*"))
    assert toolweave("build", "--tools", known, "-n", 26, "--out", tmp_path / "o").code == 0
    assert data_of(tmp_path / "o") == data_of(calm / "more")


def test_a_garbled_line_of_the_journal_is_made_again_and_told(calm: Path, tmp_path: Path) -> None:
    out = tmp_path / "o"
    shutil.copytree(calm / "less", out)
    (out / "manifest.json").unlink()
    (out / "index.jsonl").unlink()
    for name in FILES:  # as if nothing had been decided yet
        for line in (out / name).read_bytes().splitlines(keepends=True):
            shard = out / f"shards/{json.loads(line)['index'] // 8:04d}"
            shard.mkdir(parents=True, exist_ok=True)
            with (shard / "candidates.jsonl").open("ab") as file:
                file.write(line)
        (out / name).unlink()
    scribble(out / "shards/0000/candidates.jsonl")
    ran = toolweave("build", "--tools", next(calm.glob("plan-*")), "-n", 26, "--out", out)
    assert ran.code == 0, ran.err
    assert "candidates.jsonl, line" in ran.err
    assert "it was made again" in ran.err
    assert data_of(out) == data_of(calm / "more")


# What a terminal is sent

EVIL = "\x1b[2J\x1b]0;owned\x07\x1b]8;;http://x\x1b\\link\u202etxt\x9b31m\r"


def test_nothing_of_a_catalogue_moves_the_terminal(tmp_path: Path) -> None:
    tool = {
        "name": "get_weather",
        "description": f"Get the weather of a city. {EVIL}",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": EVIL}},
            "required": ["city"],
        },
    }
    file = tmp_path / "evil.json"
    file.write_text(json.dumps([tool, {"name": EVIL}, {"name": f"x{EVIL}", "parameters": 3}]))
    for words in (("tools",), ("tools", "--repairs"), ("world", "show"), ("graph", "stats")):
        for more in ((), ("--json",)) if words != ("tools", "--repairs") else ((),):
            ran = toolweave(*words, file, *more)
            assert ran.code in (0, 2)
            assert not set(ran.out + ran.err) & set(EVIL) & set(map(chr, (7, 13, 27, 0x9B, 0x202E)))
    ran = toolweave("graph", "show", file, "get_weather")
    assert not set(ran.out + ran.err) & {"\x07", "\x1b", "\x9b", "\u202e"}


def test_what_is_printed_as_json_is_the_same_value() -> None:
    value = {"text": EVIL + "\ud800 \U000e0041 line\nnext\t日本 👩‍🚀"}
    shown = printable(json.dumps(value, ensure_ascii=False, indent=2))
    assert all(one.isprintable() for one in set(shown) - {"\n", "\u200d"})
    assert json.loads(shown) == value
