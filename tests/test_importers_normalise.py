"""Schemas of any dialect become JSON Schema 2020-12, and what was repaired is told."""

from pathlib import Path
from typing import Any

import pytest

from generators.importers.normalise import normalise_parameters, normalise_returns
from tests.importing import (
    CITY,
    flat,
    properties,
    read_one,
)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"title": "A", "type": "string"}, {"type": "string"}),
        ({"type": "integer", "minimum": 0, "exclusiveMinimum": True},
         {"type": "integer", "exclusiveMinimum": 0}),
        ({"type": "integer", "maximum": 9, "exclusiveMaximum": False},
         {"type": "integer", "maximum": 9}),
        ({"type": "array", "items": [{"type": "string"}], "additionalItems": False},
         {"type": "array", "items": {"type": "string"}, "minItems": 1, "maxItems": 1}),
        ({"type": "array", "items": [{"type": "string"}, {"type": "integer"}]},
         {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}]}),
        ({"type": "array"}, {"type": "array", "items": {"type": "string"}}),
        ({"type": "array", "default": [1]},
         {"type": "array", "items": {"type": "integer"}, "default": [1]}),
        ({"$ref": "#/definitions/A", "description": "here"},
         {"type": "string", "description": "here"}),
        ({"$ref": "#/definitions/A", "minLength": 1},
         {"type": "string", "minLength": 1}),
        ({"$ref": "#named"}, {"type": "integer"}),
        ({"$ref": "#/definitions/a~1b%25"}, {"type": "boolean"}),
        ({"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}, {"type": "string"}),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}, {"type": "null"}]},
         {"anyOf": [{"type": "string"}, {"type": "integer"}]}),
        ({"type": ["string", "null"], "enum": ["a", None]}, {"type": "string", "enum": ["a"]}),
        ({"type": "string", "nullable": True}, {"type": "string"}),
        ({"type": "integer", "default": "ten"}, {"type": "integer"}),
        ({"type": "integer", "default": 10}, {"type": "integer", "default": 10}),
        ({"type": "string", "enum": ["a"], "default": ""}, {"type": "string", "enum": ["a"]}),
        ({"type": "string", "pattern": r"^\p{L}+$"}, {"type": "string"}),
        ({"type": "string", "enum": None, "description": None}, {"type": "string"}),
        ({"dependencies": {"a": ["b"], "c": {"title": "C", "required": ["d"]}}},
         {"dependentRequired": {"a": ["b"]}, "dependentSchemas": {"c": {"required": ["d"]}}}),
        (True, {}),
    ],
)  # fmt: skip
def test_older_dialects_become_the_present_one(before: Any, after: Any) -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {
            "A": {"type": "string", "title": "A"},
            "n": {"$anchor": "named", "type": "integer"},
            "a/b%": {"type": "boolean"},
        },
        **properties(x=before),
    }
    assert normalise_parameters(schema)[0] == properties(x=after)


def test_null_stays_where_a_value_must_be_given() -> None:
    either = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    schema = {"type": "object", "properties": {"a": either, "b": either}, "required": ["a"]}
    tidy, repairs = normalise_parameters(schema)
    assert tidy["properties"] == {"a": either, "b": {"type": "string"}}
    assert repairs == ("parameters: null means absent for 'b'",)
    nullable = {**CITY, "properties": {"city": {"type": "string", "nullable": True}}}
    kept = normalise_parameters(nullable)[0]["properties"]
    assert kept == {"city": {"type": ["string", "null"]}}


def test_null_stays_in_results() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "nullable": True}}}
    tidy, _ = normalise_returns(schema)
    assert tidy == {"type": "object", "properties": {"a": {"type": ["string", "null"]}}}


def test_strict_schemas_get_their_optional_parameters_back(tmp_path: Path) -> None:
    names = {"a": {"type": "string"}, "b": {"type": ["integer", "null"]}}
    schema = {"type": "object", "properties": names, "required": ["a", "b"]}
    tool = read_one(tmp_path, [flat("look", parameters=schema, strict=True)])
    assert (tool.required, tool.properties["b"]) == (("a",), {"type": "integer"})
    assert "parameters: optional because null is allowed: b" in tool.repairs
    loose = read_one(tmp_path, [flat("look", parameters=schema, strict=False)])
    assert loose.required == ("a", "b")


