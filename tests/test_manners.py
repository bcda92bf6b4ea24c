"""Users who are hard to serve: drawn by share, told in words, judged by what is still wanted."""

import json
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from data.prompts import render
from generators.dialogue.acts import reply_shape, write_reply
from generators.dialogue.model_roles import ModelUser, draw_manner, user_prompt
from generators.dialogue.roles import RoleFailure, Utterance
from pipeline.chat.loopback import Response, completion, load_recorded
from pipeline.config import validate
from schemas.brief import MANNERS, Manner
from schemas.errors import InputError
from schemas.message import AssistantMessage, Message, UserMessage
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from tests.dialogues import Scripted, over_http, user_says
from tests.played_builds import build_by, made
from tests.trajectories import EMPTY_STATE, GOOD, ORDERED_STATE, TASK, Shop
from validators.checks import examine
from validators.judge import judge_messages
from validators.moves import inspect_move
from validators.reward import is_earned

LEAVES = "Forget it, I'll go to the shop myself."
N = 4


def test_each_manner_has_its_share_and_the_rest_none() -> None:
    shares: dict[Manner, float] = {"gives_up": 0.1, "vague": 0.3}
    drawn = Counter(draw_manner(shares, 5, index) for index in range(4000))
    assert drawn.keys() == {"gives_up", "vague", None}
    for name, share in (*shares.items(), (None, 0.6)):
        assert drawn[name] / 4000 == pytest.approx(share, abs=0.03)
    assert draw_manner({}, 5, 0) is None
    again = [draw_manner(shares, 5, index) for index in range(50)]
    assert again == [draw_manner(dict(reversed(shares.items())), 5, index) for index in range(50)]
    assert again != [draw_manner(shares, 6, index) for index in range(50)]


def test_user_and_judge_are_told_the_manner_in_words_of_its_own() -> None:
    told = {manner: render("manner.j2", manner=manner) for manner in MANNERS}
    assert len({*told.values()}) == len(MANNERS)
    for manner, words in told.items():
        assert words.startswith("How you behave: ")
        assert words in user_prompt(TASK, manner=manner)
        of_judge = judge_messages(GOOD.model_copy(update={"manner": manner}), ())[1]["content"]
        assert words in of_judge
    assert "How you behave" not in user_prompt(TASK) + judge_messages(GOOD, ())[1]["content"]


def speak(reply: str, manner: Manner | None, upto: int = 7) -> Utterance | None:
    user = ModelUser(TASK, None, 1, manner=manner)  # type: ignore[arg-type]

    async def said(model: object) -> Utterance | None:
        return await ModelUser(
            TASK, model, 1, manner=user.manner
        ).speak(  # type: ignore[arg-type]
            GOOD.messages[:upto]
        )

    return over_http(Scripted(reply, reply, reply), said)


def test_only_who_is_to_give_up_may() -> None:
    reply = user_says(LEAVES, "give_up", 2)
    assert speak(reply, "gives_up") == Utterance(LEAVES, "give_up", 1)
    for manner, upto, code in ((None, 7, "unreadable_reply"), ("vague", 7, "unreadable_reply"),
                               ("gives_up", 1, "stop_in_first_turn")):  # fmt: skip
        with pytest.raises(RoleFailure) as caught:
            speak(reply, manner, upto)  # type: ignore[arg-type]
        assert caught.value.code == code
    assert Draft202012Validator(reply_shape(4, "gives_up")).is_valid(json.loads(reply))
    assert not Draft202012Validator(reply_shape(4)).is_valid(json.loads(reply))


def left(at: int, manner: Manner | None = "gives_up", *later: Message) -> Trajectory:
    """The shop's conversation, in which the user gives up in place of message ``at``."""
    before, instead = GOOD.messages[:at], GOOD.messages[at]
    head = {"turn": instead.turn, "timestamp": instead.timestamp}
    said = UserMessage(index=at, text=LEAVES, act="give_up", **head)
    answered = AssistantMessage(index=at + 1, text="As you like.", act="close", **head)
    ordered = any(getattr(one, "call_id", "") == "c3" for one in (*before, *later))
    state = ORDERED_STATE if ordered else EMPTY_STATE
    messages = (*before, said, *(later or (answered,)))
    return GOOD.model_copy(update={"messages": messages, "final_state": state, "manner": manner})


