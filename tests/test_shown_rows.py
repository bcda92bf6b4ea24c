"""Rows that examples of results show: of things that nobody could name, a world holds those."""

import json
from pathlib import Path
from typing import Any

import pytest

from generators.backends.shown_rows import take_shown_rows
from generators.backends.trial import try_tools
from generators.importers.catalog_reader import read_catalog
from generators.sampling.wishes import find_objection
from generators.sandbox.sandbox import Sandbox
from generators.world.infer import infer_world
from schemas.tool import Catalog
from tests.openapi_documents import NUMBER, TEXT, answer, document

CLOCK = "2026-01-15T09:00:00+00:00"
SHOWN = [
    {"id": 11, "name": "The Lamplighters", "overview": "Two sisters keep a lighthouse.", "rank": 3},
    {"id": 12, "name": "Salt Road", "overview": "A caravan loses its way.", "rank": 1},
    {"id": 13, "name": "Ninety Doors", "overview": "Nobody leaves the hotel.", "rank": 2},
]
ROW = {
    "type": "object",
    "properties": {"id": NUMBER, "name": TEXT, "overview": TEXT, "rank": NUMBER, "mood": TEXT},
}


def shows(shown: list[Any], noun: str) -> Any:
    """A document that lists things of a kind and looks one up, with what the list has shown."""
    page = {"type": "object", "properties": {"results": {"type": "array", "items": ROW}}}
    one = {"name": f"{noun}_id", "in": "path", "required": True, "schema": NUMBER}
    listing = {
        "operationId": f"list_{noun}s",
        "description": f"Get all {noun} shows." if noun == "tv" else f"Get all {noun}s.",
        "responses": answer(page, example={"results": shown}),
    }
    get = {
        "operationId": f"get_{noun}",
        "description": "Get one TV show." if noun == "tv" else f"Get one {noun}.",
        "parameters": [one],
        "responses": answer(ROW),
    }
    return document({f"/{noun}": {"get": listing}, f"/{noun}/{{{noun}_id}}": {"get": get}})


@pytest.fixture
def opened(tmp_path: Path) -> Any:
    def read(shown: list[Any], noun: str = "tv") -> Catalog:
        file = tmp_path / "shows.json"
        file.write_text(json.dumps(shows(shown, noun)), encoding="utf-8")
        return try_tools(take_shown_rows(read_catalog([file])))

    return read


def test_a_world_holds_the_rows_that_are_shown_each_as_it_is(opened: Any) -> None:
    catalog = opened(SHOWN)
    world = infer_world(catalog.tools, catalog.worlds)
    known = {one["id"]: one for one in SHOWN}
    for seed in range(5):
        (key,) = world.entities
        rows = Sandbox(world, seed, CLOCK).rows(key)
        assert len(rows) == len({row["name"] for row in rows}) == len(SHOWN)
        for row in rows:
            assert {"name", "overview"} <= row.keys()
            assert {one: row[one] for one in ("name", "overview")} == {
                one: known[row["id"]][one] for one in ("name", "overview")
            }


def test_somebody_comes_for_what_is_shown_and_nothing_else_is_made_up(opened: Any) -> None:
    catalog = opened(SHOWN)
    world = infer_world(catalog.tools, catalog.worlds)
    assert find_objection(world, world.models["get_tv"]) == ""
    shown = Sandbox(world, 1, CLOCK).call("get_tv", {"tv_id": 12}).content
    assert shown == {key: SHOWN[1][key] for key in ("id", "name", "overview")}
    assert not any("examples" in (tool.returns or {}) for tool in catalog.tools)


def test_without_examples_nobody_would_come(opened: Any) -> None:
    catalog = opened([])
    world = infer_world(catalog.tools, catalog.worlds)
    assert find_objection(world, world.models["get_tv"])


@pytest.mark.parametrize(
    "shown",
    [
        SHOWN[:1],
        [{**one, "id": 11} for one in SHOWN],
        [{**one, "name": "Salt Road"} for one in SHOWN],
        [{key: one[key] for key in ("id", "overview")} for one in SHOWN],
        ["Salt Road", "Ninety Doors"],
    ],
    ids=["one row", "one id", "one name", "no names", "no rows"],
)
def test_what_are_no_rows_to_be_told_apart_are_not_taken(opened: Any, shown: list[Any]) -> None:
    assert opened(shown).worlds == ()


def test_of_things_that_have_names_rows_are_drawn(opened: Any) -> None:
    catalog = opened(SHOWN, "movie")
    assert catalog.worlds == ()
    world = infer_world(catalog.tools, catalog.worlds)
    rows = Sandbox(world, 1, CLOCK).rows(next(iter(world.entities)))
    assert len(rows) > len(SHOWN)
    assert not {row["id"] for row in rows} & {11, 12, 13}


def test_a_row_that_lacks_what_others_tell_is_left_out(opened: Any) -> None:
    bare = {"id": 14, "name": "Untold", "overview": ""}
    catalog = opened([*SHOWN, bare])
    world = infer_world(catalog.tools, catalog.worlds)
    names = {row["name"] for row in Sandbox(world, 1, CLOCK).rows(next(iter(world.entities)))}
    assert names == {one["name"] for one in SHOWN}
