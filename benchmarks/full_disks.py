"""Disks of 1 to 20 MB that are full: with more room, the same bytes as undisturbed, each time.

``python -m benchmarks.full_disks [--least 1] [--most 20] [-n 300]``. Candidates are those of the
tests, of 80 kB each: what is measured is what becomes of them. File systems in memory are mounted,
which only root may; elsewhere each line says why it could not run.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.lines import HEAD, CannotRun, Line, all_hold, describe
from benchmarks.program import ACCEPTED, BIN, REJECTED, ROOT, Ran, Started
from benchmarks.stopping import small_disk

_PROGRAM = "from pipeline.entry import main; main(stages='tests.workshop')"
PADDING = 40_000


def build(home: Path, out: Path, n: int) -> Ran:
    """Build with the tests' candidates, a few of which are rejected."""
    plan = home / "plan.json"
    plan.write_text(json.dumps({"padding": PADDING, "reject_every": 9}))
    command = [str(BIN / "python"), "-c", _PROGRAM, "build", "--quiet", "--workers", "1"]
    command += ["--tools", str(plan), "-n", str(n), "--out", str(out)]
    return Started(home, command, {"PYTHONPATH": str(ROOT)}).end()


def fill(home: Path, n: int, megabytes: int, wanted: list[bytes]) -> Line:
    """Run out of disk, get more of it, go on by the same command."""
    name, promise = f"full disk, {megabytes} MB", "exit 2, 1 line; then the same bytes"
    try:
        with small_disk(home / f"disk-{megabytes}", f"size={megabytes}m") as disk:
            ran = build(home, disk / "out", n)
            lines = ran.err.strip().splitlines()
            named = ran.code == 2 and str(disk) in ran.err and os.strerror(28) in ran.err
            subprocess.run(["mount", "-o", "remount,size=500m", str(disk)], check=True)
            again = build(home, disk / "out", n)
            same = again.code == 0 and data_of(disk / "out") == wanted
            words = "same bytes" if same else f"OTHER BYTES ({again.told})"
            told = f"exit {ran.code}: {lines[-1] if lines else ''}; {words}"
            return Line(name, promise, told, named and "Traceback" not in ran.err and same)
    except CannotRun as reason:
        return Line(name, promise, str(reason), None)


def data_of(out: Path) -> list[bytes]:
    """The data files."""
    return [(out / name).read_bytes() for name in (ACCEPTED, REJECTED)]


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Disks that are full.")
    for name, usual in (("--least", 1), ("--most", 20), ("-n", 300)):
        parser.add_argument(name, type=int, default=usual)
    given = parser.parse_args()
    sys.stdout.write(f"{describe()}\n{HEAD}\n")
    lines = []
    with tempfile.TemporaryDirectory(prefix="toolweave-") as folder:
        home = Path(folder)
        calm = build(home, home / "calm", given.n)
        if calm.code != 0:
            sys.stdout.write(f"the undisturbed build ended with {calm.told}\n")
            return 1
        wanted = data_of(home / "calm")
        for megabytes in range(given.least, given.most + 1):
            lines.append(fill(home, given.n, megabytes, wanted))
            sys.stdout.write(f"{lines[-1]}\n")
            sys.stdout.flush()
    return 0 if all_hold(lines) else 1


if __name__ == "__main__":
    sys.exit(main())
