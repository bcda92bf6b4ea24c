"""What a world file says rows hold: values that go together, shared, rare, or told by a tool."""

from datetime import date
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from generators.importers.catalog_reader import read_catalog
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.seeding import Seeds
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ToolSource, ToolSpec
from tests.importing import write

CLOCK = "2026-03-12T09:00:00+01:00"
TEXT: JsonObject = {"type": "string"}
STALL: JsonObject = {
    "stall_id": TEXT, "name": TEXT, "price": {"type": "number"}, "city": TEXT, "note": TEXT,
    "status": {"enum": ["open", "shut"]},
}  # fmt: skip
TOOLS = [
    {
        "name": "get_stall",
        "description": "Get a stall.",
        "inputSchema": {
            "type": "object",
            "properties": {"stall_id": TEXT},
            "required": ["stall_id"],
        },
        "outputSchema": {"type": "object", "properties": STALL, "required": ["stall_id", "name"]},
    },
    {
        "name": "quote_parcel",
        "description": "Work out what a parcel costs.",
        "inputSchema": {
            "type": "object",
            "properties": {"city": TEXT, "weight_kg": {"type": "number"}},
            "required": ["city", "weight_kg"],
        },
        "outputSchema": {
            "type": "object",
            "properties": {"price": {"type": "number"}, "country": TEXT},
            "required": ["price", "country"],
        },
    },
]
FILE = """
entities:
  stall:
    number: [9, 9]
    group: [1, 1]
    fields:
      name:
        implies:
          Pears: {price: [2, 3]}
          Figs: {price: 7}
      city: {semantic: city, common: true, examples: [Rome, Vienna]}
      note: {share: 0}
      status: {examples: [open, open, shut]}
tools:
  quote_parcel:
    operation: compute
    results: {price: "round(2 + 0.5 * weight_kg, 2)", country: country_of(city)}
"""


def world_of(folder: Path, text: str = FILE) -> World:
    file = write(folder, TOOLS)
    file.with_suffix(".world.yaml").write_text(text, encoding="utf-8")
    catalog = read_catalog([file])
    return infer_world(catalog.tools, catalog.worlds)


def rows_of(world: World, seed: int = 1) -> list[Any]:
    key = next(key for key in world.entities if key.endswith("/stall"))
    return [*Seeds(world, seed, CLOCK).rows(key).values()]


def test_a_value_brings_what_it_implies(tmp_path: Path) -> None:
    rows = rows_of(world_of(tmp_path))
    assert {row["name"] for row in rows} == {"Pears", "Figs"}
    for row in rows:
        assert row["price"] in ([2, 3] if row["name"] == "Pears" else [7])


