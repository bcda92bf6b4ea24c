"""A stream that a client of MCP holds open, by which it is known to be there: nothing is said.

The protocol lets a client have one for its session. When the last one of a session is closed, by
the client's end or by a connection that broke, the session ends a little later.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pipeline.serving.sessions import Sessions

BEAT = 1.0
"""Seconds between two signs of life."""
PATIENCE = 5.0
"""Seconds in which a client may open another stream in the place of one."""


class Stay(Response):
    """Lasts as long as the client stays, and ``is_open`` says so; then ``leave`` is called."""

    media_type = "text/event-stream"

    def __init__(self, is_open: Callable[[], bool], leave: Callable[[], None]) -> None:
        super().__init__()
        self._is_open, self._leave = is_open, leave
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send comments, which clients pass over."""
        del scope

        async def wait_until_gone() -> None:
            while (await receive())["type"] != "http.disconnect":
                pass

        gone = asyncio.create_task(wait_until_gone())
        try:
            start = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(start)
            while self._is_open() and not gone.done():
                await send({"type": "http.response.body", "body": b": here\n\n", "more_body": True})
                await asyncio.wait((gone,), timeout=BEAT)
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            self._leave()


@dataclass
class Stays:
    """The streams of a process's sessions."""

    sessions: Sessions
    patience: float = PATIENCE
    is_ending: Callable[[], bool] = lambda: False
    """Whether the server is about to end: it waits for nobody's stream."""
    _held: Counter[str] = field(default_factory=Counter)

    def hold(self, session: str) -> Stay:
        """A stream for a session. Raises NoSessionError."""
        self.sessions.find(session)
        self._held[session] += 1
        return Stay(
            lambda: session in self.sessions and not self.is_ending(), lambda: self._leave(session)
        )

    def _leave(self, session: str) -> None:
        self._held[session] -= 1
        if self._held[session]:
            return
        del self._held[session]

        def end() -> None:  # where nobody has opened another stream of it
            if session in self.sessions and session not in self._held:
                self.sessions.drop(session)

        if session in self.sessions:
            asyncio.get_running_loop().call_later(self.patience, end)
