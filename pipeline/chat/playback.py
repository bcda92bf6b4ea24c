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

from pydantic import ValidationError

from generators.dialogue.model_assistant import assistant_history, wire_call
from generators.dialogue.model_user import STOP, heard, user_prompt
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
        for trajectory in candidates:
            # Find what the recorded user says at this point; None if it is none of theirs.
            words_asked = tuple(asked[1:])
            messages = trajectory.messages
            said = next(
                (
                    message.text
                    for position, message in enumerate(messages)
                    if isinstance(message, UserMessage)
                    and heard(messages[:position]) == words_asked
                ),
                STOP if heard(messages) == words_asked else None,
            )
            if said is not None:
                return said
        raise LookupError(f"no recorded user said this so far: {_last(asked)}")

    def _move(self, candidates: list[Trajectory], asked: list[JsonObject]) -> JsonObject:
        for trajectory in candidates:
            following = trajectory.messages[len(asked) : len(asked) + 1]
            if not following or not isinstance(following[0], AssistantMessage):
                continue
            if _without_ids(assistant_history(trajectory.messages[: len(asked)])) == _without_ids(
                asked
            ):
                message = following[0]
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
    return Recorded(trajectory for file in files for trajectory in _load(file))


def _load(file: Path) -> Iterable[Trajectory]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield Trajectory.model_validate_json(line)
            except ValidationError as error:
                problem = f"is no trajectory: {error.errors()[0]['msg']}"
                raise InputError(problem, file=str(file), place=f"line {number}") from None


def _opening(history: Sequence[JsonObject]) -> tuple[Any, Any]:
    """Take the system text and the user's first words."""
    system, user, *_ = *(message.get("content") for message in history[:2]), None, None
    return system, user


def _without_ids(history: Sequence[JsonObject]) -> list[JsonObject]:
    """Put numbers in the place of call ids, which whoever runs the calls may choose."""
    numbers: dict[str, int] = {}
    return [_numbered(message, numbers) for message in history]


def _numbered(message: JsonObject, numbers: dict[str, int]) -> JsonObject:
    message = dict(message)
    if "tool_call_id" in message:
        message["tool_call_id"] = numbers.get(message["tool_call_id"])
    if message.get("tool_calls"):
        message["tool_calls"] = [
            {**call, "id": numbers.setdefault(call["id"], len(numbers))}
            for call in message["tool_calls"]
        ]
    return message


def _last(asked: list[JsonObject]) -> str:
    return json.dumps(asked[-1], ensure_ascii=False)[:300]
