"""Every check accepts the correct conversation and names what is wrong with a spoilt one."""

import ast
import time
from datetime import UTC, datetime
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.run.calibration import blame_first
from schemas.check import CheckContext
from schemas.message import AssistantMessage
from schemas.reasons import BY_CODE, REASONS, reason
from schemas.trajectory import Trajectory
from schemas.verdict import Reason, Verdict
from tests.spoils import (
    AFFIRM,
    AGAIN,
    ANSWERED,
    ASK,
    CONFIRM,
    DONE,
    FAULT,
    REPORTED,
    SEARCHED,
    SECOND,
    SHELF,
    SPOILS,
    TRIED,
    WISH,
    BrokenShop,
    Spoil,
    leaving_open,
    modelled,
)
from tests.tampering import (
    argument_leaves,
    drop,
    edit,
    edit_call,
    edit_source,
    edit_task,
    exchange_of,
    insert,
    say,
    swap,
)
from tests.trajectories import FOUND, GOOD, ORDER, TASK, Shop, said
from validators import faithful, goal
from validators.checks import CHECKS, examine, run_checks, weigh
from validators.code_check import code_check
from validators.dataset import compare, first_message_key, task_key
from validators.faithful import _find_untold, _Known
from validators.labels import label
from validators.moves import MOVE_CHECKS
from validators.order import _is_told
from validators.provenance import contains
from validators.text import MARKS, STRICT, Mark, _repeats
from validators.transcript import find_consent

VALIDATORS = Path(__file__).parents[1] / "validators"
LABEL_CODES = {"known_mistake", "failed_attempt", "lasting_fault", "transient_fault"}
DATASET_CODES = {"duplicate_first_message", "duplicate_task"}


def codes(trajectory: Trajectory) -> dict[str, set[str]]:
    """Check → the codes that it gives."""
    return {
        verdict.check: {reason.code for reason in verdict.reasons}
        for verdict in trajectory.verdicts
    }


def test_what_was_found_once_is_weighed_again_beside_what_a_judge_says() -> None:
    unknown = Verdict(check="judge", version=1, level="text", label="unknown", judge="tiny")
    for spoil in SPOILS:
        trajectory, environment = spoil.trajectory, spoil.environment
        weighed = weigh(trajectory, run_checks(trajectory, environment), (unknown,))
        assert weighed == examine(trajectory, environment, (unknown,)), spoil.code


def test_of_a_message_the_same_is_found_where_nothing_else_is_asked_about() -> None:
    for spoil, check in product(SPOILS, MOVE_CHECKS):
        told, made = spoil.trajectory, spoil.environment
        whole = check(CheckContext(told, made)).reasons
        for place in range(len(told.messages)):
            alone = check(CheckContext(told, made, since=place)).reasons
            assert [one for one in alone if one.message == place] == [
                one for one in whole if one.message == place
            ], spoil.code


def test_the_correct_conversation_passes_every_check() -> None:
    examined = examine(GOOD, Shop)
    assert [verdict.label for verdict in examined.verdicts] == ["good"] * len(CHECKS)
    assert examined.accepted
    assert all(label.train for label in examined.labels)


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.code)
def test_a_spoilt_conversation_gives_exactly_the_expected_code(spoil: Spoil) -> None:
    examined = examine(spoil.trajectory, spoil.environment)
    assert not examined.accepted
    finding = [found for found in codes(examined).values() if spoil.code in found]
    assert finding, codes(examined)
    assert all(found == {spoil.code} for found in finding)


def test_a_write_is_sent_again_after_a_look_or_where_twice_is_as_good_as_once() -> None:
    """Looked for in vain, or a row set to values: what became of the first try does not matter."""
    asked, found = (one.model_copy(update={"turn": 1}) for one in exchange_of(SEARCHED, "c9"))
    other = insert(AGAIN, asked, found, trajectory=leaving_open("timeout"))
    assert "blind_repeat" in codes(examine(other, Shop))["order"]  # it would show no order
    calls = tuple(one.model_copy(update={"name": "list_orders"}) for one in asked.calls)
    asked = asked.model_copy(update={"calls": calls})
    looked = insert(AGAIN, asked, found, trajectory=leaving_open("timeout"))
    turns = GOOD.task.turns
    calls = tuple(one.model_copy(update={"repeatable": True}) for one in turns[1].calls)
    told = edit_task(turns=(turns[0], turns[1].model_copy(update={"calls": calls}), *turns[2:]))
    for accepted in (looked, leaving_open("server_error", told)):
        assert "blind_repeat" not in codes(examine(accepted, Shop)).get("order", set())


