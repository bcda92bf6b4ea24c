"""Work that waits for somebody else is done in a thread of its own, one piece after another.

Environments answer at once, so that whoever calls one whose tools a model or a server plays would
stand still, and with it all that runs in the same loop: other dialogues, progress, signals.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from functools import partial
from typing import Protocol, TypeVar, runtime_checkable

from generators.backends.backend import Backend

T = TypeVar("T")


@runtime_checkable
class Waiting(Protocol):
    """A backend whose calls wait for somebody else."""

    @property
    def aside(self) -> Executor:
        """One thread, in which its tasks are drawn and its calls are made."""
        ...


async def do_aside(
    backend: Backend, work: Callable[..., T], *arguments: object, **more: object
) -> T:
    """What ``work`` gives: at once, where the backend waits for nobody."""
    if not isinstance(backend, Waiting):
        return work(*arguments, **more)
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(backend.aside, partial(work, *arguments, **more))
