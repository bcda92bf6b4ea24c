"""OpenAPI documents: which schema a result has, and how schemas are merged, cut and inferred."""

import json
from typing import Any

import pytest

from generators.importers.found_tools import FoundTool
from generators.importers.normalise import normalise_returns
from generators.importers.openapi.schema_unfolding import INPUT, MAX_SCHEMAS, OUTPUT
from generators.importers.subschemas import TORN, merge_all_of
from tests.openapi_documents import (
    DONE,
    NUMBER,
    TEXT,
    answer,
    document,
    json_content,
    operation,
    properties,
    read_all,
    read_one,
    read_post,
    returns,
)

PET = {"type": "object", "properties": {"id": NUMBER, "name": TEXT}, "required": ["id"]}


def reply(schema: Any, **more: Any) -> dict[str, Any]:
    """A response that holds the schema."""
    response: dict[str, Any] = answer(schema, **more)["200"]
    return response


def result_of(responses: Any, version: str = "3.0.3", **more: Any) -> Any:
    return returns(read_post(version, responses=responses, **more))


# Which response


@pytest.mark.parametrize("code", ["200", "201", "206", "2XX", "default"])
def test_the_result_is_that_of_success(code: str) -> None:
    tool = read_post(responses={"404": reply(TEXT), code: reply(PET)})
    assert returns(tool) == PET
    assert tool.returns_from == "source"


def test_the_first_success_that_describes_its_content_counts() -> None:
    listed = {"default": reply(NUMBER), "2XX": reply(NUMBER), "202": reply(TEXT)}
    assert result_of({**listed, "200": {"description": "nothing"}}) == TEXT


@pytest.mark.parametrize(
    "responses",
    [
        {"204": {"description": "gone"}},
        {"404": reply(PET)},
        {"204": {"description": "gone"}, "default": reply(PET)},
        {"default": {**reply(PET), "description": "Unexpected error"}},
        {"default": {"$ref": "#/components/responses/Problem"}},
        {"200": reply({})},
        {"200": {"description": "", "content": {}}},
        {"200": {"description": "", "content": {"image/png": {"schema": {"format": "binary"}}}}},
    ],
)
def test_without_a_described_success_there_is_no_result(responses: Any) -> None:
    components = {"responses": {"Problem": reply(PET)}}
    assert result_of(responses, components=components) is None


@pytest.mark.parametrize("name", ["application/hal+json", "*/*", "application/json; charset=utf-8"])
def test_kinds_of_json_are_known(name: str) -> None:
    content = {"text/html": {"schema": TEXT}, name: {"schema": PET}}
    assert result_of({"200": {"description": "", "content": content}}) == PET


def test_a_page_of_text_is_text() -> None:
    assert result_of({"200": {"description": "", "content": {"text/csv": {}}}}) == TEXT


def test_a_response_of_swagger_has_a_schema() -> None:
    responses = {"200": {"description": "", "schema": {"$ref": "#/definitions/Pet"}}}
    assert result_of(responses, "2.0", definitions={"Pet": PET}) == PET


def test_what_only_a_caller_writes_is_no_output() -> None:
    schema = {
        "type": "object",
        "properties": {"id": {**NUMBER, "readOnly": True}, "pin": {**TEXT, "writeOnly": True}},
        "required": ["id", "pin"],
    }
    expected = {"type": "object", "properties": {"id": NUMBER}, "required": ["id"]}
    assert result_of(answer(schema)) == expected


# Examples


def test_an_example_stands_in_for_a_schema() -> None:
    shown = {"id": 7, "tags": ["a"], "gone": None}
    for media in ({"example": shown}, {"examples": {"one": {"value": shown}}}):
        response = {"description": "", "content": {"application/json": media}}
        tool = read_post(responses={"200": response})
        assert tool.returns_from == "example"
        assert returns(tool) == {
            "type": "object",
            "properties": {"id": NUMBER, "tags": {"type": "array", "items": TEXT}, "gone": {}},
        }


def test_an_example_of_swagger_may_be_text_that_holds_json() -> None:
    responses = {"200": {"description": "", "examples": {"application/json": '{"id": 7}'}}}
    tool = read_post("2.0", responses=responses)
    assert tool.returns_from == "example"
    assert returns(tool) == {"type": "object", "properties": {"id": NUMBER}}


def test_a_schema_that_says_something_goes_before_examples() -> None:
    tool = read_post(responses=answer(PET, example={"other": 1}))
    assert (returns(tool), tool.returns_from) == (PET, "source")
    assert tool.returns is not None
    assert tool.returns.value["examples"] == [{"other": 1}]


def test_of_an_example_the_beginning_of_its_lists_is_kept_and_no_long_text() -> None:
    shown = {"ids": [*range(100)], "story": "so " * 500, "name": "Rex"}
    tool = read_post(responses=answer(PET, example=shown))
    assert tool.returns is not None
    assert tool.returns.value["examples"] == [{"ids": [*range(24)], "name": "Rex"}]


