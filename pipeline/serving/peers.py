"""The other processes that serve the same address: where a request goes that is theirs.

A connection belongs to the process that took it, a session to the one that began it, and their
client may have several of each. So a move that comes to another process is handed on, over the
address that each has for itself, and so is a reset where another one has much fewer sessions.
"""

import asyncio
from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import Response

from pipeline.serving.sessions import NoSessionError, find_process
from pipeline.serving.stay import Stay
from pipeline.serving.tally import Tally

HANDED_ON = "x-toolweave-handed-on"
"""The header of a request that another process has handed on."""
_SOME, _MUCH = 8, 1.5
"""A process has too many sessions where it has so many, and so many times another one's more."""
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]


class Peers:
    """The processes that serve one address, as one of them sees them."""

    def __init__(self, own: int, tally: Tally, host: str, ports: Sequence[int]) -> None:
        """``ports``: of each process its own one."""
        self._own, self._tally, self._host, self._ports = own, tally, host, ports
        self._free: dict[tuple[int, float], list[Line]] = {}
        """Process, and which one it is in its place → connections that nobody uses now."""

    def find_owner(self, session: str) -> int | None:
        """The process that has a session; None: this one. Raises NoSessionError."""
        found = find_process(session, self._tally)
        return None if found == self._own else found

    def find_idler(self) -> int | None:
        """The process that should begin a session in this one's place, if any."""
        others = [one for one in range(self._tally.processes) if one != self._own]
        if not others:
            return None
        idlest = min(others, key=lambda one: self._tally.get(one, "open"))
        least = self._tally.get(idlest, "open")
        return idlest if self._tally.get(self._own, "open") > _SOME + _MUCH * least else None

    async def hand_on(self, process: int, request: Request, body: bytes) -> Response:
        """What another process answers. Raises NoSessionError where it ends meanwhile."""
        sent = self._write_head(request, len(body))
        place = (process, self._tally.get(process, "born"))
        try:
            reader, writer = await self._take(place)
            try:
                writer.write(sent + body)
                head_of_answer = await reader.readuntil(b"\r\n\r\n")
                first, *rest = head_of_answer.decode("latin-1").splitlines()
                told = {name.lower(): value.strip() for name, _, value in
                        (line.partition(":") for line in rest if line)}  # fmt: skip
                answer = await reader.readexactly(int(told.pop("content-length", "0")))
            except BaseException:
                writer.close()
                raise
        except (OSError, EOFError) as gone:
            raise NoSessionError(
                "no such session: the process that held it has just ended; begin anew"
            ) from gone
        self._free.setdefault(place, []).append((reader, writer))
        kept = {name: told[name] for name in told if name not in ("date", "connection")}
        return Response(answer, int(first.split()[1]), kept)

    async def hold_on(self, process: int, request: Request) -> Response:
        """A stream that lasts as long as the one which another process holds for its client."""
        reader, writer = await asyncio.open_connection(self._host, self._ports[process])
        try:
            writer.write(self._write_head(request, 0))
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        except (OSError, EOFError) as gone:
            writer.close()
            raise NoSessionError("no such session: the process that held it has ended") from gone
        if " 200 " not in head.partition("\r\n")[0]:
            writer.close()
            raise NoSessionError("no such session: it is over, or was never begun")
        ended = asyncio.create_task(reader.read())

        def hang_up() -> None:
            ended.cancel()
            writer.close()

        return Stay(lambda: not ended.done(), hang_up)

    def _write_head(self, request: Request, length: int) -> bytes:
        """A request's first lines, as they are handed on."""
        head = {"host": self._host, HANDED_ON: str(self._own), "content-length": str(length)}
        head |= {name: value for name, value in request.headers.items()
                 if name in ("content-type", "accept") or name.startswith("mcp-")}  # fmt: skip
        lines = (f"{name}: {value}\r\n" for name, value in head.items())
        query = f"?{request.url.query}" if request.url.query else ""
        first = f"{request.method} {request.url.path}{query} HTTP/1.1\r\n"
        return f"{first}{''.join(lines)}\r\n".encode("latin-1")

    async def _take(self, place: tuple[int, float]) -> Line:
        """A connection to a process. Raises OSError."""
        for old in [one for one in self._free if one[0] == place[0] and one != place]:
            for _, writer in self._free.pop(old):
                writer.close()
        free = self._free.get(place, [])
        while free:
            reader, writer = free.pop()
            if not (reader.at_eof() or writer.is_closing()):
                return reader, writer
        return await asyncio.open_connection(self._host, self._ports[place[0]])
