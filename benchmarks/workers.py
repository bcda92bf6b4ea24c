"""What two workers save: the same bytes, processor time, and nothing lost by kills.

``python benchmarks/workers.py [-n 300] [--kills 12]`` builds from the own catalogues with one
process and with two. On a busy machine wall time tells little, so what each process worked is read
from ``/proc``. The *critical path* is the start, and then the work of the longest worker, or half
of all work where that is more: two cores cannot do it faster.
"""

import argparse
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from benchmarks.lines import CannotRun, Line, print_table
from benchmarks.program import ACCEPTED, REJECTED, Ran, Started, start
from benchmarks.resident import Watched

GAIN = 1.8
KILLED = 300
"""Conversations of the build that is killed."""
MOST_SECONDS_BEFORE_KILL = 0.3
SEED = ("--seed", 7)


def begin(folder: Path, out: Path, n: int, workers: int) -> Started:
    """Start a build."""
    arguments = ("build", "--quiet", "--out", out, "-n", n, "--workers", workers, *SEED)
    return start(folder, *arguments)


def gain(folder: Path, n: int) -> Iterator[Line]:
    """Bytes and processor time of two workers beside one process."""
    opening = end_well(begin(folder, folder / "one", 1, 1)).processor
    one = end_well(begin(folder, folder / "alone", n, 1))
    begun = begin(folder, folder / "two", n, 2)
    watched, two = Watched(begun), end_well(begun)
    same = data_of(folder / "alone") == data_of(folder / "two")
    yield Line(f"two workers, {n}", "the same bytes", "same" if same else "OTHER BYTES", same)
    workers = [took for own, took in watched.processor.items() if own != begun.process.pid]
    path = opening + max([*workers, (sum(watched.processor.values()) - opening) / 2])
    after = (one.processor - opening) / (path - opening)
    told = (
        f"{after:.2f} after the start, {one.processor / path:.2f} with it (processor seconds: one "
        f"process {one.processor:.1f}; two workers {watched.tell_processor()}; start "
        f"{opening:.1f}; wall {one.seconds:.1f} and {two.seconds:.1f})"
    )
    yield Line(f"conversations of two workers to one, {n}", f">= {GAIN}", told, after >= GAIN)


def kills(folder: Path, count: int) -> Iterator[Line]:
    """Kill the build and its workers in turns, at random moments, going on; then compare."""
    end_well(begin(folder, folder / "calm", KILLED, 1))
    out, killed, moments = folder / "killed", 0, Random(count)
    while killed < count:
        before = finished(out)
        begun = begin(folder, out, KILLED, 2)
        watched, own = Watched(begun), begun.process.pid
        wait_until(lambda: finished(out) > before or not begun.runs)  # noqa: B023
        forked = [one for one in watched.processor if one != own]
        for one in [*forked[: killed % 2 + 1], own]:
            time.sleep(moments.uniform(0, MOST_SECONDS_BEFORE_KILL))
            if begun.runs and Path(f"/proc/{one}").exists():
                os.kill(one, signal.SIGKILL)
                killed += 1
            so_far = finished(out)
            wait_until(lambda: finished(out) > so_far + 3 or not begun.runs)  # noqa: B023
        if begun.end().code == 0:
            break
    end_well(begin(folder, out, KILLED, 2))
    same = data_of(out) == data_of(folder / "calm")
    told = f"{killed} kills, {'same bytes' if same else 'OTHER BYTES'}"
    yield Line("kill -9 of the build and of workers", f"{count}, same bytes", told,
               same and killed >= count)  # fmt: skip


def finished(out: Path) -> int:
    """Whole lines of the journal."""
    return sum(path.read_bytes().count(b"\n") for path in out.glob("shards/*/*.jsonl"))


def wait_until(true: Callable[[], bool]) -> None:
    """Wait two minutes at most."""
    deadline = time.monotonic() + 120
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)


def end_well(begun: Started) -> Ran:
    """Wait for the end of a build. Raises CannotRun where it fails."""
    ran = begun.end()
    if ran.code != 0:
        raise CannotRun(f"a build ended with {ran.told}")
    return ran


def data_of(out: Path) -> list[bytes]:
    """The data files."""
    return [(out / name).read_bytes() for name in (ACCEPTED, REJECTED)]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What two workers save.")
    for name, usual in (("-n", 300), ("--kills", 12)):
        parser.add_argument(name, type=int, default=usual, help="0 leaves it out")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toolweave-") as home:
        folder = Path(home)
        return print_table(
            gain(folder, given.n) if given.n else (),
            kills(folder, given.kills) if given.kills else (),
        )


if __name__ == "__main__":
    sys.exit(main())
