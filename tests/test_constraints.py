"""Rows meet what the world model says of them, or there is an error that names the constraint."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from generators.importers.catalog_reader import read_catalog
from generators.sandbox.sandbox import Sandbox
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.world_model import Constraint
from tests.importing import write

CLOCK = "2026-03-12T09:00:00+01:00"
TODAY = "2026-03-12"
TEXT: JsonObject = {"type": "string"}
DAY: JsonObject = {"type": "string", "format": "date"}
NUMBER: JsonObject = {"type": "number"}
COUNT: JsonObject = {"type": "integer", "minimum": 0}
LINES: JsonObject = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "properties": {"sku": TEXT, "price": NUMBER, "quantity": {"type": "integer"}},
        "required": ["sku", "price", "quantity"],
    },
}
PERSON: JsonObject = {"member_id": TEXT, "full_name": TEXT, "joined_on": DAY, "age": COUNT}
VISIT: JsonObject = {
    "visit_id": TEXT, "member_id": TEXT, "day": DAY, "start_time": TEXT, "guests": COUNT,
    "room": {"enum": ["single", "double", "suite"]}, "mood": TEXT, "fee": NUMBER,
    "grand_total": NUMBER, "goods": LINES, "status": {"enum": ["planned", "over"]},
}  # fmt: skip


def tools(name: str, row: JsonObject) -> list[JsonObject]:
    whole = {"type": "object", "properties": row, "required": list(row)}
    given = {one: rule for one, rule in row.items() if one not in (f"{name}_id", "grand_total")}
    return [
        {"name": f"get_{name}", "description": f"Get a {name}.", "outputSchema": whole,
         "inputSchema": {"type": "object", "properties": {f"{name}_id": TEXT},
                         "required": [f"{name}_id"]}},
        {"name": f"create_{name}", "description": f"Create a {name}.", "outputSchema": whole,
         "inputSchema": {"type": "object", "properties": given, "required": list(given)}},
        {"name": f"update_{name}", "description": f"Update a {name}.", "outputSchema": whole,
         "inputSchema": {"type": "object", "properties": {f"{name}_id": TEXT, **given},
                         "required": [f"{name}_id"]}},
    ]  # fmt: skip


def world_of(folder: Path, *constraints: Constraint) -> World:
    made = [*tools("member", PERSON), *tools("visit", VISIT)]
    world = infer_world(read_catalog([write(folder, made)]).tools)
    entities = {
        key: replace(one, constraints=constraints) if one.noun == "visit" else one
        for key, one in world.entities.items()
    }
    return replace(world, entities=entities)


def key_of(world: World, noun: str) -> str:
    return next(key for key, one in world.entities.items() if one.noun == noun)


def rows_of(world: World, seed: int = 1) -> list[dict[str, Any]]:
    return [dict(row) for row in Sandbox(world, seed, CLOCK).rows(key_of(world, "visit"))]


def test_a_field_that_follows_from_others_is_derived(tmp_path: Path) -> None:
    total = "round(sum(goods[].price * goods[].quantity) + fee, 2)"
    world = world_of(tmp_path, Constraint(field="grand_total", equals=total))
    for row in rows_of(world):
        goods = sum(line["price"] * line["quantity"] for line in row["goods"])
        assert row["grand_total"] == pytest.approx(goods + row["fee"], abs=0.006)


def test_conditions_are_met_within_their_bounds(tmp_path: Path) -> None:
    world = world_of(
        tmp_path,
        Constraint(holds="day > today and day <= today + 30d", when="status == 'planned'"),
        Constraint(holds="day < today and day >= today - 7d", when="status == 'over'"),
        Constraint(holds="start_time >= '12:00' and start_time <= '13:00'"),
        Constraint(holds="guests == 1", when="room == 'single'"),
        Constraint(holds="guests in [2, 3]", when="room != 'single'"),
        Constraint(holds="weekday(day) not in ['saturday', 'sunday']"),
        Constraint(holds="fee >= 4000 and fee < 4010"),
    )
    for row in rows_of(world) + rows_of(world, seed=2):
        assert (TODAY < row["day"] <= "2026-04-11") == (row["status"] == "planned")
        assert ("2026-03-05" <= row["day"] < TODAY) == (row["status"] == "over")
        assert "12:00" <= row["start_time"] <= "13:00"
        assert row["guests"] in ((1,) if row["room"] == "single" else (2, 3))
        assert 4000 <= row["fee"] < 4010


def test_a_condition_on_a_row_referred_to_is_met_by_another_reference(tmp_path: Path) -> None:
    world = world_of(tmp_path, Constraint(holds="member.age >= 40"))
    sandbox = Sandbox(world, 1, CLOCK)
    ages = {row["member_id"]: row["age"] for row in sandbox.rows(key_of(world, "member"))}
    assert min(ages.values()) < 40
    assert all(ages[row["member_id"]] >= 40 for row in rows_of(world))


def test_what_no_row_can_meet_is_an_error_that_names_it(tmp_path: Path) -> None:
    world = world_of(tmp_path, Constraint(holds="guests > 3 and guests < 2"))
    with pytest.raises(
        InputError, match=r"entities.visit.constraints: .*guests > 3 and guests < 2"
    ):
        rows_of(world)


def test_a_value_that_the_field_refuses_is_an_error(tmp_path: Path) -> None:
    world = world_of(tmp_path, Constraint(field="room", equals="'attic'"))
    with pytest.raises(InputError, match="attic"):
        rows_of(world)


def test_what_follows_is_within_what_the_field_may_hold(tmp_path: Path) -> None:
    world = world_of(tmp_path, Constraint(field="guests", equals="round(60 - fee)"))
    rows = rows_of(world)
    assert rows
    for row in rows:  # a fee that would leave fewer guests than none is drawn anew
        assert row["guests"] == pytest.approx(60 - row["fee"], abs=0.51)


def test_values_are_drawn_from_the_examples_that_a_world_has(tmp_path: Path) -> None:
    world = world_of(tmp_path)
    key = key_of(world, "visit")
    entity = world.entities[key]
    moods = ("calm", "cheerful", "tired")
    fields = {**entity.fields, "mood": replace(entity.fields["mood"], examples=(*moods, 7))}
    told = replace(world, entities={**world.entities, key: replace(entity, fields=fields)})
    assert {row["mood"] for row in rows_of(told)} <= set(moods)


def test_no_two_rows_have_a_value_that_each_has_alone(tmp_path: Path) -> None:
    alone = Constraint(holds="none(visit, it.visit_id != visit_id, guests=guests)")
    few = Constraint(holds="guests <= 30")
    guests = [row["guests"] for row in rows_of(world_of(tmp_path, few, alone))]
    assert len(set(guests)) == len(guests) > 1


def test_a_row_that_cannot_be_right_is_left_out_where_nothing_names_it(tmp_path: Path) -> None:
    names = [row["visit_id"] for row in rows_of(world_of(tmp_path))]
    wrong = Constraint(holds="none(visit, visit_id=visit_id)", when=f"visit_id == '{names[1]}'")
    left = rows_of(world_of(tmp_path, wrong))
    assert [row["visit_id"] for row in left] == [name for name in names if name != names[1]]


def test_a_new_row_and_a_change_of_it_keep_what_follows(tmp_path: Path) -> None:
    total = "round(sum(goods[].price * goods[].quantity) + fee, 2)"
    world = world_of(
        tmp_path,
        Constraint(field="grand_total", equals=total),
        Constraint(field="mood", equals="'calm'", when="guests == 0"),
    )
    sandbox = Sandbox(world, 1, CLOCK)
    member = sandbox.rows(key_of(world, "member"))[0]["member_id"]
    given = {
        "member_id": member, "day": "2026-03-20", "start_time": "12:00", "guests": 2,
        "room": "double", "mood": "loud", "fee": 2.5, "status": "planned",
        "goods": [{"sku": "a", "price": 10, "quantity": 3}],
    }  # fmt: skip
    made = sandbox.call("create_visit", given).content
    assert (made["grand_total"], made["mood"]) == (32.5, "loud")
    change = {"visit_id": made["visit_id"], "fee": 4.5}
    changed = sandbox.call("update_visit", change).content
    assert changed["grand_total"] == 34.5


def test_the_same_seed_gives_the_same_rows(tmp_path: Path) -> None:
    said = (Constraint(holds="guests >= 2 and member.age >= 30"), Constraint(holds="fee < 50"))
    assert rows_of(world_of(tmp_path, *said)) == rows_of(world_of(tmp_path, *said))


def test_no_word_of_the_own_catalogues_decides_anything_in_the_sandbox() -> None:
    gone = ("vegetarian", "duplicate_of", "lunch", "great circle", "relationtype", "relation type",
            "price_per_night", "salmon", "room_type")  # fmt: skip
    for file in sorted(Path("generators/sandbox").glob("*.py")):
        code = file.read_text("utf-8").lower()
        assert not [word for word in gone if word in code], file.name
