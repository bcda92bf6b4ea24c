"""Proven conversations over HTTP: ``python -m benchmarks.serving DIR``.

Starts a server for the folder, plays ``--sessions`` at once for ``--seconds``, and prints steps and
resets a second, episodes that did not earn 1, and the server's memory at the beginning and the end.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from benchmarks.machine import describe
from benchmarks.reading_table import show
from pipeline.dataset import Dataset
from pipeline.serving.episode import list_proven_moves
from schemas.record import JsonObject

HOST = "127.0.0.1"
_PROGRAM = "from pipeline.entry import main; main()"


class Client:
    """One connection that stays open, with as little work of its own as can be."""

    def __init__(self, port: int) -> None:
        self._port = port

    async def open(self) -> None:
        """Connect. Raises OSError."""
        self._reader, self._writer = await asyncio.open_connection(HOST, self._port)

    async def ask(self, path: str, body: JsonObject) -> JsonObject:
        """Post a body. Raises RuntimeError for an answer that is no 200."""
        sent = json.dumps(body).encode()
        head = f"POST {path} HTTP/1.1\r\nhost: {HOST}\r\ncontent-type: application/json\r\n"
        self._writer.write(f"{head}content-length: {len(sent)}\r\n\r\n".encode() + sent)
        told = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(told.partition("content-length:")[2].partition("\r\n")[0])
        answer = await self._reader.readexactly(length)
        if " 200 " not in told.partition("\r\n")[0]:
            raise RuntimeError(answer.decode())
        found: JsonObject = json.loads(answer)
        return found

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


async def play(
    port: int, own: int, moves: dict[str, list[JsonObject]], until: float, counts: Counter[str]
) -> None:
    """One session after the other."""
    client, seed = Client(port), own
    await client.open()
    while time.monotonic() < until:
        seen = await client.ask("/reset", {"seed": seed})
        counts["resets"] += 1
        for move in moves[seen["task"]]:
            seen = await client.ask("/step", {"session": seen["session"], "message": move})
            counts["steps"] += 1
            if seen["done"]:
                break
        counts["short"] += not seen["done"] or seen["reward"]["binary"] != 1
        seed += 1
    client.close()


def read_resident(process: int) -> float:
    """Megabytes of memory that a process holds."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="utf-8").split()[1])
    return pages * 4096 / 1e6


async def load(port: int, process: int, folder: Path, seconds: float, sessions: int) -> int:
    """Play, and print what came of it; 1 where an episode did not earn 1."""
    moves = {one.id: list_proven_moves(one) for one in Dataset.open(folder)}
    counts = Counter[str]()
    await play(port, 0, moves, time.monotonic() + 1, Counter())  # what is made once, is made
    before, begun = read_resident(process), time.monotonic()
    until = begun + seconds
    await asyncio.gather(*(play(port, one, moves, until, counts) for one in range(sessions)))
    spent = time.monotonic() - begun
    show(f"{sessions} sessions at once, {len(moves)} tasks, {spent:.0f} s")
    show(f"{counts['steps'] / spent:.0f} steps and {counts['resets'] / spent:.1f} resets a second")
    show(f"{counts['short']} of {counts['resets']} episodes earned less than 1")
    show(f"memory {before:.0f} MB, then {read_resident(process):.0f} MB")
    return int(counts["short"] > 0)


def main() -> int:
    """Start the server, play, end it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--sessions", type=int, default=1000)
    asked = parser.parse_args()
    show(describe())
    command = [sys.executable, "-c", _PROGRAM, "serve", str(asked.folder), "--port", "0"]
    command += ["--sessions", str(asked.sessions + 1)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline().rpartition(":")[2])
        try:
            played = load(port, process.pid, asked.folder, asked.seconds, asked.sessions)
            return asyncio.run(played)
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
