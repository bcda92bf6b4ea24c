"""The live servers of a build, each brought to the state that a call is to be made in.

A server that is a command is started anew for each line of writes, and the writes are made again
where a later process has to catch up. A server behind an address is one: it cannot be put back, so
a call is made there only where it stands, or before any write.
"""

from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

from generators.backends.loop_thread import LoopThread
from pipeline.live.mcp_tools import TIMEOUT, blamed, is_address, open_calls
from schemas.canonical import content_hash
from schemas.environment import CallOutcome
from schemas.errors import InputError
from schemas.record import JsonObject

if TYPE_CHECKING:
    from pipeline.live.mcp_session import AddressSession, CommandSession

    Session = AddressSession | CommandSession

MOST_OPEN = 4
"""Processes at once, each in another state."""


class Made(NamedTuple):
    """A write that succeeded: tool by the server's own name, arguments, and what came of it."""

    target: str
    tool: str
    arguments: JsonObject
    outcome: CallOutcome


History = tuple[Made, ...]


class NotRepeatableError(Exception):
    """A state that a server was in cannot be had again."""


class LiveServers:
    """Opens sessions when they are needed, and keeps the latest."""

    def __init__(self, timeout: float = TIMEOUT) -> None:
        """``timeout`` is for a start, and for each call, in seconds."""
        self._timeout = timeout
        self._thread = LoopThread("live servers")
        self._open: OrderedDict[str, Session] = OrderedDict()
        """Target, session and the writes that the server has made, hashed → the connection."""

    def call(
        self, target: str, session: str, history: History, name: str, arguments: JsonObject
    ) -> CallOutcome:
        """Call a tool, by the server's name, in the state that the history has led to.

        Raises InputError where the server fails, NotRepeatableError where the state is not to be
        had.
        """
        own = _own(history, target)
        try:
            return self._at(target, session, own).call(name, arguments)
        except InputError as error:
            lost = self._open.pop(_place(target, session, own), None)
            if lost is not None:
                lost.close()
            raise blamed(error, target) from None

    def note(self, session: str, history: History, made: Made) -> None:
        """The last call was a write that succeeded: its server is in a new state."""
        own = _own(history, made.target)
        server = self._open.pop(_place(made.target, session, own))
        self._keep(_place(made.target, session, (*own, made)), server)

    def close(self) -> None:
        """End all processes, and the thread."""
        while self._open:
            self._open.popitem()[1].close()
        self._thread.close()

    def _at(self, target: str, session: str, history: History) -> "Session":
        place = _place(target, session, history)
        if place in self._open:
            self._open.move_to_end(place)
            return self._open[place]
        if history and is_address(target):
            raise NotRepeatableError("what was written there cannot be written a second time")
        server = open_calls(target, self._timeout, self._thread)
        try:
            for made in history:
                if server.call(made.tool, made.arguments) != made.outcome:
                    raise NotRepeatableError(f"{made.tool} answers otherwise than it did before")
        except BaseException:
            server.close()
            raise
        self._keep(place, server)
        return server

    def _keep(self, place: str, server: "Session") -> None:
        self._open[place] = server
        while len(self._open) > MOST_OPEN:
            self._open.popitem(last=False)[1].close()


def _own(history: History, target: str) -> History:
    return tuple(made for made in history if made.target == target)


def _place(target: str, session: str, history: History) -> str:
    """Until something is written, sessions share a server."""
    writes = [[made.tool, made.arguments] for made in history]
    return content_hash([target, session if writes else "", writes], 32)
