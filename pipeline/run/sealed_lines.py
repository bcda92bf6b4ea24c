"""Lines that vouch for themselves: a JSON list, and last in it the CRC-32 of what precedes.

A byte that something else changed anywhere in such a line is known by the line alone.
"""

import json
import zlib
from collections.abc import Sequence
from typing import Any


def seal(head: bytes) -> bytes:
    """The line of a list that is written but for its end: ``[1,"a"`` becomes ``[1,"a",CRC]``."""
    return head + b",%d]\n" % zlib.crc32(head)


def unseal(line: bytes) -> bytes | None:
    """What was sealed; None where it is not that."""
    head = line.rpartition(b",")[0]
    return head if line == seal(head) else None


def write_list(values: Sequence[Any]) -> bytes:
    """The line of some values."""
    return seal(json.dumps(values, separators=(",", ":"), ensure_ascii=False)[:-1].encode())


def read_list(line: bytes) -> list[Any] | None:
    """The values of a line; None where something else changed it."""
    head = unseal(line)
    found: list[Any] | None = None if head is None else json.loads(head + b"]")
    return found
