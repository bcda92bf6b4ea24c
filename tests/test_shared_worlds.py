"""Candidates share worlds: which one follows from their number, and they stay different tasks."""

from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.embedding import HashEmbedder
from generators.sampling.stream import Turn
from generators.studio import open_studio
from generators.tasks.clock import MOST_SHARING, count_sharing, shared_start, start_of
from generators.tasks.draw_task import draw_task
from generators.world.infer import infer_world
from schemas.task import Task
from tests.studio import own_catalog, own_studio

MANY = 400
TOOLS = Counter(tool.domain for tool in own_catalog().tools)


def turn_of(index: int) -> Turn:
    return own_studio().stream(3).find_turn(index)


@cache
def sharing() -> tuple[int, ...]:
    """The candidates of the first world that is full."""
    found: defaultdict[object, list[int]] = defaultdict(list)
    for index in range(MANY):
        together = found[own_studio().find_start(3, index)]
        together.append(index)
        turn = turn_of(index)
        if len(together) == count_sharing(TOOLS[turn.kind], turn.block):
            return tuple(together)
    raise AssertionError("no world is full")


@cache
def tasks() -> tuple[Task, ...]:
    return tuple(own_studio().task(3, index) for index in sharing())


def test_those_of_a_domain_that_follow_each_other_share_a_world_and_no_others_do() -> None:
    worlds: defaultdict[object, list[Turn]] = defaultdict(list)
    for index in range(MANY):
        worlds[own_studio().find_start(3, index)].append(turn_of(index))
    for turns in worlds.values():
        first = turns[0]
        worlds_there = max(1, round(first.size / count_sharing(TOOLS[first.kind], first.block)))
        assert {
            (turn.kind, turn.block, turn.place * worlds_there // turn.size) for turn in turns
        } == {(first.kind, first.block, first.place * worlds_there // first.size)}
        assert 1 <= len(turns) <= 3 * MOST_SHARING
    assert len(worlds) <= MANY / 2


def test_the_tasks_of_a_world_tell_its_seed_and_its_clock() -> None:
    start = own_studio().find_start(3, sharing()[0])
    turn = turn_of(sharing()[0])
    before = {shared_start(own_studio().world, 3, turn, back=number) for number in range(4)}
    for task in tasks():
        own = (task.environment_seed, task.clock) == (start.seed, start.clock.isoformat())
        # For a rule that is to be broken, the worlds of those before are looked at, too.
        ruled = (task.environment_seed, task.clock) in {
            (one.seed, one.clock.isoformat()) for one in before
        }
        assert own or (ruled and "against_policy" in task.operators), task.operators


def test_a_task_is_of_the_domain_whose_world_it_lies_in() -> None:
    """Also where no chain reaches what is drawn for, or none of it makes a task."""
    for index in range(24):
        assert own_studio().task(3, index).domain == turn_of(index).kind


def test_a_task_is_the_same_whatever_is_drawn_before_or_after_it() -> None:
    again = open_studio(own_catalog(), HashEmbedder())
    for index in reversed(sharing()):
        assert again.task(3, index) == tasks()[sharing().index(index)]


def test_tasks_of_one_world_are_different_tasks() -> None:
    """No two make the same calls, and no one of the rows stands in most of them."""
    made = [tuple((c.tool, str(c.arguments)) for c in task.calls) for task in tasks()]
    assert len(set(made)) == len(made)
    told = Counter(
        value
        for task in tasks()
        for value in {str(fact.value) for fact in task.known if len(str(fact.value)) > 6}
    )
    assert max(told.values()) <= 4, told.most_common(2)


def test_a_small_domain_soon_has_another_world_and_a_large_one_not_much_later() -> None:
    few = infer_world(own_catalog().tools[:9])
    (domain,) = {model.tool.domain for model in few.models.values()}
    many = replace(few, models={str(n): next(iter(few.models.values())) for n in range(9_999)})
    for world, span in ((few, 3), (many, MOST_SHARING)):
        first, last, next_one = (
            shared_start(world, 1, Turn(domain, 0, place)) for place in (0, span - 1, span)
        )
        assert first == last != next_one


def test_without_a_start_a_task_has_a_world_of_its_own() -> None:
    one, other = (draw_task(own_studio().bench, seed) for seed in (1, 2))
    assert one.environment_seed != other.environment_seed
    assert start_of(own_studio().world, 1).clock.isoformat() == one.clock


@pytest.mark.parametrize(("block", "many"), [(0, 4), (1, 8), (3, 8), (4, 16), (40, 32)])
def test_the_more_worlds_there_are_the_more_candidates_share_one(block: int, many: int) -> None:
    world = own_studio().world
    starts = Counter(shared_start(world, 1, Turn("shop", block, place, 96)) for place in range(96))
    assert {*starts.values()} == {many}


@pytest.mark.parametrize(("size", "shares"), [(40, {40}), (49, {24, 25}), (70, {35}), (5, {5})])
def test_no_few_are_left_to_a_world_of_their_own(size: int, shares: set[int]) -> None:
    turns = (Turn("shop", 40, place, size) for place in range(size))
    starts = Counter(shared_start(own_studio().world, 1, turn) for turn in turns)
    assert {*starts.values()} == shares


@pytest.mark.parametrize("block", [0, 2, 9])
def test_a_world_that_is_looked_at_besides_is_one_that_others_have(block: int) -> None:
    world, turns = own_studio().world, [Turn("shop", block, place, 43) for place in range(43)]
    had = {shared_start(world, 1, turn) for turn in turns}
    assert {shared_start(world, 1, turn, back=n) for turn in turns for n in range(4)} == had


@given(seed=st.integers(0, 2**40), block=st.integers(0, 10**6), place=st.integers(0, 400))
@settings(max_examples=50)
def test_the_start_follows_from_seed_and_turn(seed: int, block: int, place: int) -> None:
    world = own_studio().world
    start = shared_start(world, seed, Turn("shop", block, place))
    many = count_sharing(TOOLS["shop"], block)
    assert start == shared_start(world, seed, Turn("shop", block, place - place % many))
    others = (
        Turn("shop", block + 1, place),
        Turn("bank", block, place),
        Turn("shop", block, place + many),
    )
    assert start not in [shared_start(world, seed, other) for other in others]
    assert start != shared_start(world, seed + 1, Turn("shop", block, place))
    assert 8 <= start.clock.hour < 19
