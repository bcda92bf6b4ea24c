"""Ways to change the hand-written conversation: each returns another, and leaves it as it was."""

from typing import Any

from schemas.leaves import leaves
from schemas.message import AssistantMessage, Call, FromResult, FromUser, Message, Source
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from tests.trajectories import GOOD, source


def say(position: int, text: str, trajectory: Trajectory = GOOD) -> Trajectory:
    """Other words."""
    return edit(position, trajectory, text=text)


def edit(position: int, trajectory: Trajectory = GOOD, **changes: Any) -> Trajectory:
    """Other fields of one message."""
    messages = list(trajectory.messages)
    messages[position] = messages[position].model_copy(update=changes)
    return trajectory.model_copy(update={"messages": tuple(messages)})


def edit_call(
    position: int, number: int = 0, trajectory: Trajectory = GOOD, **changes: Any
) -> Trajectory:
    """Other fields of one call."""
    message = trajectory.messages[position]
    assert isinstance(message, AssistantMessage)
    calls = list(message.calls)
    calls[number] = calls[number].model_copy(update=changes)
    return edit(position, trajectory, calls=tuple(calls))


def edit_source(position: int, path: str, *sources: Source, number: int = 0) -> Trajectory:
    """Other sources of one argument, or none."""
    message = GOOD.messages[position]
    assert isinstance(message, AssistantMessage)
    kept = tuple(given for given in message.calls[number].provenance if given.path != path)
    added = tuple(source(path, given) for given in sources)
    return edit_call(position, number, provenance=kept + added)


def edit_task(trajectory: Trajectory = GOOD, **changes: Any) -> Trajectory:
    return trajectory.model_copy(update={"task": trajectory.task.model_copy(update=changes)})


def arrange(messages: list[Message], trajectory: Trajectory = GOOD) -> Trajectory:
    """These messages, with the positions, times and sources that they have in this order."""
    moved = {message.index: position for position, message in enumerate(messages)}
    placed = []
    for position, message in enumerate(messages):
        time = f"2026-03-02T09:{position:02d}:00+01:00"
        changes: JsonObject = {"index": position, "timestamp": time}
        if isinstance(message, AssistantMessage):
            changes["calls"] = tuple(_follow(call, moved) for call in message.calls)
        placed.append(message.model_copy(update=changes))
    return trajectory.model_copy(update={"messages": tuple(placed)})


def _follow(call: Call, moved: dict[int, int]) -> Call:
    """The call, with its sources where their messages have gone."""
    sources = []
    for given in call.provenance:
        at = given.source
        if isinstance(at, FromUser | FromResult) and at.message in moved:
            at = at.model_copy(update={"message": moved[at.message]})
        sources.append(given.model_copy(update={"source": at}))
    return call.model_copy(update={"provenance": tuple(sources)})


def drop(*positions: int, trajectory: Trajectory = GOOD) -> Trajectory:
    """Without these messages."""
    left = [message for message in trajectory.messages if message.index not in positions]
    return arrange(left, trajectory)


def swap(left: int, right: int) -> Trajectory:
    """Two messages in each other's place."""
    messages = list(GOOD.messages)
    messages[left], messages[right] = messages[right], messages[left]
    return arrange(messages)


def insert(position: int, *added: Message, trajectory: Trajectory = GOOD) -> Trajectory:
    """More messages before the one at ``position``; their indexes are unlike all others."""
    fresh = [
        message.model_copy(update={"index": 1000 + number}) for number, message in enumerate(added)
    ]
    messages = trajectory.messages
    return arrange([*messages[:position], *fresh, *messages[position:]], trajectory)


def exchange_of(position: int, call_id: str, **changes: Any) -> tuple[Message, Message]:
    """A second copy of a call and its result under another id, for use with `insert`."""
    message = GOOD.messages[position]
    answer = GOOD.messages[position + 1]
    assert isinstance(message, AssistantMessage)
    call = message.calls[0].model_copy(update={"id": call_id, **changes})
    return (
        message.model_copy(update={"calls": (call,)}),
        answer.model_copy(update={"call_id": call_id}),
    )


def argument_leaves() -> list[tuple[int, int, str, Any]]:
    """Message, call, path and value of every argument of the correct conversation."""
    return [
        (message.index, number, path, value)
        for message in GOOD.messages
        if isinstance(message, AssistantMessage)
        for number, call in enumerate(message.calls)
        for path, value in leaves(call.arguments)
    ]
