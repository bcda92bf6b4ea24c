"""Answers of which everybody knows what they are: found by name, and right."""

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from generators.dialogue.write_script import _lead_in
from generators.language.action import action
from generators.language.report import report
from generators.sampling.wishes import find_objection
from generators.sandbox.answer_values import draw_asked, make_answer
from generators.sandbox.errors_and_faults import CallError
from generators.sandbox.text_values import as_shown
from generators.world.infer import infer_world
from generators.world.known_answers import KnownAnswer, find_answer
from schemas.record import JsonObject
from schemas.tool import ToolSpec
from tests.scenes import scene_of
from tests.worlds import SOURCE

NOW = datetime(2026, 7, 15, 12, tzinfo=UTC)
WORD, NUMBER = {"type": "string"}, {"type": "number"}
POINT: JsonObject = {"latitude": NUMBER, "longitude": NUMBER}


def find(name: str, parameters: JsonObject, description: str = "") -> KnownAnswer | None:
    """The kind of answer of a tool that needs all of its parameters."""
    return find_answer(spec(name, parameters, description))


def spec(name: str, parameters: JsonObject, description: str = "") -> ToolSpec:
    """A tool of which nobody says what it returns."""
    schema = {"type": "object", "properties": parameters, "required": [*parameters]}
    return ToolSpec(name=name, wire_name=name, description=description, parameters=schema,
                    domain="general", source=SOURCE)  # fmt: skip


def ask(answer: KnownAnswer | None, **arguments: Any) -> Any:
    """What a call is answered with."""
    assert answer is not None
    return make_answer(answer, arguments, Random(1), NOW)


@pytest.mark.parametrize(
    ("name", "parameters", "description", "kind"),
    [
        ("get_live_temp", POINT, "", "temperature"),
        ("get-forecast", POINT, "", "forecast"),
        ("weather_tool", {"location": WORD}, "", "weather"),
        ("fetch", {"url": WORD}, "", "page"),
        ("search", {"query": WORD}, "Search DuckDuckGo.", "results"),
        ("search", {"query": WORD}, "Search files in a drive.", None),
        ("drive_search", {"query": WORD}, "Search files in Google Drive.", None),
        ("get_weather_alerts", {"city": WORD}, "", None),
        ("get_weather", {"city": WORD, "api": WORD}, "", None),
        ("get_weather", {"city": WORD}, "The weather of cities in Uganda.", None),
        ("get_weather", {"city": {**WORD, "description": "Airport code"}}, "", None),
        ("get_task_definition", {"word": WORD}, "", None),
        ("browser_navigate", {"url": WORD}, "", "visit"),
        ("echo", {"message": WORD}, "", None),
        ("getTime", {}, "The current Unix timestamp.", None),
        ("get_current_time", {}, "", "time"),
        ("get_weather", {"city": WORD}, "In Fahrenheit.", None),
        ("get_weather", {"city": WORD}, "Of a Portuguese city.", None),
    ],
)
def test_the_kind_is_told_by_name_and_parameters(
    name: str, parameters: JsonObject, description: str, kind: str | None
) -> None:
    found = find(name, parameters, description)
    assert (found.kind if found else None) == kind


def test_such_a_tool_is_wished_for_in_its_own_words() -> None:
    world = infer_world([spec("get_live_temp", POINT)])
    (model,) = world.models.values()
    assert find_objection(world, model) == ""
    assert action(model).generic == "the current temperature"


def test_of_two_pages_each_is_told_by_its_title_alone() -> None:
    for name, first in (("navigate", "I've opened"), ("fetch_page", "The page is called")):
        world = infer_world([spec(name, {"url": WORD})])
        model = world.models[name]
        answer, calls = find_answer(model.tool), []
        for page in ("posts/moving-to-a-smaller-office", "posts/why-short-meetings-work"):
            asked = {"url": f"https://blog.example.net/{page}"}
            calls.append((model, asked, ask(answer, **asked)))
        scene = scene_of(calls)
        assert all(report(scene, call).startswith(first) for call in (0, 1))
        assert answer is not None
        assert answer.moves is (name == "navigate")


