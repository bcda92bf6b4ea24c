"""Seconds and memory from files of tools to chains, by the number of tools.

``python -m benchmarks.scale [--sizes 1000 5000 20000] [--one-domain | --alike] [--chains 10000]``
synthesises a catalogue of each size (`benchmarks.synthetic`; ``--alike``: of tools that differ in
one word) and, in a process of its own for each, measures:

import    reading the files, naming the tools, normalising their schemas
merge     leaving out near-identical tools
infer     from the tools that are left to a world
graph     from the world to the tool graph
try       making arguments and a result of every tool, as opening a catalogue does
chains    drawing chains from it as a build does, its sampler's preparation included

Seconds are wall-clock, processor time beside them; the memory of a step is the most that the
process had until its end, so it never falls. After two sizes the exponent of growth is printed: 1
is in proportion to the tools, 2 is their square. What is promised is judged at 20,000 tools and at
the last step up to them; ends with 1 where it does not hold.
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

from benchmarks.lines import HEAD, Line, all_hold, describe
from generators.backends.trial import try_tools
from generators.deduplication import merge_duplicates
from generators.embedding import WordEmbedder
from generators.graph.tool_graph import ToolGraph, build_graph
from generators.importers import read_catalog
from generators.sampling import open_sampler
from generators.sampling.stream import ChainStream
from generators.world.infer import infer_world
from generators.world.model import World
from pipeline.garbage import collect_rarely, collecting_nothing

ROOT = Path(__file__).resolve().parents[1]
SIZES = (1000, 5000, 20_000)
CHAINS = 10_000
JUDGED = 20_000
"""The size that something is promised of."""
MOST_SECONDS, MOST_MEMORY, MOST_DRAWING, MOST_EXPONENT = 60.0, 2.0, 10.0, 1.5
"""Seconds from import to graph; GiB; seconds for the chains; exponent of growth, 2 for a square."""
BUILDING = ("import", "merge", "infer", "graph")
"""The steps from files to the graph."""
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
    collect_rarely()  # as the program does
    embedder = WordEmbedder()
    embedder.embed(["ready"])
    with collecting_nothing():
        found = measure("import", lambda: read_catalog([folder]), lambda made: f"{len(made.tools)}")
        merged = measure(
            "merge",
            lambda: merge_duplicates(found, embedder),
            lambda made: f"{len(made.merged)} left out",
        )
        world = measure(
            "infer",
            lambda: infer_world(merged.tools),
            lambda made: f"{len(made.entities)} entities",
        )
        graph = measure(
            "graph", lambda: build_graph(world, embedder), lambda made: f"{len(made.edges)} edges"
        )
        measure("try", lambda: try_tools(merged), lambda made: f"{len(made.tools)} tools in")
    measure("chains", lambda: draw(world, graph, chains), lambda made: f"{made} calls")


def draw(world: World, graph: ToolGraph, chains: int) -> int:
    """Draw the first chains of a stream: how many calls they have together."""
    stream = ChainStream(open_sampler("random_walk", world, graph.sure()), seed=0)
    return sum(len(stream.draw(index).chain.steps) for index in range(chains))


@dataclass(frozen=True)
class Setting:
    """How catalogues are synthesised and measured."""

    chains: int = CHAINS
    seed: int = 0
    one_domain: bool = False
    alike: bool = False
    patience: int = 1800
    """Seconds for one size."""


def steps_at(size: int, setting: Setting) -> Iterator[Step]:
    """The steps of a process of its own, as they end; fewer where it is stopped or fails."""
    with tempfile.TemporaryDirectory(prefix="toolweave-") as folder:
        given = ["--one-domain"] if setting.one_domain else []
        given += ["--alike"] if setting.alike else []
        subprocess.run(
            [sys.executable, "-m", "benchmarks.synthetic", folder, "-n", str(size),
             "--seed", str(setting.seed), *given],
            cwd=ROOT, check=True, capture_output=True,
        )  # fmt: skip
        command = ["timeout", str(setting.patience), sys.executable, "-m", "benchmarks.scale"]
        measured = [*command, "--folder", folder, "--chains", str(setting.chains)]
        with subprocess.Popen(measured, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout or ():
                facts: dict[str, Any] = json.loads(line)
                yield Step(**facts)


def growth(sizes: tuple[int, int], before: Sequence[Step], after: Sequence[Step]) -> Iterator[str]:
    """The exponent of each step's processor time between two sizes."""
    ratio = math.log(sizes[1] / sizes[0])
    earlier = {step.name: step for step in before}
    for step in after:
        if step.name in earlier and min(earlier[step.name].processor, step.processor) > 0:
            exponent = math.log(step.processor / earlier[step.name].processor) / ratio
            yield f"    {step.name:10} grows with the tools to the power of {exponent:.2f}"


