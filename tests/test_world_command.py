"""`toolweave world`, and world models on their way through a build and its check."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import validator_for

from benchmarks.catalogues import read_standing
from generators.importers import read_catalog
from generators.importers.documents import load_document
from generators.importers.world_files import bind_names, read_world_file
from generators.world.bind import bind_world
from generators.world.infer import describe_world, infer_world
from pipeline.cli.world_commands import world_schema
from pipeline.entry import main
from pipeline.opening import read_tools
from pipeline.world_files import world_lines
from schemas.tool import Catalog
from schemas.world_model import DomainMeaning
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


def beside(folder: Path, text: str, name: str = "shop.world.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


SHUTS = "tools:\n  zorp: {entity: order, transition: {status: shut}}\n"


def shown(*arguments: object) -> dict[str, Any]:
    ran = toolweave("world", "show", *arguments, "--json")
    assert ran.code == 0, ran.err
    told: dict[str, Any] = json.loads(ran.out)
    return told


def lines_of(ran: Ran) -> list[str]:
    assert ran.code == 0, ran.err
    assert "\x1b[" not in ran.out
    lines = [line.rstrip() for line in ran.out.splitlines()]
    assert max(map(len, lines)) <= 80
    return lines


def test_entities_and_tools_are_told_for_people(tmp_path: Path) -> None:
    lines = lines_of(toolweave("world", "show", catalogue(tmp_path), "--rows", 1))
    assert lines[0] == "3 tools, 1 entity, 1 in doubt"
    assert "order  named by order_id" in lines
    assert "states  status: open, shut" in lines
    assert any(line.startswith('  {"order_id": "ORD-') for line in lines)
    (zorp,) = (line.split() for line in lines if line.startswith("zorp"))
    assert zorp == ["zorp?", "update", "order", "identity(order_id)", "$"]
    (listing,) = (line.split() for line in lines if line.startswith("list_orders"))
    assert listing == ["list_orders", "list", "order", "orders[]"]
    assert lines[-2].startswith("? is in doubt; --tool NAME tells why;")


def test_one_tool_is_told_whole(tmp_path: Path) -> None:
    lines = lines_of(toolweave("world", "show", catalogue(tmp_path), "--tool", "zorp"))
    told = [line.split() for line in lines]
    assert "why no verb known; the result's rows are order rows".split() in told
    assert ["order_id", "identity", "opaque_id", "order", "order_id"] in told
    assert ["executed", "as", "update"] in told
    assert sum(line.startswith("in doubt") for line in lines) == 1
    assert not any(line.startswith("get_order") for line in lines)


def test_scripts_get_the_whole_model_and_rows(tmp_path: Path) -> None:
    told = shown(catalogue(tmp_path), "--rows", 3, "--seed", 4)
    assert set(told) == {"world", "rows", "results", "sources", "skipped", "notes"}
    order = told["world"]["entities"]["shop/order"]
    assert (order["identity"], order["state_field"]) == (["order_id"], "status")
    assert order["states"] == ["open", "shut"]
    assert len(told["rows"]["shop/order"]) == 3
    assert told["results"]["list_orders"] == "orders[]"
    listing = told["world"]["tools"]["list_orders"]
    assert (listing["operation"], listing["entity"]) == ("list", "order")
    assert listing["origins"]["operation"] == {
        "source": "rules",
        "sure": "likely",
        "why": "the name's verb is 'list'",
    }
    assert shown(tmp_path / "shop.json", "--rows", 3, "--seed", 4) == told
    assert shown(tmp_path / "shop.json", "--rows", 3, "--seed", 5) != told
    assert shown(tmp_path / "shop.json", "--rows", 0)["rows"] == {}


def test_what_is_said_is_shown_with_its_author(tmp_path: Path) -> None:
    path = catalogue(tmp_path)
    beside(tmp_path, SHUTS)
    told = shown(path)
    zorp = told["world"]["tools"]["zorp"]
    assert (zorp["operation"], zorp["transition"]) == ("transition", {"status": "shut"})
    assert zorp["origins"]["transition"]["why"] == "shop.world.yaml"
    assert told["sources"] == [
        {"file": "shop.world.yaml", "author": "user", "tools": 1, "entities": 0}
    ]
    lines = lines_of(toolweave("world", "show", path))
    assert lines[:2] == [
        "3 tools, 1 entity, 0 in doubt",
        "shop.world.yaml says of 1 tool, 0 entities",
    ]
    assert any(line.startswith("zorp*") and "→ status=shut" in line for line in lines)


def test_a_world_model_can_be_named(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    mine = beside(tmp_path / "other", "tools:\n  zorp: {operation: delete}\n", "mine.yaml")
    path = catalogue(tmp_path)
    assert shown(path, "--world", mine)["world"]["tools"]["zorp"]["operation"] == "delete"
    config = tmp_path / "config.yaml"
    config.write_text(f"world: [{mine}]\n", encoding="utf-8")
    assert shown(path, "--config", config)["world"]["tools"]["zorp"]["operation"] == "delete"


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["--tool", "get_ordre"], "no tool is called 'get_ordre'; did you mean 'get_order'?"),
        (["--rows", "-1"], "--rows"),
        (["--world", "none.yaml"], "none.yaml: no such file or folder"),
    ],
)
def test_a_fault_of_a_user_is_one_line(tmp_path: Path, arguments: list[str], line: str) -> None:
    ran = toolweave("world", "show", catalogue(tmp_path), *arguments)
    assert (ran.code, ran.out) == (2, "")
    assert line in ran.err


# Files ----------------------------------------------------------------------------------------


def test_a_file_is_checked_with_the_catalogue_that_it_lies_beside(tmp_path: Path) -> None:
    path, file = catalogue(tmp_path), beside(tmp_path, SHUTS)
    line = "shop.world.yaml fits: it says of 1 of 3 tools and of 0 of 1 entities"
    for named in (file, path):
        ran = toolweave("world", "check", named)
        assert (ran.code, ran.out.splitlines()) == (0, [line])
    beside(tmp_path, "entities:\n  oder: {identity: [x]}\n")
    ran = toolweave("world", "check", file)
    assert (ran.code, ran.last) == (
        2,
        "toolweave: shop.world.yaml, at entities.oder: there is no such entity; did you mean "
        "'order'?",
    )


def test_a_check_says_where_there_is_nothing_to_check(tmp_path: Path) -> None:
    ran = toolweave("world", "check", catalogue(tmp_path))
    assert ran.out == "no file says anything; 'toolweave world write' begins one\n"
    lone = beside(tmp_path, SHUTS, "lone.world.yaml")
    ran = toolweave("world", "check", lone)
    assert ran.code == 2
    assert "there is no catalogue 'lone' beside it" in ran.last
    ran = toolweave("world", "check", tmp_path / "none.world.yaml")
    assert (ran.code, "no such file or folder" in ran.last) == (2, True)


def test_a_file_to_edit_is_written_once(tmp_path: Path) -> None:
    path, file = catalogue(tmp_path), tmp_path / "shop.world.yaml"
    ran = toolweave("world", "write", path, file)
    assert (ran.code, ran.last) == (0, f"{file}: the world model, to be edited")
    text = file.read_text("utf-8")
    assert "  # in doubt: neither name nor description has a verb that is known\n  zorp:" in text
    assert "    identity: [order_id]  # rules, likely\n    states: [open, shut]" in text
    assert "    #owner:\n" in text
    assert "      status: {semantic: enum}  # rules, likely: semantic; schema: choices" in text
    assert toolweave("world", "check", file).code == 0
    ran = toolweave("world", "write", path, file)
    assert (ran.code, ran.last) == (2, f"toolweave: {file}: exists already; name a new file")


def assert_says_what_is_known(catalog: Catalog, file: Path) -> None:
    """What is written is read again, and nothing but the origins changes."""
    model = describe_world(catalog.tools, catalog.worlds)
    domains = tuple(dict.fromkeys(tool.domain for tool in catalog.tools))
    file.write_text("\n".join(world_lines(model, domains)), encoding="utf-8")
    said = bind_names(read_world_file(file), file, catalog.tools)
    assert said.world.tools.keys() == {tool.wire_name for tool in catalog.tools}
    before, after = bind_world(catalog.tools, model), infer_world(catalog.tools, [said])
    assert after.entities == before.entities
    unsaid: Any = {"why": "", "doubts": (), "described": False}
    for name, one in before.models.items():
        assert replace(after.models[name], **unsaid) == replace(one, **unsaid)
    for domain, meaning in after.domains.items():
        held = before.domains.get(domain, DomainMeaning())
        assert meaning.model_copy(update={"origins": held.origins}) == held


def test_what_is_written_says_all_that_is_known_and_changes_nothing(tmp_path: Path) -> None:
    assert_says_what_is_known(read_tools(()), tmp_path / "x.yaml")
    bare = read_tools(()).model_copy(update={"worlds": ()})
    assert_says_what_is_known(bare, tmp_path / "x.yaml")
    assert_says_what_is_known(read_catalog([catalogue(tmp_path)]), tmp_path / "x.yaml")


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
def test_what_is_written_of_others_says_all_that_is_known(tmp_path: Path, name: str) -> None:
    if not (REAL / name).exists():
        pytest.skip(f"{name} of the shared folder is not here")
    assert_says_what_is_known(read_standing(REAL / name), tmp_path / "x.yaml")


def test_the_published_schema_is_that_of_the_records() -> None:
    published = Path(__file__).resolve().parents[1] / "docs" / "world.schema.json"
    assert published.read_text("utf-8") == world_schema() + "\n"
    ran = toolweave("world", "schema")
    assert ran.out == published.read_text("utf-8")


@pytest.mark.parametrize("name", ["clinic", "shop", "travel"])
def test_own_files_are_as_the_published_schema_says(name: str) -> None:
    schema = json.loads(world_schema())
    path = Path(__file__).resolve().parents[1] / "data" / "catalogs" / f"{name}.world.yaml"
    validator_for(schema).validate(load_document(path))


# A build ------------------------------------------------------------------------------------------


def really(*arguments: object) -> int:
    """Run a command with the stages themselves; answers the exit code."""
    with pytest.raises(SystemExit) as end:
        main([str(argument) for argument in arguments])
    assert isinstance(end.value.code, int)
    return end.value.code


def test_a_build_and_its_check_go_by_the_world_model(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, out = catalogue(tmp_path), tmp_path / "out"
    file = beside(tmp_path, SHUTS)
    told = path.read_text("utf-8").replace("Zorps it.", "Close an order.")
    named = told.replace('"status": {', '"customer_name": {"type": "string"}, "status": {')
    path.write_text(named, "utf-8")
    assert really("build", "--tools", path, "-n", 4, "--out", out, "--quiet") == 0
    catalog = Catalog.model_validate_json((out / "catalog.json").read_text("utf-8"))
    assert [one.file for one in catalog.worlds] == ["shop.world.yaml"]
    data = (out / "trajectories.jsonl").read_text("utf-8")
    zorped = re.findall(r'"name":"zorp"', data)
    assert zorped, "no call of the corrected tool"
    file.unlink()
    assert really("check", out, "--quiet") == 0
    capsys.readouterr()
    assert really("build", "--tools", path, "-n", 5, "--out", out, "--quiet") == 2
    assert "was begun with another world model of the catalogue" in capsys.readouterr().err

    stored = json.loads((out / "catalog.json").read_text("utf-8"))
    stored["worlds"] = []
    (out / "catalog.json").write_text(json.dumps(stored), encoding="utf-8")
    assert really("check", out, "--quiet") == 3, "without its file it replays otherwise"


def test_the_fingerprint_is_of_what_decides_the_data_and_no_file_name(tmp_path: Path) -> None:
    from pipeline.config import load_settings
    from pipeline.opening import open_workshop

    path = catalogue(tmp_path)

    def fingerprint(*file: Path) -> str:
        options = {"tools": [path], "world": list(file)}
        return open_workshop(load_settings(None, options)).fingerprint

    one, same = (beside(tmp_path, SHUTS, name) for name in ("one.yaml", "same.yaml"))
    other = beside(tmp_path, "tools:\n  zorp: {operation: delete}\n", "other.yaml")
    assert fingerprint(one) == fingerprint(same)
    assert len({fingerprint(), fingerprint(one), fingerprint(other)}) == 3
