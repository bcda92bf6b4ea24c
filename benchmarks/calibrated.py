"""Errors with truth: how many copies of each kind a catalogue gives, and how checks tell them.

``python -m benchmarks.calibrated`` builds from the own catalogues, τ²-bench's retail and airline
and damages copies, fifty of each kind where there are places for so many; ``--built NAME=DIR …``
takes folders that are there. A table for each says what became of every kind; then come the lines
that are promised. It takes six minutes on a free core.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.draw_round import FIXED
from benchmarks.lines import CannotRun, Line, at_least, print_table, share
from benchmarks.program import build, toolweave
from generators.errors import KINDS

COPIES, LEAST_KINDS = 50, 20
CAUGHT, RIGHT, CLEAN = 0.99, 0.95, 0.005
SIZES = {"own": 300, "retail": 500, "airline": 500}
"""Conversations: so many that twenty kinds find fifty places."""


def calibrate(home: Path, folder: Path, most: int, seed: int) -> Any:
    """What `toolweave calibrate` finds in a folder."""
    ran = toolweave(home, "calibrate", folder, "-n", most, "--seed", seed, "--json", "--quiet")
    if ran.code != 0:
        raise CannotRun(f"calibrate {folder} ended with {ran.told}")
    return json.loads(ran.out)


def tell(name: str, found: Any) -> str:
    """A row for each kind: copies, accepted, and the right message blamed of those caught."""
    known = {one["kind"]: one for one in found["kinds"]}
    rows = [f"{name:24}{'copies':>8}{'accepted':>10}{'right message':>16}"]
    for kind in (one.name for one in KINDS):
        one = known.get(kind)
        if one is None:
            rows.append(f"{kind:24}{'no place':>8}")
        elif not one["by_code"]:
            rows.append(f"{kind:24}{one['accepted']['of']:8}{'a judge decides':>26}")
        else:
            blamed = f"{one['blamed']['hits']} of {one['blamed']['of']}"
            rows.append(
                f"{kind:24}{one['accepted']['of']:8}{one['accepted']['hits']:10}{blamed:>16}"
            )
    return "\n".join(rows)


def judge(name: str, found: Any, most: int) -> Iterator[Line]:
    """The lines that are promised, for one catalogue."""
    kinds = found["kinds"]
    code = [one for one in kinds if one["by_code"]]

    def count(rate: str, part: str) -> int:
        return sum(one[rate][part] for one in code)

    full = sum(one["accepted"]["of"] >= most for one in kinds)
    yield at_least(f"{name}: kinds with {most} copies", full, LEAST_KINDS, "{:.0f}")
    copies = count("accepted", "of")
    yield share(f"{name}: caught", copies - count("accepted", "hits"), copies, CAUGHT)
    hits, caught = count("blamed", "hits"), count("blamed", "of")
    yield share(f"{name}: right message", hits, caught, RIGHT)
    clean = found["clean"]
    rejected = clean["hits"] / clean["of"] if clean["of"] else 1.0
    told = f"{rejected:.1%} ({clean['hits']} of {clean['of']})"
    yield Line(f"{name}: clean copies rejected", f"<= {CLEAN:.1%}", told, rejected <= CLEAN)


def measure(home: Path, built: dict[str, Path], most: int, seed: int) -> Iterator[Line]:
    """Each catalogue in turn: its table, then its lines."""
    for name, size in SIZES.items() if not built else ((name, 0) for name in built):
        folder = built.get(name, home / name)
        if not built:
            tools = ("--tools", FIXED[name]) if name in FIXED else ()
            ran = build(home, folder, size, "--seed", seed, *tools)
            if ran.code not in (0, 3):
                raise CannotRun(f"a build of {name} ended with {ran.told}")
        found = calibrate(home, folder, most, seed)
        sys.stdout.write(f"\n{tell(name, found)}\n\n")
        yield from judge(name, found, most)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-n", type=int, default=COPIES, help="copies of each kind")
    parser.add_argument("--seed", type=int, default=501)
    parser.add_argument("--built", nargs="*", default=[], metavar="NAME=DIR", help="take these")
    given = parser.parse_args()
    parts = (told.partition("=") for told in given.built)
    built = {name: Path(folder).resolve() for name, _, folder in parts}
    with tempfile.TemporaryDirectory(prefix="toolweave-") as name:
        return print_table(measure(Path(name), built, given.n, given.seed))


if __name__ == "__main__":
    sys.exit(main())
