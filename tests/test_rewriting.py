"""Scripted conversations in other words: what is accepted, what is refused, and what it costs."""

import asyncio
import json
import re
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from benchmarks.rewriter import Rewriter
from benchmarks.told_again import find_untold
from generators.rewriting.accept_words import Acceptance
from generators.rewriting.kept_acts import find_turned
from generators.rewriting.prompt import read_words, wants
from generators.rewriting.rewrite import rewrite
from generators.rewriting.told_values import Reading, joined, names_among
from pipeline.chat.loopback import completion, failure
from pipeline.chat.request_journal import read_requests
from pipeline.cli.cost_command import add_up
from pipeline.config import Settings
from pipeline.run.manifest import Report
from schemas.chat import ChatReply, ChatRequest
from schemas.errors import ProviderError, RefusedRequestError
from schemas.message import AssistantAct, AssistantMessage, FromUser, UserAct, UserMessage
from schemas.reasons import REWRITING
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from schemas.twists import Hurry
from tests.commands import data_of, records_of
from tests.played_builds import build_by
from tests.trajectories import GOOD, Shop
from validators.checks import examine

CLOCK = datetime(2026, 11, 30, 12, tzinfo=UTC)
READING = Reading(CLOCK, names_among(["Rent and bills", "Mitchell Zavala", "leave_at_door"]))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("on the 3rd of December", "date", (None, 12, 3)),
        ("on 3 Dec 2027", "date", (2027, 12, 3)),
        ("December 3rd, 2027", "date", (2027, 12, 3)),
        ("2027-12-03", "date", (2027, 12, 3)),
        ("tomorrow", "date", (2026, 12, 1)),
        ("this Friday", "date", (2026, 12, 4)),
        ("at 4:30pm", "time", 990),
        ("at 4.30 p.m.", "time", 990),
        ("at 16:30", "time", 990),
        ("at noon", "time", 720),
        ("€1,250.50", "number", 1250.5),
        ("twenty-five bags", "number", 25),
        ("a hundred and five", "number", 105),
        ("twice", "number", 2),
        ("order #W21", "code", "#w21"),
        ("in fix/login", "code", "fix/login"),
        ("to a.b@example.org", "code", "a.b@example.org"),
        ("called “Rent and bills”", "quote", "rent and bills"),
        ("my rent and bills account", "name", "rent and bills"),
        ("leave at door", "name", "leave at door"),
        ("the cheapest one", "selector", 0),
        ("my lowest priced one", "selector", 0),
    ],
)
def test_a_value_is_read_in_every_usual_form(text: str, kind: str, value: object) -> None:
    found = {(one.kind, one.value) for one in READING.read(text)}
    assert (kind, joined(value) if isinstance(value, str) else value) in found


@pytest.mark.parametrize(
    "text",
    ["You may ask me any time.", "a follow-up and/or an e-mail", "2 may be too few", "that one"],
)
def test_turns_of_speech_tell_no_value(text: str) -> None:
    assert {one.value for one in READING.read(text)} <= {1.0, 2.0}


