"""The build as a Prefect flow whose tasks are batches of a shard.

Parameters are plain values, so that a task may run in any process. In the flow's own they share
the workshop and its limit of open dialogues. With a task runner they are submitted to its cluster:
there each process opens the workshop once and appends to the same journal, on storage that all
share; what comes back tells where the lines lie. Importing this module imports Prefect: enter
`pipeline.run.prefect_server` first.
"""

import asyncio
import traceback
from contextlib import ExitStack
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import acreate_link_artifact, acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run

from pipeline.cli.answers import of_build, of_reading, of_shortfall, warn
from pipeline.cli.progress import Lines, Watcher
from pipeline.config import Settings, validate
from pipeline.run.build_loop import build, cancelled_by_signals, opened
from pipeline.run.cluster import Cluster, make_runner, play_elsewhere
from pipeline.run.manifest import Report, read_manifest
from pipeline.run.output_folder import open_output
from pipeline.run.prefect_server import hush_exit
from pipeline.run.stopping import Stop
from pipeline.run.worker_pool import FinishBatch, Players, here
from schemas.errors import ToolweaveError
from schemas.record import JsonObject

_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)
_bench: ContextVar[FinishBatch | None] = ContextVar("bench", default=None)


@task(name="finish-batch", persist_result=False, cache_policy=NO_CACHE)
async def finish_batch(settings: JsonObject, stages: str, start: int, stop: int) -> JsonObject:
    """Bring candidates ``start`` … ``stop - 1`` of one shard into the journal.

    Answers path, length and checksum of their lines.
    """
    return await _finish(settings, stages, range(start, stop))  # Prefect pickles this body, too


async def _finish(settings: JsonObject, stages: str, batch: range) -> JsonObject:
    if bench := _bench.get():
        await bench(batch)
        return {}
    return await asyncio.to_thread(play_elsewhere, settings, stages, batch)


@flow(name="toolweave-build", validate_parameters=False, persist_result=False)
async def build_flow(settings: dict[str, Any], stages: str, add: bool = False) -> dict[str, Any]:
    """Build with plain settings; with ``add``, ``n`` counts what is new. Answers the report."""
    return await _run(settings, stages, add)  # Prefect pickles this body with all that it names


async def _run(settings: dict[str, Any], stages: str, add: bool) -> dict[str, Any]:
    hush_exit()
    asked = validate(settings)
    if add:
        present = _count_present(str(flow_run.id), asked.out)
        asked = asked.model_copy(update={"n": asked.n + present})
    watcher = _watcher.get()
    with cancelled_by_signals():  # Prefect has taken SIGTERM over, and would raise out of any line
        report = await (_build(asked, stages, watcher) if watcher else _build_alone(asked, stages))
    # A table of the yield, and a link to the output, where Prefect shows a run.
    counts = {"new": report.new, "accepted": report.accepted, "rejected": report.rejected,
              "candidates": report.candidates}  # fmt: skip
    reasons = {f"rejected: {code}": count for code, count in report.reasons.items()}
    rows = [{"what": what, "count": count} for what, count in (counts | reasons).items()]
    out = Path(report.out).resolve()
    await acreate_table_artifact(rows, key="toolweave-yield", description=f"Yield of {out}")
    await acreate_link_artifact(out.as_uri(), link_text=str(out), key="toolweave-output")
    return report.model_dump()


@lru_cache(maxsize=8)
def _count_present(run: str, out: Path) -> int:
    """What was accepted when a flow run began: tried again, it goes on to the same number."""
    del run
    present = read_manifest(out)
    return present.accepted if present else 0


async def _build_alone(settings: Settings, stages: str) -> Report:
    """Build in a process that Prefect started, where nobody else tells how it ended."""
    watcher = Watcher() if settings.quiet else Lines()
    try:
        report = await _build(settings, stages, watcher)
    except Exception as error:
        known = isinstance(error, ToolweaveError)
        warn(str(error) if known else "".join(traceback.format_exception(error)))
        raise
    for line in of_build(report):
        watcher.say(line)
    if report.state == "short":
        warn(of_shortfall(report))
    return report


async def _build(settings: Settings, stages: str, watcher: Watcher) -> Report:
    plain = settings.model_dump(mode="json", by_alias=True)

    async def by_task(batch: range) -> None:
        await finish_batch(plain, stages, batch.start, batch.stop)

    async with opened(stages, settings) as workshop:
        for line in of_reading(workshop.catalog):
            watcher.say(line)
        with open_output(settings, workshop) as output, ExitStack() as stack:
            if settings.task_runner:
                runner = stack.enter_context(make_runner(settings.task_runner))
                cluster = Cluster(runner, finish_batch, settings, stages, output.journal, watcher)
                stack.callback(cluster.close)
                players = Players(cluster.finish_batch, cluster.count_places)
                return await build(workshop, settings, output, watcher, players)
            places = asyncio.Semaphore(settings.concurrency)
            stop = Stop()
            token = _bench.set(here(workshop, output.journal, watcher, places, stop))
            try:
                return await build(workshop, settings, output, watcher, Players(by_task), stop)
            finally:
                _bench.reset(token)


async def run_flow(stages: str, settings: Settings, watcher: Watcher, add: bool = False) -> Report:
    """Run the flow here and now, watched. Raises what the build raises."""
    token = _watcher.set(watcher)
    try:
        plain = settings.model_dump(mode="json", by_alias=True)
        return Report.model_validate(await build_flow(plain, stages, add))
    finally:
        _watcher.reset(token)
