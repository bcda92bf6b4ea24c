"""The build: candidates are finished in any order, decided in the order of the stream, and saved.

It runs without Prefect; `pipeline.run.build_flow` hands in another way of finishing a batch and
nothing else. How candidates are made and judged is the workshop's business, how they are kept the
output's. SIGTERM and the second Ctrl-C end a build after it has saved what is finished; the first
Ctrl-C lets open dialogues end, where they are played in this process.
"""

import asyncio
import signal
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from functools import partial
from math import ceil
from types import FrameType
from typing import Any, TypeVar

from generators.backends.patience import PATIENCE, Patience
from pipeline.cli.answers import of_reading
from pipeline.cli.cost_command import add_up, tell_estimate
from pipeline.cli.progress import Watcher
from pipeline.config import Settings
from pipeline.run.dialogue_pool import DialoguePool
from pipeline.run.drawn_sizes import ENOUGH, await_drawing, drawing, read_sizes
from pipeline.run.manifest import Manifest, Report
from pipeline.run.output_folder import Output, open_output
from pipeline.run.spans import Spans, traced
from pipeline.run.stopping import Stop
from pipeline.run.worker_pool import Players, WorkerPool, here
from pipeline.run.workshop import (
    Share,
    Workshop,
    compare_shares,
    count_coverage,
    stages_of,
    tell_lacking,
)
from schemas.errors import OutputError

Result = TypeVar("Result")
_GRACE = 5.0
"""Seconds for what is opened to come to an end where the build is interrupted."""
_LEAST = 10
"""Candidates of a batch, where several are played at once: some share a world."""


async def build(
    workshop: Workshop,
    settings: Settings,
    output: Output,
    watcher: Watcher,
    players: Players | None = None,
    stop: Stop | None = None,
) -> Report:
    """Make candidates until ``settings.n`` are accepted or ``settings.cap`` are decided.

    It ends before that where candidate after candidate fails. Raises ProviderError and
    OutputError; what was finished until then is kept and never made again. When it is to
    ``stop``, what is open is finished and the rest is left. When cancelled, it saves what is
    finished and lets the cancellation go on.
    """
    stop = stop or Stop()
    before, begun = output.manifest.accepted, output.manifest
    for note in output.notes:
        watcher.say(note)
    if before < settings.n and begun.consumed < settings.cap and not begun.failing:
        output.begin(settings)
        if output.manifest.consumed:
            watcher.say(f"Going on after {before} accepted")
        with ExitStack() as stack:
            draws: Callable[[], bool] = bool
            # Beside real calls, and in a process that others have threads in, none are drawn.
            alone = players is None and not settings.plays_here
            soon = output.manifest.consumed < ENOUGH
            if settings.players and alone and soon and not read_sizes(output.folder):
                draws = stack.enter_context(drawing(output.folder, settings.n, workshop.size))
            if players is None:
                players = stack.enter_context(_at_hand(workshop, settings, output, watcher, stop))
            spans = stack.enter_context(traced(settings, watcher.say))
            watcher.begin(settings.n, before, workshop.activity)
            looking = asyncio.ensure_future(_look(watcher)) if workshop.activity else None
            try:
                await _Line(settings, output, watcher, players, spans, stop, draws).run()
                await await_drawing(draws, lambda: stop.asked)
            except OutputError:
                raise  # nothing can be noted there
            except BaseException:
                output.note_endpoints(workshop.left_out, workshop.shown)
                output.pause()
                raise
            finally:
                if looking is not None:
                    looking.cancel()
            output.note_endpoints(workshop.left_out, workshop.shown)
        for place in output.journal.unreadable:
            watcher.say(f"{place}: is no finished candidate; it was made again")
    now = output.manifest
    complete, capped = now.accepted >= settings.n, now.consumed >= settings.cap
    stopped = stop.asked and not (complete or capped or now.failing)
    if now.state == "running":
        output.end("complete" if complete else "stopped" if stopped else "short")
    now = output.manifest
    counted = output.store.count()
    return Report(
        out=str(settings.out),
        state="complete" if complete else "stopped" if stopped else "short",
        stopped=stop.reason if stopped else "",
        asked=settings.n,
        accepted=now.accepted,
        rejected=now.rejected,
        candidates=now.consumed,
        new=now.accepted - before,
        reasons=counted.reasons,
        stiff=counted.stiff,
        words=counted.words,
        second_tries=counted.second_tries,
        manners={
            one: Share(
                asked=share,
                steered=True,
                got=round(counted.manners.get(one, 0) / max(1, now.accepted), 4),
            )
            for one, share in settings.manners.items()
        },
        tasks=counted.tasks,
        coverage=count_coverage(workshop.aims, counted.used, counted.graph),
        operators=compare_shares(workshop.aims, counted.used),
        failing=now.failing if now.accepted < settings.n else "",
    )


