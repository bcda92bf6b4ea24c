"""Which of the reasons that a model gives of a goal are said, by what the calls tell."""

from dataclasses import replace
from random import Random

import pytest

from generators.tasks.write_brief import find_reasons, suits_calls
from generators.world.model import World
from schemas.task import GoldCall, Origin
from schemas.world_model import DomainMeaning, GoalMeaning
from schemas.world_model import Origin as Source
from tests.scenes import scene_of
from tests.worlds import entity, rows, tool, wants

PAPER = entity("papers", "paper", ["doi"],
               {"doi": "number_id", "title": "title", "author": "person_name"})  # fmt: skip
SEARCH = tool(
    "search_papers", "list", PAPER,
    [wants("title", "query", None, "query", required=False),
     wants("author", "filter", None, "person_name", required=False)],
    rows("papers", PAPER.fields),
)  # fmt: skip
WORLD = World({SEARCH.name: SEARCH}, {PAPER.key: PAPER})


def search(**arguments: str) -> GoldCall:
    origins = tuple(Origin(path=path, kind="user") for path in arguments)
    return GoldCall(tool=SEARCH.name, arguments=arguments, origins=origins, result="{}")


@pytest.mark.parametrize(
    ("reason", "by_title", "by_author"),
    [
        ("I only remember a few words of the title", True, False),
        ("the author gave a talk", False, True),
        ("I met her at a conference", False, True),
        ("I follow that group's work", False, False),
        ("those papers are due", True, True),
        ("I'm away that day", False, False),
        ("I hope that it is new", True, True),
        ("I'm writing a review", True, True),
    ],
)
def test_a_reason_speaks_of_nothing_that_the_call_leaves_untold(
    reason: str, by_title: bool, by_author: bool
) -> None:
    assert suits_calls(reason, WORLD, [search(title="sleep")]) is by_title
    assert suits_calls(reason, WORLD, [search(author="Ann Lee")]) is by_author


def test_that_day_is_spoken_of_where_the_call_tells_a_day() -> None:
    day = wants("since", "minimum", None, "date", required=False)
    dated = replace(SEARCH, parameters=(*SEARCH.parameters, day))
    world = World({SEARCH.name: dated}, {PAPER.key: PAPER})
    assert suits_calls("I'm away that day", world, [search(since="2026-03-04")])
    assert not suits_calls("I'm away that day", world, [search(title="sleep")])


def test_a_person_says_what_reasons_there_are_and_a_model_is_held_against_the_call() -> None:
    goal = GoalMeaning(id="find", tools=(SEARCH.name,), why=("I know that journal",))
    scene = scene_of([(SEARCH, {"title": "sleep"}, {"papers": []})], [PAPER])
    for source, said in (("file", goal.why), ("model", ("",))):
        told = DomainMeaning(goals=(goal,), origins={"goals": Source(source=source)})  # type: ignore[arg-type]
        world = World({SEARCH.name: SEARCH}, {PAPER.key: PAPER}, {"papers": told})
        assert find_reasons(world, scene.task, ("find",), Random(1)) == said


def test_a_reason_is_held_against_all_calls_of_its_goal() -> None:
    """Who found the paper by its author does not look at it because of words of its title."""
    key = [wants("doi", "identity", PAPER.key, "number_id")]
    get = tool("get_paper", "get", PAPER, key, {})
    why = ("I only remember words of the title",)
    goal = GoalMeaning(id="read", tools=(SEARCH.name, get.name), why=why)
    told = DomainMeaning(goals=(goal,), origins={"goals": Source(source="model")})
    world = World({SEARCH.name: SEARCH, get.name: get}, {PAPER.key: PAPER}, {"papers": told})
    for given, said in (("author", ""), ("title", why[0])):
        calls = [(SEARCH, {given: "Ann Lee"}, {"papers": []}), (get, {"doi": "10.1"}, {})]
        scene = scene_of(calls, [PAPER])
        turns = tuple(
            scene.task.turns[0].model_copy(update={"calls": (one,)})
            for one in scene.task.turns[0].calls
        )
        task = scene.task.model_copy(update={"turns": turns})
        assert find_reasons(world, task, ("", "read"), Random(1))[1] == said
