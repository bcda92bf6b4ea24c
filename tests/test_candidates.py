"""The stream of candidates: decided by catalogue, seed and roles alone, on any machine."""

import asyncio
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from generators.embedding import HashEmbedder
from generators.importers import read_catalog
from generators.studio import open_studio
from pipeline.chat.models import Models
from pipeline.config import Settings
from pipeline.opening import OpenWorkshop, environments, open_workshop, read_tools
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog
from schemas.trajectory import Roles, Trajectory
from schemas.verdict import Verdict
from tests.studio import REAL, SEED, own_catalog, own_studio, take
from tests.trajectories import TOOLS
from validators.checks import examine

HERE = Path(__file__).resolve().parents[1]
MCP = REAL / "mcp"
CATALOGUES = {
    "own": (),
    "github": (MCP / "github_mcp_server_tools_list.json",),
    "retail": (REAL / "tau2_retail" / "retail.json",),
    "reference servers": tuple(
        MCP / f"ref_{name}_tools_list.json" for name in ("filesystem", "memory", "git", "time")
    ),
}

MANY = 20
PROBE = """
import asyncio, json
from tests.test_candidates import workshop

own = workshop("own")
made = [asyncio.run(own.candidate(number)).model_dump_json() for number in (3, 0)]
print(json.dumps([own.fingerprint, json.dumps(own.graph_json()), *made]))
"""


@cache
def workshop(name: str) -> OpenWorkshop:
    """The workshop of a catalogue; skips the test where its files are absent."""
    missing = [path.name for path in CATALOGUES[name] if not path.exists()]
    if missing:
        pytest.skip(f"the shared catalogues are not here: {missing}")
    return open_workshop(Settings(tools=CATALOGUES[name], seed=7))


@cache
def made_by(name: str, count: int) -> tuple[Trajectory, ...]:
    return tuple(asyncio.run(workshop(name).candidate(index)) for index in range(count))


@pytest.mark.parametrize("name", CATALOGUES)
def test_nearly_all_candidates_are_accepted(name: str) -> None:
    rejected = [one.reasons for one in made_by(name, MANY) if not one.accepted]
    assert len(rejected) <= 0.05 * MANY, rejected


@pytest.mark.parametrize("name", CATALOGUES)
def test_candidates_are_many_and_each_is_checked(name: str) -> None:
    made = made_by(name, MANY)
    assert [one.index for one in made] == list(range(MANY))
    assert len({one.id for one in made}) == len({one.task.id for one in made}) == MANY
    assert len({one.messages[1].model_dump_json() for one in made}) == MANY
    assert {call.tool for one in made for call in one.task.calls} <= {
        tool.wire_name for tool in workshop(name).catalog.tools
    }
    for one in made:
        assert len({verdict.check for verdict in one.verdicts}) >= 8
        assert all(verdict.label in ("good", "bad") for verdict in one.verdicts)
        assert {label.message for label in one.labels} == {
            message.index for message in one.messages if message.role == "assistant"
        }
        assert one.roles == Roles()


def test_what_the_workshop_accepts_passes_with_environments_of_its_catalogue() -> None:
    replay = environments(workshop("own").catalog)
    for one in made_by("own", MANY)[:8]:
        again = examine(one.model_copy(update={"verdicts": (), "labels": ()}), replay)
        assert (again.verdicts, again.labels) == (one.verdicts, one.labels)
        other = examine(one, environments(Catalog(tools=TOOLS)))
        assert not other.accepted


def test_a_candidate_depends_on_its_number_and_on_nothing_before_it() -> None:
    studio = own_studio()
    alone = asyncio.run(studio.candidate(SEED, 7, studio.scripted, Roles())).trajectory
    assert alone == take(7).trajectory
    fresh = open_studio(own_catalog(), HashEmbedder())
    assert asyncio.run(fresh.candidate(SEED, 7, fresh.scripted, Roles())).trajectory == alone
    other = asyncio.run(studio.candidate(SEED + 1, 7, studio.scripted, Roles())).trajectory
    assert other.task.id != alone.task.id
    assert other.seed != alone.seed


