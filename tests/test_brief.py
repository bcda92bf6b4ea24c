"""The brief is all that a player of the user is given, and it is enough for every write."""

import json
from dataclasses import replace
from functools import cache
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.embedding import HashEmbedder
from generators.language.consent import name_price_difference, name_untold
from generators.language.scene import Scene, _own_nouns
from generators.operators import full_grammar, make_mix
from generators.studio import open_studio
from generators.tasks.brief_law import untold
from generators.tasks.write_brief import find_reasons, label_of
from generators.world.infer import infer_world
from schemas.brief import Brief, Known, Meant, Wish
from schemas.demand import Demand, Sight
from schemas.leaves import value_at
from schemas.task import GoldCall, Origin, Person, Task, ToolDemand
from schemas.tool import Catalog
from schemas.twists import Comparison, has_twist
from tests.studio import own_studio, takes
from tests.test_kin_rows import NUMBER, STATE, TEXT, listing, tool
from tests.test_own_worlds import own_catalog

STUDIO = own_studio()
WORLD = STUDIO.world


@cache
def tasks() -> tuple[Task, ...]:
    return tuple(made.trajectory.task for made in takes(40))


def with_wish(task: Task, number: int, wish: Wish) -> Task:
    wishes = task.brief.wishes
    changed = (*wishes[:number], wish, *wishes[number + 1 :])
    return task.model_copy(update={"brief": task.brief.model_copy(update={"wishes": changed})})


def written(task: Task) -> set[int]:
    """The writes, and all calls that they are taken from."""
    found = {n for n, call in enumerate(task.calls) if WORLD.models[call.tool].writes}
    for number in range(len(task.calls) - 1, -1, -1):
        if number in found:
            found |= {o.call for o in task.calls[number].origins if o.call is not None}
    return found


def test_every_leaf_of_every_write_is_told() -> None:
    assert [one for task in tasks() for one in untold(WORLD, task)] == []


def test_there_is_a_wish_for_each_turn_and_nothing_of_a_tool_in_it() -> None:
    for task in tasks():
        assert len(task.brief.wishes) == len(task.turns)
        for wish in task.brief.wishes:
            assert wish.ask
            assert not any(name in wish.ask for name in task.tools if "_" in name)
            labels = [one.label for one in (*wish.know, *wish.held_back)]
            assert not any("_" in one or "[" in one for one in labels)


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_a_value_that_is_left_out_of_the_brief_breaks_the_law(data: st.DataObject) -> None:
    task = data.draw(st.sampled_from(tasks()))
    number = data.draw(st.sampled_from(range(len(task.turns))))
    wish = task.brief.wishes[number]
    needed = [one for one in wish.know if one.call in written(task)]
    if not needed:
        return
    lost = data.draw(st.sampled_from(needed))
    less = wish.model_copy(update={"know": tuple(one for one in wish.know if one is not lost)})
    found = list(untold(WORLD, with_wish(task, number, less)))
    assert (lost.call, lost.path) in [(one.call, one.path) for one in found]


def test_a_row_of_which_nothing_is_said_breaks_the_law() -> None:
    broken = 0
    for task in tasks():
        for number, wish in enumerate(task.brief.wishes):
            if has_twist(task.turns[number], Comparison):
                continue
            silent = with_wish(task, number, wish.model_copy(update={"which": ()}))
            named = {one.call for one in wish.which}
            used = {
                origin.call
                for call in task.turns[number].calls
                if WORLD.models[call.tool].writes
                for origin in call.origins
                if not (task.person and value_at(call.arguments, origin.path) == task.person.key)
            }
            if named & used:
                assert list(untold(WORLD, silent))
                broken += 1
    assert broken


def test_words_that_fit_several_rows_break_the_law() -> None:
    broken = 0
    for task in tasks():
        for number, wish in enumerate(task.brief.wishes):
            vague = tuple(one.model_copy(update={"words": f"the {one.noun}"}) for one in wish.which)
            found = list(
                untold(WORLD, with_wish(task, number, wish.model_copy(update={"which": vague})))
            )
            broken += any("does not tell" in one.why for one in found)
    assert broken


def test_a_rule_that_is_not_told_breaks_the_law() -> None:
    studio = replace(STUDIO, mix=make_mix(compare=0.9))
    compared = [
        (task, number)
        for task in (studio.task(5, index) for index in range(4))
        for number, turn in enumerate(task.turns)
        if has_twist(turn, Comparison)
    ]
    assert compared
    for task, number in compared:
        wish = task.brief.wishes[number].model_copy(update={"prefer": ""})
        assert list(untold(WORLD, with_wish(task, number, wish)))


