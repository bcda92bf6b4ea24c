"""The file ``index.jsonl``: of each line of the data files its checksum and its keys.

A line an entry, in the order of the candidates: ``[7,"trajectories.jsonl",22431,3735928559,…]``.
"""

import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.files import writing
from pipeline.run.journal import Finished
from pipeline.run.manifest import ACCEPTED, REJECTED

INDEX = "index.jsonl"
FILES = (ACCEPTED, REJECTED)


class Entry(NamedTuple):
    """What is told of a line."""

    candidate: int
    file: str
    length: int
    checksum: int
    """CRC-32 of its bytes."""
    first_message_key: str
    task_key: str

    @classmethod
    def of(cls, one: Finished, file: str, line: bytes) -> "Entry":
        """The entry of a candidate that is decided."""
        keys = one.summary["first_message_key"], one.summary["task_key"]
        return cls(one.candidate, file, len(line), zlib.crc32(line), *keys)

    @property
    def line(self) -> bytes:
        """As it stands in the index."""
        return json.dumps(self, separators=(",", ":")).encode() + b"\n"


def read_index(folder: Path) -> Iterator[Entry]:
    """The entries of a folder, as far as they can be read; none where it has no index."""
    path = folder / INDEX
    if not path.exists():
        return
    with writing(path), path.open("rb") as file:
        for line in file:
            try:
                yield Entry(*json.loads(line))
            except (ValueError, TypeError):  # garbled: its line is not believed
                continue