def test_nobody_comes_for_a_ping() -> None:
    world = infer_world([spec("ping_server", {})])
    model = world.models["ping_server"]
    assert find_objection(world, model)


@pytest.mark.parametrize(
    ("name", "parameters", "lead"),
    [
        ("get_live_temp", POINT, "lead_in"),
        ("divide", {"a": NUMBER, "b": NUMBER}, "lead_in_work"),
    ],
)
def test_what_is_worked_out_is_not_looked_up(name: str, parameters: JsonObject, lead: str) -> None:
    assert _lead_in(infer_world([spec(name, parameters)]).models[name]) == lead


def test_what_is_in_no_table_is_not_found() -> None:
    weather = find("get_weather", {"city": WORD})
    assert "conditions" in ask(weather, city="Lisbon")
    with pytest.raises(CallError):
        ask(weather, city="Atlantis")


def test_the_weather_suits_place_and_season() -> None:
    heat = find("get_temperature", POINT)
    warm = ask(heat, latitude=1.35, longitude=103.8)["temperature_celsius"]
    cold = ask(heat, latitude=-36.85, longitude=174.8)["temperature_celsius"]
    assert warm > 22 > cold
    days = ask(find("forecast", {"city": WORD}, "A 5-day forecast."), city="Rome")["forecast"]
    assert [day["date"] for day in days][:2] == ["2026-07-15", "2026-07-16"]
    assert len(days) == 5
    assert all(day["low_celsius"] < day["high_celsius"] for day in days)


def test_a_place_has_the_name_that_a_description_shows_of_it() -> None:
    city = {**WORD, "description": "Name of the city (e.g. Lisboa, Porto, Faro)"}
    one = spec("get_forecast", {"city": city})
    answer, model = find_answer(one), infer_world([one]).models["get_forecast"]
    assert answer is not None
    drawn = {draw_asked(answer, model.by_path, {}, Random(seed))["city"] for seed in range(200)}
    assert "Lisboa" in drawn
    assert "Lisbon" not in drawn
    assert len(ask(answer, city="Lisboa")["forecast"]) == 3
    assert as_shown("United States", "The country, e.g. 'USA'") == "USA"
    assert as_shown("Rome", "The city, e.g. 'Wien'") == "Rome"


def test_what_is_asked_is_of_one_place() -> None:
    point, model = spec("get_live_temp", POINT), infer_world([spec("get_live_temp", POINT)])
    answer, parameters = find_answer(point), model.models["get_live_temp"].by_path
    assert answer is not None
    drawn = draw_asked(answer, parameters, {"latitude": 38.7223}, Random(3))
    assert drawn == {"latitude": 38.7223, "longitude": -9.1393}


def test_a_schema_of_the_same_fields_is_no_hindrance_and_any_other_is() -> None:
    now = spec("get_current_time", {})
    for name, kind in (("datetime", "time"), ("text", None)):
        shown = {"type": "object", "properties": {name: WORD}}
        answer = find_answer(now.model_copy(update={"returns": shown}))
        assert (answer.kind if answer else None) == kind


def test_what_an_answer_is_about_is_told_where_the_schema_needs_nothing() -> None:
    words = {"singleLine": WORD, "category": WORD}
    loose = spec("get_weather", words)
    answer = find_answer(loose.model_copy(update={"parameters": {
        "type": "object", "properties": words, "required": []}}))  # fmt: skip
    assert answer is not None
    assert answer.roles == {"place": "singleLine"}


def test_a_default_that_the_schema_or_its_words_tell_is_the_number_of_days() -> None:
    told = ({"type": "number", "default": 5}, {**NUMBER, "description": "Days (default: 5)"})
    for days in told:
        tool = spec("get_weather_forecast", {"city": WORD, "days": days})
        answer = find_answer(
            tool.model_copy(update={"parameters": {**tool.parameters, "required": ["city"]}})
        )
        assert len(ask(answer, city="Lisbon")["forecast"]) == 5
