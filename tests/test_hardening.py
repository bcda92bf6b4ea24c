"""A task that a target model solves gets operators until it fails; each step is proven again."""

import shutil
from pathlib import Path

import pytest

from generators.operators import OPERATORS
from generators.studio import Studio
from pipeline.chat.loopback import Answer, Loopback, Recorded, Response, completion
from pipeline.probing.harden import harden_task, open_folder_studio
from pipeline.probing.probes_file import HARDENED, LINEAGE
from pipeline.run.data_lines import lines
from schemas.attempt import Hardening
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from tests.commands import OWN, Ran, toolweave
from tests.endpoints import find_port

CATALOG = Path(__file__).parents[1] / "data" / "catalogs" / "library.json"
NAMES = {mark.name for one in OPERATORS for mark in one.marks}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "o"
    asked = ("build", "--tools", CATALOG, "-n", 3, "--seed", 6, "--out", folder, "--quiet")
    assert toolweave(*asked, stages=OWN).code == 0
    return folder


@pytest.fixture(scope="module")
def studio(built: Path) -> Studio:
    return open_folder_studio(built)


@pytest.fixture
def folder(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "o"))


def accepted(folder: Path) -> list[Trajectory]:
    return [line.trajectory for line in lines(folder / "trajectories.jsonl")]


def hardened(folder: Path) -> list[tuple[Hardening, Trajectory]]:
    told = [Hardening.model_validate_json(one) for one in (folder / LINEAGE).open()]
    return [*zip(told, (line.trajectory for line in lines(folder / HARDENED)), strict=True)]


def call(folder: Path, answer: Answer, command: str, *options: object) -> Ran:
    with Loopback(answer, port=find_port()) as endpoint:
        told = ("--model", "target", "--base-url", endpoint.base_url, *options)
        return toolweave(command, folder, *told, stages=OWN)


def test_a_task_is_drawn_again_with_its_chain_in_its_world(built: Path, studio: Studio) -> None:
    for one in accepted(built):
        names = [name for name in one.task.operators if name in NAMES]
        parents = [parent.name for parent in OPERATORS for mark in parent.marks
                   if mark.name in names]  # fmt: skip
        again = harden_task(studio.bench, one.task, one.seed, names, parents)
        assert again is not None
        assert {*names} <= {*again.operators}
        same = ("chain", "environment_seed", "clock", "person", "domain")
        assert [getattr(again, name) for name in same] == [getattr(one.task, name) for name in same]
        assert again == harden_task(studio.bench, one.task, one.seed, names, parents)


def test_what_is_not_served_is_not_taken_for_a_failure(folder: Path) -> None:
    recorded = Recorded(accepted(folder))  # it refuses what it has not recorded
    assert call(folder, recorded, "probe", "-k", 1).code == 0
    assert call(folder, recorded, "harden", "-k", 1, "-n", 2).code == 0
    assert hardened(folder) == []


def test_operators_are_added_until_the_model_fails(folder: Path, studio: Studio) -> None:
    known = {one.messages[1].text for one in accepted(folder)}
    recorded = Recorded(accepted(folder))

    def plays_only_what_it_knows(request: JsonObject) -> JsonObject | Response:
        if request["messages"][1]["content"] not in known:
            return completion({"content": "I cannot help with that."}, request)
        try:
            return recorded(request)
        except LookupError:
            return completion({"content": "I do not know."}, request)

    answer = plays_only_what_it_knows
    assert call(folder, answer, "harden").code == 2  # it was not probed
    assert call(folder, answer, "probe", "-k", 1).code == 0
    ran = call(folder, answer, "harden", "-k", 1, "-n", 2)
    assert ran.code == 0, ran.err
    made = hardened(folder)
    assert made
    origins = {one.id: one for one in accepted(folder)}
    for lineage, harder in made:
        origin = origins[lineage.origin]
        assert lineage.index == harder.index == origin.index
        assert lineage.steps[-1].trajectory == harder.id
        assert lineage.ended == "failed"
        assert [step.passed.hits for step in lineage.steps][-1] == 0
        added = [step.operator for step in lineage.steps]
        assert {*added} <= {*harder.task.operators}
        assert not {*added} & {*origin.task.operators}
        assert harder.accepted
        assert [one.tool for one in harder.task.chain.steps] == [
            one.tool for one in origin.task.chain.steps
        ]
    assert toolweave("check", folder / HARDENED, stages=OWN).code == 0
    before = [(folder / name).read_bytes() for name in (HARDENED, LINEAGE)]
    assert call(folder, answer, "harden", "-k", 1, "-n", 2, "--concurrency", 1).code == 0
    assert [(folder / name).read_bytes() for name in (HARDENED, LINEAGE)] == before
    out = folder / "harder.jsonl"
    asked = ("--to", "openai", "--of", "hardened", "--out", out, "--quiet")
    assert toolweave("export", folder, *asked, stages=OWN).code == 0
    assert len(out.read_text().splitlines()) == len(made)
