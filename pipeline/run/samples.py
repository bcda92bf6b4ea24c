"""One conversation of an output folder, found by how its id begins."""

from pathlib import Path

from pipeline.run.data_index import vouch
from pipeline.run.data_lines import definitions_of, parse
from pipeline.run.database import find
from pipeline.run.output_folder import manifest_of
from schemas.errors import InputError
from schemas.trajectory import Trajectory


def read_sample(folder: Path, prefix: str) -> Trajectory:
    """Read the trajectory whose id begins with ``prefix``. Raises InputError, OutputError."""
    manifest_of(folder)
    found = find(folder, prefix)
    exact = [place for place in found if place.trajectory_id == prefix] or found
    if not exact:
        raise InputError(f"no trajectory has an id that begins with {prefix!r}", file=str(folder))
    if len({place.trajectory_id for place in exact}) > 1:
        ids = ", ".join(place.trajectory_id for place in exact)
        raise InputError(f"{prefix!r} begins several ids: {ids} …", file=str(folder))
    path = folder / exact[0].file
    with path.open("rb") as file:
        file.seek(exact[0].offset)
        line, place = file.read(exact[0].length), f"byte {exact[0].offset}"
    if not vouch(path, exact[0].offset, line):
        told = "something else changed it; `toolweave check` says what, `toolweave repair` mends it"
        raise InputError(told, file=str(path), place=place)
    return parse(line, definitions_of(folder), str(path), place)
