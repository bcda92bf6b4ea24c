"""`toolweave sandbox explain`, and corrections on their way through a build and its check."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generators.importers import read_catalog
from generators.importers.world_files import bind_names, read_world_file
from generators.world.infer import infer_world
from generators.world.model import World
from pipeline.correction_file import correction_lines
from pipeline.entry import main
from pipeline.opening import read_tools
from pipeline.sandbox_report import sandbox_report
from schemas.tool import Catalog
from tests.commands import Ran, toolweave
from tests.importing import REAL

TEXT = {"type": "string"}
STAGES = "pipeline.opening"


def catalogue(folder: Path, name: str = "shop.json") -> Path:
    def entry(name: str, described: str, *needed: str, **facts: Any) -> dict[str, Any]:
        properties = dict.fromkeys(needed, TEXT)
        schema = {"type": "object", "properties": properties, "required": list(needed)}
        return {"name": name, "description": described, "inputSchema": schema} | facts

    row = {"type": "object", "required": ["order_id"], "properties": {
        "order_id": TEXT, "status": {"type": "string", "enum": ["open", "shut"]}}}  # fmt: skip
    listed = {"type": "object", "properties": {"orders": {"type": "array", "items": row}}}
    tools = [
        entry("get_order", "Show an order.", "order_id", outputSchema=row),
        entry("list_orders", "List all orders.", outputSchema=listed),
        entry("zorp", "Zorps it.", "order_id", outputSchema=row),
    ]
    path = folder / name
    path.write_text(json.dumps({"tools": tools}), encoding="utf-8")
    return path


def beside(folder: Path, text: str, name: str = "shop.sandbox.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


SHUTS = "tools:\n  zorp: {entity: order, transition: {status: shut}}\n"


def explained(*arguments: object) -> dict[str, Any]:
    ran = toolweave("sandbox", "explain", *arguments, "--json")
    assert ran.code == 0, ran.err
    told: dict[str, Any] = json.loads(ran.out)
    return told


def told_of(told: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [
        tool for domain in told["domains"] for tool in domain["tools"] if tool["tool"] == name
    ]
    return dict(found)


def lines_of(ran: Ran) -> list[str]:
    assert ran.code == 0, ran.err
    assert "\x1b[" not in ran.out
    lines = [line.rstrip() for line in ran.out.splitlines()]
    assert max(map(len, lines)) <= 80
    return lines


def test_entities_and_tools_are_told_for_people(tmp_path: Path) -> None:
    lines = lines_of(toolweave("sandbox", "explain", catalogue(tmp_path), "--rows", 1))
    assert lines[0] == "3 tools, 1 entity, 1 in doubt"
    assert "order  named by order_id" in lines
    assert "states  status: open, shut" in lines
    assert any(line.startswith('  {"order_id": "ord_') for line in lines)
    (zorp,) = (line.split() for line in lines if line.startswith("zorp"))
    assert zorp == ["zorp?", "get", "order", "identity(order_id)", "$"]
    (listing,) = (line.split() for line in lines if line.startswith("list_orders"))
    assert listing == ["list_orders", "list", "order", "orders[]"]
    assert lines[-2].startswith("? is in doubt; --tool NAME tells why;")


def test_one_tool_is_told_whole(tmp_path: Path) -> None:
    lines = lines_of(
        toolweave("sandbox", "explain", catalogue(tmp_path), "--tool", "zorp", "--rows", 0)
    )
    told = [line.split() for line in lines]
    assert "why no verb known; the result's rows are order rows".split() in told
    assert ["order_id", "identity", "opaque_id", "order", "order_id"] in told
    assert ["executed", "as", "get"] in told
    assert sum(line.startswith("in doubt") for line in lines) == 1
    assert not any(line.startswith("get_order") for line in lines)


def test_scripts_get_exactly_what_was_inferred(tmp_path: Path) -> None:
    told = explained(catalogue(tmp_path), "--rows", 3, "--seed", 4)
    assert set(told) == {"domains", "corrections", "skipped", "notes"}
    (domain,) = told["domains"]
    (order,) = domain["entities"]
    assert (order["noun"], order["identity"], order["state"]) == ("order", ["order_id"], "status")
    assert len(order["rows"]) == 3
    assert order["tools"] == ["get_order", "list_orders", "zorp"]
    assert told_of(told, "list_orders") == {
        "tool": "list_orders",
        "operation": "list",
        "executed": "list",
        "entity": "order",
        "noun": "order",
        "why": "the name's verb is 'list'",
        "doubts": [],
        "corrected": [],
        "parameters": [],
        "transition": None,
        "rows_at": "orders[]",
        "result_inferred": False,
    }
    assert explained(tmp_path / "shop.json", "--rows", 3, "--seed", 4) == told
    assert explained(tmp_path / "shop.json", "--rows", 3, "--seed", 5) != told
    assert explained(tmp_path / "shop.json", "--rows", 0)["domains"][0]["entities"][0]["rows"] == []


def test_what_was_corrected_is_shown(tmp_path: Path) -> None:
    path = catalogue(tmp_path)
    beside(tmp_path, SHUTS)
    zorp = told_of(explained(path), "zorp")
    assert (zorp["operation"], zorp["transition"]) == ("transition", ["status", "shut"])
    assert zorp["doubts"] == []
    assert zorp["corrected"] == [
        "entity: order (shop.sandbox.yaml)",
        "transition: status shut (shop.sandbox.yaml)",
    ]
    lines = lines_of(toolweave("sandbox", "explain", path))
    assert lines[:2] == [
        "3 tools, 1 entity, 0 in doubt, 1 corrected",
        "corrections of shop.sandbox.yaml: 1 tool, 0 entities",
    ]
    assert any(line.startswith("zorp*") and "→ status=shut" in line for line in lines)


def test_corrections_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    mine = beside(tmp_path / "other", "tools:\n  zorp: {operation: delete}\n", "mine.yaml")
    path = catalogue(tmp_path)
    assert told_of(explained(path, "--world", mine), "zorp")["operation"] == "delete"
    config = tmp_path / "config.yaml"
    config.write_text(f"world: [{mine}]\n", encoding="utf-8")
    assert told_of(explained(path, "--config", config), "zorp")["operation"] == "delete"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--tool", "get_ordre"], "no tool is called 'get_ordre'; did you mean 'get_order'?"),
        (["--rows", "-1"], "--rows"),
        (["--world", "none.yaml"], "none.yaml: no such file or folder"),
    ],
)
def test_a_fault_of_a_user_is_one_line(tmp_path: Path, arguments: list[str], line: str) -> None:
    ran = toolweave("sandbox", "explain", catalogue(tmp_path), *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert line in ran.err


def test_names_that_there_are_not_end_with_one_line(tmp_path: Path) -> None:
    path = catalogue(tmp_path)
    beside(tmp_path, "entities:\n  oder: {identity: [x]}\n")
    ran = toolweave("sandbox", "explain", path)
    assert ran.code == 2
    assert ran.last == (
        "toolweave: shop.sandbox.yaml, at entities.oder: there is no such entity; did you mean "
        "'order'?"
    )


def test_a_file_to_correct_with_is_begun_and_changes_nothing(tmp_path: Path) -> None:
    path, file = catalogue(tmp_path), tmp_path / "shop.sandbox.yaml"
    before = explained(path)
    ran = toolweave("sandbox", "explain", path, "--write-corrections", file)
    assert ran.code == 0
    assert ran.last == f"{file}: a file to correct the sandbox with"
    assert explained(path)["domains"] == before["domains"]
    ran = toolweave("sandbox", "explain", path, "--write-corrections", file)
    assert (ran.code, ran.last) == (2, f"toolweave: {file}: exists already; name a new file")


def uncommented(catalog: Catalog, world: World) -> str:
    """The file that is begun, with every line of it in force."""
    text = "\n".join(correction_lines(sandbox_report(catalog, world, 0, 0)))
    return re.sub(r"^#(?=tools:|entities:|  )", "", text, flags=re.MULTILINE)


def assert_says_what_was_inferred(catalog: Catalog, file: Path) -> None:
    world = infer_world(catalog.tools)
    file.write_text(uncommented(catalog, world), encoding="utf-8")
    said = bind_names(read_world_file(file), file, catalog.tools)
    assert len(said.world.tools) == len(catalog.tools)
    again = infer_world(catalog.tools, [said])
    assert again.entities == world.entities
    unsaid: Any = {"why": "", "verb": "", "doubts": ()}
    for name, model in world.models.items():
        assert replace(again.models[name], **unsaid) == replace(model, **unsaid)


def test_all_that_was_inferred_can_be_said_and_changes_nothing(tmp_path: Path) -> None:
    assert_says_what_was_inferred(read_tools(()), tmp_path / "x.yaml")
    assert_says_what_was_inferred(read_catalog([catalogue(tmp_path)]), tmp_path / "x.yaml")


@pytest.mark.shared
@pytest.mark.parametrize(
    "name",
    [
        "mcp/github_mcp_server_tools_list.json", "mcp/ref_time_tools_list.json",
        "openapi/swagger_petstore3.yaml", "openapi/spotify_sonallux.yml",
        "openapi/twilio_verify_v2.json", "tau2_retail/retail.json", "bfcl/func_docs",
        "toolbench/G1_query.json", "xlam/masking_sft_data_example.json",
    ],
)  # fmt: skip
def test_all_that_was_inferred_of_others_can_be_said(tmp_path: Path, name: str) -> None:
    if not (REAL / name).exists():
        pytest.skip(f"{name} of the shared folder is not here")
    assert_says_what_was_inferred(read_catalog([REAL / name]), tmp_path / "x.yaml")


# A build ------------------------------------------------------------------------------------------


def really(*arguments: object) -> int:
    """Run a command with the stages themselves; answers the exit code."""
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    assert isinstance(end.value.code, int)
    return end.value.code


def test_a_build_and_its_check_go_by_the_corrections(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = catalogue(tmp_path), tmp_path / "out"
    corrections = beside(tmp_path, SHUTS)
    assert really("build", "--tools", path, "-n", 4, "--out", out, "--quiet") == 0
    catalog = Catalog.model_validate_json((out / "catalog.json").read_text("utf-8"))
    assert [one.file for one in catalog.worlds] == ["shop.sandbox.yaml"]
    data = (out / "trajectories.jsonl").read_text("utf-8")
    zorped = re.findall(r'"name":"zorp"', data)
    assert zorped, "no call of the corrected tool"
    corrections.unlink()
    assert really("check", out, "--quiet") == 0
    capsys.readouterr()
    assert really("build", "--tools", path, "-n", 5, "--out", out, "--quiet") == 2
    assert "was begun with another world model of the catalogue" in capsys.readouterr().err

    stored = json.loads((out / "catalog.json").read_text("utf-8"))
    stored["worlds"] = []
    (out / "catalog.json").write_text(json.dumps(stored), encoding="utf-8")
    assert really("check", out, "--quiet") == 3, "without its corrections it replays otherwise"


def test_the_fingerprint_is_of_what_decides_the_data_and_no_file_name(tmp_path: Path) -> None:
    from pipeline.config import load_settings
    from pipeline.opening import open_workshop

    path = catalogue(tmp_path)

    def fingerprint(*corrections: Path) -> str:
        options = {"tools": [path], "world": list(corrections)}
        return open_workshop(load_settings(None, options)).fingerprint

    one, same = (beside(tmp_path, SHUTS, name) for name in ("one.yaml", "same.yaml"))
    other = beside(tmp_path, "tools:\n  zorp: {operation: delete}\n", "other.yaml")
    assert fingerprint(one) == fingerprint(same)
    assert len({fingerprint(), fingerprint(one), fingerprint(other)}) == 3
