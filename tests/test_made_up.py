"""What rules would have to make up for a tool's rows, and what a description promises of them."""

from dataclasses import replace
from typing import Any

import pytest

from generators.sampling.wishes import find_objection
from generators.sandbox.sandbox import Sandbox
from generators.sandbox.times import order_dates
from generators.world.infer import infer_world
from schemas.tool import ToolSpec
from schemas.world_model import DomainMeaning, WorldModel, WorldSource
from tests.test_wishes import TEXT, objection, tool, world

STATE = {"type": "string", "enum": ["open", "over"]}
DAY = {"type": "string", "format": "date"}
COUNT = {"type": "integer"}
WHY = "nothing ties together what its rows are made up of: "


def listing(noun: str, **fields: Any) -> ToolSpec:
    row = {f"{noun}_id": TEXT, "name": TEXT, **fields}
    shown = {f"{noun}s": {"type": "array", "items": {"type": "object", "properties": row}}}
    return tool(f"list_{noun}s", f"List all {noun}s.", {}, shown)


@pytest.mark.parametrize(
    ("shown", "why"),
    [
        (listing("trip"), ""),
        (listing("trip", status=STATE), ""),
        (listing("trip", is_full={"type": "boolean"}, is_open={"type": "boolean"}), ""),
        (listing("trip", created_at=DAY, seats=COUNT), ""),
        (listing("trip", status=STATE, leaves_on=DAY), f"{WHY}state, time"),
        (listing("trip", leaves_on=DAY, seats=COUNT), f"{WHY}count, time"),
        (listing("trip", flonk=TEXT), f"{WHY}what nobody knows"),
        (listing("trip", flonk={**TEXT, "pattern": "^[a-f]{4}$"}), ""),
    ],
)
def test_facts_of_several_kinds_hang_together_by_chance(shown: ToolSpec, why: str) -> None:
    assert objection(shown) == why


def test_what_is_known_by_reading_hangs_together() -> None:
    known = listing("issue", state={"type": "string", "enum": ["open", "closed"]},
                    labels={"type": "array", "items": TEXT})  # fmt: skip
    assert objection(known) == ""


@pytest.mark.parametrize(
    ("asked", "fields", "agree"),
    [
        ({"age_band": {**TEXT, "enum": ["0-3", "4-6"]}}, {}, False),
        ({"min_age": COUNT}, {"age": COUNT}, False),
        ({"level": {**TEXT, "enum": ["beginner", "expert"]}}, {}, False),
        ({"target_audience": {**TEXT, "enum": ["children", "adults"]}}, {}, False),
        ({"genre": TEXT}, {}, True),
        ({"page": COUNT}, {}, True),
        ({"log_level": {**TEXT, "enum": ["info", "error"]}}, {}, True),
        ({"author_name": TEXT}, {"author_name": TEXT}, True),
    ],
)
def test_titles_agree_with_those_whom_the_rows_are_said_to_suit_by_chance(
    asked: dict[str, Any], fields: dict[str, Any], agree: bool
) -> None:
    shown = listing("book", **fields)
    listed = tool("list_books", "List books.", asked, shown.returns["properties"])
    bare = tool("list_books", "List books.", asked, {"books": {"type": "array", "items": {
        "type": "object", "properties": {"title": TEXT, **fields}}}})  # fmt: skip
    for one in (listed, bare):
        assert ("audience, " in objection(one)) == (not agree)
    told = WorldModel(domains={"garden": DomainMeaning(policy="Books are for members.")})
    ruled = infer_world([listed], [WorldSource(file="a.yaml", domains=("garden",), world=told)])
    assert "audience" not in find_objection(ruled, ruled.models["list_books"])


def test_what_is_told_for_a_new_row_is_not_made_up() -> None:
    row = {"trip_id": TEXT, "leaves_on": DAY, "seats": COUNT}
    given = {"name": TEXT, "leaves_on": DAY, "seats": COUNT}
    assert objection(tool("create_trip", "Create a trip.", given, row)) == ""
    assert objection(tool("get_trip", "Get a trip.", {"trip_id": TEXT}, row)) != ""


def test_who_tells_of_the_service_or_runs_the_tools_makes_nothing_up() -> None:
    shown = listing("trip", status=STATE, leaves_on=DAY)
    told = WorldModel(domains={"garden": DomainMeaning(policy="Trips are for members.")})
    source = WorldSource(file="garden.yaml", domains=("garden",), world=told)
    ruled = infer_world([shown], [source])
    assert find_objection(ruled, ruled.models["list_trips"]) == ""
    made = world(shown)
    assert find_objection(made, made.models["list_trips"]) == f"{WHY}state, time"
    played = replace(made, answered=True)
    assert find_objection(played, played.models["list_trips"]) == ""


