"""The build: candidates are finished in any order, decided in the order of the stream, and saved.

It runs without Prefect; `pipeline.run.build_flow` hands in another way of finishing a batch and
nothing else. How candidates are made and judged is the workshop's business, how they are kept the
output's. The first Ctrl-C or SIGTERM ends a build after it has saved what is finished.
"""

import asyncio
import signal
import threading
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from pipeline.cli.answers import of_reading
from pipeline.cli.progress import Watcher
from pipeline.config import Settings
from pipeline.run.journal import Journal
from pipeline.run.manifest import Report
from pipeline.run.output_folder import Output, open_output
from pipeline.run.workshop import Workshop, compare_shares, count_coverage, stages_of, tell_lacking
from schemas.errors import ToolweaveError
from schemas.failure import abandon, judge_failure, sketch_task, sketch_trajectory
from schemas.trajectory import Roles

Result = TypeVar("Result")
FinishBatch = Callable[[range], Awaitable[None]]
"""Brings every candidate of a batch, which lies in one shard, into the journal."""


def here(
    workshop: Workshop, journal: Journal, watcher: Watcher, open_dialogues: asyncio.Semaphore
) -> FinishBatch:
    """Finish batches in this process, with so many dialogues open at once over all batches."""

    async def finish(index: int) -> None:
        async with open_dialogues:
            try:
                trajectory = await workshop.candidate(index)
                journal.append(trajectory)
            except ToolweaveError:
                raise
            except Exception as error:  # a bug costs the candidate, never the run
                bare = sketch_trajectory(index, index, Roles(), sketch_task())
                trajectory = abandon(bare, judge_failure(error))
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

    It ends before that where candidate after candidate fails. Raises ProviderError and
    OutputError; what was finished until then is kept and never made again. When cancelled, it
    saves what is finished and lets the cancellation go on.
    """
    before, begun = output.manifest.accepted, output.manifest
    for note in output.notes:
        watcher.say(note)
    if before < settings.n and begun.consumed < settings.cap and not begun.failing:
        output.begin(settings)
        if output.manifest.consumed:
            watcher.say(f"Going on after {before} accepted")
        watcher.begin(settings.n, before)
        places = asyncio.Semaphore(settings.concurrency)
        finish_batch = finish_batch or here(workshop, output.journal, watcher, places)
        await _Line(settings, output, watcher, finish_batch).run()
        for place in output.journal.unreadable:
            watcher.say(f"{place}: is no finished candidate; it was made again")
    if output.manifest.state == "running":
        output.end("complete" if output.manifest.accepted >= settings.n else "short")
    now = output.manifest
    counted = output.store.count()
    return Report(
        out=str(settings.out),
        state="complete" if now.accepted >= settings.n else "short",
        asked=settings.n,
        accepted=now.accepted,
        rejected=now.rejected,
        candidates=now.consumed,
        new=now.accepted - before,
        reasons=counted.reasons,
        stiff=counted.stiff,
        coverage=count_coverage(workshop.aims, counted.used, counted.graph),
        operators=compare_shares(workshop.aims, counted.used),
        failing=now.failing if now.accepted < settings.n else "",
    )


class _Line:
    """The batches in work, oldest first: the oldest is committed as soon as it is finished."""

    def __init__(
        self, settings: Settings, output: Output, watcher: Watcher, finish_batch: FinishBatch
    ) -> None:
        self.settings, self.output, self.watcher = settings, output, watcher
        self.finish_batch = finish_batch
        self.batches: deque[tuple[range, asyncio.Future[None]]] = deque()
        self.next = output.manifest.consumed

    async def run(self) -> None:
        try:
            self._launch()
            while self.batches:
                # Until the oldest batch is finished; a failure in any batch is raised at once.
                while not self.batches[0][1].done():
                    working = [work for _, work in self.batches if not work.done()]
                    done, _ = await asyncio.wait(working, return_when=asyncio.FIRST_COMPLETED)
                    for work in done:
                        work.result()
                self.batches[0][1].result()
                batch, _ = self.batches.popleft()
                self.output.commit(batch, self.settings.n)
                manifest = self.output.manifest
                self.watcher.committed(manifest.consumed, manifest.accepted, manifest.rejected)
                if manifest.failing:
                    return
                self._launch()
        finally:
            # End what is open; save the finished part of what was not committed.
            for _, work in self.batches:
                work.cancel()
            for _, work in self.batches:
                with suppress(asyncio.CancelledError, Exception):  # the first is on its way up
                    await work
            for batch, _ in self.batches:  # what follows one that failed is not committed
                if self.output.commit(batch, self.settings.n) < len(batch):
                    break

    def _launch(self) -> None:
        """Start what is still needed if every open candidate is accepted, and no more."""
        manifest, size = self.output.manifest, self.output.manifest.shard_size
        ahead = max(2 * size, 2 * self.settings.concurrency)  # bounds what lies uncommitted
        wanted = manifest.consumed + min(self.settings.n - manifest.accepted, ahead)
        while self.next < min(wanted, self.settings.cap):
            shard_end = (self.next // size + 1) * size
            batch = range(self.next, min(wanted, shard_end, self.settings.cap))
            self.batches.append((batch, asyncio.ensure_future(self.finish_batch(batch))))
            self.next = batch.stop


@asynccontextmanager
async def opened(stages: str, settings: Settings) -> AsyncIterator[Workshop]:
    """Open a workshop, in a thread of its own where it may wait, and close it in the end."""
    workshop = await asyncio.to_thread(stages_of(stages).open_workshop, settings)
    try:
        yield workshop
    finally:
        await workshop.close()


async def run(
    stages: str, settings: Settings, watcher: Watcher, finish_batch: FinishBatch | None = None
) -> Report:
    """Open the workshop and the output folder, and build. Raises ToolweaveError."""
    async with opened(stages, settings) as workshop:
        for line in of_reading(workshop.catalog):
            watcher.say(line)
        for line in tell_lacking(workshop.aims):
            watcher.say(line)
        with open_output(settings, workshop) as output:
            return await build(workshop, settings, output, watcher, finish_batch)


def cancel_on_signals() -> None:
    """Let Ctrl-C and SIGTERM cancel the task that calls this, in the main thread only."""
    task = asyncio.current_task()
    if task is None or threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)


def until_interrupted(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end; Ctrl-C and SIGTERM cancel the work and come out as KeyboardInterrupt."""
    if getattr(signal.getsignal(signal.SIGINT), "seen", False):
        work.close()
        raise KeyboardInterrupt

    async def watched() -> Result:
        cancel_on_signals()
        return await work

    try:
        return asyncio.run(watched())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
