"""Which files a path stands for, and the documents that they hold.

A folder stands for the catalogues in it, in order of name; Python is read only where it is named,
and files of world models are no catalogues.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generators.importers.world_files import is_world_file
from schemas.errors import InputError

SUFFIXES = (".json", ".jsonl", ".yaml", ".yml")
"""Of the files that are looked for in a folder."""


@dataclass(frozen=True)
class NamedDocument:
    """A document that was not read as a file: a live server's answer, a class that is loaded."""

    name: str
    document: Any


def files_of(paths: Sequence[Path]) -> list[Path]:
    """The files that paths stand for; one that is given twice is read once. Raises InputError."""
    return _distinct(list(_expanded(paths)))


def _expanded(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from _files_in(path)
        else:
            yield path


def _files_in(folder: Path) -> list[Path]:
    try:
        inside = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(folder)) from None
    files = [path for path in inside if not path.is_dir() and not is_world_file(path)]
    if not files:
        raise InputError(f"the folder holds no {' or '.join(SUFFIXES)} file", file=str(folder))
    return files


def _distinct(paths: list[Path]) -> list[Path]:
    return list({path.absolute(): path for path in reversed(paths)}.values())[::-1]
