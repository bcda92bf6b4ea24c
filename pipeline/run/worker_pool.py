"""Who plays the batches of a build: this process, or workers forked from it.

They are forked when the workshop is open: catalogue, graph and world lie in memory that all share.
A worker appends what it finishes to the journal and tells of it through a pipe; what is kept is
decided in the process that forked it. One that is killed costs the candidate at hand: what is
missing of its batch is played again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import NamedTuple

from pipeline.cli.progress import Watcher
from pipeline.run.forking import Worker, WorkersLostError, fork
from pipeline.run.journal import Finished, Journal
from pipeline.run.stopping import Stop
from pipeline.run.workshop import Workshop
from schemas.awaiting import await_all
from schemas.errors import BudgetError, ToolweaveError
from schemas.failure import abandon, judge_failure, sketch_task, sketch_trajectory
from schemas.trajectory import Roles

MOST_DEATHS = 3
"""Workers that ended over one candidate, one after the other: the run ends, too."""
FinishBatch = Callable[[range], Awaitable[None]]
"""Brings every candidate of a batch, which lies in one shard, into the journal."""


class Players(NamedTuple):
    """Who finishes the batches of a build."""

    finish_batch: FinishBatch
    places: Callable[[], int] = lambda: 1
    """How many batches can be at work at once, as of now."""


def here(
    workshop: Workshop,
    journal: Journal,
    watcher: Watcher,
    open_dialogues: asyncio.Semaphore,
    stop: Stop,
) -> FinishBatch:
    """Finish batches in this process, with so many dialogues open at once over all batches.

    Where it is to ``stop``, a batch is left unfinished.
    """
    stop.drains = True

    def told(one: Finished) -> None:
        journal.note(one)
        watcher.finished(one.candidate, one.accepted, one.causes)

    async def finish_batch(batch: range) -> None:
        await play(journal.missing(batch), workshop, journal, told, open_dialogues, stop)

    return finish_batch


async def play(
    indexes: Iterable[int],
    workshop: Workshop,
    journal: Journal,
    told: Callable[[Finished], None],
    open_dialogues: asyncio.Semaphore,
    stop: Stop | None = None,
) -> None:
    """Make candidates and append them to the journal; each is ``told`` of as soon as it is there.

    Where it is to ``stop``, those that are begun are finished. Raises what the first one
    raises that is no bug of its own.
    """

    async def finish(index: int) -> None:
        async with open_dialogues:
            if stop is not None and stop.asked:
                return
            begun = time.time_ns()
            try:
                one = journal.append(await workshop.candidate(index))
            except BudgetError as spent:
                if stop is None:
                    raise
                stop.ask(str(spent))
                return
            except ToolweaveError:
                raise
            except Exception as error:  # a bug costs the candidate, never the run
                bare = sketch_trajectory(index, index, Roles(), sketch_task())
                one = journal.append(abandon(bare, judge_failure(error)))
            told(one._replace(begun=begun, ended=time.time_ns()))
            await asyncio.sleep(0)  # scripted roles never wait: let a signal be heard

    await await_all(map(finish, indexes))


class WorkerPool:
    """So many processes, each with a batch at a time; one that ended is replaced when needed."""

    def __init__(
        self, count: int, workshop: Workshop, journal: Journal, watcher: Watcher, concurrency: int
    ) -> None:
        self.workshop, self.journal, self.watcher = workshop, journal, watcher
        self.concurrency = concurrency
        self._workers: list[Worker] = []
        self._idle: asyncio.LifoQueue[Worker] = asyncio.LifoQueue()
        try:
            for _ in range(count):
                self._idle.put_nowait(self._start())
        except BaseException:
            self.close()
            raise

    async def finish_batch(self, batch: range) -> None:
        """Have what is missing of a batch played. Raises what its worker raised."""
        deaths, at = 0, -1
        worker = await self._idle.get()
        try:
            while missing := self.journal.missing(batch):
                try:
                    await self._play(worker, missing)
                except EOFError:
                    ended, first = self._bury(worker), min(self.journal.missing(batch), default=-1)
                    deaths, at = deaths + 1 if first == at else 1, first
                    if deaths == MOST_DEATHS:
                        raise WorkersLostError(
                            f"{deaths} worker processes in a row ended {ended} over candidate "
                            f"{first}; what is finished is kept (--workers 1 needs the least "
                            "memory)"
                        ) from None
                    worker = self._start()
        except BaseException:
            self._bury(worker)  # amid a batch that nobody wants any more
            raise
        self._idle.put_nowait(worker)

    async def _play(self, worker: Worker, indexes: list[int]) -> None:
        """Hear of a worker until it has played its candidates. Raises EOFError where it ended."""
        loop = asyncio.get_running_loop()
        ended: asyncio.Future[None] = loop.create_future()

        def hear() -> None:
            if ended.done():  # it was called off while this call was due
                return
            try:
                try:
                    heard = worker.pipe.recv()
                except OSError:
                    raise EOFError from None
                if isinstance(heard, Exception):
                    raise heard
                if isinstance(heard, Finished):
                    self.journal.note(heard)
                    self.watcher.finished(heard.candidate, heard.accepted, heard.causes)
                    return
                ended.set_result(None)
            except Exception as error:  # whatever it is, nobody is to wait for ever
                ended.set_exception(error)
            loop.remove_reader(worker.pipe)

        try:
            worker.pipe.send(indexes)
        except OSError:
            raise EOFError from None
        loop.add_reader(worker.pipe, hear)
        try:
            await ended
        finally:
            loop.remove_reader(worker.pipe)

    def close(self) -> None:
        """End the workers: what they have finished is in the journal."""
        for worker in [*self._workers]:
            self._bury(worker)

    def _bury(self, worker: Worker) -> str:
        if worker not in self._workers:
            return ""
        self._workers.remove(worker)
        return worker.end()

    def _start(self) -> Worker:
        def answer(indexes: list[int], told: Callable[[Finished], None]) -> None:
            places = asyncio.Semaphore(self.concurrency)
            asyncio.run(play(indexes, self.workshop, self.journal, told, places))

        self._workers.append(fork(answer, self._workers))
        return self._workers[-1]
