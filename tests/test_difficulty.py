"""Difficulty operators: what each adds is true, is said, and can be told from what is wrong."""

import asyncio
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from random import Random

import pytest

from benchmarks.difficulty import EFFECTS, Effect, rows, unmeasured
from generators.embedding import HashEmbedder
from generators.language.comparison import superlative
from generators.lexicon.names import in_words
from generators.operators import USUAL_MIX, make_mix, script_of
from generators.operators.delayed import Delayed
from generators.operators.stale import Stale
from generators.sandbox.row_states import final_states
from generators.sandbox.row_values import equals
from generators.studio import open_studio
from generators.tasks.clock import Setting
from generators.tasks.feeding import Executed
from generators.tasks.needed_reads import HOLDS_FOR
from generators.tasks.plan import Plan, TurnPlan, batches
from generators.tasks.plan_changes import insert_turn
from generators.tasks.proof import flaws
from generators.world.infer import infer_world
from schemas.environment import call_at
from schemas.leaves import leaves, value_at
from schemas.message import AssistantMessage, ToolMessage, UserMessage
from schemas.record import JsonObject
from schemas.task import CallPattern, GoldCall, MustSay, Task, TaskTurn
from schemas.tool import Catalog
from schemas.trajectory import Roles, Trajectory
from schemas.twists import (
    Comparison,
    Condition,
    LeansOn,
    Recall,
    Reference,
    SmallTalk,
    find_twist,
    find_twists,
    has_twist,
)
from tests.studio import own_studio
from tests.test_kin_rows import NUMBER, STATE, TEXT, listing, tool
from validators.checks import examine

COUNT = 5
NAMES = ("compare", "fuzzy", "ellipsis", "recall", "stale", "delayed")


def only(name: str) -> Mapping[str, float]:
    """A mix that tries one operator in each conversation, and no other."""
    shares = dict.fromkeys(USUAL_MIX, 0.0)
    return make_mix(**(shares | {name: 1.0}))


@cache
def made(name: str, first: int = 0) -> tuple[Trajectory, ...]:
    """Conversations that have the operator, examined."""
    studio = replace(own_studio(), mix=only(name))
    played = [
        asyncio.run(studio.candidate(3, index, studio.scripted, Roles())).trajectory
        for index in range(first, first + COUNT)
    ]
    having = [one for one in played if name in one.task.operators]
    return tuple(examine(one, studio.environment) for one in having)


def setting(task: Task) -> Setting:
    return Setting(own_studio().backend, task.environment_seed, datetime.fromisoformat(task.clock))


def turns(name: str) -> list[tuple[Trajectory, int, TaskTurn]]:
    return [(one, n, turn) for one in made(name) for n, turn in enumerate(one.task.turns)]


def user_words(one: Trajectory, turn: int) -> str:
    said = [m.text for m in one.messages if isinstance(m, UserMessage) and m.turn == turn]
    return " ".join(said)


@pytest.mark.parametrize("name", NAMES)
def test_an_operator_finds_places_and_what_it_makes_is_proven_and_accepted(name: str) -> None:
    assert made(name)
    for one in made(name):
        assert list(flaws(setting(one.task), one.task)) == []
        assert one.accepted, one.reasons


def test_a_description_fits_one_row_of_the_state_and_is_what_the_user_says() -> None:
    described = [
        (one, n, ref) for one, n, turn in turns("fuzzy") for ref in find_twists(turn, Reference)
    ]
    assert described
    for one, number, reference in described:
        environment = setting(one.task).open()
        for call in one.task.calls[: reference.call]:
            call_at(environment, call.at, call.tool, call.arguments)
        fitting = [
            row
            for row in environment.rows(reference.table)
            if all(equals(row.get(c.field), c.value) for c in reference.conditions)
        ]
        assert len(fitting) == 1
        assert 1 <= len(reference.conditions) <= 3
        value = value_at(one.task.calls[reference.call].arguments, reference.path)
        assert str(value) not in user_words(one, number)