def test_an_example_that_lies_elsewhere_is_left_there() -> None:
    media = {"examples": {"far": {"externalValue": "http://127.0.0.1:1/x"}}}
    assert result_of({"200": {"description": "", "content": {"application/json": media}}}) is None


# Dialects


def test_what_openapi_says_becomes_json_schema() -> None:
    schema = {
        "type": "object",
        "discriminator": {"propertyName": "kind"},
        "externalDocs": {"url": "http://x.y"},
        "xml": {"name": "pet"},
        "x-internal": True,
        "title": "Pet",
        "properties": {
            "kind": TEXT,
            "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": True, "nullable": True},
            "x-rating": {"type": "number", "example": 4.5},
        },
        "required": ["kind"],
    }
    plain, _ = normalise_returns(result_of(answer(schema)))
    assert plain == {
        "type": "object",
        "properties": {
            "kind": TEXT,
            "age": {"type": ["integer", "null"], "exclusiveMinimum": 0},
            "x-rating": {"type": "number", "examples": [4.5]},
        },
        "required": ["kind"],
    }


def test_what_stands_beside_a_reference_holds_as_well() -> None:
    components = {"schemas": {"Pet": PET}}
    beside = {"$ref": "#/components/schemas/Pet", "description": "Mine."}
    assert result_of(answer(beside), "3.1.0", components=components) == {
        **PET,
        "description": "Mine.",
    }
    closed = {"$ref": "#/components/schemas/Pet", "required": ["name"]}
    merged = result_of(answer(closed), "3.1.0", components=components)
    assert merged == {**PET, "required": ["id", "name"]}


# allOf


def test_plain_objects_are_merged() -> None:
    schema = {
        "allOf": [
            PET,
            {"type": "object", "properties": {"tag": TEXT}, "required": ["tag", "id"]},
        ],
        "description": "Both.",
    }
    assert merge_all_of(schema) == {
        "description": "Both.",
        "type": "object",
        "properties": {"id": NUMBER, "name": TEXT, "tag": TEXT},
        "required": ["id", "tag"],
    }


def test_a_single_part_takes_in_what_stands_around_it() -> None:
    assert merge_all_of({"allOf": [PET], "nullable": True, "description": "x"}) == {
        **PET,
        "nullable": True,
        "description": "x",
    }


def test_a_property_that_is_described_twice_must_satisfy_both() -> None:
    one = {"properties": {"a": {"minimum": 1}, "b": {"type": "string"}}}
    other = {"properties": {"a": {"minimum": 2}, "b": {"type": "string", "description": "B."}}}
    assert merge_all_of({"allOf": [one, other]})["properties"] == {
        "a": {"minimum": 2},
        "b": {"type": "string", "description": "B."},
    }


@pytest.mark.parametrize(
    "schema",
    [
        {"allOf": [{"pattern": "a"}, {"pattern": "b"}]},
        {"allOf": [{"anyOf": [TEXT, NUMBER]}, {"anyOf": [NUMBER, PET]}]},
        {"allOf": [{**PET, "additionalProperties": False}], "properties": {"z": TEXT}},
        PET,
    ],
)
def test_what_cannot_be_merged_stands_as_it_is(schema: dict[str, Any]) -> None:
    assert merge_all_of(schema) == schema


@pytest.mark.parametrize(
    ("schema", "merged"),
    [
        ({"allOf": [PET, {"oneOf": [TEXT, NUMBER]}]}, {**PET, "oneOf": [TEXT, NUMBER]}),
        ({"allOf": [{**PET, "additionalProperties": False}, PET]},
         {**PET, "additionalProperties": False}),
        ({"allOf": [True, PET]}, PET),
        ({"allOf": [], "type": "string"}, TEXT),
        ({"allOf": [{"type": "number"}, {"type": ["integer", "string"], "maximum": 3}]},
         {"type": "integer", "maximum": 3}),
        ({"allOf": [{"enum": ["a", "b"]}], "enum": ["b", "c"]}, {"enum": ["b"]}),
        ({"allOf": [PET, {"type": "array"}]}, TORN),
        ({"allOf": [TEXT], "type": "integer"}, TORN),
    ],
)  # fmt: skip
def test_what_parts_say_of_one_keyword_is_put_together(
    schema: dict[str, Any], merged: dict[str, Any]
) -> None:
    assert merge_all_of(schema) == merged


