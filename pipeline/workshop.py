"""What the build loop sees of the stages: something that makes candidate number i.

How candidates are made lies in `generators` and `validators`; how many are made, in what order
they are kept and where, lies in `pipeline.build` and `pipeline.output`.
"""

from collections.abc import Callable
from typing import Protocol

from pipeline.config import Settings
from schemas.record import JsonObject
from schemas.tool import Catalog
from schemas.trajectory import Trajectory


class Workshop(Protocol):
    """An endless stream of candidates: number i depends on the fingerprint and on i only."""

    @property
    def catalog(self) -> Catalog:
        """The tools, and what was repaired or skipped in their files."""
        ...

    @property
    def fingerprint(self) -> str:
        """Content hash of everything that decides the stream."""
        ...

    async def candidate(self, index: int) -> Trajectory:
        """Make candidate ``index`` with verdicts and labels. Raises ProviderError."""
        ...

    def graph_json(self) -> JsonObject:
        """Give the tool graph: an object whose ``edges`` are `schemas.graph.Edge` records."""
        ...

    async def close(self) -> None:
        """Give back what it holds open."""
        ...


Opener = Callable[[Settings], Workshop]
"""Reads the catalogues and makes a workshop. Raises InputError."""
