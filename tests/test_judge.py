"""The judge: what it is shown, and that nothing but a clear yes counts as one."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from schemas.errors import ProviderError
from schemas.message import AssistantMessage
from schemas.record import JsonObject
from schemas.verdict import Verdict
from tests.dialogues import judgement, over_http
from tests.endpoints import html
from tests.trajectories import GOOD
from validators.judge import (
    JUDGE_REASONS,
    TURN_QUESTIONS,
    UNREADABLE,
    USER_QUESTIONS,
    judge,
    judgement_shape,
    read_judgement,
    turn_instructions,
)

CODES = frozenset(question.code for question in TURN_QUESTIONS)
SPOKEN = [m.index for m in GOOD.messages if isinstance(m, AssistantMessage)]


class Bench:
    """Judges by a function of the material; keeps the requests."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.answer = answer
        self.asked: list[JsonObject] = []

    def __call__(self, request: JsonObject) -> JsonObject:
        self.asked.append(request)
        content = self.answer(request["messages"][1]["content"])
        return {"choices": [{"message": {"content": content}}]}

    def about(self, index: int) -> str:
        """The material about one message."""
        texts = [request["messages"][1]["content"] for request in self.asked]
        (found,) = [t for t in texts if f"# Message to be judged\n[{index}]" in t]
        return str(found)


def verdicts(answer: Callable[[str], str]) -> tuple[Verdict, ...]:
    return over_http(Bench(answer), lambda model: judge(GOOD, model, 1))


def test_each_message_of_the_assistant_and_the_user_as_a_whole_get_a_verdict() -> None:
    found = verdicts(lambda _: judgement("good"))
    assert len(found) == len(SPOKEN) + 1
    assert [v.check for v in found] == ["judge_turn"] * len(SPOKEN) + ["judge_user"]
    assert {(v.label, v.level, v.judge, v.confidence) for v in found} == {
        ("good", "turn", "tiny", 0.8)
    }
    assert GOOD.model_copy(update={"verdicts": found}).accepted


def test_the_judge_sees_the_past_and_not_the_future() -> None:
    bench = Bench(lambda _: judgement("good"))
    over_http(bench, lambda model: judge(GOOD, model, 1))
    seen = bench.about(12)
    assert "[0] system: You are the assistant of a furniture shop." in seen
    assert '[10] assistant calls place_order with {"product_id": "p-31"' in seen
    assert "[9] result of place_order (error): " in seen
    assert seen.endswith("[12] assistant: Done: order W-1001 comes to $379 and arrives on the "
                         "12th of March.")  # fmt: skip
    assert "How is that order doing" not in seen
    assert "# Definitions of those that it calls" not in seen
    assert 'place_order: {"type": "object"' in bench.about(8)
    assert 'search_products: {"type"' not in bench.about(8)


def test_requests_ask_for_an_object_and_hold_every_question() -> None:
    bench = Bench(lambda _: judgement("good"))
    over_http(bench, lambda model: judge(GOOD, model, 1))
    assert {r["response_format"]["type"] for r in bench.asked} == {"json_schema"}
    assert len({request["seed"] for request in bench.asked}) == len(bench.asked)
    for question in TURN_QUESTIONS:
        assert f"- {question.code}: {question.ask}" in turn_instructions()


def test_a_bad_turn_keeps_its_reason_and_place() -> None:
    def answer(material: str) -> str:
        if "# Message to be judged\n[12]" in material:
            return judgement("bad", "judge_unfaithful")
        return judgement("good")

    found = verdicts(answer)
    (bad,) = [verdict for verdict in found if verdict.label != "good"]
    (reason,) = bad.reasons
    assert (bad.label, reason.code, reason.message) == ("bad", "judge_unfaithful", 12)
    assert not GOOD.model_copy(update={"verdicts": found}).accepted


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (judgement("good"), True),
        (judgement("bad", "judge_guessed"), True),
        (judgement("recoverable", "judge_guessed", "judge_redundant"), True),
        (judgement("good", "judge_guessed"), False),
        (judgement("bad"), False),
        (judgement("bad", "judge_user_invents"), False),
        (judgement("fine"), False),
        (judgement("good", confidence=2), False),
    ],
)
def test_a_constrained_answer_cannot_contradict_itself(text: str, kept: bool) -> None:
    shape = Draft202012Validator(judgement_shape(CODES))
    assert shape.is_valid(json.loads(text)) is kept


UNCLEAR = [
    "",
    "good",
    "{}",
    "[]",
    "null",
    '{"label": "good"',
    '{"label": "good", "reasons": []}',
    '{"label": "good", "confidence": 1}',
    judgement("fine"),
    judgement("GOOD"),
    judgement("unknown"),
    judgement("good", "judge_unfaithful"),
    judgement("bad"),
    judgement("recoverable"),
    judgement("bad", "judge_no_such_code"),
    judgement("bad", "judge_user_invents"),
    judgement("good", confidence=1.5),
    judgement("good", confidence="high"),
    judgement("good", confidence=True),
    judgement("good", confidence=float("nan")),
    judgement("good", confidence=None),
    '{"label": "bad", "label": "good", "reasons": [], "confidence": 1}',
    f"{judgement('bad', 'judge_guessed')} {judgement('good')}",
    f"I think that {judgement('good')}",
    "[" * 100_000,
]


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_is_not_clear_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        read_judgement(text, CODES)
    assert "\n" not in str(caught.value)


def test_what_is_not_clear_is_unknown_and_never_accepted() -> None:
    bench = Bench(lambda _: "looks good to me")
    found = over_http(bench, lambda model: judge(GOOD, model, 1))
    assert {verdict.label for verdict in found} == {"unknown"}
    assert {reason.code for verdict in found for reason in verdict.reasons} == {UNREADABLE}
    assert [verdict.reasons[0].message for verdict in found] == [*SPOKEN, None]
    assert len(bench.asked) == 2 * len(found)
    assert not GOOD.model_copy(update={"verdicts": found}).accepted


def test_a_judge_that_recovers_is_read() -> None:
    spoilt: set[str] = set()

    def answer(material: str) -> str:
        if material in spoilt:
            return judgement("good")
        spoilt.add(material)
        return ""

    assert {verdict.label for verdict in verdicts(answer)} == {"good"}


def test_a_failing_endpoint_gives_no_verdict() -> None:
    with pytest.raises(ProviderError, match="no chat completion"):
        over_http(html, lambda model: judge(GOOD, model, 1))


@pytest.mark.parametrize("wrapped", ["{}", "```json\n{}\n```", "```\n{}```\n", "\n {} \n"])
def test_a_clear_answer_is_read_with_or_without_a_fence(wrapped: str) -> None:
    text = wrapped.replace("{}", judgement("recoverable", "judge_redundant"))
    assert read_judgement(text, CODES).label == "recoverable"


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_no_value_is_good_by_accident(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_judgement(json.dumps(value), CODES)


def test_every_code_is_declared_once() -> None:
    assert len(JUDGE_REASONS) == len(TURN_QUESTIONS) + len(USER_QUESTIONS) + 1
    assert all(code.startswith("judge_") for code in JUDGE_REASONS)
