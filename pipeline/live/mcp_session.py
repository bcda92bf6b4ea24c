"""Sessions with a server of the Model Context Protocol, by the mcp package.

Imported only where a live server is asked: the package is an optional part. What a tool answers, an
error too, is an outcome; every failure of the server itself ends here as an InputError that does
not name it; a process that was started always ends.
"""

import asyncio
import json
import logging
import math
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from ipaddress import ip_address
from tempfile import TemporaryFile
from typing import Any, TypeVar
from urllib.parse import urlsplit

import anyio
import httpx2
from mcp.client.client import Client
from mcp.client.sse import sse_client
from mcp.client.stdio import StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.exceptions import MCPError
from mcp_types import CONNECTION_CLOSED, TextContent
from pydantic import ValidationError

from generators.backends.patience import LoopThread
from generators.backends.python_tools import failure
from pipeline.chat.profile import KEY_VARIABLE
from schemas.environment import CallOutcome
from schemas.errors import InputError
from schemas.record import JsonObject

MAX_PAGES = 1000

Answer = TypeVar("Answer")
Use = Callable[[Client], Awaitable[Answer]]
"""What is done in a session."""
_Request = tuple[str, JsonObject, "asyncio.Future[CallOutcome]"]

FAULTS = (
    MCPError, OSError, TimeoutError, ValidationError, UnicodeError, ValueError,
    httpx2.HTTPError, httpx2.InvalidURL, anyio.ClosedResourceError, anyio.BrokenResourceError,
    anyio.EndOfStream,
)  # fmt: skip
"""What the package raises for the faults of a server."""


class AddressSession:
    """A server that others run: each call is a session of its own, and its state stays."""

    def __init__(self, address: str, timeout: float, thread: LoopThread) -> None:
        """``timeout`` is for each call, in seconds."""
        self._address, self._timeout, self._thread = address, timeout, thread

    def call(self, name: str, arguments: JsonObject) -> CallOutcome:
        """Call a tool by the server's own name for it. Raises InputError."""

        async def use(client: Client) -> CallOutcome:
            return await call_tool(client, name, arguments)

        return self._thread.run(use_address(self._address, self._timeout, use))

    def close(self) -> None:
        """Nothing is held open."""


class CommandSession:
    """A process of a server's, from its start to `close`: its state is in its initial form."""

    def __init__(self, words: list[str], timeout: float, thread: LoopThread) -> None:
        """Start it. ``timeout`` is for the start and for each call, in seconds."""
        self._words, self._timeout, self._thread = words, timeout, thread
        self._requests: asyncio.Queue[_Request] = asyncio.Queue()

        async def start() -> None:
            ready = asyncio.get_running_loop().create_future()
            # A session must be left by the task that entered it: one task has it from start to end.
            self._keeper = asyncio.create_task(self._keep(ready))
            await ready

        self._thread.run(start())

    def call(self, name: str, arguments: JsonObject) -> CallOutcome:
        """Call a tool by the server's own name for it. Raises InputError."""

        async def ask() -> CallOutcome:
            answer: asyncio.Future[CallOutcome] = asyncio.get_running_loop().create_future()
            if self._keeper.done():
                raise InputError("the server has ended")
            await self._requests.put((name, arguments, answer))
            return await answer

        return self._thread.run(ask())

    def close(self) -> None:
        """End the process, whatever it is asked."""

        async def stop() -> None:
            self._keeper.cancel()
            await asyncio.wait({self._keeper})

        self._thread.run(stop())

    async def _keep(self, ready: "asyncio.Future[None]") -> None:
        waiting: list[asyncio.Future[Any]] = [ready]
        try:
            async with command_client(self._words, self._timeout) as client:
                waiting[0].set_result(None)
                while True:
                    name, arguments, answer = await self._requests.get()
                    waiting[0] = answer
                    async with asyncio.timeout(self._timeout):
                        outcome = await call_tool(client, name, arguments)
                    answer.set_result(outcome)
        except Exception as error:
            # A fault of the package's own is told too, for whoever waits.
            told = isinstance(error, InputError)
            problem = error if told else InputError(f"failed: {type(error).__name__}: {error}")
            for future in waiting:
                if not future.done():
                    future.set_exception(problem)


async def read_command(words: list[str], timeout: float) -> JsonObject:
    """Start a server, ask it, end it, all in time. Raises InputError."""
    async with command_client(words, timeout, whole=True) as client:
        return await list_tools(client)


@asynccontextmanager
async def command_client(
    words: list[str], timeout: float, whole: bool = False
) -> AsyncIterator[Client]:
    """A process and the session with it: in this environment but for the key of the endpoint.

    ``timeout`` is for the start, or for the ``whole``. Raises InputError.
    """
    environment = {key: value for key, value in os.environ.items() if key != KEY_VARIABLE}
    started = StdioServerParameters(command=words[0], args=words[1:], env=environment)
    with TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints, quiet() as heard:
        try:
            with anyio.fail_after(timeout) as limit:
                async with Client(stdio_client(started, complaints), cache=None) as client:
                    if not whole:
                        limit.deadline = math.inf
                    yield client
        except (*FAULTS, BaseExceptionGroup) as error:
            # What a server complained of last.
            complaints.flush()
            size = os.fstat(complaints.fileno()).st_size
            end = os.pread(complaints.fileno(), 4096, max(0, size - 4096))
            lines = end.decode(errors="replace").strip().splitlines()
            problem = tell_fault(error, timeout, heard, one_line(lines[-1]) if lines else "")
            raise InputError(problem) from None