@pytest.mark.parametrize(
    ("said", "lacks"),
    [
        ("List the garden pumps.", False),
        ("List the garden pumps with their pressure and last inspection.", True),
        ("List the garden pumps with their name.", False),
        ("List the garden pumps, with a one-line description each.", True),
        ("List the garden pumps. Returns: pressure, flow and next inspection.", True),
        ("List the garden pumps. Returns at most 20 pumps a page.", False),
        ("List the garden pumps. The result has the pressure and the flow of each.", True),
        ("List the garden pumps, including pressure and flow.", True),
        ("List the garden pumps, including name and owner email.", False),
        ("One maker of garden pumps in detail: the makers' rating (of 5) and the flow.", False),
        ("Profiles of garden pumps: rating and flow counts, valve ids (MC), and the maker.", True),
        ("Records of garden pumps (name, owner's email and a note from the maker).", False),
        ("Records of garden pumps (pressure, flow).", True),
    ],
)
def test_what_is_promised_of_rows_is_shown(said: str, lacks: bool) -> None:
    make = tool("create_pump", "Create a pump.", {"name": TEXT, "owner_email": TEXT})
    found = objection(tool("list_pumps", said, {}), make)
    assert (found == "its answer lacks what its description promises") == lacks, found


@pytest.mark.parametrize(
    ("said", "rated", "lacks"),
    [
        ("Get a restaurant.", False, False),
        ("Get a restaurant's profile (name, rating).", True, False),
        ("Get a restaurant with its name and rating.", True, False),
        ("Get a restaurant, including rating and licence.", False, True),
    ],
)
def test_a_rating_is_made_where_nothing_else_is_promised_that_nobody_knows(
    said: str, rated: bool, lacks: bool
) -> None:
    made = world(tool("get_restaurant", said, {"restaurant_id": TEXT}),
                 tool("list_restaurants", "List restaurants.", {}))  # fmt: skip
    found = find_objection(made, made.models["get_restaurant"])
    assert (found == "its answer lacks what its description promises") == lacks, found
    rows = Sandbox(made, 5, "2026-06-09T14:44:00+00:00").rows("garden/restaurant")
    assert rows
    assert all(("rating" in row) == rated for row in rows)


def test_a_map_is_no_list_and_small_change_is_not_told_as_money() -> None:
    rows = {"plants": {"type": "array", "items": {"type": "object", "properties": {
        "plant_id": TEXT, "name": TEXT}}}}  # fmt: skip
    form = "nobody writes its answer in the form that it promises"
    assert objection(tool("list_plants", "Returns a map of beds to plants.", {}, rows)) == form
    priced = tool("create_plant", "Create a plant.", {"name": TEXT, "price": {"type": "number"}})
    listed = tool("list_plants", "List plants. Prices in CNY cents (int).", {})
    assert objection(listed, priced) == form


@pytest.mark.parametrize(
    "said",
    ["Always check availability first.", "Only callable after successful verification.",
     "Follow up with get_bed for the size.", "If it reports that it is taken, do not say so.",
     "Built-in plants can't be moved.", "REQUIRES successful authentication."],
)  # fmt: skip
def test_a_demand_that_nobody_reads_stands_in_the_way(said: str) -> None:
    moved = tool("move_plant", f"Move a plant. {said}", {"plant_id": TEXT, "bed_name": TEXT})
    assert "stands in the way" in objection(moved)


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (tool("create_shift", "Create a shift.", {}), "nothing says which shift is meant"),
        (tool("send_command", "Send a command to a rover.", {"rover_id": TEXT}), "is meant"),
        (tool("create_folder", "Create a folder.", {"id": TEXT, "name": TEXT}), "is meant"),
        (tool("assign_shift", "Assign employees to a shift.", {"shift_id": TEXT}), "to change"),
        (tool("end_session", "End a session.", {"session_id": TEXT, "summary": TEXT}), "the row"),
        (tool("cancel_case", "Cancel a case.", {"session_id": TEXT}), "done to"),
    ],
)  # fmt: skip
def test_a_deed_of_which_half_is_told_is_done_by_nobody(made: ToolSpec, why: str) -> None:
    assert why in objection(made)


def test_what_starts_and_ends_by_the_hour_ends_on_the_same_day() -> None:
    row = {"start_time": "2026-07-11T11:00:00Z", "end_time": "2026-07-14T08:00:00Z"}
    order_dates(row, {})
    assert row["end_time"][:10] == "2026-07-11"
    assert row["end_time"] > row["start_time"]
    stay = {"start_date": "2026-07-11T11:00:00Z", "end_date": "2026-07-14T08:00:00Z"}
    order_dates(stay, {})
    assert stay["end_date"] == "2026-07-14T08:00:00Z"
