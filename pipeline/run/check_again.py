"""Runs the checks over a data set again and says what falls short, where and why.

The environments in which calls are replayed are made from the catalogue beside the file; without
one the replay is ``unknown``, and unknown is never good.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.run.output_folder import ACCEPTED, CATALOG, Duplicates, read_catalog
from pipeline.run.trajectory_lines import Line, lines
from pipeline.run.workshop import Stages
from schemas.check import EnvironmentFactory
from schemas.errors import InputError
from schemas.record import Record
from schemas.verdict import Verdict
from validators.checks import examine


class Finding(Record):
    """One thing that falls short."""

    line: int
    trajectory: str
    check: str
    label: str
    code: str = ""
    message: int | None = None
    path: str = ""
    explanation: str = ""

    def __str__(self) -> str:
        """One line for people."""
        place = "" if self.message is None else f", message {self.message}"
        place += f" {self.path}" if self.path else ""
        why = " ".join(part for part in (self.code, self.explanation) if part) or "no reason given"
        return f"line {self.line}, {self.trajectory}{place}: {self.check} {self.label}: {why}"


def data_file(path: Path) -> Path:
    """Find the file that is meant: an output folder stands for its accepted trajectories."""
    file = path / ACCEPTED if path.is_dir() else path
    if not file.is_file():
        raise InputError("does not exist" if not file.exists() else "is no file", file=str(file))
    if file.stat().st_size == 0:
        raise InputError("is empty", file=str(file))
    return file


def environments_beside(file: Path, stages: Stages) -> EnvironmentFactory | None:
    """Make environments of the catalogue beside ``file``; None where there is none."""
    if not (file.parent / CATALOG).exists():
        return None
    return stages.environments(read_catalog(file.parent), file.parent)


def check_file(
    file: Path, environment: EnvironmentFactory | None, seen: Callable[[int], None]
) -> Iterator[tuple[Line, list[Finding]]]:
    """Yield each trajectory and what falls short in it. Raises InputError for a broken line."""
    duplicates = Duplicates()
    for line in lines(file):
        # The verdicts of models, which cannot be had again for nothing.
        examined = examine(
            line.trajectory,
            environment,
            tuple(verdict for verdict in line.trajectory.verdicts if verdict.judge != "code"),
        )
        repeated = duplicates.judge(examined)
        verdicts = (*examined.verdicts, *([repeated] if repeated else []))
        seen(line.length)
        yield line, [finding for verdict in verdicts for finding in _findings(line, verdict)]


def _findings(line: Line, verdict: Verdict) -> Iterator[Finding]:
    if verdict.label == "good":
        return
    found = Finding(
        line=line.number, trajectory=line.trajectory.id, check=verdict.check, label=verdict.label
    )
    if not verdict.reasons:
        yield found
    for reason in verdict.reasons:
        yield found.model_copy(update=reason.model_dump())
