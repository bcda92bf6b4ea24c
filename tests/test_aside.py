"""A side question before a yes: answered from what was found, and the write is not forgotten."""

import asyncio
import json
import re
from dataclasses import replace
from functools import cache

from generators.operators import USUAL_MIX, make_mix
from schemas.leaves import value_at
from schemas.message import AssistantMessage, Message
from schemas.trajectory import Roles, Trajectory
from schemas.twists import Noted, find_twists
from tests.studio import draw, own_studio
from validators.checks import examine

ALONE = dict.fromkeys(USUAL_MIX, 0.0) | {"aside": 1.0}
STUDIO = replace(own_studio(), mix=make_mix(**ALONE | {"confirm_all": 1.0}))


@cache
def play(index: int) -> Trajectory:
    return asyncio.run(STUDIO.candidate(3, index, STUDIO.scripted, Roles())).trajectory


def test_a_side_question_is_answered_without_a_call_and_the_write_follows() -> None:
    made = next(one for one in (play(index) for index in range(90)) if asides(one))
    (number,) = asides(made)
    (must,) = [
        one for one in made.task.acceptance.must_say if one.turn == number and asked(one.call, made)
    ]
    assert value_at(json.loads(made.task.calls[must.call].result), must.path) == must.value
    messages = [one for one in made.messages if one.turn == number]
    acts = [acted(one) for one in messages]
    first = acts.index("confirm")
    assert acts[first : first + 5] == ["confirm", "request", "confirm", "affirm", "call"]
    examined = examine(made, own_studio().environment)
    assert examined.accepted, examined.reasons
    forgetful = [one for one in made.messages if one.index != messages[first + 2].index]
    spoilt = examine(
        made.model_copy(update={"messages": tuple(forgetful)}), own_studio().environment
    )
    assert not spoilt.accepted


def test_what_was_told_in_an_earlier_turn_is_asked_for_again() -> None:
    words = re.compile(r"\b(?:again|once more|did you say|repeat)\b")
    found = {}
    for made in (play(index) for index in range(120)):
        for number in asides(made):
            (must,) = (one for one in made.task.acceptance.must_say
                       if one.turn == number and asked(one.call, made))  # fmt: skip
            acts = [(acted(one), one) for one in made.messages if one.turn == number]
            ways = [act for act, _ in acts]
            asking = acts[ways.index("confirm") + 1][1].text
            found[must.call < sum(len(one.calls) for one in made.task.turns[:number])] = asking
        if len(found) > 1:
            break
    assert words.search(found[True])
    assert not words.search(found[False])


def test_without_a_question_whether_to_go_ahead_there_is_no_side_question() -> None:
    for task in draw(24, **ALONE | {"confirm_all": 0.0}):
        assert all(turn.confirm for turn in task.turns if find_twists(turn, Noted))


def asides(made: Trajectory) -> list[int]:
    return [number for number, turn in enumerate(made.task.turns) if find_twists(turn, Noted)]


def asked(call: int, made: Trajectory) -> bool:
    return any(call in one.calls for turn in made.task.turns for one in find_twists(turn, Noted))


def acted(message: Message) -> str:
    if isinstance(message, AssistantMessage) and message.calls:
        return "call"
    return getattr(message, "act", message.role)
