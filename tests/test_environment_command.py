"""Backends by the command line: built, checked again, and refused where settings do not fit."""

import asyncio
import json
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from pipeline.backends import catalog_tools, open_models, replaying
from pipeline.chat.loopback import Loopback
from pipeline.chat.models import Models
from pipeline.config import Settings, load_settings
from pipeline.opening import open_workshop
from pipeline.run.manifest import Manifest, read_manifest, write_manifest
from schemas.chat import ChatRequest
from schemas.errors import BudgetError, InputError, NotRecordedError
from schemas.record import JsonObject
from tests.clerk import Clerk, office
from tests.commands import manifest
from tests.test_python_environment import SHOP
from tests.test_wiring import toolweave

CLOCK = "2026-03-02T10:00:00+00:00"
SHED = "data.environments.lending_shed:LendingShed"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    path = tmp_path / "shop.py"
    path.write_text(SHOP)
    return path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an environment, and what was built from it in ``out``."""
    folder = tmp_path_factory.mktemp("built")
    (folder / "shop.py").write_text(SHOP)
    named = f"{folder / 'shop.py'}:Shop"
    ran = toolweave("build", "--environment", named, "-n", 2, "--out", folder / "out", "-q")
    assert ran.code == 0, ran.err
    return folder


def test_an_environment_is_built_from_and_checked(built: Path) -> None:
    shop, out = built / "shop.py", built / "out"
    assert manifest(out)["settings"]["environment"] == f"{shop}:Shop"  # type: ignore[index]
    lines = [json.loads(line) for line in (out / "trajectories.jsonl").read_text().splitlines()]
    assert {line["roles"]["tools"] for line in lines} == {"shop.py:Shop"}
    checked = toolweave("check", out)
    assert (checked.code, checked.out) == (
        0, f"{out}/trajectories.jsonl: 2 of 2 trajectories are good\n"
    )  # fmt: skip
    again = toolweave("build", "--environment", f"{shop}:Shop", "-n", 2, "--out", out)
    assert "is complete already" in again.out


def note_environment(out: Path, reference: str) -> None:
    known = read_manifest(out)
    assert known is not None
    settings = known.settings | {"environment": reference}
    write_manifest(out, known.model_copy(update={"settings": settings}))


def test_a_replay_in_another_environment_is_noticed(built: Path, tmp_path: Path) -> None:
    out = shutil.copytree(built / "out", tmp_path / "out")
    dearer = tmp_path / "dearer.py"
    dearer.write_text(SHOP.replace("Ada", "Bea"))
    note_environment(out, f"{dearer}:Shop")
    checked = toolweave("check", out)
    assert checked.code == 3
    assert "replay_initial_state_differs" in checked.out
    refused = toolweave("build", "--environment", f"{dearer}:Shop", "-n", 4, "--out", out)
    assert refused.code == 2
    assert f"was begun with another text of {dearer}:Shop" in refused.last


def test_an_environment_that_is_gone_is_told(built: Path, tmp_path: Path) -> None:
    out = shutil.copytree(built / "out", tmp_path / "out")
    gone = tmp_path / "shop.py"
    note_environment(out, f"{gone}:Shop")
    checked = toolweave("check", out)
    assert checked.code == 2
    assert checked.last == f"toolweave: {gone}:Shop: no such file"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"environment": SHED, "tools": ["a.json"]}, "an environment has its own tools"),
        ({"environment": SHED, "mcp": ["server"]}, "an environment has its own tools"),
        ({"environment": SHED, "mcp": ["s"], "mcp_calls": True}, "environment and mcp_calls ex"),
        ({"mcp_calls": True}, "mcp_calls needs live servers: give --mcp"),
        ({"tools_by": "model"}, "tools_by: model needs a model: give --model"),
        ({"tools_by": "hand"}, "tools_by"),
        (
            {"tools_by": "model", "model": "m", "mcp_calls": True, "mcp": ["s"]},
            "mcp_calls and tools_by: model exclude each other",
        ),
    ],
)
def test_settings_that_exclude_each_other_are_refused(
    options: dict[str, object], problem: str
) -> None:
    with pytest.raises(InputError, match=problem):
        load_settings(None, options)


def test_what_runs_the_tools_decides_the_data(tmp_path: Path, shop: Path) -> None:
    plain = Settings().deciding
    assert Settings(environment=SHED).deciding != plain
    assert Settings(mcp=("s",), mcp_calls=True).deciding != plain
    assert Settings(tools_by="model", model="m").deciding != plain
    first = open_workshop(Settings(environment=f"{shop}:Shop")).fingerprint
    other = tmp_path / "other.py"
    other.write_text(SHOP + "\n# another text\n")
    assert open_workshop(Settings(environment=f"{other}:Shop")).fingerprint != first


def test_a_wrong_environment_is_one_line(tmp_path: Path) -> None:
    ran = toolweave("build", "--environment", "nowhere:Shop", "--out", tmp_path / "out")
    assert (ran.code, ran.last) == (2, "toolweave: nowhere:Shop: there is no module nowhere")
    assert list(tmp_path.iterdir()) == []


def test_a_model_at_an_endpoint_plays_the_tools_and_a_replay_needs_none(tmp_path: Path) -> None:
    clerk = Clerk()

    def answer(request: JsonObject) -> JsonObject:
        said = clerk.reply(request["messages"][0]["content"])
        message = {"role": "assistant", "content": said}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return {"id": "1", "object": "chat.completion", "created": 1, "model": "clerk",
                "choices": [choice]}  # fmt: skip

    with Loopback(answer) as endpoint:
        settings = Settings(
            tools_by="model", model="clerk", base_url=endpoint.base_url, out=tmp_path
        )
        tools = catalog_tools(settings, office(), [])
        environment = tools.backend.open(1, CLOCK)
        (order, *_) = environment.rows("office/order")
        arguments = {"order_id": order["order_id"]}
        first = environment.call("get_order", arguments)
        assert first.content == order
        tools.close()
        asked = endpoint.requests
    assert asked == 1
    write_manifest(
        tmp_path,
        Manifest(toolweave="0", fingerprint="f", settings=settings.recorded, shard_size=1),
    )
    alone = replaying(office(), tmp_path)
    assert alone.name == tools.backend.name == "model:clerk"
    assert alone.open(1, CLOCK).call("get_order", arguments) == first
    with pytest.raises(NotRecordedError):
        alone.open(2, CLOCK).call("get_order", arguments)


def test_who_plays_the_tools_spends_from_the_same_budget(tmp_path: Path) -> None:
    """Dialogues and tools had a budget each: together they could take it twice."""
    usage = {"prompt_tokens": 7, "completion_tokens": 2}
    answer = {"choices": [{"message": {"content": "yes"}}], "usage": usage}
    question = ChatRequest(role="user", messages=({"role": "user", "content": "?"},), seed=1)

    async def ask(models: Models) -> None:
        await models.cast(0)["user"].complete(question)
        await models.close()

    with Loopback(lambda _: answer) as endpoint:
        settings = Settings(
            tools_by="model", model="m", base_url=endpoint.base_url, out=tmp_path, budget_tokens=9
        )
        models = open_models(settings)
        tools = catalog_tools(settings, office(), [], models)
        asyncio.run(ask(models))
        environment = tools.backend.open(1, CLOCK)
        (order, *_) = environment.rows("office/order")
        with pytest.raises(BudgetError, match=r"9\.00 of 9\.00 tokens"):
            environment.call("get_order", {"order_id": order["order_id"]})
        tools.close()
        assert endpoint.requests == 1


def test_without_a_manifest_a_replay_is_in_the_sandbox(tmp_path: Path) -> None:
    assert replaying(office(), None).name == replaying(office(), tmp_path).name == "sandbox"


def test_live_calls_are_built_recorded_and_checked_without_the_server(tmp_path: Path) -> None:
    pytest.importorskip("mcp", reason="live servers need the extra 'mcp'")
    from tests.test_live_backend import TODO

    server, log, out = tmp_path / "todo.py", tmp_path / "log.txt", tmp_path / "out"
    server.write_text(TODO.replace('{"tools": TOOLS}', '{"tools": TOOLS[:3]}'))
    command = shlex.join([sys.executable, str(server), str(log)])
    config = tmp_path / "live.yaml"
    # An injected fault never reaches the server, so that nothing of it would be recorded.
    settings = {"mcp": [command], "mcp_calls": True, "out": str(out), "n": 1, "mix": {"fault": 0}}
    config.write_text(json.dumps(settings))
    built = toolweave("build", "--config", config, "-q")
    assert built.code == 0, built.err
    assert (out / "cassettes" / "calls.jsonl").exists()
    server.unlink()
    started = log.read_text().count("start")
    checked = toolweave("check", out)
    assert (checked.code, "1 of 1" in checked.out) == (0, True)
    assert log.read_text().count("start") == started
    (out / "cassettes" / "calls.jsonl").write_text("")
    checked = toolweave("check", out)
    assert checked.code == 3
    assert "replay unknown" in checked.out
