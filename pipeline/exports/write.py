"""Streams the accepted trajectories of an output folder into a file of a trainer's format."""

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipeline.files import writing
from pipeline.run.output_folder import committed_lines
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


def export(
    folder: Path,
    to: Format,
    file: Path,
    force: bool,
    seen: Callable[[int], None],
    *,
    as_text: bool = False,
    with_stiff: bool = True,
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
    temporary = file.with_name(f"{file.name}.tmp")
    problems: Counter[str] = Counter()
    rows = stiff = total = 0
    with writing(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("w", encoding="utf-8") as target:
                for line in committed_lines(folder):
                    seen(line.length)
                    if line.trajectory.task.stiff and not with_stiff:
                        stiff += 1
                        continue
                    row = to.row(line.trajectory)
                    found = to.problems(row)
                    problems.update(found[:1])
                    if as_text and "tools" in row:
                        tools = json.dumps(row["tools"], ensure_ascii=False, allow_nan=False)
                        row = {**row, "tools": tools}
                    text = json.dumps(row, ensure_ascii=False, allow_nan=False)
                    total += 1
                    if not found:
                        target.write(f"{text}\n")
                        rows += 1
            temporary.replace(file)
        finally:
            temporary.unlink(missing_ok=True)
    told = dict(problems.most_common(10))
    return Exported(file=str(file), rows=rows, stiff=stiff, left_out=total - rows, problems=told)