def test_what_a_page_no_longer_shows_is_not_said_to_be_gone() -> None:
    note = {"note_id": TEXT, "title": TEXT}
    shown = listing("notes", note)
    shown["properties"]["total_count"] = NUMBER
    lists = tool("list_notes", {}, shown, "List notes.").model_copy(update={"page_rows": 3})
    one = {"type": "object", "properties": note, "required": [*note]}
    writes = (
        tool("create_note", {"title": TEXT}, one, "Create a note."),
        tool("delete_note", {"note_id": TEXT}, None, "Delete a note."),
    )
    studio = replace(
        open_studio(Catalog(tools=(lists, *writes)), HashEmbedder()), mix=only("stale")
    )
    moved = 0
    for index in range(12):
        task = studio.task(3, index)
        read = [json.loads(one.result) for one in task.calls if one.tool == "list_notes"]
        if not task.asks_again(len(task.turns) - 1) or read[0] == read[-1]:
            continue
        moved += 1
        *_, last = (b for b in script_of(studio.world, task).assistant if b.act == "report")
        assert not last.text.startswith(("New ", "No longer", "Changed")), last.text
    assert moved


@pytest.mark.parametrize("most", [None, 3])
def test_what_a_page_shows_is_described_by_its_name(most: int | None) -> None:
    """That nothing else is due on that day shows in a whole list alone."""
    task = {"task_id": TEXT, "title": TEXT, "due_date": {"type": "string", "format": "date"}}
    shown = listing("tasks", task)
    shown["properties"]["total_count"] = NUMBER
    lists = tool("list_tasks", {}, shown, "List all tasks.")
    removes = tool("delete_task", {"task_id": TEXT}, None, "Delete a task.")
    tools = (lists.model_copy(update={"page_rows": most}), removes)
    studio = replace(open_studio(Catalog(tools=tools), HashEmbedder()), mix=only("fuzzy"))
    told = [
        {one.field for one in reference.conditions}
        for index in range(12)
        for turn in studio.task(3, index).turns
        for reference in find_twists(turn, Reference)
    ]
    assert told
    assert all("title" in one for one in told) is (most is not None)


def test_a_description_that_fits_two_rows_is_a_flaw() -> None:
    one, number, reference = next(
        (one, n, ref) for one, n, turn in turns("fuzzy") for ref in find_twists(turn, Reference)
    )
    rows_there = setting(one.task).open().rows(reference.table)
    fields_there = [
        (name, value)
        for name, value in rows_there[0].items()
        if isinstance(value, str | int) and sum(r.get(name) == value for r in rows_there) > 1
    ]
    name, value = fields_there[0]
    vague = reference.model_copy(update={"conditions": (Condition(field=name, value=value),)})
    turn = one.task.turns[number].model_copy(update={"twists": (vague,)})
    task = one.task.model_copy(
        update={"turns": (*one.task.turns[:number], turn, *one.task.turns[number + 1 :])}
    )
    assert "ambiguous_reference" in {flaw.code for flaw in flaws(setting(task), task)}


def compared_turns() -> list[tuple[Trajectory, int, TaskTurn]]:
    return [found for found in turns("compare") if has_twist(found[2], Comparison)]


def test_compared_reads_come_before_their_write_and_its_row_is_the_only_best() -> None:
    for one, number, turn in compared_turns():
        comparison = find_twist(turn, Comparison)
        assert comparison is not None
        write = one.task.calls[comparison.call]
        assert own_studio().world.models[write.tool].writes
        assert 2 <= len(comparison.calls) <= 4
        assert max(comparison.calls) < comparison.call
        origin = next(o for o in write.origins if o.path == comparison.path)
        assert origin.rule == f"{comparison.rule} {comparison.field.rpartition('[].')[2]}"
        assert str(value_at(write.arguments, comparison.path)) not in user_words(one, number)


def test_another_rule_or_another_row_is_a_flaw() -> None:
    opposite = {"least": "most", "most": "least", "earliest": "latest", "latest": "earliest"}
    one, number, turn = compared_turns()[0]
    comparison = find_twist(turn, Comparison)
    assert comparison is not None
    wrong = comparison.model_copy(update={"rule": opposite[comparison.rule]})
    changed = turn.model_copy(update={"twists": (wrong,)})
    task = one.task.model_copy(
        update={"turns": (*one.task.turns[:number], changed, *one.task.turns[number + 1 :])}
    )
    assert "wrong_comparison" in {flaw.code for flaw in flaws(setting(task), task)}


