"""Tasks: their calls really run, and every value comes from where it is said to come from."""

import json
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from generators.embedding import HashEmbedder
from generators.operators import USUAL_MIX, make_mix
from generators.sampling.stream import Drawn
from generators.studio import open_studio
from generators.tasks.draw_task import draw_task
from generators.tasks.outline import is_done_at_once, needs_confirmation
from generators.tasks.plan import MAX_USER_MESSAGES
from generators.world.model import ParameterModel
from schemas.canonical import written_json
from schemas.environment import call_at
from schemas.errors import InputError
from schemas.formats import FORMAT_OF
from schemas.leaves import leaves, value_at
from schemas.record import JsonObject
from schemas.task import GoldCall, Origin, Task
from schemas.tool import Catalog, ToolSource, ToolSpec
from schemas.twists import Recall, Revision, Unknown, Vague, Withheld, find_twists, has_twist
from tests.studio import SEED, Take, draw, drawing, own_catalog, own_studio, takes, where


def turn_of(task: Task) -> list[int]:
    """Number of the turn of each gold call."""
    return [number for number, turn in enumerate(task.turns) for _ in turn.calls]


def split(key: str) -> tuple[int, str]:
    call, _, path = key.partition(":")
    return int(call), path


def same(one: Any, two: Any) -> bool:
    return type(one) is type(two) and one == two


def test_gold_calls_give_the_same_results_and_state_in_a_fresh_sandbox() -> None:
    def wrong(made: Take) -> list[str]:
        task = made.trajectory.task
        sandbox = own_studio().environment(task)
        found = [] if sandbox.state_hash() == task.initial_state else ["initial state"]
        for call in task.calls:
            if call.barred or (call.fault and not call.fault.transient):
                continue
            arguments = json.loads(written_json(call.arguments))
            outcome = call_at(sandbox, call.at, call.tool, arguments)
            if outcome.is_error or written_json(outcome.content) != call.result:
                found.append(call.tool)
        return found + ([] if sandbox.state_hash() == task.final_state else ["final state"])

    assert where(wrong) == []


def test_state_changes_where_something_is_written_and_only_there() -> None:
    models = own_studio().world.models
    for made in takes():
        task = made.trajectory.task
        writes = any(
            models[call.tool].writes
            for call in task.calls
            if not call.barred and (not call.fault or call.fault.transient)
        )
        assert (task.initial_state != task.final_state) == writes


def test_every_leaf_has_one_origin_and_the_origin_gives_it() -> None:
    assert where(lambda made: list(wrong_origins(made.trajectory.task))) == []


def wrong_origins(task: Task) -> list[tuple[int, str]]:
    facts = {(fact.call, fact.path): fact.value for fact in task.known}
    found = []
    for number, call in enumerate(task.calls):
        paths = [path for path, _ in leaves(call.arguments) if path]
        if paths != [origin.path for origin in call.origins]:
            found.append((number, "leaves"))
        for origin in call.origins:
            if not (call.barred or gives(task, number, call, origin, facts)):
                found.append((number, origin.path))
    said = {
        (number, origin.path)
        for number, call in enumerate(task.calls)
        for origin in call.origins
        if origin.kind == "user" and not call.looks and not unknown(task, number, origin)
    }
    return found + [(-1, str(key)) for key in said ^ facts.keys()]


def unknown(task: Task, number: int, origin: Origin) -> bool:
    """Whether the user is asked for it in vain."""
    turn = task.turns[turn_of(task)[number]]
    name = own_studio().world.models[task.calls[number].tool].parameter(origin.path).name
    return turn.outcome == "clarify" and name in {one.name for one in find_twists(turn, Unknown)}


