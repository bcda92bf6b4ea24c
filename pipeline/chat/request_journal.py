"""The journal of requests: what a model answered once is never asked again, whatever died.

A line is a request that is finished: by what it is known, whose it is, the reply or why there is
none, and what it took. It is handed to the system as soon as the reply is there, so that it
outlives the process, and is on the disk before the reply is used; one turn of the disk serves all
that came meanwhile. Of the request itself a hash is kept.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import ValidationError

from pipeline.files import append_whole, save, writing
from pipeline.run.manifest import read_manifest
from schemas.chat import ChatReply, Role
from schemas.errors import OutputError, RefusedRequestError
from schemas.record import Record

REQUESTS = "requests.jsonl"
_TASK = re.compile(rb'\{"task":(\d+),')
"""How the line of a candidate's request begins."""
_GRACE = 2.0
"""Seconds for requests that are under way when nobody waits for them any more."""


class Answered(Record):
    """A request that is finished."""

    task: int | None
    """The candidate; None for questions about the catalogue, and for the tools."""
    key: str
    """Hash of model, endpoint, role, attempt, and all that is sent."""
    role: Role
    attempt: int
    model: str
    place: str
    """Address of the endpoint, without name, password and query."""
    reply: ChatReply | None = None
    refused: str = ""
    """Code of the reason for which it was not served …"""
    problem: str = ""
    """… and that reason."""
    seconds: float = 0.0
    """From when it was first sent, pauses included."""
    left_out: tuple[str, ...] = ()
    """Options that the endpoint does not take."""

    def use(self) -> ChatReply:
        """The reply. Raises RefusedRequestError where there is none."""
        if self.reply is None:
            raise RefusedRequestError(self.refused, self.problem)
        return self.reply


class RequestJournal:
    """The journal of an output folder, which other processes may append to."""

    def __init__(self, folder: Path | None, save: Callable[[Path], None] = save) -> None:
        """Nothing is read before something is looked for; ``save`` has a file on the disk.

        Without a folder, what is finished is remembered and nothing else.
        """
        self._folder = folder
        self._known: dict[int | None, dict[str, Answered]] | None = None
        self._open: dict[str, asyncio.Future[Answered]] = {}
        self._unsafe: list[asyncio.Future[None]] = []
        """Of those who wait until what they have written is on the disk."""
        self._save = save
        self._saving: asyncio.Task[None] | None = None

    async def once(
        self, task: int | None, key: str, ask: Callable[[], Awaitable[Answered]]
    ) -> Answered:
        """What is known under a key, or what ``ask`` brings, which is asked once at a time.

        Whoever stops waiting does not stop the request. Raises what ``ask`` raises, OutputError.
        """
        if (known := self.known(task).get(key)) is not None:
            return known
        if key not in self._open:

            async def asked() -> Answered:
                answered = await ask()
                await self._keep(answered)
                return answered

            def close(done: "asyncio.Future[Answered]") -> None:
                self._open.pop(key, None)
                if not done.cancelled():
                    done.exception()  # nobody may be waiting for it

            asking = asyncio.ensure_future(asked())
            self._open[key] = asking
            asking.add_done_callback(close)
        return await asyncio.shield(self._open[key])

    def known(self, task: int | None) -> dict[str, Answered]:
        """The finished requests of a candidate that is not decided, by key. Raises OutputError."""
        if self._known is None:
            manifest = read_manifest(self._folder) if self._folder else None
            first = manifest.consumed if manifest else 0
            self._known = defaultdict(dict)
            for one in read_requests(self._folder, first) if self._folder else ():
                self._known[one.task][one.key] = one
        return self._known[task]

    def forget(self, task: int) -> None:
        """Nobody asks for this candidate any more."""
        if self._known is not None:
            self._known.pop(task, None)

    def forget_oldest(self, most: int) -> None:
        """Remember no more than so many requests: those of who asked first, long ago, go first."""
        known = self._known or {}
        left = sum(map(len, known.values())) - most
        for task in [*known]:
            if left <= 0:
                return
            left -= len(known.pop(task))

    async def settle(self) -> None:
        """Give what is under way a moment, and have all on the disk."""
        if pending := [*self._open.values()]:
            await asyncio.wait(pending, timeout=_GRACE)
        for one in pending:
            one.cancel()

    async def _keep(self, answered: Answered) -> None:
        known = self.known(answered.task)  # before there is a line that would be read again
        if self._folder is None:
            known[answered.key] = answered
            return
        file = self._folder / REQUESTS
        with writing(file):
            file.parent.mkdir(parents=True, exist_ok=True)
            line = answered.model_dump_json(exclude_defaults=True).encode()
            append_whole(file, line + b"\n")
        safe: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unsafe.append(safe)
        if self._saving is None or self._saving.done():
            self._saving = asyncio.create_task(self._save_all(file))
        await safe
        known[answered.key] = answered

    async def _save_all(self, file: Path) -> None:
        """Have all on the disk that stands in the file, and again for what comes meanwhile."""
        while self._unsafe:
            waiting, self._unsafe = self._unsafe, []
            try:
                await asyncio.to_thread(self._save, file)
            except Exception as error:  # whatever it is: nobody is to wait for ever
                problem: Exception | None = error
            else:
                problem = None
            for one in waiting:
                if one.done():  # nobody waits any more
                    continue
                one.set_exception(problem) if problem else one.set_result(None)


def read_requests(folder: Path, first: int = 0) -> Iterator[Answered]:
    """The finished requests of a folder: of candidates from ``first`` on, and of no candidate.

    A last line that is torn is none. Raises OutputError where a line is no request.
    """
    path = folder / REQUESTS
    with writing(path), suppress(FileNotFoundError), path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            if (found := _TASK.match(line)) and int(found[1]) < first:
                continue
            try:
                yield Answered.model_validate_json(line)
            except ValidationError:
                raise OutputError(
                    f"{path}, line {number}: is no request; remove the line"
                ) from None
