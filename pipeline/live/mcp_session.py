"""One session with a server of the Model Context Protocol, by the mcp package.

Imported only where a live server is asked: the package is an optional part. Every failure of the
server ends here as an InputError that does not name it; a process that was started always ends.
"""

import logging
import os
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from tempfile import TemporaryFile
from typing import IO, Any, TypeVar
from urllib.parse import urlsplit

import anyio
import httpx2
from mcp.client.client import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CONNECTION_CLOSED
from pydantic import ValidationError

from pipeline.chat.client import KEY_VARIABLE
from schemas.errors import InputError
from schemas.record import JsonObject

MAX_PAGES = 1000

Answer = TypeVar("Answer")
Use = Callable[[Client], Awaitable[Answer]]
"""What is done in a session."""

FAULTS = (
    MCPError, OSError, TimeoutError, ValidationError, UnicodeError, ValueError,
    httpx2.HTTPError, httpx2.InvalidURL, anyio.ClosedResourceError, anyio.BrokenResourceError,
    anyio.EndOfStream,
)  # fmt: skip
"""What the package raises for the faults of a server."""


async def read_command(words: list[str], timeout: float) -> JsonObject:
    """Start a server, ask it, end it. Raises InputError."""
    with TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints, quiet() as heard:
        try:
            with anyio.fail_after(timeout):
                return await _used(stdio_client(started(words), complaints), _listed)
        except (*FAULTS, BaseExceptionGroup) as error:
            raise InputError(told(error, timeout, heard, last_line(complaints))) from None


def started(words: list[str]) -> StdioServerParameters:
    """How a command is started: in this environment but for the key of the model's endpoint."""
    environment = {key: value for key, value in os.environ.items() if key != KEY_VARIABLE}
    return StdioServerParameters(command=words[0], args=words[1:], env=environment)


async def read_address(address: str, timeout: float) -> JsonObject:
    """Ask a server for its tools. Raises InputError."""
    return await use_address(address, timeout, _listed)


async def use_address(address: str, timeout: float, use: Use[Answer]) -> Answer:
    """Open a session by streamable HTTP, or by server-sent events if that is refused, and use it.

    Raises InputError.
    """
    with quiet() as heard:
        try:
            with anyio.fail_after(timeout):
                return await _by_http_or_events(address, timeout, heard, use)
        except (*FAULTS, BaseExceptionGroup) as error:
            raise InputError(told(error, timeout, heard)) from None


async def _by_http_or_events(
    address: str, timeout: float, heard: "Overheard", use: Use[Answer]
) -> Answer:
    """The older way is tried where the newer is refused; its failure tells nothing more."""
    refused: list[int] = []
    try:
        return await _by_http(address, timeout, refused, use)
    except (*FAULTS, BaseExceptionGroup) as error:
        if isinstance(_cause(error), TimeoutError | httpx2.TransportError):
            raise
        refusal = f"refuses with HTTP {refused[0]}" if refused else told(error, timeout, heard)
    try:
        return await _by_events(address, use)
    except (*FAULTS, BaseExceptionGroup) as error:
        _cause(error)
        raise InputError(refusal) from None


async def _by_http(address: str, timeout: float, refused: list[int], use: Use[Answer]) -> Answer:
    async def note(response: httpx2.Response) -> None:
        if response.is_error:
            refused.append(response.status_code)

    client = _http_client(address, timeout=timeout, event_hooks={"response": [note]})
    async with client:
        return await _used(streamable_http_client(address, http_client=client), use)


async def _by_events(address: str, use: Use[Answer]) -> Answer:
    def open_client(
        headers: dict[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
        auth: httpx2.Auth | None = None,
    ) -> httpx2.AsyncClient:
        return _http_client(address, headers=headers, timeout=timeout, auth=auth)

    return await _used(sse_client(address, httpx_client_factory=open_client), use)


def _http_client(address: str, **options: Any) -> httpx2.AsyncClient:
    # A proxy of the environment would be asked for the machine's own address too.
    return httpx2.AsyncClient(trust_env=not _is_loopback(address), **options)


def _is_loopback(address: str) -> bool:
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def _used(transport: Any, use: Use[Answer]) -> Answer:
    async with Client(transport, cache=None) as client:
        return await use(client)


async def _listed(client: Client) -> JsonObject:
    tools: list[JsonObject] = []
    cursors: set[str] = set()
    cursor: str | None = None
    while True:
        page = await client.list_tools(cursor=cursor)
        tools += [_plain(tool) for tool in page.tools]
        cursor = page.next_cursor
        if not cursor:
            break
        if cursor in cursors or len(cursors) >= MAX_PAGES:
            raise InputError("its list of tools never ends: a page is followed by itself")
        cursors.add(cursor)
    server = client.server_info
    return {"tools": tools, **({"serverInfo": _plain(server)} if server else {})}


def _plain(model: Any) -> JsonObject:
    dumped: JsonObject = model.model_dump(mode="json", by_alias=True, exclude_none=True)
    return dumped


class Overheard(logging.Handler):
    """Takes what the package would log on the terminal."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.garbage = False

    def emit(self, record: logging.LogRecord) -> None:
        """Remember whether a line was no message."""
        self.garbage |= "parse JSONRPC" in record.getMessage()


@contextmanager
def quiet() -> Iterator[Overheard]:
    """Keeps the package's log off the terminal for a while."""
    logger, heard = logging.getLogger("mcp"), Overheard()
    before = logger.propagate
    logger.addHandler(heard)
    logger.propagate = False
    try:
        yield heard
    finally:
        logger.propagate = before
        logger.removeHandler(heard)


def _cause(error: BaseException) -> BaseException:
    """The first fault in a group. Anything that is no fault of a server is raised as it is."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, FAULTS):
        raise error
    return error


def told(error: BaseException, timeout: float, heard: Overheard, complaint: str = "") -> str:
    """What a fault of a server means, in one line. What is no such fault is raised."""
    cause = _cause(error)
    said = f" (it said: {complaint})" if complaint else ""
    if isinstance(cause, FileNotFoundError):
        return "no such command"
    if isinstance(cause, PermissionError):
        return "the command cannot be executed"
    if heard.garbage:
        return f"answers with something that is not the protocol{said}"
    if isinstance(cause, TimeoutError):
        return f"did not answer within {timeout:g} s{said}"
    if isinstance(cause, ValidationError):
        return f"answers with something that is no list of tools{said}"
    if isinstance(cause, httpx2.TransportError):
        return f"cannot be reached: {_line(str(cause) or type(cause).__name__)}"
    if isinstance(cause, MCPError) and cause.code == CONNECTION_CLOSED:
        return f"ended without an answer{said}"
    if isinstance(cause, MCPError):
        return f"refuses: {_line(cause.message)}{said}"
    return f"failed: {_line(str(cause) or type(cause).__name__)}{said}"


def last_line(complaints: IO[str]) -> str:
    """What a server complained of last."""
    complaints.flush()
    size = os.fstat(complaints.fileno()).st_size
    end = os.pread(complaints.fileno(), 4096, max(0, size - 4096))
    lines = end.decode(errors="replace").strip().splitlines()
    return _line(lines[-1]) if lines else ""


def _line(text: str, limit: int = 200) -> str:
    flat = "".join(mark if mark.isprintable() else " " for mark in text)
    flat = " ".join(flat.split())
    return flat if len(flat) <= limit else f"{flat[:limit]}…"