def test_all_rows_lie_in_one_city_and_another_world_may_lie_elsewhere(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    cities = [{row["city"] for row in rows_of(world, seed)} for seed in range(12)]
    assert all(len(one) == 1 for one in cities)
    assert set().union(*cities) == {"Rome", "Vienna"}


def test_rows_are_as_many_as_told_and_in_the_states_that_are_told(tmp_path: Path) -> None:
    rows = rows_of(world_of(tmp_path))
    assert len(rows) == 9
    assert sorted(row["status"] for row in rows) == ["open"] * 6 + ["shut"] * 3
    assert not any("note" in row for row in rows)


def test_a_computation_gives_what_is_told_of_it(tmp_path: Path) -> None:
    sandbox = Sandbox(world_of(tmp_path), 1, CLOCK)
    outcome = sandbox.call("quote_parcel", {"city": "Vienna", "weight_kg": 3})
    assert outcome.content == {"price": 3.5, "country": "Austria"}


WHOLE = """
entities:
  stall:
    number: [2, 9]
    named_by: [name]
    fields: {opened_on: {semantic: date, json_schema: {type: string, pattern: "^[0-9]{8}$"}}}
    rows:
      - {name: Pears, price: 2, city: Rome, status: open, opened_on: today - 1d}
      - {name: Figs, price: 7, city: Vienna, note: sweet, opened_on: today + 2d}
      - {stall_id: s_9, name: Nuts, price: 3, city: Rome, status: shut, opened_on: "20250801"}
  visit:
    identity: [visit_id]
    fields:
      visit_id: {json_schema: {type: string}}
      stall_id: {entity: stall, json_schema: {type: string}}
      mark: {json_schema: {type: integer}}
"""
VISITS = """
    rows:
      - {visit_id: v1, stall_id: s_9, mark: 5}
      - {visit_id: v2, stall_id: s_9, mark: 4}
"""


def test_rows_that_are_told_whole_are_all_rows_and_hold_what_is_told() -> None:
    for seed in range(4):
        rows = rows_of(told_world(WHOLE), seed)
        told = [(row["name"], row["price"], row["city"], row.get("status")) for row in rows]
        assert told == [
            ("Pears", 2, "Rome", "open"),
            ("Figs", 7, "Vienna", None),  # others have a state: that of the figs is unknown
            ("Nuts", 3, "Rome", "shut"),
        ]
        assert [row.get("note") for row in rows] == [None, "sweet", None]
        assert rows[2]["stall_id"] == "s_9"
        assert len({row["stall_id"] for row in rows}) == 3, "what nobody tells is drawn"


def test_a_date_of_a_told_row_lies_to_the_clock_in_the_form_of_its_field() -> None:
    days = [row["opened_on"] for row in rows_of(told_world(WHOLE))]
    assert days == ["20260311", "20260314", "20250801"]


def test_a_moment_that_the_field_does_not_allow_makes_no_row() -> None:
    narrow = WHOLE.replace("^[0-9]{8}$", "^20(26031[01]|250801)$")
    assert [row["name"] for row in rows_of(told_world(narrow))] == ["Pears", "Nuts"]


def test_fewer_rows_than_are_told_are_some_of_them() -> None:
    few = told_world(WHOLE.replace("[2, 9]", "[2, 2]"))
    seen = {tuple(row["name"] for row in rows_of(few, seed)) for seed in range(12)}
    assert seen == {("Pears", "Figs"), ("Pears", "Nuts"), ("Figs", "Nuts")}


def test_a_told_row_names_the_row_that_it_tells_and_goes_with_it() -> None:
    world = told_world(WHOLE + VISITS)
    key = next(key for key in world.entities if key.endswith("/visit"))
    visits = [*Seeds(world, 1, CLOCK).rows(key).values()]
    assert [(row["visit_id"], row["stall_id"], row["mark"]) for row in visits] == [
        ("v1", "s_9", 5), ("v2", "s_9", 4),
    ]  # fmt: skip
    few = told_world(
        WHOLE.replace("[2, 9]", "[2, 2]") + VISITS.replace("v2, stall_id: s_9, ", "v2, ")
    )
    for seed in range(6):
        seeds = Seeds(few, seed, CLOCK)
        stalls = {row["stall_id"] for row in rows_of(few, seed)}
        held = seeds.rows(key).values()
        assert {row["visit_id"] for row in held} == ({"v1", "v2"} if "s_9" in stalls else {"v2"})


def told_world(text: str) -> World:
    with TemporaryDirectory() as folder:
        return world_of(Path(folder), text)


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ("entities: {stall: {rows: [{name: Figs}, {prise: 7}]}}", "rows.1"),
        ("entities: {stall: {rows: [{name: Figs, price: much}]}}", "rows.0"),
        ("entities: {stall: {rows: [{status: open}, {status: ajar}]}}", "rows.1"),
        ("entities: {stall: {rows: [{stall_id: s1}, {stall_id: s1, name: Figs}]}}", "rows.1"),
        (WHOLE + VISITS.replace("s_9, mark: 4", "s_8, mark: 4"), "rows.1"),
        (WHOLE.replace("today + 2d", "today + soon"), "rows.1"),
        ("entities: {stall: {fields: {name: {implies: {Figs: {prise: 7}}}}}}", "implies.Figs"),
        ("tools: {quote_parcel: {operation: compute, results: {cost: '1'}}}", "results.cost"),
        ("entities: {stall: {number: [5, 2]}}", "number"),
    ],
)
def test_what_does_not_fit_is_refused(tmp_path: Path, said: str, place: str) -> None:
    with pytest.raises(InputError) as caught:
        world_of(tmp_path, said)
    assert place in str(caught.value) or "numbers of rows" in str(caught.value)


@cache
def own_world(name: str) -> World:
    catalog = read_catalog([Path(__file__).parents[1] / f"data/catalogs/{name}.json"])
    return infer_world(catalog.tools, catalog.worlds)


@pytest.mark.parametrize(
    "name",
    ["banking", "calendar", "clinic", "food_delivery", "library", "projects", "shop", "travel"],
)
def test_every_own_world_can_be_made_at_any_time(name: str) -> None:
    world = own_world(name)
    for seed in range(6):
        seeds = Seeds(
            world, seed, f"2026-{2 * seed + 1:02}-{5 * seed + 1:02}T{11 + seed}:07:00+00:00"
        )
        assert all(seeds.rows(key) for key in world.entities)


