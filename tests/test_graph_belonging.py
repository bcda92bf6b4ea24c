"""Whose a bare ``id`` is, and what only seems to be mentioned: rules of the full recipe."""

from typing import Any

import pytest

from generators.embedding import WordEmbedder
from generators.graph.result_leaves import ResultLeaf, ResultReader
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.world.infer import infer_world
from schemas.tool import ToolSpec
from tests.graphs import tool

Schema = dict[str, Any]
ID = {"type": "string"}
SONG = {"id": ID, "title": {"type": "string"}}


def record(properties: Schema, **more: Any) -> Schema:
    return {"type": "object", "properties": properties, "required": [], **more}


def several(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def get(noun: str, given: Schema, returns: Schema) -> ToolSpec:
    parameters = record(given, required=list(given))
    return tool(f"get_{noun}", description=f"Get a {noun}.", parameters=parameters, returns=returns)


GET_SONG = get("song", {"song_id": ID}, record(SONG))
GET_SINGER = get("singer", {"singer_id": ID}, record({"id": ID, "name": {"type": "string"}}))


def leaves(*specs: ToolSpec, of: str) -> dict[str, ResultLeaf]:
    world = infer_world(specs)
    return {leaf.path: leaf for leaf in ResultReader(world).list_leaves(world.models[of])}


def graph(*specs: ToolSpec) -> ToolGraph:
    return build_graph(infer_world(specs), WordEmbedder())


def fed_by(found: ToolGraph, consumer: str, parameter: str) -> set[tuple[str, str]]:
    return {(edge.producer, edge.result_path) for edge in found.feeding(consumer, parameter)}


@pytest.mark.parametrize("held", ["items", "data", "results"])
def test_the_list_in_a_page_holds_what_the_page_is_called_after(held: str) -> None:
    page = record({"total": {"type": "integer"}, held: several(record(SONG))})
    search = tool("search", description="Search everything.", returns=record({"songs": page}))
    found = graph(search, GET_SONG, GET_SINGER)
    assert ("search", f"songs.{held}[].id") in fed_by(found, "get_song", "song_id")


def test_a_bare_id_in_a_part_of_a_row_is_that_of_the_part() -> None:
    song = record({**SONG, "owner": record({"id": ID, "kind": {"type": "string"}})})
    songs = tool("list_songs", description="List songs.", returns=several(song))
    found = leaves(songs, GET_SONG, of="list_songs")
    assert found["[].id"].keys
    assert not found["[].owner.id"].keys


def test_a_description_says_whose_a_bare_id_is() -> None:
    told = {"id": {"type": "string", "description": "The vendor's ID of the singer."}}
    songs = get("singers_songs", told, several(record({"title": {"type": "string"}})))
    list_singers = tool(
        "list_singers", description="List singers.", returns=several(record({"id": ID}))
    )
    found = graph(songs, list_singers, GET_SINGER, GET_SONG)
    assert ("list_singers", "[].id") in fed_by(found, "get_singers_songs", "id")


def test_of_alternative_objects_what_they_share_is_read() -> None:
    either = {"oneOf": [record(SONG), record({"id": ID, "episode": {"type": "string"}})]}
    queue = tool("get_queue", description="Get the queue.", returns=record({"entry": either}))
    assert set(leaves(queue, GET_SONG, of="get_queue")) == {"entry.id"}


def test_a_name_that_every_description_says_is_no_mention() -> None:
    said = [
        {"type": "string", "description": f"{word} on Tunefy"}
        for word in ("Height", "Breadth", "Depth", "Shade", "Taste", "Sound", "Grain", "Scent")
    ]
    rows = record({f"field_{place}": field for place, field in enumerate(said)})
    told = {"type": "string", "description": "The Tunefy code"}
    taking = tool(
        "play", description="Play it.", parameters=record({"what": told}, required=["what"])
    )
    link = tool("get_link", description="Get it.", returns=record({"tunefy": ID, "more": ID}))
    wide = tool("get_row", description="Get a row.", returns=rows)
    assert ("get_link", "tunefy") in fed_by(graph(taking, link), "play", "what")
    assert ("get_link", "tunefy") not in fed_by(graph(taking, link, wide), "play", "what")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("song_token", "An access token."),
        ("blocks", "A JSON-based array of blocks, as text."),
        ("as_singer", "Pass true to write as the singer."),
    ],
)
def test_credentials_encoded_texts_and_switches_are_fed_by_nothing(name: str, said: str) -> None:
    told = {"type": "string", "description": said}
    taking = tool("play", description="Play it.", parameters=record({name: told}, required=[name]))
    giving = tool("list_songs", description="List songs.", returns=several(record({name: ID})))
    assert not fed_by(graph(taking, giving, GET_SONG), "play", name)


def test_what_failed_and_what_nobody_describes_is_no_leaf() -> None:
    lists = {"songs": several(record(SONG)), "unknown_song_ids": several(ID), "files": several({})}
    songs = tool("list_songs", description="List songs.", returns=record(lists))
    assert set(leaves(songs, GET_SONG, of="list_songs")) == {"songs[].id", "songs[].title"}


def test_a_part_of_a_part_of_a_row_is_no_leaf() -> None:
    latest = record({"note_id": ID, "by": record({"badge": ID})})
    songs = tool(
        "list_songs", description="List songs.", returns=several(record({**SONG, "latest": latest}))
    )
    found = leaves(songs, GET_SONG, of="list_songs")
    assert set(found) == {"[].id", "[].title", "[].latest.note_id"}
    assert found["[].latest.note_id"].nested


def test_nobody_deletes_what_they_just_made_or_changes_what_they_just_ended() -> None:
    given, row = {"song_id": ID}, record({"song_id": ID, "title": {"type": "string"}})
    specs = [
        tool(
            f"{verb}_song",
            description=f"{verb.title()} a song.",
            parameters=record(given if verb != "create" else {"title": {"type": "string"}}),
            returns=row,
        )
        for verb in ("create", "cancel", "delete", "get", "update")
    ]
    found = graph(*specs)
    assert ("create_song", "song_id") in fed_by(found, "get_song", "song_id")
    assert ("cancel_song", "song_id") not in fed_by(found, "update_song", "song_id")
    assert ("create_song", "song_id") not in fed_by(found, "delete_song", "song_id")
    assert ("get_song", "song_id") in fed_by(found, "delete_song", "song_id")
