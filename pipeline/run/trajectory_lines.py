"""Reads files of trajectories line by line: those of an output folder, or any other."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from pipeline.run.manifest import NAME, Manifest, read_manifest
from pipeline.run.output_folder import ACCEPTED, REJECTED
from schemas.errors import InputError
from schemas.trajectory import Trajectory


class Line(NamedTuple):
    """One trajectory and where it stands."""

    number: int
    length: int
    trajectory: Trajectory


def manifest_of(folder: Path) -> Manifest:
    """Read the manifest of an output folder. Raises InputError where it is none."""
    if not folder.is_dir():
        raise InputError("is no folder", file=str(folder))
    manifest = read_manifest(folder)
    if manifest is None:
        raise InputError(f"is no output of toolweave: it has no {NAME}", file=str(folder))
    return manifest


def committed_lines(folder: Path, rejected: bool = False) -> Iterator[Line]:
    """Yield what is committed in an output folder, even while a build goes on there."""
    manifest = manifest_of(folder)
    if rejected:
        return lines(folder / REJECTED, manifest.rejected_bytes)
    return lines(folder / ACCEPTED, manifest.accepted_bytes)


def lines(path: Path, end: int | None = None) -> Iterator[Line]:
    """Yield the trajectories of a file up to byte ``end``. Raises InputError with file and line."""
    try:
        with path.open("rb") as file:
            position = 0
            for number, line in enumerate(file, 1):
                position += len(line)
                if end is not None and position > end:
                    return
                if line.strip():
                    yield Line(number, len(line), parse(line, str(path), f"line {number}"))
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from error


def parse(line: bytes, file: str, place: str) -> Trajectory:
    """Read one line. Raises InputError."""
    try:
        return Trajectory.model_validate_json(line)
    except ValidationError as error:
        first = error.errors()[0]
        inside = ".".join(str(part) for part in first["loc"])
        raise InputError(
            f"is no trajectory: {first['msg']}", file=file, place=f"{place} {inside}".strip()
        ) from None
