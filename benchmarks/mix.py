"""How often operators are got that are asked for: each alone, then eleven together.

Run as ``python -m benchmarks.mix [FILE …] [--count N] [--only NAME]``: of the own catalogues, or of
files. Each operator is asked for in 30 % of the tasks; a line says what share has it, and why where
that is another, as a build tells it.
"""

import argparse
from collections import Counter
from pathlib import Path

from generators.operators import OPERATORS, USUAL_MIX
from pipeline.config import Settings
from pipeline.opening import open_workshop
from pipeline.run.workshop import Used, compare_shares, tell_shares

SHARE, TOGETHER = 0.3, 11


def tell_got(paths: tuple[Path, ...], names: list[str], count: int) -> None:
    """Print what share of tasks has each operator, where nothing else is asked for."""
    mix = dict.fromkeys(USUAL_MIX, 0.0) | dict.fromkeys(names, SHARE)
    workshop = open_workshop(Settings(tools=paths, mix=mix))
    missed: Counter[str] = Counter()
    tasks = [workshop.studio.task(1, index, lambda one: missed.update([one.detail]))
             for index in range(count)]  # fmt: skip
    used = Used(conversations=count, operators=dict(Counter(n for t in tasks for n in t.operators)))
    shares = compare_shares(workshop.aims, used)
    beside = f" beside {len(names) - 1} others" if len(names) > 1 else ""
    for name, line in zip(names, tell_shares({one: shares[one] for one in names}), strict=False):
        tried = f"; {missed[name]} attempts had no place for it" if missed[name] else ""
        print(f"{line}{beside if shares[name].steered else ''}{tried}", flush=True)  # noqa: T201


def main() -> None:
    """Print a line an operator."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--only", action="append")
    given = parser.parse_args()
    paths = tuple(given.paths)
    names = given.only or [operator.name for operator in OPERATORS]
    for name in names:
        tell_got(paths, [name], given.count)
    if not given.only:
        tell_got(paths, names[:TOGETHER], given.count)


if __name__ == "__main__":
    main()
