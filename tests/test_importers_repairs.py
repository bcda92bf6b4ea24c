"""Schemas that are wrong are mended, and what was done is told with its place."""

import json
from pathlib import Path
from typing import Any

import pytest

from generators.importers import read_catalog
from generators.importers.normalise import normalise_parameters, normalise_returns
from schemas.errors import InputError
from tests.importing import properties


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ({"type": "object", "properties": [], "required": []},
         {"type": "object", "properties": {}, "required": []}, "empty list"),
        ({"type": "object", "properties": {"a": None, "b": []}},
         {"type": "object", "properties": {"b": {}}}, "without a schema dropped: 'a'"),
        ({"type": "string", "enum": {"0": "a", "2": "c"}},
         {"type": "string", "enum": ["a", "c"]}, "numbered members"),
        ({"type": "object", "required": ["a", "a", 5]},
         {"type": "object", "required": ["a"]}, "stands twice"),
        ({"type": "object", "required": "a, b"},
         {"type": "object", "required": ["a", "b"]}, "became a list"),
        ({"type": "integer", "minimum": "1", "maxLength": -3},
         {"type": "integer", "minimum": 1}, "maxLength was -3 and was dropped"),
        ({"type": "number", "minimum": 10**400}, {"type": "number"}, "minimum"),
        ({"type": "string", "description": ["x"], "format": 5}, {"type": "string"}, "format"),
        ({"type": "integer", "enum": ["1", "2", "two"]},
         {"type": "integer", "enum": [1, 2]}, "as the type asks"),
        ({"type": "string", "const": 5}, {"type": "string", "const": "5"}, "const"),
        ({"type": "boolean", "enum": ["true", "False"]},
         {"type": "boolean", "enum": [True, False]}, "as the type asks"),
        ({"type": "integer", "enum": ["low", "high"]},
         {"type": "string", "enum": ["low", "high"]}, "became the schema's"),
        ({"type": "array", "enum": ["a", "b"]},
         {"type": "array", "items": {"enum": ["a", "b"]}}, "moved to its items"),
        ({"type": "boolean", "default": "yes"}, {"type": "boolean"}, "default"),
        ({"oneOf": [{"type": "object", "properties": {"a": {}}}, {"type": "object"}]},
         {"anyOf": [{"type": "object", "properties": {"a": {}}}, {"type": "object"}]}, "overlap"),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]},
         {"oneOf": [{"type": "string"}, {"type": "integer"}]}, ""),
        ({"oneOf": [{"type": "object", "required": ["k"], "properties": {"k": {"const": k}}}
                    for k in "ab"]},
         {"oneOf": [{"type": "object", "required": ["k"], "properties": {"k": {"const": k}}}
                    for k in "ab"]}, ""),
        ({"type": "array", "prefixItems": [{"type": "number"}] * 2, "items": False},
         {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}, "alike"),
        ({"type": "object", "propertyNames": {"enum": ["x"]},
          "additionalProperties": {"type": "string"}},
         {"type": "object", "properties": {"x": {"type": "string"}},
          "additionalProperties": False}, "a map with the keys 'x'"),
        ({"anyOf": [{"not": {}}, {"type": "string"}]}, {"type": "string"}, "allow nothing"),
        ({"type": "object", "properties": {"a": {"enum": []}, "b": {"not": {}}},
          "required": ["b"]},
         {"type": "object", "properties": {}, "required": []}, "enum is empty"),
        ({"type": "object", "additionalProperties": {"not": {}}},
         {"type": "object", "additionalProperties": False}, ""),
        ({"items": {"required": True, "type": "string"}, "type": "array"},
         {"items": {"type": "string"}, "type": "array"}, "required was a flag"),
    ],
)  # fmt: skip
def test_what_can_be_mended_is_and_is_told(before: Any, after: Any, told: str) -> None:
    schema, repairs = normalise_parameters(properties(x=before))
    assert schema == properties(x=after)
    assert any(told in one and "parameters.properties.x" in one for one in repairs) or not told
    assert normalise_parameters(schema) == (schema, ())