async def _look(watcher: Watcher) -> None:
    """Let it tell also while nothing is finished: an answer of a model may take long."""
    while True:
        await asyncio.sleep(1)
        watcher.show()


@contextmanager
def _at_hand(
    workshop: Workshop, settings: Settings, output: Output, watcher: Watcher, stop: Stop
) -> Iterator[Players]:
    """Who plays on this machine: workers where several have enough to do, else this process."""
    shared = (workshop, output.journal, watcher)
    wanted = min(settings.n - output.manifest.accepted, settings.cap - output.manifest.consumed)
    count = min(settings.processes, ceil(wanted / output.manifest.shard_size))
    if workshop.models is not None and not settings.plays_here:
        dialogues = DialoguePool(count, *shared, settings.concurrency, stop)
        try:
            yield Players(dialogues.finish_batch)
        finally:
            dialogues.close()
        return
    if count < 2 or settings.players:
        yield Players(here(*shared, asyncio.Semaphore(settings.concurrency), stop))
        return
    pool = WorkerPool(count, *shared, settings.concurrency)
    try:
        yield Players(pool.finish_batch, lambda: count)
    finally:
        pool.close()


class _Line:
    """The batches in work, oldest first: the oldest is committed as soon as it is finished."""

    def __init__(
        self,
        settings: Settings,
        output: Output,
        watcher: Watcher,
        players: Players,
        spans: Spans,
        stop: Stop,
        draws: Callable[[], bool],
    ) -> None:
        """``draws``: whether sizes are drawn yet by which an estimate goes."""
        self.draws = draws
        self.settings, self.output, self.watcher, self.players = settings, output, watcher, players
        self.spans, self.stop = spans, stop
        self.batches: deque[tuple[range, asyncio.Future[None]]] = deque()
        self.begun: dict[int, int] = {}
        """First candidate of a batch → when it was handed to players."""
        self.next = output.manifest.consumed
        self.estimates = bool(settings.players) and self.next < ENOUGH
        """Whether it is still to be told what the build will cost."""

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
                # Decide a batch and tell of it; what the manifest says then.
                before, found = self.output.manifest, self.output.journal.find(batch).values()
                self.output.commit(batch, self.settings.n)
                now = self.output.manifest
                changes = now.accepted - before.accepted, now.rejected - before.rejected
                self.spans.tell(batch, self.begun.pop(batch.start), found, *changes)
                manifest = now
                counts = manifest.consumed, manifest.accepted, manifest.rejected
                self.watcher.committed(*counts, self.output.reasons)
                if manifest.failing or manifest.accepted >= self.settings.n:
                    return  # what is open beyond that is wanted by nobody
                self._estimate(manifest)
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

    def _estimate(self, manifest: Manifest) -> None:
        """Tell once what the build will cost, as soon as there is enough to go by."""
        known = self.settings
        early = manifest.consumed < ENOUGH or not manifest.accepted
        if not self.estimates or early or self.draws():
            return
        self.estimates = False
        if manifest.accepted < known.n:
            for line in tell_estimate(add_up(known.out, known, known.n)):
                self.watcher.say(line)

    def _launch(self) -> None:
        """Start what is still needed by the share that was accepted so far, and no more.

        What costs next to nothing, since no model plays it, is started as if all were accepted.
        """
        if self.stop.asked:
            return
        manifest, size = self.output.manifest, self.output.manifest.shard_size
        places = self.players.places()
        ahead = max(2 * size * places, 2 * self.settings.concurrency)  # bounds what is uncommitted
        missing = self.settings.n - manifest.accepted
        if self.settings.players and manifest.consumed >= ENOUGH and manifest.accepted:
            missing = missing * manifest.consumed // manifest.accepted
        end = min(manifest.consumed + missing, self.settings.cap)
        while self.next < min(manifest.consumed + ahead, end):
            length = size
            if places > 1:  # shorter towards the end: all are to be at work until then
                length = max(_LEAST, (end - self.next) // (2 * places))
            shard_end = (self.next // size + 1) * size
            batch = range(self.next, min(self.next + length, shard_end, end))
            self.begun[batch.start] = time.time_ns()
            self.batches.append((batch, asyncio.ensure_future(self.players.finish_batch(batch))))
            self.next = batch.stop


async def _open_aside(open_workshop: Callable[[], Workshop]) -> Workshop:
    """Open a workshop in a thread, which is gone then; whoever is interrupted waits for nobody."""
    done, patience = Future[Workshop](), Patience()
    done.set_running_or_notify_cancel()

    def work() -> None:
        PATIENCE.set(patience)
        try:
            done.set_result(open_workshop())
        except BaseException as error:
            done.set_exception(error)

    thread = threading.Thread(target=work, name="opening", daemon=True)
    thread.start()
    opening = asyncio.wrap_future(done)
    try:
        await asyncio.wait({opening})
    except asyncio.CancelledError:
        patience.lose()
        try:
            await asyncio.wait({opening}, timeout=_GRACE)
            if opening.done() and opening.exception() is None:
                await opening.result().close()
        finally:
            opening.cancel()
        raise
    thread.join()  # processes are forked now
    return opening.result()


@asynccontextmanager
async def opened(stages: str, settings: Settings) -> AsyncIterator[Workshop]:
    """Open a workshop, in a thread of its own where it may wait, and close it in the end."""
    workshop = await _open_aside(partial(stages_of(stages).open_workshop, settings))
    try:
        yield workshop
    finally:
        await workshop.close()


async def run(
    stages: str, settings: Settings, watcher: Watcher, stop: Stop | None = None
) -> Report:
    """Open the workshop and the output folder, and build. Raises ToolweaveError."""
    async with opened(stages, settings) as workshop:
        for line in of_reading(workshop.catalog):
            watcher.say(line)
        for line in tell_lacking(workshop.aims):
            watcher.say(line)
        if settings.processes < (settings.workers or 1):
            watcher.say("One process plays: what a server answers is only waited for")
        with open_output(settings, workshop) as output:
            return await build(workshop, settings, output, watcher, stop=stop)


@contextmanager
def cancelled_by_signals(stop: Stop | None = None) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM cancel the task that enters this, in the main thread only.

    Where dialogues heed ``stop``, the first Ctrl-C asks them to. In a plain call that waits, amid
    which the loop would hear of nothing, KeyboardInterrupt is raised.
    """
    task = asyncio.current_task()
    if task is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    loop, patience = asyncio.get_running_loop(), Patience()
    PATIENCE.set(patience)

    def hear(number: int, _: FrameType | None) -> None:
        if number == signal.SIGINT and stop is not None and stop.drains and not stop.asked:
            stop.ask()
        elif patience.waits:
            raise KeyboardInterrupt
        else:
            loop.call_soon_threadsafe(task.cancel)

    before = {one: signal.signal(one, hear) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def until_interrupted(work: Coroutine[Any, Any, Result], stop: Stop | None = None) -> Result:
    """Run to the end; Ctrl-C and SIGTERM cancel the work and come out as KeyboardInterrupt.

    Where dialogues heed ``stop``, the first Ctrl-C asks them to.
    """
    if getattr(signal.getsignal(signal.SIGINT), "seen", False):
        work.close()
        raise KeyboardInterrupt

    async def watched() -> Result:
        with cancelled_by_signals(stop):
            return await work

    try:
        return asyncio.run(watched())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
