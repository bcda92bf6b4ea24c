"""The journal of finished candidates: what is in it is never made again.

Each shard of the candidate stream has a file ``shards/NNNN/candidates.jsonl`` to which a candidate
is appended as soon as it is finished, in any order. What is accepted is decided elsewhere.
"""

from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from pipeline.files import append_whole, measure, writing
from schemas.trajectory import Trajectory


class Finished(NamedTuple):
    """A candidate that is finished, and its line of JSON."""

    trajectory: Trajectory
    line: bytes


class Journal:
    """Finished candidates below ``folder``, ``size`` to a shard; other processes may add some."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self.unreadable: list[str] = []
        """Places of lines that something else garbled: their candidates are made again."""
        self._found: dict[int, Finished] = {}
        self._ends: dict[int, int] = defaultdict(int)
        """Shard → bytes of its file that are known: what was made here is not read again."""

    def path(self, shard: int) -> Path:
        """Name the file of a shard."""
        return self.folder / f"{shard:04d}" / "candidates.jsonl"

    def append(self, trajectory: Trajectory) -> None:
        """Note a finished candidate at once; what is flushed survives the process."""
        shard = trajectory.index // self.size
        path, line = self.path(shard), trajectory.model_dump_json().encode() + b"\n"
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            end = append_whole(path, line)
        if end - len(line) == self._ends[shard]:
            self._ends[shard] = end
            self._found.setdefault(trajectory.index, Finished(trajectory, line))

    def read(self, indexes: range) -> dict[int, Finished]:
        """Give what is finished of ``indexes`` of one shard."""
        shard = indexes.start // self.size
        path = self.path(shard)
        if path.exists() and path.stat().st_size > self._ends[shard]:
            with path.open("rb") as file:
                file.seek(self._ends[shard])
                for line in file:
                    if not line.endswith(b"\n"):
                        break
                    try:
                        trajectory = Trajectory.model_validate_json(line)
                        self._found.setdefault(trajectory.index, Finished(trajectory, line))
                    except ValidationError:
                        number = measure(path, self._ends[shard]).lines + 1
                        self.unreadable.append(f"{path}, line {number}")
                    self._ends[shard] += len(line)
        return {index: self._found[index] for index in indexes if index in self._found}

    def forget(self, index: int) -> None:
        """Keep nothing in memory of candidates before ``index``: they are decided."""
        self._found = {known: one for known, one in self._found.items() if known >= index}

    def repair(self, index: int) -> None:
        """Cut off the last lines that a crash left torn, from the shard of ``index`` on."""
        for path in self.folder.glob("*/candidates.jsonl"):
            if int(path.parent.name) >= index // self.size:
                with writing(path), path.open("r+b") as file:
                    file.truncate(file.read().rfind(b"\n") + 1)
