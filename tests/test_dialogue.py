"""The loop: calls really run, faults strike once, and who never comes to an end is turned down."""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

import pytest

from generators.dialogue.loop import MAX_MESSAGES, MAX_STEPS, Played, Stage, play
from generators.dialogue.roles import (
    AssistantRole,
    Course,
    Move,
    PlannedCall,
    RoleFailure,
    UserRole,
    Utterance,
)
from generators.dialogue.script import ScriptedAssistant, ScriptedUser
from schemas.canonical import canonical_json
from schemas.environment import CallOutcome, Change, set_clock
from schemas.errors import InputError, ProviderError
from schemas.message import (
    AssistantMessage,
    Fault,
    Message,
    SystemMessage,
    ToolMessage,
    UserMessage,
)
from schemas.reasons import ROLE_FAILURES, find_causes
from schemas.record import JsonObject
from schemas.trajectory import Roles
from tests.studio import Take, own_studio, take, takes, where
from tests.trajectories import GOOD
from validators.checks import examine


class Chatterbox:
    """A user who never ends."""

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        return Utterance(f"And then there is number {len(messages)}.", "request", 0)


class Listener:
    """An assistant that answers and does nothing."""

    async def move(self, messages: tuple[Message, ...]) -> Move:
        return Move(f"I see, that was message {len(messages)}.", "say")


class Wanderer:
    """An assistant that calls for ever, never the same."""

    async def move(self, messages: tuple[Message, ...]) -> Move:
        return Move("", "call", (PlannedCall("get_order", {"number": len(messages)}),))


class Busybody:
    """An assistant that calls one tool for ever."""

    def __init__(self, name: str, arguments: JsonObject) -> None:
        self.call = PlannedCall(name, arguments)

    async def move(self, messages: tuple[Message, ...]) -> Move:
        return Move("", "call", (self.call,))


class Silent:
    """A user who wants nothing."""

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        return None


