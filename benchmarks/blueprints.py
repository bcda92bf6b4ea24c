"""A thousand blueprints per catalogue: how many attempts are kept, and why the others are dropped.

``python -m benchmarks.blueprints [N] [PATH …]``: without a path, the project's own catalogues and,
where they are present, those of ``../shared/real``. Every kept blueprint is proven once more, by
`generators.tasks.proof`, in a backend made anew. Exit code 1 where one does not hold.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from benchmarks.catalogues import ALL, Catalogue
from benchmarks.lines import CannotRun, describe
from generators.backends.backend import InferredBackend
from generators.embedding import WordEmbedder
from generators.studio import Studio, open_studio
from generators.tasks.clock import Setting
from generators.tasks.draw_task import Dropped
from generators.tasks.plan import Flaw
from generators.tasks.proof import flaws
from generators.world.infer import infer_world
from pipeline.opening import read_tools
from schemas.errors import InputError
from schemas.task import Task

COUNT, SEED = 1000, 1


@dataclass
class Yield:
    """What came of the blueprints of one catalogue."""

    kept: int = 0
    proven: int = 0
    seconds: float = 0.0
    dropped: Counter[str] = field(default_factory=Counter)
    flaws: Counter[str] = field(default_factory=Counter)

    @property
    def share(self) -> float:
        """Kept blueprints among all attempts."""
        return self.kept / max(1, self.kept + self.dropped.total())


def measure(studio: Studio, count: int, seed: int = SEED) -> Yield:
    """Draw so many blueprints, and prove each one again."""
    found = Yield()

    def note(dropped: Dropped) -> None:
        found.dropped[dropped.reason] += 1

    started = time.perf_counter()
    tasks = [studio.task(seed, index, note) for index in range(count)]
    found.seconds = time.perf_counter() - started
    found.kept = len(tasks)
    again = InferredBackend(infer_world(studio.catalog.tools, studio.catalog.worlds))
    for task in tasks:
        wrong = [flaw.code for flaw in _flaws(again, task)]
        found.flaws.update(wrong)
        found.proven += not wrong
    return found


def _flaws(backend: InferredBackend, task: Task) -> Iterator[Flaw]:
    setting = Setting(backend, task.environment_seed, datetime.fromisoformat(task.clock))
    return flaws(setting, task)


def main(count: int, paths: tuple[Path, ...]) -> int:
    """Print a table; 1 where a kept blueprint does not hold."""
    print(describe())  # noqa: T201
    print(f"{count} blueprints each")  # noqa: T201
    print("| catalogue | tools | kept of attempts | proven | a second | dropped |")  # noqa: T201
    print("|---|--:|--:|--:|--:|---|")  # noqa: T201
    whole = True
    for catalogue in ALL if not paths else (Catalogue("given", tuple(map(str, paths))),):
        name = catalogue.name
        try:
            studio = open_studio(read_tools(paths or catalogue.paths), WordEmbedder())
            made = measure(studio, count)
        except (InputError, CannotRun) as error:
            print(f"| {name} | | | | | {error} |", flush=True)  # noqa: T201
            whole &= isinstance(error, CannotRun)
            continue
        reasons = ", ".join(f"{code} {number}" for code, number in made.dropped.most_common())
        tools = len(studio.catalog.tools)
        print(  # noqa: T201
            f"| {name} | {tools} | {made.share:.0%} | {made.proven} of {made.kept} "
            f"| {count / made.seconds:.0f} | {reasons} |",
            flush=True,
        )
        whole &= made.proven == made.kept
        for code, number in made.flaws.items():
            print(f"  {code}: {number}")  # noqa: T201
    return 0 if whole else 1


if __name__ == "__main__":
    numbers = [word for word in sys.argv[1:] if word.isdigit()]
    named = tuple(Path(word) for word in sys.argv[1:] if not word.isdigit())
    sys.exit(main(int(numbers[0]) if numbers else COUNT, named))
