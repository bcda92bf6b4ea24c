"""Where the mistakes of an output folder lie, and how they are read: one after the other.

``errors.jsonl`` has a `Mistake` a line, in the order of ``trajectories.jsonl``; conversations made
of them lie in ``recoveries.jsonl`` and ``near_misses.jsonl``, whole records, one a line.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from pipeline.run.data_lines import Line, lines
from pipeline.run.manifest import ACCEPTED
from pipeline.run.output_folder import manifest_of
from schemas.errors import InputError
from schemas.mistake import Mistake, Use
from schemas.trajectory import Trajectory

ERRORS, RECOVERIES, NEAR_MISSES = "errors.jsonl", "recoveries.jsonl", "near_misses.jsonl"


def read_mistakes(folder: Path, *uses: Use) -> Iterator[tuple[Trajectory, Mistake]]:
    """Yield each mistake with the clean trajectory that it was put into; all, or of some uses.

    Memory does not grow with the files. Raises InputError.
    """
    return ((line.trajectory, mistake) for line, mistake in read_mistaken(folder, *uses))


def read_mistaken(folder: Path, *uses: Use) -> Iterator[tuple[Line, Mistake]]:
    """The same with the line of the trajectory, of which no record needs to be made."""
    clean = lines(folder / ACCEPTED, manifest_of(folder).accepted_bytes)
    path, line = folder / ERRORS, None
    if not path.exists():
        raise InputError("does not exist; `toolweave errors` makes it", file=str(path))
    with path.open("rb") as file:
        for number, told in enumerate(file, 1):
            try:
                mistake = Mistake.model_validate_json(told)
            except ValidationError as error:
                said = error.errors()[0]["msg"]
                raise InputError(
                    f"is no mistake: {said}", file=str(path), place=f"line {number}"
                ) from None
            while line is None or line.index < mistake.index:
                line = next(clean, None)
                if line is None:
                    break
            # It was put into this one where the line is that of then, or at least the id.
            if line is None or (
                (mistake.line, mistake.index) != (line.checksum, line.index)
                and mistake.trajectory != line.trajectory.id
            ):
                raise InputError(
                    f"speaks of a trajectory that is not in {ACCEPTED}",
                    file=str(path), place=f"line {number}",
                )  # fmt: skip
            if not uses or mistake.use in uses:
                yield line, mistake
