"""The judge: what it is shown, and that nothing but a clear yes counts as one."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from pipeline.cli.answers import tell_blame
from schemas.errors import ProviderError
from schemas.message import AssistantMessage
from schemas.reasons import find_blame, reason
from schemas.record import JsonObject
from schemas.trajectory import Roles, Trajectory
from schemas.verdict import Verdict
from tests.dialogues import judgement, over_http
from tests.endpoints import html
from tests.spoils import AFFIRM, CONFIRM, DONE, REFUSED, REPORTED, leaving_open
from tests.tampering import edit_source, say
from tests.trajectories import GOOD, Shop
from validators.checks import examine
from validators.court import Court
from validators.judge import (
    JUDGE_REASONS,
    QUESTIONS,
    SUSPECTS,
    UNCLEAR,
    UNREADABLE,
    judge_instructions,
    judgement_shape,
    read_judgement,
    write_good,
)
from validators.suspicions import is_undecided, list_suspicions, put_question

PLAYED = Roles(user="tiny", assistant="tiny", judge="tiny")


def played(trajectory: Trajectory = GOOD) -> Trajectory:
    """The same as a model's: nobody says what its words amount to."""
    messages = tuple(
        one.model_copy(update={"act": "say"})
        if isinstance(one, AssistantMessage) and not one.calls else one
        for one in trajectory.messages
    )  # fmt: skip
    return trajectory.model_copy(update={"messages": messages, "roles": PLAYED})


