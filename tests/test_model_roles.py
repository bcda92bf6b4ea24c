"""The roles that a model plays: what it is shown, what is made of its words."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jinja2 import UndefinedError
from jsonschema import Draft202012Validator

from data.prompts import SHIPPED, TEMPLATES, read_prompts, render
from generators.dialogue.acts import SPOKEN, opening_act, read_reply, reply_shape, write_reply
from generators.dialogue.model_roles import (
    OPENING,
    Look,
    ModelAssistant,
    ModelUser,
    assistant_history,
    heard,
    user_prompt,
)
from generators.dialogue.roles import Move, RoleFailure, Utterance
from generators.writing.task_ground import find_ungiven
from schemas.errors import InputError, ProviderError
from schemas.message import AssistantMessage, ToolMessage, UserMessage
from schemas.reasons import ROLE_FAILURES, find_blame
from schemas.record import JsonObject
from schemas.task import Task, TaskTurn
from schemas.twists import Unknown, Vague, Withheld
from tests.dialogues import Scripted, over_http, tool_calls, user_says
from tests.endpoints import server_error
from tests.studio import take
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
        "- not known, and you say so where you bring this up: voucher code",
        "- said wrongly at first, quantity: 3.",
        "You accept a no.",
        '"act": what you do',
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
    said = {"wish": 1, "act": "wish", "say": "Hi, do you have an oak desk?"}
    assert history[1]["role"] == "assistant"
    assert json.loads(history[1]["content"]) == said
    assert "p-31" not in json.dumps(history)
    roles = [message["role"] for message in history]
    assert roles == ["user", "assistant"] * (len(roles) // 2) + ["user"] * (len(roles) % 2)
    both = next(
        message["content"] for message in history if "I try once more" in message["content"]
    )
    assert both.endswith("arrives on the 12th of March.")


def test_requests_are_the_same_for_the_same_seed_and_others_for_another() -> None:
    def asked(seed: int) -> JsonObject:
        brain = Scripted(user_says("Hi!"))
        over_http(brain, lambda model: ModelUser(TASK, model, seed).speak(GOOD.messages[:1]))
        return brain.asked[0]

    assert asked(1) == asked(1)
    assert asked(1)["seed"] != asked(2)["seed"]


def test_an_empty_reply_is_asked_for_again_twice_with_other_seeds() -> None:
    brain = Scripted(" ", user_says(" "), user_says("Hi, I want a desk.", "wish"), "unused")
    said = over_http(brain, lambda model: ModelUser(TASK, model, 1).speak(GOOD.messages[:1]))
    assert said == Utterance(text="Hi, I want a desk.", act="request", turn=0)
    assert len({request["seed"] for request in brain.asked}) == 3


@pytest.mark.parametrize(
    ("reply", "upto", "code"),
    [
        ("", 1, "empty_reply"),
        (user_says("", "agree"), 7, "empty_reply"),
        (user_says("", "stop"), 1, "stop_in_first_turn"),
        (user_says("Hello!", "stop"), 1, "stop_in_first_turn"),
        (user_says("", "stop"), 7, "stop_too_early"),
        (user_says("Bye!", "stop", 4), 15, "stop_too_early"),
        ("Yes, go ahead.", 7, "unreadable_reply"),
        ('{"wish": 1, "act": "agree"}', 7, "unreadable_reply"),
        (user_says("Yes.", "nod"), 7, "unreadable_reply"),
        (user_says("Yes.", "agree", 9), 7, "unreadable_reply"),
        (user_says("Yes.", "agree", 0), 7, "unreadable_reply"),
        ('{"wish": 2, "act": "agree", "act": "decline", "say": "No."}', 7, "unreadable_reply"),
        (user_says("Actually, don't do that. Leave it.", "agree", 2), 7, "act_differs"),
        (tool_calls(("get_hours", "{}")), 1, "user_calls_tool"),
    ],
)
def test_a_user_without_use_is_given_up(reply: str, upto: int, code: str) -> None:
    with pytest.raises(RoleFailure) as caught:
        speak(reply, reply, reply, upto=upto)
    assert caught.value.code == code
    assert caught.value.explanation


def test_who_is_stuck_is_not_asked_again() -> None:
    brain = Scripted(user_says("I was not told which order.", "stuck"), "unused")
    with pytest.raises(RoleFailure) as caught:
        over_http(brain, lambda model: ModelUser(TASK, model, 1).speak(GOOD.messages[:1]))
    assert (caught.value.code, len(brain.asked)) == ("user_stuck", 1)
    assert find_blame(caught.value.code) == "task"


def test_the_user_ends_the_conversation() -> None:
    assert speak(user_says("", "stop", 4), upto=20) is None
    assert speak(user_says("Thanks!", "stop", 4), upto=20) == Utterance("Thanks!", "thank", 3)


def test_who_has_taken_leave_is_asked_nothing_more() -> None:
    brain = Scripted()
    leave = GOOD.messages[18].model_copy(update={"act": "thank"})
    said = (*GOOD.messages[:18], leave, GOOD.messages[19])
    assert over_http(brain, lambda model: ModelUser(TASK, model, 1).speak(said)) is None
    assert brain.asked == []


@pytest.mark.parametrize("act", sorted({*SPOKEN} - {"stop", "give_up"}))
def test_the_act_is_what_the_user_says_that_it_is(act: str) -> None:
    told = speak(user_says("Hm, well.", act, 2), upto=7)
    assert told == Utterance("Hm, well.", SPOKEN[act], 1)


def test_a_wish_that_is_brought_up_has_the_act_that_the_blueprint_says() -> None:
    two = Utterance("Two desks.", "request", 1)
    assert speak(user_says("Two desks.", "wish", 2), upto=5) == two
    assert speak(user_says("Two desks.", "answer", 2), upto=5) == two
    repair = Utterance("Also repairs?", "unsupported_request", 3)
    assert speak(user_says("Also repairs?", "wish", 4), upto=5) == repair


def test_wishes_are_taken_up_in_any_order() -> None:
    back = speak(user_says("And the desk?", "question", 1), upto=13)
    assert back == Utterance("And the desk?", "ask", 0)


@pytest.mark.parametrize("message", [m for m in GOOD.messages if isinstance(m, UserMessage)])
def test_what_is_written_for_a_user_is_read_again(message: UserMessage) -> None:
    told = read_reply(write_reply(message), len(TASK.turns))
    assert (told.wish - 1, told.say) == (message.turn, message.text)
    assert Draft202012Validator(reply_shape(len(TASK.turns))).is_valid(
        told.model_dump(exclude_defaults=True)
    )


@pytest.mark.parametrize(
    "text",
    ["Yes, and don't send me a mail.", "No problem, book it.", "Sure, stop asking!", "👍",
     "That works for me.", "Lovely, thank you.", "It says “do not disturb”, so be it."],
)  # fmt: skip
def test_who_agrees_may_say_it_as_they_like(text: str) -> None:
    assert speak(user_says(text, "agree", 2), upto=7) == Utterance(text, "affirm", 1)


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


def test_what_the_words_of_an_assistant_amount_to_is_not_guessed() -> None:
    for text in ("Shall I order them?", "I'm afraid that I can't.", "You're welcome!"):
        assert move(text, upto=6).act == "say"


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
        (tool_calls(("get_hours", '{"day": 1e999}')), "unparsable_arguments"),
        (tool_calls(("get_hours", r'{"day": "\ud800"}')), "unparsable_arguments"),
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
    assert SHIPPED.hash == read_prompts(None).hash


def test_each_result_stays_with_its_call_in_the_history() -> None:
    told = assistant_history(GOOD.messages)
    assert len(told) == len(GOOD.messages)
    for message, sent in zip(GOOD.messages, told, strict=True):
        if isinstance(message, ToolMessage):
            assert sent["tool_call_id"] == message.call_id
        if isinstance(message, AssistantMessage) and message.calls:
            assert [call["id"] for call in sent["tool_calls"]] == [c.id for c in message.calls]


def test_a_folder_of_ones_own_takes_the_place_of_shipped_prompts(tmp_path: Path) -> None:
    (tmp_path / "user.j2").write_text("You are {{ brief.who }}.")
    own = read_prompts(tmp_path)
    assert user_prompt(TASK, own) == "You are Ida Brandt."
    assert own.render("brief.j2", brief=TASK.brief) == render("brief.j2", brief=TASK.brief)
    assert own.hash != SHIPPED.hash == read_prompts(None).hash


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [("usr.j2", "x", "is no prompt"), ("user.j2", "{% if %}", "line 1"), ("x.txt", "", "holds")],
)
def test_prompts_that_cannot_be_used_are_told_in_a_line(
    tmp_path: Path, name: str, text: str, said: str
) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(InputError, match=said):
        read_prompts(tmp_path)


def sampled(*replies: str, look: Look = find_ungiven, best_of: int = 3) -> tuple[str, Scripted]:
    """What a user says first of whom so many samples are taken, and what was asked."""
    brain = Scripted(*replies)
    said = over_http(
        brain,
        lambda model: ModelUser(TASK, model, 1, best_of=best_of, look=look).speak(
            GOOD.messages[:1]
        ),
    )
    assert said is not None
    return said.text, brain


FIRST, INVENTED = "Do you have an oak desk?", "Do you have 17 oak desks in Lisbon?"


def test_who_invents_nothing_is_taken_at_once() -> None:
    text, brain = sampled(user_says(FIRST, "wish"))
    assert (text, len(brain.asked)) == (FIRST, 1)


def test_another_sample_is_taken_where_one_says_what_was_not_given() -> None:
    text, brain = sampled(user_says(INVENTED, "wish"), user_says(FIRST, "wish"))
    assert (text, len(brain.asked)) == (FIRST, 2)
    first, second = brain.asked
    assert first["messages"] == second["messages"]
    assert first["seed"] != second["seed"]


def test_the_model_chooses_where_code_finds_something_in_each() -> None:
    answers = (*(user_says(f"{INVENTED} {n}", "wish") for n in (21, 22)), '{"message": 2}')
    text, brain = sampled(*answers, best_of=2)
    assert text == f"{INVENTED} 22"
    asked = brain.asked[-1]["messages"][0]["content"]
    assert "Ida Brandt" in asked
    assert f"1. {INVENTED} 21" in asked


@pytest.mark.parametrize("answer", ['{"message": 0}', '{"message": 3}', "the first", '{"a": 1}'])
def test_where_each_sample_invents_something_the_candidate_ends(answer: str) -> None:
    with pytest.raises(RoleFailure) as failed:
        sampled(*[user_says(INVENTED, "wish")] * 2, answer, answer, best_of=2)
    assert failed.value.code == "user_invents"
    assert find_blame("user_invents") == "user"


def test_a_single_sample_is_left_to_the_judge() -> None:
    text, brain = sampled(user_says(INVENTED, "wish"), best_of=1)
    assert (text, len(brain.asked)) == (INVENTED, 1)


def test_users_of_scripts_say_nothing_that_they_were_not_given() -> None:
    """Of what code finds in such words, little is wrong: the model would be asked in vain."""
    found = [
        (index, message.text, told)
        for index in range(12)
        for one in [take(index).trajectory]
        for at, message in enumerate(one.messages)
        if isinstance(message, UserMessage)
        and (told := find_ungiven(one.task, one.messages[:at], message.text))
    ]
    said = sum(isinstance(m, UserMessage) for n in range(12) for m in take(n).trajectory.messages)
    assert len(found) <= said * 0.05, found
