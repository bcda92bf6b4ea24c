"""Mistakes made in a whole folder, and how well checks and judges tell them."""

import asyncio
import json
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import to_json

from generators.errors import KINDS
from generators.errors.ground import Ground
from generators.errors.make import make_mistake
from pipeline.chat.loopback import Loopback, Recorded
from pipeline.cli.errors_command import tell_errors
from pipeline.dataset import Dataset
from pipeline.exports.rows import whole
from pipeline.opening import environments
from pipeline.run.calibration import calibrate, find_judged, is_silent
from pipeline.run.data_lines import lines
from pipeline.run.error_files import (
    ERRORS,
    NEAR_MISSES,
    NOTE,
    RECOVERIES,
    choose_kinds,
    confirm,
    make_errors,
    read_mistaken,
    read_mistakes,
)
from pipeline.run.manifest import ACCEPTED
from pipeline.run.output_folder import read_catalog
from schemas.attempt import Rate
from schemas.errors import InputError
from schemas.mistake import Use, label_steps, make_pair
from schemas.trajectory import Trajectory
from schemas.verdict import Reason, Verdict
from tests.commands import OWN, Ran, toolweave
from tests.endpoints import unreadable_judge

FILES = (ERRORS, RECOVERIES, NEAR_MISSES, NOTE)
ALL = ("--recovery", 1, "--pair", 1, "--steps", 1, "--near-miss", 1)


def call(*arguments: object) -> Ran:
    return toolweave(*arguments, stages=OWN)


@pytest.fixture
def folder(scripted: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(scripted, tmp_path / "o"))


def contents(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in FILES]


def test_every_use_has_its_file_and_the_checks_bear_it_out(folder: Path) -> None:
    ran = call("errors", folder, *ALL, "--json")
    assert ran.code == 0
    note = json.loads(ran.out)
    assert note["made"] == {"near_miss": 12, "pair": 12, "recovery": 12, "steps": 12}
    recoveries = [line.trajectory for line in lines(folder / RECOVERIES)]
    near = [line.trajectory for line in lines(folder / NEAR_MISSES)]
    assert len(recoveries) == len(near) == 12
    for one in recoveries:
        (slip,) = one.slips
        assert one.accepted
        assert slip.repaired
        assert [label.message for label in one.labels if label.label != "good"].count(slip.message)
    for one in near:
        (slip,) = one.slips
        assert not one.accepted or slip.code is None
        (label,) = [label for label in one.labels if label.message == slip.message]
        assert (label.label, label.train) == ("bad", False)
    assert call("check", folder / RECOVERIES).code == 0
    assert call("check", folder).code == 0
    for line, _ in read_mistaken(folder):
        assert "trajectory" not in vars(line)  # it is known by its line alone
    for file in (ACCEPTED, RECOVERIES, NEAR_MISSES):
        for line in lines(folder / file):
            (row,) = whole(line)
            assert "trajectory" not in vars(line)
            assert to_json(row) == to_json(line.trajectory.model_dump(mode="json"))
    for trajectory, mistake in read_mistakes(folder, "pair"):
        pair = make_pair(trajectory, mistake)
        assert pair.chosen != pair.rejected
    for trajectory, mistake in read_mistakes(folder, "steps"):
        _, labels = label_steps(trajectory, mistake)
        assert [label.value for label in labels].count(-1) == 1


def test_what_is_interrupted_goes_on_to_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    assert call("errors", folder, "--seed", 3, *ALL).code == 0
    before = contents(folder)
    assert call("errors", folder, "--seed", 3, *ALL).code == 0
    assert contents(folder) == before
    # As if it had been killed after some were written, and before that was noted.
    assert call("errors", other, "--seed", 3, *ALL).code == 0
    note = json.loads((other / NOTE).read_text())
    note |= {"trajectories": 0, "lengths": {}, "made": {}, "by_kind": {}, "by_use": {}}
    (other / NOTE).write_text(json.dumps(note))
    with (other / ERRORS).open("ab") as file:
        file.write(b'{"torn')
    assert call("errors", other, "--seed", 3, *ALL).code == 0
    assert contents(other) == before


def test_draws_spread_over_the_kinds_that_find_a_place(folder: Path) -> None:
    assert call("errors", folder, *ALL).code == 0
    note = json.loads((folder / NOTE).read_text())
    for use in ("pair", "steps"):
        counts = Counter(mistake.kind for _, mistake in read_mistakes(folder, use))
        assert note["by_use"][use] == dict(sorted(counts.items()))
        assert counts.total() == 12
        assert max(counts.values()) == 1


def test_other_settings_are_refused_unless_forced(folder: Path) -> None:
    assert call("errors", folder, "--pair", 1).code == 0
    refused = call("errors", folder, "--pair", 0.5)
    assert refused.code == 2
    assert "other settings" in refused.last
    assert call("errors", folder, "--pair", 0, "--recovery", 0, "--force").code == 0
    assert {mistake.use for _, mistake in read_mistakes(folder)} <= {"steps", "near_miss"}


