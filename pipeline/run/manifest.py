"""The manifest of an output folder: what it holds, from what, how far it is; and a run's report.

What it is from is the version, and a hash of the code that decides the data that it makes.
"""

import hashlib
import zlib
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from pipeline.files import replace_file
from pipeline.run.workshop import Share
from schemas.errors import OutputError
from schemas.record import JsonObject, Record
from schemas.trajectory import SCHEMA_VERSION

ACCEPTED, REJECTED = "trajectories.jsonl", "rejected.jsonl"
"""The data files."""
NAME, BEGUN = "manifest.json", "begun.json"
"""What holds now, and what it was begun from: the second is never changed."""
State = Literal["running", "complete", "short", "stopped"]
MOST_FAILED = 10
"""Candidates that raised an error, one after the other: then a run ends."""


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
    failed_in_a_row: int = 0
    """So many of those that were decided last raised an error, one after the other …"""
    origin: str = ""
    """… and where the last one came from."""
    left_out: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Model → options that its endpoint does not take, so that they were not sent."""
    shown: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Model → what its endpoint has been seen to do."""
    accepted: int = 0
    rejected: int = 0
    accepted_bytes: int = 0
    """Committed length of ``trajectories.jsonl``."""
    rejected_bytes: int = 0
    accepted_crc: int = 0
    """CRC-32 of what is committed: bytes that something else changed are noticed."""
    rejected_crc: int = 0
    index_bytes: int = 0
    """The same of ``index.jsonl``, which has the checksum of each line."""
    index_crc: int = 0
    definitions: int = 0
    """Parts in ``definitions.jsonl``, at least: each line there has a checksum of its own."""
    lost: tuple[int, ...] = ()
    """Decided candidates that something else changed and `repair` took out: a build makes them."""
    checksum: int = 0
    """CRC-32 of the file's text as it is with 0 here."""

    @property
    def text(self) -> str:
        """The file's text, with its checksum."""
        plain = self.model_copy(update={"checksum": 0}).model_dump_json(indent=2) + "\n"
        sealed = self.model_copy(update={"checksum": zlib.crc32(plain.encode())})
        return sealed.model_dump_json(indent=2) + "\n"

    @property
    def lengths(self) -> dict[str, int]:
        """Bytes of each data file that are committed."""
        return {ACCEPTED: self.accepted_bytes, REJECTED: self.rejected_bytes}

    @property
    def failing(self) -> str:
        """The origin of the last failure, where so many came in a row that nothing goes on."""
        return self.origin if self.failed_in_a_row >= MOST_FAILED else ""


class Report(Record):
    """What a build came to."""

    out: str
    state: State
    asked: int
    accepted: int
    rejected: int
    candidates: int
    new: int
    """Accepted by this run; 0 where everything was there already."""
    reasons: dict[str, int]
    """The most frequent reason codes of the rejected ones."""
    stiff: int = 0
    """Of the accepted ones, those in words that no person would choose: see `Task.stiff`."""
    coverage: dict[str, int]
    """Tools, edges, entities, outcomes and persons: how many could be had, and how many the
    accepted trajectories have; of tools and edges, also how many the graph has."""
    operators: dict[str, Share]
    """What was asked and got of each operator, and why where they differ."""
    words: dict[str, int] = Field(default_factory=dict)
    """Of messages that were to have other words: how many are ``rewritten``, were ``asked_again``,
    have ``kept`` the script's; and by code why words were refused."""
    second_tries: dict[str, int] = Field(default_factory=dict)
    """Moves that were ``turned_down`` before they were made, and those ``mended``: of accepted
    conversations; dialogues that were ``played_again``, and those ``saved`` so; and by code why
    moves were turned down."""
    manners: dict[str, Share] = Field(default_factory=dict)
    """How users were hard to serve → in which share of the accepted, asked and got."""
    tasks: dict[str, int] = Field(default_factory=dict)
    """Of the candidates whose task a model was to put into words: how many are ``written``, have
    their ``scripted`` words or were ``dropped``, the rounds that were made ``again``; and by code
    why words were refused."""
    stopped: str = ""
    """Why the run ended before it was done, where no person has ended it."""
    failing: str = ""
    """Where the run ended because candidate after candidate raised: the last one's origin."""


def read_manifest(folder: Path, name: str = NAME) -> Manifest | None:
    """Read the manifest of ``folder``; None without one. Raises OutputError if unreadable."""
    path = folder / name
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
        problem = f"{path}: is no manifest of toolweave{where}: {first['msg']}"
        if name == NAME and (folder / BEGUN).exists():
            problem += "; without it, the same build makes it anew from what is kept"
        raise OutputError(problem) from None


def write_manifest(folder: Path, manifest: Manifest, name: str = NAME) -> None:
    """Replace the manifest in one step."""
    replace_file(folder / name, manifest.text)


_MAKES_DATA = ("schemas", "data", "generators", "validators")
_ENDINGS = frozenset({".py", ".yaml", ".j2"})


def version() -> str:
    """As the package's metadata says it."""
    return metadata.version("toolweave")


@cache
def code_hash() -> str:
    """Hash of the code and texts that decide what candidates are made and accepted.

    A folder that was begun by other code is not extended: half of it would be something else.
    """
    home = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    for package in _MAKES_DATA:
        for path in sorted((home / package).rglob("*")):
            if path.suffix in _ENDINGS:
                digest.update(path.relative_to(home).as_posix().encode() + b"\0")
                digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]