@pytest.mark.parametrize("at", [5, 7, 13])
def test_who_gives_up_reaches_no_goal_and_what_was_done_by_then_is_right(at: int) -> None:
    assert examine(left(at), Shop).accepted
    for manner in (None, "vague"):
        assert not examine(left(at, manner), Shop).accepted  # type: ignore[arg-type]


@pytest.mark.parametrize("at", [5, 7, 13])
def test_what_is_given_up_is_no_task_to_be_served(at: int) -> None:
    assert is_earned(left(at, None))
    assert not is_earned(left(at))
    assert is_earned(GOOD.model_copy(update={"manner": "gives_up"}))  # who might have, and did not


def test_what_was_to_be_done_before_they_gave_up_is_still_wanted() -> None:
    found = left(13)
    later = [one for one in found.messages if not 8 <= one.index <= 11]
    moved = tuple(one.model_copy(update={"index": n}) for n, one in enumerate(later))
    undone = found.model_copy(update={"messages": moved, "final_state": EMPTY_STATE})
    assert "missed_required_action" in examine(undone, Shop).reasons


def test_the_state_when_they_gave_up_is_the_one_of_what_was_wanted_by_then() -> None:
    for at, other in ((7, ORDERED_STATE), (13, EMPTY_STATE)):
        found = left(at).model_copy(update={"final_state": other})
        checks = {one.check: one for one in examine(found, Shop).verdicts}
        assert [one.code for one in checks["goal"].reasons] == ["wrong_final_state"]
        unknown = {one.check: one.label for one in examine(found, None).verdicts}
        assert (unknown["goal"], unknown["replay"]) == ("good", "unknown")


def test_nothing_is_written_after_they_gave_up() -> None:
    later = [one.model_copy(update={"index": 8 + n}) for n, one in enumerate(GOOD.messages[8:13])]
    done = examine(left(7, "gives_up", *later), Shop)
    assert "declined_write" in done.causes
    gave_up = left(7).messages[:8]
    move = later[2].model_copy(update={"index": 8})
    found = inspect_move(TASK, GOOD.tools, (*gave_up, move), GOOD.roles, Shop)
    assert "declined_write" in {one.code for one in found}


def test_the_shares_are_shares_and_need_a_model_that_plays() -> None:
    known = {"model": "tiny", "base_url": "http://127.0.0.1:1/v1"}
    for manners, told, more in (
        ({"vague": 0.7, "gives_up": 0.5}, "more than 1 together", known),
        ({"vague": 1.5}, "manners.vague", known),
        ({"rude": 0.5}, "manners.rude", known),
        ({"vague": 0.5}, "manners need a model", {}),
        ({"vague": 0.5}, "manners need a model", known | {"rewrite": True}),
    ):
        with pytest.raises(InputError, match=told):
            validate({"manners": manners, **more})


def test_a_build_has_the_manners_that_are_asked_for(scripted: Path, tmp_path: Path) -> None:
    brain = load_recorded(scripted)
    assert not any(one.manner for one in made(scripted))

    def answer(asked: JsonObject) -> JsonObject | Response:
        """A user who gives up at once, and an assistant who takes it."""
        system, *rest = asked["messages"]
        words = render("manner.j2", manner="gives_up")
        last = str(rest[-1]["content"])
        if words in system["content"] and len(rest) > 1:
            return completion({"content": user_says(LEAVES, "give_up")}, asked)
        if "tools" in asked and last == LEAVES:
            return completion({"content": "As you like."}, asked)
        plain = brain_without(system["content"])
        return brain(asked | {"messages": [{**system, "content": plain}, *rest]})

    def brain_without(system: str) -> str:
        """The recorded user's part, which was told of no manner."""
        plain = system.replace("\n" + render("manner.j2", manner="gives_up") + "\n", "")
        return plain.replace('  - give_up: you leave it, though it is not done, and want nothing'
                             ' more\n', "")  # fmt: skip

    report = build_by(answer, tmp_path, n=N, max_candidates=N, manners={"gives_up": 1})
    assert {name: one.got for name, one in report.manners.items()} == {"gives_up": 1.0}
    assert {one.manner for one in made(tmp_path)} == {"gives_up"}
    for one in made(tmp_path):
        assert one.accepted, one.reasons
        assert one.messages[-2].text == LEAVES  # type: ignore[union-attr]
        assert json.loads(write_reply(one.messages[-2]))["act"] == "give_up"  # type: ignore[arg-type]
