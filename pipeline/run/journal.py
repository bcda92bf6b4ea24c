"""The journal of finished candidates: what is in it is never made again.

Each shard of the candidate stream has a file ``shards/NNNN/candidates.jsonl`` to which a candidate
is appended as soon as it is finished, in any order and by any process, as a sealed line
``[INDEX,RECORD,CRC]``. What is accepted is decided elsewhere; a shard that is decided is removed.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from pipeline.files import append_durably, append_whole, cut_torn, measure, writing
from pipeline.run.checksums import seal, unseal
from pipeline.run.definitions_file import DefinitionsFile
from pipeline.run.table_rows import Rows, rows_of
from schemas.definitions import Definitions
from schemas.errors import OutputError
from schemas.failure import is_failure
from schemas.record import JsonObject
from schemas.trajectory import Trajectory


class Finished(NamedTuple):
    """What is told of a candidate that is finished: by this it is decided, nobody parses it."""

    rows: Rows
    """Those of the tables, but for the place of the line."""
    failure: str = ""
    """Where the error came from that it raised; empty where it raised none."""
    start: int = 0
    """Byte of its shard's file where its line begins …"""
    length: int = 0
    """… and the bytes of the line …"""
    checksum: int = 0
    """… with their CRC-32."""
    begun: int = 0
    """When it began to be made, in nanoseconds since 1970 …"""
    ended: int = 0
    """… and when it was finished; 0 where nobody has told it."""

    def lying(self, start: int, line: bytes) -> "Finished":
        """The same with the place of its line."""
        return self._replace(start=start, length=len(line), checksum=zlib.crc32(line))

    @property
    def summary(self) -> JsonObject:
        """Its row among the trajectories."""
        return self.rows["trajectories"][0]

    @property
    def candidate(self) -> int:
        """Its number in the stream."""
        return int(self.summary["candidate"])

    @property
    def accepted(self) -> bool:
        """Whether it is good in every verdict."""
        return bool(self.summary["accepted"])

    @property
    def causes(self) -> tuple[str, ...]:
        """Codes of the reasons for which it is not."""
        return tuple(self.summary["causes"])


