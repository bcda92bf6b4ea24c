"""The forms in which a catalogue may come, and what of it is read."""

import json
from pathlib import Path
from typing import Any

import pytest

from generators.importers import read_catalog
from tests.importing import (
    CITY,
    EMPTY,
    fault,
    flat,
    mcp,
    read_one,
    write,
)


@pytest.mark.parametrize(
    "document",
    [
        [{"type": "function", "function": {"name": "look", "parameters": CITY}}],
        {"tools": [{"type": "function", "function": {"name": "look", "parameters": CITY}}]},
        [flat("look", parameters=CITY, strict=False)],
        {"functions": [{"name": "look", "description": "Look.", "parameters": CITY}]},
        [{"name": "look", "parameters": CITY}],
    ],
)
def test_every_openai_form_gives_the_same_tool(tmp_path: Path, document: Any) -> None:
    tool = read_one(tmp_path, document)
    assert (tool.name, tool.parameters, tool.source.format) == ("look", CITY, "openai")
    assert (tool.domain, tool.source.path, tool.returns) == ("shop", "shop.json", None)


@pytest.mark.parametrize(
    "document",
    [
        {"tools": [mcp("look")]},
        [mcp("look")],
        {"jsonrpc": "2.0", "id": 1, "result": {"tools": [mcp("look")]}},
        [{"name": "look", "input_schema": CITY, "output_schema": None}],
        mcp("look"),
        {"tools": [{**mcp("look"), "annotations": []}]},
    ],
)
def test_every_mcp_form_gives_the_same_tool(tmp_path: Path, document: Any) -> None:
    tool = read_one(tmp_path, document)
    assert (tool.name, tool.parameters, tool.source.format) == ("look", CITY, "mcp")


@pytest.mark.parametrize("keyword", ["returns", "output_schema", "response"])
def test_result_schemas_are_read_from_either_side_of_the_function(
    tmp_path: Path, keyword: str
) -> None:
    result = {"type": "array", "items": {"type": "string", "title": "Name"}}
    tidy = {"type": "array", "items": {"type": "string"}}
    inner = [{"type": "function", "function": {"name": "look", keyword: result}}]
    outer = [{"type": "function", "function": {"name": "look"}, keyword: result}]
    assert read_one(tmp_path, inner).returns == tidy
    assert read_one(tmp_path, outer).returns == tidy


def test_an_example_in_place_of_a_result_schema_is_left_out_with_a_note(tmp_path: Path) -> None:
    tool = read_one(tmp_path, [flat("look", returns={"status": "ok"})])
    assert tool.returns is None
    assert "returns: not a JSON Schema, left out" in tool.repairs


def test_a_tool_without_parameters_has_an_empty_object_schema(tmp_path: Path) -> None:
    assert read_one(tmp_path, [flat("ping")]).parameters == EMPTY
    assert read_one(tmp_path, [flat("ping", parameters={})]).parameters == EMPTY
    assert read_one(tmp_path, [{"name": "ping", "inputSchema": None}]).parameters == EMPTY


@pytest.mark.parametrize("kind", ["custom", "client"])
def test_a_function_is_read_whatever_its_type_says_of_who_runs_it(
    tmp_path: Path, kind: str
) -> None:
    given = {"type": "object", "properties": {"unit": {"type": "string"}}, "required": []}
    entry = {"type": kind, "name": "verify_owner", "parameters": given, "expects_response": True}
    assert read_one(tmp_path, [entry]).parameters == given


def test_built_in_and_custom_tools_are_skipped_with_the_reason(tmp_path: Path) -> None:
    document = [{"type": "web_search"}, {"type": "custom", "name": "sql"}, flat("look")]
    catalog = read_catalog([write(tmp_path, document)])
    assert [tool.name for tool in catalog.tools] == ["look"]
    assert [str(skipped) for skipped in catalog.skipped] == [
        "shop.json, at number 1 of the list: is of type 'web_search', not a function",
        "shop.json, tool 'sql', at number 2 of the list: is of type 'custom', not a function",
    ]
    assert read_catalog([tmp_path], strict=True) == catalog


