"""One run of a build from settings to report, in this process and without Prefect.

Interruption is decided here: the first Ctrl-C or SIGTERM ends a build after it has saved what is
finished.
"""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from pipeline.cli.answers import of_reading
from pipeline.cli.progress import Watcher
from pipeline.config import Settings
from pipeline.run.build_loop import FinishBatch, Report, build
from pipeline.run.output_folder import open_output
from pipeline.run.workshop import Workshop, stages_of

Result = TypeVar("Result")


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