def test_who_writes_about_another_row_than_the_best_is_rejected() -> None:
    for one, _, turn in compared_turns():
        comparison = find_twist(turn, Comparison)
        assert comparison is not None
        gold = one.task.calls[comparison.call]
        messages = tuple(_mistaken(m, gold, comparison.path) for m in one.messages)
        wrong = examine(one.model_copy(update={"messages": messages}), own_studio().environment)
        assert not wrong.accepted
        assert "wrong_arguments" in wrong.reasons


def _mistaken(message: object, gold: GoldCall, path: str) -> object:
    if not isinstance(message, AssistantMessage):
        return message
    calls = tuple(
        call.model_copy(update={"arguments": {**call.arguments, path: "another"}})
        if call.name == gold.tool and call.arguments == gold.arguments
        else call
        for call in message.calls
    )
    return message.model_copy(update={"calls": calls})


def test_a_short_question_says_only_what_differs_and_the_rest_is_grounded_earlier() -> None:
    leaning = [found for found in turns("ellipsis") if has_twist(found[2], LeansOn)]
    assert leaning
    for one, number, turn in leaning:
        assert find_twists(turn, LeansOn) == (LeansOn(turn=number - 1),)
        call = turn.calls[0]
        before = next(c for c in one.task.turns[number - 1].calls[::-1] if c.tool == call.tool)
        known = dict(leaves(before.arguments))
        differing = [path for path, value in leaves(call.arguments) if known[path] != value]
        assert len(differing) == 1
        patterns = [must for must in one.task.acceptance.must_call if must.turn == number]
        assert [must.tool for must in patterns] == [call.tool]
        asked = next(m for m in one.messages if m.role == "user" and m.turn == number)
        calls = [c for m in one.messages if isinstance(m, AssistantMessage) and m.turn == number
                 for c in m.calls]  # fmt: skip
        for source in calls[0].provenance:
            if source.source.kind == "user":
                assert (source.source.message == asked.index) == (source.path in differing)


def test_a_bare_address_is_asked_for_by_what_about() -> None:
    page = {"type": "object", "properties": {"title": TEXT, "content": TEXT}}
    fetch = tool("fetch_content", {"url": {**TEXT, "format": "uri"}}, page, "Fetch a web page.")
    studio = open_studio(Catalog(tools=(fetch,)), HashEmbedder(), only("ellipsis"))
    asked = []
    for index in range(12):
        task = studio.task(3, index)
        numbers = [n for n, turn in enumerate(task.turns) if has_twist(turn, LeansOn)]
        said = {beat.turn: beat.text for beat in script_of(studio.world, task).user[::-1]}
        asked += [said[n] for n in numbers]
    assert asked
    assert all(re.match(r"(And|and|And what about|What about) https?://", one) for one in asked)


def test_a_value_asked_for_again_still_holds_and_is_answered_without_a_call() -> None:
    again = [found for found in turns("recall") if has_twist(found[2], Recall)]
    assert again
    for one, number, turn in again:
        assert not turn.calls
        assert turn.elapsed < HOLDS_FOR
        must = next(m for m in one.task.acceptance.must_say if m.turn == number)
        held = json.loads(one.task.calls[must.call].result)
        assert value_at(held, must.path) == must.value
        assert not any(isinstance(m, ToolMessage) for m in one.messages if m.turn == number)


