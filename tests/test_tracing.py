"""Sources found by looking: nearly all, every one right, and none where nothing was said."""

import json
import time
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.dialogue.provenance import trace
from schemas.leaves import leaves
from schemas.message import (
    FromContext,
    FromDefault,
    FromResult,
    FromUser,
    Message,
    Source,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from schemas.record import JsonObject
from schemas.tool import ToolSource, ToolSpec
from tests.studio import Take, own_studio, take, takes, where
from validators.provenance import Evidence, contains
from validators.transcript import exchanges

CLOCK = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SPAN = 50


def traced(made: Take) -> list[tuple[Any, str, Any, Source | None]]:
    """Call, path, value and found source of every leaf, without the recorded provenance."""
    trajectory = made.trajectory
    tools = {tool.wire_name: tool for tool in trajectory.tools}
    found = []
    for exchange in exchanges(trajectory.messages):
        call = exchange.call
        before = trajectory.messages[: exchange.message]
        clock = datetime.fromisoformat(trajectory.task.clock)
        sources = trace(tools[call.name], call.arguments, before, clock)
        by_path = {given.path: given.source for given in sources}
        assert len(by_path) == len(sources)
        found += [(exchange, p, v, by_path.get(p)) for p, v in leaves(call.arguments) if p]
    return found


def test_nearly_every_leaf_has_a_source() -> None:
    found = Counter(source is not None for made in takes(SPAN) for *_, source in traced(made))
    assert found
    assert found[True] / found.total() >= 0.98


def test_every_source_that_is_found_holds_before_the_check() -> None:
    def wrong(made: Take) -> list[Any]:
        evidence = Evidence(made.trajectory)
        return [
            (exchange.call.name, path, value, source, fault)
            for exchange, path, value, source in traced(made)
            if source is not None
            and (fault := evidence.fault(exchange, path, value, source)) is not None
        ]

    assert where(wrong, SPAN) == []


def test_all_kinds_of_source_are_found() -> None:
    kinds = Counter(type(source) for made in takes() for *_, source in traced(made))
    assert kinds[FromUser]
    assert kinds[FromResult]
    tool = own_studio().catalog.by_name["send_transfer"]
    (given,) = trace(tool, {"speed": "standard"}, (), datetime(2026, 3, 2, tzinfo=UTC))
    assert isinstance(given.source, FromDefault)


@settings(max_examples=40)
@given(
    st.text("qxzj", min_size=6, max_size=12)
    | st.integers(10**9, 10**15)
    | st.floats(1e9, 1e12).filter(lambda number: not number.is_integer())
)
def test_a_value_that_was_said_nowhere_has_no_source(value: str | float) -> None:
    messages = take(3).trajectory.messages
    for tool in take(3).trajectory.tools[:3]:
        assert trace(tool, {"made_up": value, "deep": [{"x": value}]}, messages, CLOCK) == ()


def said(text: str, index: int = 1) -> UserMessage:
    return UserMessage(index=index, turn=0, timestamp="", text=text, act="request")


def answered(content: str, index: int = 2, *, is_error: bool = False) -> ToolMessage:
    return ToolMessage(
        index=index, turn=0, timestamp="", call_id="c", name="t", content=content, is_error=is_error
    )  # fmt: skip


POLICY = SystemMessage(index=0, turn=0, timestamp="", text="It is 2026-03-02 in Oslo.")


def spec(**properties: JsonObject) -> ToolSpec:
    return ToolSpec(
        name="t", wire_name="t", domain="d", source=ToolSource(format="mcp", path="t.json"),
        parameters={"type": "object", "properties": properties, "required": []},
    )  # fmt: skip


def source_of(value: Any, *messages: Message, schema: JsonObject | None = None) -> Source | None:
    found = trace(spec(x=schema or {}), {"x": value}, (POLICY, *messages), CLOCK)
    assert len(found) <= 1
    return found[0].source if found else None


@pytest.mark.parametrize(
    ("text", "value", "span", "rule"),
    [
        ("Fly me to Lisbon.", "Lisbon", "Lisbon", "literal"),
        ("On the 12th of March, please.", "2026-03-12", "the 12th of March", "date"),
        ("Is tomorrow fine?", "2026-03-03", "tomorrow", "date"),
        ("Come at 9:40 am.", "09:40", "9:40 am", "time"),
        ("Meet tomorrow at 3 pm.", "2026-03-03T15:00:00Z", "tomorrow at 3 pm", "datetime"),
        ("A table for three.", 3, "three", "number"),
        ("No more than 1,250.50 euros.", 1250.5, "1,250.50", "number"),
        ("All that are in progress.", "IN_PROGRESS", "in progress", "words"),
        ("Without breakfast, please.", False, None, "flag"),
    ],
)
def test_the_words_of_the_user_are_found(text: str, value: Any, span: str, rule: str) -> None:
    source = source_of(value, said(text))
    if rule == "flag":
        text = text.lower()
        source = source_of(value, said(text))
    assert isinstance(source, FromUser)
    assert source.rule == rule
    assert span is None or source.span == span
    assert contains(text, source.span, source.rule)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Fly me to Lisbonne.", "Lisbon"),
        ("On the 13th of March.", "2026-03-12"),
        ("A table for three.", 4),
        ("Order 1234.", "123"),
        ("Order 1234.", 34),
        ("All that are open.", "in_progress"),
        ("", ""),
        ("Nothing.", None),
        ("Anything.", {}),
        ("Anything.", []),
    ],
)
def test_what_the_user_did_not_say_is_not_found(text: str, value: Any) -> None:
    assert source_of(value, said(text)) is None