def test_unknown_required_names_are_dropped_with_a_note() -> None:
    tidy, repairs = normalise_parameters({**CITY, "required": ["city", "ghost"]})
    assert tidy == CITY
    assert repairs == ("parameters: 'ghost' is required but not described, and was dropped",)


def test_parameters_may_be_called_like_keywords() -> None:
    names = {
        name: {"type": "string"}
        for name in ("title", "$ref", "$schema", "default", "properties", "type", "nullable")
    }
    assert normalise_parameters(properties(**names))[0] == properties(**names)


def test_data_inside_a_schema_is_not_rewritten() -> None:
    data = {"title": "T", "nullable": True, "$ref": "#"}
    schema = {"default": data, "enum": [data], "examples": [data], "const": data}
    assert normalise_parameters(properties(x=schema))[0] == properties(x=schema)


def test_a_reference_into_itself_is_cut() -> None:
    node = {"type": "object", "properties": {"next": {"$ref": "#/$defs/N", "description": "on"}}}
    schema = {**properties(first={"$ref": "#/$defs/N"}), "$defs": {"N": node}}
    tidy, repairs = normalise_parameters(schema)
    cut = {"type": "object", "properties": {"next": {"description": "on"}}}
    assert tidy == properties(first=cut)
    assert any("leads back into itself" in repair for repair in repairs)


@pytest.mark.parametrize("keyword", ["$defs", "definitions"])
def test_a_schema_that_was_put_into_another_one_brings_its_definitions(keyword: str) -> None:
    node = {"type": "object", "properties": {"size": {"type": "integer"},
                                             "inner": {"$ref": f"#/{keyword}/node"}}}  # fmt: skip
    brought = {"$ref": f"#/{keyword}/node", keyword: {"node": node}}
    schema, _ = normalise_parameters({"type": "object", "properties": {"tree": brought}}, "x")
    tree = schema["properties"]["tree"]
    assert tree["properties"]["size"] == {"type": "integer"}
    assert "$ref" not in str(schema)


def test_groups_lose_the_names_that_python_writes_otherwise() -> None:
    slug = {"type": "string", "pattern": r"^(?<head>[a-z]+)(?:-[a-z]+)*\(?<x$"}
    schema, repairs = normalise_parameters({"type": "object", "properties": {"slug": slug}})
    assert schema["properties"]["slug"]["pattern"] == r"^([a-z]+)(?:-[a-z]+)*\(?<x$"
    assert any("lost the names of its groups" in one for one in repairs)
    named = {"type": "string", "pattern": r"^(?<head>[a-z])\k<head>$"}
    schema, _ = normalise_parameters({"type": "object", "properties": {"slug": named}})
    assert schema["properties"]["slug"] == {"type": "string"}


@pytest.mark.parametrize("least", [1, 3])
def test_a_tuple_is_never_shorter_than_it_has_to_be(least: int) -> None:
    closed = {"type": "array", "prefixItems": [{"type": "integer"}], "minItems": least}
    for key, rest in (("items", False), ("unevaluatedItems", {"type": "boolean"})):
        schema, _ = normalise_parameters(
            {"type": "object", "properties": {"a": {**closed, key: rest}}}, "x"
        )
        assert schema["properties"]["a"]["minItems"] == least


def test_repairs_are_told_in_words_with_the_place(tmp_path: Path) -> None:
    schema = properties(n={"type": "integer", "default": "ten"})
    tool = read_one(tmp_path, [flat("get it", parameters=schema)])
    assert tool.inferred == ("effect from the verb 'get'",)
    assert tool.repairs == (
        "wire name 'get_it'",
        'parameters.properties.n: default "ten" does not satisfy its schema and was dropped',
    )
