"""What food is called, what it holds, and in what it is weighed."""

from random import Random
from typing import Any

import pytest

from generators.lexicon.meanings import is_measured
from generators.lexicon.nouns import named_as
from generators.lexicon.tables import read_phrases
from generators.sandbox.phrases import known_labels, title
from generators.sandbox.sandbox import Sandbox
from generators.world.infer import infer_world
from generators.world.model import World
from tests.test_inference import TEXT, row, tool

NUMBER: dict[str, Any] = {"type": "number"}
FOODS = read_phrases("titles")["facts"]["ingredient"]["of"]


def world(noun: str, **more: dict[str, Any]) -> World:
    shown = row(id={"type": "integer"}, name=TEXT, unit=TEXT, **more)
    listed = row(**{f"{noun}s": {"type": "array", "items": shown}})
    return infer_world([tool(f"list_{noun}s", returns=listed)])


@pytest.mark.parametrize("noun", ["ingredient", "recipe ingredient", "food", "grocery item"])
def test_an_ingredient_is_called_by_a_food_and_no_dish(noun: str) -> None:
    assert title(Random(3), noun).lower() in FOODS


def test_what_is_called_an_ingredient_elsewhere_and_dishes_are_no_foods() -> None:
    assert named_as("active ingredient") == "medicine"
    assert named_as("paint ingredient") == ""
    assert named_as("dish") == named_as("menu item") == "dish"


@pytest.mark.parametrize(("noun", "name", "said"), [
    ("ingredient", "unit", ("g",)), ("ingredient", "default_units", ("g",)),
    ("inventory item", "unit", ("pieces", "packs", "boxes")), ("dish", "unit", ()),
    ("measurement", "unit", ()), ("parcel", "weight_unit", ("g", "kg")),
])  # fmt: skip
def test_a_unit_suits_what_is_counted_in_it_and_else_none_is_told(
    noun: str, name: str, said: tuple[str, ...]
) -> None:
    assert known_labels(noun, name) == said


def test_rows_of_food_hold_what_is_known_of_it() -> None:
    box = Sandbox(world("ingredient", kcal=NUMBER, fat=NUMBER), 3, "2026-03-02T09:00:00Z")
    found = box.rows("shop/ingredient")
    assert found
    for one in found:
        assert one["unit"] == "g"
        kcal, _, fat, _ = FOODS[one["name"].lower()]
        assert (one["kcal"], one["fat"]) == (kcal, fat)


def test_an_amount_beside_a_unit_is_no_money() -> None:
    fields = world("ingredient", default_amount=NUMBER).entities["shop/ingredient"].fields
    assert fields["default_amount"].semantic == "number"
    assert is_measured("amount", ["name", "unit"])
    assert not is_measured("amount", ["name", "price_per_unit"])
    assert not is_measured("amount", ["unit", "currency"])
    assert not is_measured("price", ["unit"])