def test_another_value_is_written_where_the_words_say_yes_too() -> None:
    corrected = edit(AFFIRM, act="correct", text="Make the number 2, then go ahead.")
    assert "unconfirmed_write" not in codes(examine(corrected, Shop)).get("order", set())


def test_every_phrase_that_corrects_a_value_carries_consent() -> None:
    phrases = yaml.safe_load((files("generators.operators.revise") / "phrases.yaml").read_text())
    for words in (one for ways in phrases["correct"].values() for one in ways):
        question = GOOD.messages[CONFIRM].model_copy(update={"act": "confirm"})
        answer = GOOD.messages[AFFIRM].model_copy(update={"act": "correct", "text": words})
        assert find_consent([question, answer], question.turn) == "given", words


def test_every_declared_code_is_tested_and_every_tested_one_declared() -> None:
    tested = {spoil.code for spoil in SPOILS} | LABEL_CODES | DATASET_CODES
    assert tested == BY_CODE.keys()
    assert len(BY_CODE) == len(REASONS)


def test_every_code_that_the_checks_use_is_declared_and_the_other_way_round() -> None:
    used: set[str] = set()
    for path in VALIDATORS.glob("*.py"):
        if path.stem not in ("reasons", "judge", "judgement"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
            used |= {text for text in strings if text in BY_CODE}
    assert used == BY_CODE.keys()


def test_an_undeclared_code_cannot_be_given() -> None:
    with pytest.raises(KeyError):
        reason("no_such_code")


def test_each_code_is_given_by_a_check_of_its_level() -> None:
    for spoil in SPOILS:
        for verdict in examine(spoil.trajectory, spoil.environment).verdicts:
            for found in verdict.reasons:
                assert BY_CODE[found.code].level in (verdict.level, None)


def test_a_check_that_raises_is_unknown_and_says_what_was_raised() -> None:
    @code_check("weather", level="text")
    def broken(context: CheckContext) -> Any:
        yield reason("doubled_word", 0)
        raise ZeroDivisionError("rain")

    verdict = broken(CheckContext(GOOD, Shop))
    assert verdict.label == "unknown"
    assert [found.code for found in verdict.reasons] == ["check_failed"]
    assert "ZeroDivisionError: rain" in verdict.reasons[0].explanation


def test_extra_verdicts_count() -> None:
    unknown = Verdict(check="judge", version=1, level="turn", label="unknown", judge="m")
    examined = examine(GOOD, Shop, (unknown,))
    assert examined.verdicts[-1] == unknown
    assert not examined.accepted
    assert {label.label for label in examined.labels} <= {"unknown"}
    assert not any(label.train for label in examined.labels)


def test_former_verdicts_are_replaced() -> None:
    assert examine(examine(GOOD, None), Shop) == examine(GOOD, Shop)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__module__)
def test_a_check_does_not_raise_for_an_empty_conversation(check: Any) -> None:
    empty = GOOD.model_copy(update={"messages": (), "tools": ()})
    verdict = check(CheckContext(empty, Shop))
    assert all(found.code != "check_failed" for found in verdict.reasons)


# What must not be held against a trajectory.

