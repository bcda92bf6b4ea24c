"""Accepted scripted conversations, played back as a model's, with a judge who is always kind."""

import json
from functools import cache
from pathlib import Path

import pytest

from benchmarks.played_back import BY_MODEL, CASES, Case, change, play_back, try_case
from schemas.message import AssistantMessage, Message, UserMessage
from schemas.trajectory import Trajectory
from tests.studio import own_studio, take
from validators.checks import examine
from validators.suspicions import list_suspicions

COUNT, GARBLED = 10, 24
WORDS: list[str] = json.loads(
    (Path(__file__).parent / "fixtures" / "small_model_words.json").read_text(encoding="utf-8")
)
"""What a model of 135 million weights said to such requests (SmolLM2, `make test-model`)."""


@cache
def accepted(count: int) -> tuple[Trajectory, ...]:
    found: list[Trajectory] = []
    for index in range(2 * count):
        one = take(index).trajectory
        if len(found) < count and examine(one, own_studio().environment).accepted:
            found.append(one)
    assert len(found) == count
    return tuple(found)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.told)
def test_usual_words_pass_and_what_is_done_against_a_plain_no_never_does(case: Case) -> None:
    passed = try_case(case, accepted(COUNT), own_studio())
    assert len(passed) >= COUNT // 3
    assert {*passed} == {case.passes}


def test_a_conversation_that_is_played_back_is_the_same() -> None:
    one = accepted(COUNT)[0]
    again = play_back(one, own_studio())
    said = [[m.text for m in x.messages if isinstance(m, UserMessage | AssistantMessage)]
            for x in (one, again)]  # fmt: skip
    assert said[0] == said[1]
    assert again.roles == BY_MODEL


def test_words_without_sense_need_a_judge_who_bears_them_out() -> None:
    for number, one in enumerate(accepted(GARBLED)):

        def garble(message: Message, number: int = number) -> Message:
            if not isinstance(message, AssistantMessage) or message.calls:
                return message
            text = WORDS[(message.index + number) % len(WORDS)]
            return message.model_copy(update={"text": text, "act": "say"})

        spoilt = change(one, garble).model_copy(update={"roles": BY_MODEL})
        checked = examine(spoilt, own_studio().environment)
        assert not checked.accepted
        assert list_suspicions(checked.verdicts) or any(
            verdict.label == "bad" for verdict in checked.verdicts
        ), one.index
