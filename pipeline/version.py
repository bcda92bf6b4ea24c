"""Which toolweave this is: its version, and a hash of what decides the data that it makes."""

import hashlib
from functools import cache
from importlib import metadata
from pathlib import Path

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
