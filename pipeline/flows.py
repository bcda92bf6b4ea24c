"""The build as a Prefect flow whose tasks are batches of a shard.

Parameters are plain values, so that a task may run in any process: there it opens the workshop
again and writes to the same journal. In the flow's own process they share one, and its limit of
open dialogues. Importing this module imports Prefect: enter `pipeline.prefect_server` first.
"""

import asyncio
from contextvars import ContextVar
from typing import Any

from prefect import flow, task

from pipeline.build import FinishBatch, Report, build, here
from pipeline.config import Settings, validate
from pipeline.journal import Journal
from pipeline.manifest import read_manifest
from pipeline.output import SHARDS, open_output
from pipeline.progress import Silence, Watcher
from pipeline.running import opened

_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
_bench: ContextVar[FinishBatch | None] = ContextVar("bench", default=None)


@task(name="finish-batch", persist_result=False, cache_policy=None)
async def finish_batch(settings: dict[str, Any], opener: str, start: int, stop: int) -> None:
    """Bring candidates ``start`` … ``stop - 1`` of one shard into the journal."""
    batch, bench = range(start, stop), _bench.get()
    if bench:
        await bench(batch)
        return
    known = validate(settings)
    async with opened(opener, known) as workshop:
        manifest = read_manifest(known.out)
        journal = Journal(known.out / SHARDS, manifest.shard_size if manifest else known.shard_size)
        await here(workshop, journal, Silence(), asyncio.Semaphore(known.concurrency))(batch)


@flow(name="toolweave-build", validate_parameters=False, persist_result=False)
async def build_flow(settings: dict[str, Any], opener: str, add: bool = False) -> dict[str, Any]:
    """Build with plain settings; with ``add``, ``n`` counts what is new. Answers the report."""
    asked = validate(settings)
    if add:
        present = read_manifest(asked.out)
        asked = asked.model_copy(update={"n": asked.n + (present.accepted if present else 0)})
    report = await _build(asked, opener, _watcher.get() or Silence())
    return report.model_dump()


async def _build(settings: Settings, opener: str, watcher: Watcher) -> Report:
    plain = settings.model_dump(mode="json", by_alias=True)

    async def by_task(batch: range) -> None:
        await finish_batch(plain, opener, batch.start, batch.stop)

    async with opened(opener, settings) as workshop:
        with open_output(settings, workshop) as output:
            places = asyncio.Semaphore(settings.concurrency)
            token = _bench.set(here(workshop, output.journal, watcher, places))
            try:
                return await build(workshop, settings, output, watcher, by_task)
            finally:
                _bench.reset(token)


async def run_flow(opener: str, settings: Settings, watcher: Watcher, add: bool = False) -> Report:
    """Run the flow here and now, watched. Raises what the build raises."""
    token = _watcher.set(watcher)
    try:
        plain = settings.model_dump(mode="json", by_alias=True)
        return Report.model_validate(await build_flow(plain, opener, add))
    finally:
        _watcher.reset(token)