@pytest.mark.parametrize(
    ("path", "plain"),
    [
        ("passengers[0].first_name", "passenger 1, first name"),
        ("departure_date", "departure date"),
        ("cells[0][2]", "cell 1 3"),
    ],
)
def test_labels_are_plain_words(path: str, plain: str) -> None:
    assert label_of(path) == plain


def test_values_are_written_for_a_reader() -> None:
    yes = Known(call=0, path="breakfast", label="breakfast", value=True)
    assert yes.written == "yes"
    assert Brief().wishes == ()


def test_many_users_say_why_and_some_on_which_occasion() -> None:
    requests = reasons = situations = 0
    for take in takes(30):
        task = take.trajectory.task
        for beat in take.script.user:
            if beat.act in ("request", "choose", "vague_request"):
                requests += 1
                why = task.brief.wishes[beat.turn].why
                reasons += bool(why) and why.casefold() in beat.text.casefold()
        opened = take.script.user[0].text.casefold()
        situations += bool(task.brief.situation) and task.brief.situation.casefold() in opened
    assert reasons >= 0.15 * requests
    assert situations >= 3


def test_a_reason_is_of_the_goal_that_is_served_and_given_once() -> None:
    for task in tasks():
        wishes = [one for n, one in enumerate(task.brief.wishes) if not task.turns[n].elapsed]
        given = [wish.why for wish in wishes if wish.why]
        assert len(given) == len(set(given))
        known = {
            why for service in WORLD.domains.values() for one in service.goals for why in one.why
        }
        assert set(given) <= known


def test_nobody_gives_a_reason_beside_the_one_that_a_tool_asks_for() -> None:
    cancel = WORLD.models["cancel_order"]
    for task in tasks():
        for wish, turn in zip(task.brief.wishes, task.turns, strict=True):
            if any(call.tool == cancel.name for call in turn.calls):
                assert not wish.why


def test_what_a_wish_says_itself_is_no_value_that_the_user_knows() -> None:
    place, named = {"owner": TEXT, "repo": TEXT}, {"issue_number": NUMBER}
    modes = {"method": {"type": "string", "enum": ["get", "get_comments"]}}
    issue = {"type": "object", "properties": {**place, **named, "title": TEXT, "state": STATE}}
    tools = (tool("issue_read", {**modes, **place, **named}, issue),
             tool("list_issues", place, listing("issues", issue["properties"])),
             tool("close_issue", {**place, **named}, issue))  # fmt: skip
    studio = open_studio(Catalog(tools=tools), HashEmbedder(), make_mix())
    drawn = [studio.task(4, index) for index in range(12)]
    read = [one for one in drawn if any(call.tool == "issue_read" for call in one.calls)]
    known = {fact.path for one in read for wish in one.brief.wishes for fact in wish.know}
    assert known == {"owner", "repo", "issue_number"}
    assert not any(True for one in read for _ in untold(studio.world, one))


@pytest.mark.parametrize(("values", "said"), [(["list", "new", "close"], "create a new bookmark"),
                                              (["add", "remove"], "add a bookmark")])  # fmt: skip
def test_which_deed_of_a_tool_is_meant_is_the_verb_of_the_wish(
    values: list[str], said: str
) -> None:
    deed = {"type": "string", "enum": values}
    tools = (tool("bookmarks", {"action": deed, "url": TEXT}, None, f"{said}."),)
    studio = open_studio(Catalog(tools=tools), HashEmbedder(), make_mix(clarify=1.0))
    for task in (studio.task(4, index) for index in range(6)):
        (wish,), (call,) = task.brief.wishes, task.calls
        assert {"action", "url"} == {origin.path for origin in call.origins}
        assert wish.ask.startswith(said)
        assert "action" not in {fact.path for fact in (*wish.know, *wish.held_back)}


@pytest.mark.parametrize(
    ("service", "made", "named"),
    [("projects", "add_comment", "author_name"), ("clinic", "add_patient", "full_name"),
     ("banking", "freeze_card", "holder_name")],
)  # fmt: skip
def test_whoever_writes_is_called_as_their_own_rows_call_them(
    service: str, made: str, named: str
) -> None:
    studio = open_studio(own_catalog(service), HashEmbedder(), make_mix())
    drawn = [studio.task(2, index) for index in range(20)]
    own = [(task, json.loads(call.result)[named]) for task in drawn for call in task.calls
           if call.tool == made and not call.barred]  # fmt: skip
    assert own
    for task, name in own:
        assert task.persona.name == task.brief.who == name


