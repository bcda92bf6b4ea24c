"""The project's own catalogues are what the stages rely on: legal, linked and complete."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

FOLDER = Path(__file__).resolve().parents[1] / "data" / "catalogs"
FILES = sorted(FOLDER.glob("*.json"))
Json = dict[str, Any]


def tools_of(file: Path) -> list[Json]:
    content: dict[str, list[Json]] = json.loads(file.read_text(encoding="utf-8"))
    return content["tools"]


ALL = [(file.stem, tool) for file in FILES for tool in tools_of(file)]
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def properties(schema: Json) -> Iterator[tuple[str, Json]]:
    """Every property at any depth."""
    for name, part in schema.get("properties", {}).items():
        yield name, part
        yield from properties(part)
    if "items" in schema:
        yield from properties(schema["items"])


def needed_ids(schema: Json) -> Iterator[str]:
    """Names of the identifiers that a call must give, also inside required objects and lists."""
    for name in schema.get("required", ()):
        part = schema["properties"][name]
        if name.endswith(("_id", "_ids")):
            yield name.removesuffix("s")
        yield from needed_ids(part)
        yield from needed_ids(part.get("items", {}))


def objects(schema: Json) -> Iterator[Json]:
    if schema.get("type") == "object":
        yield schema
    for _, part in properties(schema):
        if part.get("type") == "object":
            yield part
        if part.get("items", {}).get("type") == "object":
            yield part["items"]


def writes(tool: Json) -> bool:
    return not tool["annotations"]["readOnlyHint"]


def test_there_are_at_least_six_domains_and_eighty_tools() -> None:
    assert len(FILES) >= 6
    assert len(ALL) >= 80


def test_names_are_legal_on_the_wire_and_unique_over_all_files() -> None:
    names = Counter(tool["name"] for _, tool in ALL)
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name in names if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name)] == []


def test_titles_are_unique_over_all_files() -> None:
    titles = Counter(tool["title"] for _, tool in ALL)
    assert [title for title, count in titles.items() if count > 1] == []


@each_file
def test_a_tool_says_what_it_is(file: Path) -> None:
    for tool in tools_of(file):
        assert 2 <= len(tool["title"].split()) <= 5, tool["name"]
        assert tool["description"].endswith("."), tool["name"]
        assert {type(hint) for hint in tool["annotations"].values()} == {bool}, tool["name"]
        assert tool["annotations"].keys() == {"readOnlyHint", "destructiveHint"}, tool["name"]
        assert writes(tool) or not tool["annotations"]["destructiveHint"], tool["name"]


@each_file
@pytest.mark.parametrize("side", ["inputSchema", "outputSchema"])
def test_a_schema_is_a_valid_object_schema_without_references(file: Path, side: str) -> None:
    for tool in tools_of(file):
        schema = tool[side]
        Draft202012Validator.check_schema(schema)
        assert schema["type"] == "object", tool["name"]
        assert "$ref" not in json.dumps(schema), tool["name"]
        for part in objects(schema):
            assert set(part["required"]) <= part["properties"].keys(), tool["name"]
        for name, part in properties(schema):
            assert part["type"], name
            assert part["description"], name


@each_file
def test_an_input_takes_nothing_that_it_does_not_name(file: Path) -> None:
    for tool in tools_of(file):
        inner = objects(tool["inputSchema"])
        assert all(part.get("additionalProperties") is False for part in inner), tool["name"]


@each_file
def test_every_needed_id_is_returned_by_another_tool_of_the_file(file: Path) -> None:
    tools = tools_of(file)
    for tool in tools:
        others = [other["outputSchema"] for other in tools if other is not tool]
        given = {name for schema in others for name, _ in properties(schema)}
        assert set(needed_ids(tool["inputSchema"])) <= given, tool["name"]


@each_file
def test_what_a_write_takes_can_be_read_back_from_its_result(file: Path) -> None:
    for tool in tools_of(file):
        if writes(tool):
            taken = tool["inputSchema"]["properties"].keys()
            assert taken <= tool["outputSchema"]["properties"].keys(), tool["name"]


@each_file
def test_a_field_is_described_by_one_type_in_all_results_of_an_entity(file: Path) -> None:
    types: dict[tuple[str, str], str] = {}
    for tool in tools_of(file):
        for row in objects(tool["outputSchema"]):
            identity = next(iter(row["properties"]))
            if identity.endswith("_id"):
                for name, part in row["properties"].items():
                    assert types.setdefault((identity, name), part["type"]) == part["type"]


def test_tools_that_write_and_tools_that_need_an_id_are_at_least_a_third() -> None:
    tools = [tool for _, tool in ALL]
    assert sum(map(writes, tools)) >= len(tools) / 3
    assert sum(any(needed_ids(tool["inputSchema"])) for tool in tools) >= len(tools) / 3
