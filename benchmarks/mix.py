"""How often operators are got that are asked for: each alone, then eleven together.

Run as ``python -m benchmarks.mix [FILE …] [--count N]``: of the own catalogues, or of files. Each
operator is asked for in 30 % of the tasks; a line says what share has it.
"""

import sys
from importlib.resources import as_file
from pathlib import Path

import data
from generators.embedding import HashEmbedder
from generators.importers import read_catalog
from generators.operators import OPERATORS, USUAL_MIX, make_mix
from generators.studio import Studio, open_studio
from schemas.tool import Catalog

SHARE, TOGETHER = 0.3, 11


def measure_shares(catalog: Catalog, names: list[str], count: int) -> dict[str, float]:
    """Operator → the share of tasks that has it, where nothing else is asked for."""
    mix = dict.fromkeys(USUAL_MIX, 0.0) | dict.fromkeys(names, SHARE)
    studio: Studio = open_studio(catalog, HashEmbedder(), make_mix(**mix))
    tasks = [studio.task(1, index) for index in range(count)]
    return {name: sum(name in task.operators for task in tasks) / count for name in names}


def main() -> None:
    """Print a line an operator."""
    arguments = sys.argv[1:]
    count = int(arguments.pop(arguments.index("--count") + 1)) if "--count" in arguments else 100
    paths = [Path(one) for one in arguments if one != "--count"]
    with as_file(data.resource("catalogs")) as own:
        catalog = read_catalog(paths or [own])
    names = [operator.name for operator in OPERATORS]
    for group in (*([name] for name in names), names[:TOGETHER]):
        for name, got in measure_shares(catalog, group, count).items():
            beside = f" beside {len(group) - 1} others" if len(group) > 1 else ""
            print(f"{name}{beside}: asked {SHARE:.0%}, got {got:.1%}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