SAME: tuple[tuple[int, str], ...] = (
    (1, "oak desk — got any?"),
    (1, "Hello there, I'm furnishing a study and after an oak desk."),
    (4, "There are two: the “Oak desk, small” at $189.50 and the “Oak desk, large” at $249."),
    (4, "I've found 2. The Oak desk, small costs $189.50, the Oak desk, large $249.00."),
    (5, "two of the small ones for me please, to arrive March 12"),
    (5, "Then I'd like 2 small ones by 12 March, the room is small."),
    (6, "So that's two of “Oak desk, small” for 12 March. Should I place the order?"),
    (12, "Your order is placed: W-1001, $379 in all, arriving on March 12."),
    (13, "how's my order coming along? and what are your hours on Saturday?"),
    (17, "It has been placed. We're open on Saturday from 10am to 4pm."),
    (18, "one more: can you fix my old chair?"),
)
OTHER: tuple[tuple[int, str, str], ...] = (
    (1, "Hi, do you have a desk?", "value_dropped"),
    (1, "Hi, do you have an oak desk for under $300?", "value_added"),
    (1, "Hi, Klaus here, do you have an oak desk?", "value_added"),
    (4, "I found “Oak desk, small” for $189.50 and one more.", "value_dropped"),
    (4, "Shall I show you 2: “Oak desk, small”, $189.50, and “Oak desk, large”, $249?",
     "act_turned"),
    (5, "I'll take two of the small ones.", "value_dropped"),
    (5, "I'll take two of the small ones, delivered on 13 March.", "value_dropped"),
    (6, "I've ordered 2 of “Oak desk, small” for March 12. OK?", "act_turned"),
    (6, "That is 2 times “Oak desk, small”, to be delivered on March 12.", "act_turned"),
    (7, "Yes, but make it three.", "value_added"),
    (12, "Done: order W-1002 comes to $379 and arrives on the 12th of March.", "value_dropped"),
    (12, "Done: order W-1001 comes to €379 and arrives on the 12th of March.", "value_added"),
    (17, "It isn't placed yet. On Saturday the shop is open from 10 am to 4 pm.", "act_turned"),
    (17, "It is placed. On Saturday the shop is open from 4 pm to 10 am.", "wrong_role"),
    (12, "Done: order W-1001 comes to $379 and arrives on the 12th of March. You'll get an e-mail.",
     "act_turned"),
    (19, "", "no_words"),
    (19, "I am sorry. " * 60, "value_added"),
)  # fmt: skip


@pytest.mark.parametrize(("number", "text"), SAME)
def test_other_words_for_the_same_are_accepted(number: int, text: str) -> None:
    message = GOOD.messages[number]
    assert isinstance(message, UserMessage | AssistantMessage)
    assert not Acceptance(GOOD).find_faults(message, text)


@pytest.mark.parametrize(("number", "text", "code"), OTHER)
def test_words_for_something_else_are_refused(number: int, text: str, code: str) -> None:
    message = GOOD.messages[number]
    assert isinstance(message, UserMessage | AssistantMessage)
    found = [one.code for one in Acceptance(GOOD).find_faults(message, text)]
    assert code in found
    assert {*found} <= {*REWRITING}


def test_what_the_script_says_is_accepted_as_it_stands() -> None:
    accepts = Acceptance(GOOD)
    for message in GOOD.messages[1:]:
        if isinstance(message, UserMessage | AssistantMessage) and message.text:
            assert not accepts.find_faults(message, message.text)


def spoken(act: UserAct | AssistantAct, text: str) -> Acceptance:
    """A conversation in which one message is this."""
    at = 1 if act in UserAct.__args__ else 12  # type: ignore[attr-defined]
    messages = list(GOOD.messages)
    messages[at] = messages[at].model_copy(update={"act": act, "text": text, "turn": 0})
    tools = (GOOD.tools[0].model_copy(update={"name": n, "wire_name": n})
             for n in ("freeze_card", "cancel_card"))  # fmt: skip
    update = {"messages": tuple(messages), "tools": (*GOOD.tools, *tools)}
    return Acceptance(GOOD.model_copy(update=update))


ROWS = ("Here they are:\n- Hall (balance 50 euros, limit 20 euros, active)\n"
        "- Yard (balance 70 euros, limit 10 euros, frozen)")  # fmt: skip
CARDS = "Two cards:\n- Credit, limit: 50 euros, active\n- Debit, limit: 70 euros, frozen"
TWO_AND_ONE = (
    "I found two:\n- Oak, 3 euros\n- Elm, 4 euros\nAnd it:\n- Status: open\n- Total: 7 euros\n"
    "- Pieces: 2"
)
MOVE = "Please send 300 euros from “Hall” to “Yard”."


