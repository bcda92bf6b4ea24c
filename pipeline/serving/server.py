"""The server's processes: one that answers by itself, or several that share an address.

Those that are forked lie on sockets of their own under one port, among which the system deals out
connections; the process that forked them answers nothing, puts another in the place of each that
ends, and ends with them. Their sockets stay open with it, so nobody is refused meanwhile.
"""

import asyncio
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from types import FrameType
from typing import Any, cast

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pipeline.run.forking import Worker, fork_for
from pipeline.serving.desk import HOST, LONGEST
from pipeline.serving.tally import Tally
from schemas.errors import InputError

_GRACE = 5
"""Seconds that open requests have when the server is to end."""
_BACKLOG = 2048
_KEPT = 600
"""Seconds for which a connection stays open that nobody uses."""
_LONGEST_HEAD = 65_536
"""Bytes of a request's first line and headers, where they come in parts."""
_BREATH = 1.0
"""Seconds between the beginnings of two processes in the same place."""
Sockets = Sequence[socket.socket]


class Server(uvicorn.Server):
    """Ends when it is asked to by a signal, and does not pass the signal on."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Hear of SIGINT and SIGTERM while it runs."""
        with _hearing(self.handle_exit):
            yield


class Joining:
    """A transport that sends what is written in one go together: an answer's head with its body."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._parts: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        """All else is the transport's."""
        return getattr(self._transport, name)

    def write(self, part: bytes) -> None:
        """Send a part as soon as the loop goes on."""
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(part)

    def close(self) -> None:
        """Send what is left, and hang up."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._parts:
            self._transport.write(b"".join(self._parts))
            self._parts.clear()


class Protocol(HttpToolsProtocol):
    """Sends an answer in one piece, and reads no head of a request without an end."""

    _unread = 0
    """Bytes that have come since headers, or a part of a body, were read."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to read."""
        super().connection_made(cast(asyncio.Transport, Joining(transport, self.loop)))

    def data_received(self, data: bytes) -> None:
        """Read what has come; hang up where a head is too long."""
        self._unread += len(data)
        super().data_received(data)
        if self._unread > _LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("the head of the request is too long")

    def on_headers_complete(self) -> None:
        """What comes now is a body, whose reader has a measure of its own."""
        super().on_headers_complete()
        self._unread = 0

    def on_body(self, body: bytes) -> None:
        """A part of a body has been read."""
        super().on_body(body)
        self._unread = 0


def listen(port: int, processes: int = 1) -> list[socket.socket]:
    """A port of this machine, a socket for each process; 0 takes a free one.

    Raises InputError where it is taken.
    """
    try:
        # Where sockets may share a port, others might have it too: one that may not would notice.
        first = socket.create_server((HOST, port), backlog=_BACKLOG)
        if processes < 2:
            return [first]
        port = first.getsockname()[1]
        first.close()
        return [socket.create_server((HOST, port), backlog=_BACKLOG, reuse_port=True)
                for _ in range(processes)]  # fmt: skip
    except (OSError, OverflowError, ValueError) as error:
        told = getattr(error, "strerror", None) or str(error)
        raise InputError(f"port {port} cannot be had: {told}") from error


def serve(app: Starlette, listening: Sockets) -> None:
    """Answer until a signal ends it; requests that are open are answered first."""
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, backlog=_BACKLOG,
        timeout_graceful_shutdown=_GRACE, timeout_keep_alive=_KEPT,
        http=Protocol, ws="websockets-sansio", ws_max_size=LONGEST, proxy_headers=False,
    )  # fmt: skip
    server = Server(config)
    app.state.stays.is_ending = lambda: server.should_exit
    server.run(sockets=[*listening])


@dataclass
class Processes:
    """Several processes that serve one address."""

    tally: Tally
    make: Callable[[int, Sequence[int]], Starlette]
    """The app of a process, given its number and each one's own port."""
    tell: Callable[[str], None]
    _workers: dict[int, Worker] = field(default_factory=dict)
    _ending: bool = False

    def run(self, listening: Sockets) -> None:
        """Serve until a signal ends it; of ``listening``, each process has one."""

        def end(*_: object) -> None:
            self._ending = True
            for worker in [*self._workers.values()]:
                worker.ask_to_end()

        with ExitStack() as stack:
            inner = [stack.enter_context(listen(0)[0]) for _ in listening]
            pairs = [*zip(listening, inner, strict=True)]
            ports = [one.getsockname()[1] for one in inner]
            stack.enter_context(_hearing(end))
            try:
                for number, sockets in enumerate(pairs):
                    self._begin(number, ports, sockets)
                self._watch(ports, pairs)
            finally:
                for worker in self._workers.values():
                    worker.end()

    def _begin(self, number: int, ports: Sequence[int], sockets: Sockets) -> None:
        def work(_: Connection) -> None:
            serve(self.make(number, ports), sockets)

        self._workers[number] = fork_for(work, self._workers.values())
        self.tally.put(number, "pid", self._workers[number].process)
        if self._ending:
            self._workers[number].ask_to_end()

    def _watch(self, ports: Sequence[int], pairs: Sequence[Sockets]) -> None:
        """Put another in the place of each that ends, until all are to end."""
        begun, until = dict.fromkeys(self._workers, time.monotonic()), float("inf")
        while self._workers and time.monotonic() < until:
            if self._ending and until == float("inf"):
                until = time.monotonic() + 2 * _GRACE
            pipes = {worker.pipe: number for number, worker in self._workers.items()}
            for pipe in wait([*pipes], timeout=_BREATH):
                number = pipes[pipe]  # type: ignore[index]  # what was asked about
                how = self._workers.pop(number).end()
                if self._ending:
                    continue
                lost = self.tally.lose(number)
                self.tell(f"process {number} ended {how}, and {lost} sessions with it")
                time.sleep(max(0.0, begun[number] + _BREATH - time.monotonic()))
                begun[number] = time.monotonic()
                self._begin(number, ports, pairs[number])


@contextmanager
def _hearing(handle: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    before = {one: signal.signal(one, handle) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