class Failing:
    """A role that raises what it is told to, as user and as assistant, at its second turn."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        if len(messages) > 1:
            raise self.error
        return Utterance("Hello, could you help me?", "request", 0)

    async def move(self, messages: tuple[Message, ...]) -> Move:
        raise self.error


class Recorder:
    """The sandbox of a task, with a list of what it was asked."""

    def __init__(self, made: Take) -> None:
        self.sandbox = own_studio().environment(made.trajectory.task)
        self.asked: list[tuple[str, str, Fault | None]] = []

    def set_clock(self, now: str) -> None:
        set_clock(self.sandbox, now)

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        self.asked.append((name, canonical_json(arguments), fault))
        return self.sandbox.call(name, arguments, fault)

    def state_hash(self) -> str:
        return self.sandbox.state_hash()

    def changes(self) -> tuple[Change, ...]:
        return self.sandbox.changes()

    def rows(self, table: str) -> Sequence[Mapping[str, Any]]:
        return self.sandbox.rows(table)

    def snapshot(self) -> Any:
        return self.sandbox.snapshot()

    def restore(self, snapshot: Any) -> None:
        self.sandbox.restore(snapshot)


def played(
    user: UserRole | None = None,
    assistant: AssistantRole | None = None,
    *,
    made: Take | None = None,
    environment: Recorder | None = None,
) -> Played:
    """Play a task of the sample with other roles than its own."""
    made = made or take(0)
    task = made.trajectory.task
    return asyncio.run(
        play(
            task,
            made.trajectory.tools,
            user or ScriptedUser(made.script),
            assistant or ScriptedAssistant(task, made.script),
            environment or own_studio().environment(task),
            index=0,
            seed=1,
            roles=Roles(),
        )
    )


def judged(result: Played) -> list[str]:
    """The reasons for which the pipeline turns a conversation down; it must turn it down."""
    failures = (result.failure,) if result.failure else ()
    seen = examine(result.trajectory, own_studio().environment, failures)
    assert not seen.accepted
    return list(seen.reasons)


def test_a_user_that_never_ends_is_turned_down() -> None:
    result = played(Chatterbox(), Listener())
    assert result.failure is not None
    assert (result.failure.check, result.failure.label) == ("role_play", "bad")
    assert "too_many_messages" in judged(result)
    assert MAX_MESSAGES <= len(result.trajectory.messages) <= MAX_MESSAGES + 1


def test_an_assistant_that_never_answers_is_turned_down() -> None:
    result = played(assistant=Wanderer())
    assert judged(result)[0] == "too_many_steps"
    assert sum(m.role == "assistant" for m in result.trajectory.messages) == MAX_STEPS


class Repeater:
    """Says the same for ever, on either side."""

    async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
        return Utterance("This is a joke.", "request", 0)

    async def move(self, messages: tuple[Message, ...]) -> Move:
        return Move("This is  a JOKE.", "say")


@pytest.mark.parametrize("sides", [(Repeater(), Listener()), (Chatterbox(), Repeater())])
def test_words_that_are_said_for_the_third_time_with_nothing_done_end_it(
    sides: tuple[UserRole, AssistantRole],
) -> None:
    result = played(*sides)
    assert judged(result)[0] == "repeated_message"
    assert len(result.trajectory.messages) <= 7


def test_a_call_that_is_answered_the_same_for_the_third_time_ends_it() -> None:
    result = played(assistant=Busybody("get_order", {}))
    assert judged(result)[0] == "repeated_call"
    assert result.failure is not None
    (reason,) = result.failure.reasons
    assert reason.message == len(result.trajectory.messages) - 1
    assert sum(isinstance(m, ToolMessage) for m in result.trajectory.messages) == 3


def test_a_write_that_nobody_wanted_puts_the_goal_out_of_reach() -> None:
    course = Course(GOOD.task, {tool.wire_name: tool for tool in GOOD.tools})
    answers = {m.call_id: m for m in GOOD.messages if isinstance(m, ToolMessage)}
    calls = [c for m in GOOD.messages if isinstance(m, AssistantMessage) for c in m.calls]
    for call in calls:
        course.note(call, answers[call.id])
    again = next(call for call in calls if call.name == "place_order")
    done = next(m for m in answers.values() if m.name == "place_order" and not m.is_error)
    with pytest.raises(RoleFailure) as caught:
        course.note(again, done)
    assert caught.value.code == "goal_out_of_reach"


def test_a_default_that_is_left_out_is_as_good_as_told() -> None:
    (spec,) = (tool for tool in GOOD.tools if tool.wire_name == "place_order")
    usual = {**spec.parameters, "properties": {**spec.properties, "speed": {"default": "usual"}}}
    spec = spec.model_copy(update={"parameters": usual})
    (gold,) = (one for one in GOOD.task.calls if one.tool == "place_order")
    told = gold.model_copy(update={"arguments": gold.arguments | {"speed": "usual"}})
    for one, arguments in ((told, gold.arguments), (gold, told.arguments)):
        assert one.is_made_by("place_order", arguments, spec)
        assert not one.is_made_by("place_order", arguments, None)
        assert not one.is_made_by("place_order", arguments | {"speed": "instant"}, spec)
        assert not one.is_made_by("get_order", arguments, spec)


def test_causes_stand_before_what_follows_from_them() -> None:
    assert find_causes(["bad_end", "wrong_arguments", "wrong_final_state"]) == ("wrong_arguments",)
    assert find_causes(["bad_end", "premature_termination", "repeated_call"]) == ("repeated_call",)
    assert find_causes(["wrong_final_state"]) == ("wrong_final_state",)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("no_such_tool", {}), ("list_accounts", {"wrong": [None, {"deep": 1}]}), ("get_order", {})],
)
def test_calls_that_cannot_be_run_are_answered_by_errors(name: str, arguments: JsonObject) -> None:
    result = played(assistant=Busybody(name, arguments))
    answers = [m for m in result.trajectory.messages if isinstance(m, ToolMessage)]
    assert answers
    assert all(m.is_error and json.loads(m.content)["error"]["code"] for m in answers)
    assert "repeated_call" in judged(result)


@pytest.mark.parametrize("code", ROLE_FAILURES)
def test_what_ended_a_dialogue_is_its_only_cause(code: str) -> None:
    result = played(assistant=Failing(RoleFailure(code)))
    assert result.failure is not None
    seen = examine(result.trajectory, own_studio().environment, (result.failure,))
    assert seen.causes == (code,)
    assert len(seen.reasons) > 1


@pytest.mark.parametrize("code", ROLE_FAILURES)
def test_a_role_that_gives_up_is_a_verdict(code: str) -> None:
    failing = Failing(RoleFailure(code))
    for result in (played(failing, Listener()), played(assistant=failing)):
        assert result.failure is not None
        assert [reason.code for reason in result.failure.reasons] == [code]
        assert code in judged(result)
        assert result.trajectory.messages


def test_a_role_failure_has_a_known_code() -> None:
    with pytest.raises(KeyError):
        RoleFailure("bored")


@pytest.mark.parametrize("error", [ProviderError("the endpoint is gone"), InputError("no tools")])
def test_what_is_no_failure_of_a_candidate_passes_through(error: Exception) -> None:
    with pytest.raises(type(error)):
        played(Failing(error), Listener())
    with pytest.raises(type(error)):
        played(assistant=Failing(error))


def test_a_conversation_in_which_nothing_is_said_is_not_accepted() -> None:
    result = played(Silent())
    assert len(result.trajectory.messages) == 1
    assert judged(result)
    assert judged(played(assistant=Listener()))


def test_a_planned_fault_strikes_its_call_once_and_is_retried() -> None:
    faulted = [made for made in takes() if any(c.fault for c in made.trajectory.task.calls)]
    assert faulted
    for made in faulted:
        gold = next(call for call in made.trajectory.task.calls if call.fault)
        wanted = (gold.tool, canonical_json(gold.arguments))
        struck = [m for m in made.trajectory.messages if isinstance(m, ToolMessage) and m.fault]
        assert {message.fault for message in struck} == {gold.fault}
        assert len(struck) <= (1 if gold.fault and gold.fault.transient else 2)
        failed = struck[0]
        assert failed.is_error
        calls = {
            call.id: (call.name, canonical_json(call.arguments), message)
            for message in made.trajectory.messages
            if isinstance(message, AssistantMessage)
            for call in message.calls
        }
        assert calls[failed.call_id][:2] == wanted
        again = [
            message
            for name, arguments, message in calls.values()
            if (name, arguments) == wanted and message.index > failed.index
        ]
        delayed = gold.fault is not None and gold.fault.kind == "delayed"
        soon = [message for message in again if message.turn == failed.turn or delayed]
        if gold.fault and gold.fault.transient:
            assert soon
        assert all(message.act == "retry" for message in soon[:1])


def test_the_environment_is_asked_exactly_what_was_planned() -> None:
    for made in takes(40):
        recorder = Recorder(made)
        result = played(made=made, environment=recorder)
        wanted: list[tuple[str, str, Fault | None]] = []
        for beat in made.script.assistant:
            for number in beat.calls:
                call = made.trajectory.task.calls[number]
                again = call.fault and call.fault.transient and beat.act == "retry"
                fault = None if again else call.fault
                wanted.append((call.tool, canonical_json(call.arguments), fault))
        assert recorder.asked == wanted
        assert result.trajectory.final_state == made.trajectory.task.final_state


def test_messages_are_numbered_timed_and_paired() -> None:
    def wrong(made: Take) -> list[Any]:
        messages = made.trajectory.messages
        times = [datetime.fromisoformat(message.timestamp) for message in messages]
        asked = [c.id for m in messages if isinstance(m, AssistantMessage) for c in m.calls]
        answered = [m.call_id for m in messages if isinstance(m, ToolMessage)]
        turns = [message.turn for message in messages]
        return [
            problem
            for problem, found in {
                "index": [m.index for m in messages] != list(range(len(messages))),
                "time": any(one >= two for one, two in pairwise(times)),
                "clock": times[0] != datetime.fromisoformat(made.trajectory.task.clock),
                "turn": turns != sorted(turns),
                "pairs": asked != answered or len(set(asked)) != len(asked),
                "policy": messages[0].role != "system"
                or not isinstance(messages[0], SystemMessage)
                or messages[0].text != made.trajectory.task.policy,
                "system": sum(m.role == "system" for m in messages) != 1,
                "order": asked_before_answered(messages),
            }.items()
            if found
        ]

    assert where(wrong) == []


def asked_before_answered(messages: tuple[Message, ...]) -> bool:
    """Whether an answer stands anywhere but directly behind its batch of calls."""
    expected: list[str] = []
    for message in messages:
        if isinstance(message, ToolMessage):
            if not expected or expected.pop(0) != message.call_id:
                return True
        elif expected:
            return True
        elif isinstance(message, AssistantMessage):
            expected = [call.id for call in message.calls]
    return bool(expected)


def test_results_are_those_of_the_task_and_the_end_is_its_end() -> None:
    for made in takes():
        answers = [m for m in made.trajectory.messages if isinstance(m, ToolMessage)]
        assert all(message.fault for message in answers if message.is_error)
        good = Counter((m.name, m.content) for m in answers if not m.is_error and not m.fault)
        calls = made.trajectory.task.calls
        lost = [c for c in calls if c.barred or (c.fault and not c.fault.transient)]
        wanted = Counter((call.tool, call.result) for call in made.trajectory.task.calls)
        assert good == wanted - Counter((call.tool, call.result) for call in lost)
        assert made.trajectory.final_state == made.trajectory.task.final_state


def test_wishes_are_taken_up_in_the_order_that_the_user_names() -> None:
    class Jumping:
        async def speak(self, messages: tuple[Message, ...]) -> Utterance | None:
            spoken = sum(isinstance(message, UserMessage) for message in messages)
            turns = (0, 2, 1)
            return Utterance("Well?", "request", turns[spoken]) if spoken < 3 else None

    result = played(Jumping(), Listener())
    turns = [m.turn for m in result.trajectory.messages if isinstance(m, UserMessage)]
    assert turns == [0, 2, 1]


def test_the_same_roles_give_the_same_bytes() -> None:
    for made in takes(5):
        one, two = played(made=made), played(made=made)
        assert one.trajectory.model_dump_json() == two.trajectory.model_dump_json()


def test_a_read_that_is_made_early_leaves_the_writes_before_it_their_time() -> None:
    """A model looks at once at what was wanted last: the write between is made when it is due."""
    seen = 0
    for made in takes(40):
        task, tools = made.trajectory.task, made.trajectory.tools
        known = {tool.wire_name: tool for tool in tools}
        timed = [
            n for n, one in enumerate(task.calls) if one.at and not one.skipped and not one.fault
        ]
        late = next((n for n in reversed(timed) if known[task.calls[n].tool].effect == "read"), 0)
        write = next((n for n in timed if n < late and known[task.calls[n].tool].writes), None)
        if write is None:
            continue
        stage = Stage(task, known, own_studio().environment(task))
        for number in (late, write):
            gold = task.calls[number]
            planned = PlannedCall(name=gold.tool, arguments=gold.arguments)
            stage.make(Move(text="", act="call", calls=(planned,)))
        *_, asked, answer = stage.messages
        assert isinstance(answer, ToolMessage)
        assert asked.timestamp <= answer.at == task.calls[write].at
        seen += 1
    assert seen > 0