@pytest.mark.parametrize(
    ("act", "old", "new", "code"),
    [
        ("report", ROWS, "The two:\n- Hall has a balance of €50, a limit of €20 and is active.\n"
         "- Yard has a balance of €70, a limit of €10 and is frozen.", None),
        ("report", ROWS, "The two:\n- Hall: balance 50 euros, limit 20 euros, frozen\n"
         "- Yard: balance 70 euros, limit 10 euros, active", "rows_mixed"),
        ("report", ROWS, "The two:\n- Hall: balance 70 euros, limit 20 euros, active\n"
         "- Yard: balance 50 euros, limit 10 euros, frozen", "rows_mixed"),
        ("report", ROWS, "The two:\n- Hall has a limit of 50 euros, a balance of 20 euros, active\n"
         "- Yard has a balance of 70 euros, a limit of 10 euros, frozen", "rows_mixed"),
        ("report", CARDS,
         "Two cards:\n- Credit, limit: 50 euros, frozen\n- Debit, limit: 70 euros, active",
         "rows_mixed"),
        ("report", CARDS,
         "Two cards:\n- An active credit card, limit €50\n- A frozen debit card, limit €70", None),
        ("report", ROWS, "Hall has 50 euros, 20 euros, active, Yard 70 and 10, frozen.",
         "rows_mixed"),
        ("report", "Hall:\n- Status: active\n- Open\n- Balance: 50 euros\n- Limit: 20 euros",
         "Hall is active and open, with a balance of 50 euros and a limit of 20 euros.", None),
        ("report", "Hall:\n- Status: active\n- Open\n- Balance: 50 euros\n- Limit: 20 euros",
         "Hall is open, with a balance of 50 euros and a limit of 20 euros.", "value_dropped"),
        ("report", "Hall:\n- Status: active\n- Balance: 50 euros\n- Limit: 20 euros",
         "Hall is active, with a balance of 20 euros and a limit of 50 euros.", "wrong_role"),
        ("request", MOVE, "move 300 € out of Hall and into Yard pls", None),
        ("request", MOVE, "Could you pay “Yard” 300 euros from “Hall”?", None),
        ("request", MOVE, "Please send 300 euros from “Yard” to “Hall”.", "wrong_role"),
        ("request", MOVE, "Please don't send 300 euros from “Hall” to “Yard”.", "act_turned"),
        ("request", "Freeze my card “Hall”.", "cancel my card “Hall”", "act_turned"),
        ("confirm", "I'd cancel “Hall”. Shall I?", "I'd cancel “Hall”; the refund will take a week."
         " Shall I?", "act_turned"),
        ("report", "Here it is:\n- Origin: “BCN”\n- Destination: “SAN”\n- Insurance: no",
         "It goes from “BCN” to “SAN”, without insurance.", None),
        ("report", "Here it is:\n- Origin: “BCN”\n- Destination: “SAN”\n- Insurance: no",
         "It goes from “SAN” to “BCN”, without insurance.", "wrong_role"),
        ("report", "Here it is:\n- Origin: “BCN”\n- Destination: “SAN”\n- Insurance: no",
         "It goes from “BCN” to “SAN”, with insurance. No more.", "value_dropped"),
        ("report", "Passengers: “Ann” (born May 4, 1962); “Bob” (born July 27, 1971)",
         "“Ann”, born July 27, 1971, and “Bob”, born May 4, 1962, travel.", "wrong_role"),
        ("report", "Passengers: “Ann” (born May 4, 1962); “Bob” (born July 27, 1971)",
         "“Ann”, born May 4, 1962, and “Bob”, born July 27, 1971, travel.", None),
        ("confirm", "I'm about to exchange the item “Desk, white” for the item “Desk, black”. OK?",
         "I'd exchange the “Desk, white” for the “Desk, black”, shall I?", None),
        ("request", "Look up my order #W439, and also the same for my order #W337.",
         "I'd like to see two orders of mine, #W439 and #W337.", None),
        ("request", "Change the address of my order #W439. I don't remember the email.",
         "Change the address of #W439. And don't ask for my email, I can't remember it.", None),
        ("report", "As I found a moment ago, the status is delivered.",
         "It's delivered, as I saw when I looked it up just now.", None),
        ("report", "I've changed the drop-off of your order “Hall” to in person.",
         "Your order from “Hall” is dropped off in person now.", None),
        ("inform", "It's standard. And with the message “Happy birthday!”, please.",
         "Standard. Oh, and could you put “Happy birthday!” on it?", "act_turned"),
        ("inform", "It's standard. And with the message “Happy birthday!”, please.",
         "Standard, with the message “Happy birthday!”, and could you also tell me a joke?",
         "act_turned"),
        ("request", "Would you mind helping me freeze my card with the type debit?",
         "I just can't find my debit card. Could you freeze it?", None),
        ("request", "Write a comment on the task due on February 3.",
         "Put a comment on the task due on February 3: please.", None),
        ("clarify", "Please tell me the name and the execution date.",
         "What's the name, and on which day should it go out?", None),
        ("clarify", "I still need the card number.", "Goodbye, card.", "act_turned"),
        ("clarify", "Which flight do you mean?", "Sure. Which colour shall it be?", "act_turned"),
        ("clarify", "Which flight do you mean?", "Is it a flight of today, or which one?", None),
        ("close", "You're welcome.", "You're welcome, Ida.", "value_added"),
        ("close", "Sorry again.", "I'm sorry I couldn't do that one.", None),
        ("report", "All set: I've opened the pull request. It is kept as “X”.",
         "The pull request is open, as “X”.", None),
        ("request", "Freeze my card “Hall”.", "unfreeze my card “Hall”", "act_turned"),
        ("report", "I've frozen your card.", "I've cancelled your card.", "act_turned"),
        ("report", "I've frozen your card.", "Your card is frozen now.", None),
        ("report", "I've stopped your transfer.", "I've stopped it, but it is still pending.",
         "value_added"),
        ("report", "Here it is:\n- Keep (French, not available)", "Keep, French, is available.",
         "value_dropped"),
        ("report", "Here it is:\n- Keep (French, not available)", "Keep, French, isn't available.",
         None),
        ("confirm", "I'll move “Hall” (so far March 16) with the new day March 12. Shall I?",
         "Should I move “Hall” from March 12 to March 16?", "wrong_role"),
        ("confirm", "I'll move “Hall” (so far March 16) with the new day March 12. Shall I?",
         "Should I move “Hall” from March 16 to March 12?", None),
        ("confirm", "Guests who are not listed drop out. I'll change the guest list. Shall I?",
         "I'd change the guest list. Shall I?", "value_dropped"),
        ("request", "Freeze my card “Hall”.", "Put a block on “Hall”, my card.", None),
        ("request", "Freeze my card “Hall”.", "there's one I don't know, freeze my card “Hall”",
         None),
        ("request", "Book the cheapest flight.", "Book a flight.", "value_dropped"),
        ("report", "There are no flights.", "I couldn't find any flights.", None),
        ("report", "It counts as back only where it was handed in at a branch. I've noted it.",
         "I've noted it.", "value_dropped"),
        ("report", "It counts as back only where it was handed in at a branch. I've noted it.",
         "I've noted it. It only counts as back once it has been handed in at a branch.", None),
        ("request", "Move my card “Hall”.", "Move my card “Hall” and cancel it.", "act_turned"),
        ("thank", "Thanks, that's all.", "cheers, bye", None),
        ("thank", "Thanks, that's all.", "And what about Friday?", "act_turned"),
        ("confirm", "I'd cancel “Hall”. Shall I?", "I've cancelled “Hall”. OK?", "act_turned"),
        ("confirm", "I'd cancel “Hall”. Shall I?", "“Hall” gets cancelled then. I'd cancel it now?",
         None),
        ("report", "I've frozen your card.", "I'll freeze your card.", "act_turned"),
        ("report", "I've frozen your card. Anything else?", "Your card is frozen. And now?", None),
        ("call", "Let me look.", "Shall I look?", "act_turned"),
        ("thank", "Thanks, that's all.", "No, I don't think so. Bye, and all the best!", None),
        ("report", TWO_AND_ONE, "Two are there:\n- Oak, 3 euros\n- Elm, 4 euros\nIt "
         "is open, 7 euros in total:\n- Pieces: 2", None),
        ("report", TWO_AND_ONE, "Two are there:\n- Oak, 4 euros\n- Elm, 3 euros\nIt "
         "is open, 7 euros in total:\n- Pieces: 2", "rows_mixed"),
        ("call", "Let me look.", "I'll look it up right away.", None),
        ("call", "Let me look.", "I'll look, and you will hear from us shortly.", "act_turned"),
        ("inform", "It's standard.", "Standard. What does it cost?", "act_turned"),
    ],
)  # fmt: skip
def test_acts_rows_and_roles_stay(
    act: UserAct | AssistantAct, old: str, new: str, code: str | None
) -> None:
    accepts = spoken(act, old)
    message = next(one for one in accepts.scripted.messages if getattr(one, "text", "") == old)
    assert isinstance(message, UserMessage | AssistantMessage)
    found = [one.code for one in accepts.find_faults(message, new)]
    assert found == [] if code is None else code in found