_HARMLESS_READ = exchange_of(2, "c9")
HARMLESS = {
    "an extra read": insert(REPORTED, *_HARMLESS_READ),
    "a number as float": edit_call(
        AGAIN, arguments={"product_id": "p-31", "quantity": 2.0, "delivery_date": "2026-03-12"}
    ),
    "other spaces in a result": edit(SHELF, content=FOUND.replace('": ', '" :  ')),
    "none as a word": say(REPORTED, "None of the others is in stock. I found 2 oak desks."),
    "twice as much": say(REPORTED, "I know that that is much: $189.50 or $249."),
    "an ellipsis": say(WISH, "Could you repair my chair... it is old?"),
    "a quoted value": say(REPORTED, "There is “oak desk, SMALL”."),
    "a relative date": say(DONE, "W-1001 arrives on Thursday, 12 March 2026, for $379.00."),
    "a small count": say(DONE, "That took 7 steps. W-1001 is $379."),
    "rows that differ in a word": say(
        REPORTED,
        "I found 2 oak desks:"
        + "".join(
            f"\n- {one} (made of oak, sold by the shop, sent to where you live)"
            for one in ("small", "large", "round", "square", "tall")
        ),
    ),
    "a markdown link": say(DONE, "W-1001 for $379: see [the page](here)."),
    "a goodbye after the refusal": insert(
        20,
        GOOD.messages[WISH].model_copy(update={"text": "All right, thanks!", "act": "thank"}),
        GOOD.messages[19].model_copy(update={"text": "Goodbye!", "act": "close"}),
    ),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_harmless_is_accepted(name: str) -> None:
    examined = examine(HARMLESS[name], Shop)
    assert examined.accepted, [reason for v in examined.verdicts for reason in v.reasons]


@pytest.mark.parametrize(
    ("quantity", "first", "reached"),
    [(2, True, True), (3, True, False), (2, False, False)],
    ids=["other words alone", "another number", "other words for what is no hand-over"],
)
def test_of_a_hand_over_the_words_are_the_assistants_and_all_else_is_as_wanted(
    quantity: int, first: bool, reached: bool
) -> None:
    turns = [one.model_copy(update={"calls": tuple(
        call.model_copy(update={"composed": first and call.tool == "place_order"})
        for call in one.calls)}) for one in TASK.turns]  # fmt: skip
    given = {**ORDER, "quantity": quantity, "delivery_date": "as soon as it can be"}
    spoken = edit_call(AGAIN, 0, edit_task(turns=tuple(turns)), arguments=given)
    shop = Shop(TASK)
    shop.call("place_order", given)
    played = spoken.model_copy(update={"final_state": shop.state_hash()})
    found = {one.code for one in goal.check(CheckContext(played, Shop)).reasons}
    assert ("wrong_final_state" in found) is not reached


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Hello Ida, order W-1001 is placed.", set()),
        ("Hello Boris Falk, order W-1001 is placed.", {"unfaithful_name"}),
        ("It is placed. Then I'll look.", set()),
        ("It is placed. Boris Falk paid.", {"unfaithful_name"}),
        ("It stays “open until it is paid”.", set()),
        ("It stays “open until it is sent”.", {"unfaithful_quote"}),
        ("It may weigh up to 128 kg, and I need no IDs.", set()),
        ("It may weigh up to 129 kg.", {"unfaithful_number"}),
    ],
)
def test_a_greeting_is_no_name_and_what_a_tool_says_of_itself_may_be_quoted(
    text: str, found: set[str]
) -> None:
    of_itself = "Of Ida: it stays open until it is paid. Under 128kg."
    told = tuple(one.model_copy(update={"description": of_itself}) for one in GOOD.tools)
    spoken = modelled(say(DONE, text, GOOD.model_copy(update={"tools": told})))
    suspected = {one.code for one in faithful.check(CheckContext(spoken, None)).reasons}
    codes = {"unfaithful_name", "unfaithful_quote", "unfaithful_number"}
    assert suspected & codes == found


def test_what_a_result_holds_may_be_said_as_it_is() -> None:
    named = edit(SHELF, content=FOUND.replace("Oak desk, small", "order_id None the the .."))
    spoken = say(REPORTED, "I found “order_id None the the ..” for $189.50.", named)
    assert codes(examine(spoken, None))["text"] == set()


def test_a_missing_read_is_forgiven_to_a_model() -> None:
    whole = drop(14, 15, 16)
    unasked = whole.task.acceptance.model_copy(update={"must_call": ()})
    played = edit_task(whole, acceptance=unasked)
    roles = played.roles.model_copy(update={"assistant": "some-model"})
    assert codes(examine(played, Shop))["goal"] == {"missed_required_action"}
    modelled = examine(played.model_copy(update={"roles": roles}), Shop)
    assert codes(modelled)["goal"] == {"should_have_refused"}  # which a judge is asked


@pytest.mark.parametrize(
    ("text", "span", "rule", "stands"),
    [
        ("I live in Oakland", "Oak", "literal", False),
        ("I live in Oak.", "Oak", "literal", True),
        ("the 12th", "12", "number", True),
        ("it is 12.5 wide", "12", "number", False),
        ("it is 12.5 wide", "5", "number", False),
        ("order 4127", "12", "number", False),
        ("it is 12.", "12", "number", True),
        ("call it “x (y)”", "x (y)", "literal", True),
        ("anything", "", "literal", False),
    ],
)
def test_a_span_stands_as_whole_words(text: str, span: str, rule: str, stands: bool) -> None:
    assert contains(text, span, rule) is stands


