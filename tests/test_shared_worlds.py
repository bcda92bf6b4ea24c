"""Candidates share worlds: which one follows from their number, and they stay different tasks."""

from collections import Counter, defaultdict
from dataclasses import replace
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from generators.embedding import HashEmbedder
from generators.studio import open_studio
from generators.tasks.clock import MOST, TASKS_A_TOOL, shared_start, start_of
from generators.tasks.draw_task import draw_task
from generators.world.infer import infer_world
from schemas.task import Task
from tests.studio import own_catalog, own_studio

SPAN = min(MOST, int(TASKS_A_TOOL * len(own_catalog().tools)))
COUNT = 2 * SPAN


@cache
def tasks() -> tuple[Task, ...]:
    return tuple(own_studio().task(3, index) for index in range(COUNT))


def test_a_run_of_candidates_shares_a_world_and_the_next_run_has_another() -> None:
    worlds = [(task.environment_seed, task.clock) for task in tasks()]
    assert len(set(worlds[:SPAN])) == 1
    assert len(set(worlds[SPAN:])) == 1
    assert worlds[0][0] != worlds[SPAN][0]
    assert worlds[0][1] != worlds[SPAN][1]


def test_a_task_is_the_same_whatever_is_drawn_before_or_after_it() -> None:
    again = open_studio(own_catalog(), HashEmbedder())
    for index in (SPAN + 2, SPAN - 1, 0, SPAN):
        assert again.task(3, index) == tasks()[index]


def test_tasks_of_one_world_are_different_tasks() -> None:
    """No two make the same calls, and no one of a domain's rows stands in most of its tasks."""
    made = [tuple((c.tool, str(c.arguments)) for c in task.calls) for task in tasks()[:SPAN]]
    assert len(set(made)) == SPAN
    told: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for task in tasks()[:SPAN]:
        told[task.domain].update(
            {str(fact.value) for fact in task.known if len(str(fact.value)) > 6}
        )
    drawn = Counter(task.domain for task in tasks()[:SPAN])
    for domain, values in told.items():
        assert max(values.values()) <= max(4, drawn[domain] * 0.8), (domain, values.most_common(2))


def test_how_many_share_a_world_is_a_setting_of_the_workbench() -> None:
    studio = own_studio()
    bench = replace(studio.bench, tasks_a_tool=0.02)
    span = len(own_catalog().tools) // 50
    one, other = (
        shared_start(bench.world, 3, index, bench.tasks_a_tool) for index in (span - 1, span)
    )
    assert one == shared_start(bench.world, 3, 0, bench.tasks_a_tool)
    assert one != other
    assert draw_task(bench, 5, start=other).environment_seed == other.seed


def test_a_small_catalogue_soon_has_another_world_and_a_large_one_not_much_later() -> None:
    few = infer_world(own_catalog().tools[:12])
    many = replace(few, models={str(n): next(iter(few.models.values())) for n in range(9_999)})
    assert shared_start(few, 1, 2) == shared_start(few, 1, 0) != shared_start(few, 1, 3)
    assert shared_start(many, 1, MOST - 1) == shared_start(many, 1, 0)
    assert shared_start(many, 1, MOST) != shared_start(many, 1, 0)


def test_without_a_start_a_task_has_a_world_of_its_own() -> None:
    one, other = (draw_task(own_studio().bench, seed) for seed in (1, 2))
    assert one.environment_seed != other.environment_seed
    assert start_of(own_studio().world, 1).clock.isoformat() == one.clock


@given(seed=st.integers(0, 2**40), index=st.integers(0, 10**6))
@settings(max_examples=50)
def test_the_start_follows_from_seed_and_number(seed: int, index: int) -> None:
    world = own_studio().world
    start = shared_start(world, seed, index)
    assert start == shared_start(world, seed, index - index % SPAN)
    assert start != shared_start(world, seed + 1, index)
    assert 8 <= start.clock.hour < 19