def test_after_hours_the_read_is_made_again_and_the_clock_has_moved() -> None:
    aged = [found for found in turns("stale") if found[2].elapsed > HOLDS_FOR]
    assert aged
    for one, number, turn in aged:
        begun = next(m for m in one.messages if m.role == "user" and m.turn == number)
        before = one.messages[begun.index - 1]
        gap = datetime.fromisoformat(begun.timestamp) - datetime.fromisoformat(before.timestamp)
        assert abs(gap.total_seconds() - turn.elapsed) <= 240
        assert datetime.fromisoformat(begun.timestamp).date().isoformat() == one.task.clock[:10]
        assert "hours" in user_words(one, number)
        models = own_studio().world.models
        asked = {call.tool for call in turn.calls if not models[call.tool].writes}
        assert asked <= {must.tool for must in one.task.acceptance.must_call}
        assert f"{HOLDS_FOR // 60} minutes" in one.task.policy


def test_who_asks_again_after_hours_says_why_or_asks_how_it_stands() -> None:
    again = [found for found in turns("stale") if found[0].task.asks_again(found[1])]
    assert again
    for one, number, _ in again:
        words, why = user_words(one, number), one.task.brief.wishes[number].why
        assert why
        (call,) = one.task.turns[number].calls
        model = own_studio().world.models[call.tool]
        entity = own_studio().world.entities[model.entity or ""]
        if model.operation == "get":
            state = str(json.loads(call.result).get(entity.state_field or "", ""))
            assert in_words(state) not in final_states(entity)
        assert why.casefold() in words.casefold() or re.search(r"\bnow\b|\bby now\b", words)


def test_what_stays_as_it_is_is_not_looked_up_again_but_lists_are() -> None:
    place, row = {"owner": TEXT}, {"tag": TEXT, "name": TEXT}
    one = {"type": "object", "properties": row, "required": [*row]}
    world = infer_world([
        tool("list_releases", place, listing("releases", row)),
        tool("get_release", {**place, "tag": TEXT}, one),
        tool("get_issue", {**place, "issue_number": NUMBER}, {"type": "object", "properties": {
            "issue_number": NUMBER, "title": TEXT, "state": STATE}}),
    ])  # fmt: skip
    allowed = {name for name, model in world.models.items() if Stale().allows(world, model)}
    assert allowed == {"list_releases", "get_issue"}


def test_what_is_not_ready_is_asked_for_again_after_other_work() -> None:
    for one in made("delayed"):
        late = next(m for m in one.messages if isinstance(m, ToolMessage) and m.fault)
        gold = next(call for call in one.task.calls if call.fault)
        after = [
            call
            for m in one.messages[late.index :]
            if isinstance(m, AssistantMessage)
            for call in m.calls
        ]
        place = next(n for n, call in enumerate(after) if call.arguments == gold.arguments
                     and call.name == gold.tool)  # fmt: skip
        assert place >= 1, "something else is done meanwhile"
        assert gold.tool in {must.tool for must in one.task.acceptance.must_call}


def test_the_other_of_two_reads_that_were_made_at_once_is_made_while_one_is_late() -> None:
    task = made("delayed")[0].task
    reader = own_studio().world.models["get_product"]
    first = Executed(reader, {"product_id": "a"}, (), {"product_id": "a"}, 0)
    both = (first, replace(first, arguments={"product_id": "b"}, twin=True))
    plan = Plan(both, (TurnPlan((0, 1)),), setting(task))
    assert batches(plan) == {0: 0, 1: 0}
    late = Delayed().make_harder(plan, Random(1))
    assert [call for call, _ in late.faults] == [0]
    assert batches(late) == {0: 0, 1: 1}


def made_of(plan: Plan, name: str, arguments: JsonObject) -> JsonObject:
    """What a tool answers in the plan's world."""
    outcome = plan.environment().call(name, arguments)
    assert not outcome.is_error
    return dict(outcome.content)


@pytest.mark.parametrize("same", [True, False])
def test_nothing_is_booked_while_its_look_up_is_late(same: bool) -> None:
    models = own_studio().world.models
    empty = Plan((), (), setting(made("delayed")[0].task))
    lists = (empty.environment().call("search_hotels", {"city": city}).content["hotels"]
             for city in ("London", "Berlin", "Paris", "Vienna", "Lisbon", "Rome"))  # fmt: skip
    found = next(hotels for hotels in lists if len(hotels) > 1)
    asked, booked = found[0]["hotel_id"], found[0 if same else 1]["hotel_id"]
    named = {"hotel_id": asked}
    stay = {"hotel_id": booked, "check_in_date": "2027-02-01", "nights": 2, "guests": 1,
            "room_type": "single_room", "guest_email": "jo@example.org"}  # fmt: skip
    both = (
        Executed(models["get_hotel"], named, (), made_of(empty, "get_hotel", named), 0),
        Executed(models["book_hotel"], stay, (), made_of(empty, "book_hotel", stay), 1),
    )
    plan = replace(empty, done=both, turns=(TurnPlan((0,)), TurnPlan((1,))))
    assert bool(Delayed().make_harder(plan, Random(1)).faults) is not same