# Labels.


def labels(trajectory: Trajectory) -> dict[int, tuple[str, bool, tuple[str, ...]]]:
    return {
        label.message: (label.label, label.train, label.reasons)
        for label in examine(trajectory, Shop).labels
    }


def test_there_is_one_label_for_each_assistant_message() -> None:
    positions = [m.index for m in GOOD.messages if isinstance(m, AssistantMessage)]
    assert list(labels(GOOD)) == positions


def test_a_call_that_the_service_failed_is_trained_on() -> None:
    assert labels(GOOD)[TRIED] == ("recoverable", True, ("transient_fault",))


def test_a_wrong_call_that_was_put_right_is_masked_and_the_correction_trained_on() -> None:
    content = '{"error": {"code": "not_found", "message": "There is no such product."}}'
    wrong = edit(FAULT, content=content, fault=None)
    product = {"product_id": "Oak", "quantity": 2, "delivery_date": "2026-03-12"}
    provenance = edit_source(TRIED, "product_id", said(ASK, "oak", "words")).messages[TRIED]
    assert isinstance(provenance, AssistantMessage)
    call = provenance.calls[0].model_copy(update={"arguments": product})
    wrong = edit(TRIED, wrong, calls=(call,))
    found = labels(wrong)
    assert found[TRIED] == ("recoverable", False, ("failed_attempt",))
    assert found[AGAIN] == ("good", True, ())
    assert examine(wrong, Shop).accepted


def test_what_is_only_suspected_beside_what_is_bad_is_held_against_no_message() -> None:
    reasons = (
        Reason(code="should_have_refused", message=AGAIN, suspect=True),
        Reason(code="wrong_arguments", message=TRIED),
    )
    bad = Verdict(check="goal", version=1, level="goal", label="bad", reasons=reasons)
    found = {one.message: one for one in label(GOOD, (bad,))}
    assert found[TRIED].reasons == ("wrong_arguments",)
    assert (found[AGAIN].label, found[AGAIN].reasons) == ("good", ())
    unclear = Verdict(check="order", version=1, level="order", label="unknown", reasons=reasons[:1])
    nowhere = bad.model_copy(update={"reasons": (Reason(code="wrong_final_state"),)})
    for verdicts, first in (((bad, unclear), TRIED), ((nowhere, unclear), AGAIN)):
        labels = label(GOOD, verdicts)
        judged = GOOD.model_copy(update={"verdicts": verdicts, "labels": labels})
        assert blame_first(judged) == first


def test_a_vain_question_that_the_task_itself_asks_is_no_failed_attempt() -> None:
    gold = GOOD.task.calls[3]
    vain = gold.model_copy(update={"result": '{"error": {"code": "x", "message": "y"}}'})
    last = GOOD.task.turns[2].model_copy(update={"calls": (GOOD.task.calls[2], vain)})
    task = edit_task(turns=(*GOOD.task.turns[:2], last, GOOD.task.turns[3]))
    played = edit(SECOND, task, is_error=True, content=vain.result)
    good = Verdict(check="x", version=1, level="text", label="good")
    found = {turn.message: turn for turn in label(played, (good,))}
    assert (found[14].label, found[14].reasons) == ("good", ())
    assert codes(examine(played, None))["goal"] == set()


def test_blame_falls_on_the_message_at_fault_and_on_no_other() -> None:
    found = labels(say(DONE, "Order W-1001 comes to $9,999."))
    assert found.pop(DONE) == ("bad", False, ("unfaithful_number", "value_not_told"))
    assert {label for label, _, _ in found.values()} == {"good", "recoverable"}


def test_blame_for_a_result_falls_on_the_call() -> None:
    found = labels(edit(ANSWERED, content="nonsense"))
    assert found[AGAIN] == ("bad", False, ("unreadable_result", "replay_differs"))


def test_nothing_is_trained_on_while_a_verdict_is_unknown() -> None:
    examined = examine(GOOD, BrokenShop)
    assert {label.label for label in examined.labels} == {"unknown"}
    assert not any(label.train for label in examined.labels)


# Duplicates.