def test_the_day_that_it_is_to_be_is_told_from_the_day_that_it_is() -> None:
    kinds = {"date", "time", "count", "money"}
    found = [
        (parameter.use == "field" and model.operation == "update", known.label)
        for task in tasks() for wish in task.brief.wishes for known in (*wish.know, *wish.held_back)
        for model in [WORLD.models[task.calls[known.call].tool]]
        for parameter in [model.parameter(known.path)] if parameter.semantic in kinds
    ]  # fmt: skip
    assert {new for new, _ in found} == {True, False}
    assert all(label.startswith("new ") == new for new, label in found)


def test_without_a_world_model_a_reason_is_of_the_deed() -> None:
    service = {name: one.model_copy(update={"goals": ()}) for name, one in WORLD.domains.items()}
    bare = replace(WORLD, domains=service)
    found = [
        (call.tool, why)
        for task in tasks()
        for turn, why in zip(task.turns, find_reasons(bare, task, (), Random(1)), strict=True)
        for call in turn.calls[-1:]
        if why
    ]
    assert found
    # One that a tool asks for is the only one.
    asking = {
        name
        for name, model in WORLD.models.items()
        if any("reason" in p.name for p in model.parameters)
    }
    assert asking
    assert not asking & {tool for tool, _ in found}


def test_what_is_the_users_own_is_theirs() -> None:
    own = 0
    for take in takes(40):
        task = take.trajectory.task
        mine = _own_nouns(Scene(WORLD, task, full_grammar(), Random(1)))
        for beat in take.script.user:
            own += any(f"my {noun}" in beat.text for noun in mine)
            if task.person is not None:
                assert f"that {task.person.entity}" not in beat.text
                assert f" of the {task.person.entity} " not in beat.text
    assert own


def test_nobody_names_another_thing_beside_the_one_they_mean() -> None:
    key, listed = {"type": "string"}, {"type": "array", "items": {"type": "string"}}
    result = {"reservation_id": key, "user_id": key}
    world = infer_world([
        tool("get_reservation", {"reservation_id": key}, result),
        tool("get_user", {"user_id": key}, {"user_id": key, "reservation_ids": listed}),
        tool("cancel_reservation", {"reservation_id": key}, result),
    ])  # fmt: skip
    calls = (
        GoldCall(tool="get_reservation", arguments={"reservation_id": "Z75"},
                 origins=(Origin(path="reservation_id", kind="user"),),
                 result='{"reservation_id": "Z75", "user_id": "kim"}'),
        GoldCall(tool="get_user", arguments={"user_id": "kim"},
                 origins=(Origin(path="user_id", kind="result", call=0, result_path="user_id"),),
                 result='{"user_id": "kim", "reservation_ids": ["Z75", "Z76"]}'),
        GoldCall(tool="cancel_reservation", arguments={"reservation_id": "Z76"},
                 origins=(Origin(path="reservation_id", kind="result", call=1,
                                 result_path="reservation_ids[1]"),),
                 result='{"reservation_id": "Z76", "user_id": "kim"}'),
    )  # fmt: skip
    turn = tasks()[0].turns[0].model_copy(update={"calls": calls, "twists": ()})
    own = Meant(call=1, row="reservation_ids[1]", noun="reservation", words="my reservation Z76")
    told = Known(call=0, path="reservation_id", label="reservation ID", value="Z75")
    wish = Wish(ask="cancel my reservation Z76", know=(told,), which=(own,))
    person = Person(entity="user", key="kim", name="Kim")
    update = {"turns": (turn,), "brief": Brief(wishes=(wish,)), "person": person}
    task = tasks()[0].model_copy(update=update)
    assert [one.call for one in untold(world, task)] == [2]