def test_an_answer_that_is_never_asked_for_again_is_not_recovered() -> None:
    one = made("delayed")[0]
    gold = next(call for call in one.task.calls if call.fault)
    struck = next(m for m in one.messages if isinstance(m, ToolMessage) and m.fault)
    kept = []
    gone: set[str] = set()
    for message in one.messages:
        if isinstance(message, AssistantMessage) and message.index > struck.index:
            again = [c for c in message.calls if c.name == gold.tool]
            gone |= {c.id for c in again if c.arguments == gold.arguments}
            if again and gone:
                continue
        if isinstance(message, ToolMessage) and message.call_id in gone:
            continue
        if isinstance(message, AssistantMessage) and message.act == "report_failure":
            message = message.model_copy(update={"act": "report"})
        kept.append(message)
    wrong = examine(one.model_copy(update={"messages": tuple(kept)}), own_studio().environment)
    assert "unrecovered_fault" in wrong.reasons


def test_every_operator_of_the_tasks_has_a_measure_and_shows_its_effect() -> None:
    plain = replace(own_studio(), mix=make_mix(**dict.fromkeys(USUAL_MIX, 0.0)))
    tasks = [plain.task(3, index) for index in range(12)]
    hard = [one.task for name in NAMES for one in made(name)]
    assert unmeasured(tasks + hard) == set()
    for row in rows(tasks + hard, own_studio().world):
        assert row.operator not in NAMES or row.shows, str(row)


def test_an_operator_without_effect_is_told() -> None:
    first = EFFECTS[0].mark
    task = next(one.task for one in made("recall") if first not in one.task.operators)
    silent = Effect("recall", "nothing", lambda *_: 1.0)
    assert silent in (*EFFECTS, silent)
    assert unmeasured([task.model_copy(update={"operators": ("unheard",)})]) == {"unheard"}
    assert not rows([task], own_studio().world)[0].shows


@pytest.mark.parametrize(
    ("field", "semantic", "rule", "words"),
    [
        ("price", "money", "least", "the cheapest flight"),
        ("rating", "rating", "most", "the best rated flight"),
        ("score", "rating", "most", ""),  # how well it fits what was looked for
        ("duration_minutes", "duration", "least", "the flight with the shortest duration"),
        ("start_date", "date", "earliest", "the flight with the earliest start date"),
        ("weight_of", "number", "most", ""),
    ],
)
def test_superlatives_are_said_as_people_say_them(
    field: str, semantic: str, rule: str, words: str
) -> None:
    assert superlative("flight", field, semantic, rule) == words  # type: ignore[arg-type]


def test_a_turn_that_is_put_in_moves_all_that_speaks_of_turns() -> None:
    say = MustSay(turn=1, call=0, path="x", value=1)
    call = CallPattern(tool="t", turn=0)
    plan = Plan(
        (), (TurnPlan(()), TurnPlan((), twists=(LeansOn(turn=0),))),
        setting(made("recall")[0].task),
        must_say=(say,), must_call=(call, call.model_copy(update={"turn": None})),
    )  # fmt: skip
    longer = insert_turn(plan, 0, TurnPlan((), "hello", twists=(SmallTalk(),)))
    assert [turn.twists for turn in longer.turns[1:]] == [(), (LeansOn(turn=1),)]
    assert [must.turn for must in longer.must_say] == [2]
    assert [must.turn for must in longer.must_call] == [1, None]
    last = insert_turn(plan, 2, TurnPlan((), "hello", twists=(SmallTalk(),)))
    assert (last.must_say, last.must_call) == (plan.must_say, plan.must_call)


