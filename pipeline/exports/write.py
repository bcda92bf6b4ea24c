"""Streams the accepted trajectories of an output folder into a file of a trainer's format."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from generators.identity_cache import remembered
from pipeline.files import writing
from pipeline.run.checksums import note_sums
from pipeline.run.data_lines import Line, work_on_lines
from pipeline.run.manifest import ACCEPTED
from pipeline.run.output_folder import manifest_of
from schemas.errors import OutputError
from schemas.record import JsonObject, Record
from schemas.trajectory import Trajectory


@dataclass(frozen=True)
class Format:
    """One JSON object a trajectory."""

    name: str
    """As ``--to`` takes it."""
    about: str
    row: Callable[[Trajectory], JsonObject]
    problems: Callable[[JsonObject], list[str]]
    """What the trainer would refuse or misread; nothing for a good row."""
    shared: str = ""
    """A key whose list holds the same objects in many rows: each is written out once."""


class Exported(Record):
    """What came of an export."""

    file: str
    rows: int
    stiff: int
    """Trajectories that were not wanted, in words that no person would choose."""
    left_out: int
    """Trajectories that the format cannot hold or a trainer would misread."""
    problems: dict[str, int]
    """Why, by frequency."""


class _Row(NamedTuple):
    text: str
    problems: list[str]


def make_row(to: Format, as_text: bool, with_stiff: bool, line: Line) -> _Row | None:
    """The row of a line, and why it is left out; None where it is not wanted."""
    if line.trajectory.task.stiff and not with_stiff:
        return None
    row = to.row(line.trajectory)
    found = to.problems(row)
    if as_text and "tools" in row:
        row = {**row, "tools": json.dumps(row["tools"], ensure_ascii=False, allow_nan=False)}
    shared = row.get(to.shared)
    if not isinstance(shared, list) or not shared:
        return _Row(_json(row), found[:1])
    before, key, after = _json(row | {to.shared: []}).rpartition(f'"{to.shared}": [')
    return _Row(f"{before}{key}{', '.join(map(_written, shared))}{after}", found[:1])


def _json(value: JsonObject) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


_written = remembered(_json)


def export(
    folder: Path,
    to: Format,
    file: Path,
    force: bool,
    seen: Callable[[int], None],
    *,
    as_text: bool = False,
    with_stiff: bool = True,
    processes: int = 1,
) -> Exported:
    """Write ``file`` as a whole or not at all; ``seen`` is told the bytes that were read.

    ``as_text`` writes the tools of a row as one JSON text: a reader that makes columns of all keys
    neither fills foreign parameters with null nor stumbles over values of several types.
    Without ``with_stiff``, tasks in words that no person would choose (`Task.stiff`) are left out.
    Raises InputError for a folder that is no output, OutputError where ``file`` exists and
    ``force`` is not given, or cannot be written.
    """
    if file.exists() and not force:
        raise OutputError(f"{file}: exists already; --force writes over it")
    make = partial(make_row, to, as_text, with_stiff)
    end = manifest_of(folder).accepted_bytes
    temporary = file.with_name(f"{file.name}.tmp")
    problems: Counter[str] = Counter()
    rows = stiff = total = 0
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("w", encoding="utf-8") as target:
                for length, row in work_on_lines(folder / ACCEPTED, make, processes, end):
                    seen(length)
                    stiff += row is None
                    problems.update(row.problems if row else ())
                    total += row is not None
                    if row and not row.problems:
                        target.write(f"{row.text}\n")
                        rows += 1
            temporary.replace(file)
            if file.resolve().is_relative_to(folder.resolve()):
                note_sums(folder, [file.resolve().relative_to(folder.resolve()).as_posix()])
        finally:
            temporary.unlink(missing_ok=True)
    told = dict(problems.most_common(10))
    return Exported(file=str(file), rows=rows, stiff=stiff, left_out=total - rows, problems=told)