def test_the_first_message_counts_without_case_and_punctuation() -> None:
    assert first_message_key(GOOD) == first_message_key(say(ASK, "hi - do you have an OAK desk"))
    assert first_message_key(GOOD) != first_message_key(say(ASK, "Hi, do you have a pine desk?"))


def test_the_task_counts_by_its_calls() -> None:
    assert task_key(GOOD) == task_key(edit_task(environment_seed=7))
    assert task_key(GOOD) != task_key(edit_task(turns=GOOD.task.turns[:2]))
    wish = GOOD.task.turns[3].model_copy(update={"intent": "have the roof mended"})
    assert task_key(GOOD) != task_key(edit_task(turns=(*GOOD.task.turns[:3], wish)))


def test_a_repeated_conversation_is_told_by_both_keys() -> None:
    assert compare(GOOD, set(), set()).label == "good"
    verdict = compare(GOOD, {first_message_key(GOOD)}, {task_key(GOOD)})
    assert {found.code for found in verdict.reasons} == DATASET_CODES
    assert not examine(GOOD, Shop, (verdict,)).accepted


# Laws.

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)


@settings(deadline=None)
@given(
    arguments=st.dictionaries(st.text(max_size=9), _JSON, max_size=4),
    text=st.text(max_size=40),
    explanation=st.text(max_size=40),
)
def test_a_trajectory_survives_json(arguments: Any, text: str, explanation: str) -> None:
    spoken = say(DONE, text, edit_call(AGAIN, arguments=arguments))
    verdict = Verdict(
        check="x", version=1, level="text", label="bad",
        reasons=(Reason(code="x", explanation=explanation),),
    )  # fmt: skip
    whole = spoken.model_copy(update={"verdicts": (verdict,)})
    again = Trajectory.model_validate_json(whole.model_dump_json())
    assert again == whole
    assert again.id == whole.id


def _replace(whole: Any, path: str, value: Any) -> Any:
    return {key: value if key == path else item for key, item in whole.items()}


@settings(deadline=None)
@given(leaf=st.sampled_from(argument_leaves()), value=_JSON)
def test_another_value_of_any_argument_is_always_caught(leaf: Any, value: Any) -> None:
    position, number, path, original = leaf
    if value == original and isinstance(value, bool) == isinstance(original, bool):
        return
    message = GOOD.messages[position]
    assert isinstance(message, AssistantMessage)
    arguments = _replace(message.calls[number].arguments, path, value)
    assert not examine(edit_call(position, number, arguments=arguments), Shop).accepted


@settings(deadline=None)
@given(leaf=st.sampled_from(argument_leaves()))
def test_a_lost_source_or_argument_is_always_caught(leaf: Any) -> None:
    position, number, path, _ = leaf
    message = GOOD.messages[position]
    assert isinstance(message, AssistantMessage)
    kept = {key: item for key, item in message.calls[number].arguments.items() if key != path}
    assert not examine(edit_source(position, path, number=number), Shop).accepted
    assert not examine(edit_call(position, number, arguments=kept), Shop).accepted


@pytest.mark.parametrize("position", range(len(GOOD.messages)))
def test_a_dropped_message_is_always_caught(position: int) -> None:
    assert not examine(drop(position), Shop).accepted


@settings(deadline=None)
@given(pair=st.sets(st.sampled_from(range(len(GOOD.messages))), min_size=2, max_size=2))
def test_two_messages_in_each_others_place_are_always_caught(pair: set[int]) -> None:
    left, right = sorted(pair)
    assert not examine(swap(left, right), Shop).accepted


