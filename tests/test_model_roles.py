"""The roles that a model plays: what it is shown, what is made of its words."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from data.prompts import TEMPLATES, prompts_hash, render
from generators.dialogue.guess_act import answer_act, assistant_act, opening_act
from generators.dialogue.model_roles import (
    OPENING,
    STOP,
    ModelAssistant,
    ModelUser,
    assistant_history,
    heard,
    user_prompt,
)
from generators.dialogue.roles import Move, RoleFailure, Utterance
from generators.operators import full_grammar
from schemas.errors import ProviderError
from schemas.message import AssistantMessage, Message, ToolMessage
from schemas.reasons import ROLE_FAILURES
from schemas.record import JsonObject
from schemas.task import Task, TaskTurn
from schemas.twists import Unknown, Vague, Withheld
from tests.dialogues import Scripted, over_http, tool_calls
from tests.endpoints import server_error
from tests.tampering import edit_call
from tests.trajectories import GOOD, ORDER, TASK, TOOLS

SEARCH = '{"query": "oak desk"}'


def task(**changes: Any) -> Task:
    """A task whose second wish revises a number and does not know a voucher."""
    wish = TASK.brief.wishes[1]
    first = wish.know[0].model_copy(update={"value": 3})
    wish = wish.model_copy(update={"not_known": ("voucher code",), "first": first} | changes)
    wishes = (TASK.brief.wishes[0], wish, *TASK.brief.wishes[2:])
    brief = TASK.brief.model_copy(update={"wishes": wishes})
    return TASK.model_copy(update={"brief": brief})


def speak(*replies: str | JsonObject, upto: int = 1, of: Task = TASK) -> Utterance | None:
    messages = GOOD.messages[:upto]
    return over_http(Scripted(*replies), lambda model: ModelUser(of, model, 1).speak(messages))


def move(*replies: str | JsonObject, upto: int = 2) -> Move:
    messages = GOOD.messages[:upto]
    return over_http(
        Scripted(*replies), lambda model: ModelAssistant(TOOLS, model, 1).move(messages)
    )


def test_the_user_is_told_who_it_is_and_what_it_knows_holds_back_and_does_not_know() -> None:
    prompt = user_prompt(task())
    for said in (
        "Ida Brandt",
        "few words",
        "Why now: Furnishes a study for two.",
        "1. find an oak desk",
        "- known, words: oak desk",
        "Why: the room is small",
        "- which product is meant: the smaller desk",
        "- known, quantity: 2",
        "- known, but said only when the assistant asks, day: 2026-03-12",
        "- not known: voucher code",
        "- said wrongly at first, quantity: 3.",
        "You accept a no.",
        STOP,
    ):
        assert said in prompt
    assert "known, day" not in prompt


def test_the_user_is_not_told_what_only_tools_know() -> None:
    prompt = user_prompt(task())
    assert "p-31" not in prompt
    assert "place_order" not in prompt
    assert "W-1001" not in prompt


def test_the_user_hears_words_only_and_the_parts_are_swapped() -> None:
    history = heard(GOOD.messages)
    assert history[0] == {"role": "user", "content": OPENING}
    assert history[1] == {"role": "assistant", "content": "Hi, do you have an oak desk?"}
    assert "p-31" not in json.dumps(history)
    roles = [message["role"] for message in history]
    assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"] * (len(roles) % 2)
    both = next(
        message["content"] for message in history if "I try once more" in message["content"]
    )
    assert both.endswith("arrives on the 12th of March.")


def test_requests_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    def asked(seed: int) -> JsonObject:
        brain = Scripted("Hi!")
        over_http(brain, lambda model: ModelUser(TASK, model, seed).speak(GOOD.messages[:1]))
        return brain.asked[0]

    assert asked(1) == asked(1)
    assert asked(1)["seed"] != asked(2)["seed"]


def test_an_empty_reply_is_asked_for_again_twice_with_other_seeds() -> None:
    brain = Scripted(" ", "\n", "Hi, I want a desk.", "unused")
    said = over_http(brain, lambda model: ModelUser(TASK, model, 1).speak(GOOD.messages[:1]))
    assert said == Utterance(text="Hi, I want a desk.", act="request", turn=0)
    assert len({request["seed"] for request in brain.asked}) == 3


@pytest.mark.parametrize(
    ("reply", "upto", "code"),
    [
        ("", 1, "empty_reply"),
        (STOP, 1, "stop_in_first_turn"),
        (f"Hello!\n{STOP}", 1, "stop_in_first_turn"),
        (STOP, 7, "stop_while_pending"),
        (tool_calls(("get_hours", "{}")), 1, "user_calls_tool"),
    ],
)
def test_a_user_without_use_is_given_up(reply: str, upto: int, code: str) -> None:
    with pytest.raises(RoleFailure) as caught:
        speak(reply, reply, reply, upto=upto)
    assert caught.value.code == code
    assert caught.value.explanation


def test_the_user_ends_the_conversation() -> None:
    assert speak(STOP, upto=20) is None
    assert speak(f"Thanks!\n{STOP}", upto=20) == Utterance("Thanks!", "thank", 3)


def test_an_end_said_together_with_the_yes_does_not_cut_off_what_was_agreed() -> None:
    assert speak(f"Yes, go ahead. {STOP}", upto=7) == Utterance("Yes, go ahead.", "affirm", 1)


@pytest.mark.parametrize(
    ("asked", "text", "act"),
    [
        ("clarify", "Of course! The 12th of March.", "inform"),
        ("clarify", "Yes, please.", "affirm"),
        ("confirm", "Yes, please.", "affirm"),
        ("confirm", "Yes, but make it three, actually.", "correct"),
        ("confirm", "No, leave it.", "negate"),
        ("confirm", "Wait, I meant the large one.", "correct"),
        ("clarify", "I don't know, sorry.", "unable_to_inform"),
        ("clarify", "I'm not sure.", "unable_to_inform"),
        ("clarify", "On the 12th of March.", "inform"),
        ("clarify", "I'll take the second one.", "choose"),
        ("report", "Great, thank you. That's all.", "thank"),
        ("report", "Bye!", "thank"),
        ("report", "Thanks, could you also send it?", "inform"),
    ],
)
def test_the_act_of_an_answer_follows_from_its_words(asked: Any, text: str, act: str) -> None:
    assert answer_act(text, asked) == act


@pytest.mark.parametrize(
    ("changes", "act"),
    [
        ({}, "request"),
        ({"outcome": "refuse"}, "unsupported_request"),
        ({"twists": (Vague(),)}, "vague_request"),
        ({"twists": (Withheld(call=0, path="day"),)}, "partial_request"),
        ({"twists": (Unknown(name="order number"),)}, "partial_request"),
    ],
)
def test_the_act_of_an_opening_follows_from_the_blueprint(changes: JsonObject, act: str) -> None:
    assert opening_act(TaskTurn(intent="x", **changes)) == act


@pytest.mark.parametrize(
    ("text", "upto", "act"),
    [
        ("Shall I order them?", 6, "confirm"),
        ("That is two small desks. Is that correct?", 6, "confirm"),
        ("Which day suits you?", 6, "clarify"),
        ("Happy to help. May I have your card number first?", 6, "clarify"),
        ("Please tell me the order number.", 6, "clarify"),
        ("I can't repair chairs.", 19, "refuse"),
        ("I can't repair chairs. Shall I look for a new one instead?", 19, "refuse"),
        ("I'm afraid not. Is there anything else I can do?", 19, "refuse"),
        ("You're welcome! Can I help with anything else?", 19, "close"),
        ("I found two of them.", 4, "report"),
        ("I found two. Would you like anything else?", 4, "report"),
        ("The service does not answer.", 10, "report_failure"),
        ("One moment.", 6, "say"),
        ("I found it. I'm afraid that I can't order it: it is not made any more.", 4, "refuse"),
        ("I found two. I can't see any in oak.", 4, "report"),
        ("I couldn't find any in oak.", 4, "report"),
        ("I found it. That is not possible, sorry: it is not made any more.", 4, "refuse"),
    ],
)
def test_the_act_of_the_assistant_follows_from_words_and_results(
    text: str, upto: int, act: str
) -> None:
    assert assistant_act(text, GOOD.messages[:upto], may_write=True) == act


def test_a_failure_that_lasts_is_one_after_a_look_too() -> None:
    told, looked = "I'm sorry, but I couldn't place the order.", GOOD.messages[3]
    assert assistant_act(told, (*GOOD.messages[:10], looked), may_write=True) == "report_failure"
    assert assistant_act("It is placed.", (*GOOD.messages[:10], looked), may_write=True) == "report"
    assert assistant_act(told, GOOD.messages[:12], may_write=True) == "report"


def test_what_answers_thanks_declines_nothing() -> None:
    thanks = GOOD.messages[18].model_copy(update={"act": "thank"})
    said = {
        text: assistant_act(text, (*GOOD.messages[:18], thanks), may_write=True)
        for text in phrases("close_after_no")
    }
    assert said == dict.fromkeys(said, "close")


def test_a_question_asks_no_leave_where_nothing_can_be_written() -> None:
    assert assistant_act("Shall I look it up?", GOOD.messages[:2], may_write=False) == "clarify"


def test_the_assistant_sees_definitions_and_history_in_the_shapes_of_the_interface() -> None:
    brain = Scripted("Done.")
    over_http(brain, lambda model: ModelAssistant(TOOLS, model, 1).move(GOOD.messages[:17]))
    (sent,) = brain.asked
    assert [tool["function"]["name"] for tool in sent["tools"]] == [t.wire_name for t in TOOLS]
    assert sent["tools"][0]["function"]["parameters"] == TOOLS[0].parameters
    assert sent["messages"][0] == {"role": "system", "content": TASK.policy}
    retry = sent["messages"][10]
    assert retry["content"] == "The service is busy, so I try once more."
    assert json.loads(retry["tool_calls"][0]["function"]["arguments"]) == ORDER
    both = sent["messages"][14]
    assert both["content"] is None
    assert [call["id"] for call in both["tool_calls"]] == ["c4", "c5"]
    assert sent["messages"][15] == {
        "role": "tool",
        "tool_call_id": "c4",
        "content": GOOD.messages[15].content,  # type: ignore[union-attr]
    }


def test_arguments_that_a_model_wrote_stay_as_it_wrote_them() -> None:
    written = '{"query":  "oak desk" ,"limit":5}'
    told = assistant_history(edit_call(2, raw=written).messages)
    assert told[2]["tool_calls"][0]["function"]["arguments"] == written


def test_the_assistant_may_speak_and_call_several_tools_at_once() -> None:
    calls = tool_calls(("search_products", SEARCH), ("get_hours", '{"day": "sunday"}'), text="Ok.")
    made = move(calls | {"reasoning_content": "two things"})
    assert (made.text, made.act, made.reasoning) == ("Ok.", "call", "two things")
    assert [(call.name, call.arguments) for call in made.calls] == [
        ("search_products", {"query": "oak desk"}),
        ("get_hours", {"day": "sunday"}),
    ]
    assert made.calls[0].raw == SEARCH


def test_a_failed_call_that_is_made_again_is_a_retry() -> None:
    again = tool_calls(("place_order", json.dumps(ORDER)))
    other = tool_calls(("place_order", json.dumps(ORDER | {"quantity": 1})))
    assert move(again, upto=10).act == "retry"
    assert move(other, upto=10).act == "call"


def test_no_arguments_at_all_are_an_empty_object() -> None:
    (call,) = move(tool_calls(("get_hours", ""))).calls
    assert (call.arguments, call.raw) == ({}, "{}")


TAGGED = '<tool_call>{"name": "get_hours", "arguments": {"day": "sunday"}}</tool_call>'


def test_a_call_that_is_written_into_the_text_is_made() -> None:
    made = move(f"Let me see. {TAGGED}")
    assert (made.text, made.act) == ("Let me see.", "call")
    assert [one.arguments for one in made.calls] == [{"day": "sunday"}]


def test_native_calls_come_before_what_the_text_says() -> None:
    made = move(tool_calls(("get_hours", '{"day": "monday"}'), text=TAGGED))
    assert [one.arguments for one in made.calls] == [{"day": "monday"}]


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ("", "empty_reply"),
        (TAGGED.replace("get_hours", "cancel_everything"), "unknown_tool"),
        (tool_calls(("cancel_everything", "{}")), "unknown_tool"),
        (tool_calls(("get_hours", "{day: sunday}")), "unparsable_arguments"),
        (tool_calls(("get_hours", '["sunday"]')), "unparsable_arguments"),
        (tool_calls(("get_hours", '{"day": NaN}')), "unparsable_arguments"),
        (tool_calls(("get_hours", "[" * 100_000)), "unparsable_arguments"),
    ],
)
def test_an_assistant_without_use_is_asked_once_more_and_given_up(
    reply: str | JsonObject, code: str
) -> None:
    brain = Scripted(reply, reply, "unused")
    with pytest.raises(RoleFailure) as caught:
        over_http(brain, lambda model: ModelAssistant(TOOLS, model, 1).move(GOOD.messages[:2]))
    assert caught.value.code == code in ROLE_FAILURES
    assert len(brain.asked) == 2
    assert move(reply, "Hello.").text == "Hello."


@pytest.mark.parametrize("role", [ModelUser, ModelAssistant])
def test_a_failing_endpoint_is_no_failure_of_the_role(role: Callable[..., Any]) -> None:
    if role is ModelUser:
        with pytest.raises(ProviderError):
            over_http(server_error, lambda model: ModelUser(TASK, model, 1).speak(()))
    else:
        with pytest.raises(ProviderError):
            over_http(
                server_error, lambda model: ModelAssistant(TOOLS, model, 1).move(GOOD.messages[:2])
            )


def test_a_template_that_is_given_too_little_fails() -> None:
    with pytest.raises(UndefinedError):
        render("user.j2", persona=TASK.persona, clock=TASK.clock)


def test_the_hash_covers_every_template() -> None:
    from data import resource

    files = {item.name for item in resource("prompts").iterdir() if item.name.endswith(".j2")}
    assert set(TEMPLATES) == files
    assert prompts_hash() == prompts_hash()


@given(text=st.text(min_size=1), upto=st.integers(0, len(GOOD.messages)))
def test_any_words_have_an_act(text: str, upto: int) -> None:
    messages: tuple[Message, ...] = GOOD.messages[:upto]
    assert assistant_act(text, messages, may_write=True)
    assert answer_act(text, "report")


def test_each_result_stays_with_its_call_in_the_history() -> None:
    told = assistant_history(GOOD.messages)
    assert len(told) == len(GOOD.messages)
    for message, sent in zip(GOOD.messages, told, strict=True):
        if isinstance(message, ToolMessage):
            assert sent["tool_call_id"] == message.call_id
        if isinstance(message, AssistantMessage) and message.calls:
            assert [call["id"] for call in sent["tool_calls"]] == [c.id for c in message.calls]


SLOTS = {
    "want": "order two desks for $30",
    "found": "It is “Oak desk?”.",
    "question": "Shall I go ahead?",
    "wish": "order a taxi to the station",
    "topics": "orders and products",
    "value": "March 12",
    "value_again": "March 12",
    "labels": "the delivery date and the size",
    "topic": "orders",
}


def phrases(key: str) -> list[str]:
    """Every way in which the scripted roles say a thing."""
    ways = full_grammar().alternatives[key].values()
    return [
        re.sub(r"\{(\w+)\}", lambda slot: SLOTS.get(slot[1], "delivery date"), template)
        for templates in ways
        for template in templates
    ]


@pytest.mark.parametrize(
    ("key", "act"),
    [
        ("clarify_one", "clarify"),
        ("clarify_many", "clarify"),
        ("clarify_date", "clarify"),
        ("clarify_open", "clarify"),
        ("ask_unknown", "clarify"),
        ("confirm", "confirm"),
        ("refuse", "refuse"),
        ("close", "close"),
    ],
)
def test_what_the_scripted_assistant_says_is_recognised(key: str, act: str) -> None:
    told = {text: assistant_act(text, GOOD.messages[:2], may_write=True) for text in phrases(key)}
    assert told == dict.fromkeys(told, act)


@pytest.mark.parametrize(
    ("key", "asked", "act"),
    [
        ("affirm", "confirm", "affirm"),
        ("correct", "confirm", "correct"),
        ("unable", "clarify", "unable_to_inform"),
        ("thank", "report", "thank"),
        ("thank_after_no", "report", "thank"),
        ("inform_one", "clarify", "inform"),
    ],
)
def test_what_the_scripted_user_says_is_recognised(key: str, asked: Any, act: str) -> None:
    told = {text: answer_act(text, asked) for text in phrases(key)}
    assert told == dict.fromkeys(told, act)
