"""What has come of one service is entered with another, at the day that its result shows."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from generators.identity_cache import Same
from generators.operators import USUAL_MIX, make_mix
from generators.operators.second_domain import SecondDomain, find_target
from schemas.leaves import leaves
from schemas.task import GoldCall, Task, TaskTurn
from schemas.twists import Noted, find_twists
from tests.studio import own_studio
from tests.worlds import shop

NOTHING_ELSE = dict.fromkeys(USUAL_MIX, 0.0)


@cache
def entered() -> tuple[Task, ...]:
    studio = replace(own_studio(), mix=make_mix(**NOTHING_ELSE | {"second_domain": 1.0}))
    tasks = (studio.task(5, number) for number in range(5))
    return tuple(task for task in tasks if "second_domain" in task.operators)


def entries(task: Task) -> Iterator[tuple[int, TaskTurn, GoldCall]]:
    """The turns that enter something elsewhere, each with its number and its write."""
    for number, turn in enumerate(task.turns):
        if any(one.operator == SecondDomain.name for one in find_twists(turn, Noted)):
            yield number, turn, turn.calls[-1]


def test_what_is_asked_for_is_mostly_got_in_more_than_one_domain() -> None:
    assert len(entered()) >= 4
    assert len({task.domain for task in entered()}) > 1


def test_both_services_stand_in_the_system_message_and_the_task_is_proven() -> None:
    studio = own_studio()
    for task in entered():
        models = [studio.world.models[call.tool] for call in task.calls]
        domains = list(dict.fromkeys(model.tool.domain for model in models))
        assert domains == [task.domain, "calendar"]
        for domain in domains:
            policy = studio.world.domains[domain].policy or ""
            assert policy.partition(".")[0].removeprefix("You are ") in task.policy
    task = entered()[0]
    clock = studio.bench.backend.open(task.environment_seed, task.clock)
    assert clock.state_hash() == task.initial_state


def test_the_day_is_that_of_a_result_just_before_and_the_title_the_users() -> None:
    for task in entered():
        for number, turn, write in entries(task):
            origins = {origin.path: origin for origin in write.origins}
            assert origins["title"].kind == "user"
            day = origins["date"]
            assert day.call is not None
            source = task.calls[day.call]
            assert json.loads(source.result)[day.result_path or ""] == write.arguments["date"]
            assert source in task.turns[number - 1].calls
            assert turn.confirm
            assert task.clock[:10] < write.arguments["date"]


def test_what_is_changed_later_on_is_not_entered() -> None:
    world = own_studio().world
    for task in entered():
        for number, _, write in entries(task):
            day = next(one for one in write.origins if one.path == "date")
            assert day.call is not None
            entity = world.entities[world.models[task.calls[day.call].tool].entity or ""]
            key = json.loads(task.calls[day.call].result)[entity.identity[-1]]
            later = (call for turn in task.turns[number + 1 :] for call in turn.calls)
            assert not any(
                world.models[call.tool].writes and key in dict(leaves(call.arguments)).values()
                for call in later
            )


def test_a_service_without_a_policy_or_a_time_takes_nothing_in() -> None:
    world = own_studio().world
    target = find_target(Same(world), "clinic")
    assert target is not None
    assert target.name == "create_event"
    assert find_target(Same(world), "calendar") is None  # nothing but itself has a time
    silent = {key: one.model_copy(update={"policy": None}) for key, one in world.domains.items()}
    assert find_target(Same(replace(world, domains=silent)), "clinic") is None
    assert find_target(Same(shop()), "shop") is None