@pytest.mark.parametrize(("total", "right"), [("69.80", True), ("79.80", False), ("104.70", False)])
def test_what_pieces_cost_together_is_the_price_times_their_number(total: str, right: bool) -> None:
    known = _Known(datetime(2026, 3, 2, 9))
    known.learn({"items": [{"price": 34.9}]})
    known.listen("two pieces, please")
    assert known.met_sum("34.90", total) is right


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("Two portions are 23 euros, delivery is 3.50: 26.50 euros in all.", []),
        ("It is 15.60 for the dishes, 3.50 for delivery and 2 euros as a tip: 21.10 euros.", []),
        ("The difference is 4.00, so the new total is 87.00.", []),
        ("We have:\n\n1. Soup\n2. Salad\n3. Bread\n\n13 is none of them.", ["13"]),
        ("9. Soup", ["9"]),
        ("Two portions are 23 euros, delivery is 3.50: 29.90 euros in all.", ["29.90"]),
        ("That makes 12,000 euros.", ["12,000"]),
        ("I found 5 rooms. One is €120. The total is €125.", ["125"]),
        ("There are 3 tickets. One is $40. The refund is $37.", ["37"]),
        ("The dose is 257 mg, 0 refills left.", ["257"]),
        ("On the 10th of March it comes to 115 euros.", ["10", "115"]),
        ("It is Tuesday (2026-03-10): 115 euros.", ["2026", "10", "115"]),
        ("10 portions of soup come to 115 euros.", []),
        ("That would be 290.50 euros.", ["290.50"]),
        ("It comes to 161 euros.", ["161"]),
        ("I have put down +43 1 529 8092.", []),
        ("I have put down +43 1 528 8092.", ["528"]),
        ("It was made 69 days ago.", []),
        ("It was made 68 days ago.", ["68"]),
    ],
)
def test_a_model_numbers_its_lines_and_adds_up_what_it_names(said: str, wrong: list[str]) -> None:
    known = _Known(datetime(2026, 3, 2, 9))
    known.learn({"dishes": [{"name": "Soup", "price": 11.5}, {"name": "Salad", "price": 15.6}]})
    known.learn({"created_at": "2025-12-23T16:35:00Z"})
    known.learn({"delivery_fee": 3.5, "order_total": 83.0, "old_price": 20.0, "new_price": 24.0})
    known.listen("two portions, please, and a tip of 2")
    known.listen("5 rooms. 3 tickets. One at €120. One at $40.")
    known.listen("Dial +43 1 529 8092.")
    known.listen("- At most 14 portions an order.", rule=True)
    found = [told.split(" ")[0] for code, told in _find_untold(known, said, (), modelled=True)
             if code == "unfaithful_number"]  # fmt: skip
    assert found == wrong


@pytest.mark.parametrize(
    ("said", "wrong"), [("4 minutes 48 seconds", []), ("4 minutes 49", ["49"])]
)
def test_milliseconds_may_be_told_in_minutes_and_seconds(said: str, wrong: list[str]) -> None:
    known = _Known(datetime(2026, 3, 2, 9))
    known.learn({"name": "Ivy", "duration_ms": 288765})
    told = [one.split(" ")[0] for _, one in _find_untold(known, said, (), modelled=True)]
    assert told == wrong


def test_who_agrees_is_told_the_day_of_what_is_counted_in_seconds() -> None:
    clock = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert _is_told("last used: January 15 at 6:45 pm", 1768502700, clock)
    assert not _is_told("last used: January 16 at 6:45 pm", 1768502700, clock)
    assert _is_told("24 euros", 24, clock)
    assert not _is_told("", 24, clock)


def test_seconds_since_1970_may_be_told_as_a_day_and_an_hour() -> None:
    known = _Known(datetime(2026, 3, 2, 9))
    known.learn({"created": 1675326300, "updated": 1675326300_000, "total": 3 * 10**9})
    assert not [*_find_untold(known, "the 2nd of February 2023 at 8:25 am", (), modelled=False)]
    assert [*_find_untold(known, "the 24th of January 2065", (), modelled=False)]


def test_a_model_that_counts_on_and_on_is_suspected_within_seconds() -> None:
    known = _Known(datetime(2026, 3, 2, 9))
    known.learn({"rows": [{"price": number + 0.5, "days": number} for number in range(40)]})
    said = " ".join(str(number) for number in range(9_000, 11_000))
    begun = time.process_time()
    found = [*_find_untold(known, said, (), modelled=True)]
    assert time.process_time() - begun < 3
    assert len(found) == 2_000


@pytest.mark.parametrize("mark", [one for one in (*STRICT, *MARKS) if one.hints != ("",)])
def test_whatever_a_mark_of_the_machinery_matches_holds_one_of_its_hints(mark: Mark) -> None:
    @settings(max_examples=60, deadline=None)
    @given(st.from_regex(mark.pattern))
    def law(text: str) -> None:
        assert mark.find(text) is not None

    law()


@pytest.mark.parametrize(("times", "wrong"), [(4, False), (5, True)])
def test_a_run_of_eight_words_may_come_four_times(times: int, wrong: bool) -> None:
    words = ", ".join(["the parcel will be with you by next Friday"] * times)
    assert any(_repeats(words)) is wrong
