"""Results that are pages of longer lists, and names that say whose things a tool is about."""

from random import Random
from typing import Any

import pytest

from generators.language.action import action
from generators.lexicon.names import label
from generators.lexicon.nouns import is_plural
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.infer import infer_world
from generators.world.schema_leaves import page_place
from generators.world.semantics import semantic_type, told_choices, with_marked_choices
from schemas.record import JsonObject
from schemas.tool import ToolSource, ToolSpec

TEXT = {"type": "string"}
SONG: JsonObject = {"type": "object", "properties": {"id": TEXT, "name": TEXT}}


def paged(row: JsonObject) -> JsonObject:
    parts = {"limit": {"type": "integer"}, "next": TEXT, "total": {"type": "integer"}}
    return {"type": "object", "properties": {**parts, "items": {"type": "array", "items": row}}}


def tool(
    called: str, returns: JsonObject | None = None, said: str = "", **given: JsonObject
) -> ToolSpec:
    return ToolSpec(
        name=called, wire_name=called, description=said, domain="music", effect="unknown",
        parameters={"type": "object", "properties": given, "required": list(given)},
        returns=returns, source=ToolSource(format="test", path="test"),
    )  # fmt: skip


WITHIN: JsonObject = {"type": "object", "properties": {"songs": paged(SONG)}}
TOOLS = (
    tool("get-album", SONG, id=TEXT),
    tool("get-user", SONG, id=TEXT),
    tool("get-albums-songs", paged(SONG), id=TEXT),
    tool("get-new-songs", WITHIN),
    tool("save-albums-user", None, "Save albums for the user.", ids=TEXT),
    tool("change-album", None, "", album_id=TEXT, name=TEXT),
)


def listing(name: str, other: str) -> JsonObject:
    rows: JsonObject = {"type": "array", "items": SONG}
    return {"type": "object", "properties": {name: rows, other: TEXT}}


@pytest.mark.parametrize(
    ("schema", "place"),
    [
        (paged(SONG), "items"),
        (WITHIN, "songs.items"),
        (SONG, ""),
        (listing("items", "note"), ""),
        (listing("lines", "total"), ""),
    ],
)
def test_a_page_is_told_from_a_row_that_holds_a_list(schema: JsonObject, place: str) -> None:
    assert page_place(schema) == place


def test_the_rows_of_a_page_are_the_rows_and_not_the_page() -> None:
    world = infer_world(TOOLS)
    for name in ("get-albums-songs", "get-new-songs"):
        model = world.models[name]
        assert model.operation == "list"
        fields = world.entities[model.entity or ""].fields
        assert "name" in fields
        assert not {"limit", "next", "items", "songs"} & set(fields)


def test_a_page_within_a_result_holds_the_rows_that_are_found() -> None:
    sandbox = Sandbox(infer_world(TOOLS), 3, "2026-03-04T10:00:00+00:00")
    arguments = propose_arguments(sandbox, "get-new-songs", Random(1))
    assert arguments == {}
    found: Any = sandbox.call("get-new-songs", arguments).content
    assert found["songs"]["total"] == len(found["songs"]["items"]) > 0
    assert "next" not in found["songs"]


def test_the_id_that_a_list_demands_is_its_owners() -> None:
    parameter = infer_world(TOOLS).models["get-albums-songs"].parameter("id")
    assert (parameter.use, parameter.entity) == ("reference", "music/album")


def test_what_is_saved_for_a_user_is_neither_a_user_nor_new() -> None:
    model = infer_world(TOOLS).models["save-albums-user"]
    assert (model.operation, model.entity) == ("update", "music/album")


def test_a_name_is_written_where_an_id_names_the_row() -> None:
    model = infer_world(TOOLS).models["change-album"]
    assert model.parameter("album_id").use == "identity"
    assert (model.parameter("name").use, model.parameter("name").field) == ("field", "name")


def test_choices_in_brackets_are_read_in_parameters_and_in_results() -> None:
    said = 'The ignition mode. [Enum]: ["START", "STOP"]'
    assert told_choices(said) == ["START", "STOP"]
    assert told_choices('A list such as ["a", "b"]') == []
    result = {"type": "object", "properties": {"mode": {"type": "string", "description": said}}}
    assert with_marked_choices(result)["properties"]["mode"]["enum"] == ["START", "STOP"]


def test_only_the_state_of_an_address_is_one_that_people_live_in() -> None:
    assert semantic_type("engine_state", TEXT, "The state of the engine.") != "state"
    assert semantic_type("shipping_state", TEXT, "") == "state"
    assert semantic_type("market", TEXT, "An ISO 3166-1 alpha-2 country code.") == "country"


def test_the_only_thing_of_its_kind_is_the_thing() -> None:
    world = infer_world([tool("release_brake", None, "", mode=TEXT)])
    assert action(world.models["release_brake"]).pattern == "the brake"


def test_units_in_names_are_said_in_full() -> None:
    assert label("position_ms") == "position in milliseconds"
    assert not is_plural(label("position_ms"))
    assert label("photoUrls") == "photo URLs"
