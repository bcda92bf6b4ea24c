"""Results that are pages of longer lists, and names that say whose things a tool is about."""

from random import Random
from typing import Any

import pytest

from generators.backends.trial import try_tools
from generators.language.action import action
from generators.lexicon.names import label
from generators.lexicon.nouns import is_plural
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.world.infer import infer_world
from generators.world.schema_leaves import page_place
from generators.world.semantics import semantic_type, told_choices, with_marked_choices
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSource, ToolSpec

TEXT = {"type": "string"}
NUMBER: JsonObject = {"type": "integer"}
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
        (
            {
                "type": "object",
                "properties": {
                    **dict.fromkeys(("object", "first_id", "last_id"), TEXT),
                    "data": {"type": "array", "items": SONG},
                    "has_more": {"type": "boolean"},
                },
            },
            "data",
        ),
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


# -- pages that go on


CLOCK = "2026-03-04T10:00:00+00:00"
NUMBER: JsonObject = {"type": "integer"}
LINE: JsonObject = {
    "type": "object",
    "required": ["memo_id", "title"],
    "properties": {"memo_id": TEXT, "title": TEXT},
}


def rows_in(name: str, **beside: JsonObject) -> JsonObject:
    properties = {name: {"type": "array", "items": LINE}, **beside}
    return {"type": "object", "properties": properties, "required": list(properties)}


def part(**properties: JsonObject) -> JsonObject:
    return {"type": "object", "properties": properties, "required": list(properties)}


def memos(returns: JsonObject, most: int | None = None, **given: JsonObject) -> Sandbox:
    listing = tool("list_memos", returns, "List the memos.", **given)
    free = {**listing.parameters, "required": []}
    listing = listing.model_copy(update={"parameters": free, "page_rows": most})
    getter = tool("get_memo", LINE, "Get a memo.", memo_id=TEXT)
    return Sandbox(infer_world((listing, getter)), 5, CLOCK)


def answer(sandbox: Sandbox, **arguments: Any) -> Any:
    outcome = sandbox.call("list_memos", arguments)
    assert not outcome.is_error, outcome.content
    return outcome.content


def ids(rows: Any) -> list[str]:
    return [row["memo_id"] for row in rows]


