"""Episodes, played by the runners of those they are for: `make test-consumers` installs them."""

import json
from collections.abc import Iterator
from math import isnan
from pathlib import Path

import pytest

from benchmarks.program import serve
from generators.dialogue.model_roles import assistant_tools
from pipeline.adapters.episodes import list_tasks, open_episodes
from pipeline.adapters.methods import name_parameter
from pipeline.adapters.tau2_domain import write_domains
from pipeline.chat.loopback import Loopback
from pipeline.config import Settings
from pipeline.dataset import Dataset
from pipeline.opening import read_catalog
from pipeline.serving.episode import list_proven_moves
from schemas.record import JsonObject
from tests.adapting import ONE, scripted
from tests.commands import ROOT
from tests.consuming import ask, build_some
from tests.endpoints import refuse_key
from validators.reward import is_earned

pytestmark = [pytest.mark.consumer, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_some(tmp_path_factory.mktemp("made") / "o")


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    with serve(folder) as (found, _):
        yield found


@pytest.fixture(scope="module")
def endpoint(folder: Path) -> Iterator[str]:
    with scripted(folder) as found:
        yield found


def test_verifiers_plays_the_proven_conversations(
    folder: Path, address: str, endpoint: str
) -> None:
    traces = ask("verifiers", "play_verifiers", address, endpoint, 100)
    assert len({one["name"] for one in traces}) == len(traces) > 10
    for one in traces:
        assert one["errors"] == []
        assert one["stop"] == "agent_completed"
        assert one["rewards"] == {"toolweave": 1.0}
        assert one["metrics"] == ONE
        assert {role for role, sampled in one["said"] if sampled} == {"assistant"}
        assert all(sampled for role, sampled in one["said"] if role == "assistant")
        assert {role for role, sampled in one["said"] if not sampled} >= {"system", "user"}


def test_openenv_client_plays_the_proven_conversations(
    folder: Path, address: str, tmp_path: Path
) -> None:
    kept = [*Dataset.open(folder)]
    moves = [list_proven_moves(one) for one in kept if is_earned(one)]
    file = tmp_path / "moves.json"
    places = [number for number, one in enumerate(kept) if is_earned(one)]
    assert len(moves) > 10
    by_seed: list[list[JsonObject]] = [[] for _ in kept]
    for place, own in zip(places, moves, strict=True):
        by_seed[place] = own
    file.write_text(json.dumps(by_seed))
    told = ask("openenv", "play_openenv", address, file)
    for place in places:
        one, found = kept[place], told[place]
        assert found == {
            "task": one.id, "tools": len(one.tools), "roles": ["system", "user"],
            "reward": 1, "done": True, "steps": len(by_seed[place]),
        }  # fmt: skip


def test_nemo_gym_collects_rollouts_of_the_proven_conversations(
    address: str, endpoint: str
) -> None:
    told = ask("gym", "play_nemo_gym", address, endpoint, 100, "own")
    assert told["offending"] == []
    assert told["rows"] == told["kept"] == len(told["rollouts"]) > 10
    assert (told["failed"], told["mean"]) == (0, 1.0)
    for one in told["rollouts"]:
        assert (one["reward"], one["terminated"], one["parts"]) == (1.0, True, ONE)
        assert one["said"][-1] == "assistant"
        assert {*one["said"]} >= {"function_call", "function_call_output"}


@pytest.fixture(scope="module")
def failing(folder: Path) -> Iterator[str]:
    """A server whose users a model plays that nobody may ask."""
    with (
        Loopback(refuse_key) as user,
        serve(folder, "--user-model", "m", "--user-base-url", user.base_url) as (found, _),
    ):
        yield found


def test_verifiers_counts_no_rollout_whose_user_failed(failing: str, endpoint: str) -> None:
    traces = ask("verifiers", "play_verifiers", failing, endpoint, 5)
    assert len(traces) == 5
    for one in traces:
        assert (one["stop"], one["rewards"]) == ("harness_error", {})
        assert "the episode is not scored (user_absent)" in one["errors"][0]


def test_nemo_gym_counts_no_rollout_whose_user_failed(failing: str, endpoint: str) -> None:
    told = ask("gym", "play_nemo_gym", failing, endpoint, 5, "own")
    assert (told["kept"], told["failed"], told["mean"]) == (0, 5, None)
    assert [(one["masked"], one["ended"]) for one in told["rollouts"]] == [
        (True, "user_absent")
    ] * 5


def test_grpo_learns_nothing_from_episodes_whose_user_failed(
    failing: str, moves: dict[int, list[JsonObject]], tmp_path: Path
) -> None:
    file = tmp_path / "moves.json"
    file.write_text(json.dumps(moves))
    told = ask("trainers", "step_grpo", failing, file, "scripted")
    assert all(isnan(one) for one in told["rewards"])
    assert (told["steps"], told["moved"]) == (2, False)


@pytest.fixture(scope="module")
def moves(folder: Path) -> dict[int, list[JsonObject]]:
    """The proven moves of what is served by a seed."""
    proven = {one.id: list_proven_moves(one) for one in Dataset.open(folder)}
    listed = list_tasks(open_episodes(str(folder)), 100)
    return {one["which"]["seed"]: proven[one["task"]] for one in listed}


def test_two_steps_of_grpo_learn_from_the_policy_alone(
    address: str, moves: dict[int, list[JsonObject]], tmp_path: Path
) -> None:
    file = tmp_path / "moves.json"
    file.write_text(json.dumps(moves))
    told = ask("trainers", "step_grpo", address, file, "scripted")
    assert told["rewards"] == [1.0, 0.0, 1.0, 0.0]
    assert told["steps"] == 2
    assert told["moved"]
    for number, runs in enumerate(told["runs"]):
        own = [text.removesuffix("<|im_end|>") for trained, text in runs if trained]
        assert own == ([told["busy"]] if number % 2 else told["written"][number // 2])
        assert all("<tool_response>" in text for trained, text in runs if not trained)


def test_two_steps_of_grpo_by_a_random_model(
    address: str, moves: dict[int, list[JsonObject]], tmp_path: Path
) -> None:
    file = tmp_path / "moves.json"
    file.write_text(json.dumps(moves))
    told = ask("trainers", "step_grpo", address, file, "own")
    assert (told["steps"], told["rewards"]) == (2, [0.0] * 4)


CATALOGUES = (
    "mcp/github_mcp_server_tools_list.json",
    "tau2_retail/retail.json",
    "tau2_airline/airline.json",
)


@pytest.mark.parametrize("name", [None, *CATALOGUES], ids=["own", "github", "retail", "airline"])
def test_transformers_reads_every_tool_as_a_method(name: str | None, tmp_path: Path) -> None:
    file = None if name is None else ROOT.parent / "shared" / "real" / name
    if file is not None and not file.exists():
        pytest.skip(f"no {file}")
    catalog = read_catalog(Settings(tools=() if file is None else (file,)))
    tools = assistant_tools(catalog.tools)
    definitions = tmp_path / "tools.json"
    definitions.write_text(json.dumps(tools))
    read = ask("trainers", "read_methods", definitions)
    assert len(read) == len(tools) > 10
    for found, tool in zip(read, tools, strict=True):
        wanted, schema = tool["function"], found["function"]["parameters"]
        assert set(schema["properties"]) == {
            *map(name_parameter, wanted["parameters"]["properties"])
        }
        assert set(schema.get("required", ())) == {
            *map(name_parameter, wanted["parameters"].get("required", ()))
        }
        for one, told in wanted["parameters"]["properties"].items():
            made = schema["properties"][name_parameter(one)]
            assert made["description"]
            if told.get("enum"):
                assert made["enum"] == told["enum"]
            elif isinstance(told.get("type"), str):
                assert made["type"] == told["type"]


def test_tau2_plays_written_domains_by_its_own_evaluators(folder: Path, tmp_path: Path) -> None:
    proven = {one.id: list_proven_moves(one) for one in Dataset.open(folder)}
    file = tmp_path / "proven.json"
    file.write_text(json.dumps(proven))
    places = write_domains(folder, tmp_path / "domains")
    sizes = {one: len(json.loads((one / "tasks.json").read_text())) for one in places}
    first, second = sorted(places, key=lambda one: -sizes[one])[:2]
    for place, moves in ((first, ()), (second, (file,))):
        found = ask("tau2", "play_tau2", place, folder, *moves)
        assert len(found) == sizes[place]
        for one in found:
            assert one["task"] in proven
            assert (one["reward"], one["errors"]) == (1.0, [])
        assert any(one["claimed"] == 0.0 for one in found)
