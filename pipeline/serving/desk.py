"""Episodes over HTTP on this machine alone: plain JSON, described in ``docs/serving.md``.

What a client can reach is tasks by number or name and their sandboxes: no path, no code and no file
is ever taken from a request. A process does one thing at a time but where it waits for a user whom
a model plays, so its sessions need no lock; where several serve one address, what is another's is
handed on (`peers`). Pages that a browser loads from elsewhere cannot ask: the host must be this
machine, and bodies must call themselves JSON.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cached_property

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from pipeline.serving import mcp, openenv
from pipeline.serving.peers import HANDED_ON, Peers
from pipeline.serving.play import Play, read_object, tell, write_begun, written
from pipeline.serving.sessions import FullError, NoSessionError, Sessions
from pipeline.serving.stay import Stays
from pipeline.serving.tally import HAPPENS
from pipeline.serving.tasks import Tasks
from schemas.canonical import printable
from schemas.errors import InputError, ToolweaveError
from schemas.record import JsonObject

HOST = "127.0.0.1"
LONGEST = 1_000_000
"""Bytes of a request's body."""


async def _do_nothing() -> None:
    pass


@dataclass(frozen=True)
class Desk:
    """Answers requests."""

    play: Play
    peers: Peers | None = None
    """Other processes that serve the same address."""
    close: Callable[[], Awaitable[None]] = _do_nothing
    """Gives back what whoever plays the users holds open."""

    @cached_property
    def stays(self) -> Stays:
        """Streams by which clients show that they are there."""
        return Stays(self.sessions)

    @property
    def sessions(self) -> Sessions:
        """Those of this process."""
        return self.play.sessions

    async def reset(self, request: Request) -> Response:
        """Begin an episode in a session of its own."""
        body = await _read(request)
        told = _parse(body, {"seed", "task"})
        if (elsewhere := await self._begin_elsewhere(request, body)) is not None:
            return elsewhere
        return _answer(write_begun(*await self.play.begin(told)))

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
        if (elsewhere := await self._hand_on(name, request, body)) is not None:
            return elsewhere
        return _answer(written({"session": name} | tell(await self.play.move(name, message))))

    async def speak_mcp(self, request: Request) -> Response:
        """Answer a message of the Model Context Protocol."""
        name = request.headers.get(mcp.SESSION, "")
        if request.method == "DELETE":
            return await self._end(name, request)
        if request.method == "GET":
            return await self._stay(name, request)
        body = await _read(request)
        told = read_object(body)
        match told:
            case {"method": str(method), "id": str() | int() as identity}:
                params = told.get("params") or {}
                if not isinstance(params, dict):
                    raise InputError("params are no object")
            case {"method": str()}:
                return Response(status_code=202)
            case _:
                raise InputError("the body is no request of the Model Context Protocol")
        headers: dict[str, str] = {}
        try:
            if method == "initialize":
                if (elsewhere := await self._begin_elsewhere(request, body)) is not None:
                    return elsewhere
                name, result = await mcp.begin(self.play, request.query_params, params)
                headers = {mcp.SESSION: name}
            elif not name:
                raise mcp.MethodError("no session has begun: initialize begins one")
            else:
                if (elsewhere := await self._hand_on(name, request, body)) is not None:
                    return elsewhere
                result = await mcp.answer(self.play, name, method, params)
        except InputError as error:
            return JSONResponse(mcp.fail(identity, error))
        return JSONResponse({"jsonrpc": "2.0", "id": identity, "result": result}, headers=headers)

    async def converse(self, socket: WebSocket) -> None:
        """Serve a client of OpenEnv."""
        await openenv.converse(self.play, socket)

    async def end(self, request: Request) -> Response:
        """Close a session."""
        return await self._end(request.path_params["session"], request)

    async def _stay(self, name: str, request: Request) -> Response:
        """A stream by which a client shows that it is there."""
        owner = None if self.peers is None else self.peers.find_owner(name)
        if self.peers is None or owner is None:
            return self.stays.hold(name)
        return await self.peers.hold_on(owner, request)

    async def _end(self, name: str, request: Request) -> Response:
        if (elsewhere := await self._hand_on(name, request, b"")) is not None:
            return elsewhere
        self.sessions.drop(name)
        return JSONResponse({"ended": True})

    async def _begin_elsewhere(self, request: Request, body: bytes) -> Response | None:
        """What a process answers that should rather begin a session; None: this one should."""
        if self.peers is None or HANDED_ON in request.headers:
            return None
        if (idler := self.peers.find_idler()) is None:
            return None
        with suppress(NoSessionError):  # it has just ended
            return await self.peers.hand_on(idler, request, body)
        return None

    async def _hand_on(self, session: str, request: Request, body: bytes) -> Response | None:
        """What the process answers that has a session; None: this one has it."""
        owner = None if self.peers is None else self.peers.find_owner(session)
        if self.peers is None or owner is None:
            return None
        return await self.peers.hand_on(owner, request, body)

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
                 f"toolweave_reward_total {count('earned'):.0f}",
                 f"toolweave_user_requests_total {count('requests'):.0f}",
                 f"toolweave_user_tokens_total {count('tokens'):.0f}"]  # fmt: skip
        return PlainTextResponse("\n".join([*lines, ""]))

    @asynccontextmanager
    async def sweeping(self, _: Starlette) -> AsyncIterator[None]:
        """Close idle sessions as long as it lasts, also where nobody asks anything."""

        async def sweep() -> None:
            while True:
                await asyncio.sleep(max(self.sessions.idle / 4, 0.1))
                self.sessions.sweep()

        sweeper = asyncio.create_task(sweep())
        try:
            yield
        finally:
            sweeper.cancel()
            with suppress(asyncio.CancelledError):
                await sweeper
            await self.close()


def make_app(
    tasks: Tasks, sessions: Sessions, peers: Peers | None = None,
    close: Callable[[], Awaitable[None]] = _do_nothing,
) -> Starlette:  # fmt: skip
    """The addresses and what answers them; ``close`` is awaited at the end."""
    desk = Desk(Play(tasks, sessions), peers, close)
    app = Starlette(
        routes=[
            Route("/reset", desk.reset, methods=["POST"]),
            Route("/step", desk.step, methods=["POST"]),
            Route("/session/{session}", desk.end, methods=["DELETE"]),
            Route("/mcp", desk.speak_mcp, methods=["GET", "POST", "DELETE"]),
            WebSocketRoute("/ws", desk.converse),
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
    app.state.stays = desk.stays
    return app


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


def _answer(told: bytes) -> Response:
    return Response(told, media_type="application/json")


def _parse(body: bytes, known: set[str]) -> JsonObject:
    """What a body says. Raises InputError."""
    told = read_object(body)
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
