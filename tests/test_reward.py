"""What a conversation earns: each code that is found costs one part, and doubt earns nothing."""

from typing import get_args

import pytest

from schemas.check import CheckContext, EnvironmentFactory
from schemas.reasons import BY_CODE, REASONS, Earned, find_blame
from schemas.trajectory import Trajectory
from tests.spoils import FAILURES, SPOILS
from tests.trajectories import GOOD, Shop
from validators.reward import COUNTED, Measure, reward

MEASURE = Measure.of(GOOD)
LEVELS = {check(CheckContext(GOOD, Shop)).level for check in COUNTED}
COSTLY = {one.code for one in REASONS if one.level in LEVELS and one.costs}
COUNTABLE = [spoil for spoil in SPOILS if spoil.code in COSTLY]


def test_each_code_that_can_be_found_costs_one_part_or_leaves_all_in_doubt() -> None:
    free = {one.code for one in REASONS if one.level in LEVELS and one.costs is None}
    assert {BY_CODE[code].label for code in free} == {"unknown"}
    elsewhere = {one.code for one in REASONS if one.level not in LEVELS and one.costs}
    assert not elsewhere
    names = [part.name for part in reward(GOOD, Shop, MEASURE).parts]
    assert names == [*get_args(Earned), "steps"]


def test_what_a_check_finds_costs_the_part_that_its_code_belongs_to() -> None:
    for spoil in COUNTABLE:
        earned = reward(spoil.trajectory, spoil.environment, MEASURE)
        cost = {part.name for part in earned.parts if spoil.code in part.codes}
        context = CheckContext(spoil.trajectory, spoil.environment)
        reasons = [one for check in COUNTED for one in check(context).reasons]
        told = [one for one in reasons if one.code == spoil.code]
        user = find_blame(spoil.code) == "user" or all(
            one.code != "bad_end"
            and one.message is not None
            and spoil.trajectory.messages[one.message].role == "user"
            for one in told
        )  # what the user says costs nobody else anything
        wanted = set() if user or all(one.suspect for one in told) else {BY_CODE[spoil.code].costs}
        assert cost == wanted, spoil.code
        assert not (cost and earned.binary), spoil.code


@pytest.mark.parametrize(
    ("trajectory", "environment"),
    [(GOOD, None), (GOOD, FAILURES[0].environment)],
)
def test_what_no_check_could_find_out_earns_nothing(
    trajectory: Trajectory, environment: EnvironmentFactory | None
) -> None:
    earned = reward(trajectory, environment, MEASURE)
    assert (earned.binary, earned.graded) == (0, 0)


def test_a_user_who_is_not_answered_is_no_end() -> None:
    """What the last wish asks for, code could not decide: that something is said, it can."""
    for cut in (6, 8, 14, 19):
        unanswered = GOOD.model_copy(update={"messages": GOOD.messages[:cut]})
        assert unanswered.messages[-1].role == "user"
        assert reward(unanswered, Shop, MEASURE).binary == 0


def test_the_correct_conversation_earns_all() -> None:
    earned = reward(GOOD, Shop, MEASURE)
    assert (earned.binary, earned.graded) == (1, 1), earned.parts
