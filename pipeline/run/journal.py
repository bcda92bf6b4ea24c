"""The journal of finished candidates: what is in it is never made again.

Each shard of the candidate stream has a file ``shards/NNNN/candidates.jsonl`` to which a candidate
is appended as soon as it is finished, in any order. What is accepted is decided elsewhere.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from pipeline.files import append_whole, writing
from schemas.errors import OutputError
from schemas.trajectory import Trajectory


class Journal:
    """Finished candidates below ``folder``, ``size`` to a shard."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size

    def path(self, shard: int) -> Path:
        """Name the file of a shard."""
        return self.folder / f"{shard:04d}" / "candidates.jsonl"

    def append(self, trajectory: Trajectory) -> None:
        """Note a finished candidate at once; what is flushed survives the process."""
        path = self.path(trajectory.index // self.size)
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            append_whole(path, trajectory.model_dump_json().encode() + b"\n")

    def read(self, indexes: range) -> dict[int, tuple[Trajectory, bytes]]:
        """Read what is finished of ``indexes`` of one shard: index → (record, its line)."""
        found: dict[int, tuple[Trajectory, bytes]] = {}
        for trajectory, line in self._lines(self.path(indexes.start // self.size)):
            if trajectory.index in indexes:
                found.setdefault(trajectory.index, (trajectory, line))
        return found

    def _lines(self, path: Path) -> Iterator[tuple[Trajectory, bytes]]:
        if not path.exists():
            return
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                yield _parse(path, number, line), line

    def repair(self, index: int) -> None:
        """Cut off the last lines that a crash left torn, from the shard of ``index`` on."""
        for path in self.folder.glob("*/candidates.jsonl"):
            if int(path.parent.name) >= index // self.size:
                with writing(path), path.open("r+b") as file:
                    file.truncate(file.read().rfind(b"\n") + 1)


def _parse(path: Path, number: int, line: bytes) -> Trajectory:
    try:
        return Trajectory.model_validate_json(line)
    except ValidationError as error:
        problem = error.errors()[0]["msg"]
        raise OutputError(f"{path}, line {number}: is no finished candidate: {problem}") from None
