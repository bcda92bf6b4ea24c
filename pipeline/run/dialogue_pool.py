"""Dialogues of models, played by forked processes; what they ask is asked here.

So connections, pace, budget and the journal of requests are those of one process, and that one is
not kept from writing down what arrives by the making of a task or the checks of a dialogue. A
worker that is killed costs no reply: its candidates are played again from the journal.
"""

import asyncio
import os
import pickle
import socket
from collections.abc import Mapping
from itertools import count
from multiprocessing.connection import Connection
from typing import Any, NamedTuple

from pipeline.cli.progress import Watcher
from pipeline.run.forking import Worker, WorkersLostError, fork_for, sendable
from pipeline.run.journal import Finished, Journal
from pipeline.run.stopping import Stop
from pipeline.run.worker_pool import MOST_DEATHS, play
from pipeline.run.workshop import Casting, Workshop
from schemas.awaiting import await_all
from schemas.chat import ChatModel, ChatReply, ChatRequest
from schemas.errors import BudgetError

_RUN = 50
"""Candidates that follow each other and go to one worker: those of a domain share worlds."""
_LENGTH = 8
"""Bytes before a message that tell how long it is."""


class Asked(NamedTuple):
    """What a worker's dialogue asks."""

    number: int
    task: int
    seat: str
    """Of whom: of judges there may be several."""
    request: ChatRequest


class Answered(NamedTuple):
    """What it is told."""

    number: int
    answer: ChatReply | Exception


class Failed(NamedTuple):
    """A candidate that could not be finished."""

    candidate: int
    error: Exception


class Line:
    """Messages to and from another process: nobody who sends one waits until it is read."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def through(cls, pipe: Connection) -> "Line":
        """Open one end of a pipe in this event loop."""
        end = socket.socket(fileno=os.dup(pipe.fileno()))
        return cls(*await asyncio.open_connection(sock=end))

    def send(self, message: object) -> None:
        """Have a message sent; what has ended hears nothing."""
        body = pickle.dumps(message)
        self._writer.write(len(body).to_bytes(_LENGTH, "big") + body)

    async def hear(self) -> Any:
        """The next message. Raises EOFError where there will be none."""
        try:
            length = int.from_bytes(await self._reader.readexactly(_LENGTH), "big")
            return pickle.loads(await self._reader.readexactly(length))
        except OSError:
            raise EOFError from None

    def close(self) -> None:
        """Close this end."""
        self._writer.close()


class Player:
    """A worker, seen from here."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.line: asyncio.Future[Line] = asyncio.get_running_loop().create_future()
        self.open: dict[int, asyncio.Future[None]] = {}
        """Candidate → done when it is finished."""
        self.ended = "while it began"
        self.lost: WorkersLostError | None = None
        """Why nobody is in its place though it has ended."""


