"""The middle form of all exports: a conversation as any trainer could have it.

What the record knows beyond this (sources of arguments, verdicts, the task) no chat format holds;
formats that need it ask for the `task` or the `record`, which are read only then.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from pipeline.run.data_lines import Line
from schemas.record import JsonObject
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.trajectory import Trajectory


class Called(NamedTuple):
    """One call."""

    id: str
    name: str
    arguments: JsonObject


class Said(NamedTuple):
    """One message."""

    role: str
    """``system``, ``user``, ``assistant`` or ``tool``."""
    text: str
    train: bool = False
    """Whether an assistant's message is learned from."""
    label: str = ""
    """What the checks say of an assistant's message: ``good``, ``recoverable`` …"""
    reasoning: str = ""
    calls: tuple[Called, ...] = ()
    call_id: str = ""
    """The call that a tool's message answers, and its tool."""
    name: str = ""
    is_error: bool = False
    at: str = ""
    """When it was said, ISO 8601 with offset."""
    act: str = ""
    """What a user's message does: one of `schemas.message.UserAct`."""
    place: int = -1
    """Its place in the record, whatever was joined or cut; -1: it is not of the record."""


@dataclass(frozen=True)
class Chat:
    """A conversation with the tools on offer."""

    number: int
    """Of its candidate; with `part` it names the row."""
    domain: str
    tools: tuple[ToolSpec, ...]
    messages: tuple[Said, ...]
    record: Callable[[], Trajectory]
    task: Callable[[], Task]
    """That of the record, which need not be made for it."""
    assistant: str = "scripted"
    """Who played the assistant."""
    part: str = ""
    """What made of the conversation it is; empty: the conversation itself."""

    @property
    def name(self) -> str:
        """A name that no other row of the folder has."""
        return f"{self.number}-{self.part}" if self.part else str(self.number)

    @property
    def opening(self) -> tuple[Said, ...]:
        """What stands before the assistant's first message."""
        first = next(self.decisions, len(self.messages))
        return self.messages[:first]

    @property
    def decisions(self) -> Iterator[int]:
        """Where the assistant speaks or calls."""
        return (n for n, said in enumerate(self.messages) if said.role == "assistant")


def read_chat(line: Line) -> Chat:
    """The conversation of a line, without making its record. Raises InputError."""
    try:
        return _chat(
            line.plain, line.find_tools(), lambda: line.trajectory, lambda: line.task
        )  # fmt: skip
    except (LookupError, TypeError, ValueError, AttributeError):
        return chat_of(line.trajectory)  # which says what is wrong with the line


def chat_of(trajectory: Trajectory) -> Chat:
    """The conversation of a record."""
    told = trajectory.model_dump(mode="json")
    return _chat(told, trajectory.tools, lambda: trajectory, lambda: trajectory.task)


def _chat(
    told: JsonObject,
    tools: tuple[ToolSpec, ...],
    record: Callable[[], Trajectory],
    task: Callable[[], Task],
) -> Chat:
    labels = {one["message"]: one for one in told.get("labels", ())}
    messages = tuple(join_speakers(read_said(one, labels) for one in told["messages"]))
    domain, assistant = told["task"]["domain"], told["roles"]["assistant"]
    return Chat(told["index"], domain, tools, messages, record, task, assistant)


_NOTHING: JsonObject = {}


def join_speakers(messages: Iterable[Said]) -> Iterator[Said]:
    """What several people say on end as one message: roles must alternate almost everywhere."""
    held: Said | None = None
    for said in messages:
        if held is not None and said.role == held.role == "user":
            held = said._replace(text=f"{held.text}\n{said.text}")
            continue
        if held is not None:
            yield held
        held = said
    if held is not None:
        yield held


def read_said(told: JsonObject, labels: dict[int, JsonObject]) -> Said:
    """A message of a record's JSON, with the labels of those that have one by their index."""
    role, at, index = told["role"], told["timestamp"], told["index"]
    if role == "tool":
        return Said(
            role, told["content"], call_id=told["call_id"], name=told["name"], at=at,
            is_error=told.get("is_error", False), place=index,
        )  # fmt: skip
    if role != "assistant":
        named = f"{told['speaker']}: {told['text']}" if told.get("speaker") else told["text"]
        return Said(role, named, at=at, act=told.get("act", ""), place=index)
    calls = tuple(Called(one["id"], one["name"], one["arguments"]) for one in told.get("calls", ()))
    label = labels.get(index, _NOTHING)
    return Said(
        role, told.get("text", ""), label.get("train", False), label.get("label", ""),
        told.get("reasoning") or "", calls, at=at, place=index,
    )  # fmt: skip
