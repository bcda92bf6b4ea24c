"""From when to when a read looks: bounds of what a row says, and no columns of its own."""

from typing import Any

import pytest

from generators.sandbox.sandbox import Sandbox
from generators.world.infer import infer_world
from generators.world.model import ToolModel
from generators.world.semantics import told_choices
from generators.world.tool_drafts import find_side
from tests.test_inference import TEXT, row, tool

DAY: dict[str, Any] = {"type": "string", "description": "Day in ISO format (YYYY-MM-DD)"}
NUMBER: dict[str, Any] = {"type": "integer"}
PLAN = tool("create_meal_entry", {"date": DAY, "dish": TEXT}, description="Add a meal.")
DROP = tool("delete_meal_entry", {"entry_id": TEXT})
MEALS = (
    tool("create_meal", {"date": DAY, "dish": TEXT}, description="Add a meal."),
    tool("delete_meal", {"meal_id": TEXT}),
)


def bounds(model: ToolModel) -> list[tuple[str, str | None]]:
    return [(one.use, one.field) for one in model.parameters]


@pytest.mark.parametrize(("least", "most"), [
    ("start_date", "end_date"), ("from", "to"), ("since", "until"), ("after", "before"),
    ("date_from", "date_to"), ("min_date", "max_date"),
])  # fmt: skip
@pytest.mark.parametrize("name", ["list_meals", "get_meal"])
def test_both_ends_of_a_stretch_bound_the_day_that_a_row_is_of(
    name: str, least: str, most: str
) -> None:
    look = tool(name, {least: DAY, most: DAY}, description="Meals of a date range.")
    world = infer_world([look, *MEALS])
    model = world.models[name]
    assert model.operation == "list"
    assert bounds(model) == [("minimum", "date"), ("maximum", "date")]
    assert {least, most}.isdisjoint(world.entities[model.entity or ""].fields)


def test_listed_rows_lie_in_the_stretch_that_is_asked_for() -> None:
    look = tool("get_meal", {"start_date": DAY, "end_date": DAY}, description="Meals.")
    world = infer_world([look, *MEALS])
    box = Sandbox(world, 3, "2026-03-02T09:00:00Z")
    days = sorted(one["date"] for one in box.rows("shop/meal"))
    found = box.call("get_meal", {"start_date": days[1], "end_date": days[3]})
    assert isinstance(found.content, dict)
    shown = sorted(one["date"] for one in found.content["meals"])
    assert shown == [day for day in days if days[1] <= day <= days[3]] != days


def test_numbers_and_parts_of_an_object_are_ends_of_a_stretch_too() -> None:
    within = {"type": "object", "properties": {
        "gte": {"type": "integer"}, "lte": {"type": "integer"}}}  # fmt: skip
    years = tool("list_battles", {"start_year": NUMBER, "end_year": NUMBER})
    sizes = tool("list_battles", {"army": within})
    one = infer_world([years]).models["list_battles"]
    other = infer_world([sizes]).models["list_battles"]
    assert bounds(one) == [("minimum", "year"), ("maximum", "year")]
    assert bounds(other) == [("minimum", "army"), ("maximum", "army")]


def test_one_end_alone_and_where_a_journey_goes_are_no_stretch() -> None:
    year = infer_world([tool("list_battles", {"start_year": NUMBER})]).models["list_battles"]
    ways = tool("list_flights", {"from_city": TEXT, "to_city": TEXT})
    assert bounds(year) == [("filter", "start_year")]
    assert {use for use, _ in bounds(infer_world([ways]).models["list_flights"])} == {"filter"}


def test_a_read_of_one_row_takes_a_stretch_as_no_part_of_what_names_it() -> None:
    given = {"report_id": TEXT, "from_year": NUMBER, "to_year": NUMBER}
    look = tool("get_report", given, returns=row(report_id=TEXT, title=TEXT))
    model = infer_world([look]).models["get_report"]
    assert model.operation == "get"
    assert bounds(model) == [("identity", "report_id"), ("option", None), ("option", None)]


def test_when_rows_were_seen_is_not_when_they_are_of() -> None:
    seen = tool("mark_note_read", {"note_id": TEXT, "last_read_at": DAY})
    look = tool("list_notes", {"since": DAY, "before": DAY})
    model = infer_world([look, seen, tool("create_note", {"text": TEXT})]).models["list_notes"]
    assert bounds(model) == [("minimum", "created_at"), ("maximum", "created_at")]


def test_the_last_word_tells_the_side() -> None:
    assert find_side("start_at_end") == ("maximum", ("start", "at"))
    assert find_side("max_price") == ("maximum", ("price",))
    assert find_side("price") == (None, ("price",))


def test_a_choice_before_a_bracket_has_no_space_at_its_end() -> None:
    said = "Type of meal - one of: breakfast, dinner, snack (default: dinner)"
    assert told_choices(said) == ["breakfast", "dinner", "snack"]
