"""What each interface of the server does with sessions: begin one, make a move, tell of it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn

from pipeline.serving.episode import Episode, Observation
from pipeline.serving.sessions import NoSessionError, Sessions
from pipeline.serving.tasks import Tasks
from schemas.errors import InputError
from schemas.record import JsonObject


def _refuse(_: str) -> NoReturn:
    raise ValueError


def _read_number(text: str) -> float:
    if not isfinite(number := float(text)):
        raise ValueError
    return number


_READING = json.JSONDecoder(parse_constant=_refuse, parse_float=_read_number)
HIGHEST = 2**53
"""Seeds are below: what JSON numbers hold for sure."""


@dataclass(frozen=True)
class Play:
    """Tasks, and the sessions in which they are played."""

    tasks: Tasks
    sessions: Sessions

    async def begin(self, told: JsonObject) -> tuple[str, str, Episode]:
        """Begin what a seed or a name says: session, task, episode. Raises ToolweaveError."""
        self.sessions.make_room()
        match told:
            # Python counts true and false as numbers, too.
            case {"seed": int(seed)} if (
                len(told) == 1 and not isinstance(seed, bool) and 0 <= seed < HIGHEST
            ):
                proven = await self.tasks.by_seed(seed)
            case {"task": str(name)} if len(told) == 1 and name:
                proven = await self.tasks.by_name(name)
            case _:
                raise InputError("reset takes a seed, a whole number from 0, or a task's name")
        name, episode = self.sessions.begin(proven)
        return name, proven.trajectory.id, episode

    async def move(self, name: str, message: JsonObject) -> Observation:
        """Make a move. Raises ToolweaveError, and what the environment raises."""
        episode = self.sessions.find(name)
        try:
            seen = await episode.answer(message)
        except BaseException:
            if episode.done:  # it broke, and cannot go on
                with suppress(NoSessionError):
                    self.sessions.note(name, Observation(messages=(), done=True, ended="failed"))
            raise
        self.sessions.note(name, seen)
        return seen


def tell_begun(session: str, task: str, episode: Episode) -> JsonObject:
    """What `Play.begin` has begun, as it is sent."""
    return {"session": session, "task": task, "tools": [*episode.tools]} | tell(episode.look())


def write_begun(session: str, task: str, episode: Episode) -> bytes:
    """What `tell_begun` tells, as JSON: the tools, most of it, are written once for a task."""
    head, rest = written({"session": session, "task": task}), written(tell(episode.look()))
    return b'%b,"tools":%b,%b' % (head[:-1], episode.written_tools, rest[1:])


def written(told: JsonObject) -> bytes:
    """An answer as JSON."""
    return json.dumps(told, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def tell(seen: Observation) -> JsonObject:
    """An observation as it is sent."""
    told: JsonObject = {"messages": list(seen.messages), "done": seen.done}
    if seen.done:
        told |= {"ended": seen.ended, "why": seen.why, "scored": seen.reward is not None}
        told["reward"] = seen.reward.model_dump(mode="json") if seen.reward else None
    return told


def read_object(body: bytes | str) -> JsonObject:
    """A JSON object that can be sent back. Raises InputError."""
    try:
        text = body if isinstance(body, str) else body.decode(json.detect_encoding(body))
        told: Any = _READING.decode(text)
        # NaN, numbers beyond all bounds and halves of characters can be sent back to nobody.
        if "\\u" in text:
            json.dumps(told, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise InputError("the body is no JSON, or has a number or character that is none") from None
    if not isinstance(told, dict):
        raise InputError("the body is no object")
    return told
