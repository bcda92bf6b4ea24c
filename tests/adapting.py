"""What tests of adapters share: a policy that plays what is proven, and what it earns."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.scripted import Scripted
from pipeline.chat.loopback import Loopback
from pipeline.dataset import Dataset

ONE = {"state": 1.0, "told": 1.0, "calls": 1.0, "policy": 1.0, "format": 1.0, "steps": 1.0}
"""The parts of a reward that lacks nothing."""


@contextmanager
def scripted(folder: Path) -> Iterator[str]:
    """An endpoint at which the proven conversations of a folder are played."""
    with Loopback(Scripted(Dataset.open(folder))) as loopback:
        yield loopback.base_url
