"""Seconds per trajectory: by stage, and with Prefect.

``python benchmarks/throughput.py [-n 200]`` prints two kinds of line:

stages    in this process with `time.perf_counter`, over ``-n`` candidates one after another, after
          the catalogue has been opened and ten candidates have warmed what is cached. *Blueprint*
          ends when the roles are cast; *script and dialogue* is the rest of the play, calls in the
          sandbox included; *checks* are those of code; *write* is the journal, and the commit of
          batches of 50 to data, manifest and tables. Mean and 95th percentile of a candidate.
Prefect   the same build with ``--prefect`` and without; seconds of both, and their ratio.

Times are printed and never judged: they are those of the machine in the first line. Where others
are at work on it, processor time (user and system, of the process alone) is what can be compared.
What a start takes, `benchmarks.start` says, and how seconds grow with a build `benchmarks.memory`.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, quantiles

from benchmarks.lines import describe
from benchmarks.program import SHARED, Ran, build
from generators.dialogue.roles import AssistantRole, UserRole
from pipeline.config import Settings
from pipeline.opening import OpenWorkshop, open_workshop
from pipeline.run.output_folder import Output, open_output
from schemas.task import Task
from schemas.tool import ToolSpec
from validators.checks import examine

CATALOGS = (
    ("own catalogues", ()),
    ("GitHub", (SHARED / "mcp" / "github_mcp_server_tools_list.json",)),
)
STAGES = ("blueprint", "script and dialogue", "checks", "write")
WARM_UP = 10


@dataclass
class Clock:
    """Makes candidates of a workshop and notes the seconds of each stage."""

    workshop: OpenWorkshop
    output: Output
    seconds: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in STAGES})
    _cast_at: float = 0.0

    def _cast(
        self, task: Task, tools: tuple[ToolSpec, ...], seed: int
    ) -> tuple[UserRole, AssistantRole]:
        """Cast scripted roles, and note when: the task is drawn by then."""
        self._cast_at = time.perf_counter()
        return self.workshop.studio.scripted(task, tools, seed)

    async def make(self, index: int) -> None:
        """Draw, play, check and write one candidate."""
        workshop, begun = self.workshop, time.perf_counter()
        studio, seed = workshop.studio, workshop.seed
        played = await studio.candidate(seed, index, self._cast, workshop.roles)
        done = time.perf_counter()
        checked = examine(played.trajectory, studio.environment, ())
        judged = time.perf_counter()
        self.output.journal.note(self.output.journal.append(checked))
        self._note(self._cast_at - begun, done - self._cast_at, judged - done)
        self.seconds["write"].append(time.perf_counter() - judged)

    def _note(self, *seconds: float) -> None:
        for name, spent in zip(STAGES, seconds, strict=False):
            self.seconds[name].append(spent)

    def commit(self, batch: range) -> None:
        """Commit a batch; its time is shared among its candidates."""
        begun = time.perf_counter()
        self.output.commit(batch, sys.maxsize)
        spent = (time.perf_counter() - begun) / len(batch)
        self.seconds["write"][-len(batch) :] = [
            alone + spent for alone in self.seconds["write"][-len(batch) :]
        ]


async def clocked(settings: Settings, n: int) -> tuple[float, float, dict[str, list[float]]]:
    """Make ``n`` candidates: seconds to open the workshop, of the processor, and of each stage."""
    begun = time.perf_counter()
    workshop = open_workshop(settings)
    opening = time.perf_counter() - begun
    with open_output(settings, workshop) as output:
        for index in range(n, n + WARM_UP):
            await workshop.candidate(index)
        clock, before = Clock(workshop, output), time.process_time()
        for start in range(0, n, settings.shard_size):
            batch = range(start, min(start + settings.shard_size, n))
            for index in batch:
                await clock.make(index)
            clock.commit(batch)
        processor = time.process_time() - before
    return opening, processor, clock.seconds


def by_stage(folder: Path, n: int) -> Iterator[str]:
    """Milliseconds of each stage for each catalogue."""
    for name, files in CATALOGS:
        absent = [file for file in files if not file.exists()]
        if absent:
            yield f"{name}: could not run: there is no {absent[0]}"
            continue
        settings = Settings(tools=files, out=folder / name, n=n, seed=7)
        opening, processor, seconds = asyncio.run(clocked(settings, n))
        totals = [sum(spent) for spent in zip(*seconds.values(), strict=True)]
        yield (
            f"{name}: opened in {opening:.1f} s; milliseconds a candidate, {n} candidates "
            f"(processor {1000 * processor / n:.1f}):"
        )
        for stage, spent in (*seconds.items(), ("in all", totals)):
            ninety_fifth = quantiles(spent, n=20)[-1]
            yield (
                f"    {stage:22} mean {1000 * mean(spent):7.1f}   95 % {1000 * ninety_fifth:7.1f}"
                f"   {sum(spent) / sum(totals):4.0%}"
            )


def prefect(folder: Path, n: int) -> Iterator[str]:
    """What a flow costs against a plain build."""
    plain, flow = _built(folder, n), _built(folder, n, "--prefect")
    yield (
        f"Prefect: {n} in {flow.seconds:.1f} s with, {plain.seconds:.1f} s without: "
        f"{flow.seconds / plain.seconds:.2f} times as long; processor {flow.processor:.1f} s and "
        f"{plain.processor:.1f} s: {flow.processor / plain.processor:.2f} times"
    )


def _built(folder: Path, n: int, *options: object) -> Ran:
    with tempfile.TemporaryDirectory(dir=folder) as home:
        ran = build(Path(home), Path(home) / "out", n, "--seed", 7, *options)
    if ran.code != 0:
        raise SystemExit(f"a build of {n} ended with {ran.told}")
    return ran


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Seconds per trajectory.")
    parser.add_argument("-n", type=int, default=200, help="candidates by stage, and with Prefect")
    options = parser.parse_args()
    sys.stdout.write(f"{describe()}\n")
    with tempfile.TemporaryDirectory(prefix="toolweave-") as home:
        folder = Path(home)
        for lines in (by_stage(folder, options.n), prefect(folder, options.n)):
            for line in lines:
                sys.stdout.write(f"{line}\n")
                sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
