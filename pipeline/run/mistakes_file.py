"""Where the mistakes of an output folder lie, and how they are read: one after the other.

``errors.jsonl`` has a `Mistake` a line, in the order of ``trajectories.jsonl``; conversations made
of them lie in ``recoveries.jsonl`` and ``near_misses.jsonl``, whole records, one a line.
"""

from collections.abc import Iterator
from pathlib import Path

from pydantic import ValidationError

from pipeline.run.data_lines import lines
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
    clean = (
        line.trajectory for line in lines(folder / ACCEPTED, manifest_of(folder).accepted_bytes)
    )
    path, trajectory = folder / ERRORS, None
    if not path.exists():
        raise InputError("does not exist; `toolweave errors` makes it", file=str(path))
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                mistake = Mistake.model_validate_json(line)
            except ValidationError as error:
                told = error.errors()[0]["msg"]
                raise InputError(
                    f"is no mistake: {told}", file=str(path), place=f"line {number}"
                ) from None
            while trajectory is None or trajectory.index < mistake.index:
                trajectory = next(clean, None)
                if trajectory is None:
                    break
            if trajectory is None or trajectory.id != mistake.trajectory:
                raise InputError(
                    f"speaks of a trajectory that is not in {ACCEPTED}",
                    file=str(path), place=f"line {number}",
                )  # fmt: skip
            if not uses or mistake.use in uses:
                yield trajectory, mistake
