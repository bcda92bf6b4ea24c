"""Executed calls and blueprints a second on one core, and how both grow with the catalogue.

``python -m benchmarks.sandbox_speed [-n 600]``: blueprints are drawn as a run draws them, chain,
execution, operators, proofs and the seeding of their worlds included. Their calls are then executed
in the order in which they occur: in worlds that are seeded on the way, and again in the same worlds
once they are there. Seconds are those of the process on its core, so that others on the machine
matter less; all rows of a table come from one run.
"""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby

from benchmarks.machine import describe
from benchmarks.synthetic import synthetic_catalog
from generators.embedding import WordEmbedder
from generators.sandbox.sandbox import Sandbox
from generators.studio import open_studio
from generators.world.infer import infer_world
from generators.world.model import World
from pipeline.entry import collect_rarely
from pipeline.opening import read_tools
from schemas.task import Task
from schemas.tool import Catalog

SEED, COUNT, WARM_UP, ROUNDS = 1, 600, 50, 5
SIZES = (50, 100, 200)


@dataclass(frozen=True)
class Speed:
    """What was measured on one catalogue; all but the counts are a second."""

    tools: int
    domains: int
    calls: int
    mix: Counter[str]
    """Executed calls by operation."""
    blueprints: float
    seeding: float
    """Executed calls in worlds that are seeded on the way."""
    warm: float
    """Executed calls in worlds that are there."""


def measure(catalog: Catalog, count: int) -> Speed:
    """Draw blueprints of a catalogue, and execute their calls."""
    studio = open_studio(catalog, WordEmbedder())
    for index in range(WARM_UP):
        studio.task(SEED + 1, index)
    started = time.process_time()
    tasks = [studio.task(SEED, index) for index in range(count)]
    drawn = time.process_time() - started
    models = studio.world.models
    seeding, warm = _executed(infer_world(catalog.tools), tasks)
    return Speed(
        tools=len(catalog.tools),
        domains=len({tool.domain for tool in catalog.tools}),
        calls=sum(len(task.calls) for task in tasks),
        mix=Counter(models[call.tool].operation for task in tasks for call in task.calls),
        blueprints=count / drawn,
        seeding=seeding,
        warm=warm,
    )


def _executed(world: World, tasks: Iterable[Task]) -> tuple[float, float]:
    """Calls a second while worlds are seeded, and when they are; of ``world`` none is before."""
    calls, first, again = 0, 0.0, 0.0
    for _, group in groupby(tasks, key=lambda task: (task.environment_seed, task.clock)):
        shared = list(group)
        calls += sum(len(task.calls) for task in shared)
        first += _seconds(world, shared)
        again += sum(_seconds(world, shared) for _ in range(ROUNDS)) / ROUNDS
    return calls / first, calls / again


def _seconds(world: World, tasks: Sequence[Task]) -> float:
    """The time that the calls of all tasks take, each task from its initial state."""
    started = time.process_time()
    for task in tasks:
        sandbox = Sandbox(world, task.environment_seed, task.clock)
        for call in task.calls:
            sandbox.call(call.tool, call.arguments)
    return time.process_time() - started


def _told(speed: Speed) -> str:
    return (
        f"{speed.tools:>6}{speed.domains:>9}{speed.calls:>8}{speed.seeding:>13,.0f}"
        f"{speed.warm:>13,.0f}{speed.blueprints:>15,.0f}\n"
    )


def main() -> int:
    """Measure the project's own catalogues, and synthesised ones of several sizes."""
    collect_rarely()  # as the command line does
    parser = argparse.ArgumentParser(description="Speed of the inferred sandbox and of blueprints.")
    parser.add_argument("-n", type=int, default=COUNT, help="blueprints of each catalogue")
    options = parser.parse_args()
    sys.stdout.write(f"{describe()}\n\n")
    own = measure(read_tools(()), options.n)
    made = ", ".join(f"{number / own.calls:.0%} {name}" for name, number in own.mix.most_common())
    sys.stdout.write(f"calls as they occur in {options.n} blueprints: {made}\n\n")
    sys.stdout.write(" tools  domains   calls    seeding/s       warm/s   blueprints/s\n")
    sys.stdout.write(_told(own))
    for size in SIZES:
        sys.stdout.write(_told(measure(synthetic_catalog(size, SEED), options.n)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