class DialoguePool:
    """So many processes, with ``concurrency`` dialogues open in all."""

    def __init__(
        self,
        processes: int,
        workshop: Workshop,
        journal: Journal,
        watcher: Watcher,
        concurrency: int,
        stop: Stop,
    ) -> None:
        """Where it is to ``stop``, no dialogue is begun any more."""
        assert workshop.models is not None, "whoever opens this sees to it"
        self.models: Casting = workshop.models
        self.workshop, self.journal, self.watcher = workshop, journal, watcher
        self.stop = stop
        stop.drains = True
        processes = max(1, min(processes, concurrency))
        self._places = asyncio.Semaphore(concurrency)
        self._share = -(-concurrency // processes)
        self._casts: dict[int, Mapping[str, ChatModel]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._players: list[Player] = []
        try:
            for _ in range(processes):
                self._players.append(self._start())
        except BaseException:
            self.close()
            raise

    async def finish_batch(self, batch: range) -> None:
        """Have what is missing of a batch played. Raises what a worker raised."""
        await await_all(map(self._finish, self.journal.missing(batch)))

    async def _finish(self, index: int) -> None:
        async with self._places:
            try:
                for _ in range(MOST_DEATHS):
                    if self.stop.asked:
                        return
                    self._casts[index] = self.models.cast(index)
                    player = self._players[index // _RUN % len(self._players)]
                    if len(player.open) >= self._share:
                        player = min(self._players, key=lambda one: len(one.open))
                    try:
                        await self._play(player, index)
                        return
                    except EOFError:
                        if not self.journal.missing(range(index, index + 1)):
                            return
                raise WorkersLostError(
                    f"{MOST_DEATHS} worker processes in a row ended {player.ended} over candidate "
                    f"{index} and others; what is finished is kept"
                )
            except BudgetError as spent:
                self.stop.ask(str(spent))
            finally:
                self._casts.pop(index, None)
                self.models.release(index)

    async def _play(self, player: Player, index: int) -> None:
        """Have a worker play a candidate. Raises EOFError where it ended."""
        if player.lost is not None:
            raise player.lost
        player.open[index] = ended = asyncio.get_running_loop().create_future()
        try:
            (await asyncio.shield(player.line)).send(index)
            await ended
        finally:
            player.open.pop(index, None)

    def close(self) -> None:
        """End the workers: what they have finished is in the journal, as is what they asked."""
        for task in self._tasks:
            task.cancel()
        for player in self._players:
            if player.lost is None:
                player.worker.end()

    def _start(self) -> Player:
        def work(pipe: Connection) -> None:  # until nobody is there any more
            try:
                asyncio.run(self._play_what_is_sent(pipe))
            except* EOFError:
                pass

        player = Player(fork_for(work, [one.worker for one in self._players]))
        self._keep(asyncio.create_task(self._attend(player)))
        return player

    def _keep(self, task: "asyncio.Task[None]") -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _attend(self, player: Player) -> None:
        """Hear of a worker until it ends, and have another one in its place then."""
        try:
            line = await Line.through(player.worker.pipe)
        except OSError as error:
            told = f"no worker process can be heard: {error.strerror}; what is finished is kept"
            player.line.set_exception(WorkersLostError(told))
            return
        player.line.set_result(line)
        problem: Exception = EOFError()
        try:
            while True:
                heard = await line.hear()
                if isinstance(heard, Asked):
                    self._keep(asyncio.create_task(self._answer(line, heard)))
                    continue
                ended = player.open.get(heard.candidate)  # none where nobody waits any more
                if isinstance(heard, Finished):
                    self.journal.note(heard)
                    self.watcher.finished(heard.candidate, heard.accepted, heard.causes)
                    if ended is not None and not ended.done():
                        ended.set_result(None)
                elif ended is not None and not ended.done():
                    ended.set_exception(heard.error)
        except EOFError:
            pass
        except Exception as error:
            problem = error
        finally:
            line.close()
        place = self._players.index(player)
        player.ended = player.worker.end()
        try:
            self._players[place] = self._start()
        except WorkersLostError as error:  # those who wait are to hear of it
            problem = player.lost = error
        for ended in player.open.values():
            if not ended.done():
                ended.set_exception(problem)

    async def _answer(self, line: Line, asked: Asked) -> None:
        """Ask what a worker's dialogue asks, and tell it.

        Of a candidate that nobody wants any more it hears nothing: it is not to fail for that.
        """
        try:
            if (cast := self._casts.get(asked.task)) is None:
                return
            line.send(Answered(asked.number, await cast[asked.seat].complete(asked.request)))
        except Exception as error:  # also what cannot be sent: its dialogue is not to wait for ever
            line.send(Answered(asked.number, sendable(error)))

    async def _play_what_is_sent(self, pipe: Connection) -> None:
        line, numbers = await Line.through(pipe), count()
        waiting: dict[int, asyncio.Future[ChatReply]] = {}
        place, sent = asyncio.Semaphore(self._share), asyncio.Queue[int]()

        async def ask(task: int, seat: str, request: ChatRequest) -> ChatReply:
            number = next(numbers)
            waiting[number] = asyncio.get_running_loop().create_future()
            try:
                line.send(Asked(number, task, seat, request))
                return await waiting[number]
            finally:
                del waiting[number]

        async def finish(index: int) -> None:
            try:
                await play([index], self.workshop, self.journal, line.send, place)
            except Exception as error:
                line.send(Failed(index, sendable(error)))

        async def begin() -> None:
            """One after the other, since a task is drawn at once: answers are heard in between."""
            while True:
                group.create_task(finish(await sent.get()))
                await asyncio.sleep(0)

        self.models.ask_elsewhere(ask)
        async with asyncio.TaskGroup() as group:  # one that dies ends the worker: that is heard
            group.create_task(begin())
            while True:
                heard = await line.hear()
                if isinstance(heard, int):
                    sent.put_nowait(heard)
                elif (answered := waiting.get(heard.number)) is not None and not answered.done():
                    if isinstance(heard.answer, Exception):
                        answered.set_exception(heard.answer)
                    else:
                        answered.set_result(heard.answer)