def test_what_is_somebodys_own_is_theirs() -> None:
    for seed in range(4):
        made = {name: Seeds(own_world(name), seed, CLOCK)
                for name in ("banking", "food_delivery", "shop", "travel")}  # fmt: skip
        cards = made["banking"].rows("banking/card").values()
        assert len({card["holder_name"] for card in cards}) == 1
        orders = made["food_delivery"].rows("food_delivery/food order").values()
        kitchens = made["food_delivery"].rows("food_delivery/restaurant")
        assert len({str(order["address"]) for order in orders}) == 1
        for order in orders:
            city = kitchens[(order["restaurant_id"],)]["city"]
            assert order["address"]["city"] == city
        customers = made["shop"].rows("shop/customer")
        for order in made["shop"].rows("shop/order").values():
            assert order["delivery_address"] == customers[(order["customer_id"],)]["address"]
        travellers = made["travel"].rows("travel/traveller")
        for booking in made["travel"].rows("travel/booking").values():
            who = travellers[(booking["traveller_id"],)]
            assert booking["contact_email"] == who["email"]
            assert booking["passengers"][0]["first_name"] == who["first_name"]


def test_a_flight_takes_as_long_as_its_way() -> None:
    for seed in range(4):
        flights = Seeds(own_world("travel"), seed, CLOCK).rows("travel/flight").values()
        direct: dict[frozenset[str], set[int]] = {}
        for one in flights:
            if one["stops"] == 0:
                route = frozenset((one["origin_city"], one["destination_city"]))
                direct.setdefault(route, set()).add(one["duration_minutes"])
        assert all(len(minutes) == 1 for minutes in direct.values())


def test_what_is_made_holds_what_was_told_of_a_person_and_nothing_made_up() -> None:
    told: JsonObject = {
        "last_name": TEXT, "first_name": TEXT, "email": TEXT, "phone": TEXT, "city": TEXT,
    }  # fmt: skip
    within = {"type": "object", "properties": told}
    made = infer_world([
        ToolSpec(
            name="create_contact", wire_name="create_contact", domain="crm", effect="write",
            description="Create a contact.", source=ToolSource(format="mcp", path="crm.json"),
            parameters={"type": "object", "properties": {"properties": within},
                        "required": ["properties"]},
            returns={"type": "object", "required": ["contact_id", "phone"], "properties": {
                **told, "contact_id": TEXT, "remark": TEXT, "created_at": TEXT}},
            returns_from="source",
        )
    ])  # fmt: skip
    sandbox = Sandbox(made, 3, CLOCK)
    outcome = sandbox.call("create_contact", {"properties": {"last_name": "English"}})
    assert {*outcome.content} == {"contact_id", "phone", "last_name", "created_at"}


NUMBER: JsonObject = {"type": "integer"}
MEALS = [
    {
        "name": "get_meal",
        "description": "Get the meal of a canteen on a day.",
        "inputSchema": {
            "type": "object",
            "properties": {"canteen": TEXT, "day": {"type": "string", "format": "date"}},
            "required": ["canteen", "day"],
        },
    },
    {
        "name": "list_feasts",
        "description": "Lists the feasts of a town.",
        "inputSchema": {
            "type": "object",
            "properties": {
                "town": TEXT,
                "year": NUMBER,
                "month": NUMBER,
                "day": NUMBER,
            },
            "required": ["town", "year", "month", "day"],
        },
    },
]
DAYS = """
entities:
  meal: {identity: [canteen, day], fields: {day: {semantic: date}}}
  feast:
    identity: [town, year, month, day]
    fields:
      year: {min: 2020, max: 2030}
      name:
        json_schema: {type: string}
        implies: {Bonfire: {month: 6, day: 23}, Carnival: {month: 2, day: 4}}
tools:
  get_meal: {operation: get, entity: meal}
"""


def days_of(folder: Path, text: str, noun: str) -> list[date]:
    file = write(folder, MEALS)
    file.with_suffix(".world.yaml").write_text(text, encoding="utf-8")
    catalog = read_catalog([file])
    world = infer_world(catalog.tools, catalog.worlds)
    key = next(key for key in world.entities if key.endswith(f"/{noun}"))
    rows = [row for seed in range(4) for row in Seeds(world, seed, CLOCK).rows(key).values()]
    if noun == "meal":
        return [date.fromisoformat(row["day"]) for row in rows]
    return [date(row["year"], row["month"], row["day"]) for row in rows]


