"""The brief is all that a player of the user is given, and it is enough for every write."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generators.tasks.told import untold
from generators.tasks.write_brief import label_of
from schemas.brief import Brief, Known, Wish
from schemas.task import Task
from schemas.twists import Comparison, has_twist
from tests.studio import own_studio

STUDIO = own_studio()
WORLD = STUDIO.world


@cache
def tasks() -> tuple[Task, ...]:
    return tuple(STUDIO.task(31, number) for number in range(40))


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


@settings(max_examples=60, deadline=None)
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
    compared = [
        (task, number)
        for task in tasks()
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
    ],
)
def test_labels_are_plain_words(path: str, plain: str) -> None:
    assert label_of(path) == plain


def test_values_are_written_for_a_reader() -> None:
    yes = Known(call=0, path="breakfast", label="breakfast", value=True)
    assert yes.written == "yes"
    assert Brief().wishes == ()
