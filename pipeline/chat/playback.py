"""A brain for the loopback endpoint: answers as finished trajectories went.

It sees nothing but requests, as any model does. From the system text it tells whose part is asked
for, and from the words, calls and results so far in which conversation it is, and where. What it
does not recognise it does not answer, so that nothing passes by accident.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from generators.dialogue.model_roles import (
    STOP,
    assistant_history,
    heard,
    user_prompt,
    wire_call,
)
from pipeline.run.trajectory_lines import lines
from schemas.errors import InputError
from schemas.message import AssistantMessage, UserMessage
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from validators.judge import turn_instructions, user_instructions

GOOD = json.dumps({"reasons": [], "label": "good", "confidence": 0.9})
FILES = ("trajectories.jsonl", "rejected.jsonl")
"""What is played back of an output folder: a build asks for the rejected candidates as well."""


class Recorded:
    """Plays users, assistants and a lenient judge. Call it with the body of a request."""

    def __init__(self, trajectories: Iterable[Trajectory]) -> None:
        self._judges = {turn_instructions(), user_instructions()}
        self._by_script: dict[str, list[Trajectory]] = defaultdict(list)
        self._by_opening: dict[tuple[Any, Any], list[Trajectory]] = defaultdict(list)
        for trajectory in trajectories:
            self._by_script[user_prompt(trajectory.task)].append(trajectory)
            self._by_opening[_opening(assistant_history(trajectory.messages))].append(trajectory)

    def __call__(self, request: JsonObject) -> JsonObject:
        """Answer with a chat completion. Raises LookupError where nothing recorded fits."""
        asked = request.get("messages") or [{}]
        system = asked[0].get("content")
        if system in self._judges:
            return completion({"content": GOOD}, request)
        if system in self._by_script:
            return completion({"content": self._say(self._by_script[system], asked)}, request)
        return completion(self._move(self._by_opening.get(_opening(asked), []), asked), request)

    def _say(self, candidates: list[Trajectory], asked: list[JsonObject]) -> str:
        """What a recorded user says who has heard the same so far."""
        heard_so_far = tuple(asked[1:])
        for trajectory in candidates:
            messages = trajectory.messages
            for position, message in enumerate(messages):
                if isinstance(message, UserMessage) and heard(messages[:position]) == heard_so_far:
                    return message.text
            if heard(messages) == heard_so_far:
                return STOP
        raise LookupError(f"no recorded user said this so far: {_last(asked)}")

    def _move(self, candidates: list[Trajectory], asked: list[JsonObject]) -> JsonObject:
        """What a recorded assistant says that was asked the same."""
        for trajectory in candidates:
            before, following = trajectory.messages[: len(asked)], trajectory.messages[len(asked) :]
            message = following[0] if following else None
            if not isinstance(message, AssistantMessage):
                continue
            if _without_ids(assistant_history(before)) == _without_ids(asked):
                said: JsonObject = {"content": message.text or None}
                if message.calls:
                    said["tool_calls"] = [wire_call(call) for call in message.calls]
                if message.reasoning:
                    said["reasoning_content"] = message.reasoning
                return said
        raise LookupError(f"no recorded assistant was asked this: {_last(asked)}")


def completion(message: JsonObject, request: JsonObject) -> JsonObject:
    """Wrap an assistant's message as a chat completion with a usage block."""
    read, written = len(json.dumps(request)) // 4, len(json.dumps(message)) // 4
    return {
        "id": "chatcmpl-loopback",
        "object": "chat.completion",
        "created": 0,
        "model": request.get("model", ""),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", **message},
                "finish_reason": "tool_calls" if message.get("tool_calls") else "stop",
            }
        ],
        "usage": {
            "prompt_tokens": read,
            "completion_tokens": written,
            "total_tokens": read + written,
        },
    }


def load_recorded(folder: Path) -> Recorded:
    """Read a finished output folder. Raises InputError with file and line."""
    files = [folder / name for name in FILES if (folder / name).is_file()]
    if not files:
        raise InputError(f"holds none of {', '.join(FILES)}", file=str(folder))
    return Recorded(line.trajectory for file in files for line in lines(file))


def _opening(history: Sequence[JsonObject]) -> tuple[Any, Any]:
    """Take the system text and the user's first words."""
    system, user, *_ = *(message.get("content") for message in history[:2]), None, None
    return system, user


def _without_ids(history: Sequence[JsonObject]) -> list[JsonObject]:
    """Put numbers in the place of call ids, which whoever runs the calls may choose."""
    numbers: dict[str, int] = {}
    plain: list[JsonObject] = []
    for message in history:
        message = dict(message)
        if "tool_call_id" in message:
            message["tool_call_id"] = numbers.get(message["tool_call_id"])
        if message.get("tool_calls"):
            message["tool_calls"] = [
                {**call, "id": numbers.setdefault(call["id"], len(numbers))}
                for call in message["tool_calls"]
            ]
        plain.append(message)
    return plain


def _last(asked: list[JsonObject]) -> str:
    return json.dumps(asked[-1], ensure_ascii=False)[:300]