def test_a_reason_may_say_that_it_cannot_be_done() -> None:
    message = UserMessage(index=1, turn=0, timestamp="", text="Find my card.", act="request")
    said, deeds = "I can't find my card anymore.", frozenset({"find"})
    assert find_turned(message, said, deeds) == "“find” is said with a no, which it was not"
    assert find_turned(message, said, deeds, ["I can't find it anywhere"]) == ""


def test_messages_that_are_nothing_but_their_deed_keep_their_words() -> None:
    acts = {"affirm", "negate", "correct", "unable_to_inform", "retry", "report_failure", "refuse",
            "transfer"}  # fmt: skip
    spoken = [one for one in GOOD.messages[1:] if isinstance(one, UserMessage | AssistantMessage)]
    assert {one.act for one in spoken if one.text and "say" not in wants(GOOD, one)} == {
        "affirm", "retry", "refuse"
    }  # fmt: skip
    for one in spoken:
        for act in (*UserAct.__args__, *AssistantAct.__args__):  # type: ignore[attr-defined]
            said = one.model_copy(update={"act": act, "text": "Yes."})
            assert ("say" in wants(GOOD, said)) is (act not in acts)
    hurried = [turn.model_copy(update={"twists": (Hurry(),)}) for turn in GOOD.task.turns]
    pressed = GOOD.model_copy(
        update={"task": GOOD.task.model_copy(update={"turns": tuple(hurried)})}
    )
    assert not any("say" in wants(pressed, one) for one in spoken if isinstance(one, UserMessage))
    # Words that are given for them all the same are not taken.
    made, asked = rewritten(words() | {"7": {"say": "No, don't."}, "19": {"say": "It is done."}})
    assert len(asked) == 1
    assert [made.messages[n] for n in (7, 19)] == [GOOD.messages[n] for n in (7, 19)]
    assert made.accepted


