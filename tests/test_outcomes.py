"""Turns that end otherwise than done, and the law that looking once more never does harm."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.canonical import written_json
from schemas.environment import Environment
from schemas.message import AssistantAct, AssistantMessage, Call, Fault, Message, ToolMessage
from schemas.reading import tells
from schemas.task import Outcome
from schemas.trajectory import Trajectory
from tests.spoils import FAULT, REFUSED, TRIED, asserting, ending
from tests.studio import own_studio, take
from tests.tampering import arrange, edit, edit_task, insert
from tests.trajectories import GOOD, TASK, Shop
from validators.checks import examine
from validators.transcript import writers

CLOCK = datetime(2026, 3, 2, 9)


@pytest.mark.parametrize(
    ("outcome", "act"),
    [("transfer", "transfer"), ("clarify", "clarify"), ("fail", "report_failure")],
)
def test_a_turn_that_ends_as_it_should_is_accepted(outcome: Outcome, act: AssistantAct) -> None:
    assert examine(ending(outcome, act), Shop).accepted


def test_what_a_row_must_be_is_compared_as_json() -> None:
    assert examine(asserting({"quantity": 2.0, "total": 379}), Shop).accepted


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("It costs 82.99 euros.", 82.99),
        ("It comes to $1,250 in all.", 1250),
        ("It starts on the 12th of March.", "2026-03-12"),
        ("It begins tomorrow at 9:40 am.", "2026-03-03T09:40:00"),
        ("The order is in progress.", "IN_PROGRESS"),
        ("Your order is W-1001.", "W-1001"),
        ("There are three of them.", 3),
        ("Yes, it is.", True),
    ],
)
def test_a_value_is_told_however_people_say_it(text: str, value: str | float | bool) -> None:
    assert tells(text, value, CLOCK)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("It costs 82.95 euros.", 82.99),
        ("It starts on the 13th of March.", "2026-03-12"),
        ("It is in Oakland.", "Oak"),
        ("Your order is W-10011.", "W-1001"),
        ("It is done.", True),
        ("Anything.", ""),
    ],
)
def test_another_value_does_not_tell_it(text: str, value: str | float | bool) -> None:
    assert not tells(text, value, CLOCK)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 39), st.data())
def test_a_legal_extra_read_never_fails_a_trajectory(index: int, data: st.DataObject) -> None:
    trajectory = examine(take(index).trajectory, own_studio().environment)
    assert trajectory.accepted
    places = [m.index for m in trajectory.messages if m.role == "assistant"]
    place = data.draw(st.sampled_from(places))
    reads = list(_reads(trajectory, place))
    if reads:
        longer = _with_read(trajectory, place, data.draw(st.sampled_from(reads)))
        assert examine(longer, own_studio().environment).accepted


def test_what_is_said_with_a_read_is_not_said_again_for_looking_again() -> None:
    found = 0
    for one in (take(index).trajectory for index in range(40)):
        due = {each.tool for each in one.task.demands if each.demand.kind == "said"}
        last = one.messages[-1].index
        for read in (each for each in _reads(one, last) if each.id and each.name in due):
            found += 1
            assert examine(_with_read(one, last, read), own_studio().environment).accepted
    assert found


def _reads(trajectory: Trajectory, place: int) -> Iterator[Call]:
    """Reads whose arguments are grounded at that place: made before, or without any."""
    for message in trajectory.messages[:place]:
        if isinstance(message, AssistantMessage):
            yield from (c for c in message.calls if c.name not in writers(trajectory))
    for tool in trajectory.tools:
        if tool.effect == "read" and not tool.required and not tool.destructive:
            yield Call(id="", name=tool.wire_name, arguments={})


def _with_read(trajectory: Trajectory, place: int, read: Call) -> Trajectory:
    environment = own_studio().environment(trajectory.task)
    for call, answer in _made(trajectory.messages[:place]):
        environment.call(call.name, call.arguments, answer.fault)
    call = read.model_copy(update={"id": "call_more"})
    at = trajectory.messages[place]
    asked = AssistantMessage(
        index=1000, turn=at.turn, timestamp=at.timestamp, act="call", calls=(call,)
    )
    messages = (*trajectory.messages[:place], asked, _answer(environment, call, at))
    clocked = arrange([*messages, *trajectory.messages[place:]], trajectory)
    times = [*(m.timestamp for m in messages), *(m.timestamp for m in trajectory.messages[place:])]
    timed = [
        message.model_copy(update={"timestamp": time})
        for message, time in zip(clocked.messages, times, strict=True)
    ]
    return clocked.model_copy(update={"messages": tuple(timed)})


def _answer(environment: Environment, call: Call, at: Message) -> ToolMessage:
    outcome = environment.call(call.name, call.arguments)
    return ToolMessage(
        index=1001, turn=at.turn, timestamp=at.timestamp, call_id=call.id, name=call.name,
        content=written_json(outcome.content), is_error=outcome.is_error,
    )  # fmt: skip


def _made(messages: tuple[Message, ...]) -> Iterator[tuple[Call, ToolMessage]]:
    calls = {c.id: c for m in messages if isinstance(m, AssistantMessage) for c in m.calls}
    for message in messages:
        if isinstance(message, ToolMessage):
            yield calls[message.call_id], message


def test_a_look_before_declining_does_no_harm() -> None:
    searched = [message.model_copy(update={"turn": 3}) for message in GOOD.messages[2:4]]
    call = searched[0].calls[0].model_copy(update={"id": "c9"})
    searched[0] = searched[0].model_copy(update={"calls": (call,)})
    searched[1] = searched[1].model_copy(update={"call_id": "c9"})
    assert examine(insert(REFUSED, *searched), Shop).accepted


def test_a_fault_that_lasts_must_be_admitted() -> None:
    lasting = Fault(kind="rate_limited", transient=False)
    silent = edit(FAULT, fault=lasting)
    assert examine(silent, Shop).accepted, "the call succeeded in the end"
    gold = TASK.turns[1].calls[0].model_copy(update={"fault": lasting})
    failing = TASK.turns[1].model_copy(update={"calls": (gold,), "outcome": "fail"})
    task = edit_task(silent, turns=(TASK.turns[0], failing, *TASK.turns[2:]))
    assert "undisclosed_failure" in examine(task, Shop).reasons
    labels = {found.message: found for found in examine(silent, Shop).labels}
    assert labels[TRIED].reasons == ("lasting_fault",)
    assert labels[TRIED].train
