"""Words that people use: what is asked in one breath, and what is not said twice."""

import json
import re
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Any

import pytest

from generators.embedding import HashEmbedder
from generators.language.consent import about_row, name_place, put_aside
from generators.language.description import described
from generators.language.report import report
from generators.language.request import leave_for_later
from generators.language.rows import SpokenField, short
from generators.language.scene import Scene
from generators.language.slot_phrases import detail_sentences, tell, tell_lists
from generators.lexicon.names import label
from generators.operators import full_grammar, script_of
from generators.studio import open_studio
from generators.tasks.system_message import name_things
from generators.world.infer import infer_world
from schemas.formats import FORMAT_OF
from schemas.leaves import leaves, value_at
from schemas.semantic import SemanticType
from schemas.task import Origin, Task
from schemas.tool import Catalog
from schemas.twists import Withheld, find_twists
from tests.scenes import scene_of
from tests.studio import draw, own_studio
from tests.test_kin_rows import CHANGE, NUMBER, PLACE, TEXT, code, listing, tool

WORLD = own_studio().world
ENTITIES = [*WORLD.entities.values()]


@cache
def asked() -> tuple[Task, ...]:
    one = {"type": "object", "properties": CHANGE, "required": [*CHANGE]}
    tools = (
        tool("list_pull_requests", PLACE, listing("pull_requests", CHANGE)),
        tool("get_pull_request", {**PLACE, "pull_number": NUMBER}, one),
        tool("merge_pull_request", {**PLACE, "pull_number": NUMBER}, one),
        tool("update_pull_request_title", {**PLACE, "pull_number": NUMBER, "title": TEXT}, one),
    )
    return draw(25, open_studio(Catalog(tools=tools), HashEmbedder()), clarify=1.0)


def test_nobody_holds_back_half_of_where_a_thing_lies() -> None:
    halves = {"owner", "repo"}
    held = 0
    for turn in (turn for task in asked() for turn in task.turns):
        names = {one.path for one in find_twists(turn, Withheld)}
        assert names & halves in (set(), halves)
        held += halves <= names
    assert held


def test_which_field_is_changed_and_to_what_is_one_question_and_one_answer() -> None:
    guest = {"guest_id": TEXT, "guest_name": TEXT, "room_type": TEXT, "table_name": TEXT}
    one = {"type": "object", "properties": guest, "required": [*guest]}
    pair = {"field": {**TEXT, "enum": ["room_type", "table_name"]}, "new_value": TEXT}
    studio = open_studio(
        Catalog(
            tools=(
                tool("list_guests", {}, listing("guests", guest)),
                tool("update_guest", {"guest_id": TEXT, **pair}, one),
            )
        ),
        HashEmbedder(),
    )
    held = 0
    for task in draw(25, studio, clarify=1.0, vague=0.0):
        withheld = [
            {leaf.path for leaf in find_twists(turn, Withheld)} & {*pair} for turn in task.turns
        ]
        assert all(leaves in (set(), {*pair}) for leaves in withheld)
        if {*pair} in withheld:
            told = [beat.text for beat in script_of(studio.world, task).beats]
            assert not any("the field" in text for text in told)
            held += any("to what?" in text or "what should it say?" in text for text in told)
    assert held


@pytest.mark.parametrize("name", ["assigned_to_email", "handled_by_name"])
def test_a_row_is_told_of_by_whom_it_went_to(name: str) -> None:
    field = SpokenField(name, "ana@example.org", "email")
    said = label(name)
    assert said == " ".join(name.split("_")[:2])
    scene = scene_of([], ENTITIES)
    assert described(scene, [field], "task") == f"the task {said} ana@example.org"
    assert short(scene, field) == f"{said} ana@example.org"


DISH = {"dish_id": "D-1", "restaurant_id": "R-1", "name": "Lentil salad", "price": 6.5}
PLACES = {"restaurants": [{"restaurant_id": "R-1", "name": "Blue Olive", "delivery_fee": 1.5}]}


