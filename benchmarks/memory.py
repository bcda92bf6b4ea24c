"""Peak memory of a build of 5000 trajectories against one of 500.

Both are processes of their own, ``toolweave build`` on the project's own catalogues with seed 7,
and play themselves, or commit what workers play (``--workers 2``). The peak is ``ru_maxrss`` by
`os.wait4`: the resident pages of whichever was the largest of a build's processes, whether it
shares them or not. What is one's alone is no measure: it jumps when another one ends. Run alone
it takes some minutes: ``python benchmarks/memory.py [--small 500] [--large 5000] [--workers 1]``.
"""

import argparse
import resource
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.lines import CannotRun, Line, print_table
from benchmarks.program import Ran, build

MOST = 1.2


def compare(folder: Path, small: int = 500, large: int = 5000, workers: int = 1) -> Iterator[Line]:
    """Build both sizes below ``folder`` and compare their peaks."""
    few, many = (_measured(folder, n, workers) for n in (small, large))
    ratio = many.peak / few.peak
    measured = (
        f"{ratio:.2f} ({many.peak / 2**20:.0f} MiB at {large} in {many.seconds:.0f} s, "
        f"{few.peak / 2**20:.0f} MiB at {small} in {few.seconds:.0f} s)"
    )
    yield Line(f"peak memory, {large} to {small}", f"<= {MOST}", measured, ratio <= MOST)


def _measured(folder: Path, n: int, workers: int) -> Ran:
    with tempfile.TemporaryDirectory(dir=folder) as home:
        ran = build(Path(home), Path(home) / "out", n, "--seed", 7, "--workers", workers)
    if ran.code != 0:
        raise CannotRun(f"a build of {n} ended with {ran.told}")
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    if ran.peak <= own:
        raise CannotRun("the measuring process is larger than the one that it measures")
    return ran


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=500)
    parser.add_argument("--large", type=int, default=5000)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toolweave-") as folder:
        return print_table(compare(Path(folder), options.small, options.large, options.workers))


if __name__ == "__main__":
    sys.exit(main())
