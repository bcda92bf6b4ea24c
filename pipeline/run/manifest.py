"""The manifest of an output folder: what it holds, from what, and how far it is committed."""

from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from pipeline.files import replace_file
from schemas.errors import OutputError
from schemas.record import JsonObject, Record
from schemas.trajectory import SCHEMA_VERSION

NAME = "manifest.json"
State = Literal["running", "complete", "short"]


class Manifest(Record):
    """The one truth about a folder: bytes of the data files beyond it do not count."""

    schema_version: Literal[1] = SCHEMA_VERSION
    toolweave: str
    """Version of the package that wrote last."""
    fingerprint: str
    settings: JsonObject
    shard_size: int
    state: State = "running"
    consumed: int = 0
    """Candidates 0 … consumed - 1 are decided."""
    accepted: int = 0
    rejected: int = 0
    accepted_bytes: int = 0
    """Committed length of ``trajectories.jsonl``."""
    rejected_bytes: int = 0


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest of ``folder``; None without one. Raises OutputError if unreadable."""
    path = folder / NAME
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise OutputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        where = f" at {place}" if place else ""
        raise OutputError(f"{path}: is no manifest of toolweave{where}: {first['msg']}") from None


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Replace the manifest in one step."""
    replace_file(folder / NAME, manifest.model_dump_json(indent=2) + "\n")