def test_another_process_with_other_hashes_of_texts_makes_the_same_stream() -> None:
    known = {**os.environ, "PYTHONHASHSEED": "4242", "PYTHONPATH": str(HERE)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE], env=known, cwd=HERE, capture_output=True, text=True,
        timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    fingerprint, graph, third, first = json.loads(done.stdout)
    own = workshop("own")
    assert fingerprint == own.fingerprint
    assert json.loads(graph) == json.loads(json.dumps(own.graph_json()))
    made = made_by("own", MANY)
    assert [first, third] == [made[number].model_dump_json() for number in (0, 3)]


def test_candidates_that_are_made_at_once_are_the_same() -> None:
    studio = own_studio()

    async def together() -> list[Trajectory]:
        order = (4, 1, 3, 0, 2)
        made = [studio.candidate(SEED, index, studio.scripted, Roles()) for index in order]
        return [played.trajectory for played in await asyncio.gather(*made)]

    made = sorted(asyncio.run(together()), key=lambda one: one.index)
    assert made == [take(index).trajectory for index in range(5)]


def test_the_fingerprint_tells_seed_catalogue_and_roles_apart() -> None:
    studio = own_studio()
    fewer = Catalog(tools=studio.catalog.tools[1:])
    tool = studio.catalog.tools[0]
    told = tool.model_copy(update={"description": f"{tool.description} Now."})
    retold = Catalog(tools=(told, *studio.catalog.tools[1:]))
    model, other, judged = (
        Models(Settings(base_url="http://127.0.0.1:9/v1", **known), lambda _: None)
        for known in (
            {"model": "small"}, {"model": "large"}, {"model": "small", "judge_model": "large"}
        )
    )  # fmt: skip
    workshops = [
        OpenWorkshop(studio, 1),
        OpenWorkshop(studio, 2),
        OpenWorkshop(open_studio(fewer, HashEmbedder()), 1),
        OpenWorkshop(open_studio(retold, HashEmbedder()), 1),
        OpenWorkshop(studio, 1, model),
        OpenWorkshop(studio, 1, other),
        OpenWorkshop(studio, 1, judged),
    ]
    assert len({workshop.fingerprint for workshop in workshops}) == len(workshops)
    again = OpenWorkshop(open_studio(own_catalog(), HashEmbedder()), 1)
    assert again.fingerprint == workshops[0].fingerprint
    assert (workshops[0].roles, workshops[4].roles.user) == (Roles(), "small")
    assert workshops[4].roles.judge == workshops[4].roles.assistant == "small"
    assert workshops[4].roles.prompts
    assert (workshops[6].roles.judge, workshops[6].roles.assistant) == ("large", "small")
    for opened in workshops:
        asyncio.run(opened.close())


def test_without_files_the_own_catalogues_are_read() -> None:
    assert read_tools(()) == own_catalog()
    domains = {tool.domain for tool in read_tools(()).tools}
    assert len(domains) >= 6


def test_the_graph_is_node_link_json_of_the_tools() -> None:
    graph: JsonObject = OpenWorkshop(own_studio(), 1).graph_json()
    names = {node["id"] for node in json.loads(json.dumps(graph))["nodes"]}
    assert names == {tool.wire_name for tool in own_catalog().tools}
    assert all({edge["source"], edge["target"]} <= names for edge in graph["edges"])
    assert len(graph["edges"]) > len(names)


def test_a_catalogue_that_is_not_there_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        open_workshop(Settings(tools=(tmp_path / "none.json",)))
    with pytest.raises(InputError):
        read_tools((tmp_path,))


def test_a_failure_of_a_role_is_among_the_verdicts() -> None:
    verdict = Verdict(check="role_play", version=1, level="structure", label="bad")
    one = made_by("own", MANY)[0]
    assert one.accepted
    assert not examine(one, own_studio().environment, (verdict,)).accepted


def test_a_catalogue_is_read_the_same_whatever_the_order_of_its_files() -> None:
    folder = HERE / "data" / "catalogs"
    files = sorted(folder.glob("*.json"))
    assert read_catalog(files).by_name.keys() == read_catalog(files[::-1]).by_name.keys()
    assert read_catalog([folder]) == read_catalog(files)
