"""Tasks that end otherwise than done: handed over, left open, urged, or told to do wrong."""

import json
from dataclasses import replace
from datetime import datetime
from functools import cache
from random import Random

import pytest

from generators.embedding import HashEmbedder
from generators.operators import USUAL_MIX, make_mix
from generators.operators.unanswerable import Unanswerable
from generators.studio import open_studio
from generators.tasks.clock import Setting, start_of
from generators.tasks.draw_task import draw_task
from generators.tasks.feeding import Executed
from generators.tasks.outline import was_told_why_not
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.proof import flaws
from generators.world.infer import infer_world
from schemas.reading import tells
from schemas.task import Origin, Task
from schemas.tool import Catalog, ToolSource, ToolSpec
from schemas.twists import Hurry, Reference, Unknown, find_twists, has_twist
from tests.studio import SEED, own_catalog, own_studio

START = start_of(own_studio().world, SEED)
"""The world of all tasks: it is seeded once."""


@cache
def drawn(first: int = 0, **shares: float) -> tuple[Task, ...]:
    bench = replace(own_studio(), mix=make_mix(**shares)).bench
    return tuple(draw_task(bench, seed, start=START) for seed in range(first, first + 24))


def setting_of(task: Task) -> Setting:
    clock = datetime.fromisoformat(task.clock)
    return Setting(own_studio().backend, task.environment_seed, clock)


def tasks(operator: str) -> list[Task]:
    shares = {operator: 1.0, "against_policy": 0.0}
    for first in range(0, 120, 24):
        found = [one for one in drawn(first, **shares) if operator in one.operators]
        if found:
            return found
    raise AssertionError(f"no task has {operator}")


def test_a_matter_for_people_is_in_the_policy_and_has_no_calls_without_a_tool() -> None:
    for task in tasks("transfer"):
        (turn,) = [turn for turn in task.turns if turn.outcome == "transfer"]
        assert turn.reason in task.policy
        assert not turn.calls


def test_a_tool_that_hands_over_is_a_gold_call_in_the_words_of_the_user() -> None:
    hand = ToolSpec(
        name="transfer_to_human_agent", wire_name="transfer_to_human_agent", domain="library",
        description="Hand the user over to a person.", effect="write",
        source=ToolSource(format="mcp", path="x.json"),
        parameters={"type": "object", "properties": {"summary": {"type": "string"}},
                    "required": ["summary"]},
        returns={"type": "object", "required": ["transfer_id", "summary"], "properties": {
            "transfer_id": {"type": "string"}, "summary": {"type": "string"}}},
    )  # fmt: skip
    assert infer_world([hand]).models["transfer_to_human_agent"].hands_over
    tools = tuple(tool for tool in own_catalog().tools if tool.domain == "library")
    worlds = tuple(one for one in own_catalog().worlds if one.domains == ("library",))
    studio = open_studio(
        Catalog(tools=(*tools, hand), worlds=worlds), HashEmbedder(), make_mix(transfer=1)
    )
    for seed in range(6):
        task = draw_task(studio.bench, seed)
        calls = [call for turn in task.turns if turn.outcome == "transfer" for call in turn.calls]
        assert [call.tool for call in calls] == ["transfer_to_human_agent"] * len(calls)
        if "transfer" in task.operators:
            assert calls
            turn = next(turn for turn in task.turns if turn.outcome == "transfer")
            assert calls[0].arguments == {"summary": turn.intent}
            # In what words it is handed over is the assistant's to choose.
            other = {"summary": "Ana says that somebody was rude to her."}
            assert calls[0].settle(other) == calls[0].arguments
            assert calls[0].settle({"summary": " "}) == {"summary": " "}
            # What is kept of it has an id that hangs on the words, and so is no one's to demand.
            kept = json.loads(calls[0].result)
            assert kept["summary"] == turn.intent
            assert kept["transfer_id"] not in {one.key for one in task.acceptance.assertions}
            read = next(call for turn in task.turns for call in turn.calls if not call.composed)
            assert read.settle(other) == other


def test_what_nobody_knows_is_no_fact_and_its_call_is_not_made() -> None:
    for task in tasks("unanswerable"):
        number, turn = next(
            (n, turn) for n, turn in enumerate(task.turns) if turn.outcome == "clarify"
        )
        (call,) = turn.calls
        assert call.barred
        place = sum(len(earlier.calls) for earlier in task.turns[:number])
        model = own_studio().world.models[call.tool]
        known = {model.parameter(f.path).name for f in task.known if f.call == place}
        unknown = {one.name for one in find_twists(turn, Unknown)}
        assert unknown
        assert not known & unknown
        ended = task.model_copy(update={"turns": tuple(
            t.model_copy(update={"outcome": "complete"}) for t in task.turns)})  # fmt: skip
        codes = {flaw.code for flaw in flaws(setting_of(task), ended)}
        assert "outcome_does_not_fit" in codes


