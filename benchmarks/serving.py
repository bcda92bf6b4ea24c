"""Proven conversations over HTTP: ``python -m benchmarks.serving DIR [--minutes M] [--kill]``.

Starts a server for the folder, plays so many sessions at once, and prints steps a second, resets a
minute, processor time and memory by process, and episodes that did not earn 1. With ``--kill``, one
of its processes is killed after a third of the time and the whole server after two, which is
started again on its port: clients count what they are told, and begin anew.
"""

import argparse
import asyncio
import json
import os
import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from benchmarks.lines import describe
from benchmarks.program import serve
from benchmarks.reading_table import show
from pipeline.dataset import Dataset
from pipeline.serving.episode import list_proven_moves
from schemas.record import JsonObject

HOST = "127.0.0.1"
_TICKS = os.sysconf("SC_CLK_TCK")
_GROWTH = 1.1
"""So many times its memory after a minute may a process have at the end."""


class RefusedError(Exception):
    """The server said no."""


class Client:
    """One connection that stays open, with as little work of its own as can be."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        """Connect. Raises OSError."""
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port, limit=2**20)

    async def ask(self, path: str, body: JsonObject) -> JsonObject:
        """Post a body. Raises RefusedError for an answer that is no 200, OSError, EOFError."""
        sent = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/json\r\n"
        self._writer.write(f"{head}content-length: {len(sent)}\r\n\r\n".encode() + sent)
        told = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(told.partition("content-length:")[2].partition("\r\n")[0])
        answer = await self._reader.readexactly(length)
        if " 200 " not in told.partition("\r\n")[0]:
            raise RefusedError(json.loads(answer)["error"])
        found: JsonObject = json.loads(answer)
        return found

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


class Load:
    """Sessions that are played at once, and what comes of them."""

    def __init__(self, port: int, moves: dict[str, list[JsonObject]]) -> None:
        self.port, self.moves = port, moves
        self.counts, self.told = Counter[str](), Counter[str]()

    async def play(self, own: int, until: float) -> None:
        """One session after the other; where one is lost, another is begun."""
        seed = own
        while time.monotonic() < until:
            client = Client(self.port)
            try:
                await client.open()
                while time.monotonic() < until:
                    await self._play_one(client, seed)
                    seed += 1
            except (RefusedError, OSError, EOFError) as error:
                told = str(error) if isinstance(error, RefusedError) else type(error).__name__
                self.told[told] += 1
                await asyncio.sleep(0.2)
            finally:
                with suppress(AttributeError):  # never opened
                    client.close()

    async def _play_one(self, client: Client, seed: int) -> None:
        seen = await client.ask("/reset", {"seed": seed})
        self.counts["resets"] += 1
        for move in self.moves[seen["task"]]:
            seen = await client.ask("/step", {"session": seen["session"], "message": move})
            self.counts["steps"] += 1
            if seen["done"]:
                break
        self.counts["short"] += not seen["done"] or seen["reward"]["binary"] != 1


def list_processes(parent: int) -> list[int]:
    """A process and its children."""
    told = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="utf-8")
    return [parent, *map(int, told.split())]


def read_resident(process: int) -> float:
    """Megabytes of memory that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1])
    return pages * 4096 / 1e6


def read_spent(process: int) -> float:
    """Seconds of a processor that a process has spent."""
    told = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / _TICKS


def show_processes(
    parent: int, since: dict[int, float], first: dict[int, float], steps: int
) -> bool:
    """Print processor time and memory of each, and time a step; whether memory has grown."""
    grown, whole = False, 0.0
    for one in [os.getpid(), *list_processes(parent)]:
        name = "client" if one == os.getpid() else "server" if one == parent else "  its process"
        now = read_resident(one)
        begun = f", after a tenth of the time {first[one]:.0f} MB" if one in first else ""
        spent = read_spent(one) - since.get(one, 0)
        whole += spent
        show(f"{name}: {spent:.1f} s of a processor, {now:.0f} MB{begun}")
        grown |= one in first and name != "client" and now > _GROWTH * first[one]
    show(f"{1000 * whole / max(1, steps):.3f} ms of a processor a step, the client's with them")
    return grown


async def load(folder: Path, asked: argparse.Namespace) -> int:
    """Play, and print what came of it; 1 where an episode did not earn 1, or memory has grown."""
    moves = {one.id: list_proven_moves(one) for one in Dataset.open(folder)}
    seconds = asked.minutes * 60
    options = ("--sessions", asked.sessions, "--workers", asked.workers)
    with serve(folder, *options) as (address, process):
        port = int(address.rpartition(":")[2])
        playing, begun = Load(port, moves), time.monotonic()
        players = asyncio.gather(*(
            playing.play(one, begun + seconds) for one in range(asked.sessions)
        ))  # fmt: skip
        if asked.kill:
            await asyncio.sleep(seconds / 3)
            os.kill(list_processes(process)[-1], signal.SIGKILL)
            await asyncio.sleep(seconds / 3)
            os.kill(process, signal.SIGKILL)
            show(f"killed twice: {dict(playing.told)}; {playing.counts['resets']} resets so far")
            with serve(folder, *options, port=port):
                before = playing.counts["resets"]
                await players
                show(f"{playing.counts['resets'] - before} resets after the second kill")
                return report(playing, asked.sessions, time.monotonic() - begun)
        await asyncio.sleep(seconds / 10)
        # By then the rows of each task's world are made, which is done once.
        first = {one: read_resident(one) for one in list_processes(process)}
        since = {one: read_spent(one) for one in [os.getpid(), *first]}
        playing.counts.clear()
        begun = time.monotonic()
        await players
        wrong = report(playing, asked.sessions, time.monotonic() - begun)
        grown = show_processes(process, since, first, playing.counts["steps"])
        return max(wrong, int(grown or bool(playing.told)))


def report(playing: Load, sessions: int, spent: float) -> int:
    """Print what was played; 1 where an episode did not earn 1."""
    counts = playing.counts
    show(f"{sessions} sessions at once, {len(playing.moves)} tasks, {spent:.0f} s")
    steps, resets = counts["steps"] / spent, counts["resets"] * 60 / spent
    show(f"{steps:.0f} steps a second, {resets:.0f} resets a minute")
    show(f"{counts['short']} of {counts['resets']} episodes earned less than 1")
    show(f"{playing.told.total()} errors: {dict(playing.told.most_common(8))}")
    return int(counts["short"] > 0)


def main() -> int:
    """Start the server, play, end it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("--kill", action="store_true", help="kill a process, then the server")
    asked = parser.parse_args()
    show(describe())
    return asyncio.run(load(asked.folder, asked))


if __name__ == "__main__":
    sys.exit(main())
