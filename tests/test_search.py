"""What a search finds, and what is sought: a pattern where one is told, the whole of a name."""

from fnmatch import fnmatchcase
from random import Random
from typing import Any

import pytest

from generators.backends.backend import InferredBackend, WantedCall
from generators.identity_cache import Same
from generators.sandbox.compiled_tools import compile_tool
from generators.sandbox.rows_meant import search_words
from generators.sandbox.schema_validity import MISSING
from generators.sandbox.sought_words import sought_phrases
from generators.world.infer import infer_world
from schemas.record import JsonObject
from schemas.tool import ToolSource, ToolSpec
from schemas.world_model import WorldModel, WorldSource

CLOCK = "2026-01-15T09:00:00+00:00"
TEXT = {"type": "string"}
PATTERN = {"type": "string", "default": "*", "description": "Pattern of keys, such as `a/*`."}


def search(name: str, row: JsonObject, told: JsonObject, **given: Any) -> InferredBackend:
    """A backend of one search, by optional parameters of which a world tells what is ``told``."""
    rows = {"type": "array", "items": {"type": "object", "properties": row, "required": [*row]}}
    tool = ToolSpec(
        name=name, wire_name=name,
        parameters={"type": "object", "properties": given, "required": []},
        returns={"type": "object", "properties": {"papers": rows}, "required": ["papers"]},
        returns_from="source", domain="papers",
        source=ToolSource(format="mcp", path="papers.json"),
    )  # fmt: skip
    world = WorldModel.model_validate({"tools": {name: {"parameters": told}}})
    source = WorldSource(file="papers.world.yaml", domains=("papers",), world=world)
    return InferredBackend(infer_world([tool], [source]))


def proposed(backend: InferredBackend, name: str) -> list[tuple[JsonObject, list[JsonObject]]]:
    """Arguments and found rows, of several worlds."""
    found = []
    for seed in range(12):
        world = backend.open(seed, CLOCK)
        call = backend.propose(world, WantedCall(name), Random(seed))
        if call is not None:
            result = world.call(name, call.arguments).content
            found.append((call.arguments, result["papers"]))
    return found


def test_nobody_searches_for_nothing_nor_begins_with_the_second() -> None:
    row = {"paper_id": TEXT, "title": TEXT, "author": TEXT}
    backend = search("search_papers", row, {}, author=TEXT, author2=TEXT, title=TEXT)
    calls = proposed(backend, "search_papers")
    assert len(calls) > 6
    assert all(arguments and "author2" not in arguments for arguments, _ in calls)


def test_a_pattern_is_sought_by_the_field_that_it_is_of() -> None:
    row = {"paper_key": TEXT, "title": TEXT}
    told = {"pattern": {"use": "query", "field": "paper_key"}}
    calls = proposed(search("search_papers", row, told, pattern=PATTERN), "search_papers")
    assert len(calls) > 6
    for arguments, papers in calls:
        assert "*" in arguments["pattern"]
        assert papers
        assert all(fnmatchcase(one["paper_key"], arguments["pattern"]) for one in papers)


def test_a_pattern_of_a_field_that_a_row_lacks_is_not_made_up() -> None:
    told = {"pattern": {"use": "query", "field": "paper_key"}}
    world = search("s", {"paper_key": TEXT, "title": TEXT}, told, pattern=PATTERN).world
    tool = compile_tool(Same(world), "s")
    (parameter,) = world.models["s"].parameters
    for row in ({"title": "Sleep"}, {"title": "Sleep", "paper_key": None}):
        assert search_words(row, tool, parameter, Random(1)) is MISSING
    assert "*" in search_words({"paper_key": "a:b"}, tool, parameter, Random(1))


def test_somebody_is_sought_by_the_whole_name() -> None:
    row = {"title": TEXT, "author_name": TEXT}
    told = {"author": {"use": "query", "field": "author_name", "semantic": "person_name"}}
    backend = search("search_papers", row, told, author=TEXT)
    calls = proposed(backend, "search_papers")
    assert len(calls) > 6
    for arguments, papers in calls:
        assert papers
        assert {one["author_name"] for one in papers} == {arguments["author"]}


def test_a_day_that_would_be_today_is_said() -> None:
    row = {"paper_id": TEXT, "title": TEXT, "published_on": {"type": "string", "format": "date"}}
    given = {"title": TEXT, "author": TEXT}
    for rule in ({"description": "Defaults to today."}, {"default": "hoje"}):
        day = {"type": "string", **rule}
        told = {"published_on": {"use": "filter", "field": "published_on", "semantic": "date"}}
        backend = search("list_papers", row, told, published_on=day, **given)
        calls = proposed(backend, "list_papers")
        assert len(calls) > 6
        assert all("published_on" in arguments for arguments, _ in calls)


@pytest.mark.parametrize(
    ("text", "sought", "left"),
    [
        ("Works closely with Aiko.", {"Aiko"}, {"works", "closely", "works closely"}),
        (
            "Meets the board every Friday. Nothing else is open.",
            {"board", "Friday"},
            {"meets", "board every", "nothing", "open"},
        ),
        ("Moved to a new office last spring.", {"office"}, {"last", "moved", "new", "new office"}),
        ("Fix the login form", {"login form", "form"}, {"fix", "fix login"}),
        ("Search fails without a message", {"message"}, {"fails", "without", "fails without"}),
        ("Golden Signals", {"golden signals", "signals"}, {"golden"}),
        ("Ship the new website", {"website"}, {"ship"}),
        ("dancing", {"dancing"}, set()),
        ("Watering can", {"watering can"}, {"can"}),
        ("the", set(), {"the"}),
    ],
)
def test_a_text_is_searched_by_its_nouns_and_names(
    text: str, sought: set[str], left: set[str]
) -> None:
    found = {*sought_phrases(text)}
    assert sought <= found
    assert found.isdisjoint(left)


def test_what_is_searched_for_in_rows_is_a_noun_of_theirs() -> None:
    backend = search("search_notes", {"note_id": TEXT, "text": TEXT}, {}, query=TEXT)
    calls = proposed(backend, "search_notes")
    assert len(calls) > 6
    for arguments, notes in calls:
        held = {one for note in notes for one in sought_phrases(note["text"])}
        assert arguments["query"] in held


def test_no_note_is_another_with_a_sentence_behind_it() -> None:
    backend = search("list_notes", {"note_id": TEXT, "text": TEXT}, {})
    for seed in range(6):
        shown = backend.open(seed, CLOCK).call("list_notes", {}).content["papers"]
        openings = [note["text"].partition(". ")[0].rstrip(".") for note in shown]
        assert len(openings) > 6
        assert len({*openings}) == len(openings)
