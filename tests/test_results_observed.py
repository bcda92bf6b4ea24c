"""Result schemas from observed results: how logs are read, merged, and held against the source."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generators.importers.example_schemas import ENOUGH_FOR_ENUM, schema_of_results
from generators.learned_results import Observation, complete_returns, read_observations
from generators.sandbox.sandbox import Sandbox
from generators.world.infer import infer_world
from schemas.errors import InputError
from schemas.tool import plain_result
from tests.descriptions import catalog, described


def logged(folder: Path, *rows: Any) -> tuple[Observation, ...]:
    file = folder / "log.jsonl"
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_observations([file])


def test_rows_are_read_under_any_of_their_names(tmp_path: Path) -> None:
    assert logged(
        tmp_path,
        {"tool": "a", "result": {"id": 1}},
        {"name": "b", "output": [1, 2]},
        "",
        {"tool": "c", "content": '{"id": 2}'},
        {"tool": "d", "content": "done"},
        {"tool": "e", "result": {"content": [{"type": "text", "text": '{"id": 3}'}]}},
        {"tool": "f", "result": {"content": [], "structuredContent": {"id": 4}}},
    ) == (
        Observation("a", {"id": 1}),
        Observation("b", [1, 2]),
        Observation("c", {"id": 2}),
        Observation("d", "done"),
        Observation("e", {"id": 3}),
        Observation("f", {"id": 4}),
    )


def test_results_in_a_conversation_are_paired_with_their_calls(tmp_path: Path) -> None:
    call = {"type": "function", "function": {"name": "a", "arguments": "{}"}}
    other = {"type": "function", "function": {"name": "b", "arguments": "{}"}}
    conversation = {
        "messages": [
            {"role": "user", "content": "hello"},
            {"role": "assistant", "tool_calls": [{"id": "1", **call}, {"id": "2", **other}]},
            {"role": "tool", "tool_call_id": "2", "content": '{"b": true}'},
            {"role": "tool", "tool_call_id": "1", "content": '{"a": true}'},
            {"role": "function", "name": "c", "content": '{"c": true}'},
        ]
    }
    assert logged(tmp_path, conversation) == (
        Observation("b", {"b": True}),
        Observation("a", {"a": True}),
        Observation("c", {"c": True}),
    )


def test_what_failed_is_no_result(tmp_path: Path) -> None:
    assert not logged(
        tmp_path,
        {"tool": "a", "result": {"error": "gone"}},
        {"tool": "a", "result": {"code": 404, "message": "gone", "error": "x"}},
        {"tool": "a", "result": {"id": 1}, "is_error": True},
        {"tool": "a", "result": {"content": [{"type": "text", "text": "x"}], "isError": True}},
        {"tool": "a", "result": None},
    )


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{", "line 2, column 2: not JSON"),
        ("[]", "line 2: a row must be an object, not a list"),
        ('{"tool": "a"}', "line 2: neither a tool with its result nor messages"),
        ('{"tool": 1, "result": 1}', "line 2: neither a tool"),
        ('{"tool": "a", "result": NaN}', "line 2: holds NaN, which JSON"),
        ('{"tool": "a", "result": 1e999}', "too large"),
        (f'{{"tool": "a", "result": {"[" * 120}{"]" * 120}}}', "more than 100 levels deep"),
        (r'{"tool": "a", "result": "\ud800"}', "half of a character"),
        ('{"messages": {}}', "messages must be a list of objects"),
        ('{"messages": [{"role": "tool", "content": "x"}]}', "message 1: the result answers no"),
        ('{"messages": [{"tool_calls": [{"id": "1"}]}]}', "message 1: a call without a name"),
        ('{"messages": [{"tool_calls": 7}]}', "message 1: a call without a name"),
    ],
)
def test_a_faulty_row_is_named_by_file_and_line(tmp_path: Path, row: str, words: str) -> None:
    with pytest.raises(InputError) as raised:
        logged(tmp_path, {"tool": "a", "result": 1}, row)
    assert "log.jsonl, at line 2" in str(raised.value)
    assert words in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.jsonl: no such file"):
        read_observations([tmp_path / "none.jsonl"])


def test_only_what_all_results_have_is_required_and_numbers_are_merged() -> None:
    first = {"id": 1, "rows": [{"a": 1}]}
    second = {"id": 1.5, "rows": [{"b": "x"}], "n": None}
    assert schema_of_results([first, second]) == {
        "type": "object",
        "properties": {
            "id": {"type": "number"},
            "rows": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"a": {"type": "integer"}, "b": {"type": "string"}},
                },
            },
            "n": {"type": "null"},
        },
        "required": ["id", "rows"],
    }


@pytest.mark.parametrize(
    ("texts", "form"),
    [
        (["2026-01-02", "2025-12-31", "2024-02-29"], "date"),
        (["2026-01-02", "2025-12-31"], None),
        (["2026-01-02", "2025-12-31", "2025-02-29"], None),
        (["2026-01-02T10:00:00Z"] * 3, "date-time"),
        (["2026-01-02T10:00:00"] * 3, None),
        (["a@b.de", "c.d@e.org", "f@g.io"], "email"),
        (["https://a.de/x", "http://b.org", "ftp://c"], "uri"),
        (["4f0c3a52-9f0e-4b6a-8d3c-0a1b2c3d4e5f"] * 3, "uuid"),
        (["https://a.de", "b", "https://c.de"], None),
    ],
)
def test_a_format_is_told_by_three_texts_that_agree(texts: list[str], form: str | None) -> None:
    assert schema_of_results(texts).get("format") == form


def test_few_observations_never_close_a_set() -> None:
    both = ["open", "closed"] * (ENOUGH_FOR_ENUM // 2)
    assert schema_of_results(both) == {"type": "string", "enum": ["closed", "open"]}
    assert schema_of_results(both[1:]) == {"type": "string"}
    assert schema_of_results([*both, "merged"]) == {"type": "string"}
    assert schema_of_results([*both, *["on hold"] * 9]) == {"type": "string"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=4),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=3), inside),
    max_leaves=8,
)


@settings(max_examples=80, deadline=None)
@given(st.lists(VALUES, min_size=1, max_size=5))
def test_what_was_observed_satisfies_the_schema(values: list[Any]) -> None:
    tool = described("a", "")
    found = complete_returns(catalog(tool), [Observation("a", value) for value in values])
    completed = found.tools[0]
    assert completed.returns is not None
    validator = Draft202012Validator(completed.returns)
    assert all(validator.is_valid(plain_result(completed, value)) for value in values)


def test_observed_results_stand_above_whatever_was_inferred() -> None:
    told: dict[str, Any] = {"type": "object", "properties": {"currency": {"type": "string"}}}
    tools = catalog(
        described("a", "", returns=told, returns_from="model"),
        described("b", ""),
        described("c", "", returns=told, returns_from="model"),
    )
    once = complete_returns(tools)
    assert once == tools
    seen = [Observation("a", {"price": 1}), Observation("b", {"n": 1}), Observation("b", {"n": 2})]
    twice = complete_returns(once, seen)
    assert [tool.returns_from for tool in twice.tools] == ["observation", "observation", "model"]
    assert [tool.inferred for tool in twice.tools] == [
        ("result schema from an observed result",),
        ("result schema from 2 observed results",),
        (),
    ]
    assert complete_returns(tools, seen) == twice
    assert complete_returns(twice, seen) == twice


def test_a_result_that_contradicts_the_source_is_noted_and_changes_nothing() -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    tools = catalog(described("a", "", returns=schema, returns_from="source"))
    seen = [Observation("a", {"n": 1}), Observation("a", {"n": "1"})]
    found = complete_returns(tools, seen)
    assert found.tools == tools.tools
    assert found.notes == (
        "a: 1 of 2 observed results contradict its result schema: "
        "at $.n: '1' is not of type 'integer'",
    )


def test_results_of_no_tool_and_of_several_are_noted() -> None:
    one = described("get", "", wire_name="get_1", domain="x")
    two = described("get", "", wire_name="get_2", domain="y")
    tools = catalog(one, two)
    seen = [Observation(name, {"n": 1}) for name in ("get", "got", "get", "get_2")]
    found = complete_returns(tools, seen)
    assert [tool.returns_from for tool in found.tools] == [None, "observation"]
    assert found.notes == (
        "observed results of 'get' are not used: several tools have this name",
        "observed results of 'got' are not used: no tool has this name",
    )


def test_a_source_that_only_says_an_object_leaves_the_word_to_observations() -> None:
    bare = {"type": "object", "additionalProperties": True}
    tools = catalog(described("a", "", returns=bare, returns_from="source"))
    (found,) = complete_returns(tools, [Observation("a", {"id": 1})]).tools
    assert found.returns_from == "observation"
    assert found.returns is not None
    assert found.returns["properties"] == {"id": {"type": "integer"}}
    assert complete_returns(tools) == tools


def test_the_sandbox_answers_as_was_observed() -> None:
    row = {"flight_id": "LH1", "gate": "B4", "seats": 3}
    find = described("list_flights", "", effect="read")
    get = described("get_flight", "", ("flight_id",), effect="read")
    seen = [Observation("list_flights", [row]), Observation("get_flight", row)]
    world = infer_world(complete_returns(catalog(find, get), seen).tools)
    assert not any(model.returns_inferred for model in world.models.values())
    sandbox = Sandbox(world, 7, "2026-03-12T09:00:00+01:00")
    rows = sandbox.call("list_flights", {}).content
    assert rows
    assert all(list(row) == ["flight_id", "gate", "seats"] for row in rows)
    assert sandbox.call("get_flight", {"flight_id": rows[0]["flight_id"]}).content == rows[0]
