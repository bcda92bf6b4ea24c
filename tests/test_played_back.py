"""Accepted scripted conversations, played back as a model's, with a judge who is always kind."""

import asyncio
import re
from collections.abc import Callable
from functools import cache

import pytest

from generators.dialogue.loop import play
from generators.dialogue.model_roles import ModelAssistant, ModelUser
from pipeline.chat.completion import Completion
from pipeline.chat.loopback import Recorded
from schemas.chat import ChatReply, ChatRequest
from schemas.message import AssistantMessage, Message, UserMessage
from schemas.trajectory import Roles, Trajectory
from tests.studio import own_studio, take
from validators.checks import examine
from validators.judge import judge
from validators.suspicions import is_undecided, list_suspicions

COUNT = 10
BY_MODEL = Roles(user="tiny", assistant="tiny", judge="tiny")
NO = "Actually, don't do that. Leave everything as it is."
GARBLED = (
    "The service is too busy and allows nothing but what the user has requested.",
    "This is a special request made by the user's assistant, who should be best.",
    "Please try to get rid of things if you can, but in the future make things right.",
    "The last name of the person I'm referring to is Jazmine Abdel Rahman.",
    "I'm here to assist you with any project that you want to be a part of.",
)
"""In the manner of a small model: these words were written for the test."""
Change = Callable[[Message], Message]


class Memory:
    """Answers as `Recorded` does, without a wire."""

    name = "tiny"

    def __init__(self, trajectory: Trajectory) -> None:
        self.recorded = Recorded([trajectory])

    async def complete(self, request: ChatRequest) -> ChatReply:
        answer = self.recorded({"messages": list(request.messages)})
        return Completion.model_validate(answer).reply()


@cache
def accepted() -> tuple[Trajectory, ...]:
    made = (take(index).trajectory for index in range(COUNT))
    return tuple(one for one in made if examine(one, own_studio().environment).accepted)


def played_back(recorded: Trajectory) -> Trajectory:
    """Both sides by a model, checked and judged as a build does."""
    model, look = Memory(recorded), own_studio().environment
    task, tools, seed = recorded.task, recorded.tools, recorded.seed

    async def made() -> Trajectory:
        played = await play(
            task, tools, ModelUser(task, model, seed), ModelAssistant(tools, model, seed),
            look(task), index=recorded.index, seed=seed, roles=BY_MODEL,
        )  # fmt: skip
        checked = examine(played.trajectory, look, (played.failure,) if played.failure else ())
        if not is_undecided(checked.verdicts):
            return checked
        return examine(
            played.trajectory, look, await judge(played.trajectory, checked.verdicts, model, seed)
        )

    return asyncio.run(made())


def changed(trajectory: Trajectory, change: Change) -> Trajectory:
    return trajectory.model_copy(update={"messages": tuple(map(change, trajectory.messages))})


def same(message: Message) -> Message:
    return message


def please_confirm(message: Message) -> Message:
    if not isinstance(message, AssistantMessage) or message.act != "confirm":
        return message
    *before, last = re.split(r"(?<=[.!?])\s+", message.text)
    assert last.endswith("?")
    return message.model_copy(
        update={"text": " ".join([*before, "Please confirm (yes) to proceed."])}
    )


def agreeing(text: str, act: str = "affirm") -> Change:
    def change(message: Message) -> Message:
        agrees = isinstance(message, UserMessage) and message.act == "affirm"
        return message.model_copy(update={"text": text, "act": act}) if agrees else message

    return change


def cases(change: Change) -> list[Trajectory]:
    """Those that the change touches, changed."""
    found = [(one, changed(one, change)) for one in accepted()]
    told = [other for one, other in found if change is same or one != other]
    assert len(told) >= COUNT // 3
    return told


@pytest.mark.parametrize("change", [same, please_confirm, agreeing("That works for me.")])
def test_the_same_in_other_usual_words_passes(change: Change) -> None:
    assert [one.index for one in cases(change) if not played_back(one).accepted] == []


@pytest.mark.parametrize("change", [agreeing(NO, "negate"), agreeing(NO)])
def test_what_is_done_against_a_plain_no_never_passes(change: Change) -> None:
    """Also where the user's model says that it agrees, in these words."""
    assert [one.index for one in cases(change) if played_back(one).accepted] == []


def test_words_without_sense_need_a_judge_who_bears_them_out() -> None:
    for number, one in enumerate(accepted()):

        def garble(message: Message, number: int = number) -> Message:
            if not isinstance(message, AssistantMessage) or message.calls:
                return message
            text = GARBLED[(message.index + number) % len(GARBLED)]
            return message.model_copy(update={"text": text, "act": "say"})

        spoilt = changed(one, garble).model_copy(update={"roles": BY_MODEL})
        checked = examine(spoilt, own_studio().environment)
        assert not checked.accepted
        assert list_suspicions(checked.verdicts), one.index
