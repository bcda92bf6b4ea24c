"""Batches that are played on other machines, by a task runner of Prefect such as Dask's.

A worker there opens the workshop once, appends to the journal, and answers where its lines lie. All
see one output folder, on storage that they share. A batch whose worker is lost is played again.
"""

import asyncio
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from prefect.task_runners import TaskRunner
from prefect.utilities.importtools import from_qualified_name

from pipeline.cli.progress import Watcher
from pipeline.config import Settings, validate
from pipeline.run.build_loop import opened
from pipeline.run.forking import WorkersLostError
from pipeline.run.journal import Journal
from pipeline.run.manifest import read_manifest
from pipeline.run.output_folder import SHARDS
from pipeline.run.prefect_server import hush_exit
from pipeline.run.worker_pool import MOST_DEATHS, play
from pipeline.run.workshop import Workshop, stages_of
from schemas.canonical import canonical_json
from schemas.errors import InputError, OutputError, ToolweaveError
from schemas.failure import tell_origin
from schemas.record import JsonObject

DASK = "prefect_dask.DaskTaskRunner"
SECONDS_UNTIL_SEEN = 60.0
"""What was written on another machine is seen after so long, or the storage is not shared."""
_MOST_AT_ONCE = 1000
_turn = threading.Lock()
"""A worker of several threads plays one batch at a time: threads share one core anyway."""


@contextmanager
def make_runner(given: JsonObject) -> Iterator[TaskRunner[Any]]:
    """Make and start the task runner that the settings name. Raises InputError."""
    arguments = {key: value for key, value in given.items() if key != "class"}
    name = str(given.get("class", DASK))
    try:
        kind = from_qualified_name(name)
    except (ImportError, AttributeError) as error:
        hint = "; install toolweave[dask]" if name == DASK else ""
        problem = f"there is no {name} here: {error}{hint}"
        raise InputError(problem, place="task_runner.class") from None
    try:
        runner = kind(**arguments)
    except (TypeError, ValueError, ImportError, AttributeError) as error:
        raise InputError(f"makes no {name}: {error}", place="task_runner") from None
    with runner as started:
        yield started


class Cluster:
    """Has batches played by the tasks of a running flow, submitted to a task runner."""

    def __init__(
        self,
        runner: TaskRunner[Any],
        task: Any,
        settings: Settings,
        stages: str,
        journal: Journal,
        watcher: Watcher,
    ) -> None:
        self.runner, self.task, self.stages = runner, task, stages
        self.settings, self.journal, self.watcher = settings, journal, watcher
        plain = {"out": settings.out.resolve(), "quiet": True, "task_runner": {}}
        self.plain = settings.model_copy(update=plain).model_dump(mode="json", by_alias=True)
        self._waiting = ThreadPoolExecutor(_MOST_AT_ONCE)  # a thread waits for each batch

    def count_places(self) -> int:
        """As many batches as the settings say, or as the cluster has threads by now."""
        if self.settings.workers is not None:
            return self.settings.workers
        client = getattr(self.runner, "client", None)
        return max(2, sum(client.nthreads().values()) if client is not None else 0)

    async def finish_batch(self, batch: range) -> None:
        """Have what is missing of a batch played, up to three times where its worker is lost."""
        loop, told = asyncio.get_running_loop(), ""
        for _ in range(MOST_DEATHS):
            if self.journal.missing(batch):
                names = {"settings": self.plain, "stages": self.stages}
                asked = names | {"start": batch.start, "stop": batch.stop}
                future = self.runner.submit(self.task, asked)
                try:
                    part = await loop.run_in_executor(self._waiting, future.result)
                except ToolweaveError:
                    raise
                except Exception as error:  # whatever a cluster says of a worker that is lost
                    told = tell_origin(error)
                    continue
                await self._see(batch, part)
            for one in self.journal.find(batch).values():
                self.watcher.finished(one.candidate, one.accepted, one.causes)
            return
        raise WorkersLostError(
            f"candidates {batch.start} to {batch.stop - 1} were lost {MOST_DEATHS} times on the "
            f"cluster: {told}; what is finished is kept"
        )

    def close(self) -> None:
        """Wait for no batch any more."""
        self._waiting.shutdown(wait=False, cancel_futures=True)

    async def _see(self, batch: range, part: JsonObject) -> None:
        """Wait until what another machine has written is seen here. Raises OutputError."""
        deadline = time.monotonic() + SECONDS_UNTIL_SEEN
        while self.journal.part(batch) != part:
            if time.monotonic() > deadline:
                raise OutputError(
                    f"{self.journal.folder / part['path']}: does not hold what a worker has "
                    "written there; the output folder must lie on storage that all machines share"
                )
            await asyncio.sleep(0.2)


def play_elsewhere(settings: JsonObject, stages: str, batch: range) -> JsonObject:
    """Play what is missing of a batch in a worker; answers where its lines lie.

    Raises what the workshop raises, and OutputError where this machine has other code or tools.
    """
    known = validate(settings)
    with _turn:
        manifest = read_manifest(known.out)
        if manifest is None:
            problem = f"{known.out}: is not seen here; it must lie on storage that all share"
            raise OutputError(problem)
        journal = Journal(known.out / SHARDS, manifest.shard_size)
        missing = journal.missing(batch)

        async def play_missing(workshop: Workshop) -> None:
            if workshop.fingerprint != manifest.fingerprint:
                raise OutputError(f"{known.out}: a worker has other code or other tools")
            places = asyncio.Semaphore(known.concurrency)
            await play(missing, workshop, journal, journal.note, places)

        async def open_and_play() -> None:
            async with opened(stages, known) as workshop:
                await play_missing(workshop)

        if known.players or known.mcp_calls:  # connections belong to one loop
            asyncio.run(open_and_play())
        else:
            asyncio.run(play_missing(_opened_once(stages, canonical_json(settings))))
        return journal.part(batch)


@lru_cache(maxsize=1)
def _opened_once(stages: str, settings: str) -> Workshop:
    hush_exit()
    return stages_of(stages).open_workshop(Settings.model_validate_json(settings))
