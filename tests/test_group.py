"""Several people talk before the assistant is addressed, and say between them what it needs."""

import asyncio
import json
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from data import resource
from generators.dialogue.acts import reply_shape, write_reply
from generators.dialogue.model_roles import ModelUser, assistant_history, heard, user_prompt
from generators.dialogue.roles import RoleFailure, Utterance
from generators.operators import USUAL_MIX, make_mix
from generators.writing.task_ground import find_ungiven
from pipeline.exports.chat import chat_of
from schemas.message import AssistantMessage, FromUser, UserMessage
from schemas.record import JsonObject
from schemas.trajectory import Roles, Trajectory
from schemas.twists import find_group
from tests.commands import data_of, records_of
from tests.dialogues import Scripted, over_http
from tests.independent import problems
from tests.played_builds import build_by, script
from tests.studio import own_studio
from validators.checks import examine

ALONE = dict.fromkeys(USUAL_MIX, 0.0) | {"group": 1.0}
N = 4


@cache
def made() -> tuple[Trajectory, ...]:
    """Conversations of the project's own catalogues in which several people talk."""
    studio = replace(own_studio(), mix=make_mix(**ALONE))
    drawn = (
        asyncio.run(studio.candidate(3, index, studio.scripted, Roles())) for index in range(8)
    )
    found = tuple(one.trajectory for one in drawn if "group" in one.trajectory.task.operators)
    assert len(found) > 4
    return found


def talk_of(one: Trajectory) -> list[UserMessage]:
    said = [message for message in one.messages if isinstance(message, UserMessage)]
    return [message for message in said if message.act == "talk"]


def test_a_group_is_drawn_only_where_it_is_asked_for() -> None:
    assert USUAL_MIX["group"] == 0
    plain = asyncio.run(own_studio().candidate(3, 0, own_studio().scripted, Roles())).trajectory
    assert not talk_of(plain)
    assert not any(getattr(one, "speaker", "") for one in plain.messages)
    assert find_group(plain.task).others == ()


def test_values_are_spread_over_speakers_and_calls_draw_on_what_they_said() -> None:
    drawn = 0
    for one in made():
        talk, own = talk_of(one), one.task.persona.name.split()[0]
        checked = examine(one, own_studio().environment)
        assert checked.accepted, checked.reasons
        assert problems(checked.model_dump(mode="json")) == []
        group = find_group(one.task)
        assert {message.speaker for message in talk} == {own, *group.others}
        assert own not in group.others
        assert {message.turn for message in talk} == {group.turn}
        asked = one.messages[talk[-1].index + 1]
        assert isinstance(asked, UserMessage)
        assert (asked.speaker, asked.act != "talk") == (own, True)
        calls = [call for m in one.messages for call in getattr(m, "calls", ())]
        sources = [given.source for call in calls for given in call.provenance]
        told = [source for source in sources if isinstance(source, FromUser)
                and source.message in {message.index for message in talk}]  # fmt: skip
        assert told, one.index
        drawn += len(told)
        for source in told:
            speaker = one.messages[source.message]
            assert isinstance(speaker, UserMessage)
            assert speaker.speaker != own
            assert source.span not in asked.text or len(source.span) < 3
    assert drawn > len(made())


def test_without_a_name_two_messages_on_end_are_none_of_a_chat() -> None:
    one = made()[0]
    first = talk_of(one)[0]
    for changes in ({"speaker": ""}, {"act": "request"}):
        messages = tuple(
            message.model_copy(update=changes) if message.index == first.index else message
            for message in one.messages
        )
        spoilt = examine(one.model_copy(update={"messages": messages}), own_studio().environment)
        assert "repeated_speaker" in spoilt.reasons


