"""One run of a build from settings to report, in this process and without Prefect.

Interruption is decided here: the first Ctrl-C or SIGTERM ends a build after it has saved what is
finished.
"""

import asyncio
import importlib
import signal
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from pipeline.build import FinishBatch, Report, build
from pipeline.config import Settings
from pipeline.output import Output, open_output
from pipeline.progress import Watcher
from pipeline.workshop import Opener, Workshop

Result = TypeVar("Result")


def opener_of(reference: str) -> Opener:
    """Import what ``package.module:function`` names: plain text travels to any process."""
    module, _, name = reference.partition(":")
    opener: Opener = getattr(importlib.import_module(module), name)
    return opener


@asynccontextmanager
async def opened(reference: str, settings: Settings) -> AsyncIterator[Workshop]:
    """Open a workshop and close it in the end."""
    workshop = opener_of(reference)(settings)
    try:
        yield workshop
    finally:
        await workshop.close()


async def run(
    reference: str, settings: Settings, watcher: Watcher, finish_batch: FinishBatch | None = None
) -> Report:
    """Open the workshop and the output folder, and build. Raises ToolweaveError."""
    async with opened(reference, settings) as workshop:
        with open_output(settings, workshop) as output:
            return await build(workshop, settings, output, watcher, finish_batch)


def until_interrupted(work: Coroutine[Any, Any, Result]) -> Result:
    """Run to the end; Ctrl-C and SIGTERM cancel the work and come out as KeyboardInterrupt."""

    async def watched() -> Result:
        task = asyncio.current_task()
        assert task is not None
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)
        return await work

    try:
        return asyncio.run(watched())
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None
