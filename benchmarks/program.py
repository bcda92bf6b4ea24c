"""Runs the program as a user does: as a process of its own, with an empty home.

Seconds are wall-clock from start to exit. Processor time and peak memory (``ru_maxrss``) are those
of the child by `os.wait4`. The kernel counts the memory of the parent at the time of the fork as
well, so parents stay small.
"""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.lines import CannotRun
from pipeline.run.definitions_file import DefinitionsFile
from pipeline.run.journal import read_line

ROOT = Path(__file__).resolve().parents[1]
BIN = ROOT / ".venv" / "bin"
SHARED = ROOT.parent / "shared" / "real"
ACCEPTED, REJECTED = "trajectories.jsonl", "rejected.jsonl"
MOST_SECONDS = 3600.0


class Ran(NamedTuple):
    """A process that has ended."""

    code: int
    out: str
    err: str
    seconds: float
    processor: float
    """Seconds of processor time, which do not depend on who else is at work."""
    peak: int
    """Bytes of resident memory at most."""

    @property
    def told(self) -> str:
        """How it ended, in short: the last line, and the first of several."""
        lines = self.err.strip().splitlines() or ["nothing on stderr"]
        several = f" (first of {len(lines)} lines: {lines[0]})" if len(lines) > 1 else ""
        return f"exit {self.code}: {lines[-1]}{several}"


class Started:
    """A running process whose output goes to files, so that it never waits for a reader."""

    def __init__(self, home: Path, command: list[str], variables: dict[str, str]) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self._out, self._err = home / ".stdout", home / ".stderr"
        self._begun = time.perf_counter()
        with self._out.open("wb") as out, self._err.open("wb") as err:
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, cwd=home,
                env=environment(home) | variables, start_new_session=True,
            )  # fmt: skip

    def send(self, number: int) -> None:
        """Send a signal to the whole group, as a terminal does."""
        os.killpg(self.process.pid, number)

    @property
    def runs(self) -> bool:
        """Whether it has not ended; whoever looks leaves its end to `end`."""
        looks = os.WEXITED | os.WNOHANG | os.WNOWAIT
        with suppress(ChildProcessError):  # it has been waited for
            return os.waitid(os.P_PID, self.process.pid, looks) is None
        return False

    def end(self, most_seconds: float = MOST_SECONDS) -> Ran:
        """Wait for the end; after ``most_seconds``, or if we are interrupted, it is killed."""
        timer = threading.Timer(most_seconds, self.process.kill)
        timer.start()
        try:
            _, status, usage = os.wait4(self.process.pid, 0)
        except KeyboardInterrupt:
            self.process.kill()
            raise
        seconds = time.perf_counter() - self._begun
        timer.cancel()
        self.process.returncode = code = os.waitstatus_to_exitcode(status)
        unit = 1 if sys.platform == "darwin" else 1024
        out, err = (path.read_text(errors="replace") for path in (self._out, self._err))
        return Ran(code, out, err, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * unit)


def environment(home: Path) -> dict[str, str]:
    """The variables of a user who has set nothing for this program."""
    foreign = ("PREFECT", "OPENAI", "PYTHON")
    kept = {name: text for name, text in os.environ.items() if not name.startswith(foreign)}
    return kept | {"HOME": str(home), "TERM": "dumb"}


def start(home: Path, *arguments: object, **variables: str) -> Started:
    """Start ``toolweave`` with these arguments and, beyond the usual ones, variables."""
    return Started(home, [str(BIN / "toolweave"), *map(str, arguments)], variables)


def toolweave(home: Path, *arguments: object, **variables: str) -> Ran:
    """Run ``toolweave`` to its end."""
    return start(home, *arguments, **variables).end()


def build(home: Path, out: Path, n: int, *arguments: object, **variables: str) -> Ran:
    """Run ``toolweave build --quiet``."""
    return toolweave(home, "build", "--quiet", "--out", out, "-n", n, *arguments, **variables)


def python(home: Path, *arguments: object) -> Ran:
    """Run the environment's Python to its end."""
    return Started(home, [str(BIN / "python"), *map(str, arguments)], {}).end()


@contextmanager
def serving(*arguments: object) -> Iterator[tuple[str, int]]:
    """Run a program of ours that prints its address and serves: the address, and its process."""
    with subprocess.Popen(
        [sys.executable, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, cwd=ROOT, env=os.environ | {"PYTHONUNBUFFERED": "1"},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        try:
            if not address:
                raise CannotRun(f"it did not start: {' '.join(map(str, arguments))}")
            yield address, process.pid
        finally:
            process.terminate()
            process.communicate(timeout=60)


def serve(folder: Path, *options: object, port: int = 0) -> AbstractContextManager[tuple[str, int]]:
    """Run ``toolweave serve`` for a folder."""
    program = "from pipeline.entry import main; main()"
    return serving("-c", program, "serve", folder, "--port", port, "--quiet", *options)


def records(file: Path) -> Iterator[dict[str, Any]]:
    """The records of a file, whole, one at a time; none where there is no file."""
    definitions = DefinitionsFile(file.parent)
    if file.exists():
        with file.open("rb") as lines:
            for line in lines:
                record = json.loads(line)
                if "task" in record:
                    record = read_line(line, definitions).model_dump(mode="json")
                yield record


def finished(folder: Path) -> set[int]:
    """The numbers of an output folder's finished candidates: decided, or in the journal."""
    found = set()
    for file in (folder / "index.jsonl", *folder.glob("shards/*/candidates.jsonl")):
        with suppress(FileNotFoundError):  # a shard that has just been decided
            for line in file.read_bytes().splitlines(keepends=True):
                if line.endswith(b"\n"):  # a torn one is not finished
                    told = json.loads(line)
                    found.add(told["index"] if isinstance(told, dict) else told[0])
    return found


def rows(file: Path) -> int:
    """How many lines a file has; 0 where there is none."""
    if not file.exists():
        return 0
    with file.open("rb") as lines:
        return sum(1 for _ in lines)