def test_a_merged_body_is_flattened() -> None:
    components = {"schemas": {"Pet": PET}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Pet"}, {"properties": {"tag": TEXT}}]}
    tool = read_post(requestBody=json_content(schema), components=components)
    assert list(properties(tool)) == ["id", "name", "tag"]


# Bounds


def test_a_schema_inside_itself_is_cut_and_noted() -> None:
    node = {
        "type": "object",
        "description": "A node.",
        "properties": {
            "id": TEXT,
            "next": {"$ref": "#/components/schemas/Node"},
            "all": {"type": "array", "items": {"$ref": "#/components/schemas/Node"}},
        },
    }
    components = {"schemas": {"Node": node}}
    schema = {"$ref": "#/components/schemas/Node"}
    tool = read_post(responses=answer(schema), components=components)
    stump = {"type": "object", "description": "A node."}
    assert returns(tool)["properties"] == {
        "id": TEXT,
        "next": stump,
        "all": {"type": "array", "items": stump},
    }
    assert tool.repairs == ("returns: cut where they are inside themselves: Node",)


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"in": schema}, "required": ["in"]}
    return schema


def depth_of(schema: Any) -> int:
    inner = schema.get("properties", {}).get("in")
    return 0 if inner is None else 1 + depth_of(inner)


def test_schemas_are_cut_below_a_level_and_what_is_cut_keeps_its_type() -> None:
    schema = nested(20)
    tool = read_post(
        requestBody=json_content({"type": "array", "items": schema}), responses=answer(schema)
    )
    result = returns(tool)
    assert depth_of(result) == OUTPUT.depth
    for _ in range(OUTPUT.depth):
        result = result["properties"]["in"]
    assert result == {"type": "object"}
    assert depth_of(properties(tool)["body"]["items"]) == INPUT.depth - 1
    assert "returns: schemas cut below level 6: 1" in tool.repairs
    exact = read_post(responses=answer(nested(OUTPUT.depth)))
    assert (returns(exact), exact.repairs) == (nested(OUTPUT.depth), ())


def size_of(value: Any) -> int:
    """Schemas in a schema that has nothing but properties, items and anyOf."""
    if not isinstance(value, dict):
        return 0
    inner = [*value.get("properties", {}).values(), value.get("items"), *value.get("anyOf", ())]
    return 1 + sum(map(size_of, inner))


def test_many_schemas_that_hold_one_another_stay_small() -> None:
    count = 24
    schemas = {f"S{number}": everyone(number, count) for number in range(count)}
    paths = {f"/{name}": {"post": _exchanging(name)} for name in [*schemas][:6]}
    found = read_all(document(paths, components={"schemas": schemas}))
    assert len(found) == len(paths)
    for tool in found:
        assert isinstance(tool, FoundTool)
        assert "id" in properties(tool)
        assert returns(tool)["properties"]["id"] == TEXT
        assert 50 < size_of(returns(tool)) <= MAX_SCHEMAS
        assert size_of(tool.parameters.value) <= MAX_SCHEMAS
        assert len(json.dumps(returns(tool))) < 30_000
        assert any("cut below level" in repair for repair in tool.repairs)


def everyone(number: int, count: int) -> dict[str, Any]:
    others = [{"$ref": f"#/components/schemas/S{(number * 7 + k) % count}"} for k in range(8)]
    named = {f"p{k}": other for k, other in enumerate(others)}
    listed = {"type": "array", "items": {"anyOf": others[:3]}}
    return {"type": "object", "properties": {"id": TEXT, "list": listed, **named}}


def _exchanging(name: str) -> dict[str, Any]:
    schema = {"$ref": f"#/components/schemas/{name}"}
    entry = operation(requestBody=json_content(schema), responses=answer(schema))
    return {**entry, "operationId": name}


def test_choices_that_double_at_each_step_cost_their_result_only() -> None:
    schemas: dict[str, Any] = {
        f"C{number}": {"anyOf": [{"$ref": f"#/components/schemas/C{number + 1}"}] * 2}
        for number in range(40)
    }
    schemas["C40"] = TEXT
    bad = operation(operationId="bad", responses=answer({"$ref": "#/components/schemas/C0"}))
    paths = {"/bad": {"get": bad}, "/good": {"get": operation(operationId="good")}}
    first, second = read_all(document(paths, components={"schemas": schemas}))
    assert isinstance(first, FoundTool)
    assert first.returns is None
    assert f"unfolds to more than {MAX_SCHEMAS} schemas" in first.faults[0]
    assert isinstance(second, FoundTool)


def test_long_chains_of_references_do_not_exhaust_the_stack() -> None:
    schemas: dict[str, Any] = {
        f"C{number}": {"allOf": [{"$ref": f"#/components/schemas/C{number + 1}"}, {"minLength": 1}]}
        for number in range(60)
    }
    schemas["C60"] = TEXT
    given = answer({"$ref": "#/components/schemas/C0"})
    tool = read_one(
        document({"/a": {"get": operation(responses=given)}}, components={"schemas": schemas})
    )
    assert any("cut below level" in repair for repair in tool.repairs)


def test_operations_without_anything_have_empty_schemas() -> None:
    tool = read_post(responses=DONE)
    assert tool.parameters.value == {"type": "object", "properties": {}, "required": []}
    assert tool.returns is None