@pytest.mark.parametrize(
    ("pieces", "words"),
    [(1, "Lentil salad: 6.50 euros"), (2, "Lentil salad: 6.50 euros each, 13 euros together")],
)
def test_what_a_thing_within_an_order_costs_is_told_before_the_yes(pieces: int, words: str) -> None:
    order = {"restaurant_id": "R-1", "items": [{"dish_id": "D-1", "quantity": pieces}]}
    scene = scene_of(
        [(WORLD.models["search_restaurants"], {}, PLACES),
         (WORLD.models["list_dishes"], {"restaurant_id": "R-1"}, {"dishes": [DISH]}),
         (WORLD.models["place_food_order"], order, {})],
        ENTITIES,
        fed=[(2, Origin(path="restaurant_id", kind="result", call=0,
                        result_path="restaurants[0].restaurant_id"))],
    )  # fmt: skip
    assert words in [said for said, _ in about_row(scene, 2)]


def test_how_many_and_how_stand_in_one_bracket() -> None:
    order = {"items": [{"dish_id": "D-1", "quantity": 1, "wish": "Without onions."}]}
    scene = scene_of([(WORLD.models["place_food_order"], order, {})], ENTITIES)
    leaves = [one for one in scene.told(0) if one[0].path != "items[0].dish_id"]
    (told,) = tell_lists(scene, 0, leaves)
    assert told.tail.text == "(1 portion, wish for the kitchen: “Without onions.”)" or (
        told.tail.text == "(one portion, wish for the kitchen: “Without onions.”)"
    )


def test_what_is_ended_is_named_with_where_it_lies() -> None:
    world = code()
    merge = {"owner": "octo", "repo": "site", "pull_number": 4}
    scene = scene_of([(world.models["merge_pull_request"], merge, {})], [*world.entities.values()])
    assert name_place(scene, 0, "I'll merge “Fix it”.") == [("in octo/site", "octo/site")]
    assert name_place(scene, 0, "I'll merge pull request 4 in octo/site.") == []


def test_what_was_so_far_is_said_once() -> None:
    told = ["so far 1 guest", "so far 2 nights", "540 euros", "so far a suite"]
    assert put_aside(told) == "so far 1 guest, 2 nights, 540 euros, a suite"


def test_a_share_is_told_by_its_symbol() -> None:
    share = {"symbol": TEXT, "price": {"type": "number"}}
    stocks = tool("list_stocks", {"sector": TEXT}, listing("stocks", share))
    stock = tool("get_stock", {"symbol": TEXT}, {"type": "object", "properties": share})
    world = infer_world((stocks, stock))
    rows = {"stocks": [{"symbol": "VLTR", "price": 9.5}, {"symbol": "OSKI", "price": 7.5}]}
    shown = (world.models["list_stocks"], {"sector": "energy"}, rows)
    told = report(scene_of([shown], [*world.entities.values()]), 0)
    assert "VLTR" in told
    assert "OSKI" in told


def test_the_frame_names_things_and_no_words_of_place() -> None:
    place = {"tab_id": TEXT}
    world = infer_world((
        tool("go_back", place), tool("close_tab", place),
        tool("list_tabs", {}, listing("tabs", {"tab_id": TEXT, "title": TEXT})),
    ))  # fmt: skip
    assert "back" not in name_things(world, "code")
    assert "tabs" in name_things(world, "code")


@pytest.mark.parametrize(
    ("name", "semantic", "value", "noun", "words"),
    [
        ("doctor_name", "person_name", "Ana Ruiz", "appointment", "the appointment with Ana Ruiz"),
        ("author_name", "person_name", "Ana Ruiz", "note", "the note by Ana Ruiz"),
        ("check_in_date", "date", "2026-08-10", "stay", "the stay from "),
        ("due_date", "date", "2026-08-10", "task", "the task due "),
        ("booked_on", "date", "2026-08-10", "booking", "the booking made on "),
        ("execution_date", "date", "2026-08-10", "transfer",
         "the transfer with the execution date of "),
    ],
)  # fmt: skip
def test_a_row_is_described_as_people_do(
    name: str, semantic: SemanticType, value: Any, noun: str, words: str
) -> None:
    scene = scene_of([(WORLD.models["list_accounts"], {}, {})], ENTITIES)
    said = described(scene, [SpokenField(name, value, semantic, "")], noun)
    assert said.startswith(words), said


@pytest.mark.parametrize(
    ("country", "words"), [("Netherlands", "to the Netherlands"), ("France", "to France")]
)
def test_a_country_has_its_article(country: str, words: str) -> None:
    model = WORLD.models["quote_shipping"]
    quote = {"country": country, "weight_kg": 2.5}
    scene = scene_of([(model, quote, {})], ENTITIES)
    assert tell(scene, 0, "country", model.parameter("country"), country).tail.text == words


