"""The settings reach the stages that they are about, by the commands that a user runs."""

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pytest

from pipeline.config import Settings
from pipeline.entry import main
from pipeline.opening import open_workshop, read_catalog
from tests.commands import OWN, ROOT, Ran, manifest

FOOD = ROOT / "data" / "catalogs" / "food_delivery.json"
LIBRARY = FOOD.with_name("library.json")


def toolweave(*arguments: object) -> Ran:
    """With the stages of the program itself."""
    out, err = StringIO(), StringIO()
    with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments], OWN)
    assert isinstance(end.value.code, int)
    return Ran(end.value.code, out.getvalue(), err.getvalue())


def schema(*required: str) -> dict[str, object]:
    properties = {name: {"type": "string"} for name in required}
    return {"type": "object", "properties": properties, "required": list(required)}


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    told = {"description": "Find all items of the shop.", "inputSchema": schema()}
    tools = [
        {"name": "find_items", **told},
        {"name": "find_all_items", **told},
        {"name": "buy_item", "description": "Buy an item.", "inputSchema": schema("item_id")},
        {"name": "broken", "inputSchema": {"type": "object", "properties": {"x": {"type": "no"}}}},
    ]
    file = tmp_path / "shop.json"
    file.write_text(json.dumps({"tools": tools}))
    return file


def test_what_is_skipped_is_told_or_an_error(shop: Path) -> None:
    answer = json.loads(toolweave("tools", "--json", shop).out)
    assert [skipped["tool"] for skipped in answer["skipped"]] == ["broken"]
    strict = toolweave("tools", "--strict", shop)
    assert strict.code == 2
    assert "tool 'broken'" in strict.last


def test_duplicates_are_merged_unless_that_is_turned_off(shop: Path) -> None:
    answer = json.loads(toolweave("tools", "--json", "--dedup", 0.8, shop).out)
    assert len(answer["merged"]) == 1
    assert json.loads(toolweave("tools", "--json", "--dedup", 0, shop).out)["merged"] == []


def test_recorded_results_give_result_schemas(shop: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen.jsonl"
    seen.write_text(json.dumps({"tool": "buy_item", "result": {"order_id": "o1"}}) + "\n")
    catalog = read_catalog(Settings(tools=(shop,), observations=(seen,)))
    assert catalog.by_name["buy_item"].returns_from == "observation"


def test_a_live_server_is_read(tmp_path: Path) -> None:
    pytest.importorskip("mcp_server_time")
    answer = json.loads(
        toolweave("tools", "--json", "--mcp", f"{sys.executable} -m mcp_server_time").out
    )
    assert {tool["tool"] for tool in answer["tools"]} == {"get_current_time", "convert_time"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--sampler", "nobody"), "there is no sampler 'nobody'"),
        (("--recipe", "nobody"), "'nobody'"),
        (("--mcp", "/no/such/server"), "/no/such/server"),
    ],
)
def test_a_name_that_means_nothing_is_one_line(
    tmp_path: Path, options: tuple[str, ...], told: str
) -> None:
    ran = toolweave("build", "-q", "--tools", FOOD, "-n", 1, "--out", tmp_path / "o", *options)
    assert ran.code == 2
    assert told in ran.last
    assert ran.err.count("\n") == 1
    assert not (tmp_path / "o").exists()


def test_the_structure_is_checked_key_by_key(tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    for text, told in (
        ("structure: {multi_hop: 2}", "at structure.multi_hop: input should be less"),
        ("structure: {paralel: 1}", "at structure.paralel: unknown key; did you mean 'parallel'?"),
    ):
        file.write_text(text)
        ran = toolweave("build", "-q", "--config", file, "--out", tmp_path / "o")
        assert ran.code == 2
        assert told in ran.last


def test_another_sampler_makes_other_data_and_is_not_mixed_in(tmp_path: Path) -> None:
    plain, walked = tmp_path / "plain", tmp_path / "walked"
    build = ("build", "-q", "--tools", LIBRARY, "-n")
    assert toolweave(*build, 3, "--out", plain).code == 0
    assert toolweave(*build, 3, "--sampler", "uniform_walk", "--out", walked).code == 0
    lines = (walked / "trajectories.jsonl").read_text().splitlines()
    assert lines != (plain / "trajectories.jsonl").read_text().splitlines()
    assert manifest(walked)["settings"]["sampler"] == "uniform_walk"  # type: ignore[index]
    refused = toolweave(*build, 4, "--out", walked)
    assert refused.code == 2
    assert "sampler 'uniform_walk' instead of 'goal'" in refused.last


def test_what_decides_the_data_is_in_the_fingerprint(shop: Path) -> None:
    own = Settings(tools=(shop,))
    variants = ({"recipe": "name"}, {"sampler": "uniform_walk"}, {"size": 3}, {"check_edges": True})
    prints = {open_workshop(own.model_copy(update=v)).fingerprint for v in ({}, *variants)}
    assert len(prints) == 5


def test_edges_are_tried_where_that_is_asked_for(tmp_path: Path) -> None:
    build = ("graph", "build", LIBRARY, "-q", "--check", "--out", tmp_path / "g")
    assert toolweave(*build).code == 0
    links = json.loads((tmp_path / "g" / "graph.json").read_bytes())["edges"]
    tried = [link["consumed"] is not None for link in links]
    assert all(tried)
