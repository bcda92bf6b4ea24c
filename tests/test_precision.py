"""What is made of readers' marks."""

from pathlib import Path

import pytest

from benchmarks.draw_errors import table
from benchmarks.draw_round import render
from benchmarks.precision import ROUNDS, Mark, Reading, agreement, measure, read_marks
from schemas.verdict import TurnLabel
from tests.trajectories import GOOD


def test_precision_is_the_share_of_yes_and_masks_over_both_readers() -> None:
    readings = [
        Reading("own", Mark("yes"), Mark("masks")),
        Reading("own", Mark("no", ("call",), untrue=True), Mark("yes")),
    ]
    assert measure(readings) == (0.75, 0.5, 0.25)


def test_a_reader_sees_what_the_assistant_thinks() -> None:
    messages = [*GOOD.messages]
    messages[2] = messages[2].model_copy(update={"reasoning": "They want a desk."})
    record = GOOD.model_copy(update={"messages": tuple(messages)}).model_dump(mode="json")
    assert "**assistant, to itself** They want a desk." in render("r001", record)


def test_a_reader_sees_what_nobody_is_trained_on() -> None:
    told = [
        TurnLabel(message=2, label="recoverable", train=False),
        TurnLabel(message=4, label="good", train=True),
    ]
    record = GOOD.model_copy(update={"labels": tuple(told)}).model_dump(mode="json")
    lines = [one for one in render("r001", record).split("\n") if "(masked)" in one]
    assert len(lines) == 1
    assert lines[0].startswith("[2] ")
    assert "(masked)" not in render("r001", record, shows_masks=False)


def test_kappa_takes_chance_off() -> None:
    readings = [Reading("a", Mark(one), Mark(two)) for one, two in
                [("yes", "yes"), ("no", "no"), ("yes", "no"), ("no", "yes")]]  # fmt: skip
    assert agreement(readings) == (0.5, 0.0)
    assert agreement(readings[:2]) == (1.0, 1.0)


def test_a_pair_is_right_where_the_right_way_is_chosen_and_the_other_is_a_mistake() -> None:
    good = {"mark": "masks", "masked": [4], "why": ""}
    chosen = {"better": "A", "better_is_right": True, "worse_is_wrong": True, "why": ""}
    style = chosen | {"worse_is_wrong": False}
    row = {"id": "c000", "catalogue": "own", "masked": [4]}
    pair = {"id": "p000", "catalogue": "own", "right": "A"}
    other = pair | {"right": "B"}
    read = [row | {"1": good, "2": good | {"masked": []}}, pair | {"1": chosen, "2": style},
            other | {"1": chosen, "2": chosen}]  # fmt: skip
    first, *_ = table(read).splitlines()
    assert first.endswith(
        "1 of 1 recoveries fit, the same messages masked in 1; 1 of 2 pairs right"
    )
    assert "masked in 0; 0 of 2 pairs right" in table(read)


@pytest.mark.parametrize("file", sorted(ROUNDS.glob("*.json")), ids=lambda file: file.stem)
def test_each_round_can_be_read(file: Path) -> None:
    readings = read_marks(file)
    assert readings
    assert {mark.mark for one in readings for mark in (one.first, one.second)} <= {
        "yes",
        "masks",
        "no",
    }
