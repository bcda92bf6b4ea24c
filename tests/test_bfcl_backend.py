"""BFCL's own environments behind the adapter: gold calls run and replay."""

from collections.abc import Mapping
from decimal import Decimal, getcontext
from random import Random
from typing import Any

import pytest

from benchmarks.bfcl_backend import CLOCK, Bfcl, Ran, ScenarioBackend, lines, run
from benchmarks.gold_edges import bfcl_data
from generators.backends.backend import WantedCall
from schemas.tool import ToolSource, ToolSpec

DATA = bfcl_data()
installed = pytest.mark.skipif(DATA is None, reason="bfcl-eval is not installed")


@installed
@pytest.mark.slow
def test_all_gold_calls_run_and_replay() -> None:
    assert DATA is not None
    ran = run(Bfcl(DATA))
    assert ran.entries == 200
    assert ran.calls > 1000
    assert not ran.errors
    assert ran.as_direct == ran.calls
    assert ran.same_outputs == ran.same_state == ran.entries


@installed
def test_proposals_run_in_the_benchmarks_environments() -> None:
    assert DATA is not None
    bfcl = Bfcl(DATA)
    found = tried = 0
    for entry in bfcl.entries[:40:8]:
        backend = bfcl.backend(entry)
        environment = backend.open(0, CLOCK)
        for name in backend.world.models:
            before = environment.state_hash()
            proposed = environment.propose(WantedCall(name), Random(1))
            assert environment.state_hash() == before
            tried += 1
            found += proposed is not None
            if proposed is not None:
                assert not environment.call(name, proposed.arguments).is_error
    assert found > tried / 4


class Lamp:
    """In the benchmark's convention."""

    def __init__(self) -> None:
        self.on: bool
        self.turned_at = 0

    def _load_scenario(self, scenario: Mapping[str, Any]) -> None:
        self.on = bool(scenario.get("on", False))

    def turn(self, on: bool) -> dict[str, Any]:
        self.turned_at += 1
        if on == self.on:
            return {"error": "it is so already"}
        self.on = on
        return {"on": self.on}

    def reckon(self) -> str:
        getcontext().prec = 4
        return str(Decimal(2) / 3)

    def break_it(self) -> None:
        self.on = not self.on
        raise RuntimeError("glass everywhere")


def lamp(scenario: Mapping[str, Any], *volatile: str) -> ScenarioBackend:
    def tool(name: str, **properties: Any) -> ToolSpec:
        parameters = {"type": "object", "properties": properties, "required": list(properties)}
        source = ToolSource(format="bfcl", path="lamp.json")
        return ToolSpec(name=name, wire_name=name, parameters=parameters, domain="lamp",
                        source=source, effect="write")  # fmt: skip

    tools = (tool("turn", on={"type": "boolean"}), tool("reckon"), tool("break_it"))
    return ScenarioBackend("lamp", {"Lamp": (Lamp, tools)}, {"Lamp": dict(scenario)},
                           frozenset(volatile))  # fmt: skip


def test_errors_that_are_returned_or_raised_are_outcomes_and_leave_no_trace() -> None:
    environment = lamp({"on": True}).open(0, CLOCK)
    before = environment.state_hash()
    same = environment.call("turn", {"on": True})
    assert same.content == {"error": {"code": "tool_error", "message": "it is so already"}}
    broken = environment.call("break_it", {})
    assert broken.content["error"] == {"code": "internal_error", "message": "glass everywhere"}
    wrong = environment.call("turn", {"off": True})
    assert wrong.content["error"]["code"] == "internal_error"
    assert environment.state_hash() == before
    assert environment.call("turn", {"on": False}).content == {"on": False}
    assert environment.state_hash() != before


def test_a_tool_that_sets_the_precision_of_decimals_sets_it_for_itself() -> None:
    before = getcontext().prec
    assert lamp({}).open(0, CLOCK).call("reckon", {}).content == "0.6667"
    assert getcontext().prec == before


def test_the_scenario_decides_the_state_and_is_not_touched() -> None:
    scenario = {"on": True}
    backend = lamp(scenario)
    assert backend.open(1, CLOCK).state_hash() == backend.open(2, CLOCK).state_hash()
    assert lamp({}).open(0, CLOCK).state_hash() != backend.open(0, CLOCK).state_hash()
    backend.open(0, CLOCK).call("turn", {"on": False})
    assert scenario == {"on": True}


def test_the_state_of_several_objects_is_told_apart() -> None:
    backend = lamp({})
    both = ScenarioBackend("two", {**backend.classes, "Other": (Lamp, ())}, {})
    assert set(both.open(0, CLOCK).state()) == {
        "Lamp.on", "Lamp.turned_at", "Other.on", "Other.turned_at",
    }  # fmt: skip


def test_what_was_measured_is_told() -> None:
    told = "\n".join(lines(Ran(entries=2, calls=9, same_outputs=2, same_state=1), 1.0))
    assert "gold calls run                   9" in told
    assert "replays with equal state hash    1 of 2" in told