def test_results_count_by_value_and_type_and_errors_do_not() -> None:
    found = source_of("f-1", answered('{"flights": [{"id": "f-0"}, {"id": "f-1"}]}'))
    assert found == FromResult(message=2, path="flights[1].id")
    assert source_of("1", answered('{"n": 1}')) is None
    assert source_of(True, answered('{"n": 1}')) is None
    assert source_of("f-1", answered('{"error": {"code": "f-1"}}', is_error=True)) is None


def test_the_latest_words_count_and_words_before_results() -> None:
    later = source_of("Oslo", said("To Oslo.", 1), said("Yes, Oslo.", 3))
    assert isinstance(later, FromUser)
    assert later.message == 3
    assert isinstance(source_of("Rome", said("To Rome."), answered('{"city": "Rome"}')), FromUser)


def test_the_policy_and_the_schema_are_the_last_to_be_asked() -> None:
    assert source_of("2026-03-02") == FromContext(span="2026-03-02", rule="literal")
    assert source_of("asc", schema={"default": "asc"}) == FromDefault()
    assert source_of("asc", schema={"enum": ["asc"]}) == FromDefault()
    assert source_of("asc", schema={"const": "asc"}) == FromDefault()
    assert source_of("asc", schema={"enum": ["asc", "desc"]}) is None
    assert source_of(1, schema={"default": True}) is None
    assert source_of(1, schema={"default": 1.0}) is None
    inner = {"type": "array", "items": {"type": "object", "properties": {"y": {"default": 7}}}}
    assert [g.path for g in trace(spec(x=inner), {"x": [{"y": 7}]}, (), CLOCK)] == ["x[0].y"]


@pytest.mark.parametrize("value", [40, 9])
def test_a_number_is_not_taken_out_of_a_time(value: int) -> None:
    source = source_of(value, said("Come at 9:40 am."), answered(f'{{"n": {value}}}'))
    assert source == FromResult(message=2, path="n")


def test_many_values_are_traced_in_seconds() -> None:
    messages = [
        SystemMessage(text="Be kind to whoever writes. " * 1_000, index=0, turn=0, timestamp=""),
        said("One thing and another, on the 12th of March. " * 20),
        answered(json.dumps([{"name": f"thing {number}"} for number in range(100)])),
    ]
    arguments: JsonObject = {"names": [f"it {number}" for number in range(400)]}
    begun = time.process_time()
    assert trace(spec(names={"type": "array"}), arguments, messages, CLOCK) == ()
    assert time.process_time() - begun < 2


def test_arguments_and_results_of_any_shape_raise_nothing() -> None:
    odd = answered('[1, "x", null, {"a": []}, [[true]]]')
    for arguments in ({}, {"x": None}, {"x": [[1], {}]}, {"": "x"}, {"a b": {"c.d": "x"}}):
        trace(spec(), arguments, (POLICY, odd, said("Well, x?")), CLOCK)
