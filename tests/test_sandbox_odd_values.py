"""Values and schemas that callers and catalogues rarely have: an outcome, never a traceback."""

from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generators.importers import read_catalog
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.schema_validity import MISSING, adapt, fits
from generators.sandbox.times import is_dated, moved_to, span_of
from generators.sandbox.values import invent
from generators.world.infer import infer_world
from schemas.record import JsonObject
from tests.importing import write

CLOCK = "2026-03-12T09:00:00+00:00"
TEXT: JsonObject = {"type": "string"}
NUMBER: JsonObject = {"type": "number"}


def sandbox_of(folder: Path, *tools: JsonObject) -> Sandbox:
    catalog = read_catalog([write(folder, list(tools))])
    return Sandbox(infer_world(catalog.tools), 1, CLOCK)


def tool(name: str, returns: JsonObject, **parameters: JsonObject) -> JsonObject:
    schema = {"type": "object", "properties": parameters, "required": list(parameters)}
    output = {"type": "object", "properties": returns, "required": list(returns)}
    return {"name": name, "inputSchema": schema, "outputSchema": output}


def room_tools() -> tuple[JsonObject, ...]:
    row: JsonObject = {
        "booking_id": TEXT, "room": TEXT, "status": {"enum": ["booked", "completed"]},
        "booked_at": TEXT, "start_date": TEXT, "end_date": TEXT, "weeks": {"type": "integer"},
    }  # fmt: skip
    given_ones = {name: row[name] for name in ("room", "start_date", "end_date", "weeks")}
    return (
        tool("create_booking", row, **given_ones),
        tool("update_booking", row, booking_id=TEXT, **given_ones),
        tool("list_bookings", {"bookings": {"type": "array", "items": {
            "type": "object", "properties": row}}}),
    )  # fmt: skip


odd_dates = st.sampled_from(
    ["2026-02-30", "9999-12-31", "0001-01-01", "2026-13-01", "2026-03-20 25:99", "2026-03-20 9 pm",
     "2026-99-99T10:00", "soon", "", "2026-03-20", "٢٠٢٦-٠٣-٢٠"]
)  # fmt: skip


@given(odd_dates, odd_dates, st.sampled_from([0, 2, -3, 10**12]))
@settings(max_examples=30, deadline=None)
def test_any_text_for_a_date_ends_in_an_outcome(
    tmp_path_factory: pytest.TempPathFactory, start: str, end: str, weeks: int
) -> None:
    sandbox = sandbox_of(tmp_path_factory.mktemp("rooms"), *room_tools())
    given_ones = {"room": "A", "start_date": start, "end_date": end, "weeks": weeks}
    made = sandbox.call("create_booking", given_ones)
    listed = sandbox.call("list_bookings", {})
    assert not listed.is_error
    changed = {**given_ones, "booking_id": listed.content["bookings"][0]["booking_id"]}
    for outcome in (made, sandbox.call("update_booking", changed)):
        code = outcome.content["error"]["code"] if outcome.is_error else ""
        assert code in ("", "invalid_arguments", "conflict")


@pytest.mark.parametrize(
    ("text", "dated"),
    [
        ("2026-02-28", True),
        ("2026-02-28T10:00:00Z", True),
        ("2026-02-30", False),
        ("2026-13-01T10:00", False),
        ("9999-12-31", False),
        ("0001-01-01", False),
        ("around 2026-02-28", False),
        (20260228, False),
    ],
)
def test_only_a_day_of_the_calendar_is_a_date(text: Any, dated: bool) -> None:
    assert is_dated(text) is dated


def test_a_time_in_words_stays_while_its_day_is_moved() -> None:
    when = datetime.fromisoformat(CLOCK)
    assert moved_to("2026-01-02 9 pm", when) == "2026-03-12 9 pm"
    assert moved_to("2026-01-02T10:00:00Z", when) == "2026-03-12T09:00:00Z"


