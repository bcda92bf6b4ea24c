"""The build: candidates are finished in any order, decided in the order of the stream, and saved.

It runs without Prefect; `pipeline.flows.build_flow` hands in another way of finishing a batch and
nothing else. How candidates are made and judged is the workshop's business, how they are kept the
output's.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, NamedTuple

from pipeline.cli.progress import Watcher
from pipeline.config import Settings
from pipeline.run.journal import Journal
from pipeline.run.manifest import State
from pipeline.run.output_folder import Output
from pipeline.run.workshop import Workshop
from schemas.record import Record

FinishBatch = Callable[[range], Awaitable[None]]
"""Brings every candidate of a batch, which lies in one shard, into the journal."""


class Report(Record):
    """What a build came to."""

    out: str
    state: State
    asked: int
    accepted: int
    rejected: int
    candidates: int
    new: int
    """Accepted by this run; 0 where everything was there already."""
    reasons: dict[str, int]
    """The most frequent reason codes of the rejected ones."""
    coverage: dict[str, int]
    """Tools and edges of the graph, and how many of them the accepted trajectories used."""


class Batch(NamedTuple):
    """A batch that is being finished."""

    indexes: range
    work: asyncio.Task[None]


def here(
    workshop: Workshop, journal: Journal, watcher: Watcher, open_dialogues: asyncio.Semaphore
) -> FinishBatch:
    """Finish batches in this process, with so many dialogues open at once over all batches."""

    async def finish(index: int) -> None:
        async with open_dialogues:
            trajectory = await workshop.candidate(index)
            journal.append(trajectory)
            watcher.finished(index, trajectory.accepted)
            await asyncio.sleep(0)  # scripted roles never wait: let a signal be heard

    async def finish_batch(batch: range) -> None:
        done = journal.read(batch)
        try:
            async with asyncio.TaskGroup() as group:
                for index in batch:
                    if index not in done:
                        group.create_task(finish(index))
        except ExceptionGroup as failures:  # callers see the first failure, not the group
            raise failures.exceptions[0] from None

    return finish_batch


async def build(
    workshop: Workshop,
    settings: Settings,
    output: Output,
    watcher: Watcher,
    finish_batch: FinishBatch | None = None,
) -> Report:
    """Make candidates until ``settings.n`` are accepted or ``settings.cap`` are decided.

    Raises ProviderError and OutputError; what was finished until then is kept and never made
    again. When cancelled, it saves what is finished and lets the cancellation go on.
    """
    before = output.manifest.accepted
    if before < settings.n and output.manifest.consumed < settings.cap:
        output.begin(settings)
        if output.manifest.consumed:
            watcher.say(f"Going on after {before} accepted")
        watcher.begin(settings.n, before)
        places = asyncio.Semaphore(settings.concurrency)
        finish_batch = finish_batch or here(workshop, output.journal, watcher, places)
        await _Line(settings, output, watcher, finish_batch).run()
    if output.manifest.state == "running":
        output.end("complete" if output.manifest.accepted >= settings.n else "short")
    now = output.manifest
    reasons, coverage = output.store.count()
    return Report(
        out=str(settings.out),
        state="complete" if now.accepted >= settings.n else "short",
        asked=settings.n,
        accepted=now.accepted,
        rejected=now.rejected,
        candidates=now.consumed,
        new=now.accepted - before,
        reasons=reasons,
        coverage=coverage,
    )


class _Line:
    """The batches in work, oldest first: the oldest is committed as soon as it is finished."""

    def __init__(
        self, settings: Settings, output: Output, watcher: Watcher, finish_batch: FinishBatch
    ) -> None:
        self.settings, self.output, self.watcher = settings, output, watcher
        self.finish_batch = finish_batch
        self.batches: deque[Batch] = deque()
        self.next = output.manifest.consumed

    async def run(self) -> None:
        try:
            self._launch()
            while self.batches:
                await self._wait()
                batch = self.batches.popleft().indexes
                self.output.commit(batch, self.settings.n)
                manifest = self.output.manifest
                self.watcher.committed(manifest.consumed, manifest.accepted, manifest.rejected)
                self._launch()
        finally:
            await self._stop()

    async def _wait(self) -> None:
        """Until the oldest batch is finished; a failure in any batch is raised at once."""
        while not self.batches[0].work.done():
            working = [batch.work for batch in self.batches if not batch.work.done()]
            for work in (await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED))[0]:
                work.result()
        self.batches[0].work.result()

    def _launch(self) -> None:
        """Start what is still needed if every open candidate is accepted, and no more."""
        while batch := self._batch():
            work: Coroutine[Any, Any, None] = self._finish(batch)
            self.batches.append(Batch(batch, asyncio.create_task(work)))
            self.next = batch.stop

    async def _finish(self, batch: range) -> None:
        await self.finish_batch(batch)

    def _batch(self) -> range:
        manifest, size = self.output.manifest, self.output.manifest.shard_size
        started = self.next - manifest.consumed
        ahead = max(2 * size, 2 * self.settings.concurrency)  # bounds what lies uncommitted
        needed = min(self.settings.n - manifest.accepted, ahead) - started
        shard_end = (self.next // size + 1) * size
        return range(self.next, min(self.next + needed, shard_end, self.settings.cap))

    async def _stop(self) -> None:
        """End what is open; save the finished part of what was not committed."""
        for batch in self.batches:
            batch.work.cancel()
        for batch in self.batches:
            with suppress(asyncio.CancelledError, Exception):  # the first failure is on its way up
                await batch.work
        for batch in self.batches:
            if self.output.commit(batch.indexes, self.settings.n) < len(batch.indexes):
                break
