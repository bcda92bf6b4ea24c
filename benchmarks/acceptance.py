"""Measures what the project promises, line by line, by running the program as a user does.

``python benchmarks/acceptance.py [--only PART]… [--quick] [--fresh]`` prints a line for each
promise as soon as it is measured, and ends with 1 if any does not hold or could not be measured.
Each part works in a folder of its own that is removed afterwards. Nothing here asserts a time.

======================  ==========================================================================
reading                 the share of the tools in the files of others that is read
edges                   recall and precision of the tool graph
fuzz                    damaged catalogues
scale                   20,000 tools
calls                   random legal calls on every catalogue
real                    catalogues of others: share accepted, and what `tests/independent.py` finds
own                     conversations on the project's own catalogues, counted from the JSONL
seed                    the same seed twice, and another seed
endpoint                a model's endpoint that works, and endpoints that fail
memory                  peak memory at two sizes
input                   input that cannot be used
stops                   kill -9, Ctrl-C, full disk, half-written files
fresh                   a fresh clone with an empty home; only with ``--fresh``
======================  ==========================================================================
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks import conversations
from benchmarks.bad_input import bad_input
from benchmarks.edge_recall import edges_hold
from benchmarks.endpoint import through_endpoint
from benchmarks.fresh_clone import fresh_clone
from benchmarks.legal_calls import hold
from benchmarks.lines import HEAD, CannotRun, Line, all_hold, describe, share
from benchmarks.memory import compare
from benchmarks.program import ACCEPTED, REJECTED, ROOT, SHARED, build, python, records, rows
from benchmarks.reading_table import WANTED, list_low
from benchmarks.scale import scale_holds
from benchmarks.stopping import stopped
from tests.fuzz_catalogs import survive

Part = Callable[[Path, bool], Iterator[Line]]
"""A folder to work in, and whether it is to be quick → lines."""

REAL: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("GitHub", ("mcp/github_mcp_server_tools_list.json",)),
    ("tau2 retail", ("tau2_retail/retail.json",)),
    ("MCP reference servers", tuple(
        f"mcp/ref_{name}_tools_list.json" for name in ("filesystem", "memory", "git", "time")
    )),
)  # fmt: skip
SEED = ("--seed", 7)


def real(folder: Path, quick: bool) -> Iterator[Line]:
    """Catalogues of others."""
    for name, files in REAL:
        paths = [SHARED / file for file in files]
        absent = [path for path in paths if not path.exists()]
        if absent:
            yield Line(name, "built", f"there is no {absent[0]}", None)
            continue
        tools = [option for path in paths for option in ("--tools", path)]
        yield from _built(folder, name, 20 if quick else 200, *tools)


def _built(folder: Path, name: str, n: int, *options: object) -> Iterator[Line]:
    """Build, and measure the share accepted and what the independent checker finds."""
    out = folder / name.replace(" ", "-")
    ran = build(folder, out, n, *SEED, *options)
    good, bad = rows(out / ACCEPTED), rows(out / REJECTED)
    ended = f"exit {ran.code}, {good} rows, {ran.seconds:.0f} s"
    yield Line(f"{name}: build -n {n}", f"exit 0, {n} rows", ended, (ran.code, good) == (0, n))
    yield share(f"{name}: accepted", good, good + bad, 0.95)
    checked = python(folder, ROOT / "tests" / "independent.py", out / ACCEPTED)
    told = checked.out.strip().splitlines() or [checked.told]
    measured = told[-1] if checked.code == 0 else f"{told[-1]}; {told[0]}"
    yield Line(f"{name}: independent checker", "0 problems", measured, checked.code == 0)


def own(folder: Path, quick: bool) -> Iterator[Line]:
    """Conversations on the project's own catalogues."""
    yield from _built(folder, "own", 60 if quick else 200)
    counted = [conversations.count(record) for record in records(folder / "own" / ACCEPTED)]
    if not counted:
        raise CannotRun("nothing was accepted")
    yield from conversations.judge(counted)


def seed(folder: Path, quick: bool) -> Iterator[Line]:
    """The same seed and another."""
    made = []
    for number, given in enumerate((7, 7, 8)):
        out = folder / str(number)
        ran = build(folder, out, 20 if quick else 200, "--seed", given)
        if ran.code != 0:
            raise CannotRun(ran.told)
        made.append((out / ACCEPTED).read_bytes())
    same, differs = made[0] == made[1], made[0] != made[2]
    size = f"{len(made[0])} bytes"
    yield Line("the same seed twice", "same bytes", size if same else "they differ", same)
    shared = set(made[0].splitlines()) & set(made[2].splitlines())
    yield Line("another seed", "other bytes", f"{len(shared)} lines in common", differs)


def reading() -> Iterator[Line]:
    """Files of others."""
    count, low = list_low([])
    told = f"{count} files; less, or refused: {', '.join(low) or 'none'}"
    holds = bool(count) and not low
    yield Line("tools of each file of others", f">= {WANTED:.0%} read", told, holds)


PARTS: dict[str, Part] = {
    "reading": lambda *_: reading(),
    "edges": lambda *_: edges_hold(),
    "fuzz": lambda _, quick: survive(200 if quick else 5000),
    "scale": lambda *_: scale_holds(),
    "calls": lambda _, quick: hold(200 if quick else 1000, seed=7),
    "real": real,
    "own": own,
    "seed": seed,
    "endpoint": lambda folder, quick: through_endpoint(folder, 10 if quick else 50),
    "memory": lambda folder, quick: compare(folder, *((100, 1000) if quick else (500, 5000))),
    "input": lambda folder, _: bad_input(folder),
    "stops": lambda folder, quick: stopped(folder, 60 if quick else 200),
    "fresh": lambda folder, _: fresh_clone(folder),
}


def measure(name: str, quick: bool) -> Iterator[Line]:
    """Every line of a part; what keeps it from being measured is a line too."""
    with tempfile.TemporaryDirectory(prefix=f"toolweave-{name}-") as folder:
        try:
            yield from PARTS[name](Path(folder), quick)
        except CannotRun as reason:
            yield Line(name, "measured", str(reason), None)


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="Measure what the project promises.")
    parser.add_argument("--only", action="append", choices=PARTS, help="may be given again")
    parser.add_argument("--quick", action="store_true", help="with fewer trajectories")
    parser.add_argument("--fresh", action="store_true", help="clone and install as well")
    options = parser.parse_args()
    chosen = options.only or [name for name in PARTS if name != "fresh"]
    chosen += ["fresh"] if options.fresh and "fresh" not in chosen else []
    lines: list[Line] = []
    _say(f"{describe()}\n{HEAD}")
    for name in chosen:
        for line in measure(name, options.quick):
            lines.append(line)
            _say(str(line))
    held = sum(line.holds is True for line in lines)
    _say(f"{held} of {len(lines)} lines hold")
    return 0 if all_hold(lines) else 1


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
