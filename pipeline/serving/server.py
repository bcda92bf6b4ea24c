"""Episodes over HTTP on this machine alone: plain JSON, described in ``docs/serving.md``.

What a client can reach is tasks by number or name and their sandboxes: no path, no code and no file
is ever taken from a request. Requests are answered one after the other in one process, so sessions
need no lock. Pages that a browser loads from elsewhere cannot ask: the host must be this machine,
and bodies must call themselves JSON.
"""

import asyncio
import json
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from pipeline.serving.episode import Observation
from pipeline.serving.sessions import HAPPENS, FullError, NoSessionError, Sessions
from pipeline.serving.tasks import Tasks
from schemas.canonical import printable
from schemas.errors import InputError, ToolweaveError
from schemas.record import JsonObject

HOST = "127.0.0.1"
LONGEST = 1_000_000
"""Bytes of a request's body."""
HIGHEST = 2**53
"""Seeds are below: what JSON numbers hold for sure."""
_GRACE = 5
"""Seconds that open requests have when the server is to end."""


@dataclass(frozen=True)
class Desk:
    """Answers requests."""

    tasks: Tasks
    sessions: Sessions

    async def reset(self, request: Request) -> Response:
        """Begin an episode in a session of its own."""
        told = await _read(request, {"seed", "task"})
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
        told = await _read(request, {"session", "message", "call"})
        match told:
            case {"session": str(name), "message": dict(message)} if len(told) == 2:
                pass
            case {"session": str(name), "call": dict(call)} if len(told) == 2:
                message = {"tool_calls": [call]}
            case _:
                raise InputError("step takes a session and either a message or a call, an object")
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
        self.sessions.drop(request.path_params["session"])
        return JSONResponse({"ended": True})

    async def health(self, _: Request) -> Response:
        """Say that it answers."""
        return JSONResponse(
            {"status": "ok", "sessions": len(self.sessions), "most": self.sessions.most}
        )

    async def metrics(self, _: Request) -> Response:
        """Counters in the text form that Prometheus reads."""
        self.sessions.sweep()
        counts = self.sessions.counts
        ends = [f'toolweave_sessions_total{{what="{one}"}} {counts[one]}' for one in HAPPENS]
        lines = [f"toolweave_sessions_open {len(self.sessions)}", *ends,
                 f"toolweave_steps_total {counts['steps']}",
                 f"toolweave_reward_total {self.sessions.earned:g}"]  # fmt: skip
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


def make_app(tasks: Tasks, sessions: Sessions) -> Starlette:
    """The addresses and what answers them."""
    desk = Desk(tasks, sessions)
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


async def _read(request: Request, known: set[str]) -> JsonObject:
    """The body of a request. Raises InputError, HTTPException."""
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


class Server(uvicorn.Server):
    """Ends when it is asked to by a signal, and does not pass the signal on."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear of SIGINT and SIGTERM while it runs."""
        before = {one: signal.signal(one, self.handle_exit)
                  for one in (signal.SIGINT, signal.SIGTERM)}  # fmt: skip
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)


def listen(port: int) -> socket.socket:
    """A port of this machine; 0 takes a free one. Raises InputError where it is taken."""
    try:
        return socket.create_server((HOST, port))
    except (OSError, OverflowError) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise InputError(f"port {port} cannot be had: {told}") from error


def serve(app: Starlette, listening: socket.socket) -> None:
    """Answer until a signal ends it; requests that are open are answered first."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False,
        timeout_graceful_shutdown=_GRACE, ws="none",
    )  # fmt: skip
    Server(config).run(sockets=[listening])
