"""Whatever an endpoint does, a conversation is right in the end, or turned down with its reason."""

import asyncio
from random import Random

import pytest

from generators.dialogue.loop import play
from generators.dialogue.model_roles import ModelAssistant, ModelUser
from pipeline.chat.client import OpenAIChat
from pipeline.chat.loopback import Loopback, Recorded, completion
from pipeline.chat.misbehaviour import KINDS, Unruly
from pipeline.chat.profile import Profile
from schemas.environment import CallOutcome
from schemas.errors import RefusedRequestError
from schemas.failure import abandon, ends_candidate, judge_failure
from schemas.message import AssistantMessage, Fault
from schemas.reasons import BY_CODE, CANDIDATE_FAILURES, NOT_SERVED, ROLE_FAILURES
from schemas.record import JsonObject
from schemas.trajectory import Roles, Trajectory
from tests.trajectories import GOOD, Shop, error
from validators.checks import examine
from validators.court import Court
from validators.judge import JUDGE_REASONS
from validators.suspicions import is_undecided

KNOWN = {*BY_CODE, *ROLE_FAILURES, *NOT_SERVED, *JUDGE_REASONS}
QUICK = Profile(timeout=0.15, pause=0.01, outage=5, most_refused=99)


class Careful(Shop):
    """A shop that answers a call with values of a wrong type as a service does."""

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        if any(isinstance(value, list) for value in arguments.values()):
            return error("invalid_arguments", "A list is no value.")
        return super().call(name, arguments, fault)


async def made(url: str, seed: int) -> Trajectory:
    """Play, check and judge the good conversation, as a build does."""
    async with OpenAIChat("tiny", url, QUICK) as chat:
        played = await play(
            GOOD.task, GOOD.tools, ModelUser(GOOD.task, chat, seed),
            ModelAssistant(GOOD.tools, chat, seed), Careful(GOOD.task),
            index=0, seed=seed, roles=Roles(user="tiny", assistant="tiny", judge="tiny"),
        )  # fmt: skip
        if played.failure and ends_candidate(played.failure):
            return abandon(played.trajectory, played.failure)
        checked = examine(played.trajectory, Careful, (played.failure,) if played.failure else ())
        if not is_undecided(checked.verdicts):
            return checked
        try:
            judged = await Court([chat]).judge(played.trajectory, checked.verdicts, seed)
            return examine(played.trajectory, Careful, judged)
        except RefusedRequestError as error:
            return abandon(played.trajectory, judge_failure(error))


def calls(one: Trajectory) -> list[object]:
    return [
        (call.name, call.arguments)
        for message in one.messages if isinstance(message, AssistantMessage)
        for call in message.calls
    ]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_each_misbehaviour_ends_in_what_is_right_or_in_a_reason(kind: str) -> None:
    struck = 0
    for seed in range(3):
        brain = Unruly(Recorded([GOOD]), [kind], 0.2, seed)
        with Loopback(brain) as endpoint:
            one = asyncio.run(made(endpoint.base_url, seed))
        struck += brain.struck
        if one.accepted:
            assert calls(one) == calls(GOOD)
            assert one.final_state == GOOD.task.final_state
        else:
            assert set(one.reasons) <= KNOWN
            assert not set(one.reasons) & {*CANDIDATE_FAILURES, "check_failed"}
    assert struck


def test_an_endpoint_that_behaves_loses_nothing() -> None:
    with Loopback(Unruly(Recorded([GOOD]), [*KINDS], 0.0)) as endpoint:
        assert asyncio.run(made(endpoint.base_url, 1)).accepted


@pytest.mark.parametrize("kind", ["429_with_retry_after", "503", "reset", "wrong_shape"])
def test_what_passes_costs_no_conversation(kind: str) -> None:
    with Loopback(Unruly(Recorded([GOOD]), [kind], 0.2, 7)) as endpoint:
        assert asyncio.run(made(endpoint.base_url, 7)).accepted


def test_the_same_seed_strikes_the_same_replies() -> None:
    def struck(seed: int) -> list[bool]:
        good = completion({"content": "hello"}, {})
        brain = Unruly(lambda _: good, ["empty_reply"], 0.5, seed)
        return [brain({"messages": [number]}) is not good for number in range(40)]

    assert struck(1) == struck(1) != struck(2)
    assert 8 < sum(struck(1)) < 32


def test_an_answer_without_calls_or_json_is_left_alone_where_only_those_can_be_spoilt() -> None:
    good = completion({"content": "hello"}, {})
    for kind in ("unknown_tool", "call_in_text", "prose_around_json", "text_instead_of_a_call"):
        assert KINDS[kind](good, Random(1)) is good
