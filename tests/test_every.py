"""A choice that means all of them, or several, is no value of a row."""

from typing import Any

import pytest

from generators.backends.trial import try_tools
from generators.sandbox.sandbox import Sandbox
from generators.world.infer import infer_world
from schemas.tool import Catalog
from tests.test_inference import TEXT, row, tool

CLOCK = "2026-03-02T09:00:00Z"


def choice(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": [*values]}


@pytest.mark.parametrize("every", ["all", "any", "*", "Both"])
def test_no_row_has_the_choice_of_a_filter_that_leaves_nothing_out(every: str) -> None:
    look = tool("list_tickets", {}, {"kind": choice("bug", "wish", every)})
    world = infer_world([look, tool("create_ticket", {"title": TEXT})])
    kinds = {one["kind"] for one in Sandbox(world, 3, CLOCK).rows("shop/ticket")}
    assert kinds == {"bug", "wish"}
    asked = world.models["list_tickets"].parameters[0].schema["enum"]
    assert every in asked  # it may be asked for all the same


def test_what_is_written_may_be_for_all() -> None:
    post = tool("create_ticket", {"title": TEXT, "audience": choice("staff", "all")})
    fields = infer_world([post]).entities["shop/ticket"].fields
    assert fields["audience"].schema["enum"] == ["staff", "all"]


def test_an_example_that_means_all_tells_no_value() -> None:
    shown = row(id={"type": "integer"}, name=TEXT, zone={**TEXT, "examples": ["all"]})
    looked = tool("get_venue", {"id": {"type": "integer"}}, returns=shown)
    (kept,) = try_tools(Catalog(tools=(looked,))).tools
    assert kept.returns is not None
    assert set(kept.returns["properties"]) == {"id", "name"}
    told = row(id={"type": "integer"}, name=TEXT, zone={**TEXT, "examples": ["all", "north"]})
    world = infer_world([tool("get_venue", {"id": {"type": "integer"}}, returns=told)])
    assert {one["zone"] for one in Sandbox(world, 3, CLOCK).rows("shop/venue")} == {"north"}