def test_an_unread_next_page_is_noted(tmp_path: Path) -> None:
    catalog = read_catalog([write(tmp_path, {"tools": [mcp("look")], "nextCursor": "p2"})])
    assert catalog.notes == (
        "shop.json: only one page of a longer list is here: the answer has a nextCursor",
    )


def test_titles_and_descriptions_are_tidied_and_kept(tmp_path: Path) -> None:
    hints = {"title": "Second  choice"}
    text = "  Look.  \r\n\r\n\r\n\r\n    - one\n    - two \n"
    tool = read_one(tmp_path, [mcp("look", description=text, annotations=hints)])
    assert tool.title == "Second choice"
    assert tool.description == "Look.\n\n- one\n- two"
    assert read_one(tmp_path, [mcp("look", title="First", annotations=hints)]).title == "First"


@pytest.mark.parametrize("wrap", [list, lambda tools: {"tools": list(tools)}])
def test_anthropic_tools_are_read_and_built_in_ones_skipped(tmp_path: Path, wrap: Any) -> None:
    custom = {
        "type": "custom", "name": "look", "input_schema": CITY, "strict": True,
        "input_examples": [{"city": "Rome"}], "cache_control": {"type": "ephemeral"},
    }  # fmt: skip
    document = wrap([custom, {"type": "bash_20250124", "name": "bash"}])
    catalog = read_catalog([write(tmp_path, document)], strict=True)
    (tool,) = catalog.tools
    assert (tool.name, tool.parameters, tool.source.format) == ("look", CITY, "anthropic")
    assert [str(skipped) for skipped in catalog.skipped] == [
        "shop.json, tool 'bash', at number 2 of the list: "
        "is a built-in tool of type 'bash_20250124' and has no input schema"
    ]


@pytest.mark.parametrize(
    "document",
    [
        {"tools": json.dumps([flat("look", parameters=CITY)])},
        {"tools": repr([flat("look", parameters=CITY, strict=None)])},
        json.dumps([flat("look", parameters=CITY)]),
        [{"query": "Where?", "tools": json.dumps([flat("look", parameters=CITY)])}],
        [{"messages": [], "tools": [flat("look", parameters=CITY)]}],
        [
            {
                "messages": [],
                "calls": [{"name": "look", "args": {}}],
                "available_tools": [flat("look", parameters=CITY)],
            }
        ],
        [{"query": "?", "function_list": json.dumps([flat("look", parameters=CITY)])}],
        flat("look", parameters=CITY),
    ],
)
def test_tools_may_be_spelt_in_a_text_or_lie_in_rows(tmp_path: Path, document: Any) -> None:
    tool = read_one(tmp_path, json.dumps(document))
    assert (tool.name, tool.parameters, tool.source.format) == ("look", CITY, "openai")


def test_a_text_that_spells_no_tools_is_told(tmp_path: Path) -> None:
    for text in ("[{'a': open('x')}]", "[", "[{'a': {1, 2}}]", "[1e999]", "[" * 3000):
        error = fault(write(tmp_path, {"tools": text, "query": "?"}))
        assert error.problem.startswith("neither a Python literal nor JSON:")


def test_rows_are_one_catalogue_and_alike_tools_one_tool(tmp_path: Path) -> None:
    rows = [
        {"question": "a", "function": [flat("look"), flat("find")]},
        {"question": "b", "function": [flat("look", parameters=CITY), flat("find")]},
        {"question": "c", "function": []},
        {"question": "d", "function": [flat("find"), flat(""), {"name": "x", "parameters": 3}]},
    ]
    catalog = read_catalog([write(tmp_path, rows)])
    assert [(tool.name, tool.wire_name) for tool in catalog.tools] == [
        ("look", "look"), ("find", "find"), ("look", "look_2"),
    ]  # fmt: skip
    assert [str(skipped) for skipped in catalog.skipped] == [
        "shop.json, at row 4, number 2 of the list: the tool has no name",
        "shop.json, tool 'x', at row 4, parameters: a schema must be an object, not a number",
    ]
