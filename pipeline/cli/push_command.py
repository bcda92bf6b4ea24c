"""``push``: an output folder as a data set with its card."""

from collections.abc import Sequence
from pathlib import Path

from pipeline.cli import answers
from pipeline.publishing.push import push

DONE, SHORTFALL = 0, 3


def push_command(
    folder: Path,
    target: str,
    formats: Sequence[str],
    name: str,
    licence: str,
    test: float,
    force: bool,
    quiet: bool,
    as_json: bool,
) -> int:
    """Publish a folder. Raises InputError, OutputError."""
    pushed = push(folder, target, formats, name=name, licence=licence, test=test, force=force)
    if as_json:
        answers.print_json(pushed)
    elif not quiet:
        rows = ", ".join(f"{part} {count}" for part, count in pushed.rows.items())
        answers.print_line(f"{pushed.target}: {len(pushed.files)} files; rows of {rows}")
        if not pushed.licence:
            answers.warn("the sources state no licence, or several: --license names one for all")
    if pushed.left_out:
        why = "; ".join(f"{problem} ({count})" for problem, count in pushed.problems.items())
        answers.warn(f"{pushed.left_out} rows were left out: {why}")
    return SHORTFALL if pushed.left_out else DONE