@pytest.mark.parametrize(
    ("schema", "place", "problem"),
    [
        ({"enum": []}, "parameters.properties.x", "enum is empty: no call can be made"),
        ({"type": "object", "required": ["y"], "properties": {"y": {"anyOf": [{"enum": []}]}}},
         "parameters.properties.x.properties.y", "enum is empty: no call can be made"),
        ({"type": "array", "minItems": 1, "items": {"enum": []}},
         "parameters.properties.x.items", "enum is empty: no call can be made"),
        ({"allOf": [{"type": "string"}, {"type": "integer"}]},
         "parameters.properties.x", "the parts of allOf exclude one another: no call can be made"),
    ],
)  # fmt: skip
def test_what_no_call_can_satisfy_is_told_with_its_place(
    schema: Any, place: str, problem: str
) -> None:
    with pytest.raises(InputError) as raised:
        normalise_parameters({**properties(x=schema), "required": ["x"]})
    assert (raised.value.place, raised.value.problem) == (place, problem)


def test_options_of_a_result_that_are_not_listed_are_any() -> None:
    schema, repairs = normalise_returns({**properties(x={"type": "string", "enum": []})})
    assert schema["properties"] == {"x": {"type": "string"}}
    assert repairs == ("returns.properties.x: enum is empty and was dropped",)


def test_titles_are_dropped_with_one_word_for_all() -> None:
    _, repairs = normalise_parameters({**properties(x={"title": "X"}, y={"title": "Y"})})
    assert repairs == ("parameters: titles, which say names again, were dropped: 2",)


TEXT: dict[str, Any] = {"type": "string"}


@pytest.mark.parametrize(
    ("name", "rule", "why"),
    [
        ("api_key", TEXT, "is a credential"),
        ("accessToken", TEXT, "is a credential"),
        ("Authorization", TEXT, "is a credential"),
        ("X-API-Key", TEXT, "is a credential"),
        ("token", {**TEXT, "description": "Your API token."}, "is a credential"),
        ("token", {**TEXT, "description": "Lamp Works bot token."}, "is a credential"),
        ("Idempotency-Key", TEXT, "is added by the transport"),
        ("idempotency_key", TEXT, "is added by the transport"),
        ("X-Request-ID", TEXT, "is added by the transport"),
        ("request_ref", {**TEXT, "description": "Idempotency key of the request."}, "is added"),
        ("auth", {"type": "object", "properties": {"api_key": TEXT}}, "of the transport alone"),
    ],
)
def test_what_a_client_adds_is_no_parameter_of_a_list(
    tmp_path: Path, name: str, rule: dict[str, Any], why: str
) -> None:
    schema = {"type": "object", "properties": {name: rule, "lamp_id": TEXT}, "required": [name]}
    entry = {"name": "get_lamp", "description": "Get a lamp.", "inputSchema": schema}
    path = tmp_path / "lamps.json"
    path.write_text(json.dumps({"tools": [entry]}), encoding="utf-8")
    (tool,) = read_catalog([path]).tools
    assert list(tool.properties) == ["lamp_id"]
    assert tool.required == ()
    assert any(why in said for said in tool.repairs)


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        ("revoke_api_key", "api_key"),
        ("find_trips", "origin"),
        ("find_trips", "date"),
        ("find_trips", "token"),
        ("find_trips", "page_token"),
        ("register_phone", "device_token"),
    ],
)
def test_what_a_tool_is_about_stays(tmp_path: Path, name: str, parameter: str) -> None:
    schema = {"type": "object", "properties": {parameter: TEXT}, "required": [parameter]}
    path = tmp_path / "trips.json"
    path.write_text(json.dumps([{"name": name, "input_schema": schema}]), encoding="utf-8")
    (tool,) = read_catalog([path]).tools
    assert tool.required == (parameter,)
