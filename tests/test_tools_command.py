"""`toolweave tools`: what was read, repaired, skipped and merged, for people and for scripts."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli.answers import of_reading
from pipeline.cli.tools_command import print_report, repair_kinds, report_of
from schemas.tool import Catalog, MergedTool, SkippedTool
from tests.commands import toolweave
from tests.graphs import tool

OBJECT = {"type": "object", "properties": {}}


def catalogue(folder: Path, *tools: dict[str, Any], name: str = "shop.json") -> Path:
    file = folder / name
    file.write_text(json.dumps({"tools": list(tools)}))
    return file


def entry(name: str, **facts: Any) -> dict[str, Any]:
    return {"name": name, "description": f"{name}.", "inputSchema": OBJECT} | facts


BUY = entry(
    "buy_item",
    inputSchema={
        "type": "object",
        "required": ["item_id"],
        "properties": {
            "item_id": {"type": "string"},
            "note": {"type": "string", "nullable": True},
        },
    },
    annotations={"destructiveHint": True, "readOnlyHint": False},
)
FIND = entry("find items", outputSchema={"type": "object", "properties": {"id": {}}})


def test_a_catalogue_is_told_tool_by_tool(tmp_path: Path) -> None:
    ran = toolweave("tools", catalogue(tmp_path, BUY, FIND))
    assert ran.code == 0
    lines = [line.rstrip() for line in ran.out.splitlines()]
    assert lines[0] == "2 tools from 1 file"
    assert lines[2].split() == ["shop.json", "mcp", "2", "shop"]
    (buy,) = (line for line in lines if line.startswith("buy_item"))
    assert buy.split() == ["buy_item", "write!", "item_id", "(note)", "none", "2"]
    (find,) = (line for line in lines if line.startswith("find_items "))
    assert find.split() == ["find_items", "read", "source", "1"]
    assert any(line.startswith("repairs (3; --repairs lists them all)") for line in lines)
    assert "     1 × wire name …" in lines
    assert "         such as find_items: wire name 'find_items'" in lines
    assert max(map(len, lines)) <= 80
    assert "\x1b[" not in ran.out


def test_every_repair_is_listed_if_asked_for(tmp_path: Path) -> None:
    ran = toolweave("tools", "--repairs", catalogue(tmp_path, BUY, FIND))
    assert "  find_items: wire name 'find_items'" in ran.out
    assert "such as" not in ran.out


def test_the_table_is_cut_where_it_is_asked_for(tmp_path: Path) -> None:
    ran = toolweave("tools", "--limit", 1, catalogue(tmp_path, BUY, FIND))
    assert "and 1 more" in ran.out
    assert "\nfind_items " not in ran.out


def test_scripts_get_one_document(tmp_path: Path) -> None:
    ran = toolweave("tools", "--json", "--quiet", catalogue(tmp_path, BUY, FIND))
    answer = json.loads(ran.out)
    assert ran.err == ""
    assert answer["files"] == [
        {"file": "shop.json", "format": "mcp", "domains": ["shop"], "tools": 2}
    ]
    assert answer["tools"][0] | {"repairs": []} == {
        "tool": "buy_item", "domain": "shop", "effect": "write!", "required": ["item_id"],
        "optional": ["note"], "result": "none", "repairs": [],
    }  # fmt: skip
    assert {kind["kind"] for kind in answer["repairs"]} >= {"wire name …"}


def test_quiet_says_nothing_and_still_fails(tmp_path: Path) -> None:
    assert toolweave("tools", "-q", catalogue(tmp_path, BUY))[:] == (0, "", "")
    ran = toolweave("tools", "-q", tmp_path / "nowhere.json")
    assert (ran.code, ran.out, ran.err.count("\n")) == (2, "", 1)


def test_without_paths_our_own_catalogues_are_read() -> None:
    answer = json.loads(toolweave("tools", "--json").out)
    assert len(answer["files"]) == 8
    assert len(answer["tools"]) == sum(file["tools"] for file in answer["files"])


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("nowhere.json",), "toolweave: nowhere.json: no such file"),
        (("--dedup", "2"), "toolweave: at dedup: input should be less than or equal to 1"),
    ],
)
def test_what_cannot_be_used_is_one_line(options: tuple[str, ...], told: str) -> None:
    ran = toolweave("tools", *options)
    assert ran.code == 2
    assert ran.last.startswith(told)


def full() -> Catalog:
    merged = MergedTool(name="purchase", domain="mall", kept="buy", similarity=0.953)
    return Catalog(
        tools=(
            tool("buy", repairs=("parameters.days: type 'int' became integer", "wire name 'buy'")),
            tool("sell", repairs=("parameters.hours: type 'int' became integer",)),
            tool("look", source={"format": "bfcl", "path": "b.json"}),
        ),
        skipped=tuple(SkippedTool(file="b.json", tool=f"t{i}", reason="[bad]") for i in range(9)),
        merged=(merged,),
        notes=("b.json: only one page of a longer list is here",),
    )


def test_repairs_are_summed_up_by_kind() -> None:
    first, second = repair_kinds(full())
    assert (first["kind"], first["count"], first["tools"]) == ("type … became integer", 2, 2)
    assert first["example"] == "buy: parameters.days: type 'int' became integer"
    assert second["kind"] == "wire name …"


def test_skipped_and_merged_tools_are_told_with_reasons(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_report(full(), report_of(full()), every=False, limit=None)
    told = capsys.readouterr().out
    for part in (
        "3 tools from 2 files", "skipped (9)", "b.json, tool 't0': [bad]", "and 1 more",
        "purchase of mall is buy (0.95)", "notes (1)", "only one page of a longer list",
    ):  # fmt: skip
        assert part in told
    assert "'t8'" not in told
    print_report(full(), report_of(full()), every=True, limit=None)
    assert "'t8'" in capsys.readouterr().out


def test_a_build_says_in_one_line_what_was_done_to_its_tools() -> None:
    assert list(of_reading(Catalog(tools=(tool("look"),)))) == []
    (line,) = of_reading(full())
    assert line == (
        "3 tools in, 9 out, 0 in doubt: [bad] (9); 2 repaired, 1 merged into others; "
        "'toolweave tools' tells more"
    )
