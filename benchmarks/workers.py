"""What two workers save: the same bytes, processor time, memory, and nothing lost by kills.

``python benchmarks/workers.py [-n 300] [--small 500] [--large 2000] [--kills 12]`` builds from the
own catalogues with one process and with two. On a busy machine wall time tells little, so what each
process worked is read from ``/proc``. The *critical path* is the start, and then the work of the
longest worker, or half of all work where that is more: two cores cannot do it faster.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.lines import CannotRun, Line, print_table
from benchmarks.program import ACCEPTED, REJECTED, Started, start

GAIN, MOST_GROWTH = 1.8, 1.2
MOST_SECONDS_BEFORE_KILL = 0.3
SEED = ("--seed", 7)
SECONDS_BETWEEN_MEMORY = 5.0
"""The kernel works long to count it."""


class Work(NamedTuple):
    """What the processes of one build did."""

    seconds: list[float]
    """Of processor time, of the build's own process and of each worker."""
    peaks: list[int]
    """Bytes of memory that each alone holds at most, what it shares with others not counted."""
    wall: float


def watch(begun: Started) -> Work:
    """Look at a build and its workers until it ends. Raises CannotRun where it fails."""
    seconds: dict[int, float] = {}
    peaks: dict[int, int] = {}
    own, measured = begun.process.pid, 0.0
    while os.waitid(os.P_PID, own, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        weighs = time.monotonic() - measured > SECONDS_BETWEEN_MEMORY
        measured = time.monotonic() if weighs else measured
        for process in (own, *workers_of(own)):
            try:
                stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
                rollup = Path(f"/proc/{process}/smaps_rollup").read_text() if weighs else ""
            except OSError:  # it has ended
                continue
            seconds[process] = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
            lines = (line.split() for line in rollup.splitlines() if line.startswith("Private_"))
            held = 1024 * sum(int(words[1]) for words in lines)
            peaks[process] = max(peaks.get(process, 0), held)
        time.sleep(0.5)
    ran = begun.end()
    if ran.code != 0:
        raise CannotRun(f"a build ended with {ran.told}")
    return Work([*seconds.values()], [*peaks.values()], ran.seconds)


def workers_of(process: int) -> list[int]:
    """The processes that a build has forked and that live."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            state, parent = path.read_text().rpartition(")")[2].split()[:2]
            if int(parent) == process and state != "Z":
                found.append(int(path.parent.name))
    return found


def begin(folder: Path, out: Path, n: int, workers: int) -> Started:
    """Start a build."""
    arguments = ("build", "--quiet", "--out", out, "-n", n, "--workers", workers, *SEED)
    return start(folder, *arguments)


def gain(folder: Path, n: int) -> Iterator[Line]:
    """Bytes and processor time of two workers beside one process."""
    opening = watch(begin(folder, folder / "one", 1, 1)).seconds[0]
    one = watch(begin(folder, folder / "alone", n, 1))
    two = watch(begin(folder, folder / "two", n, 2))
    same = data_of(folder / "alone") == data_of(folder / "two")
    yield Line(f"two workers, {n}", "the same bytes", "same" if same else "OTHER BYTES", same)
    parent, *workers = two.seconds
    path = opening + max(*workers, (sum(two.seconds) - opening) / 2)
    after = (one.seconds[0] - opening) / (path - opening)
    told = (
        f"{after:.2f} after the start, {one.seconds[0] / path:.2f} with it (processor seconds: one "
        f"process {one.seconds[0]:.1f}; two workers "
        f"{' and '.join(f'{worked:.1f}' for worked in workers)}, the build {parent:.1f}; start "
        f"{opening:.1f}; wall {one.wall:.1f} and {two.wall:.1f})"
    )
    yield Line(f"conversations of two workers to one, {n}", f">= {GAIN}", told, after >= GAIN)


def memory(folder: Path, small: int, large: int) -> Iterator[Line]:
    """What the build's process and its workers hold for themselves, at two sizes."""
    few, many = (watch(begin(folder, folder / str(n), n, 2)).peaks for n in (small, large))
    for name, before, after in (
        ("build", few[0], many[0]),
        ("largest worker", max(few[1:]), max(many[1:])),
    ):
        told = f"{after / before:.2f} ({after / 2**20:.0f} MiB, {before / 2**20:.0f} MiB)"
        grown = after / before <= MOST_GROWTH
        yield Line(f"memory of the {name}, {large} to {small}", f"<= {MOST_GROWTH}", told, grown)


def kills(folder: Path, n: int, count: int) -> Iterator[Line]:
    """Kill the build and its workers in turns, at random moments, going on; then compare."""
    watch(begin(folder, folder / "calm", n, 1))
    out, killed, moments = folder / "killed", 0, Random(count)
    while killed < count:
        before = finished(out)
        begun = begin(folder, out, n, 2)
        own = begun.process.pid
        wait_until(lambda: finished(out) > before or not lives(own))  # noqa: B023
        for one in [*workers_of(own)[: killed % 2 + 1], own]:
            time.sleep(moments.uniform(0, MOST_SECONDS_BEFORE_KILL))
            if lives(one):
                os.kill(one, signal.SIGKILL)
                killed += 1
            so_far = finished(out)
            wait_until(lambda: finished(out) > so_far + 3 or not lives(own))  # noqa: B023
        if begun.end().code == 0:
            break
    code = begin(folder, out, n, 2).end().code
    same = code == 0 and data_of(out) == data_of(folder / "calm")
    told = f"{killed} kills, {'same bytes' if same else 'OTHER BYTES'}"
    yield Line("kill -9 of the build and of workers", f"{count}, same bytes", told,
               same and killed >= count)  # fmt: skip


def lives(process: int) -> bool:
    """Whether a process has not ended."""
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


def finished(out: Path) -> int:
    """Whole lines of the journal."""
    return sum(path.read_bytes().count(b"\n") for path in out.glob("shards/*/*.jsonl"))


def wait_until(true: Callable[[], bool]) -> None:
    """Wait two minutes at most."""
    deadline = time.monotonic() + 120
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)


def data_of(out: Path) -> list[bytes]:
    """The data files."""
    return [(out / name).read_bytes() for name in (ACCEPTED, REJECTED)]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What two workers save.")
    for name, usual in (("-n", 300), ("--small", 500), ("--large", 2000), ("--kills", 12)):
        parser.add_argument(name, type=int, default=usual, help="0 leaves it out")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toolweave-") as home:
        folder = Path(home)
        return print_table(
            gain(folder, given.n) if given.n else (),
            kills(folder, 300, given.kills) if given.kills else (),
            memory(folder, given.small, given.large) if given.small and given.large else (),
        )


if __name__ == "__main__":
    sys.exit(main())
