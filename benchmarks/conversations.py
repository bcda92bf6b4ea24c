"""Counts what conversations show, from the plain JSON of ``trajectories.jsonl`` alone.

Shares no code with the project's own checks, so that it can contradict them.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean
from typing import Any

from benchmarks.lines import Line, at_least, none_of, share

Json = dict[str, Any]

MARKS = re.compile(
    r"\{\{|\}\}|\{[^{}]*\}|\{%|%\}|<[A-Za-z_/|][^<>]*>|\$\{|%\(\w+\)s|%s\b"
    r"|\[[A-Za-z_ ]+\](?!\()|\b(?:TODO|TBD|FIXME|NaN|null|undefined|placeholder)\b"
    r"|\bNone\b(?! of\b)"
)
"""What no person says: slots of templates, and words of programs for what is missing."""
RAW_NAME = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]*)+")
"""snake_case or camelCase."""


@dataclass(frozen=True)
class Conversation:
    """What is counted of one."""

    user_turns: int
    """Messages of the user."""
    tasks: int
    """What the user wants one after the other, as the record numbers it."""
    calls: int
    clarified: bool
    parallel: bool
    recovered: bool
    refused: bool
    opening: str
    """First words of the user, normalised."""
    marks: tuple[str, ...]
    """Placeholders, template marks and raw parameter names that were said."""


def count(record: Json) -> Conversation:
    """Count one trajectory."""
    messages: list[Json] = record["messages"]
    users = [message for message in messages if message["role"] == "user"]
    return Conversation(
        user_turns=len(users),
        tasks=len({message["turn"] for message in users}),
        calls=sum(len(_calls(message)) for message in messages),
        clarified=_is_clarified(messages),
        parallel=any(len(_calls(message)) > 1 for message in messages),
        recovered=_recovers(messages),
        refused=any(message.get("act") == "refuse" for message in messages),
        opening=normalise(users[0]["text"]) if users else "",
        marks=tuple(marks(messages, record["tools"])),
    )


def _calls(message: Json) -> Sequence[Json]:
    return message.get("calls") or ()


def _is_clarified(messages: list[Json]) -> bool:
    """Whether the assistant asks for something and the user answers next."""
    return any(
        asked.get("act") == "clarify" and answer["role"] == "user"
        for asked, answer in pairwise(messages)
    )


def _recovers(messages: list[Json]) -> bool:
    """Whether a call meets an injected fault, and the same call succeeds later."""
    made = {call["id"]: _same(call) for message in messages for call in _calls(message)}
    failed = set()
    for message in messages:
        if message["role"] == "tool":
            call = made.get(message["call_id"])
            if message.get("fault") and message["is_error"]:
                failed.add(call)
            elif not message["is_error"] and call in failed:
                return True
    return False


def _same(call: Json) -> tuple[str, str]:
    return call["name"], json.dumps(call["arguments"], sort_keys=True)


def normalise(text: str) -> str:
    """Words only, in lower case."""
    return " ".join(re.findall(r"\w+", text.lower()))


def marks(messages: list[Json], tools: list[Json]) -> Iterator[str]:
    """What a user or assistant says that no person says; values that are quoted may say it."""
    names = {name for tool in tools for name in _parameters(tool["parameters"])}
    raw = {name for name in names if RAW_NAME.fullmatch(name)}
    known = [value for message in messages for value in _values(message)]
    for message in messages:
        if message["role"] in ("user", "assistant"):
            text = _without_values(message["text"], known)
            yield from (repr(match) for match in MARKS.findall(text))
            yield from (f"raw name {word!r}" for word in re.findall(r"\w+", text) if word in raw)


def _without_values(text: str, known: list[str]) -> str:
    """Blank the quoted values that hold a mark or a raw name themselves."""
    for value in sorted(known, key=len, reverse=True):
        if value in text and (MARKS.search(value) or RAW_NAME.search(value)):
            text = text.replace(value, " ")
    return text


def _parameters(schema: Any) -> Iterator[str]:
    """Names of properties at any depth."""
    if isinstance(schema, dict):
        properties = schema.get("properties")
        if isinstance(properties, dict):
            yield from properties
        for inner in schema.values():
            yield from _parameters(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _parameters(inner)


def _values(message: Json) -> Iterator[str]:
    """Every text in the arguments and results of a message."""
    for call in _calls(message):
        yield from _texts(call["arguments"])
    if message["role"] == "tool":
        yield from _texts(json.loads(message["content"]))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def judge(conversations: Sequence[Conversation]) -> Iterator[Line]:
    """Every line that is promised of conversations, for at least one of them."""
    total = len(conversations)
    turns = [conversation.user_turns for conversation in conversations]
    spread = f"{min(turns)} to {max(turns)}"
    yield Line("user turns, each", "2 to 8", spread, min(turns) >= 2 and max(turns) <= 8)
    yield at_least("user turns, mean", mean(turns), 3)
    yield at_least("calls, mean", mean(item.calls for item in conversations), 4)
    for name, field, bound in SHARES:
        yield share(name, sum(getattr(item, field) for item in conversations), total, bound)
    yield none_of("first user messages alike", repeated(conversations), "alike")
    said = (mark for conversation in conversations for mark in conversation.marks)
    yield none_of("placeholders, raw names", said, "said")


SHARES = (
    ("with a clarification", "clarified", 0.20),
    ("with parallel calls", "parallel", 0.15),
    ("with a fault and the recovery", "recovered", 0.10),
    ("with an unsupported request", "refused", 0.05),
)


def repeated(conversations: Iterable[Conversation]) -> list[str]:
    """Openings that more than one conversation has."""
    openings = Counter(conversation.opening for conversation in conversations)
    return [opening for opening, times in openings.items() if times > 1]