def gives(
    task: Task, number: int, call: GoldCall, origin: Origin, facts: dict[tuple[int, str], Any]
) -> bool:
    """Whether an origin really gives the value of its leaf."""
    value = value_at(call.arguments, origin.path)
    if origin.kind == "user" and call.looks:  # nobody asks for it: it is said for another call
        return any(same(known, value) for known in facts.values())
    if origin.kind == "user":
        known = facts.get((number, origin.path))
        form = FORMAT_OF.get(origin.rule)
        return same(form.apply(str(known)) if form else known, value)
    if origin.kind == "default":
        schema = own_studio().world.models[call.tool].parameter(origin.path).schema
        return any(same(schema[key], value) for key in ("default", "const") if key in schema)
    assert origin.call is not None
    assert origin.result_path is not None
    earlier = task.calls[origin.call]
    return origin.call < number and same(
        value_at(json.loads(earlier.result), origin.result_path), value
    )


def test_user_default_and_result_all_occur_as_origins() -> None:
    kinds = Counter(
        origin.kind
        for made in takes()
        for call in made.trajectory.task.calls
        for origin in call.origins
    )
    assert kinds.keys() >= {"user", "result"}


def test_an_id_that_nobody_carries_in_mind_comes_from_a_result() -> None:
    models = own_studio().world.models

    def known(made: Take) -> list[str]:
        return [
            f"{call.tool}.{origin.path}"
            for call in made.trajectory.task.calls
            for origin in call.origins
            if origin.kind == "user" and unspeakable(models[call.tool].parameter(origin.path))
        ]

    assert where(known) == []


def unspeakable(parameter: ParameterModel) -> bool:
    return parameter.opaque and parameter.use in ("identity", "reference")


def test_calls_that_may_be_made_at_once_need_nothing_of_each_other() -> None:
    models = own_studio().world.models
    parallel = 0
    for made in takes():
        start = 0
        for turn in made.trajectory.task.turns:
            groups = [call.group for call in turn.calls]
            assert groups == sorted(groups)
            for group in set(groups):
                batch = [start + n for n, number in enumerate(groups) if number == group]
                calls = [made.trajectory.task.calls[n] for n in batch]
                used = {origin.call for call in calls for origin in call.origins}
                assert not used & set(batch)
                assert len(batch) == 1 or not any(models[c.tool].writes for c in calls)
                parallel += len(batch) > 1
            start += len(turn.calls)
    assert parallel


def test_the_user_speaks_eight_times_at_most_and_twice_at_least() -> None:
    spoken = [
        sum(message.role == "user" for message in made.trajectory.messages) for made in takes()
    ]
    assert max(spoken) <= MAX_USER_MESSAGES == 10
    assert min(spoken) >= 2
    assert sum(spoken) / len(spoken) >= 3


def test_a_fault_is_planned_for_at_most_one_call() -> None:
    faulted = [[call for call in made.trajectory.task.calls if call.fault] for made in takes()]
    assert max(map(len, faulted)) == 1
    assert any(faulted)
    for made, calls in zip(takes(), faulted, strict=True):
        operators = made.trajectory.task.operators
        assert ("fault" in operators or "delayed" in operators) == bool(calls)


def test_what_is_withheld_is_needed_and_known_to_the_user() -> None:
    models = own_studio().world.models
    count = 0
    for made in takes():
        task = made.trajectory.task
        turns, facts = turn_of(task), {(fact.call, fact.path) for fact in task.known}
        for number, turn in enumerate(task.turns):
            held = find_twists(turn, Withheld)
            assert len(set(held)) == len(held)
            for one in held:
                assert turns[one.call] == number
                assert (one.call, one.path) in facts
                assert models[task.calls[one.call].tool].parameter(one.path).required
            assert held or not has_twist(turn, Vague)
            assert not (held and has_twist(turn, Unknown))
            count += len(held)
    assert count