def asked_for_the_day() -> Acceptance:
    """The shop's conversation, in which the user tells the day when asked for it."""
    old = GOOD.messages
    texts = {5: "I'll take two of the small ones.", 6: "Sure. What is the delivery date?",
             7: "The 12th of March."}  # fmt: skip
    acts = {5: "partial_request", 6: "clarify", 7: "inform"}
    messages = [m.model_copy(update={"text": texts[n], "act": acts[n]}) if n in texts else m
                for n, m in enumerate(old)]  # fmt: skip
    for number in (8, 10):
        message = messages[number]
        assert isinstance(message, AssistantMessage)
        (call,) = message.calls
        *rest, day = call.provenance
        day = day.model_copy(update={"source": FromUser(message=7, span="12th of March", rule="x")})
        made = call.model_copy(update={"provenance": (*rest, day)})
        messages[number] = message.model_copy(update={"calls": (made,)})
    return Acceptance(GOOD.model_copy(update={"messages": tuple(messages)}))


@pytest.mark.parametrize(
    ("number", "text", "code"),
    [
        (5, "two of the small ones please", None),
        (5, "two of the small ones, for 2026-03-12", "value_added"),
        (6, "When should it be delivered?", None),
        (6, "What name is it for?", "act_turned"),
        (6, "Sure. Which colour would you like?", "act_turned"),
        (7, "12 March would be good", None),
    ],
)
def test_what_is_told_when_asked_is_asked_for_and_not_told_before(
    number: int, text: str, code: str | None
) -> None:
    accepts = asked_for_the_day()
    message = accepts.scripted.messages[number]
    assert isinstance(message, UserMessage | AssistantMessage)
    found = [one.code for one in accepts.find_faults(message, text)]
    assert found == [] if code is None else code in found


