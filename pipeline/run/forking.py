"""Processes forked from this one: they share its memory, answer through a pipe, and end with it."""

import ctypes
import gc
import os
import pickle
import signal
import sys
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from copy import copy
from itertools import cycle
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, TypeVar

from schemas.errors import ToolweaveError

Job = TypeVar("Job")
Result = TypeVar("Result")
_DIE_WITH_PARENT = 1
"""PR_SET_PDEATHSIG of Linux."""
AT_WORK = threading.RLock()
"""Held by whoever computes in another thread, so that nothing is forked meanwhile: a lock that such
a thread holds, as one does that works out what a record keeps, is never given back in the copy."""


class WorkersLostError(ToolweaveError):
    """A worker process ended or cannot begin, as where there is too little memory for several."""


class Worker(NamedTuple):
    """A forked process, and the pipe to it."""

    process: int
    pipe: Connection

    def ask_to_end(self) -> None:
        """Have it hear that it is to end."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGTERM)

    def end(self) -> str:
        """End it if it has not ended; answers how it ended."""
        with suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        self.pipe.close()
        code = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        return f"with {signal.Signals(-code).name}" if code < 0 else f"with code {code}"


def fork(
    answer: Callable[[Any, Callable[[object], None]], object], others: Iterable[Worker] = ()
) -> Worker:
    """Fork a process that answers whatever is sent, until the pipe is closed.

    ``answer`` may send more than what it returns. An error that it raises is sent, too. ``others``
    were forked before: the new process has nothing to do with them.
    """

    def answer_all(pipe: Connection) -> None:
        while True:
            job = pipe.recv()
            try:
                result = answer(job, pipe.send)
            except Exception as error:
                result = sendable(error)
            pipe.send(result)

    return fork_for(answer_all, others)


def fork_for(work: Callable[[Connection], None], others: Iterable[Worker] = ()) -> Worker:
    """Fork a process that does ``work`` with its end of a pipe, and ends.

    ``others`` were forked before: the new process has nothing to do with them. Raises
    WorkersLostError.
    """
    parent = os.getpid()
    with _undisturbed():
        try:
            ours, theirs = Pipe()
            process = os.fork()
        except OSError as error:  # as where there is no memory
            raise WorkersLostError(
                f"no worker process can be started: {error.strerror}; what is finished is kept"
            ) from None
        if process == 0:
            _leave(parent, ours, *(one.pipe for one in others))
            try:  # does not return
                work(theirs)
                os._exit(0)
            except (EOFError, OSError):  # nobody is there any more
                os._exit(0)
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(1)
    theirs.close()
    return Worker(process, ours)


def sendable(error: Exception) -> Exception:
    """What is sent of an error: alone, since what it was raised amid may lead back to it.

    A library may have had all errors pickled with that. Of a bug, or where it cannot be sent, its
    traceback in words: it has none elsewhere.
    """
    told = "".join(traceback.format_exception(error))
    if isinstance(error, ToolweaveError):
        with suppress(Exception):
            alone = copy(error).with_traceback(None)
            alone.__cause__ = alone.__context__ = None
            sent: Exception = pickle.loads(pickle.dumps(alone))
            return sent
    return RuntimeError(f"in another process:\n{told}")


@contextmanager
def _undisturbed() -> Iterator[None]:
    """No signal comes, no thread is at work, and what exists stays in pages nobody writes to."""
    numbers = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    gc.freeze()
    try:
        with AT_WORK:
            yield
    finally:
        gc.unfreeze()
        signal.pthread_sigmask(signal.SIG_SETMASK, numbers)


def _leave(parent: int, *pipes: Connection) -> None:
    """Have nothing in common any more with the process that forked this one but its memory."""
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever is interrupted ends its workers
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
    for pipe in pipes:
        pipe.close()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def work_in_order(
    work: Callable[[Job], Result], jobs: Iterable[Job], processes: int
) -> Iterator[Result]:
    """Do jobs in so many forked processes, or here; results come in the order of the jobs.

    Raises what ``work`` raises, and WorkersLostError.
    """
    if processes < 2:
        yield from map(work, jobs)
        return
    workers: list[Worker] = []
    try:
        for _ in range(processes):
            workers.append(fork(lambda job, _: work(job), workers))
        asked: deque[Worker] = deque()
        for job, worker in zip(jobs, cycle(workers), strict=False):
            with suppress(OSError):  # it has ended: that is told when its answer is due
                worker.pipe.send(job)
            asked.append(worker)
            if len(asked) > 2 * processes:
                yield _hear(asked.popleft())
        while asked:
            yield _hear(asked.popleft())
    finally:
        for worker in workers:
            worker.end()


def _hear(worker: Worker) -> Any:
    try:
        heard = worker.pipe.recv()
    except (EOFError, OSError):
        raise WorkersLostError(
            "a worker process ended before its work was done (--workers 1 needs the least memory)"
        ) from None
    if isinstance(heard, Exception):
        raise heard
    return heard
