"""What each interface of the server does with sessions: begin one, make a move, tell of it."""

import json
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from pipeline.serving.episode import Episode, Observation
from pipeline.serving.sessions import NoSessionError, Sessions
from pipeline.serving.tasks import Tasks
from schemas.errors import InputError
from schemas.record import JsonObject

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
            case {"seed": int(seed)} if _is_seed(seed) and len(told) == 1:
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
        told: Any = json.loads(body)
        # NaN, numbers beyond all bounds and halves of characters can be sent back to nobody.
        json.dumps(told, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise InputError("the body is no JSON, or has a number or character that is none") from None
    if not isinstance(told, dict):
        raise InputError("the body is no object")
    return told


def _is_seed(seed: int) -> bool:
    """Whether it is a whole number in bounds; Python counts true and false as numbers too."""
    return not isinstance(seed, bool) and 0 <= seed < HIGHEST
