"""Absurd sizes: what asks for too much is out, with its reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from generators.importers import read_catalog
from generators.importers.schema_checks import refuse_masses
from schemas.errors import InputError
from schemas.record import JsonObject

LIST = {"type": "array", "items": {"type": "string"}}
FIFTY_MILLION = 50_000_000


def nested(times: int, count: int) -> JsonObject:
    schema: JsonObject = {"type": "integer"}
    for _ in range(times):
        schema = {"type": "array", "minItems": count, "items": schema}
    return schema


def fields(count: int) -> JsonObject:
    names = [f"field_{number}" for number in range(count)]
    return {"type": "object", "properties": {name: {} for name in names}, "required": names}


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        (LIST | {"minItems": FIFTY_MILLION}, "50,000,000 values"),
        (LIST | {"minItems": 5e7}, "50,000,000 values"),
        ({"items": {}, "minItems": 2000}, "2,000 values"),
        (LIST | {"contains": {}, "minContains": 9000}, "9,000 values"),
        (nested(3, 100), "10,100 values"),
        (fields(5000), "5,000 values"),
        ({"type": "object", "minProperties": FIFTY_MILLION}, "50,000,000 values"),
        ({"type": "string", "minLength": FIFTY_MILLION}, "50,000,000 characters"),
        ({"type": "string", "pattern": "^[a-z]{50000000}$"}, "50,000,000 characters"),
        ({"allOf": [LIST | {"minItems": 10**9}]}, "1,000,000,000 values"),
    ],
)
def test_masses_are_refused_with_their_number(schema: JsonObject, told: str) -> None:
    with pytest.raises(InputError, match=told) as caught:
        refuse_masses({"type": "object", "properties": {"a": schema}, "required": ["a"]}, "p")
    assert caught.value.place.startswith("p.a")


@pytest.mark.parametrize(
    "schema",
    [
        LIST | {"minItems": 20},
        nested(3, 9),
        fields(300),
        {"enum": [[1] * 5000]},
        {"type": "string", "minLength": 5000, "pattern": "^.{1,90000}$"},
        {"type": "string", "pattern": "(?<unreadable"},
        {"type": "array", "maxItems": FIFTY_MILLION, "items": {"type": "string"}},
        {"type": "array", "minItems": float("nan")},
    ],
)
def test_what_can_be_made_is_let_through(schema: JsonObject) -> None:
    refuse_masses({"type": "object", "properties": {"a": schema}, "required": ["a"]}, "p")


def test_what_is_optional_costs_nobody_a_tool() -> None:
    huge = LIST | {"minItems": FIFTY_MILLION}
    refuse_masses({"type": "object", "properties": {"a": huge}, "required": []}, "p")


def written(tmp_path: Path, *tools: JsonObject) -> Path:
    file = tmp_path / "tools.json"
    file.write_text(json.dumps(tools))
    return file


def tool(name: str, **more: Any) -> JsonObject:
    return {"name": name, "inputSchema": {"type": "object", "properties": {}}} | more


def test_a_tool_of_masses_is_skipped_and_a_result_of_masses_left_out(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"a": LIST | {"minItems": 10**6}}, "required": ["a"]}
    file = written(
        tmp_path, tool("one"), tool("two", inputSchema=schema), tool("three", outputSchema=schema)
    )
    catalog = read_catalog([file])
    assert [one.name for one in catalog.tools] == ["one", "three"]
    (skipped,) = catalog.skipped
    assert (skipped.file, skipped.tool) == ("tools.json", "two")
    assert "inputSchema.a: asks for 1,000,000 values" in str(skipped).replace("at ", "")
    assert catalog.tools[1].returns is None
    assert any("1,000,000 values" in repair for repair in catalog.tools[1].repairs)