class Said:
    """A model that gives these answers, one after the other, and then fails."""

    name = "said"

    def __init__(self, *answers: JsonObject | str) -> None:
        self.answers = [*answers]
        self.asked: list[ChatRequest] = []

    async def complete(self, request: ChatRequest) -> ChatReply:
        self.asked.append(request)
        if not self.answers:
            raise RefusedRequestError("provider_refused", "no more")
        given = self.answers.pop(0)
        return ChatReply(text=given if isinstance(given, str) else json.dumps(given))


def rewritten(*answers: JsonObject | str) -> tuple[Trajectory, list[ChatRequest]]:
    model, look = Said(*answers), partial(examine, environment=Shop)
    return asyncio.run(rewrite(look(GOOD), model, look, 1)), model.asked


def test_the_checks_look_once_at_words_that_are_all_accepted() -> None:
    looked: list[Trajectory] = []

    def look(one: Trajectory) -> Trajectory:
        looked.append(examine(one, environment=Shop))
        return looked[-1]

    scripted = examine(GOOD, environment=Shop)
    made = asyncio.run(rewrite(scripted, Said(words()), look, 1))
    assert len(looked) == 1
    assert (made.messages, made.verdicts) == (looked[0].messages, looked[0].verdicts)


def words(**changed: str | None) -> JsonObject:
    """Good words for every message, but for those that are changed."""
    said: dict[str, str | None] = {str(n): text for n, text in SAME} | {
        key[1:]: text for key, text in changed.items()
    }
    return {key: {"say": text} for key, text in said.items() if text is not None}


def test_a_conversation_is_put_into_other_words_and_nothing_else_changes() -> None:
    made, asked = rewritten(words() | {"2": {"think": "They want an oak desk, so I search."}})
    assert made.accepted
    assert len(asked) == 1
    assert not any(one.kept or one.refused for one in made.rewriting)
    for old, new in zip(GOOD.messages, made.messages, strict=True):
        same = ("role", "act", "turn", "timestamp", "index", "call_id", "content")
        assert all(getattr(old, key, 0) == getattr(new, key, 0) for key in same)
        for left, right in zip(getattr(old, "calls", ()), getattr(new, "calls", ()), strict=True):
            assert (left.name, left.arguments, left.id) == (right.name, right.arguments, right.id)
    assert made.messages[18].text == "one more: can you fix my old chair?"  # type: ignore[union-attr]
    assert made.messages[2].reasoning == "They want an oak desk, so I search."  # type: ignore[union-attr]
    assert {one.message: one.scripted for one in made.rewriting}[1] == GOOD.messages[1].text  # type: ignore[union-attr]


def test_what_fails_is_asked_for_again_with_the_reason_and_then_keeps_its_words() -> None:
    again = {"6": {"say": dict(SAME)[6]}, "12": {"say": "Done, order W-1001."}}
    told_early = "I've ordered 2 of “Oak desk, small” for March 12."
    made, asked = rewritten(words(_6=told_early, _12="Done: order W-1001."), again)
    assert made.accepted
    told = asked[1].messages[-1]["content"]
    assert asked[1].messages[:2] == asked[0].messages
    assert re.search(r"^6: the assistant asks", told, re.MULTILINE)
    assert re.search(r"^12: it must tell .*379", told, re.MULTILINE)
    notes = {one.message: one for one in made.rewriting}
    assert (notes[6].kept, notes[6].asked, notes[6].refused) == (False, 2, ("act_turned",))
    assert (notes[12].kept, notes[12].asked) == (True, 2)
    assert notes[12].refused == ("value_dropped", "value_dropped")
    assert made.messages[12].text == GOOD.messages[12].text  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "answers", [("{", "no"), ("[]", "{}"), (), ({"6": {"say": "no"}}, {"6": {"say": 3}})]
)
def test_whatever_the_answer_is_the_conversation_is_kept(answers: tuple[Any, ...]) -> None:
    made, asked = rewritten(*answers)
    assert made.accepted
    assert len(asked) <= 2
    assert made.messages == GOOD.messages
    codes = {code for one in made.rewriting for code in one.refused}
    assert codes <= {"no_words", "not_served", "act_turned", "value_dropped"}
    assert codes