def test_numbered_pages_go_on_and_count_all() -> None:
    paging = {
        "total": NUMBER,
        "total_pages": NUMBER,
        "page": NUMBER,
        "has_more": {"type": "boolean"},
    }
    sandbox = memos(rows_in("memos", **paging), page=NUMBER, per_page=NUMBER)
    whole = ids(answer(sandbox)["memos"])
    found: list[str] = []
    for number in range(1, 99):
        shown = answer(sandbox, page=number, per_page=3)
        found += ids(shown["memos"])
        assert (shown["total"], shown["page"]) == (len(whole), number)
        assert shown["total_pages"] == -(-len(whole) // 3)
        assert shown["has_more"] == (len(found) < len(whole))
        if not shown["has_more"]:
            break
    assert found == whole
    assert len(whole) > 3


def test_pages_of_offset_and_limit_go_on() -> None:
    paging = {"total": NUMBER, "offset": NUMBER, "limit": NUMBER, "count": NUMBER}
    sandbox = memos(rows_in("memos", **paging), offset=NUMBER, limit=NUMBER)
    whole = ids(answer(sandbox)["memos"])
    second = answer(sandbox, offset=4, limit=4)
    assert ids(second["memos"]) == whole[4:8]
    assert {name: second[name] for name in paging} == {
        "total": len(whole), "offset": 4, "limit": 4, "count": len(whole[4:8]),
    }  # fmt: skip


SLACK = {"response_metadata": part(next_cursor=TEXT)}
NOTION = {"has_more": {"type": "boolean"}, "next_cursor": {"type": ["string", "null"]}}
PLAIN = {"next_page_token": TEXT, "total": NUMBER}


@pytest.mark.parametrize(
    ("beside", "size", "cursor"),
    [
        (SLACK, "limit", "cursor"),
        (NOTION, "page_size", "start_cursor"),
        (PLAIN, "max_results", "page_token"),
    ],
)
def test_a_cursor_leads_on_to_the_last_page(beside: JsonObject, size: str, cursor: str) -> None:
    sandbox = memos(rows_in("results", **beside), **{size: NUMBER, cursor: TEXT})
    whole, found = ids(answer(sandbox)["results"]), list[str]()
    told: dict[str, Any] = {}
    for _ in range(99):
        shown = answer(sandbox, **{size: 3}, **told)
        found += ids(shown["results"])
        within = shown.get("response_metadata", shown)
        token = within.get("next_cursor", within.get("next_page_token"))
        assert shown.get("has_more", bool(token)) == bool(token) == (len(found) < len(whole))
        if not token:
            break
        told = {cursor: token}
    assert found == whole
    assert token == (None if "has_more" in beside else "")
    refused = sandbox.call("list_memos", {cursor: "nobody gave this"})
    assert refused.content["error"]["code"] == "invalid_arguments"


def test_what_follows_a_row_is_the_next_page() -> None:
    beside = {"first_id": TEXT, "last_id": TEXT, "has_more": {"type": "boolean"}}
    sandbox = memos(rows_in("data", **beside), limit=NUMBER, after=TEXT, before=TEXT)
    whole, first = ids(answer(sandbox)["data"]), answer(sandbox, limit=4)
    assert (first["first_id"], first["last_id"]) == (whole[0], whole[3])
    assert ids(answer(sandbox, limit=4, after=first["last_id"])["data"]) == whole[4:8]
    assert ids(answer(sandbox, limit=2, before=whole[5])["data"]) == whole[3:5]
    rest = answer(sandbox, limit=4, after=whole[-1])
    assert (rest["data"], rest["first_id"], rest["last_id"]) == ([], "", "")


def test_addresses_of_pages_hold_what_asks_for_them() -> None:
    address: JsonObject = {"type": ["string", "null"], "format": "uri"}
    sandbox = memos(
        rows_in("items", next=address, previous=address, total=NUMBER), limit=NUMBER, offset=NUMBER
    )
    first = answer(sandbox, limit=4)
    assert first["previous"] is None
    assert first["next"].endswith("?offset=4&limit=4")


def test_a_list_that_would_be_too_long_is_cut_to_pages_that_go_on() -> None:
    sandbox = memos(rows_in("memos", total=NUMBER), 2, page=NUMBER, per_page=NUMBER)
    first, second = answer(sandbox, per_page=50), answer(sandbox, page=2, per_page=50)
    assert first["total"] == second["total"] > 4
    assert len({*ids(first["memos"]), *ids(second["memos"])}) == 4


def test_the_lone_row_of_a_page_does_not_tell_how_many_there_are() -> None:
    priced = {**LINE, "properties": {**LINE["properties"], "total": {"type": "number"}}}
    returns = rows_in("memos", total={"type": "number"})
    returns["properties"]["memos"] = {"type": "array", "items": priced}
    sandbox = memos(returns, limit=NUMBER)
    assert answer(sandbox, limit=1)["total"] == answer(sandbox)["total"] > 1


@pytest.mark.parametrize(("name", "kept"), [("per_page", True), ("title", False)])
def test_a_long_list_is_paged_where_it_can_be_and_else_left_out(name: str, kept: bool) -> None:
    day: JsonObject = {"type": "integer", "minimum": 1_000}
    long: JsonObject = {"type": "array", "items": day, "minItems": 300}
    row = {**LINE, "properties": {**LINE["properties"], "visits_by_day": long}}
    returns: JsonObject = {"type": "array", "items": row}
    listing = tool("list_memos", returns, "List the memos.", **{name: NUMBER if kept else TEXT})
    listing = listing.model_copy(update={"parameters": {**listing.parameters, "required": []}})
    getter = tool("get_memo", LINE, "Get a memo.", memo_id=TEXT)
    catalog = try_tools(Catalog(tools=(listing, getter)))
    assert ("list_memos" in catalog.by_name) == kept
    if kept:
        size = catalog.by_name["list_memos"].page_rows
        assert size is not None
        assert 1 <= size < 12
        sandbox = Sandbox(infer_world(catalog.tools), 2, CLOCK)
        assert len(str(answer(sandbox))) < 4 * 2_000
    else:
        assert "tokens, more than 2000" in catalog.skipped[0].reason


@pytest.mark.parametrize("given", [{"limit": 0}, {"offset": 500}, {"limit": 3, "offset": 13}])
def test_an_odd_page_is_empty_or_short_and_no_fault(given: dict[str, int]) -> None:
    beside = {"next": {"type": ["string", "null"]}, "previous": {"type": ["string", "null"]}}
    sandbox = memos(rows_in("memos", **beside, total=NUMBER), limit=NUMBER, offset=NUMBER)
    shown = answer(sandbox, **given)
    assert shown["total"] >= len(shown["memos"])
    after = memos(rows_in("memos", **beside), limit=NUMBER, after=TEXT)
    assert answer(after, limit=0)["memos"] == []


def test_a_page_has_as_many_rows_as_the_description_says_by_default() -> None:
    size: JsonObject = {"type": "integer", "description": "How many. The default is 5, at most 90."}
    rows = {"type": "array", "items": SONG}
    returns = {"type": "object", "properties": {"songs": rows, "page_size": {"type": "integer"}}}
    one = ToolSpec(
        name="list-songs", wire_name="list-songs", description="List songs.", domain="music",
        effect="read", returns=returns, source=ToolSource(format="test", path="test"),
        parameters={"type": "object", "properties": {"PageSize": size, "Page": NUMBER}},
    )  # fmt: skip
    content = Sandbox(infer_world([one]), 3, "2026-03-01T10:00:00Z").call("list-songs", {}).content
    assert content["page_size"] == len(content["songs"]) == 5


@pytest.mark.parametrize(
    ("said", "told"),
    [("List the memos.", "The number of memos to return. Default is 3."),
     ("List up to 3 memos.", "The place of the memos"), ("List the top 3 memos.", "The place")],
)  # fmt: skip
def test_no_more_rows_are_shown_than_is_told_wherever_it_is_told(said: str, told: str) -> None:
    size: JsonObject = {"type": "number", "description": told}
    listing = tool("list_memos", None, said, n=size)
    listing = listing.model_copy(update={"parameters": {**listing.parameters, "required": []}})
    sandbox = Sandbox(infer_world((listing, tool("get_memo", LINE, memo_id=TEXT))), 5, CLOCK)
    shown = answer(sandbox)
    assert len(shown["memos"]) == 3
    assert ("total_count" in shown) == ("top" not in said)
    if "number" in told:
        assert len(answer(sandbox, n=5)["memos"]) == 5


def test_where_another_number_is_told_the_total_is_left_out() -> None:
    listing = tool("list_memos", None, "List the memos. There are only 50 memos in the store.")
    sandbox = Sandbox(infer_world((listing,)), 5, CLOCK)
    assert [*answer(sandbox)] == ["memos"]
