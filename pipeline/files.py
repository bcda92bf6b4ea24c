"""Writing files so that a failure is one line and a crash leaves no half."""

import fcntl
import json
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, NamedTuple, TypeVar

from schemas.errors import OutputError

T = TypeVar("T")
_CHUNK = 1 << 20
"""Bytes of a file that are measured at a time."""


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the operating system refuses into an OutputError that names ``path``."""
    try:
        yield
    except OSError as error:
        raise OutputError(f"{path}: cannot be written: {error.strerror or error}") from error


def replace_file(path: Path, text: str) -> None:
    """Write a whole file: either the old or the new content is there, never a part."""
    temporary = path.with_name(f"{path.name}.tmp")
    with writing(path):
        try:
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def append_whole(path: Path, content: bytes, at: int | None = None) -> int:
    """Append all of ``content`` or nothing, and hand it to the system; answers the new length.

    ``at``: what lies beyond this byte, left by a write that failed, is cut off before. Without it,
    what a writer that was killed has left of a line is cut off. One process writes at a time.
    """
    with path.open("a+b", buffering=0) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        start = file.seek(0, os.SEEK_END)
        if at is not None and start > at:
            start = file.truncate(at)
        elif at is None:
            start = cut_torn(file)
        try:
            written = 0
            while written < len(content):
                written += file.write(content[written:])
        except OSError:
            file.truncate(start)
            raise
        return start + written


def cut_torn(file: IO[bytes]) -> int:
    """Cut off what stands behind the last whole line of a file; answers its length then."""
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - 1))
    if file.read() in (b"", b"\n"):
        return end
    file.seek(0)
    return file.truncate(file.read().rfind(b"\n") + 1)


def append_durably(path: Path, content: bytes, at: int | None = None) -> int:
    """As `append_whole`, and on the disk when it returns. Raises OutputError."""
    with writing(path):
        length = append_whole(path, content, at)
    save(path)
    return length


def save(path: Path) -> None:
    """Have on the disk what a file holds by now. Raises OutputError."""
    with writing(path), path.open("rb") as file:
        os.fsync(file.fileno())


class Measured(NamedTuple):
    """The beginning of a file of lines."""

    length: int
    lines: int
    checksum: int
    """CRC-32 of the bytes: it can be carried on as the file grows."""

    def and_then(self, content: bytes) -> "Measured":
        """The same after more lines."""
        lines = self.lines + content.count(b"\n")
        return Measured(self.length + len(content), lines, zlib.crc32(content, self.checksum))


NO_LINES = Measured(0, 0, 0)


def measure(path: Path, length: int) -> Measured:
    """What stands in the first ``length`` bytes, or in all where there are fewer."""
    measured = NO_LINES
    if path.exists():
        with writing(path), path.open("rb") as file:
            while content := file.read(min(_CHUNK, length - measured.length)):
                measured = measured.and_then(content)
    return measured


def keep_line(path: Path, line: str) -> None:
    """Add a line to a file that is only appended to. Raises OutputError."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    append_durably(path, line.encode() + b"\n")


def read_kept(path: Path, what: str, read: Callable[[Any], T]) -> list[T]:
    """Read the JSON lines of a file that is only appended to; there may be none yet.

    Raises OutputError where a line is no ``what``.
    """
    with writing(path):
        content = path.read_bytes() if path.exists() else b""
        whole = content[: content.rfind(b"\n") + 1]
        if len(whole) < len(content):  # a crash cut the last line short, or it is being written
            with path.open("r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                cut_torn(file)
    try:
        return [read(json.loads(line)) for line in whole.splitlines()]
    except (ValueError, LookupError, TypeError):
        raise OutputError(f"{path}: is no {what}; remove it") from None