def test_what_is_forced_and_interrupted_leaves_no_note_of_what_is_gone(
    folder: Path, tmp_path: Path
) -> None:
    class StoppedError(Exception):
        pass

    def stop(_: int) -> None:
        raise StoppedError

    assert call("errors", folder, *ALL).code == 0
    other = Path(shutil.copytree(folder, tmp_path / "other"))
    shares: dict[Use, float] = {"recovery": 1, "pair": 1, "steps": 1, "near_miss": 1}
    world = environments(read_catalog(folder), folder)
    with pytest.raises(StoppedError):
        make_errors(folder, world, shares, KINDS, 9, force=True, seen=stop)
    assert (folder / ERRORS).read_bytes() == b""
    assert "other settings" in call("errors", folder, *ALL).last
    make_errors(folder, world, shares, KINDS, 9)
    make_errors(other, world, shares, KINDS, 9, force=True)
    assert contents(folder) == contents(other)
    with (folder / NEAR_MISSES).open("ab") as file:
        file.truncate(100)
    make_errors(folder, world, shares, KINDS, 9)
    assert contents(folder) == contents(other)


def test_a_kind_that_raises_finds_no_place_and_is_told(folder: Path) -> None:
    def fail(_: object, __: object) -> None:
        raise RuntimeError("x")

    broken = replace(KINDS[0], name="broken", drafts=fail)
    world = environments(read_catalog(folder), folder)
    note = make_errors(folder, world, {"pair": 1}, (broken,), 0, force=True)
    assert (note.made, note.failed) == ({}, {"broken": 12})
    assert "broken 12" in [*tell_errors(folder, note)][-1]


def test_a_near_miss_is_borne_out_by_its_own_code_alone(folder: Path) -> None:
    world = environments(read_catalog(folder), folder)
    (kind,) = choose_kinds(("missing_argument",))
    clean = next(iter(lines(folder / ACCEPTED))).trajectory
    made = make_mistake(Ground(clean, world), kind, 3)
    assert made is not None
    assert confirm(made, "near_miss", world) is not None
    other = replace(made, mistake=made.mistake.model_copy(update={"code": "raw_tool_name"}))
    assert confirm(other, "near_miss", world) is None


def test_an_unknown_kind_is_refused_with_those_that_there_are(folder: Path) -> None:
    with pytest.raises(InputError, match="unknown kind 'x'; there is wrong_tool"):
        choose_kinds(("x",))
    assert call("errors", folder, "--kind", "x").code == 2


def test_calibration_tells_misses_by_kind_and_clean_copies(folder: Path) -> None:
    kinds = ("--kind", "missing_argument", "--kind", "needless_call")
    ran = call("calibrate", folder, "-n", 5, *kinds, "--json")
    assert ran.code == 0
    told = json.loads(ran.out)
    by_kind = {one["kind"]: one for one in told["kinds"]}
    assert by_kind["missing_argument"]["accepted"] == {"hits": 0, "of": 5}
    assert by_kind["missing_argument"]["blamed"] == {"hits": 5, "of": 5}
    assert by_kind["needless_call"]["accepted"]["hits"] == 5
    assert not by_kind["needless_call"]["by_code"]
    assert told["clean"]["hits"] == 0
    plain = call("calibrate", folder, "-n", 2, *kinds)
    assert "clean copies rejected by the checks" in plain.out.splitlines()[-1]


async def _blame_third(trajectory: Trajectory) -> tuple[Verdict, ...]:
    found = Reason(code="judge_wrong_call", message=2)
    return (Verdict(check="turn", version=1, level="turn", label="bad", reasons=(found,)),)


async def _blame_none(trajectory: Trajectory) -> tuple[Verdict, ...]:
    assert not trajectory.slips, "a judge is not told"
    return (Verdict(check="turn", version=1, level="turn", label="good"),)


@pytest.mark.parametrize(
    ("judge", "accepted", "clean"), [(_blame_third, 0, 12), (_blame_none, 12, 0)]
)
def test_a_judge_is_measured_on_the_same_copies(
    scripted: Path, judge: object, accepted: int, clean: int
) -> None:
    world = environments(read_catalog(scripted), scripted)
    asked = calibrate(
        Dataset.open(scripted), world, choose_kinds(("missing_argument",)), 50, 0,
        judge, "tiny",  # type: ignore[arg-type]
    )  # fmt: skip
    found = asyncio.run(asked)
    (kind,) = found.kinds
    assert kind.judge_accepted == Rate(hits=accepted, of=12)
    assert found.judge_clean == Rate(hits=clean, of=12)
    assert kind.judge_blamed.of == 12 - accepted
    assert found.total("judge_accepted", by_code=False) == kind.judge_accepted


