"""What it costs in variety that candidates share worlds.

``python -m benchmarks.variety [-n 1128] [--first 5640] [--seed 7] [--most 1 4 8]`` plays the same
candidates of the own catalogues, from one of them on, once for each number of candidates that share
a world in the first block of the stream, and prints what of them is different: worlds, days, names
of people, identifiers, first messages, gold plans. 1: each has a world of its own, in later blocks
too. With ``--folder DIR`` the same of a build that is there, block by block: four of the own
catalogues' candidates share a world in the first, eight in the next three, sixteen from there on.
"""

import argparse
import asyncio
import re
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from benchmarks.machine import describe
from generators.tasks.clock import USUAL, Sharing
from pipeline.config import Settings
from pipeline.opening import OpenWorkshop, open_workshop
from pipeline.run.data_lines import lines
from pipeline.run.manifest import ACCEPTED
from schemas.leaves import leaves
from schemas.trajectory import Trajectory
from validators.dataset import first_message_key, task_key

BLOCK = 282
"""Candidates in which each tool and edge of the own catalogues has its turn once."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MARK = re.compile(r"[A-Z]{1,5}-?\d{2,}[\w-]*")
KINDS = ("worlds", "days", "names", "identifiers", "first messages", "gold plans")


def find_various(trajectory: Trajectory) -> Iterator[tuple[str, object]]:
    """What of a conversation others may have as well, each with its kind."""
    task = trajectory.task
    yield "worlds", (task.environment_seed, task.clock)
    for call in task.calls:
        for _, value in leaves(call.arguments):
            text = str(value)
            yield from (("days", day) for day in _DAY.findall(text))
            yield from (("identifiers", one) for one in _MARK.findall(text))
    yield from (("names", one.value) for one in task.known if one.semantic == "person_name")
    yield "names", task.persona.name
    yield "first messages", first_message_key(trajectory)
    yield "gold plans", task_key(trajectory)


def tell_various(trajectories: Iterable[Trajectory]) -> str:
    """How many different ones of each kind there are."""
    found: dict[str, set[object]] = {kind: set() for kind in KINDS}
    for trajectory in trajectories:
        for kind, value in find_various(trajectory) if trajectory.task.calls else ():
            found[kind].add(value)
    return ", ".join(f"{kind} {len(values)}" for kind, values in found.items())


def tell_blocks(folder: Path) -> Iterator[str]:
    """The same of each block of a build."""
    blocks: dict[int, list[Trajectory]] = defaultdict(list)
    for line in lines(folder / ACCEPTED, None):
        blocks[line.trajectory.index // BLOCK].append(line.trajectory)
    for block, made in sorted(blocks.items()):
        yield f"block {block}, {len(made)} accepted: {tell_various(made)}"


async def play(workshop: OpenWorkshop, stretch: range) -> list[Trajectory]:
    """The candidates of a stretch of the stream."""
    return [await workshop.candidate(index) for index in stretch]


def main() -> int:
    """Play and print."""
    parser = argparse.ArgumentParser(description="Variety of candidates that share worlds.")
    parser.add_argument("-n", type=int, default=4 * BLOCK)
    parser.add_argument("--first", type=int, default=20 * BLOCK)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--most", type=int, nargs="+", default=[1, USUAL.most])
    parser.add_argument("--folder", type=Path, help="a build of the own catalogues that is there")
    given = parser.parse_args()
    if given.folder:
        for told in tell_blocks(given.folder):
            sys.stdout.write(f"{told}\n")
        return 0
    opened = open_workshop(Settings(n=given.n, seed=given.seed))
    stretch = range(given.first, given.first + given.n)
    sys.stdout.write(f"{describe()}\n{given.n} candidates from {given.first} on\n")
    for most in given.most:
        sharing = Sharing(most=1, doubled=()) if most == 1 else replace(USUAL, most=most)
        workshop = replace(opened, studio=replace(opened.studio, sharing=sharing))
        begun = time.process_time()
        told = tell_various(asyncio.run(play(workshop, stretch)))
        spent = 1000 * (time.process_time() - begun) / given.n
        sys.stdout.write(f"at most {most} at first: {told}; {spent:.1f} ms each\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
