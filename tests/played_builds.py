"""Builds of the library in which models play: what a scripted build said is said again, or bent."""

import asyncio
import json
from pathlib import Path

from data import resource
from pipeline.chat.loopback import Answer, Loopback, Recorded, load_recorded
from pipeline.cli.progress import Watcher
from pipeline.config import Settings
from pipeline.run.build_loop import run
from pipeline.run.drawn_sizes import DRAWN
from pipeline.run.manifest import Report
from schemas.trajectory import Trajectory
from tests.commands import OWN, data_of, records_of
from tests.endpoints import find_port

MADE = 12
"""Conversations of the scripted build that all others say again."""


def settings(out: Path, **changes: object) -> Settings:
    known = {
        "tools": [str(resource("catalogs").joinpath("library.json"))], "out": out, "n": MADE,
        "seed": 5, "workers": 1, "complete_world": False, "max_candidates": MADE,
    }  # fmt: skip
    return Settings.model_validate(known | changes)


def know_sizes(out: Path) -> None:
    """Let sizes for an estimate stand there: to draw them takes longer than all else of a build."""
    out.mkdir(parents=True, exist_ok=True)
    if not (out / DRAWN).exists():
        sizes = dict.fromkeys(range(MADE), 9)
        (out / DRAWN).write_text(json.dumps({"first": sizes, "spread": sizes}))


def build(known: Settings, watcher: Watcher | None = None) -> Report:
    know_sizes(known.out)
    return asyncio.run(run(OWN, known, watcher or Watcher()))


def build_by(
    answer: Answer, out: Path, watcher: Watcher | None = None, **changes: object
) -> Report:
    """Build by a model that answers so, at the same address always: it is known by that, too."""
    with Loopback(answer, port=find_port()) as endpoint:
        known = settings(out, **{"model": "tiny", "base_url": endpoint.base_url, **changes})
        return build(known, watcher)


def script(folder: Path, **changes: object) -> Recorded:
    """Build with scripted roles; a model that says the same."""
    asyncio.run(run(OWN, settings(folder, **changes), Watcher()))
    return load_recorded(folder)


def made(out: Path) -> list[Trajectory]:
    """All conversations of a build, the accepted ones first."""
    return [one for data in data_of(out) for one in records_of(data, out)]
