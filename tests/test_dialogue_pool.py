"""Dialogues in forked processes: whatever goes wrong there, nobody waits for ever."""

import asyncio
import os
import resource
import threading
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from pipeline.chat.loopback import Loopback
from pipeline.cli.progress import Watcher
from pipeline.run.dialogue_pool import DialoguePool, Player
from pipeline.run.forking import WorkersLostError, fork_for
from pipeline.run.journal import Journal
from pipeline.run.stopping import Stop
from schemas.awaiting import await_all
from schemas.chat import ChatModel, ChatReply, ChatRequest
from schemas.errors import ProviderError, ToolweaveError
from schemas.record import JsonObject
from schemas.trajectory import Trajectory
from tests.commands import children
from tests.workshop import Hand

MOST_SECONDS = 60.0
Ask = Callable[[int, str, ChatRequest], Awaitable[ChatReply]]


@dataclass
class Model:
    """Answers as it is told to."""

    name: str
    answer: Callable[[ChatRequest], ChatReply]

    async def complete(self, request: ChatRequest) -> ChatReply:
        return self.answer(request)


@dataclass
class Cast:
    """One model that plays everything."""

    answer: Callable[[ChatRequest], ChatReply]
    ask: list[Ask] = field(default_factory=list)

    def cast(self, index: int) -> Mapping[str, ChatModel]:
        return {"user": Model("tiny", self.answer)}

    def release(self, index: int) -> None:
        return None

    def ask_elsewhere(self, ask: Ask) -> None:
        self.ask.append(ask)


@dataclass(frozen=True)
class Asking(Hand):
    """A workshop whose every candidate asks once."""

    own: Cast = field(default_factory=lambda: Cast(lambda _: ChatReply(text="yes")))

    @property
    def models(self) -> Cast:  # type: ignore[override]
        return self.own

    async def candidate(self, index: int) -> Trajectory:
        await self.own.ask[-1](index, "user", ChatRequest(role="user", messages=(), seed=index))
        return await super().candidate(index)


def played(
    folder: Path, answer: Callable[[ChatRequest], ChatReply],
    kind: type[DialoguePool] = DialoguePool, workers: list[int] | None = None,
    watcher: type[Watcher] = Watcher,
) -> None:  # fmt: skip
    """Have ten candidates played by two processes, whose numbers are noted among ``workers``."""

    async def run() -> None:
        workshop, journal = Asking(5, {}, Cast(answer)), Journal(folder / "shards", 50)
        others = {*children(os.getpid())}
        pool = kind(2, workshop, journal, watcher(), 4, Stop())
        if workers is not None:
            workers.extend({*children(os.getpid())} - others)
        try:
            async with asyncio.timeout(MOST_SECONDS):
                await pool.finish_batch(range(10))
        finally:
            pool.close()
        assert len(journal.find(range(10))) == 10

    asyncio.run(run())


class Poor(DialoguePool):
    """There is memory for two processes, and for none in the place of one that has ended."""

    begun = 0

    def _start(self) -> Player:
        if self.begun == 2:
            raise WorkersLostError("no worker process can be started")
        self.begun += 1
        return super()._start()


def test_a_pool_plays_what_is_missing(tmp_path: Path) -> None:
    played(tmp_path, lambda _: ChatReply(text="yes"))


class SecretError(ToolweaveError):
    """An error that no process can send to another."""

    def __reduce__(self) -> str:
        raise TypeError("it is not told")


def test_an_answer_that_cannot_be_sent_ends_its_dialogue(tmp_path: Path) -> None:
    def answer(request: ChatRequest) -> ChatReply:
        raise SecretError("not told")

    # What is no failure of the endpoint is a bug, and costs the candidate alone.
    played(tmp_path, answer)


class TellingError(ProviderError):
    """It is pickled with what it was raised amid, as every error is once Dask is imported."""

    def __init__(self, problem: str, amid: BaseException | None = None) -> None:
        super().__init__(problem)
        self.__context__ = amid

    def __reduce__(self) -> tuple[type["TellingError"], tuple[str, BaseException | None]]:
        return type(self), (str(self), self.__context__)


def test_an_error_that_leads_back_to_itself_is_sent(tmp_path: Path) -> None:
    """With Dask imported, a worker could not tell of it, and was waited for for ever."""

    def answer(request: ChatRequest) -> ChatReply:
        raise TellingError("the endpoint refused the key")

    with pytest.raises(ProviderError, match="refused the key"):
        played(tmp_path, answer)


def test_the_first_of_several_failures_does_not_lead_back_to_itself() -> None:
    """Dask could send none of those that ended a batch: it was taken for lost, and played again."""

    async def fail() -> None:
        raise ProviderError("the endpoint refused the key")

    with pytest.raises(ProviderError) as caught:
        asyncio.run(await_all([fail(), fail()]))
    assert caught.value.__context__ is None


def test_what_an_endpoint_refuses_ends_the_run(tmp_path: Path) -> None:
    def answer(request: ChatRequest) -> ChatReply:
        raise ProviderError("the endpoint refused the key")

    with pytest.raises(ProviderError, match="refused the key"):
        played(tmp_path, answer)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_a_worker_that_cannot_be_replaced_ends_the_run_in_one_line(tmp_path: Path) -> None:
    """Those who waited for its dialogues waited for ever once."""
    asked: list[int] = []

    def answer(request: ChatRequest) -> ChatReply:
        asked.append(request.seed)
        if len(asked) == 3:
            for worker in workers:
                os.kill(worker, 9)
        return ChatReply(text="yes")

    workers: list[int] = []
    with pytest.raises(WorkersLostError, match="no worker process can be started"):
        played(tmp_path, answer, Poor, workers)


class Poorest(Poor):
    """There is memory for one."""

    begun = 1


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc to see processes")
def test_where_not_all_workers_can_begin_none_is_left(tmp_path: Path) -> None:
    """One that was left had the lock of the folder for as long as the whole process lived."""
    before = children(os.getpid())
    with pytest.raises(WorkersLostError, match="no worker process can be started"):
        played(tmp_path, lambda _: ChatReply(text="yes"), Poorest)
    assert children(os.getpid()) == before


def test_a_worker_that_cannot_begin_is_one_line() -> None:
    """It was taken for a bug."""
    before, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, most))
    try:
        with pytest.raises(WorkersLostError, match="can be started: Too many open files"):
            fork_for(lambda _: None)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (before, most))


def test_nothing_is_forked_while_a_thread_is_at_work() -> None:
    """A lock that such a thread holds would be held for ever in the new process."""
    at_work, begun = [False], threading.Event()

    def answer(request: JsonObject) -> JsonObject:
        at_work[0] = True
        begun.set()
        done.wait(0.3)  # whoever does not wait for it forks meanwhile
        at_work[0] = False
        return {}

    def look(pipe: Connection) -> None:
        pipe.send(at_work[0])

    done = threading.Event()
    with Loopback(answer) as endpoint:
        asking = threading.Thread(target=_post, args=(endpoint.base_url,))
        asking.start()
        assert begun.wait(MOST_SECONDS)
        worker = fork_for(look)
        assert worker.pipe.poll(MOST_SECONDS)
        seen = worker.pipe.recv()
        worker.end()
        asking.join(MOST_SECONDS)
    assert seen is False


def _post(url: str) -> None:
    body = urllib.request.Request(f"{url}/chat/completions", b"{}")
    with urllib.request.urlopen(body, timeout=MOST_SECONDS) as answer:
        answer.read()
