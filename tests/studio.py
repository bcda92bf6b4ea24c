"""The project's own catalogues made ready, and conversations drawn from them once a session."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import as_file
from pathlib import Path
from typing import TypeVar

import data
from benchmarks.catalogues import read_standing
from generators.dialogue.script import Script
from generators.embedding import HashEmbedder
from generators.operators import make_mix, script_of
from generators.studio import Studio, open_studio
from generators.tasks.clock import start_of
from generators.tasks.draw_task import draw_task
from schemas.task import Task
from schemas.tool import Catalog
from schemas.trajectory import Roles, Trajectory

SEED = 11
REAL = Path(__file__).resolve().parents[1].parent / "shared" / "real"
Item = TypeVar("Item")


@dataclass(frozen=True)
class Take:
    """One conversation of the sample, and the script that it was played from."""

    trajectory: Trajectory
    script: Script


@cache
def own_catalog() -> Catalog:
    with as_file(data.resource("catalogs")) as folder:
        return read_standing(folder)


@cache
def own_studio() -> Studio:
    return open_studio(own_catalog(), HashEmbedder())


@cache
def studio_of(file: Path) -> Studio:
    """It, opened."""
    return open_studio(read_standing(file), HashEmbedder())


@cache
def take(index: int) -> Take:
    """Candidate ``index``; each is made once, however many tests look at it."""
    studio = own_studio()
    played = asyncio.run(studio.candidate(SEED, index, studio.scripted, Roles()))
    assert played.failure is None
    return Take(played.trajectory, script_of(studio.world, played.trajectory.task))


def draw(count: int, studio: Studio | None = None, **mix: float) -> tuple[Task, ...]:
    """Tasks of a mix, all in one world, of all catalogues if no other is given: seeded once."""
    return tuple(drawing(count, studio, **mix))


def drawing(count: int, studio: Studio | None = None, **mix: float) -> Iterator[Task]:
    """The same tasks, each drawn when it is come for."""
    bench = replace(studio or own_studio(), mix=make_mix(**mix)).bench
    start = start_of(bench.world, SEED)
    for seed in range(count):
        yield draw_task(bench, seed, start=start)


def takes(count: int = 50) -> list[Take]:
    return [take(index) for index in range(count)]


def where(find: Callable[[Take], list[Item]], count: int = 50) -> list[tuple[int, Item]]:
    """What is found in the takes, with the number of each: empty where all is well."""
    return [(number, item) for number in range(count) for item in find(take(number))]
