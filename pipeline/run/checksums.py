"""The file ``checksums.jsonl``: length and CRC-32 of the files that are written as a whole.

Lines that grow by candidates are vouched for by the manifest and the index; this is for the rest:
catalogue, graph, tables, exports, answers that are kept. A sealed line an entry; the last counts. A
sealed line is a JSON list, and last in it the CRC-32 of what precedes: a byte that something else
changed anywhere in it is known by the line alone.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from pipeline.files import append_durably, measure, replace_file, writing

CHECKSUMS = "checksums.jsonl"
_ALL = 1 << 62
"""More bytes than any file has."""


class Sum(NamedTuple):
    """What a file held when it was written."""

    file: str
    """Its path in the folder."""
    length: int
    """In bytes; -1 while it is being written."""
    checksum: int

    @property
    def pending(self) -> bool:
        """Whether it is being written, or was when a process died."""
        return self.length < 0

    def holds(self, folder: Path) -> bool:
        """Whether the file begins as it did then; some only grow."""
        path = folder / self.file
        grows = self.file.endswith(".jsonl") and not self.file.startswith("exports/")
        now = measure(path, self.length if grows else _ALL)
        return (now.length, now.checksum) == (self.length, self.checksum)


def read_sums(folder: Path) -> tuple[dict[str, Sum], list[int]]:
    """The last entry of each file, and the numbers of lines that something else changed."""
    found, garbled = dict[str, Sum](), list[int]()
    path = folder / CHECKSUMS
    if path.exists():
        with writing(path), path.open("rb") as file:
            for number, line in enumerate(file, 1):
                values = read_list(line)
                if values is None:
                    garbled.append(number)
                else:
                    found[values[0]] = Sum(*values)
    return found, garbled


def note_sums(folder: Path, names: Iterable[str]) -> None:
    """Note what files hold now, where it is something else. Raises OutputError."""
    known, _ = read_sums(folder)
    lines = []
    for name in dict.fromkeys(names):
        now = measure(folder / name, _ALL)
        one = Sum(name, now.length, now.checksum)
        if (folder / name).exists() and one != known.get(name):
            lines.append(write_list(one))
    if lines:
        append_durably(folder / CHECKSUMS, b"".join(lines))


def note_pending(folder: Path, name: str) -> None:
    """Note that a file is being written: until `note_sums`, nothing is said of it."""
    if folder.is_dir():
        append_durably(folder / CHECKSUMS, write_list(Sum(name, -1, 0)))


def settle_sums(folder: Path) -> None:
    """Keep the last entry of each file that is there; nobody else writes now."""
    known, _ = read_sums(folder)
    kept = [one for one in sorted(known.values()) if (folder / one.file).exists()]
    text = b"".join(map(write_list, kept)).decode()
    if text and (folder / CHECKSUMS).read_bytes() != text.encode():
        replace_file(folder / CHECKSUMS, text)


def seal(head: bytes) -> bytes:
    """The line of a list that is written but for its end: ``[1,"a"`` becomes ``[1,"a",CRC]``."""
    return head + b",%d]\n" % zlib.crc32(head)


def unseal(line: bytes) -> bytes | None:
    """What was sealed; None where it is not that."""
    head = line.rpartition(b",")[0]
    return head if line == seal(head) else None


def write_list(values: Sequence[Any]) -> bytes:
    """The line of some values."""
    return seal(json.dumps(values, separators=(",", ":"), ensure_ascii=False)[:-1].encode())


def read_list(line: bytes) -> list[Any] | None:
    """The values of a line; None where something else changed it."""
    head = unseal(line)
    found: list[Any] | None = None if head is None else json.loads(head + b"]")
    return found