def test_a_span_that_leads_out_of_the_calendar_is_none() -> None:
    row = {"borrowed_on": "2026-03-01", "due_date": "2026-03-15"}
    assert span_of({**row, "weeks": 2}) is not None
    assert span_of({**row, "weeks": 10**9}) is None


TUPLES = st.builds(
    lambda places, more: {"type": "array", "prefixItems": places, **more},
    st.lists(st.sampled_from([TEXT, NUMBER, {"enum": ["a"]}, True]), min_size=1, max_size=5),
    st.sampled_from([{}, {"items": False}, {"items": NUMBER, "minItems": 7}, {"maxItems": 2}]),
)


@given(TUPLES, st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_tuples_are_made_and_judged_place_by_place(schema: JsonObject, seed: int) -> None:
    made = invent("list", schema, Random(seed), name="score", noun="note", clock=CLOCK)
    validator = Draft202012Validator(schema)
    assert validator.is_valid(made)
    assert fits(made, schema)
    assert adapt(made, schema) == made
    for other in (["x"], [1], [None, "x"], [], [*made, None]):
        assert fits(other, schema) == validator.is_valid(other)


def test_a_result_of_tuples_is_shown(tmp_path: Path) -> None:
    pair = {"type": "array", "items": [NUMBER, TEXT]}
    ranked = {"ranked_results": {"type": "array", "minItems": 1, "items": pair}}
    sandbox = sandbox_of(tmp_path, tool("search_keys", ranked, query=TEXT))
    arguments = propose_arguments(sandbox, "search_keys", Random(1))
    assert arguments is not None
    outcome = sandbox.call("search_keys", arguments)
    assert not outcome.is_error
    for score, key in outcome.content["ranked_results"]:
        assert isinstance(score, int | float)
        assert isinstance(key, str)


def test_what_is_missing_fits_no_schema_however_open() -> None:
    assert adapt(MISSING, {}) is MISSING
    assert adapt(MISSING, {"items": {}}) is MISSING


def test_a_computed_result_without_a_type_is_made(tmp_path: Path) -> None:
    sandbox = sandbox_of(tmp_path, tool("calculate_it", {"value": {}, "more": {"items": {}}}))
    assert not sandbox.call("calculate_it", {}).is_error


def test_a_computed_moment_is_no_sentence(tmp_path: Path) -> None:
    moment = {"result": {"type": "string", "format": "date-time"}}
    outcome = sandbox_of(tmp_path, tool("calculate_arrival", moment)).call("calculate_arrival", {})
    assert datetime.fromisoformat(outcome.content["result"])


def test_a_category_that_is_an_object_does_not_decide_the_name(tmp_path: Path) -> None:
    category = {"type": "object", "properties": {"id": {"type": "integer"}, "name": TEXT}}
    pet = {"id": {"type": "integer"}, "name": TEXT, "category": category}
    rows = {"pets": {"type": "array", "items": {"type": "object", "properties": pet}}}
    sandbox = sandbox_of(tmp_path, tool("list_pets", rows), tool("get_pet", pet, id=NUMBER))
    listed = sandbox.call("list_pets", {}).content["pets"]
    assert all(isinstance(one["category"], dict) for one in listed)
    assert listed


def test_titles_that_become_keys_can_be_addressed(tmp_path: Path) -> None:
    release = {"release_id": TEXT, "title": TEXT}
    table = tool("list_releases", {})
    table["outputSchema"] = {"type": "object", "additionalProperties": {"type": "object"}}
    create, get = (
        tool("create_release", release, title=TEXT),
        tool("get_release", release, release_id=TEXT),
    )
    sandbox = sandbox_of(tmp_path, create, get, table)
    assert not sandbox.call("create_release", {"title": "v1.2 [final]"}).is_error
    listed = sandbox.call("list_releases", {}).content
    assert "v1_2 _final" in listed
