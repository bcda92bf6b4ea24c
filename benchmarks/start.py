"""Processor time of what is small or large at the start: twenty conversations, 6,500 alike tools.

``python -m benchmarks.start [--tools 6500]`` runs ``toolweave build -n 20`` three times, from the
command to its end, and opens a catalogue of tools that differ in one word (`benchmarks.scale`):
files to graph, and the trial of each tool. The fastest run counts; ends with 1 where one is slow.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.lines import CannotRun, Line, print_table
from benchmarks.program import build
from benchmarks.scale import BUILDING, Setting, steps_at

FEW, MOST_FEW = 20, 3.0
ALIKE, MOST_ALIKE = 6500, 6.0
_TRIES = 3


def few(folder: Path) -> Iterator[Line]:
    """Twenty conversations of the own catalogues."""
    spent = []
    for number in range(_TRIES):
        ran = build(folder, folder / str(number), FEW, "--seed", 7)
        if ran.code != 0:
            raise CannotRun(f"a build of {FEW} ended with {ran.told}")
        spent.append(ran.processor)
    told = f"{min(spent):.2f} s of processor time (of {', '.join(f'{one:.2f}' for one in spent)})"
    yield Line(f"build -n {FEW}", f"<= {MOST_FEW:g} s", told, min(spent) <= MOST_FEW)


def alike(count: int) -> Iterator[Line]:
    """Tools that differ in one word."""
    spent = {one.name: one.processor for one in steps_at(count, Setting(chains=1, alike=True))}
    opening = {name: spent[name] for name in (*BUILDING, "try")}
    whole = sum(opening.values())
    parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in opening.items())
    told = f"{whole:.1f} s of processor time ({parts})"
    yield Line(f"{count} alike tools open", f"<= {MOST_ALIKE:g} s", told, whole <= MOST_ALIKE)


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="Processor time of the start.")
    parser.add_argument("--tools", type=int, default=ALIKE, help="alike tools; 0 leaves them out")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="toolweave-") as home:
        return print_table(few(Path(home)), alike(given.tools) if given.tools else ())


if __name__ == "__main__":
    sys.exit(main())
