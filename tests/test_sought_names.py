"""What a row is looked for by, and what it may be called."""

from functools import cache
from random import Random

import pytest

from generators.embedding import HashEmbedder
from generators.sandbox.propose import propose_call
from generators.sandbox.row_operations import run
from generators.sandbox.sandbox import Sandbox, propose_arguments
from generators.sandbox.search import holds_word
from generators.studio import Studio, open_studio
from generators.tasks.row_choice import seek_by_name
from generators.world.infer import infer_world
from schemas.environment import CallOutcome
from schemas.message import Fault
from schemas.record import JsonObject
from schemas.task import Task
from schemas.tool import Catalog
from tests.studio import draw
from tests.test_kin_rows import CLOCK, TEXT, listing, tool

NOTE: JsonObject = {"note_id": TEXT, "title": TEXT, "headline": TEXT, "content": TEXT}
ONE_NOTE = {"type": "object", "properties": NOTE, "required": [*NOTE]}
NOTES = infer_world([
    tool("search_notes", {"query": TEXT}, listing("notes", NOTE)),
    tool("get_note", {"note_id": TEXT}, ONE_NOTE),
    tool("rename_note", {"note_id": TEXT, "title": TEXT}, ONE_NOTE),
])  # fmt: skip
MOVIE = {"movie_id": TEXT, "title": TEXT, "release_year": {"type": "integer"}}


def test_a_word_is_found_where_a_word_begins_so() -> None:
    assert holds_word("the date picker hangs", "date")
    assert holds_word("two dates", "date")
    assert not holds_word("since the last update", "date")


@pytest.mark.parametrize("seed", range(6))
def test_whoever_has_named_a_row_has_it_looked_for_by_its_whole_name(seed: int) -> None:
    sandbox, rng = Sandbox(NOTES, seed, CLOCK), Random(seed)
    model = NOTES.models["search_notes"]
    proposed = propose_call(sandbox, sandbox.store, sandbox.plan("search_notes"), rng)
    assert proposed is not None
    before = sandbox.state_hash()
    sought = seek_by_name(NOTES, sandbox, model, proposed, rng)
    assert sandbox.state_hash() == before
    assert sought.outcome is not None
    titles = [row["title"] for row in sought.outcome.content["notes"]]
    assert titles == [sought.arguments["query"]]
    other = NOTES.models["get_note"]
    assert seek_by_name(NOTES, sandbox, other, proposed, rng) is proposed


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("team-support", ["team-support"]),
        ("support", ["team-support", "support"]),
        ("team", ["team-support", "support"]),
        ("support team", ["team-support", "support"]),
    ],
)
def test_what_stands_in_a_row_as_it_is_asked_for_is_found_before_its_words_elsewhere(
    query: str, titles: list[str]
) -> None:
    sandbox = Sandbox(NOTES, 1, CLOCK)
    entity = next(iter(NOTES.entities.values()))
    for row, title in zip([*sandbox.rows(entity.key)], ["team-support", "support"], strict=False):
        told = {"title": title, "headline": title, "content": "Help for the team."}
        sandbox.store.put(entity, {**row, **told})
    found = sandbox.call("search_notes", {"query": query}).content["notes"]
    assert [row["title"] for row in found if "support" in row["title"]] == titles


@pytest.mark.parametrize("seed", range(6))
def test_what_joins_the_rows_that_are_found_hides_none_of_their_names(seed: int) -> None:
    node = {"title": TEXT, "headline": TEXT, "content": TEXT}
    both = listing("nodes", node)
    both["properties"] |= listing("edges", {"from": TEXT, "to": TEXT})["properties"]
    world = infer_world([
        tool("search_nodes", {"query": TEXT}, both),
        tool("delete_node", {"title": TEXT}, {"type": "object", "properties": node}),
    ])  # fmt: skip

    class Joined(Sandbox):
        def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
            found = super().call(name, arguments, fault)
            names = [row["title"] for row in found.content["nodes"]]
            edges = [{"from": one, "to": two} for one in names for two in ("a", "b")]
            content = {"nodes": found.content["nodes"], "edges": edges}
            return CallOutcome(content=content, is_error=found.is_error)

    sandbox, rng = Joined(world, seed, CLOCK), Random(seed)
    proposed = propose_call(sandbox, sandbox.store, sandbox.plan("search_nodes"), rng)
    assert proposed is not None
    sought = seek_by_name(world, sandbox, world.models["search_nodes"], proposed, rng)
    assert sought.outcome is not None
    assert [row["title"] for row in sought.outcome.content["nodes"]] == [sought.arguments["query"]]


