"""What is trained on: the labels' word holds, and rules narrow it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.masks import FORMS, Funnel, find_trained, read_rule
from schemas.message import AssistantMessage
from schemas.trajectory import Slip
from tests.spoils import AGAIN, BATCH, DONE, REFUSED, REPORTED, SEARCHED, TOLD, TRIED
from tests.trajectories import GOOD, Shop
from validators.checks import examine

LABELLED = examine(GOOD, Shop)
SPOKEN = {one.index for one in GOOD.messages if isinstance(one, AssistantMessage)}
WRITTEN = ["good", "recovery", "final", "calls", "first:1", "first:3"]


@pytest.mark.parametrize(
    ("rule", "kept"),
    [
        ("good", SPOKEN),
        ("recovery", {AGAIN}),
        ("calls", {SEARCHED, TRIED, AGAIN, BATCH}),
        ("final", {REPORTED, DONE, TOLD, REFUSED}),
        ("first:1", {SEARCHED, REPORTED}),
    ],
)
def test_each_rule_keeps_what_it_says(rule: str, kept: set[int]) -> None:
    assert find_trained(LABELLED, (rule,)) == kept


def test_the_move_after_a_known_mistake_is_a_recovery_and_the_mistake_is_not() -> None:
    slip = Slip(message=SEARCHED, kind="wrong_tool", code=None, of=GOOD.id, repaired=True)
    found = find_trained(LABELLED.model_copy(update={"slips": (slip,)}), ("recovery",))
    assert SEARCHED not in found
    assert REPORTED in found


@given(rules=st.lists(st.sampled_from(WRITTEN)), masked=st.sets(st.sampled_from(sorted(SPOKEN))))
def test_rules_only_narrow_and_never_unmask(rules: list[str], masked: set[int]) -> None:
    labels = tuple(
        one.model_copy(update={"train": one.message not in masked}) for one in LABELLED.labels
    )
    trajectory = LABELLED.model_copy(update={"labels": labels})
    before = find_trained(trajectory, ())
    assert before == SPOKEN - masked
    for number in range(len(rules)):
        after = find_trained(trajectory, rules[: number + 1])
        assert after <= before
        before = after
    assert find_trained(trajectory, [*reversed(rules)]) == before


def test_the_funnel_counts_what_each_rule_leaves() -> None:
    funnel = Funnel(("calls", "first:1"))
    for _ in range(2):
        funnel.add(LABELLED)
    steps = [*funnel.steps()]
    assert [name for name, *_ in steps] == [
        "assistant messages",
        "labels allow",
        "calls",
        "first:1",
    ]
    assert [messages for _, _, messages, _ in steps] == [
        2 * len(SPOKEN), 2 * len(SPOKEN), 2 * len(find_trained(LABELLED, ["calls"])), 2
    ]  # fmt: skip
    tokens = [count for *_, count in steps]
    assert tokens == sorted(tokens, reverse=True)
    assert tokens[-1] > 0


@pytest.mark.parametrize("written", ["first:0", "first:", "first:x", "last", ""])
def test_an_unknown_rule_is_refused_by_name(written: str) -> None:
    with pytest.raises(ValueError, match="unknown rule"):
        read_rule(written)


def test_the_forms_are_told() -> None:
    assert {"first:N", *FORMS} == {"good", "recovery", "final", "calls", "first:N"}
