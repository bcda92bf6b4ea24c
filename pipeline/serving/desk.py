"""Episodes over HTTP on this machine alone: plain JSON, described in ``docs/serving.md``.

What a client can reach is tasks by number or name and their sandboxes: no path, no code and no file
is ever taken from a request. A process answers one request after the other, so its sessions need no
lock; where several serve one address, what is another's is handed on (`peers`). Pages that a
browser loads from elsewhere cannot ask: the host must be this machine, and bodies must call
themselves JSON.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pipeline.serving.episode import Observation
from pipeline.serving.peers import HANDED_ON, Peers
from pipeline.serving.sessions import FullError, NoSessionError, Sessions
from pipeline.serving.tally import HAPPENS
from pipeline.serving.tasks import Tasks
from schemas.canonical import printable
from schemas.errors import InputError, ToolweaveError
from schemas.record import JsonObject

HOST = "127.0.0.1"
LONGEST = 1_000_000
"""Bytes of a request's body."""
HIGHEST = 2**53
"""Seeds are below: what JSON numbers hold for sure."""


@dataclass(frozen=True)
class Desk:
    """Answers requests."""

    tasks: Tasks
    sessions: Sessions
    peers: Peers | None = None
    """Other processes that serve the same address."""

    async def reset(self, request: Request) -> Response:
        """Begin an episode in a session of its own."""
        body = await _read(request)
        told = _parse(body, {"seed", "task"})
        self.sessions.make_room()
        if self.peers is not None and HANDED_ON not in request.headers:
            idler = self.peers.find_idler()
            if idler is not None:
                return await self.peers.hand_on(idler, request, body)
        match told:
            case {"seed": int(seed)} if _is_seed(seed) and len(told) == 1:
                proven = await self.tasks.by_seed(seed)
            case {"task": str(name)} if len(told) == 1 and name:
                proven = await self.tasks.by_name(name)
            case _:
                raise InputError("reset takes a seed, a whole number from 0, or a task's name")
        name, episode = self.sessions.begin(proven)
        begun = {"session": name, "task": proven.trajectory.id, "tools": list(episode.tools)}
        return JSONResponse(begun | _tell(episode.look()))

    async def step(self, request: Request) -> Response:
        """Make a move."""
        body = await _read(request)
        told = _parse(body, {"session", "message", "call"})
        match told:
            case {"session": str(name), "message": dict(message)} if len(told) == 2:
                pass
            case {"session": str(name), "call": dict(call)} if len(told) == 2:
                message = {"tool_calls": [call]}
            case _:
                raise InputError("step takes a session and either a message or a call, an object")
        if self.peers is not None and (owner := self.peers.find_owner(name)) is not None:
            return await self.peers.hand_on(owner, request, body)
        episode = self.sessions.find(name)
        try:
            seen = episode.step(message)
        except Exception:
            if episode.done:  # it broke, and cannot go on
                self.sessions.note(name, Observation(messages=(), done=True, ended="failed"))
            raise
        self.sessions.note(name, seen)
        return JSONResponse({"session": name} | _tell(seen))

    async def end(self, request: Request) -> Response:
        """Close a session."""
        name = request.path_params["session"]
        if self.peers is not None and (owner := self.peers.find_owner(name)) is not None:
            return await self.peers.hand_on(owner, request, b"")
        self.sessions.drop(name)
        return JSONResponse({"ended": True})

    async def health(self, _: Request) -> Response:
        """Say that it answers."""
        tally = self.sessions.tally
        told = {"status": "ok", "sessions": int(tally.sum("open")), "most": self.sessions.most}
        return JSONResponse(told | {"workers": tally.processes})

    async def metrics(self, _: Request) -> Response:
        """Counters in the text form that Prometheus reads."""
        self.sessions.sweep()
        count = self.sessions.tally.sum
        ends = [f'toolweave_sessions_total{{what="{one}"}} {count(one):.0f}' for one in HAPPENS]
        lines = [f"toolweave_sessions_open {count('open'):.0f}", *ends,
                 f"toolweave_steps_total {count('steps'):.0f}",
                 f"toolweave_reward_total {count('earned'):.0f}"]  # fmt: skip
        return PlainTextResponse("\n".join([*lines, ""]))

    @asynccontextmanager
    async def sweeping(self, _: Starlette) -> AsyncIterator[None]:
        """Close idle sessions as long as it lasts, also where nobody asks anything."""
        sweeper = asyncio.create_task(self._sweep())
        try:
            yield
        finally:
            sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await sweeper

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(max(self.sessions.idle / 4, 0.1))
            self.sessions.sweep()


def make_app(tasks: Tasks, sessions: Sessions, peers: Peers | None = None) -> Starlette:
    """The addresses and what answers them."""
    desk = Desk(tasks, sessions, peers)
    return Starlette(
        routes=[
            Route("/reset", desk.reset, methods=["POST"]),
            Route("/step", desk.step, methods=["POST"]),
            Route("/session/{session}", desk.end, methods=["DELETE"]),
            Route("/health", desk.health, methods=["GET"]),
            Route("/metrics", desk.metrics, methods=["GET"]),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])],
        exception_handlers={
            NoSessionError: _refusing(404),
            FullError: _refusing(503),
            ToolweaveError: _refusing(400),
            HTTPException: _refuse_address,
            Exception: _tell_failure,
        },
        lifespan=desk.sweeping,
    )


def _is_seed(seed: int) -> bool:
    """Whether it is a whole number in bounds; Python counts true and false as numbers too."""
    return not isinstance(seed, bool) and 0 <= seed < HIGHEST


def _tell(seen: Observation) -> JsonObject:
    """An observation as it is sent."""
    told: JsonObject = {"messages": list(seen.messages), "done": seen.done}
    if seen.done:
        told |= {"ended": seen.ended, "why": seen.why}
        told["reward"] = seen.reward.model_dump(mode="json") if seen.reward else None
    return told


async def _read(request: Request) -> bytes:
    """The body of a request. Raises HTTPException."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/json":
        raise HTTPException(415, "the body must be application/json")
    body = bytearray()
    try:
        async for part in request.stream():
            body += part
            if len(body) > LONGEST:
                raise HTTPException(413, f"the body has more than {LONGEST} bytes")
    except ClientDisconnect as gone:
        raise HTTPException(400, "the client hung up") from gone
    return bytes(body)


def _parse(body: bytes, known: set[str]) -> JsonObject:
    """What a body says. Raises InputError."""
    try:
        told: Any = json.loads(body)
        # NaN, numbers beyond all bounds and halves of characters can be sent back to nobody.
        json.dumps(told, allow_nan=False, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise InputError("the body is no JSON, or has a number or character that is none") from None
    if not isinstance(told, dict):
        raise InputError("the body is no object")
    if strange := sorted(told.keys() - known):
        raise InputError(f"{strange[0]!r} is not known here; there is {', '.join(sorted(known))}")
    return told


def _refusing(status: int) -> Callable[[Request, Exception], Response]:
    def refuse(_: Request, error: Exception) -> Response:
        return JSONResponse({"error": printable(str(error))}, status)

    return refuse


def _refuse_address(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return JSONResponse({"error": printable(error.detail)}, error.status_code)


def _tell_failure(_: Request, error: Exception) -> Response:
    """A fault of ours: the traceback is on the server's stderr."""
    told = f"the server failed, and the session is over: {type(error).__name__}"
    return JSONResponse({"error": told}, 500)
