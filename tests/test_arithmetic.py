"""Tools whose names ask for arithmetic give its result."""

from random import Random
from typing import Any

import pytest

from generators.language.action import action
from generators.sandbox.compute import evaluate, reckon
from generators.sandbox.errors_and_faults import CallError
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.schema_validity import MISSING
from generators.world.infer import infer_world
from schemas.record import JsonObject
from schemas.tool import ToolSource, ToolSpec


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("multiply", {"a": 39, "b": 96}, 3744),
        ("subtract_numbers", {"x": 1, "y": 0.5}, 0.5),
        ("power", {"base": 2, "exponent": 10}, 1024),
        ("logarithm", {"value": 8, "base": 2, "precision": 3}, 3),
        ("mean", {"numbers": [1, 2, 6]}, 3),
        ("square_root", {"number": 2, "precision": 2}, 1.41),
        ("power", {"base": 60, "exponent": 18}, 60**18),
        ("multiply", {"a": 123456789, "b": 987654321987}, 123456789 * 987654321987),
        ("power", {"base": 2.5, "exponent": 60}, 2.5**60),
    ],
)
def test_the_named_operation_is_worked_out(name: str, arguments: JsonObject, result: Any) -> None:
    found = reckon(name, arguments)
    assert (found, type(found)) == (result, type(result))


def test_whole_numbers_written_down_are_reckoned_exactly() -> None:
    assert evaluate("60 ** 18 + 1") == 60**18 + 1
    assert evaluate("(2 ** 60 + 1) * 3 - -1") == (2**60 + 1) * 3 + 1
    with pytest.raises(CallError):
        evaluate("10 ** 299 * 10 ** 299")


@pytest.mark.parametrize(
    ("name", "said"),
    [("subtract", "Subtract the second number from the first number."),
     ("divide", "Divide the first number by the second."), ("multiply", "Multiply two numbers.")],
)  # fmt: skip
def test_both_numbers_of_a_sum_are_named_in_a_wish(name: str, said: str) -> None:
    number = {"type": "number"}
    tool = ToolSpec(
        name=name, wire_name=name, description=said, domain="maths",
        effect="read", source=ToolSource(format="test", path="test"),
        parameters={
            "type": "object", "properties": {"a": number, "b": number}, "required": ["a", "b"],
        },
    )  # fmt: skip
    wish = action(infer_world([tool]).models[name])
    assert (wish.verb, wish.generic.removeprefix("the "), wish.sayable) == (
        name,
        "two numbers",
        True,
    )


def test_no_sum_is_proposed_that_nobody_tells_by_its_digits() -> None:
    number = {"type": "number", "enum": [60, 3]}
    power = {"base": number, "exponent": {"type": "integer", "enum": [18, 2]}}
    tool = ToolSpec(
        name="power", wire_name="power", description="Calculate the power.", domain="maths",
        effect="read", source=ToolSource(format="test", path="test"),
        parameters={"type": "object", "properties": power, "required": [*power]},
        returns={"type": "object", "properties": {"result": {"type": "number"}}},
    )  # fmt: skip
    sandbox = Sandbox(infer_world([tool]), 1, "2026-03-04T10:00:00+00:00")
    proposed = (propose_arguments(sandbox, "power", Random(seed)) for seed in range(40))
    results = {one["base"] ** one["exponent"] for one in proposed if one}
    assert results == {60**2, 3**18, 3**2}


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("divide", {"a": 1, "b": 0}),
        ("logarithm", {"value": -1, "base": 2}),
        ("convert", {"a": 1, "b": 2}),
        ("add", {"a": 1, "note": "x"}),
        ("mean", {"numbers": []}),
        ("product", {"numbers": [10**200, 10**200]}),
        ("add", {"a": 10**400, "b": 1}),
    ],
)
def test_what_cannot_be_worked_out_is_missing(name: str, arguments: JsonObject) -> None:
    assert reckon(name, arguments) is MISSING


@pytest.mark.parametrize("told", [True, False])
def test_a_tool_that_adds_numbers_makes_no_row_and_gives_their_sum(told: bool) -> None:
    number = {"type": "number"}
    tool = ToolSpec(
        name="add", wire_name="add", description="Add two numbers.", domain="maths",
        effect="unknown", source=ToolSource(format="test", path="test"),
        parameters={
            "type": "object", "properties": {"a": number, "b": number}, "required": ["a", "b"],
        },
        returns={"type": "object", "properties": {"result": number}} if told else None,
    )  # fmt: skip
    world = infer_world([tool])
    assert world.models["add"].operation == "compute"
    sandbox = Sandbox(world, 1, "2026-03-04T10:00:00+00:00")
    assert sandbox.call("add", {"a": 2, "b": 40}).content == {"result": 42}
