"""A tool that cannot be used is skipped with its name, place and reason; strictly, an error."""

from pathlib import Path
from typing import Any

import pytest

from generators.importers import read_catalog
from generators.importers.normalise import normalise_parameters
from schemas.errors import InputError
from schemas.tool import SkippedTool
from tests.importing import (
    CITY,
    fault,
    flat,
    mcp,
    properties,
    write,
)


@pytest.mark.parametrize(
    ("bad", "tool", "place", "problem"),
    [
        (flat(""), "", "number 3 of the list", "the tool has no name"),
        ({"type": "function"}, "", "number 3 of the list", "the tool has no name"),
        (flat(5), "", "number 3 of the list", "the name must be text, not a number"),
        ("look", "", "number 3 of the list", "a tool must be an object, not text"),
        (
            {"function": []},
            "",
            "number 3 of the list",
            "function must be an object, not a list",
        ),
        (
            flat("a", description="b"),
            "a",
            "numbers 1 and 3 of the list",
            "two tools have this name",
        ),
        (flat("x", description=1), "x", "description", "must be text, not a number"),
        (flat("x", parameters=[1]), "x", "parameters", "a schema must be an object, not a list"),
        (
            flat("x", parameters={"type": "string"}),
            "x",
            "parameters.type",
            'parameters must be an object, not "string"',
        ),
        (
            flat("x", parameters={"type": "object", "properties": {"city": {"type": "anny"}}}),
            "x",
            "parameters.properties.city.type",
            '"anny" is not a type; types are array, boolean, integer, null, number, object, string',
        ),
        (
            flat("x", parameters={"type": "object", "properties": {"type": 5}}),
            "x",
            "parameters.properties.type",
            "must be of type object or boolean, not a number",
        ),
        (
            flat("x", parameters={**properties(a={"enum": []}), "required": ["a"]}),
            "x",
            "parameters.properties.a",
            "enum is empty: no call can be made",
        ),
        (
            flat("x", parameters={"properties": {"a": {"$ref": "#/$defs/A"}}}),
            "x",
            "parameters.properties.a.$ref",
            "'#/$defs/A' leads to no schema",
        ),
        (
            flat("x", parameters={"properties": {"a": {"$ref": "other.json"}}}),
            "x",
            "parameters.properties.a.$ref",
            "'other.json' is another document; only references inside the schema are read",
        ),
    ],
)
def test_a_faulty_tool_is_named_with_the_place(
    tmp_path: Path, bad: Any, tool: str, place: str, problem: str
) -> None:
    path = write(tmp_path, [flat("a"), flat("b"), bad])
    error = fault(path, strict=True)
    assert (error.file, error.tool, error.place) == (str(path), tool, place)
    assert error.problem == problem
    catalog = read_catalog([path])
    doubled = ["b"] if tool == "a" else ["a", "b"]
    assert [found.name for found in catalog.tools] == doubled
    assert catalog.skipped[-1] == SkippedTool(
        file="shop.json", tool=tool, place=place, reason=problem
    )


def test_where_nothing_is_left_the_first_fault_is_told(tmp_path: Path) -> None:
    broken = {"type": "object", "properties": {"city": {"type": "strnig"}}}
    path = write(tmp_path, [{"type": "web_search"}, flat("look", parameters=broken), flat("")])
    assert str(fault(path)) == (
        f"{path}, tool 'look', at parameters.properties.city.type: \"strnig\" is not a type; "
        "types are array, boolean, integer, null, number, object, string"
    )


def test_two_definitions_of_one_name_are_both_skipped(tmp_path: Path) -> None:
    catalog = read_catalog([write(tmp_path, [flat("a"), flat("b"), flat("a", parameters=CITY)])])
    assert [tool.name for tool in catalog.tools] == ["b"]
    assert [str(skipped) for skipped in catalog.skipped] == [
        "shop.json, tool 'a', at numbers 1 and 3 of the list: two tools have this name"
    ] * 2
    path = write(tmp_path, [flat("a"), flat("a", parameters=CITY)])
    assert str(fault(path)) == (
        f"{path}, tool 'a', at numbers 1 and 2 of the list: two tools have this name"
    )


def test_one_definition_that_is_given_twice_is_read_once(tmp_path: Path) -> None:
    catalog = read_catalog([write(tmp_path, [flat("a"), flat("b"), flat("a")])], strict=True)
    assert [tool.name for tool in catalog.tools] == ["a", "b"]
    assert catalog.skipped == ()
    assert catalog.notes == ("shop.json: tools that were given again alike, and read once: 1",)


def test_places_use_the_words_of_the_file(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "text"}}}
    error = fault(write(tmp_path, {"tools": [{"name": "look", "inputSchema": schema}]}))
    assert error.place == "inputSchema.properties.city.type"
    error = fault(write(tmp_path, [mcp("look", annotations=["readOnlyHint"])]))
    assert (error.tool, error.place) == ("look", "annotations")


def test_a_line_break_in_a_name_does_not_break_the_message(tmp_path: Path) -> None:
    schema = properties(**{"a\nb": {"type": "text"}})
    error = fault(write(tmp_path, [flat("x\ny", parameters=schema)]))
    assert (error.tool, error.place) == ("x\ny", "parameters.properties.a\\nb.type")


def test_definitions_that_double_without_end_are_refused() -> None:
    doubled: dict[str, Any] = {
        f"d{level}": {"properties": {side: {"$ref": f"#/$defs/d{level + 1}"} for side in "abcde"}}
        for level in range(10)
    }
    schema = {"$ref": "#/$defs/d0", "$defs": {**doubled, "d10": {"type": "string"}}}
    with pytest.raises(InputError, match="unfolds to more than 20,000 schemas"):
        normalise_parameters(schema)


def test_schemas_nested_without_reason_are_refused() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(40):
        schema = {"type": "object", "properties": {"a": schema}}
    with pytest.raises(InputError, match="nested more than 32 deep"):
        normalise_parameters(schema)