def test_two_prices_are_told_with_what_they_are_for() -> None:
    model = WORLD.models["quote_shipping"]
    calls: Sequence[tuple[Any, Any, Any]] = [
        (model, {"country": "France", "weight_kg": weight},
         {"country": "France", "shipping_method": "standard", "price": price, "delivery_days": 4})
        for weight, price in ((2.5, 7.1), (4, 8.2))
    ]  # fmt: skip
    scene = scene_of(calls, ENTITIES)
    assert report(scene, 0).startswith("For a parcel of 2.5 kg, the ")
    assert report(scene, 1).startswith("For a parcel of 4 kg, the ")


def test_a_number_of_things_is_one_number() -> None:
    model = WORLD.models["change_stay"]
    scene = scene_of([(model, {"stay_id": "S-1", "guests": 1}, {})], ENTITIES)
    told = tell(scene, 0, "guests", model.parameter("guests"), 1)
    assert told.label == "new number of guests"
    for _ in range(8):
        (said,) = detail_sentences(scene, [told])
        assert " are " not in said.text, said.text


def test_both_halves_of_a_place_are_asked_for_in_one_question() -> None:
    held = [(0, "owner"), (0, "pull_number"), (0, "repo")]
    later = leave_for_later([], writes=False, held=held, pairs=[("owner", "repo")])
    assert later.asked == (((0, "owner"), (0, "repo"), (0, "pull_number")),)
    alone = leave_for_later([], writes=False, held=held[:2], pairs=[("owner", "repo")])
    assert alone.asked == (((0, "owner"), (0, "pull_number")),)


def test_a_format_changes_no_name_that_begins_like_the_text() -> None:
    one = {"type": "object", "properties": CHANGE, "required": [*CHANGE]}
    tools = (
        tool("list_pull_requests", PLACE, listing("pull_requests", CHANGE)),
        tool("update_pull_request_title", {**PLACE, "pull_number": NUMBER, "title": TEXT}, one),
    )
    changed = 0
    for task in draw(20, open_studio(Catalog(tools=tools), HashEmbedder()), formatted=1.0):
        results = [json.loads(call.result) for call in task.calls]
        for number, call in enumerate(task.calls):
            rules = [one.rule for one in call.origins if one.rule in FORMAT_OF]
            form = FORMAT_OF[rules[0]] if rules else None
            if form is None or not form.before:
                continue
            plain = call.arguments["title"].removeprefix(form.before).removesuffix(form.after)
            shown = [leaf for held in results[:number] for _, leaf in leaves(held)]
            assert not any(isinstance(one, str) and plain in one for one in shown)
            changed += 1
    assert changed


@cache
def formatted() -> tuple[Task, ...]:
    return draw(40, formatted=1.0)


def test_a_text_in_a_format_is_named_once_before_the_yes() -> None:
    asked = 0
    for task in formatted():
        scene = Scene(WORLD, task, full_grammar(), Random(0))
        for beat in script_of(WORLD, task).assistant if scene.plain else ():
            for (call, path), plain in scene.plain.items() if beat.act == "confirm" else ():
                kept = value_at(scene.calls[call].arguments, path)
                asked += kept in beat.text
                assert not (f"“{kept}”" in beat.text and f"“{plain}”" in beat.text), beat.text
    assert asked


def test_a_report_says_which_text_is_kept_in_a_format() -> None:
    """Not ``it``: an email with a subject reads otherwise than its subject."""
    kept = 0
    for task in formatted():
        for beat in script_of(WORLD, task).assistant:
            assert not re.search(r"\bIt (?:reads|is kept as)\b", beat.text), beat.text
            kept += bool(re.search(r"\bThe [\w ]+ (?:reads|is kept as) “", beat.text))
    assert kept


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("due_at", "due "),
        ("due_string", "due "),
        ("expires_at", "expires "),
    ],
)
def test_when_a_row_is_due_is_said_behind_it(name: str, said: str) -> None:
    scene = scene_of([(WORLD.models["list_accounts"], {}, {})], ENTITIES)
    assert short(scene, SpokenField(name, "2026-08-10", "date")).startswith(f"{said}August")
