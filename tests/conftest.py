"""What all tests share: how they are dealt out, and what a test run is spared.

Rings of garbage are looked for as seldom as in the program itself. Hypothesis judges by results,
never by the clock of a busy machine.
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import Any

import pytest
import typer.main
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

import tests.compiled  # noqa: F401
from generators.sandbox import seeding
from pipeline import opening
from pipeline.config import Settings
from pipeline.entry import collect_rarely
from schemas.tool import Catalog

# Before anything that uses it is imported: tests come back to worlds that a build is done with.
seeding.seeds_of = lru_cache(maxsize=160)(seeding.seeds_of.__wrapped__)


def remember_own(read: Callable[..., Catalog]) -> Callable[..., Catalog]:
    """What is read and tried of the own catalogues alone is the same for all tests of a process."""
    free = {"seed", "n", "out", "quiet", "as_json", "mix", "sampler", "structure", "recipe"}
    plain, known = Settings().model_dump(exclude=free), list[Catalog]()

    @wraps(read)
    def remembered(settings: Settings, documents: Any = None) -> Catalog:
        if documents or settings.model_dump(exclude=free) != plain:
            return read(settings, documents)
        if not known:
            known.append(read(settings, documents))
        return known[0]

    return remembered


# Nor are the options of all commands read anew for each command that is run.
typer.main.get_command = cache(typer.main.get_command)
opening.read_catalog = remember_own(opening.read_catalog)
collect_rarely()
settings.register_profile("toolweave", deadline=None, max_examples=50)
settings.load_profile("toolweave")

TOGETHER = {
    "conversations": r"^from tests\.studio import .*\b(take|takes|where)\b",
    "tables of Prefect": r"\bprefect_home: Path",
    "labelled tools": r"^from benchmarks\.(effects|operations) import",
}
"""Files that look at what is made once in a process, and how they are known."""


@pytest.fixture(scope="session")
def prefect_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first run by Prefect leaves there: its tables take longer than all else of a run."""
    return tmp_path_factory.mktemp("known") / ".prefect"


class Together(LoadFileScheduling):
    """Deals out whole files in the order in which they were collected, and some files together."""

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(self.config.rootpath / nodeid.partition("::")[0])


@cache
def scope_of(file: Path) -> str:
    """Whom a file is dealt out with."""
    text = file.read_text("utf-8")
    known = (name for name, words in TOGETHER.items() if re.search(words, text, re.MULTILINE))
    return next(known, file.name)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """One process has what several files need, and the other need not make it, too."""
    config.option.loadscopereorder = False
    return Together(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long comes first, or it would be waited for in the end."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)
