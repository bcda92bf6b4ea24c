"""Reading the data files: their lines as trajectories, one after the other or by many processes."""

import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from pipeline.run.data_index import INDEX, Row, read_rows
from pipeline.run.definitions_file import DefinitionsFile
from pipeline.run.forking import sendable, work_in_order
from schemas.errors import InputError, ToolweaveError
from schemas.record import JsonObject
from schemas.short_form import Passage, complete_opening, complete_task
from schemas.task import Task
from schemas.tool import ToolSpec
from schemas.trajectory import Trajectory

Result = TypeVar("Result")
STRETCH, LONGEST = 500_000, 8_000_000
"""Bytes of a file on which one process works before it answers, at least and at most."""


@dataclass(frozen=True)
class Line:
    """One trajectory and where it stands."""

    number: int
    start: int
    content: bytes
    path: Path

    @property
    def length(self) -> int:
        """Its bytes."""
        return len(self.content)

    @cached_property
    def checksum(self) -> int:
        """CRC-32 of its bytes."""
        return zlib.crc32(self.content)

    @cached_property
    def trajectory(self) -> Trajectory:
        """The record. Raises InputError for a line that is none."""
        definitions = definitions_of(self.path.parent)
        return parse(self.content, definitions, str(self.path), f"line {self.number}")

    @property
    def index(self) -> int:
        """The number of its candidate. Raises InputError."""
        try:
            return int(self.plain["index"])
        except (LookupError, TypeError, ValueError, AttributeError):
            return self.trajectory.index  # which says what is wrong with the line

    @cached_property
    def task(self) -> Task:
        """The record's task: a fifth of the time of the record. Raises InputError."""
        try:
            told = self.complete()["task"]
            return Task.model_validate(told, context=definitions_of(self.path.parent))
        except (LookupError, TypeError, ValueError, AttributeError):
            return self.trajectory.task  # which says what is wrong with the line

    @cached_property
    def plain(self) -> JsonObject:
        """The record's JSON with all of its messages, not validated: the index vouches.

        The tools are told by hash, results of gold calls by the messages that hold them, and fields
        that are as usual may be left out. Eight times as fast as the record. It is never changed.
        Raises ValueError.
        """
        definitions = definitions_of(self.path.parent)
        told: JsonObject = complete_opening(
            from_json(self.content, allow_inf_nan=False),
            lambda key: definitions.find(Passage, key).text,
        )
        return told

    def complete(self) -> JsonObject:
        """What `plain` gives, and its task. Raises ValueError."""
        find = definitions_of(self.path.parent).find_all
        return complete_task(
            self.plain, lambda keys: [one.wire_name for one in find(ToolSpec, keys)]
        )

    def find_tools(self) -> tuple[ToolSpec, ...]:
        """The tools of what `plain` gave. Raises ValueError."""
        told = self.plain["tools"]
        if all(isinstance(one, str) for one in told):
            return tuple(definitions_of(self.path.parent).find_all(ToolSpec, told))
        return tuple(ToolSpec(**one) for one in told)


class _Stretch(NamedTuple):
    """Some whole lines of a file: the number of the first, its byte, and their bytes in all."""

    number: int
    start: int
    length: int


def lines(path: Path, end: int | None = None) -> Iterator[Line]:
    """Yield the trajectories of a file up to byte ``end``. Raises InputError with file and line.

    No line is believed that the index beside the file does not vouch for.
    """
    for stretch in _stretches(path, end, refuse):
        yield from _read(path, stretch)


def refuse(path: Path, row: Row) -> None:
    """Raise InputError about a line that something else changed."""
    raise InputError(
        f"something else changed it, or its line in {INDEX}; `toolweave check` says which, and "
        "`toolweave repair` mends what can be mended",
        file=str(path), place=f"line {row.number}",
    )  # fmt: skip


def work_on_lines(
    path: Path,
    work: Callable[[Line], Result],
    processes: int,
    end: int | None = None,
    unsound: Callable[[Path, Row], None] = refuse,
) -> Iterator[tuple[int, Result]]:
    """Work on every line up to byte ``end``: its bytes and what came of it, in their order.

    Several processes share long files. Raises as `lines` does, after what comes before; where
    ``unsound`` raises nothing, lines that something else changed are passed over.
    """

    def work_on(stretch: _Stretch) -> list[tuple[int, Result] | Exception]:
        done: list[tuple[int, Result] | Exception] = []
        try:
            for line in _read(path, stretch):
                done.append((line.length, work(line)))
        except ToolweaveError as error:
            done.append(sendable(error))
        return done

    size = path.stat().st_size if path.exists() else 0
    processes = min(processes, size // STRETCH)
    # Neighbours share a world: the longer a stretch, the less is made in several processes.
    most = max(STRETCH, min(size // (4 * processes), LONGEST)) if processes > 1 else STRETCH
    for done in work_in_order(work_on, _stretches(path, end, unsound, most), processes):
        for one in done:
            if isinstance(one, Exception):
                raise one
            yield one


def _stretches(
    path: Path, end: int | None, unsound: Callable[[Path, Row], None], most: int = STRETCH
) -> Iterator[_Stretch]:
    try:
        number, start, position = 1, 0, 0
        for row in read_rows(path, end):
            stop = row.start + len(row.line)
            if not row.sound or stop - start >= most:
                position = stop if row.sound else row.start
                if position > start:
                    yield _Stretch(number, start, position - start)
                if not row.sound:
                    unsound(path, row)
                number, start = row.number + 1, stop
            position = stop
        if position > start:
            yield _Stretch(number, start, position - start)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from error


def _read(path: Path, stretch: _Stretch) -> Iterator[Line]:
    with path.open("rb") as file:
        start = file.seek(stretch.start)
        for number, line in enumerate(file, stretch.number):
            if start >= stretch.start + stretch.length:
                return
            if line.strip():
                yield Line(number, start, line, path)
            start += len(line)


def line_at(path: Path, number: int, start: int) -> Line:
    """Read one line again."""
    return next(_read(path, _Stretch(number, start, 1)))


@lru_cache(maxsize=4)
def definitions_of(folder: Path) -> DefinitionsFile:
    """What the records of a folder share: each part is read once in a process."""
    return DefinitionsFile(folder)


def parse(line: bytes, definitions: DefinitionsFile, file: str, place: str) -> Trajectory:
    """Read one line. Raises InputError."""
    try:
        # Read first: what puts short forms right needs it as Python has it, which takes long there.
        return Trajectory.model_validate(from_json(line), context=definitions)
    except ValidationError as error:
        first = error.errors()[0]
        inside = ".".join(str(part) for part in first["loc"])
        problem = f"is no trajectory: {first['msg']}"
        raise InputError(problem, file=file, place=f"{place} {inside}".strip()) from None
    except ValueError as error:
        problem = f"is no trajectory: Invalid JSON: {error}"
        raise InputError(problem, file=file, place=place) from None