def test_words_that_a_check_refuses_are_taken_back_alone() -> None:
    odd = "Your order W-1001 is placed, $379, arriving on March 12. As ordered ordered."
    made, _ = rewritten(words(_12=odd), {"12": {"say": odd}})
    assert made.accepted
    kept = [one.message for one in made.rewriting if one.kept]
    assert kept == [12]
    assert "doubled_word" in next(one.refused for one in made.rewriting if one.message == 12)


def test_reasoning_holds_nothing_that_nobody_knows_yet() -> None:
    thought = {"think": "I will order W-1001 once they have agreed."}
    made, asked = rewritten(words() | {"6": {"say": dict(SAME)[6], **thought}})
    assert made.accepted
    assert len(asked) == 1
    assert made.messages[6].reasoning is None  # type: ignore[union-attr]
    note = next(one for one in made.rewriting if one.message == 6)
    assert (note.kept, note.refused) == (False, ("thought_unfounded",))


def test_words_may_stand_in_a_fence_and_without_their_key() -> None:
    found = read_words('```json\n{"3": "hi", "[4]": {"say": " a ", "think": ""}, "x": 1}\n```')
    assert {number: one.say for number, one in found.items()} == {3: "hi", 4: "a"}
    with pytest.raises(ValueError, match="no JSON object"):
        read_words("[1]")


N = 4


def build(out: Path, writer: Any, **changes: object) -> Report:
    return build_by(writer, out, **{"n": N, "model": "words", "rewrite": True} | changes)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Rewriter, Report]:
    out, writer = tmp_path_factory.mktemp("calm"), Rewriter()
    return out, writer, build(out, writer)


def test_a_build_rewrites_every_conversation_and_tells_of_it(
    calm: tuple[Path, Rewriter, Report],
) -> None:
    out, writer, report = calm
    assert (report.accepted, report.rejected) == (N, 0)
    assert report.words["rewritten"] > 5 * N
    made = records_of(data_of(out)[0], out)
    assert {(one.roles.user, one.roles.writer, one.roles.judge) for one in made} == {
        ("scripted", "words", "none")
    }
    assert not [told for one in made for told in find_untold(one.model_dump(mode="json"))]
    assert {row.stage for row in add_up(out).rows} == {"rewriting"}
    requests = list(read_requests(out))
    assert len(requests) == len(writer.requests)
    assert {one.role for one in requests} == {"writer"}


def test_a_build_that_stops_goes_on_with_the_same_data_and_pays_nothing_again(
    calm: tuple[Path, Rewriter, Report], tmp_path: Path
) -> None:
    folder, needed, _ = calm
    writer, most = Rewriter(), len(needed.requests) // 2

    def answer(request: JsonObject) -> Any:
        done = len(writer.requests) >= most
        return failure(402, "pay first") if done else writer(request)

    with pytest.raises(ProviderError, match="pay first"):
        build(tmp_path, answer)
    most = len(needed.requests)
    build(tmp_path, answer)
    assert len(writer.requests) == len(needed.requests)
    assert data_of(tmp_path) == data_of(folder)


def test_a_writer_that_misbehaves_spoils_nothing(tmp_path: Path) -> None:
    writer = Rewriter(0.4)
    report = build(tmp_path, writer)
    assert (report.accepted, report.rejected) == (N, 0)
    assert report.words["kept"] > 0
    made = records_of(data_of(tmp_path)[0], tmp_path)
    said = {getattr(message, "text", "") for one in made for message in one.messages}
    bad = [text for found in writer.spoilt.values() for _, _, text in found if text]
    assert bad
    assert not said & {*bad}
    assert not [told for one in made for told in find_untold(one.model_dump(mode="json"))]


def test_a_judge_is_asked_where_one_is_named(tmp_path: Path) -> None:
    writer = Rewriter()
    asked: list[str] = []

    def answer(request: JsonObject) -> JsonObject:
        asked.append(request["model"])
        if request["model"] == "words":
            return writer(request)
        return completion({"content": "no judgement"}, request)

    report = build(tmp_path, answer, judge_model="judging", n=1, max_candidates=1)
    assert (report.accepted, report.rejected) == (0, 1)
    assert {*asked} == {"words", "judging"}


def test_rewriting_needs_a_model() -> None:
    with pytest.raises(ValueError, match="rewrite needs a model"):
        Settings(rewrite=True)