def test_each_row_that_is_compared_is_looked_up_once_and_often_another_is_chosen() -> None:
    others = 0
    for task in (one.task for one in (*made("compare"), *made("compare", COUNT))):
        comparison = next(one for turn in task.turns for one in find_twists(turn, Comparison))
        looked = [str(task.calls[call].arguments) for call in comparison.calls]
        assert len(set(looked)) == len(looked)
        origin = next(
            one for one in task.calls[comparison.call].origins if one.path == comparison.path
        )
        others += not (origin.result_path or "").split(".")[0].endswith("[0]")
    assert others


def test_who_asks_again_is_told_that_nothing_has_changed() -> None:
    same = 0
    for one, number, turn in turns("stale"):
        if one.task.asks_again(number):
            (call,) = turn.calls
            before = [
                c for c in one.task.calls if (c.tool, c.arguments) == (call.tool, call.arguments)
            ]
            beats = script_of(own_studio().world, one.task).assistant
            last = [beat.text for beat in beats if beat.turn == number and beat.act == "report"][-1]
            alike = json.loads(before[-2].result) == json.loads(call.result)
            said = last.startswith(("Nothing has changed", "It is all as", "That hasn't changed"))
            assert said == alike
            same += alike
    assert same


def test_who_lists_again_is_told_what_they_have_put_in_changed_or_taken_out() -> None:
    contact = {"contact_id": TEXT, "name": TEXT, "email": TEXT}
    one = {"type": "object", "properties": contact, "required": [*contact]}
    gone = {"type": "object", "properties": {"deleted": {"type": "boolean"}}}
    known, email = {"contact_id": TEXT}, {"email": TEXT}
    tools = (
        tool("list_contacts", {}, listing("contacts", contact), "List all contacts."),
        tool("create_contact", {"name": TEXT, "email": TEXT}, one, "Create a contact."),
        tool("update_contact", known | email, one, "Change the e-mail of a contact."),
        tool("delete_contact", known, gone, "Delete a contact."),
    )
    studio = replace(open_studio(Catalog(tools=tools), HashEmbedder()), mix=only("stale"))
    heads = set()
    for index in range(9):
        task = studio.task(3, index)
        turn, listed = len(task.turns) - 1, json.loads(task.calls[0].result)
        if not task.asks_again(turn) or len(task.calls) != len(tools) - 1:
            continue
        *_, last = (b for b in script_of(studio.world, task).assistant if b.act == "report")
        names = {row["contact_id"]: row["name"] for row in listed["contacts"]}
        made = task.calls[1]
        name = names.get(made.arguments.get("contact_id", ""), made.arguments.get("name"))
        heads.add((made.tool, last.text.partition(f": {name}. ")[0]))
    said = {
        "create_contact": ("New since then", "New on the list"),
        "update_contact": ("Changed since then",),
        "delete_contact": ("No longer there", "No longer on the list"),
    }
    assert {tool for tool, _ in heads} == {*said}
    assert all(start in said[tool] for tool, start in heads)


@pytest.mark.parametrize(("said", "whole"), [("", True), (" Returns up to 4 contacts.", False)])
def test_of_a_full_page_it_is_not_said_that_nothing_has_changed(said: str, whole: bool) -> None:
    contact = {"contact_id": TEXT, "name": TEXT}
    shown = {"type": "array", "items": {"type": "object", "properties": contact}}
    find = tool("list_contacts", {}, shown, f"List the contacts.{said}")
    studio = replace(open_studio(Catalog(tools=(find,)), HashEmbedder()), mix=only("stale"))
    heads = set()
    for index in range(9):
        task = asyncio.run(studio.candidate(3, index, studio.scripted, Roles())).trajectory.task
        if task.asks_again(len(task.turns) - 1):
            *_, last = (b for b in script_of(studio.world, task).assistant if b.act == "report")
            heads.add(last.text.partition(". ")[0])
    assert heads
    assert any(one.endswith("the same as before") for one in heads) != whole