class Bench:
    """Judges by a function of the material; keeps the requests."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.answer = answer
        self.asked: list[JsonObject] = []

    def __call__(self, request: JsonObject) -> JsonObject:
        self.asked.append(request)
        content = self.answer(request["messages"][1]["content"])
        return {"choices": [{"message": {"content": content}}]}


def judged(trajectory: Trajectory, answer: str) -> Trajectory:
    """Checked, judged once by this answer, and checked with it."""
    checked = examine(trajectory, Shop)
    assert is_undecided(checked.verdicts)
    bench = Bench(lambda _: answer)
    found = over_http(bench, lambda model: Court([model]).judge(trajectory, checked.verdicts, 1))
    return examine(trajectory, Shop, found)


def answering(*answers: str, findings: tuple[JsonObject, ...] = ()) -> str:
    told = [{"number": number, "answer": one} for number, one in enumerate(answers, 1)]
    return json.dumps({"findings": list(findings), "suspicions": told})


def test_one_request_judges_a_whole_conversation() -> None:
    bench = Bench(lambda _: judgement())
    found = over_http(bench, lambda model: Court([model]).judge(GOOD, (), 1))
    assert len(bench.asked) == 1
    assert [v.check for v in found] == ["judge_turn", "judge_user", "judge_whole"]
    assert {(v.label, v.level, v.judge) for v in found} == {("good", "turn", "tiny")}
    assert examine(GOOD, Shop, found).accepted


def test_the_material_begins_with_what_many_requests_share() -> None:
    bench = Bench(lambda _: judgement())
    over_http(bench, lambda model: Court([model]).judge(GOOD, (), 1))
    suspected = (reason("unfaithful_number", 12, "text", "8 in 'x'", suspect=True),)
    verdict = Verdict(check="faithful", version=1, level="text", label="unknown", reasons=suspected)
    bench.answer = lambda _: answering("yes")
    over_http(bench, lambda model: Court([model]).judge(GOOD, (verdict,), 1))
    (system, plain), (other, asked) = (
        [message["content"] for message in one["messages"]] for one in bench.asked
    )
    assert system == other == judge_instructions()
    assert asked.startswith(plain)
    parts = ["# Tools that the", '{"type": "object"', "# Conversation", "[0] system: You are the",
             "[7] user (affirm): Yes", "[10] assistant calls place_order with", "(error): ",
             "# What the user was told", "few words", "Ida Brandt"]  # fmt: skip
    found = [plain.find(part) for part in parts[:5]]
    assert found == sorted(found)
    assert all(part in plain or part == "few words" for part in parts)
    assert "# To be decided\n1. Message 12 says 8" in asked
    assert all(f"- {one.code}: {one.ask}" in system for one in QUESTIONS)


def test_requests_ask_for_an_object_of_a_known_shape() -> None:
    bench = Bench(lambda _: judgement())
    over_http(bench, lambda model: Court([model]).judge(GOOD, (), 1))
    (asked,) = bench.asked
    assert asked["response_format"]["json_schema"]["schema"] == judgement_shape(0)


def test_what_is_recoverable_masks_its_message_and_what_is_bad_drops_the_conversation() -> None:
    masked = judged(GOOD, judgement((DONE, "judge_unfaithful", "recoverable")))
    assert masked.accepted
    assert [one.message for one in masked.labels if not one.train] == [DONE]
    spoilt = judged(GOOD, judgement((DONE, "judge_unfaithful", "bad")))
    assert not spoilt.accepted
    (verdict,) = [one for one in spoilt.verdicts if one.label == "bad"]
    assert [(one.code, one.message) for one in verdict.reasons] == [("judge_unfaithful", DONE)]


def opinions(*answers: str) -> tuple[Trajectory, list[JsonObject]]:
    """The conversation as it is judged by one answer after the other, and what was asked."""
    told = iter(answers)
    bench = Bench(lambda _: next(told))
    found = over_http(bench, lambda model: Court([model]).judge(GOOD, (), 1))
    return examine(GOOD, Shop, found), bench.asked


def test_what_would_lose_a_conversation_is_asked_once_more_in_another_order() -> None:
    bad = judgement((DONE, "judge_unfaithful", "bad"))
    both, asked = opinions(bad, judgement((DONE, "judge_incoherent", "bad")))
    assert (both.accepted, len(asked)) == (False, 2)
    first, second = (one["messages"][0]["content"] for one in asked)
    assert first != second
    assert sorted(first) == sorted(second)
    one, _ = opinions(bad, judgement())
    assert one.accepted
    assert [label.message for label in one.labels if not label.train] == [DONE]
    other, _ = opinions(bad, judgement((CONFIRM, "judge_guessed", "bad")))
    assert other.accepted
    masked = [label.message for label in other.labels if not label.train]
    assert masked == [CONFIRM, DONE], "what only the second finds is masked as well"
    beside, _ = opinions(bad, judgement((DONE, "judge_goal_missed", "bad")))
    found = {one.check: one.label for one in beside.verdicts if one.judge != "code"}
    assert found["judge_turn"] == found["judge_whole"] == "recoverable", "other sides"
    assert not beside.accepted, "of the whole, no message can be masked"
    unreadable, _ = opinions(bad, "", "")
    assert not unreadable.accepted
    light, asked = opinions(judgement((DONE, "judge_unfaithful", "recoverable")))
    assert (light.accepted, len(asked)) == (True, 1)


def test_a_user_who_is_masked_masks_nobody_else() -> None:
    found = judged(GOOD, judgement((AFFIRM, "judge_user_unnatural", "recoverable")))
    assert found.accepted
    assert all(one.train for one in found.labels)


def test_where_nothing_is_left_to_learn_from_nothing_is_accepted() -> None:
    spoken = [m.index for m in GOOD.messages if isinstance(m, AssistantMessage)]
    found = judged(GOOD, judgement(*((n, "judge_incoherent", "recoverable") for n in spoken)))
    assert not found.accepted


SUSPECT = {
    "unfaithful_number": say(DONE, "Order W-1001 comes to $379, in 40 boxes, on the 12th of March.",
                             played()),
    "unfaithful_name": say(DONE, "Order W-1001 comes to $379: Ole Jensen brings it on March 12.",
                           played()),
    "unfaithful_quote": say(DONE, "Order W-1001 for $379 is “Done and dusted”. March 12.",
                            played()),
    "ungrounded_argument": played(edit_source(2, "query")),
    "value_not_told": say(DONE, "It is ordered.", played()),
    "blind_repeat": played(leaving_open("timeout")),
}  # fmt: skip


@pytest.mark.parametrize("code", SUSPECT)
def test_a_suspicion_needs_a_yes(code: str) -> None:
    trajectory = SUSPECT[code]
    found = list_suspicions(examine(trajectory, Shop).verdicts)
    assert code in {one.code for one in found}
    assert not examine(trajectory, Shop).accepted
    assert judged(trajectory, write_good(len(found))).accepted
    answers = ["yes"] * len(found)
    at = [one.code for one in found].index(code)
    answers[at] = "unclear"
    unclear = judged(trajectory, answering(*answers))
    assert not unclear.accepted
    assert UNCLEAR in unclear.reasons
    answers[at] = "no"
    denied = judged(trajectory, answering(*answers))
    light = code.startswith("unfaithful") or code in ("ungrounded_argument", "blind_repeat")
    assert denied.accepted == light
    assert code in denied.reasons
    masked = [one.message for one in denied.labels if not one.train]
    assert masked == ([found[at].message] if light else masked)


def test_what_the_user_agreed_to_after_it_is_no_light_fault() -> None:
    text = "That is 2 times “Oak desk, small” on March 12, for 20 kilos. Shall I order them?"
    trajectory = say(CONFIRM, text, played())
    found = [one.code for one in list_suspicions(examine(trajectory, Shop).verdicts)]
    answers = ["no" if one == "unfaithful_number" else "yes" for one in found]
    assert "no" in answers
    assert not judged(trajectory, answering(*answers)).accepted


def test_what_was_settled_holds_for_what_was_asked_and_nothing_else() -> None:
    trajectory = SUSPECT["unfaithful_number"]
    good = judged(trajectory, write_good(len(list_suspicions(examine(trajectory, Shop).verdicts))))
    kept = tuple(one for one in good.verdicts if one.judge != "code")
    assert examine(trajectory, Shop, kept).accepted
    other = say(REPORTED, "I found 2 of them, for 77 and 88.", trajectory)
    assert not examine(other, Shop, kept).accepted


def test_every_suspicion_can_be_asked() -> None:
    ends = ("refuse", "transfer", "clarify", "fail")
    asked = set()
    for end in ends:
        last = GOOD.task.turns[3].model_copy(update={"outcome": end})
        task = GOOD.task.model_copy(update={"turns": (*GOOD.task.turns[:3], last)})
        one = played().model_copy(update={"task": task})
        for found in list_suspicions(examine(one, Shop).verdicts):
            assert "have an old chair repaired" in put_question(one, found)
            asked.add((found.code, found.message))
    assert asked == {(code, REFUSED) for code in (
        "should_have_refused", "should_have_transferred", "should_have_asked", "undisclosed_failure"
    )}  # fmt: skip


def test_a_constrained_answer_is_of_known_codes_and_answers_each_suspicion() -> None:
    shape = Draft202012Validator(judgement_shape(1))
    one = {"message": 4, "code": "judge_guessed", "label": "bad", "explanation": "x"}
    for text, kept in (
        (answering("yes"), True),
        (answering("unclear", findings=(one,)), True),
        (answering(), False),
        (answering("yes", "no"), False),
        (answering("perhaps"), False),
        (answering("yes", findings=(one | {"label": "good"},)), False),
        (answering("yes", findings=(one | {"code": "no_such"},)), False),
    ):
        assert shape.is_valid(json.loads(text)) is kept, text


UNCLEAR_TEXTS = [
    "",
    "good",
    "{}",
    "[]",
    "null",
    '{"findings": []',
    '{"suspicions": []}',
    '{"findings": [], "suspicions": [], "label": "good"}',
    '{"findings": [], "findings": []}',
    judgement((DONE, "judge_no_such_code", "bad")),
    judgement((DONE, "judge_unfaithful", "good")),
    judgement((AFFIRM, "judge_unfaithful", "bad")),
    judgement((DONE, "judge_user_invents", "bad")),
    judgement((99, "judge_unfaithful", "bad")),
    judgement((-1, "judge_unfaithful", "bad")),
    answering("yes"),
    f"{judgement()} {judgement()}",
    f"I think that {judgement()}",
    "[" * 100_000,
]


@pytest.mark.parametrize("text", UNCLEAR_TEXTS)
def test_what_is_not_clear_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_judgement(text, GOOD, 0)
    assert "\n" not in str(caught.value)


def test_what_is_not_clear_is_unknown_and_never_accepted() -> None:
    bench = Bench(lambda _: "looks good to me")
    found = over_http(bench, lambda model: Court([model]).judge(GOOD, (), 1))
    assert [(one.label, one.reasons[0].code) for one in found] == [("unknown", UNREADABLE)]
    assert len(bench.asked) == 2
    assert not examine(GOOD, Shop, found).accepted


def test_a_judge_that_recovers_is_read() -> None:
    answers = iter(["", judgement()])
    found = over_http(
        Bench(lambda _: next(answers)), lambda model: Court([model]).judge(GOOD, (), 1)
    )
    assert {verdict.label for verdict in found} == {"good"}


def test_a_failing_endpoint_gives_no_verdict() -> None:
    with pytest.raises(ProviderError, match="no chat completion"):
        over_http(html, lambda model: Court([model]).judge(GOOD, (), 1))


@pytest.mark.parametrize("wrapped", ["{}", "```json\n{}\n```", "```\n{}```\n", "\n {} \n"])
def test_a_clear_answer_is_read_with_or_without_a_fence(wrapped: str) -> None:
    text = wrapped.replace("{}", judgement((DONE, "judge_redundant", "recoverable")))
    assert read_judgement(text, GOOD, 0).findings[0].label == "recoverable"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_value_is_good_by_accident(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_judgement(json.dumps(value), GOOD, 0)


def test_every_code_is_declared_once_and_each_is_somebodys_fault() -> None:
    assert len(JUDGE_REASONS) == len(QUESTIONS) + 2
    assert all(code.startswith("judge_") for code in JUDGE_REASONS)
    blames = {find_blame(code) for code in JUDGE_REASONS}
    assert blames == {"assistant", "user", "task", "tools", "judge"}
    assert find_blame("judge_user_act") == "user"
    assert SUSPECTS not in JUDGE_REASONS


def test_the_end_of_a_build_tells_whose_fault_it_was() -> None:
    told = tell_blame({"wrong_arguments": 1, "user_stuck": 2, "judge_task_senseless": 1})
    assert told == "at fault: task 3, assistant 1"
