"""The same episodes as OpenEnv's client wants them: a WebSocket each, with a session at a time.

An action is a message of the assistant, an observation what is new to it. What OpenEnv adds to
either of its own (``episode_id``, ``metadata``) is let through and means nothing here.
"""

import asyncio
import logging
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.websockets import WebSocket, WebSocketDisconnect

from pipeline.serving.episode import Episode, Observation
from pipeline.serving.play import Play, read_object, tell
from pipeline.serving.sessions import FullError, NoSessionError
from schemas.canonical import printable
from schemas.errors import InputError, ToolweaveError
from schemas.record import JsonObject

_LOG = logging.getLogger(__name__)
_OWN = frozenset({"localhost", "127.0.0.1"})
_GONE, _REFUSED = "websocket.disconnect", 1008
"""Of a client that has hung up; and WebSocket's code for what is against the rules."""


@dataclass
class Line:
    """One connection: its session, and where its seeds are."""

    play: Play
    session: str = ""
    task: str = ""
    steps: int = 0
    seed: int = 0
    """What a reset without a seed takes; then the one after it."""

    async def answer(self, told: JsonObject) -> JsonObject | None:
        """What is said to a message; None hangs up. Raises ToolweaveError."""
        data = told.get("data")
        match told.get("type"), data:
            case "reset", dict() | None:
                wanted = {name: value for name, value in (data or {}).items()
                          if value is not None and name != "episode_id"}  # fmt: skip
                self.drop()
                begun = await self.play.begin(wanted or {"seed": self.seed})
                self.session, self.task, episode = begun
                self.steps = 0
                if not wanted:
                    self.seed += 1
                return self._tell(episode.look(), episode)
            case "step", dict(action):
                if not self.session:
                    raise InputError("no episode has begun: reset begins one")
                move = {name: action[name] for name in action if name != "metadata"}
                seen = await self.play.move(self.session, move)
                self.steps += 1
                return self._tell(seen)
            case "state", _:
                state = {"episode_id": self.session or None, "step_count": self.steps}
                return {"type": "state", "data": state | {"task": self.task}}
            case "close", _:
                return None
        raise InputError("a message has a type, reset, step, state or close, and its data")

    def _tell(self, seen: Observation, begun: Episode | None = None) -> JsonObject:
        observation = tell(seen)
        done, earned = observation.pop("done"), observation.pop("reward", None)
        if begun is not None:
            observation |= {"task": self.task, "tools": list(begun.tools)}
        if earned is not None:
            observation["earned"] = earned
        reward = earned["binary"] if earned else None
        data = {"observation": observation, "reward": reward, "done": done}
        return {"type": "observation", "data": data}

    def drop(self) -> None:
        """Close the session, if one is open."""
        try:
            if self.session:
                self.play.sessions.drop(self.session)
        except NoSessionError:
            pass  # it has come to its end
        self.session = ""


async def converse(play: Play, socket: WebSocket) -> None:
    """Answer what comes over a connection, until it is closed; its session ends with it."""
    origin = socket.headers.get("origin")
    if origin is not None and urlsplit(origin).hostname not in _OWN:  # a page of another place
        await socket.close(_REFUSED)
        return
    await socket.accept()
    line = Line(play)
    hearing = asyncio.create_task(socket.receive())
    answering: asyncio.Task[JsonObject | None] | None = None
    try:
        while (heard := await hearing)["type"] != _GONE:
            said = heard.get("text") or heard.get("bytes") or ""
            answering = asyncio.create_task(_answer(line, said))
            hearing = asyncio.create_task(socket.receive())
            # Who hangs up while their user is being waited for is not waited for.
            await asyncio.wait((answering, hearing), return_when=asyncio.FIRST_COMPLETED)
            if hearing.done() and (await hearing)["type"] == _GONE:
                return
            if (told := await answering) is None:
                await socket.close()
                break
            await socket.send_json(told)
    except WebSocketDisconnect:
        return
    finally:
        line.drop()
        for one in filter(None, (hearing, answering)):
            one.cancel()
        await asyncio.gather(*filter(None, (hearing, answering)), return_exceptions=True)


async def _answer(line: Line, text: str | bytes) -> JsonObject | None:
    try:
        return await line.answer(read_object(text))
    except FullError as error:
        return _fail("CAPACITY_REACHED", str(error))
    except NoSessionError as error:
        return _fail("SESSION_ERROR", str(error))
    except ToolweaveError as error:
        return _fail("VALIDATION_ERROR", str(error))
    except Exception as error:  # the environment's own fault; its session is over
        _LOG.exception("an episode failed")
        return _fail("EXECUTION_ERROR", f"the session is over: {type(error).__name__}")


def _fail(code: str, told: str) -> JsonObject:
    return {"type": "error", "data": {"message": printable(told), "code": code}}
