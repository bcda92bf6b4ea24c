"""The live servers of a build, each brought to the state that a call is to be made in.

A server that is a command is started anew for each line of writes, and the writes are made again
where a later process has to catch up. A server behind an address is one: it cannot be put back, so
a call is made there only where it stands, or before any write.

What is wrong with a target, a command or an address, or with the package that talks to servers not
being there, is said here in one line; the talking itself is `mcp_session`'s. Secrets in an address
are never shown.
"""

import re
import shlex
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from generators.backends.patience import LoopThread, wait_for
from schemas.canonical import content_hash
from schemas.environment import CallOutcome
from schemas.errors import InputError
from schemas.record import JsonObject

if TYPE_CHECKING:
    from pipeline.live.mcp_session import AddressSession, CommandSession

    Session = AddressSession | CommandSession

TIMEOUT = 30.0
"""Seconds from start to the last page; ending a stubborn server takes some more."""

_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_ENDING = re.compile(r"\.(py|js|mjs|cjs|ts|sh|jar|exe)$")
_LAUNCHERS = frozenset(
    """
    bash bun bunx deno docker exec go java node npm npx pipx pnpm podman python python3 run serve
    server sh start stdio tsx uv uvx yarn env
    """.split()
)
"""Words of a command that say how a server is started, not which."""


def list_tools(target: str, timeout: float = TIMEOUT) -> JsonObject:
    """All tools of a server as the protocol spells them: ``{"tools": […], "serverInfo": {…}}``.

    ``target`` is a command line, which is run without a shell and talked to over its standard
    input and output, or an http(s) address. The command gets this environment but for the key of
    the model's endpoint. Raises InputError, within ``timeout`` seconds, for whatever goes wrong.
    """
    with _package(target):
        from pipeline.live import mcp_session
    try:
        if is_address(target):
            return wait_for(
                mcp_session.use_address(_checked(target), timeout, mcp_session.list_tools)
            )
        return wait_for(mcp_session.read_command(_words(target), timeout))
    except InputError as error:
        raise blamed(error, target) from None


def open_calls(
    target: str, timeout: float, thread: LoopThread
) -> "AddressSession | CommandSession":
    """A session in which tools are called: a new process of a command, or an address.

    It lives in ``thread``. Raises InputError, which does not name the target.
    """
    with _package(target):
        from pipeline.live.mcp_session import AddressSession, CommandSession
    if is_address(target):
        return AddressSession(_checked(target), timeout, thread)
    return CommandSession(_words(target), timeout, thread)


@contextmanager
def _package(target: str) -> Iterator[None]:
    """Say how to get the package, where it is not there."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types", "httpx2"):
            raise
        raise InputError(
            "install toolweave[mcp] to read live servers", file=shown(target)
        ) from None


def blamed(error: InputError, target: str) -> InputError:
    """The same error with the server that it is about, and without secrets of its address."""
    text = error.problem
    if is_address(target):
        # A message may quote the address, or what was in it: user, password, query.
        text = text.replace(target, shown(target))
        user = re.split(r"[/?#]", target.partition("://")[2], maxsplit=1)[0].rpartition("@")[0]
        query = re.split(r"[?#]", target, maxsplit=1)[1:]
        written = [user, *user.split(":", 1), *query]
        written += [pair.partition("=")[2] for part in query for pair in re.split("[&#]", part)]
        written += [value for part in query for _, value in parse_qsl(part)]
        secrets = {one for secret in written for one in (secret, unquote(secret)) if len(one) > 2}
        for secret in sorted(secrets, key=len, reverse=True):
            text = text.replace(secret, "***")
    return InputError(text, file=shown(target))


def is_address(target: str) -> bool:
    """Whether a target is an http(s) address; it is a command line else."""
    return _ADDRESS.match(target) is not None


def shown(target: str) -> str:
    """A target as messages may name it: of an address, neither user nor query."""
    if not is_address(target):
        return target
    bare = re.split(r"[?#]", target, maxsplit=1)[0]
    scheme, _, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}://{host.rpartition('@')[2]}{slash}{path}"


def name_of(target: str, document: JsonObject | None = None) -> str:
    """A name for the tools' domain: what the server calls itself, else a telling word."""
    server = (document or {}).get("serverInfo", {})
    reported = server.get("name") if isinstance(server, dict) else None
    if isinstance(reported, str) and reported.strip():
        return reported.strip()
    if not is_address(target):
        # ``@scope/server-git@1.2`` → ``server-git``, ``build/index.js`` → ``index``.
        names = [
            _ENDING.sub("", re.split("(?<=.)[@:]", PurePosixPath(word).name, maxsplit=1)[0])
            for word in _words(target)
            if re.fullmatch(r"[@\w][^\s=;()]*|/\S+", word)
        ]
        names = [name for name in names if not name.isdigit()]
        telling = [name for name in names if name and name.lower() not in _LAUNCHERS] or names
        spoken_of = [name for name in telling if "mcp" in name.lower()]
        return (spoken_of or telling or ["server"])[-1]
    host = urlsplit(_checked(target)).hostname or ""
    labels = [label for label in host.split(".") if label not in ("www", "api", "mcp")]
    is_number = labels[-1:] and labels[-1].isdigit()
    return host if is_number or ":" in host or len(labels) < 2 else labels[-2]


def _checked(address: str) -> str:
    try:
        usable = bool(urlsplit(address).hostname) and urlsplit(address).port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InputError("no address that can be asked: it must be like https://host:port/mcp")
    return address


def _words(command: str) -> list[str]:
    try:
        words = shlex.split(command)
    except ValueError as error:  # a quotation mark that is not closed
        raise InputError(f"no command line: {str(error).lower()}") from None
    if not words or "\0" in command:
        raise InputError("no command line")
    return words


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
