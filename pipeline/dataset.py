"""Reading an output folder from Python: whole records, and their messages as a data frame.

::

    from pipeline.dataset import Dataset
    for trajectory in Dataset.open("out/demo"):
        print(trajectory.id, len(trajectory.messages))
    frame = Dataset.open("out/demo").messages()

Records are whole: what the lines tell by a hash is put in its place.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.probing.probes_file import Probed, read_attempts
from pipeline.run.data_lines import lines
from pipeline.run.database import Store
from pipeline.run.manifest import ACCEPTED, REJECTED, Manifest
from pipeline.run.output_folder import manifest_of
from schemas.attempt import Attempt
from schemas.trajectory import Trajectory

if TYPE_CHECKING:
    from pandas import DataFrame  # type: ignore[import-untyped]

_MESSAGES = "SELECT m.* FROM messages m JOIN accepted USING (candidate) ORDER BY candidate, m.idx"


@dataclass(frozen=True)
class Dataset:
    """The committed trajectories of an output folder, read only."""

    folder: Path

    @classmethod
    def open(cls, folder: Path | str) -> "Dataset":
        """Open an output folder. Raises InputError where it is none."""
        manifest_of(Path(folder))
        return cls(Path(folder))

    @property
    def manifest(self) -> Manifest:
        """What the folder holds just now."""
        return manifest_of(self.folder)

    def __len__(self) -> int:
        """How many were accepted."""
        return self.manifest.accepted

    def __iter__(self) -> Iterator[Trajectory]:
        """Yield the accepted trajectories in the order of the stream."""
        for line in lines(self.folder / ACCEPTED, self.manifest.accepted_bytes):
            yield line.trajectory

    def rejected(self) -> Iterator[Trajectory]:
        """Yield the rejected ones."""
        for line in lines(self.folder / REJECTED, self.manifest.rejected_bytes):
            yield line.trajectory

    def attempts(self, model: str = "") -> Iterator[Attempt]:
        """Yield what probed models made of them, each with its trajectory's id; one's or all.

        ``model``: a name, or ``NAME@ADDRESS`` where several endpoints have one of the name.
        """
        for one in read_attempts(self.folder):
            if not model or model in (one.model, Probed(one.model, one.place).told):
                yield one

    def messages(self) -> "DataFrame":
        """The messages of the accepted trajectories, a row each: needs the extra ``notebook``."""
        with Store(self.folder).open() as connection:
            return connection.execute(_MESSAGES).df()
