"""Property names that no path can hold get plain ones, and a call can be turned back."""

import json
import re
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generators.importers import read_catalog
from generators.importers.normalise import normalise_parameters
from generators.importers.wire_names import name_plainly
from generators.learned_results import Observation, complete_returns
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.infer import infer_world
from schemas.leaves import is_addressable, leaves, map_keys, plain_name, value_at
from schemas.record import JsonObject
from schemas.tool import ToolSource, ToolSpec, source_arguments
from tests.descriptions import catalog, described
from tests.importing import assert_sound, flat, mcp, properties, read_one, write

TEXT = {"type": "string"}
names = st.text("ab.[]_2\n ", max_size=5)
shapes: st.SearchStrategy[JsonObject] = st.recursive(
    st.just(TEXT),
    lambda inner: (
        st.builds(
            lambda known: {"type": "object", "properties": known, "required": list(known)},
            st.dictionaries(names, inner, max_size=4),
        )
        | inner.map(lambda item: {"type": "array", "items": item})
    ),
    max_leaves=8,
)
objects = st.dictionaries(names, shapes, max_size=5).map(
    lambda known: {"type": "object", "properties": known, "required": list(known)}
)


def filled(schema: JsonObject) -> Any:
    """A value of the schema in which each text says something else."""
    if schema["type"] == "object":
        return {name: filled(item) for name, item in schema["properties"].items()}
    return [filled(schema["items"])] * 2 if schema["type"] == "array" else "text"


def keys(value: Any) -> list[str]:
    found: list[str] = []
    map_keys(value, lambda key: found.append(key) or key)  # type: ignore[func-returns-value]
    return found


def tool_of(schema: JsonObject, returns: JsonObject | None = None) -> ToolSpec:
    named = name_plainly(normalise_parameters(schema)[0], returns)
    return ToolSpec(
        name="a", wire_name="a", domain="d", source=ToolSource(format="openai", path="a.json"),
        parameters=named.parameters, returns=named.returns, renamed=named.renamed,
    )  # fmt: skip


@given(objects)
@settings(max_examples=60, deadline=None)
def test_arguments_in_plain_names_turn_back_into_those_of_the_source(schema: JsonObject) -> None:
    tool = tool_of(schema)
    given_ones = filled(tool.parameters)
    assert all(map(is_addressable, keys(given_ones)))
    for path, value in leaves(given_ones):
        assert value_at(given_ones, path) == value
    assert source_arguments(tool, given_ones) == filled(schema)
    assert Draft202012Validator(tool.parameters).is_valid(given_ones)


@given(objects, objects)
@settings(max_examples=50, deadline=None)
def test_names_are_one_to_one_and_plain_ones_stay(one: JsonObject, other: JsonObject) -> None:
    tool = tool_of(one, other)
    sources = {*keys(filled(one)), *keys(filled(other))}
    shown = {*keys(filled(tool.parameters)), *keys(filled(tool.returns or {}))}
    assert len(shown) == len(sources)
    illegal = {name for name in keys(filled(one)) if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name)}
    unfit = {name for name in sources if not is_addressable(name)}
    assert set(tool.renamed.values()) == illegal | unfit
    assert {tool.renamed.get(name, name) for name in shown} == sources
    again = name_plainly(tool.parameters, tool.returns)
    assert (again.parameters, again.returns) == (tool.parameters, tool.returns)
    assert not again.renamed


@given(st.text(max_size=8))
def test_a_plain_name_is_always_addressable_and_stays(name: str) -> None:
    assert is_addressable(plain_name(name))
    assert plain_name(plain_name(name)) == plain_name(name)
    assert not is_addressable(name) or plain_name(name) == name


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("Totp.Skew", "Totp_Skew"),
        ("filter[status]", "filter_status"),
        ("ids[]", "ids"),
        ("a.b[c].d", "a_b_c_d"),
        ("_a.b_", "_a_b_"),
        ("a\nb", "a_b"),
        ("Dr. Lee", "Dr Lee"),
        ("", "unnamed"),
        ("[]", "unnamed"),
        (" ", "unnamed"),
    ],
)
def test_a_name_loses_no_more_than_its_marks(source: str, plain: str) -> None:
    assert plain_name(source) == plain


