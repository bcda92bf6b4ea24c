"""Whether what the user is told is enough, for every leaf of every write of every task.

``python -m benchmarks.brief_law [-n N] [-v] [PATH …]``: without a path, the project's own
catalogues. The law (`generators.tasks.brief_law`) is tried on N tasks once more, apart from their
making; ``not told`` are attempts that were given up for it. ``-v`` lists what they lacked. Ends
with 1 where a task breaks the law.
"""

import argparse
import sys
from collections import Counter
from pathlib import Path

from generators.embedding import WordEmbedder
from generators.studio import open_studio
from generators.tasks.brief_law import untold
from generators.tasks.draw_task import Dropped
from pipeline.opening import read_tools

COUNT, SEED = 1000, 1


def main() -> int:
    """Print what holds; 1 where the law is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("-n", type=int, default=COUNT)
    parser.add_argument("-v", action="store_true")
    given = parser.parse_args()
    studio = open_studio(read_tools(tuple(given.paths)), WordEmbedder())
    dropped: list[Dropped] = []
    tasks = [studio.task(SEED, number, dropped.append) for number in range(given.n)]
    broken = [(task.id, one) for task in tasks for one in untold(studio.world, task)]
    wishes = [wish for task in tasks for wish in task.brief.wishes]
    vain = [one for one in dropped if one.reason == "not_told"]
    reasons = sum(bool(wish.why) for wish in wishes) / max(1, len(wishes))
    situations = sum(bool(task.brief.situation) for task in tasks) / max(1, len(tasks))
    print(  # noqa: T201
        f"{len(tasks)} tasks: {len(broken)} leaves untold; {len(vain)} of "
        f"{len(tasks) + len(dropped)} attempts not told; {reasons:.0%} of {len(wishes)} wishes "
        f"have a reason, {situations:.0%} of tasks a situation"
    )
    for _, one in broken[:20]:
        print(f"  broken: {one}")  # noqa: T201
    if given.v:
        for detail, count in Counter(one.detail for one in vain).most_common(60):
            print(f"  {count} × {detail}")  # noqa: T201
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