def test_the_assistant_and_every_export_hear_them_as_one_message_with_names() -> None:
    for one in made():
        talk = talk_of(one)
        lines = [f"{said.speaker}: {said.text}" for said in talk]
        asked = one.messages[talk[-1].index + 1]
        assert isinstance(asked, UserMessage)
        whole = "\n".join([*lines, f"{asked.speaker}: {asked.text}"])
        history = assistant_history(one.messages)
        said = [message for message in chat_of(one).messages if message.role == "user"]
        assert whole in [message["content"] for message in history]
        assert whole in [message.text for message in said]
        roles = [message["role"] for message in history]
        assert ("user", "user") not in {*pairwise(roles)}
        assert len(chat_of(one).messages) == len(one.messages) - len(talk)


def speak(reply: JsonObject, one: Trajectory, upto: int) -> Utterance | None:
    brain = Scripted(*[json.dumps(reply)] * 3)
    said = one.messages[:upto]
    return over_http(brain, lambda model: ModelUser(one.task, model, 1).speak(said))


def test_a_model_has_them_talk_in_its_first_words_about_it() -> None:
    one = next(one for one in made() if find_group(one.task).turn == 0)
    own, others = one.task.persona.name.split()[0], find_group(one.task).others
    prompt = user_prompt(one.task)
    assert " and ".join(others) in prompt
    assert "you talk it over with others" in prompt
    before = [{"who": own, "say": "Well?"}, {"who": others[0], "say": "Vienna."}]
    reply = {"wish": 1, "act": "wish", "say": "Please do it.", "before": before}
    names = (own, *others)
    assert Draft202012Validator(reply_shape(1, None, names)).is_valid(reply)
    assert not Draft202012Validator(reply_shape(1)).is_valid(reply)
    told = speak(reply, one, 1)
    assert told is not None
    assert told.before == ((own, "Well?"), (others[0], "Vienna."))
    stranger = [{"who": "Nobody", "say": "Rome."}]
    for wrong in (reply | {"before": []}, reply | {"before": stranger}):
        with pytest.raises(RoleFailure, match="unreadable_reply"):
            speak(wrong, one, 1)
    later = talk_of(one)[-1].index + 3
    with pytest.raises(RoleFailure, match="unreadable_reply"):
        speak(reply, one, later)
    assert json.loads(heard(one.messages)[1]["content"])["before"][0]["who"] == own
    assert "before" not in json.loads(write_reply(talk_of(one)[0]))


def test_of_several_samples_what_others_say_is_looked_at_as_well() -> None:
    one = next(one for one in made() if find_group(one.task).turn == 0)
    own, others = one.task.persona.name.split()[0], find_group(one.task).others
    said = [[{"who": own, "say": "Well?"}, {"who": others[0], "say": say}]
            for say in ("17 of them, in Ulan Bator.", "Fine.")]  # fmt: skip
    replies = [{"wish": 1, "act": "wish", "say": "Please do it.", "before": talk} for talk in said]
    brain = Scripted(*map(json.dumps, replies))
    told = over_http(brain, lambda model: ModelUser(
        one.task, model, 1, best_of=3, look=find_ungiven).speak(one.messages[:1]))  # fmt: skip
    assert told is not None
    assert told.before[1] == (others[0], "Fine.")


def test_a_build_played_by_a_model_keeps_who_said_what(tmp_path: Path) -> None:
    tools = [str(resource("catalogs").joinpath("travel.json"))]
    known: JsonObject = {"tools": tools, "n": N, "max_candidates": 2 * N, "mix": ALONE}
    brain = script(tmp_path / "scripted", **known)
    assert build_by(brain, tmp_path / "played", **known).accepted == N
    scripted, played = (
        records_of(data_of(tmp_path / name)[0], tmp_path / name) for name in ("scripted", "played")
    )
    assert any(map(talk_of, played))
    for one, other in zip(scripted, played, strict=True):
        lines = [[(said.speaker, said.text) for said in made.messages
                  if isinstance(said, UserMessage)] for made in (one, other)]  # fmt: skip
        assert lines[0] == lines[1]
        assert isinstance(other.messages[-1], AssistantMessage)
