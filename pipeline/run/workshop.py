"""What the build loop sees of the stages: something that makes candidate number i.

How candidates are made lies in `generators` and `validators`; how many are made, in what order
they are kept and where, lies in `pipeline.run.build_loop` and `pipeline.run.output_folder`.
"""

import importlib
from pathlib import Path
from typing import Protocol, cast

from pipeline.config import Settings
from pipeline.run.aims import Aims
from schemas.check import EnvironmentFactory
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

    @property
    def aims(self) -> Aims:
        """What a build sets out to have."""
        ...

    async def candidate(self, index: int) -> Trajectory:
        """Make candidate ``index`` with verdicts and labels. Raises ToolweaveError.

        Anything else that it raises costs the candidate, and what was made of it by then.
        """
        ...

    def graph_json(self) -> JsonObject:
        """Give the tool graph in node-link form: facts of an edge beside its ends."""
        ...

    async def close(self) -> None:
        """Give back what it holds open."""
        ...


class Stages(Protocol):
    """How the stages are put together; the module `pipeline.opening` is one."""

    def open_workshop(self, settings: Settings) -> Workshop:
        """Read the catalogues and make a workshop. Raises InputError."""
        ...

    def environments(self, catalog: Catalog, folder: Path | None = None) -> EnvironmentFactory:
        """Make the environments in which the calls of a catalogue can be replayed.

        ``folder`` is the output folder that they were made in, which may say in what they ran.
        """
        ...


def stages_of(module: str) -> Stages:
    """Import stages by the name of their module: plain text that travels to any process."""
    return cast(Stages, importlib.import_module(module))