def test_what_is_exchanged_is_named_with_both_prices() -> None:
    key, price = {"type": "string"}, {"type": "number"}
    item = {"type": "object", "properties": {"item_id": key, "name": key, "price": price}}
    items = {"type": "array", "items": item}
    pays = {**key, "description": "The method to pay or receive refund for the price difference."}
    ids = {"type": "array", "items": key}
    order = {"order_id": key, "total_amount": price, "items": items}
    world = infer_world([
        tool("get_order", {"order_id": key}, order),
        tool("exchange_order", {"order_id": key, "item_ids": ids, "new_item_ids": ids,
                                "payment_method_id": pays}, order),
    ])  # fmt: skip
    user = (Origin(path="order_id", kind="user"),)
    lines = [{"item_id": "1", "name": "Kettle, black", "price": 49.95},
             {"item_id": "2", "name": "Kettle, white", "price": 53.95}]  # fmt: skip
    shown = json.dumps({"order_id": "W1", "total_amount": 99.9, "items": lines})
    source = Origin(path="order_id", kind="result", call=0, result_path="order_id")
    change = {"order_id": "W1", "item_ids": ["1"], "new_item_ids": ["2"], "payment_method_id": "g"}
    read, write = {"order_id": "W1"}, "exchange_order"
    calls = (
        GoldCall(tool="get_order", arguments=read, origins=user, result=shown),
        GoldCall(tool=write, arguments=change, origins=(source,), result=shown),
    )
    turn = tasks()[0].turns[0].model_copy(update={"calls": calls, "twists": ()})
    brief = Brief(wishes=(Wish(ask=""),))
    task = tasks()[0].model_copy(update={"turns": (turn,), "brief": brief})
    scene = Scene(world, task, full_grammar(), Random(1))
    ((words, _),) = name_price_difference(scene, 1)
    assert words.endswith("53.95 instead of 49.95")
    sight = Sight(parameter="order_id", row="order_id", argument="order_id")
    told = ("total_amount", "items[].name")
    total = Demand(kind="named", given=(sight,), told=told)
    task = task.model_copy(update={"demands": (ToolDemand(tool=write, demand=total),)})
    scene = Scene(world, task, full_grammar(), Random(1))
    (words, _), (parts, _) = name_untold(scene, 1, "")
    assert words == "total amount 99.90 so far", "it is not what all will cost"
    assert parts.startswith("items: "), "a bare list does not say of what"
    ((words, _),) = name_untold(scene, 1, "Kettle, white; 99.90")
    assert words.endswith("Kettle, black”")


def test_what_ends_a_thing_tells_the_day_that_is_counted_in_seconds() -> None:
    key, shown = {"type": "string"}, {"key_id": "K", "name": "Ivy", "last_used_at": 1768502700}
    row = {"key_id": key, "name": key, "last_used_at": {"type": "integer"}}
    listed = {"keys": {"type": "array", "items": {"type": "object", "properties": row}}}
    world = infer_world([tool("list_keys", {}, listed), tool("delete_key", {"key_id": key}, row)])
    source = Origin(path="key_id", kind="result", call=0, result_path="keys[0].key_id")
    calls = (
        GoldCall(tool="list_keys", arguments={}, origins=(), result=json.dumps({"keys": [shown]})),
        GoldCall(tool="delete_key", arguments={"key_id": "K"}, origins=(source,), result="{}"),
    )
    turn = tasks()[0].turns[0].model_copy(update={"calls": calls, "twists": ()})
    sight = Sight(parameter="", row="key_id", argument="key_id")
    used = Demand(kind="named", given=(sight,), told=("last_used_at",))
    task = tasks()[0].model_copy(
        update={
            "turns": (turn,), "brief": Brief(wishes=(Wish(ask=""),)),
            "demands": (ToolDemand(tool="delete_key", demand=used),),
        }
    )  # fmt: skip
    ((words, _),) = name_untold(Scene(world, task, full_grammar(), Random(1)), 1, "")
    assert "January" in words


def test_no_reason_is_given_for_rows_of_one_state_alone() -> None:
    """Who asks for orders that were sent hears nothing of others: no reason may mean those."""
    before, states = 0, {"list_orders", "list_holds", "list_loans", "list_fines", "list_transfers"}
    for task in tasks():
        why = find_reasons(WORLD, task, (), Random(1))
        narrowed = [
            turn.model_copy(update={"calls": tuple(
                call.model_copy(update={"arguments": {**call.arguments, "status": "sent"}})
                if call.tool in states else call for call in turn.calls)})
            for turn in task.turns
        ]  # fmt: skip
        less = task.model_copy(update={"turns": tuple(narrowed)})
        after = find_reasons(WORLD, less, (), Random(1))
        for turn, one, other in zip(task.turns, why, after, strict=True):
            if any(call.tool in states for call in turn.calls):
                before += bool(one)
                assert not other
    assert before


def test_a_bound_is_told_as_one() -> None:
    bounds = {"minimum": "at least", "maximum": "at most"}
    found = set()
    for task in tasks():
        for known in (one for wish in task.brief.wishes for one in (*wish.know, *wish.held_back)):
            call = task.calls[known.call]
            use = WORLD.models[call.tool].parameter(known.path).use
            assert known.label.endswith(tuple(bounds.values())) == (use in bounds), known
            found.add(bounds.get(use, ""))
    assert "at most" in found