def test_what_a_judge_could_not_decide_is_neither_accepted_nor_held_against_anything() -> None:
    good, unclear, bad = (
        Verdict(check="turn", version=1, level="turn", label=label)  # type: ignore[arg-type]
        for label in ("good", "unknown", "bad")
    )
    assert (find_judged([good, unclear]), is_silent([good, unclear])) == ([], True)
    assert (find_judged([bad, unclear]), is_silent([bad, unclear])) == ([None], False)
    assert (find_judged([good]), is_silent([good])) == ([], False)


@pytest.mark.parametrize("silent", [False, True])
def test_a_model_that_judges_is_asked_about_each_copy_and_its_silence_counted_apart(
    folder: Path, silent: bool
) -> None:
    lenient = Recorded(line.trajectory for line in lines(folder / "trajectories.jsonl"))
    with Loopback(unreadable_judge(lenient) if silent else lenient) as endpoint:
        asked = ("--judge-model", "tiny", "--base-url", endpoint.base_url, "--quiet")
        ran = call("calibrate", folder, "-n", 2, "--kind", "needless_call", *asked, "--json")
        assert endpoint.requests >= 4
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    (kind,) = found["kinds"]
    assert kind["judge_silent"] == {"hits": 2 if silent else 0, "of": 2}
    assert kind["judge_accepted"] == ({"hits": 0, "of": 0} if silent else {"hits": 2, "of": 2})
    assert found["judge_clean"]["hits"] == 0
    assert found["judge_clean_silent"]["hits"] == (found["clean"]["of"] if silent else 0)


@given(of=st.integers(0, 500), data=st.data())
def test_an_interval_holds_the_share_and_narrows_with_more(of: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, of))
    low, high = Rate(hits=hits, of=of).interval
    assert 0 <= low <= (hits / of if of else 0) + 1e-9
    assert (hits / of if of else 1) - 1e-9 <= high <= 1
    ten = Rate(hits=10 * hits, of=10 * of).interval
    assert ten[1] - ten[0] <= high - low
    assert Rate(hits=hits, of=of).count(hit=True) == Rate(hits=hits + 1, of=of + 1)


def test_wilsons_interval_is_the_known_one() -> None:
    low, high = Rate(hits=5, of=50).interval
    assert (round(low, 4), round(high, 4)) == (0.0435, 0.2136)


def test_a_funnel_tells_what_each_rule_leaves(folder: Path) -> None:
    ran = call("masks", folder, "--train", "calls", "--train", "first:1", "--json")
    assert ran.code == 0
    steps = json.loads(ran.out)
    names = ["assistant messages", "labels allow", "calls", "first:1"]
    assert [one["step"] for one in steps] == names
    counts = [one["messages"] for one in steps]
    assert counts == sorted(counts, reverse=True)
    assert steps[0]["conversations"] == 12
    assert "of all tokens" in call("masks", folder).out
    refused = call("masks", folder, "--train", "most")
    assert refused.code == 2
    assert "first:N" in refused.last


def test_of_recoveries_what_puts_it_right_is_left(folder: Path) -> None:
    assert call("errors", folder, "--recovery", 1).code == 0
    ran = call("masks", folder / RECOVERIES, "--train", "recovery", "--json")
    left = json.loads(ran.out)[-1]
    assert left["conversations"] == 12
    assert left["messages"] >= 12


def test_recoveries_and_near_misses_are_exported_with_the_mistake_masked(folder: Path) -> None:
    # A call of a tool that is not on offer is no row of OpenAI's, even masked.
    kinds = ("--kind", "missing_argument", "--kind", "false_refusal")
    assert call("errors", folder, *ALL, *kinds).code == 0
    for of in ("recoveries", "near_misses"):
        assert call("export", folder, "--to", "openai", "--of", of).code == 0
        rows = (folder / "exports" / f"openai-{of}.jsonl").read_text().splitlines()
        assert len(rows) == 12
        for row in map(json.loads, rows):
            weights = [one["weight"] for one in row["messages"] if one["role"] == "assistant"]
            assert 0 in weights
            assert 1 in weights
    assert call("export", folder, "--to", "parquet", "--of", "recoveries").code == 2
    assert call("export", folder, "--to", "openai", "--of", "all").code == 2
    (folder / RECOVERIES).unlink()
    told = call("export", folder, "--to", "rows", "--of", "recoveries")
    assert "toolweave errors" in told.last


def test_of_a_model_the_checks_leave_to_a_judge_what_words_amount_to(folder: Path) -> None:
    kinds = ("--kind", "missing_argument", "--kind", "misread_result")
    ran = call("calibrate", folder, "-n", 4, *kinds, "--as-model", "--json")
    told = json.loads(ran.out)
    by_kind = {one["kind"]: one for one in told["kinds"]}
    assert by_kind["missing_argument"]["suspected"]["hits"] == 0
    assert by_kind["missing_argument"]["blamed"]["of"] == 4
    assert by_kind["misread_result"]["suspected"]["hits"] > 0
    assert told["clean"]["hits"] == 0
    assert call("calibrate", folder, "-n", 4, *kinds, "--as-model").code == 0
