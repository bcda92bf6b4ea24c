"""150 sentences in the usual forms: no check takes one for its opposite."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml

from generators.dialogue.acts import SPOKEN, read_reply
from generators.dialogue.roles import RoleFailure
from schemas.reading import tells
from schemas.trajectory import Roles, Trajectory
from tests.dialogues import user_says
from tests.spoils import AFFIRM, DONE, REFUSED
from tests.tampering import edit, edit_task
from tests.trajectories import CLOCK, GOOD, TASK, Shop
from validators.checks import examine
from validators.suspicions import list_suspicions

SENTENCES: dict[str, list[Any]] = yaml.safe_load(
    (Path(__file__).parent / "fixtures" / "sentences.yaml").read_text(encoding="utf-8")
)
PLAYED = GOOD.model_copy(update={"roles": Roles(user="tiny", assistant="tiny")})
"""The good conversation as a model's, in which words have no acts."""


def found(trajectory: Trajectory) -> tuple[set[str], set[str]]:
    """What is wrong for certain, and what a judge is asked."""
    verdicts = examine(trajectory, Shop).verdicts
    sure = {r.code for one in verdicts for r in one.reasons if not r.suspect}
    return sure, {one.code for one in list_suspicions(verdicts)}


def test_there_are_150_of_them() -> None:
    assert sum(map(len, SENTENCES.values())) >= 150
    texts = [str(one) for many in SENTENCES.values() for one in many]
    assert len({*texts}) == len(texts)


def test_who_agrees_is_not_taken_to_decline() -> None:
    for text in SENTENCES["agree"]:
        reply = read_reply(user_says(text, "agree", 2), 4)
        told = edit(AFFIRM, PLAYED, text=text, act=SPOKEN[reply.act])
        assert found(told) == (set(), {"should_have_refused"}), text


def test_who_declines_is_not_taken_to_agree() -> None:
    for text in SENTENCES["decline"]:
        reply = read_reply(user_says(text, "decline", 2), 4)
        sure, _ = found(edit(AFFIRM, PLAYED, text=text, act=SPOKEN[reply.act]))
        assert "unconfirmed_write" in sure, text
        with pytest.raises(RoleFailure, match="act_differs"):
            read_reply(user_says(text, "agree", 2), 4)


def test_who_changes_something_neither_agrees_nor_declines() -> None:
    asked = edit(AFFIRM - 1, PLAYED, act="say")
    for text in SENTENCES["change"]:
        reply = read_reply(user_says(text, "change", 2), 4)
        sure, suspected = found(edit(AFFIRM, asked, text=text, act=SPOKEN[reply.act]))
        assert "unconfirmed_write" in suspected - sure, text


def test_whether_words_decline_is_asked_and_never_guessed() -> None:
    for text in SENTENCES["refused"]:
        sure, suspected = found(edit(REFUSED, PLAYED, text=text, act="say"))
        assert (sure, "should_have_refused" in suspected) == (set(), True), text


def test_what_is_done_is_no_refusal_and_no_failure_however_it_is_put() -> None:
    for text in SENTENCES["done"]:
        told = edit(DONE, PLAYED, text=text, act="say")
        assert found(told) == (set(), {"should_have_refused"}), text


def test_whether_a_failure_is_admitted_is_asked() -> None:
    last = TASK.turns[3].model_copy(update={"outcome": "fail"})
    failing = edit_task(PLAYED, turns=(*TASK.turns[:3], last))
    for text in SENTENCES["failed"]:
        sure, suspected = found(edit(REFUSED, failing, text=text, act="say"))
        assert (sure, "undisclosed_failure" in suspected) == (set(), True), text


def test_a_value_is_read_in_its_usual_form_and_its_neighbour_is_not() -> None:
    clock = datetime.fromisoformat(CLOCK)
    for case in SENTENCES["told"]:
        assert tells(case["text"], case["value"], clock), case
        assert not tells(case["text"], case["not"], clock), case
