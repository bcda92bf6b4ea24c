"""The file ``index.jsonl``: of each line of the data files its checksum and its keys.

A sealed line an entry, in the order of the candidates:
``[7,"trajectories.jsonl",22431,3735928559,…]``.
"""

import json
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.files import writing
from pipeline.run.checksums import read_list, write_list
from pipeline.run.journal import Finished
from pipeline.run.manifest import ACCEPTED, REJECTED, read_manifest

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
        return write_list(self)

    def fits(self, line: bytes) -> bool:
        """Whether it was made of this line."""
        return (self.length, self.checksum) == (len(line), zlib.crc32(line))


class Row(NamedTuple):
    """A line of a data file, and what the index says of it."""

    number: int
    start: int
    line: bytes
    entry: Entry | None
    """None where the index is garbled or ends before."""
    sound: bool
    """Whether the index vouches for it, or there is no index that could."""


def read_entries(folder: Path) -> Iterator[Entry | None]:
    """The lines of a folder's index; None for one that something else changed."""
    path = folder / INDEX
    if not path.exists():
        return
    with writing(path), path.open("rb") as file:
        for line in file:
            try:
                # Those of 0.4.0's first days bear no checksum of their own.
                found = read_list(line) or json.loads(line)
                yield Entry(*found) if isinstance(found[-1], str) else None
            except (ValueError, TypeError, LookupError):
                yield None


def read_index(folder: Path) -> Iterator[Entry]:
    """The entries of a folder, as far as they can be read; none where it has no index."""
    return (entry for entry in read_entries(folder) if entry is not None)


def has_index(path: Path) -> bool:
    """Whether there is an index that should vouch for the lines of a file."""
    if path.name not in FILES or (path.parent / INDEX).exists():
        return path.name in FILES
    manifest = read_manifest(path.parent)
    return manifest is not None and manifest.index_bytes > 0


def read_rows(path: Path, end: int | None = None, lenient: bool = False) -> Iterator[Row]:
    """The lines of a data file up to byte ``end``, each as long as its entry says.

    Where an entry is garbled, the line ends where the next line feed is. ``lenient``: where the
    whole index is gone, nothing is said against a line.
    """
    told = (path.parent / INDEX).exists() and path.name in FILES if lenient else has_index(path)
    known = (e for e in read_entries(path.parent) if e is None or e.file == path.name)
    waiting = deque[Entry | None]()
    number = start = 0
    with path.open("rb") as file:
        while True:
            entry = waiting.popleft() if waiting else next(known, None)
            if entry is None and told:  # garbled: it may be of the other file
                for ahead in () if any(waiting) else known:
                    waiting.append(ahead)
                    if ahead is not None:
                        break
                following = next(filter(None, waiting), None)
                if following:
                    place = file.tell()
                    held = file.read(following.length)
                    file.seek(place)
                    if following.fits(held):
                        continue
            line = file.read(entry.length) if entry else file.readline()
            if not line or (end is not None and start + len(line) > end):
                return
            number += 1
            sound = not told or (entry is not None and entry.fits(line))
            yield Row(number, start, line, entry, sound)
            start += len(line)


def vouch(path: Path, start: int, line: bytes) -> bool:
    """Whether the index vouches for the line that begins at a byte, or there is none."""
    place = 0
    for entry in read_index(path.parent):
        if entry.file == path.name:
            if place == start:
                return entry.fits(line)
            place += entry.length
    return not has_index(path)