@pytest.mark.parametrize("seed", range(12))
def test_no_row_is_given_the_name_of_another_one_and_bears_the_new_one_everywhere(
    seed: int,
) -> None:
    sandbox = Sandbox(NOTES, seed, CLOCK)
    rows = [dict(row) for row in sandbox.rows(next(iter(NOTES.entities)))]
    asked = propose_arguments(sandbox, "rename_note", Random(seed))
    assert asked is not None
    assert asked["title"] not in [row["title"] for row in rows]
    old = next(row for row in rows if row["note_id"] == asked["note_id"])
    entity = next(iter(NOTES.entities.values()))
    sandbox.store.put(entity, {**old, "headline": old["title"]})
    page, _ = run(sandbox.store, sandbox.plan("rename_note"), asked)
    assert page.rows[0]["headline"] == asked["title"]


@cache
def watched() -> tuple[Task, ...]:
    movies = listing("movies", MOVIE)
    one = {"type": "object", "properties": MOVIE, "required": [*MOVIE]}
    tools = (
        tool("list_popular_movies", {}, movies),
        tool("get_movie", {"movie_id": TEXT}, one),
        tool("delete_movie", {"movie_id": TEXT}, one),
    )
    studio: Studio = open_studio(Catalog(tools=tools), HashEmbedder())
    return draw(30, studio)


def test_nobody_names_a_row_to_have_it_looked_for_among_the_popular_ones() -> None:
    followed = 0
    for task in watched():
        calls = [(n, call) for n, turn in enumerate(task.turns) for call in turn.calls]
        turns = [n for n, _ in calls]
        for number, (turn, call) in enumerate(calls):
            listed = [o.call for o in call.origins if o.call is not None]
            listed = [one for one in listed if calls[one][1].tool == "list_popular_movies"]
            assert all(turns[one] < turn for one in listed), (task, number)
            followed += bool(listed)
    assert followed  # once the list has been asked for, one of its rows can be meant


def test_whoever_can_search_does_not_leaf_through_everything() -> None:
    movies, words = listing("movies", MOVIE), {"query": TEXT}
    one = {"type": "object", "properties": MOVIE, "required": [*MOVIE]}
    tools = (
        tool("discover_movies", {}, movies),
        tool("search_movies", words, movies),
        tool("get_movie", {"movie_id": TEXT}, one),
        tool("delete_movie", {"movie_id": TEXT}, one),
    )
    searched = 0
    for task in draw(30, open_studio(Catalog(tools=tools), HashEmbedder())):
        calls = [(n, call) for n, turn in enumerate(task.turns) for call in turn.calls]
        for turn, call in calls:
            fed = [calls[o.call] for o in call.origins if o.call is not None]
            silent = [other.tool for before, other in fed if before == turn]
            assert "discover_movies" not in silent
            searched += "search_movies" in silent
    assert searched


@pytest.mark.parametrize("seed", range(3))
def test_the_year_that_is_asked_for_is_that_of_the_date_shown(seed: int) -> None:
    row = {"movie_id": TEXT, "title": TEXT, "release_date": {"type": "string", "format": "date"}}
    asked = {"query": TEXT, "year": {"type": "integer"}}
    world = infer_world([tool("search_movies", asked, listing("movies", row))])
    sandbox = Sandbox(world, seed, CLOCK)
    given = propose_arguments(sandbox, "search_movies", Random(seed))
    assert given is not None
    found = sandbox.call("search_movies", given).content["movies"]
    assert found
    assert {one["release_date"][:4] for one in found} == {str(given["year"])}