async def use_address(address: str, timeout: float, use: Use[Answer]) -> Answer:
    """Open a session by streamable HTTP, or by server-sent events if that is refused, and use it.

    The older way is tried where the newer is refused; its failure tells nothing more. Raises
    InputError.
    """
    refused: list[int] = []

    async def note(response: httpx2.Response) -> None:
        if response.is_error:
            refused.append(response.status_code)

    def open_client(**options: Any) -> httpx2.AsyncClient:
        # A proxy of the environment would be asked for the machine's own address too.
        return httpx2.AsyncClient(trust_env=not is_loopback(address), **options)

    def open_events(
        headers: dict[str, str] | None = None,
        timeout: httpx2.Timeout | None = None,
        auth: httpx2.Auth | None = None,
    ) -> httpx2.AsyncClient:
        return open_client(headers=headers, timeout=timeout, auth=auth)

    with quiet() as heard:
        try:
            with anyio.fail_after(timeout):
                try:
                    hooks = {"response": [note]}
                    async with open_client(timeout=timeout, event_hooks=hooks) as http:
                        transport = streamable_http_client(address, http_client=http)
                        async with Client(transport, cache=None) as client:
                            return await use(client)
                except (*FAULTS, BaseExceptionGroup) as error:
                    if isinstance(first_fault(error), TimeoutError | httpx2.TransportError):
                        raise
                    refusal = tell_fault(error, timeout, heard)
                    if refused:
                        refusal = f"refuses with HTTP {refused[0]}"
                try:
                    events = sse_client(address, httpx_client_factory=open_events)
                    async with Client(events, cache=None) as client:
                        return await use(client)
                except (*FAULTS, BaseExceptionGroup) as error:
                    first_fault(error)
                    raise InputError(refusal) from None
        except (*FAULTS, BaseExceptionGroup) as error:
            raise InputError(tell_fault(error, timeout, heard)) from None


def is_loopback(address: str) -> bool:
    """Whether an address is the machine's own."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


async def list_tools(client: Client) -> JsonObject:
    """All tools of a server, and what it calls itself."""
    tools: list[JsonObject] = []
    cursors: set[str] = set()
    cursor: str | None = None
    while True:
        page = await client.list_tools(cursor=cursor)
        tools += map(as_json, page.tools)
        cursor = page.next_cursor
        if not cursor:
            break
        if cursor in cursors or len(cursors) >= MAX_PAGES:
            raise InputError("its list of tools never ends: a page is followed by itself")
        cursors.add(cursor)
    server = client.server_info
    return {"tools": tools, **({"serverInfo": as_json(server)} if server else {})}


async def call_tool(client: Client, name: str, arguments: JsonObject) -> CallOutcome:
    """Call a tool; what it refuses is an outcome."""
    try:
        result = await client.call_tool(name, arguments)
    except MCPError as error:
        if error.code == CONNECTION_CLOSED:
            raise
        return failure("tool_error", " ".join(str(error.message).split()))
    # What a tool answered: the structured content, else the texts, read where they are JSON.
    blocks = [
        block.text if isinstance(block, TextContent) else as_json(block) for block in result.content
    ]
    if result.is_error:
        said = " ".join(str(block) for block in blocks).strip()
        return failure("tool_error", said or "The tool failed and did not say why.")
    if result.structured_content is not None:
        return CallOutcome(content=result.structured_content)
    opened: list[Any] = []
    for block in blocks:
        # An object or a list that is written as text; other texts stay as they are.
        if isinstance(block, str) and block.lstrip()[:1] in ("{", "["):
            with suppress(ValueError, RecursionError):
                block = json.loads(block)
        opened.append(block)
    return CallOutcome(content=opened[0] if len(opened) == 1 else opened)


def as_json(model: Any) -> JsonObject:
    """A record of the package as the protocol spells it."""
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


def first_fault(error: BaseException) -> BaseException:
    """The first fault in a group. Anything that is no fault of a server is raised as it is."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if not isinstance(error, FAULTS):
        raise error
    return error


def tell_fault(error: BaseException, timeout: float, heard: Overheard, complaint: str = "") -> str:
    """What a fault of a server means, in one line. What is no such fault is raised."""
    cause = first_fault(error)
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
        return f"cannot be reached: {one_line(str(cause) or type(cause).__name__)}"
    if isinstance(cause, MCPError) and cause.code == CONNECTION_CLOSED:
        return f"ended without an answer{said}"
    if isinstance(cause, MCPError):
        return f"refuses: {one_line(cause.message)}{said}"
    return f"failed: {one_line(str(cause) or type(cause).__name__)}{said}"


def one_line(text: str, limit: int = 200) -> str:
    """A text without line breaks and control characters, and not too long."""
    flat = "".join(mark if mark.isprintable() else " " for mark in text)
    flat = " ".join(flat.split())
    return flat if len(flat) <= limit else f"{flat[:limit]}…"