@pytest.mark.parametrize(
    ("when", "least", "most"),
    [("", -6, 0), ("near", -2, 6), ("future", 1, 45), ("past", -120, -2)],
)
def test_a_day_by_which_rows_are_asked_for_is_of_this_week_or_as_is_said(
    tmp_path: Path, when: str, least: int, most: int
) -> None:
    said = DAYS.replace(
        "semantic: date", f"semantic: date, when: {when}" if when else "semantic: date"
    )
    today = date.fromisoformat(CLOCK[:10])
    away = {(day - today).days for day in days_of(tmp_path, said, "meal")}
    assert least <= min(away) < max(away) <= most
    assert (0 in away) is (least <= 0 <= most)


MENUS = [
    {
        "name": "set_menu",
        "description": "Chooses in a menu.",
        "inputSchema": {
            "type": "object",
            "properties": {"ref": TEXT, "values": {"type": "array", "items": TEXT}},
            "required": ["ref", "values"],
        },
    },
]
CHOICES = """
entities:
  menu:
    identity: [ref]
    fields:
      ref: {json_schema: {type: string}}
      name:
        json_schema: {type: string}
        implies: {Country: {value: [Spain, Peru]}, Size: {value: ["", small, large]}}
      value: {semantic: text, json_schema: {type: string}}
tools:
  set_menu:
    operation: update
    entity: menu
    shows: [ref, name, value]
    parameters:
      ref: {use: identity, field: ref}
      "values[]": {use: field, field: value}
"""


def test_what_is_chosen_in_a_menu_is_one_of_its_options_and_is_chosen_then(tmp_path: Path) -> None:
    file = write(tmp_path, MENUS)
    file.with_suffix(".world.yaml").write_text(CHOICES, encoding="utf-8")
    catalog = read_catalog([file])
    world = infer_world(catalog.tools, catalog.worlds)
    for seed in range(8):
        sandbox = Sandbox(world, seed, CLOCK)
        made = propose_arguments(sandbox, "set_menu", Random(seed))
        assert made is not None
        before = sandbox.store.find(world.entities["shop/menu"], (made["ref"],)) or {}
        options = {"Country": {"Spain", "Peru"}, "Size": {"small", "large"}}[before["name"]]
        assert {*made["values"]} <= options - {before["value"]}
        after = sandbox.call("set_menu", made).content
        assert after == {**before, "value": ", ".join(made["values"])}


def test_a_number_beside_a_told_row_is_of_its_state_where_nobody_knows_the_town(
    tmp_path: Path,
) -> None:
    said = """
entities:
  stall:
    fields:
      phone: {semantic: phone, json_schema: {type: string}}
      state: {semantic: state, json_schema: {type: string}}
    rows: [{name: Figs, city: Nowhere Hollow, state: ZZ}, {name: Nuts, city: Elsewhere, state: TX}]
"""
    for seed in range(4):
        rows = rows_of(world_of(tmp_path, said), seed)
        assert all(row["phone"].startswith("+1 ") for row in rows)


def test_a_search_by_a_path_is_for_that_in_which_something_lies(tmp_path: Path) -> None:
    tools = [{
        "name": "list_targets",
        "description": "List targets.",
        "inputSchema": {"type": "object", "properties": {"path": TEXT}, "required": ["path"]},
    }]  # fmt: skip
    said = """
entities:
  target:
    identity: [label]
    fields: {label: {semantic: handle, json_schema: {type: string}}}
    rows: [{label: "//server:handlers"}, {label: "//lib/net:client"}, {label: "//lib/net:pool"}]
tools:
  list_targets:
    operation: list
    entity: target
    shows: [label]
    parameters: {path: {use: query, field: label, semantic: path}}
"""
    file = write(tmp_path, tools)
    file.with_suffix(".world.yaml").write_text(said, encoding="utf-8")
    catalog = read_catalog([file])
    world = infer_world(catalog.tools, catalog.worlds)
    asked = {}
    for seed in range(8):
        sandbox = Sandbox(world, seed, CLOCK)
        made = propose_arguments(sandbox, "list_targets", Random(seed))
        assert made is not None
        found = sandbox.call("list_targets", made).content
        asked[made["path"]] = [row["label"] for row in found["targets"]]
    assert asked == {
        "//server": ["//server:handlers"], "//lib/net": ["//lib/net:client", "//lib/net:pool"],
    }  # fmt: skip
