"""Calls of a live server's tools: by a process that is kept, or by an address.

Imported only where live servers are called, as `mcp_session`. What a tool answers, an error too, is
an outcome; what the server itself gets wrong is an InputError that does not name it.
"""

import asyncio
import json
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any, TextIO

from mcp.client.client import Client
from mcp.client.stdio import stdio_client
from mcp.shared.exceptions import MCPError
from mcp_types import CONNECTION_CLOSED, CallToolResult, TextContent

from generators.backends.loop_thread import LoopThread
from generators.backends.python_tools import failure
from pipeline.live.mcp_session import (
    FAULTS,
    Overheard,
    last_line,
    quiet,
    started,
    told,
    use_address,
)
from schemas.environment import CallOutcome
from schemas.errors import InputError
from schemas.record import JsonObject

_Request = tuple[str, JsonObject, "asyncio.Future[CallOutcome]"]


class AddressSession:
    """A server that others run: each call is a session of its own, and its state stays."""

    def __init__(self, address: str, timeout: float, thread: LoopThread) -> None:
        """``timeout`` is for each call, in seconds."""
        self._address, self._timeout, self._thread = address, timeout, thread

    def call(self, name: str, arguments: JsonObject) -> CallOutcome:
        """Call a tool by the server's own name for it. Raises InputError."""

        async def use(client: Client) -> CallOutcome:
            return await _called(client, name, arguments)

        return self._thread.run(use_address(self._address, self._timeout, use))

    def close(self) -> None:
        """Nothing is held open."""


class CommandSession:
    """A process of a server's, from its start to `close`: its state is in its initial form."""

    def __init__(self, words: list[str], timeout: float, thread: LoopThread) -> None:
        """Start it. ``timeout`` is for the start and for each call, in seconds."""
        self._words, self._timeout, self._thread = words, timeout, thread
        self._requests: asyncio.Queue[_Request | None] = asyncio.Queue()
        self._keeper: asyncio.Task[None] | None = None
        self._thread.run(self._start())

    def call(self, name: str, arguments: JsonObject) -> CallOutcome:
        """Call a tool by the server's own name for it. Raises InputError."""
        return self._thread.run(self._ask(name, arguments))

    def close(self) -> None:
        """End the process."""
        self._thread.run(self._stop())

    async def _start(self) -> None:
        ready = asyncio.get_running_loop().create_future()
        # A session must be left by the task that entered it: one task has it from start to end.
        self._keeper = asyncio.create_task(self._keep(ready))
        await ready

    async def _ask(self, name: str, arguments: JsonObject) -> CallOutcome:
        answer: asyncio.Future[CallOutcome] = asyncio.get_running_loop().create_future()
        assert self._keeper is not None
        if self._keeper.done():
            raise InputError("the server has ended")
        await self._requests.put((name, arguments, answer))
        return await answer

    async def _stop(self) -> None:
        if self._keeper is not None and not self._keeper.done():
            await self._requests.put(None)
            await self._keeper

    async def _keep(self, ready: "asyncio.Future[None]") -> None:
        waiting: list[asyncio.Future[Any]] = [ready]
        with (
            TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints,
            quiet() as heard,
        ):
            try:
                transport = stdio_client(started(self._words), complaints)
                async with asyncio.timeout(self._timeout) as limit:
                    async with Client(transport, cache=None) as client:
                        limit.reschedule(None)
                        waiting[0].set_result(None)
                        while (request := await self._requests.get()) is not None:
                            name, arguments, answer = request
                            waiting[0] = answer
                            async with asyncio.timeout(self._timeout):
                                outcome = await _called(client, name, arguments)
                            answer.set_result(outcome)
            except (*FAULTS, BaseExceptionGroup) as error:
                problem = _problem(error, self._timeout, heard, complaints)
                for future in waiting:
                    if not future.done():
                        future.set_exception(InputError(problem))


def _problem(error: BaseException, timeout: float, heard: Overheard, complaints: TextIO) -> str:
    try:
        return told(error, timeout, heard, last_line(complaints))
    except Exception as other:  # a fault of the package's own: told, for whoever waits
        return f"failed: {type(other).__name__}: {other}"


async def _called(client: Client, name: str, arguments: JsonObject) -> CallOutcome:
    try:
        result = await client.call_tool(name, arguments)
    except MCPError as error:
        if error.code == CONNECTION_CLOSED:
            raise
        return failure("tool_error", " ".join(str(error.message).split()))
    return outcome_of(result)


def outcome_of(result: CallToolResult) -> CallOutcome:
    """What a tool answered: the structured content, else the texts, read where they are JSON."""
    blocks = list(_blocks(result))
    if result.is_error:
        said = " ".join(str(block) for block in blocks).strip()
        return failure("tool_error", said or "The tool failed and did not say why.")
    if result.structured_content is not None:
        return CallOutcome(content=result.structured_content)
    opened = [_opened(block) if isinstance(block, str) else block for block in blocks]
    return CallOutcome(content=opened[0] if len(opened) == 1 else opened)


def _blocks(result: CallToolResult) -> Iterator[Any]:
    for block in result.content:
        if isinstance(block, TextContent):
            yield block.text
        else:
            yield block.model_dump(mode="json", by_alias=True, exclude_none=True)


def _opened(text: str) -> Any:
    """An object or a list that is written as text; other texts stay as they are."""
    if text.lstrip()[:1] not in ("{", "["):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