def exponent(sizes: tuple[int, int], before: Sequence[Step], after: Sequence[Step]) -> float:
    """The exponent of the processor time from files to the graph; infinite where a step failed."""
    few, many = (
        sum(step.processor for step in steps if step.name in BUILDING)
        if {step.name for step in steps} >= set(BUILDING)
        else math.inf
        for steps in (before, after)
    )
    return math.log(many / few) / math.log(sizes[1] / sizes[0]) if few < math.inf else math.inf


def judged(steps: Sequence[Step], chains: int) -> Iterator[Line]:
    """What is promised of 20,000 tools; a step that did not end does not hold."""
    done = {step.name: step for step in steps}
    built = sum(done[name].seconds if name in done else math.inf for name in BUILDING)
    peak = done["graph"].peak / 2**30 if "graph" in done else math.inf
    drawing = done["chains"].seconds if "chains" in done else math.inf
    for what, measured, most, unit in (
        ("import to graph", built, MOST_SECONDS, "s"),
        ("peak memory of it", peak, MOST_MEMORY, "GiB"),
        (f"{chains} chains", drawing, MOST_DRAWING, "s"),
    ):
        told = f"{measured:.1f} {unit}"
        yield Line(f"{JUDGED} tools: {what}", f"<= {most:g} {unit}", told, measured <= most)


def compare(sizes: Sequence[int], setting: Setting) -> Iterator[str | Line]:
    """All sizes, one after another: what is told, and what is judged."""
    before: tuple[int, list[Step]] | None = None
    for size in sizes:
        yield f"{size} tools"
        steps = []
        for step in steps_at(size, setting):
            steps.append(step)
            yield str(step)
        yield f"    {'total':10}{sum(step.seconds for step in steps):9.2f} s"
        if before is not None:
            yield from growth((before[0], size), before[1], steps)
        if size == JUDGED:
            yield from judged(steps, setting.chains)
            if before is not None:
                yield _grows((before[0], size), before[1], steps)
        before = (size, steps)


def _grows(sizes: tuple[int, int], before: Sequence[Step], after: Sequence[Step]) -> Line:
    power = exponent(sizes, before, after)
    name = f"{sizes[0]} to {sizes[1]} tools: growth"
    told = f"tools to the power of {power:.2f}"
    return Line(name, f"power <= {MOST_EXPONENT:g}", told, power <= MOST_EXPONENT)


def scale_holds(sizes: Sequence[int] = SIZES) -> Iterator[Line]:
    """What is promised of 20,000 tools, which have to be the last of the sizes."""
    yield from (line for line in compare(sizes, Setting()) if isinstance(line, Line))


def main() -> int:
    """Measure, print, judge."""
    parser = argparse.ArgumentParser(description="Seconds and memory by the number of tools.")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--chains", type=int, default=CHAINS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--one-domain", action="store_true")
    parser.add_argument("--alike", action="store_true", help="tools that differ in one word")
    parser.add_argument("--patience", type=int, default=1800, help="seconds for one size")
    parser.add_argument("--folder", type=Path, help="measure its files in this process alone")
    options = parser.parse_args()
    if options.folder is not None:
        run_steps(options.folder, options.chains)
        return 0
    setting = Setting(
        options.chains, options.seed, options.one_domain, options.alike, options.patience
    )
    lines = []
    sys.stdout.write(f"{describe()}\n{HEAD}\n")
    for told in compare(options.sizes, setting):
        sys.stdout.write(f"{told}\n")
        sys.stdout.flush()
        lines += [told] if isinstance(told, Line) else []
    return 0 if not lines or all_hold(lines) else 1


if __name__ == "__main__":
    sys.exit(main())