def test_what_is_unknown_is_an_id_that_a_call_of_the_turn_finds() -> None:
    models = own_studio().world.models
    studio = replace(own_studio(), mix=make_mix(**dict.fromkeys(USUAL_MIX, 0.0) | {"unknown": 1.0}))
    count = 0
    for task in (studio.task(SEED, index) for index in range(6)):
        turns = turn_of(task)
        for number, turn in enumerate(task.turns):
            fed = {
                models[call.tool].parameter(origin.path).name
                for call in turn.calls
                for origin in call.origins
                if origin.kind == "result" and turns[origin.call or 0] == number
            }
            if turn.outcome == "clarify":
                continue
            asked = {one.name for one in find_twists(turn, Unknown)}
            assert asked <= fed
            count += len(asked)
    assert count


def test_a_change_of_mind_is_about_a_fact_and_first_says_something_else() -> None:
    count = 0
    for made in takes():
        task, turns = made.trajectory.task, turn_of(made.trajectory.task)
        facts = {(fact.call, fact.path): fact.value for fact in task.known}
        for number, turn in enumerate(task.turns):
            for revision in find_twists(turn, Revision):
                leaf = (revision.call, revision.path)
                assert turns[revision.call] == number
                assert turn.confirm
                assert type(revision.first) is type(facts[leaf])
                assert revision.first != facts[leaf]
                assert leaf not in {(one.call, one.path) for one in find_twists(turn, Withheld)}
                count += 1
    assert count


def test_whatever_loses_something_is_confirmed() -> None:
    tools = own_studio().catalog.by_name
    for made in takes():
        for turn in made.trajectory.task.turns:
            if any(tools[c.tool].destructive and not c.barred for c in turn.calls):
                assert turn.confirm
            if turn.confirm:
                assert any(tools[call.tool].effect == "write" for call in turn.calls)


def test_all_needed_tools_are_offered_among_others() -> None:
    known = {tool.wire_name for tool in own_catalog().tools}
    places = Counter[bool]()
    for made in takes():
        task = made.trajectory.task
        needed = {call.tool for call in task.calls}
        assert needed < set(task.tools) <= known
        assert len(set(task.tools)) == len(task.tools)
        assert [tool.wire_name for tool in made.trajectory.tools] == list(task.tools)
        places[task.tools[0] in needed] += 1
    assert places.keys() == {True, False}


def test_a_refused_turn_has_no_calls_and_asks_for_none_of_the_offered_tools() -> None:
    idle = [turn for made in takes() for turn in made.trajectory.task.turns if not turn.calls]
    refused = [turn for turn in idle if turn.outcome not in ("transfer", "clarify")]
    refused = [turn for turn in refused if not has_twist(turn, Recall)]
    assert refused
    for turn in refused:
        assert turn.outcome == "refuse"
        assert turn.intent
        assert not turn.twists
        assert not turn.confirm


def test_the_chain_of_a_task_is_what_its_calls_follow() -> None:
    for made in takes():
        task = made.trajectory.task
        steps = Counter(step.tool for step in task.chain.steps)
        if not {"compare", "fuzzy"} & set(task.operators):  # these look up more
            assert {call.tool for call in task.calls if not call.looks} <= steps.keys()
        assert sorted(n for turn in task.chain.turns for n in turn) == list(
            range(len(task.chain.steps))
        )


@pytest.mark.parametrize("seed", range(8))
def test_a_seed_always_gives_the_same_task(seed: int) -> None:
    one, two = (draw_task(own_studio().bench, seed).model_dump_json() for _ in range(2))
    assert one == two


def test_other_seeds_give_other_tasks() -> None:
    assert len({made.trajectory.task.id for made in takes()}) == len(takes())
    assert len({made.trajectory.task.domain for made in takes()}) == 8


