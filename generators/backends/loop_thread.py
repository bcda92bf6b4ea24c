"""An event loop in a thread of its own: where a plain call waits for something asynchronous.

Environments answer at once (`schemas.environment.Environment.call` is no coroutine), and are called
from within a running loop, which cannot be entered again. What they must await runs here instead.
"""

import asyncio
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

from generators.backends.patience import hold

T = TypeVar("T")


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
