"""What two workers save: the same bytes, and processor time.

``python benchmarks/workers.py [-n 300]`` builds from the own catalogues with one process and with
two. On a busy machine wall time tells little, so what each process worked is read from ``/proc``.
The *critical path* is the start, and then the work of the longest worker, or half of all work where
that is more: two cores cannot do it faster.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.lines import CannotRun, Line, print_table
from benchmarks.program import ACCEPTED, REJECTED, Ran, Started, start
from benchmarks.resident import Watched

GAIN = 1.8
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
    parser.add_argument("-n", type=int, default=300)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toolweave-") as home:
        return print_table(gain(Path(home), given.n))


if __name__ == "__main__":
    sys.exit(main())
