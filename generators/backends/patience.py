"""What waits for somebody else does so in a thread of its own, and is ended from another one.

Environments answer at once (`schemas.environment.Environment.call` is no coroutine): whoever calls
one whose tools a model or a server plays would stand still, and with it all that runs in the same
loop. So such work is done aside, what it must await runs in the loop of a `LoopThread`, and as a
signal is heard by another thread, `Patience` is what is ended from there.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import partial
from typing import Any, Protocol, TypeVar, runtime_checkable

from generators.backends.backend import Backend

T = TypeVar("T")


class Patience:
    """Of one thread: with what ends all that it waits for now."""

    def __init__(self) -> None:
        self._ends: list[Callable[[], object]] = []
        self._lost = False
        self._lock = threading.Lock()

    @property
    def waits(self) -> bool:
        """Whether something is waited for now."""
        return bool(self._ends)

    def lose(self) -> None:
        """End what is waited for, or what will be next; what cleans up behind it may wait again."""
        with self._lock:
            self._lost = not self._ends
            for end in self._ends:
                end()

    @contextmanager
    def held(self, end: Callable[[], object]) -> Iterator[None]:
        """Wait for something that ``end``, which is called in another thread, ends."""
        with self._lock:
            self._ends.append(end)
            if self._lost:
                self._lost = False
                end()
        try:
            yield
        finally:
            with self._lock:
                self._ends.remove(end)


PATIENCE: ContextVar[Patience] = ContextVar("patience")
"""That of the thread that asks; where nobody can lose it, nobody ever does."""


def hold(end: Callable[[], object]) -> AbstractContextManager[None]:
    """Wait in this thread for something that ``end`` ends."""
    return PATIENCE.get(Patience()).held(end)


def wait_for(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end in a loop of its own. Raises CancelledError where it is ended before."""

    async def held() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        with hold(lambda: loop.call_soon_threadsafe(task.cancel)):
            return await work

    return asyncio.run(held())


class LoopThread:
    """Runs coroutines to their end, one caller waiting for each; the thread starts when needed."""

    def __init__(self, name: str) -> None:
        """``name`` is the thread's, for whoever looks at a stuck process."""
        self._name = name
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for the result; what is raised there is raised here. Not to be called from there."""
        with self._lock:
            if self._loop is None:
                runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
                self._loop = runner.get_loop()
                self._thread = threading.Thread(
                    target=_serve, args=(runner,), name=self._name, daemon=True
                )
                self._thread.start()
            # Within the lock: what the thread hears of after its end is never begun, nor cancelled.
            begun = asyncio.run_coroutine_threadsafe(work, self._loop)
        with hold(begun.cancel):
            return begun.result()

    def close(self) -> None:
        """End the thread, once; work that is open is cancelled."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()


def _serve(runner: asyncio.Runner) -> None:
    with runner:  # which ends what is open
        runner.get_loop().run_forever()


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
