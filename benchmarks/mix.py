"""How often operators are got that are asked for: each alone, then eleven together.

Run as ``python -m benchmarks.mix [FILE …] [--count N] [--only NAME]``: of the own catalogues, or of
files. Each operator is asked for in 30 % of the tasks; a line says what share has it.
"""

import argparse
from pathlib import Path

from generators.embedding import HashEmbedder
from generators.operators import OPERATORS, USUAL_MIX, make_mix
from generators.studio import Studio, open_studio
from pipeline.opening import read_tools
from schemas.tool import Catalog

SHARE, TOGETHER = 0.3, 11


def tell_shares(catalog: Catalog, names: list[str], count: int) -> None:
    """Print what share of tasks has each operator, where nothing else is asked for."""
    mix = dict.fromkeys(USUAL_MIX, 0.0) | dict.fromkeys(names, SHARE)
    studio: Studio = open_studio(catalog, HashEmbedder(), make_mix(**mix))
    tasks = [studio.task(1, index) for index in range(count)]
    beside = f" beside {len(names) - 1} others" if len(names) > 1 else ""
    for name in names:
        got = f"got {sum(name in task.operators for task in tasks) / count:.1%}"
        if lack := studio.asked.lacking.get(name):
            got = f"cannot be had: the tools lack {lack}"
        print(f"{name}{beside}: asked {SHARE:.0%}, {got}", flush=True)  # noqa: T201


def main() -> None:
    """Print a line an operator."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--only", action="append")
    given = parser.parse_args()
    catalog = read_tools(tuple(given.paths))
    names = given.only or [operator.name for operator in OPERATORS]
    for name in names:
        tell_shares(catalog, [name], given.count)
    if not given.only:
        tell_shares(catalog, names[:TOGETHER], given.count)


if __name__ == "__main__":
    main()
