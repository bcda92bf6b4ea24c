"""Seconds and memory from files of tools to chains, by the number of tools.

``python -m benchmarks.scale [--sizes 1000 5000 20000] [--one-domain] [--chains 10000]`` synthesises
a catalogue of each size (`benchmarks.synthetic`) and, in a process of its own for each, measures:

import    reading the files, naming the tools, normalising their schemas
merge     leaving out near-identical tools
infer     from the tools that are left to a world
graph     from the world to the tool graph
chains    drawing chains from it with the default sampler, its preparation included

Seconds are wall-clock, processor time beside them; the memory of a step is the most that the
process had until its end, so it never falls. After two sizes the exponent of growth is printed: 1
is in proportion to the tools, 2 is their square. Only what is promised of 20,000 tools is judged.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.machine import describe
from generators.deduplication import merge_duplicates
from generators.graph.embedding import WordEmbedder
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.importers import read_catalog
from generators.inference.infer import infer_world
from generators.sampling.random_walk import RandomWalkSampler
from generators.world import World

ROOT = Path(__file__).resolve().parents[1]
SIZES = (1000, 5000, 20_000)
CHAINS = 10_000
JUDGED = 20_000
"""The size that something is promised of."""
MOST_SECONDS, MOST_MEMORY, MOST_DRAWING = 60.0, 2.0, 10.0
"""Seconds from import to graph; GiB; seconds for the chains."""
T = TypeVar("T")


@dataclass(frozen=True)
class Step:
    """One step at one size."""

    name: str
    seconds: float
    processor: float
    peak: int
    """Bytes of resident memory at most, since the process began."""
    made: str
    """What came out, counted."""

    def __str__(self) -> str:
        """One row."""
        return (
            f"    {self.name:10}{self.seconds:9.2f} s   processor {self.processor:8.2f} s   "
            f"peak {self.peak / 2**20:7.0f} MiB   {self.made}"
        )


def measure(name: str, work: Callable[[], T], count: Callable[[T], str]) -> T:
    """Do the work and print its step as a line of JSON."""
    begun, processor = time.perf_counter(), time.process_time()
    made = work()
    seconds, spent = time.perf_counter() - begun, time.process_time() - processor
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    step = Step(name, seconds, spent, peak, count(made))
    sys.stdout.write(json.dumps(vars(step)) + "\n")
    sys.stdout.flush()
    return made


def run_steps(folder: Path, chains: int) -> None:
    """All steps on the files of a folder, in this process."""
    embedder = WordEmbedder()
    embedder.embed(["ready"])
    found = measure("import", lambda: read_catalog([folder]), lambda made: f"{len(made.tools)}")
    merged = measure(
        "merge",
        lambda: merge_duplicates(found, embedder),
        lambda made: f"{len(made.merged)} left out",
    )
    world = measure(
        "infer", lambda: infer_world(merged.tools), lambda made: f"{len(made.entities)} entities"
    )
    graph = measure(
        "graph", lambda: build_graph(world, embedder), lambda made: f"{len(made.edges)} edges"
    )
    measure("chains", lambda: draw(world, graph, chains), lambda made: f"{made} calls")


def draw(world: World, graph: ToolGraph, chains: int) -> int:
    """Draw chains with the seeds 0, 1, …: how many calls they have together."""
    sampler = RandomWalkSampler(world, graph)
    return sum(len(sampler.sample(seed).steps) for seed in range(chains))


def steps_at(size: int, options: argparse.Namespace) -> Iterator[Step]:
    """The steps of a process of its own, as they end; fewer where it is stopped or fails."""
    with tempfile.TemporaryDirectory(prefix="toolweave-") as folder:
        given = ["--one-domain"] if options.one_domain else []
        told = subprocess.run(
            [sys.executable, "-m", "benchmarks.synthetic", folder, "-n", str(size),
             "--seed", str(options.seed), *given],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip
        sys.stdout.write(f"{told.strip()}\n")
        command = ["timeout", str(options.patience), sys.executable, "-m", "benchmarks.scale"]
        measured = [*command, "--folder", folder, "--chains", str(options.chains)]
        with subprocess.Popen(measured, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                facts: dict[str, Any] = json.loads(line)
                yield Step(**facts)
        if process.returncode:
            sys.stdout.write(f"    ended with exit {process.returncode}, after what is above\n")


def growth(sizes: tuple[int, int], before: Sequence[Step], after: Sequence[Step]) -> Iterator[str]:
    """The exponent of each step's processor time between two sizes."""
    ratio = math.log(sizes[1] / sizes[0])
    earlier = {step.name: step for step in before}
    for step in after:
        if step.name in earlier and min(earlier[step.name].processor, step.processor) > 0:
            exponent = math.log(step.processor / earlier[step.name].processor) / ratio
            yield f"    {step.name:10} grows with the tools to the power of {exponent:.2f}"


def judged(steps: Sequence[Step]) -> Iterator[str]:
    """What is promised of 20,000 tools, and whether it holds; a step that did not end does not."""
    done = {step.name: step for step in steps}
    building = ("import", "merge", "infer", "graph")
    built = sum(done[name].seconds if name in done else math.inf for name in building)
    peak = done["graph"].peak / 2**30 if "graph" in done else math.inf
    drawing = done["chains"].seconds if "chains" in done else math.inf
    for what, measured, most, unit in (
        ("import to graph", built, MOST_SECONDS, "s"),
        ("peak memory of it", peak, MOST_MEMORY, "GiB"),
        ("drawing the chains", drawing, MOST_DRAWING, "s"),
    ):
        word = "holds" if measured <= most else "falls short"
        yield f"{word:13}{what}: {measured:.1f} {unit}, of {most:.0f} {unit} at most"


def compare(options: argparse.Namespace) -> Iterator[str]:
    """All sizes, one after another."""
    before: tuple[int, list[Step]] | None = None
    for size in options.sizes:
        steps = []
        for step in steps_at(size, options):
            steps.append(step)
            yield str(step)
        total = sum(step.seconds for step in steps)
        yield f"    {'total':10}{total:9.2f} s"
        if before is not None:
            yield from growth((before[0], size), before[1], steps)
        if size == JUDGED:
            yield from judged(steps)
        before = (size, steps)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Seconds and memory by the number of tools.")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--chains", type=int, default=CHAINS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one-domain", action="store_true")
    parser.add_argument("--patience", type=int, default=1800, help="seconds for one size")
    parser.add_argument("--folder", type=Path, help="measure its files in this process alone")
    options = parser.parse_args()
    if options.folder is not None:
        run_steps(options.folder, options.chains)
        return 0
    sys.stdout.write(f"{describe()}\n")
    for line in compare(options):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
