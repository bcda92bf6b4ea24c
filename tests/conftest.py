"""What all tests share: how they are dealt out, and what a test run is spared.

Rings of garbage are looked for as seldom as in the program itself. Hypothesis judges by results,
never by the clock of a busy machine.
"""

import re
import signal
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import cache, lru_cache, wraps
from pathlib import Path
from typing import Any

import pytest
import typer.main
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

import tests.compiled  # noqa: F401
from generators import studio
from generators.embedding import Embedder
from generators.graph.tool_graph import ToolGraph
from generators.identity_cache import Same
from generators.sandbox import seeding
from generators.world import infer
from generators.world.model import World
from pipeline import opening
from pipeline.config import Settings
from pipeline.entry import collect_rarely
from schemas.tool import Catalog
from tests import played_builds

# Before anything that uses it is imported: tests come back to worlds that a build is done with.
seeding.seeds_of = lru_cache(maxsize=160)(seeding.seeds_of.__wrapped__)
infer._inferred = lru_cache(maxsize=40)(infer._inferred.__wrapped__)


STAND = (Path(__file__).parents[1] / "data", Path(__file__).parents[2] / "shared")
"""Where files lie that no test changes."""
SAID_OF_RUNS = {
    "base_url", "budget_minutes", "budget_money", "budget_tokens", "concurrency", "as_json",
    "judge_model", "max_candidates", "mix", "model", "n", "out", "quiet", "recipe", "roles",
    "sampler", "seed", "shard_size", "structure", "workers",
}  # fmt: skip
"""Settings that say nothing of what is read."""


def remember_read(read: Callable[..., Catalog]) -> Callable[..., Catalog]:
    """What is read and tried of the own catalogues, and of files that stand, is the same always."""
    plain = Settings().model_dump(exclude=SAID_OF_RUNS | {"tools"})
    known: dict[tuple[Path, ...], Catalog] = {}

    @wraps(read)
    def remembered(settings: Settings, documents: Any = None) -> Catalog:
        changed = settings.model_dump(exclude=SAID_OF_RUNS | {"tools"}) != plain
        stand = all(any(map(path.resolve().is_relative_to, STAND)) for path in settings.tools)
        if documents or changed or not stand or settings.completes_world:
            return read(settings, documents)
        if settings.tools not in known:
            known[settings.tools] = read(settings, documents)
        return known[settings.tools]

    return remembered


def remember_edges(build: Callable[..., ToolGraph]) -> Callable[..., ToolGraph]:
    """Nor are the edges of one world looked for twice."""

    @lru_cache(maxsize=40)
    def known(world: Same[World], embedder: type[Embedder], recipe: str) -> ToolGraph:
        return build(world.it, embedder(), recipe)

    @wraps(build)
    def remembered(world: World, embedder: Embedder, recipe: str = "full") -> ToolGraph:
        return known(Same(world), type(embedder), recipe)

    return remembered


# Nor are the options of all commands read anew for each command that is run.
typer.main.get_command = cache(typer.main.get_command)
opening.read_catalog = remember_read(opening.read_catalog)
studio.build_graph = remember_edges(studio.build_graph)
collect_rarely()
settings.register_profile("toolweave", deadline=None, max_examples=50)
settings.load_profile("toolweave")

MOST_SECONDS = 420
"""A test, its fixtures or what it leaves behind hang if they take longer: then they fail."""


@contextmanager
def interrupt_after(seconds: int) -> Iterator[None]:
    """Fail where the test stands if a step of it takes so long; nobody is waited for for ever."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"it hangs: no end after {seconds} s")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None, Any, Any]:
    """A fixture that hangs is an error of its test."""
    with interrupt_after(MOST_SECONDS):
        return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, Any, Any]:
    """A test that hangs fails."""
    with interrupt_after(MOST_SECONDS):
        return (yield)


TOGETHER = {
    "conversations": r"^from tests\.studio import .*\b(take|takes|where)\b",
    "played builds": r"\bscripted: Path",
    "labelled tools": r"^from benchmarks\.(effects|operations) import",
}
"""Files that look at what is made once in a process, and how they are known."""


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scripted build that models say again."""
    folder = tmp_path_factory.mktemp("scripted")
    played_builds.script(folder)
    return folder


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
    """What takes long comes first, or it would be waited for in the end.

    Then what runs commands: they fork, and a process that holds little is forked soonest.
    """
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: (item.path not in slow, not runs_commands(item.path)))


@cache
def runs_commands(file: Path) -> bool:
    """Whether the tests of a file run the command line."""
    return "\nfrom tests.commands import" in file.read_text("utf-8")
