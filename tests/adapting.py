"""What tests of adapters share: a folder that is served, and a policy that plays what is proven."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.scripted import Scripted
from pipeline.chat.loopback import Loopback
from pipeline.dataset import Dataset
from tests.commands import ROOT, environment

_SERVE = "from pipeline.entry import main; main()"
ONE = {"state": 1.0, "told": 1.0, "calls": 1.0, "policy": 1.0, "format": 1.0, "steps": 1.0}
"""The parts of a reward that lacks nothing."""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server for a folder; it ends with the context."""
    command = [sys.executable, "-c", _SERVE, "serve", str(folder), "--port", "0", "--quiet"]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment(folder)
    )
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.communicate(timeout=60)


@contextmanager
def scripted(folder: Path) -> Iterator[str]:
    """An endpoint at which the proven conversations of a folder are played."""
    with Loopback(Scripted(Dataset.open(folder))) as loopback:
        yield loopback.base_url
