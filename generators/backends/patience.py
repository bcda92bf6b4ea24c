"""What a thread waits for is ended from another one: who is interrupted waits for no endpoint.

Plain calls wait, in a thread of their own, for coroutines that ask models and servers. A signal is
heard by another thread, which can neither raise anything there nor do without what is waited for.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

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
