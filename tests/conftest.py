"""What all tests share: how they are dealt out, and what a test run is spared.

Rings of garbage are looked for as seldom as in the program itself. Hypothesis judges by results,
never by the clock of a busy machine.
"""

import atexit
import os
import re
import shutil
import signal
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling

import tests.compiled  # noqa: F401
from pipeline.garbage import collect_rarely

collect_rarely()
settings.register_profile("toolweave", deadline=None, max_examples=50)
settings.load_profile("toolweave")

MEMORY, ENOUGH = Path("/dev/shm"), 4 << 30
"""Where files lie in memory, and how many bytes have to be free there for a test run."""
if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ENOUGH:
    # Builds wait for the disk 30 times each. No test cuts the power: memory will do.
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))

if "PYTEST_XDIST_WORKER" in os.environ:
    # All has been told then: millions of objects are not taken apart one by one.
    atexit.register(os._exit, 0)

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
    "catalogues of others": r"^from tests\.studio import .*\bstudio_of\b"
    r"|^from benchmarks\.(catalogues|demands|edge_worlds|effects|operations) import",
}
"""Files that look at what is made once in a process, and how they are known."""


@pytest.fixture(scope="session", autouse=True)
def _keep_worlds() -> None:
    """Tests come back to worlds that a build is done with."""
    # Who only deals tests out imports none of this.
    from generators.graph.tool_graph import connected
    from generators.sandbox.seeding import seeds_of
    from generators.world.infer import inferred

    seeds_of.keep(160)
    inferred.keep(40)
    connected.keep(40)


@pytest.fixture(scope="session")
def scripted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scripted build that models say again."""
    from tests.played_builds import script

    folder = tmp_path_factory.mktemp("scripted")
    script(folder)
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
