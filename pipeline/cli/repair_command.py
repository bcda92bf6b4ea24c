"""What ``toolweave repair`` does: an output folder is mended, and what is lost is told."""

from pathlib import Path

from pipeline.cli import answers
from pipeline.run.repair import repair
from schemas.errors import InputError

DONE, SHORTFALL = 0, 3


def repair_command(folder: Path, quiet: bool, as_json: bool) -> int:
    """Mend a folder; 3 where something is lost. Raises InputError, OutputError."""
    if not folder.is_dir():
        raise InputError("is no folder", file=str(folder))
    done = repair(folder)
    if as_json:
        answers.print_json({"folder": str(folder), **done._asdict()})
    elif not quiet:
        for kind, told in done._asdict().items():
            for line in told:
                answers.print_line(f"{kind}: {line}")
        if not done.mended and not done.lost:
            answers.print_line(f"{folder}: nothing is amiss")
    return SHORTFALL if done.lost else DONE
