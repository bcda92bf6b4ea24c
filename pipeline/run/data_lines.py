"""Reading the data files: their lines as trajectories, one after the other or by many processes."""

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from pydantic import ValidationError

from pipeline.run.data_index import INDEX, Row, read_rows
from pipeline.run.definitions_file import DefinitionsFile
from pipeline.run.forking import work_in_order
from schemas.errors import InputError, ToolweaveError
from schemas.trajectory import Trajectory

Result = TypeVar("Result")
STRETCH, LONGEST = 500_000, 8_000_000
"""Bytes of a file on which one process works before it answers, at least and at most."""


class Line(NamedTuple):
    """One trajectory and where it stands."""

    number: int
    start: int
    length: int
    trajectory: Trajectory


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

    def work_on(stretch: _Stretch) -> list[tuple[int, Result] | ToolweaveError]:
        done: list[tuple[int, Result] | ToolweaveError] = []
        try:
            for line in _read(path, stretch):
                done.append((line.length, work(line)))
        except ToolweaveError as error:
            done.append(error)
        return done

    size = path.stat().st_size if path.exists() else 0
    processes = min(processes, size // STRETCH)
    # Neighbours share a world: the longer a stretch, the less is made in several processes.
    most = max(STRETCH, min(size // (4 * processes), LONGEST)) if processes > 1 else STRETCH
    for done in work_in_order(work_on, _stretches(path, end, unsound, most), processes):
        for one in done:
            if isinstance(one, ToolweaveError):
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
    definitions = definitions_of(path.parent)
    with path.open("rb") as file:
        start = file.seek(stretch.start)
        for number, line in enumerate(file, stretch.number):
            if start >= stretch.start + stretch.length:
                return
            if line.strip():
                trajectory = parse(line, definitions, str(path), f"line {number}")
                yield Line(number, start, len(line), trajectory)
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
        return Trajectory.model_validate_json(line, context=definitions)
    except ValidationError as error:
        first = error.errors()[0]
        inside = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"is no trajectory: {first['msg']}", file=file, place=f"{place} {inside}".strip()
        ) from None
