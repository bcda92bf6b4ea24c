"""A call that was tried when it was proposed need not be run again: nothing tells the two apart."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generators.backends.backend import InferredBackend, WantedCall
from generators.backends.trial import try_tools
from generators.identity_cache import Same
from generators.sandbox.compiled_tools import compile_tool
from generators.sandbox.propose import Proposal, choose_parameters, make_proposed
from generators.tasks.feeding import scalar, scalars
from generators.world.infer import infer_world
from schemas.canonical import canonical_json
from schemas.leaves import leaves, value_at
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSource, ToolSpec
from tests.studio import own_catalog, own_studio

CLOCK = "2026-03-12T09:00:00+00:00"
LEAVES = (
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats(-3, 3) | st.text("a1", max_size=2)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("xyz"), inner),
)


@pytest.mark.parametrize("name", [tool.wire_name for tool in own_catalog().tools][::3])
def test_a_tried_call_is_made_without_running_it(name: str) -> None:
    backend = InferredBackend(own_studio().world)
    tried, run = backend.open(3, CLOCK), backend.open(3, CLOCK)
    before = tried.state_hash()
    proposed = backend.propose(tried, WantedCall(name), Random(5))
    assert proposed is not None
    assert proposed.outcome is not None
    assert tried.state_hash() == before
    assert make_proposed(tried, name, proposed) == make_proposed(
        run, name, Proposal(proposed.arguments)
    )
    assert tried.state_hash() == run.state_hash()
    assert tried.changes() == run.changes()


@given(one=LEAVES, other=LEAVES)
def test_scalars_are_the_same_where_their_json_is(one: Any, other: Any) -> None:
    assert (scalar(one) == scalar(other)) is (canonical_json(one) == canonical_json(other))


@given(value=VALUES)
def test_each_leaf_is_found_at_its_places(value: Any) -> None:
    found = scalars(value)
    assert sorted(path for paths in found.values() for path in paths) == sorted(
        path for path, _ in leaves(value)
    )
    for key, paths in found.items():
        assert all(scalar(value_at(value, path)) == key for path in paths)


@given(leaf=LEAVES)
def test_a_scalar_alone_is_written_as_in_a_list(leaf: Any) -> None:
    assert canonical_json([leaf]) == f"[{canonical_json(leaf)}]"


PLACED: JsonObject = {
    "type": "object",
    "properties": {"type": {"type": "string", "examples": ["Point"]},
                   "radius": {"type": "integer", "minimum": 1, "maximum": 90},
                   "city": {"type": "string"}},
}  # fmt: skip
LAID: JsonObject = {
    "type": "object",
    "properties": {"type": {"type": "string", "examples": ["Point"]},
                   "coordinates": {"type": "array", "items": {"type": "number"}}},
}  # fmt: skip


def adding(location: JsonObject) -> ToolSpec:
    properties = {"name": {"type": "string"}, "location": location}
    shown = {"type": "object", "properties": {"event_id": {"type": "string"}, **properties}}
    tool = ToolSpec(
        name="create_event", wire_name="create_event", description="Create an event.",
        parameters={"type": "object", "properties": properties, "required": ["name"]},
        returns=shown, domain="events", source=ToolSource(format="openapi", path="events.yaml"),
    )  # fmt: skip
    return try_tools(Catalog(tools=(tool,))).tools[0]


def chosen_of(tool: ToolSpec) -> list[set[str]]:
    compiled = compile_tool(Same(infer_world([tool])), tool.wire_name)
    return [choose_parameters(compiled, Random(seed), {}, 2).chosen for seed in range(40)]


def test_of_what_kind_a_thing_is_is_told_with_the_thing_or_not_at_all() -> None:
    seen = set()
    for chosen in chosen_of(adding(PLACED)):
        beside = not {"location.radius", "location.city"}.isdisjoint(chosen)
        assert ("location.type" in chosen) == beside
        seen.add(beside)
    assert seen == {True, False}


def test_a_thing_of_which_nothing_but_its_kind_is_known_is_left_out() -> None:
    tool = adding(LAID)
    assert all("location.type" not in chosen for chosen in chosen_of(tool))
    assert tool.returns is not None
    assert "location" not in tool.returns["properties"]