def test_a_mix_decides_how_often_an_operator_is_used() -> None:
    shares = list(USUAL_MIX)
    never = make_mix(**dict.fromkeys(shares, 0.0))
    one_at_a_time = {"compare": 0.0, "ellipsis": 0.0, "recall": 0.0, "stale": 0.0, "vague": 0.3}
    always = make_mix(**(dict.fromkeys(shares, 1.0) | one_at_a_time))
    for task in draw(8, **never):
        assert set(task.operators) <= {"parallel", "implicit", "missions", "stale"}
        assert not any(call.fault for call in task.calls)
        assert not any(turn.twists for turn in task.turns)
    drawn = draw(8, **always)
    for operator in ("clarify", "fault", "unsupported"):
        assert any(operator in task.operators for task in drawn), operator
    # Few calls hang on an id that people have, and few turns have room for a second thought.
    for operator, count in (("unknown", 60), ("revise", 20)):
        alone = make_mix(**(dict.fromkeys(shares, 0.0) | {operator: 1.0}))
        assert any(operator in task.operators for task in drawing(count, **alone)), operator


def catalog_of(*parameters: JsonObject) -> Catalog:
    tools = tuple(
        ToolSpec(
            name=f"get_thing_{number}", wire_name=f"get_thing_{number}", parameters=schema,
            domain="odd", source=ToolSource(format="mcp", path="odd.json"), effect="read",
        )
        for number, schema in enumerate(parameters)
    )  # fmt: skip
    return Catalog(tools=tools)


NO_TASK = r"no tool can be called|no task could be made|nobody would come for any"


def wants_only(schema: JsonObject) -> JsonObject:
    return {"type": "object", "properties": {"x": schema}, "required": ["x"]}


@pytest.mark.parametrize(
    "catalog",
    [
        catalog_of(),
        catalog_of(wants_only({"type": "null"})),
        catalog_of(wants_only({"type": "object", "properties": {}})),
        catalog_of(wants_only({"not": {}})),
    ],
    ids=["no tools", "null", "empty object", "nothing fits"],
)
def test_a_catalogue_of_which_no_task_can_be_made_is_an_input_error(catalog: Catalog) -> None:
    studio = open_studio(catalog, HashEmbedder())
    with pytest.raises(InputError, match=NO_TASK) as error:
        draw_task(studio.bench, 1)
    assert "\n" not in str(error.value)


def test_words_that_nobody_would_choose_mark_their_task() -> None:
    from tests.test_inference import TEXT, rows, tool

    reading = {"reading": {"type": "number"}}
    tools = (  # the list has nothing that a person calls a gauge by
        tool("list_gauges", {}, returns=rows("gauges", gauge_id=TEXT, **reading)),
        tool("delete_gauge", {"gauge_id": TEXT}),
    )
    few = open_studio(Catalog(tools=tools), HashEmbedder())
    drawn = [draw_task(few.bench, seed, last_resort=lambda: True) for seed in range(2)]
    called = {task.stiff: [call.tool for call in task.calls] for task in drawn}
    assert "delete_gauge" in called["unnameable_row",]
    assert all(made.trajectory.task.stiff == () for made in takes())


def test_a_card_is_frozen_at_once_whatever_else_is_confirmed() -> None:
    world = own_studio().world
    assert not needs_confirmation(world, world.models["freeze_card"])
    assert is_done_at_once(world, world.models["freeze_card"])
    assert needs_confirmation(world, world.models["send_transfer"])
    service = {key: one.model_copy(update={"rules": ()}) for key, one in world.domains.items()}
    bare = replace(world, domains=service)  # a card that is blocked pays nothing
    assert not needs_confirmation(bare, bare.models["freeze_card"])
    bench = own_studio().bench
    sure = replace(bench, mix={**bench.mix, "confirm_all": 1.0})
    chains = [bench.sampler.sample(seed, "freeze_card") for seed in range(4)]
    drawn = [draw_task(sure, n, Drawn(one, "freeze_card")) for n, one in enumerate(chains)]
    frozen = [
        turn for task in drawn for turn in task.turns
        if any(call.tool == "freeze_card" for call in turn.calls)
    ]  # fmt: skip
    assert frozen
    assert not any(turn.confirm for turn in frozen)