class Journal:
    """Finished candidates below ``folder``, ``size`` to a shard; other processes may add some."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        self.definitions = DefinitionsFile(folder.parent)
        self.unreadable: list[str] = []
        """Places of lines that something else garbled: their candidates are made again."""
        self._found: dict[int, Finished] = {}
        self._read: dict[int, int] = defaultdict(int)
        """Shard → bytes of its file that were looked at."""
        self._told: dict[int, set[int]] = defaultdict(set)
        """Shard → where lines begin of which it was told: they are not read again."""

    def path(self, shard: int) -> Path:
        """Name the file of a shard."""
        return self.folder / f"{shard:04d}" / "candidates.jsonl"

    def append(self, trajectory: Trajectory) -> Finished:
        """Write a finished candidate down at once; what is flushed survives the process."""
        path = self.path(trajectory.index // self.size)
        one, row = sum_up(trajectory), write_line(trajectory, self.definitions)
        line = seal(b"[%d," % trajectory.index + row[:-1])
        self.definitions.flush()
        with writing(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            end = append_whole(path, line)
        return one.lying(end - len(line), line)

    def note(self, one: Finished) -> None:
        """Hear of a candidate that was appended, by this process or another."""
        self._told[one.candidate // self.size].add(one.start)
        first = self._found.setdefault(one.candidate, one)  # read already, it has no times
        self._found[one.candidate] = first._replace(begun=one.begun, ended=one.ended)

    def find(self, indexes: range) -> dict[int, Finished]:
        """Give what is finished of ``indexes`` of one shard."""
        if not all(index in self._found for index in indexes):
            self._look(indexes.start // self.size)
        return {index: self._found[index] for index in indexes if index in self._found}

    def missing(self, indexes: range) -> list[int]:
        """Which of ``indexes`` of one shard are not finished."""
        done = self.find(indexes)
        return [index for index in indexes if index not in done]

    def _look(self, shard: int) -> None:
        """Read what others have appended to a shard and nobody has told of."""
        path, position = self.path(shard), self._read[shard]
        if not path.exists() or path.stat().st_size == position:
            return
        with path.open("rb") as file:
            file.seek(position)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                if position not in self._told[shard]:
                    try:
                        one = sum_up(read_line(_record_of(line), self.definitions))
                        one = one.lying(position, line)
                        self._found.setdefault(one.candidate, one)
                    except ValueError:
                        number = measure(path, position).lines + 1
                        self.unreadable.append(f"{path}, line {number}")
                position += len(line)
        self._read[shard] = position

    def lines(self, finished: Sequence[Finished]) -> list[bytes]:
        """The lines of candidates of one shard, as data files have them. Raises OutputError."""
        if not finished:
            return []
        path, found = self.path(finished[0].candidate // self.size), []
        with path.open("rb") as file:
            for one in finished:
                file.seek(one.start)
                sealed = file.read(one.length)
                if zlib.crc32(sealed) == one.checksum:
                    found.append(_record_of(sealed))
                else:
                    raise OutputError(
                        f"{path}: something else has changed candidate {one.candidate} there; "
                        "the same command makes it again"
                    )
        return found

    def part(self, indexes: range) -> JsonObject:
        """Path, length and checksum of what is finished of ``indexes`` of one shard."""
        lines = b"".join(self.lines([*self.find(indexes).values()]))
        path = self.path(indexes.start // self.size).relative_to(self.folder)
        return {"path": str(path), "length": len(lines), "checksum": zlib.crc32(lines)}

    def forget(self, index: int, ended: bool = False) -> None:
        """Remove shards whose candidates are before ``index``, and so decided.

        Where the run has ``ended``, that is all that has none behind it.
        """
        self._found = {known: one for known, one in self._found.items() if known >= index}
        for path in sorted(self.folder.glob("*/candidates.jsonl")):
            shard = int(path.parent.name)
            last = (shard + 1) * self.size - 1
            if last < index or (ended and next(self._behind(shard, index), None) is None):
                with writing(path):
                    path.unlink()
                    path.parent.rmdir()
                self._told.pop(shard, None)
                self._read.pop(shard, None)
        if ended and self.folder.exists() and not any(self.folder.iterdir()):
            self.folder.rmdir()

    def _behind(self, shard: int, index: int) -> Iterator[int]:
        self._look(shard)
        return (known for known in self._found if known >= index and known // self.size == shard)

    def repair(self) -> None:
        """Cut off the last lines that a crash left torn."""
        for path in self.folder.glob("*/candidates.jsonl"):
            with writing(path), path.open("r+b") as file:
                cut_torn(file)

    def sync(self) -> None:
        """Have all on the disk."""
        self.definitions.sync()
        for path in self.folder.glob("*/candidates.jsonl"):
            append_durably(path, b"")


def write_line(trajectory: Trajectory, definitions: Definitions) -> bytes:
    """The line of a trajectory in any file of the output folder."""
    return trajectory.model_dump_json(context=definitions).encode() + b"\n"


def read_line(line: bytes, definitions: Definitions) -> Trajectory:
    """The trajectory of a line. Raises ValidationError."""
    return Trajectory.model_validate_json(line, context=definitions)


def _record_of(sealed: bytes) -> bytes:
    """The line of a trajectory out of one of the journal. Raises ValueError."""
    head = unseal(sealed)
    if head is None:
        raise ValueError("something else changed it")
    return head.partition(b",")[2] + b"\n"


def sum_up(trajectory: Trajectory) -> Finished:
    """What is told of a trajectory, but for where its line lies."""
    failures = [one for one in trajectory.verdicts if is_failure(one)]
    return Finished(rows_of(trajectory), failures[0].reasons[0].explanation if failures else "")