def test_what_was_renamed_is_told_and_changed_wherever_it_stands(tmp_path: Path) -> None:
    inner = {"type": "object", "properties": {"x.y": TEXT}, "required": ["x.y"]}
    schema = {
        "type": "object",
        "properties": {
            "a.b": TEXT, "a_b": TEXT, "ids[]": {"type": "array", "items": inner},
            "o": {**inner, "default": {"x.y": "v"}, "examples": [{"x.y": "w"}]},
        },
        "required": ["a.b"],
        "dependentRequired": {"a.b": ["ids[]"], "a_b": ["a.b"]},
        "dependentSchemas": {"ids[]": {"required": ["a.b"]}},
        "propertyNames": {"enum": ["a.b", "a_b", "ids[]", "o"]},
    }  # fmt: skip
    returns = {"type": "object", "properties": {"a.b": TEXT, "z.z": TEXT}}
    tool = read_one(tmp_path, [{"name": "t", "inputSchema": schema, "outputSchema": returns}])
    plain = {"type": "object", "properties": {"x_y": TEXT}, "required": ["x_y"]}
    assert tool.parameters == {
        "type": "object",
        "properties": {
            "a_b_2": TEXT, "a_b": TEXT, "ids": {"type": "array", "items": plain},
            "o": {**plain, "default": {"x_y": "v"}, "examples": [{"x_y": "w"}]},
        },
        "required": ["a_b_2"],
        "dependentRequired": {"a_b_2": ["ids"], "a_b": ["a_b_2"]},
        "dependentSchemas": {"ids": {"required": ["a_b_2"]}},
        "propertyNames": {"enum": ["a_b_2", "a_b", "ids", "o"]},
    }  # fmt: skip
    assert tool.returns == {"type": "object", "properties": {"a_b_2": TEXT, "z_z": TEXT}}
    assert tool.renamed == {"a_b_2": "a.b", "ids": "ids[]", "x_y": "x.y", "z_z": "z.z"}
    assert tool.repairs[-4:] == (
        "parameter 'a.b' is named 'a_b_2'",
        "parameter 'ids[]' is named 'ids'",
        "parameter 'x.y' is named 'x_y'",
        "field 'z.z' is named 'z_z'",
    )


def test_a_tool_without_such_names_is_left_alone(tmp_path: Path) -> None:
    tool = read_one(tmp_path, [mcp("t")])
    assert (tool.renamed, tool.repairs) == ({}, ())


def test_every_form_gets_plain_names(tmp_path: Path) -> None:
    rule = properties(**{"Totp.Skew": TEXT})
    documents: list[Any] = [
        [flat("t", parameters=rule)],
        [{"name": "t", "inputSchema": rule}],
        [{"name": "t", "description": "d", "input_schema": rule}],
        [{"name": "t", "description": "d", "parameters": {"Totp.Skew": {"type": "str"}}}],
    ]
    for document in documents:
        tool = read_one(tmp_path, document)
        assert list(tool.properties) == ["Totp_Skew"], document
        assert source_arguments(tool, {"Totp_Skew": "1"}) == {"Totp.Skew": "1"}


def test_a_default_that_a_pattern_for_names_now_refuses_is_dropped(tmp_path: Path) -> None:
    dotted = {"type": "object", "additionalProperties": False, "default": {"x.y": 1}}
    schema = properties(o={**dotted, "patternProperties": {r"x\.y": {}}})
    tool = read_one(tmp_path, [{"name": "t", "inputSchema": schema}])
    assert "default" not in tool.properties["o"]
    assert any("was dropped" in repair for repair in tool.repairs)


def test_observed_results_get_the_names_that_the_parameters_have() -> None:
    tool = described("get_it", "Get it.")
    dotted = tool_of(properties(**{"a.b": TEXT})).model_copy(update={"name": tool.name})
    seen = [Observation("a", {"a.b": "x", "a_b": "y", "c[]": [1]})]
    (completed,) = complete_returns(catalog(dotted), seen).tools
    assert completed.returns is not None
    assert set(completed.returns["properties"]) == {"a_b", "a_b_2", "c"}
    assert completed.renamed == {"a_b": "a.b", "a_b_2": "a_b", "c": "c[]"}
    again = complete_returns(catalog(completed), seen)
    assert again.tools == (completed,)
    assert not again.notes


def test_calls_of_tools_with_such_names_run(tmp_path: Path) -> None:
    nested = {"type": "object", "properties": {"Skew.Max": {"type": "integer"}},
              "required": ["Skew.Max"]}  # fmt: skip
    schema = properties(**{"Totp.Skew": {"type": "integer"}, "lines[]": nested, "": TEXT})
    schema["required"] = list(schema["properties"])
    file = write(tmp_path, json.dumps([{"name": "create_factor", "inputSchema": schema}]))
    world = infer_world(read_catalog([file]).tools)
    sandbox = Sandbox(world, 1, "2026-03-12T09:00:00+00:00")
    arguments = propose_arguments(sandbox, "create_factor", Random(1))
    assert arguments is not None
    assert set(arguments) == {"Totp_Skew", "lines", "unnamed"}
    assert not sandbox.call("create_factor", arguments).is_error
    assert_sound(read_catalog([file]))