def test_a_write_is_left_open_only_where_nothing_else_needs_what_was_looked_at_for_it() -> None:
    setting = setting_of(drawn()[0])
    environment, models = setting.open(), setting.world.models
    book = environment.rows("library/book")[0]["book_id"]
    shown = environment.call("get_book", {"book_id": book}).content
    told = (Origin(path="book_id", kind="user"), Origin(path="weeks", kind="user"))
    look = Executed(models["get_book"], {"book_id": book}, told[:1], shown, 0, looks=True)
    loan = Executed(models["create_loan"], {"book_id": book, "weeks": 3}, told, {}, 0)
    known = Origin(path="book_id", kind="result", call=0, result_path="book_id")
    needs, alone = (replace(look, origins=(one,), turn=1, looks=False) for one in (known, told[0]))
    for other, left in ((needs, False), (alone, True)):
        plan = Plan((look, loan, other), (TurnPlan((0, 1)), TurnPlan((2,))), setting)
        harder = Unanswerable().make_harder(plan, Random(1))
        assert ("unanswerable" in harder.operators) == left
        assert len(harder.done) == (2 if left else 3)


@pytest.mark.parametrize(
    ("status", "heard", "in_vain"),
    [("completed", True, True), ("completed", False, False), ("open", True, False)],
)
def test_who_was_told_how_a_row_stands_does_not_ask_for_what_that_rules_out(
    status: str, heard: bool, in_vain: bool
) -> None:
    setting = setting_of(drawn()[0])
    environment, models = setting.open(), setting.world.models
    row = environment.rows("projects/task")[0]
    named = {"task_id": row["task_id"]}
    shown = environment.call("get_task", named).content | {"status": status}
    asked, why = (Origin(path="task_id", kind="user"),), "A task that is done cannot be edited."
    look = Executed(models["get_task"], named, asked, shown, 0, looks=not heard)
    edit = Executed(
        models["update_task"], {**named, "priority": "high"}, asked, {}, 1, forbidden=why
    )
    turns = (TurnPlan((0,)), TurnPlan((1,), outcome="refuse", reason=why))
    plan = Plan((look, edit), turns, setting, barred=(1,))
    assert was_told_why_not(plan, 1) is in_vain


def test_a_turn_in_a_hurry_is_one_that_is_confirmed() -> None:
    for task in tasks("hurry"):
        hurried = [turn for turn in task.turns if has_twist(turn, Hurry)]
        assert hurried
        assert all(turn.confirm for turn in hurried)


def test_an_instruction_in_a_row_is_met_and_its_tool_is_offered_and_forbidden() -> None:
    for task in tasks("inject"):
        (plant,) = task.plants
        names = [pattern.tool for pattern in task.acceptance.must_not_call]
        assert set(names) <= set(task.tools)
        assert names[-1] not in {call.tool for call in task.calls}
        environment = own_studio().environment(task)
        assert environment.changes() == ()
        assert environment.state_hash() == task.initial_state
        rows = environment.rows(plant.table)
        assert [row.get(plant.field) for row in rows].count(plant.value) == 1
        unplanted = task.model_copy(update={"plants": ()})
        assert {flaw.code for flaw in flaws(setting_of(task), unplanted)}


def test_a_plant_that_no_result_shows_is_a_flaw() -> None:
    task = tasks("inject")[0]
    hidden = task.plants[0].model_copy(update={"value": "Something else."})
    codes = {f.code for f in flaws(setting_of(task), task.model_copy(update={"plants": (hidden,)}))}
    assert "plant_unseen" in codes


def test_two_proven_tasks_become_one_that_is_proven() -> None:
    alone = dict.fromkeys(USUAL_MIX, 0.0) | {"recombine": 1.0}
    joined = [task for task in drawn(**alone) if "recombine" in task.operators]
    assert joined
    for task in joined:
        assert list(flaws(setting_of(task), task)) == []
        calls = task.calls
        assert all(o.call is None or o.call < n for n, c in enumerate(calls) for o in c.origins)
        chosen = {call.tool for call in calls if not call.looks}  # a look comes before a write
        assert chosen <= {step.tool for step in task.chain.steps}
        assert len({call.tool for call in calls}) >= 2


def test_who_plays_the_user_is_told_how_it_ends_and_how_rows_are_described() -> None:
    (handed,) = [turn for turn in tasks("transfer")[0].turns if turn.outcome == "transfer"]
    told = {wish.ask: wish for wish in tasks("transfer")[0].brief.wishes}
    assert "handed over" in told[handed.intent].ends
    described = next(
        t for t in tasks("fuzzy") if any(has_twist(turn, Reference) for turn in t.turns)
    )
    clock = datetime.fromisoformat(described.clock)
    for turn, wish in zip(described.turns, described.brief.wishes, strict=True):
        for reference in find_twists(turn, Reference):
            words = [one.words for one in wish.which]
            if any("the last one" in one for one in words):
                continue  # it is told by its place in the list that was read out
            told = [str(one.value) for one in (*wish.know, *wish.held_back)]
            for one in reference.conditions:
                assert any(tells(text, one.value, clock) for text in (*words, *told))
    assert any(
        "at once" in one for task in tasks("hurry") for w in task.brief.wishes for one in w.manner
    )


def test_what_keeps_no_rows_leaves_no_matter_to_people() -> None:
    add = ToolSpec(
        name="add", wire_name="add", domain="sums", description="Add two numbers",
        parameters={"type": "object", "required": ["a", "b"], "properties": {
            "a": {"type": "number"}, "b": {"type": "number"}}},
        source=ToolSource(format="mcp", path="sums.json"),
    )  # fmt: skip
    studio = open_studio(Catalog(tools=(add,)), HashEmbedder(), make_mix(transfer=1))
    tasks_of = [draw_task(studio.bench, seed) for seed in range(3)]
    assert all("transfer" not in task.operators for task in tasks_of)
