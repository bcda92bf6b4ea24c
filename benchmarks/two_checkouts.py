"""Processor time of a build in two checkouts of this repository, side by side in one run.

``python -m benchmarks.two_checkouts OTHER [-n 300] [--rounds 2]``: what ``build -n`` costs on the
own catalogues and on GitHub's, and what its imports cost, there and here; the least of so many
rounds, in which the checkouts take turns, so that who else is at work matters less. Both run with
this environment's packages, on one core: several workers would each make the worlds that they
share here. An earlier version: ``git worktree add OTHER 71b7805`` is 0.3.0.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from benchmarks.lines import describe
from benchmarks.program import BIN, ROOT, SHARED, Ran, Started

GITHUB = SHARED / "mcp" / "github_mcp_server_tools_list.json"
SIZE, ROUNDS, SEED = 300, 2, 7
IMPORTS = "import pipeline.opening"
BUILD = "from pipeline.entry import main; main()"


def main() -> int:
    """Measure both and print a line for each kind of run."""
    parser = argparse.ArgumentParser(description="Processor time of two checkouts.")
    parser.add_argument("other", type=Path, help="the root of another checkout")
    parser.add_argument("-n", type=int, default=SIZE, help="trajectories of a build")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    sys.stdout.write(f"{describe()}\nseconds of processor time: there, here, ratio\n")
    for name, files in (("own catalogues", ()), ("GitHub", (GITHUB,))):
        given = [part for file in files for part in ("--tools", str(file))]
        for n in (1, options.n):
            told = ["build", "--quiet", "--seed", str(SEED), "-n", str(n), *given, "--out", "out"]
            compare(f"{name}, build -n {n}", options.other, options.rounds, BUILD, *told)
    compare("imports of a build", options.other, options.rounds, IMPORTS)
    return 0


def compare(name: str, other: Path, rounds: int, code: str, *arguments: str) -> None:
    """Run the same in both, in turns, and print the least of each."""
    spent: dict[Path, list[float]] = {other.resolve(): [], ROOT: []}
    for _ in range(rounds):
        for root, seconds in spent.items():
            with tempfile.TemporaryDirectory(prefix="toolweave-") as home:
                ran = run(root, Path(home), code, *arguments)
            if ran.code != 0:
                raise SystemExit(f"{root}: {ran.told}")
            seconds.append(ran.processor)
    there, here = (min(seconds) for seconds in spent.values())
    sys.stdout.write(f"{name:28}{there:8.2f}{here:8.2f}{here / there:8.2f}\n")
    sys.stdout.flush()


def run(root: Path, home: Path, code: str, *arguments: str) -> Ran:
    """Run code with the packages of a checkout."""
    variables = {"PYTHONPATH": str(root)}
    return Started(home, [str(BIN / "python"), "-c", code, *arguments], variables).end()


if __name__ == "__main__":
    sys.exit(main())
