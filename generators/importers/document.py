"""Loads one JSON document, and says in one line why a file is none.

Knows nothing of tools. Errors carry no file: the caller, who knows what the user typed, adds it.
"""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from schemas.errors import InputError

MAX_DEPTH = 100
"""Lists and objects inside one another; no real catalogue comes near it."""


def load_document(path: Path) -> Any:
    """The JSON value that a file holds. Raises InputError where it holds none."""
    text = _decode(_read(path))
    if not text.strip():
        raise InputError("the file is empty")
    try:
        document = json.loads(text, parse_constant=_refuse_constant, parse_float=_finite)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise InputError(f"not JSON: {_said(error.msg)}", place=place) from None
    except RecursionError:
        raise InputError(f"nested more than {MAX_DEPTH} levels deep") from None
    except ValueError:  # Python refuses whole numbers of thousands of digits
        raise InputError("holds a whole number that is too long to be read") from None
    _check_depth(document)
    _check_characters(document)
    return document


def json_kind(value: Any) -> str:
    """What a JSON value is, in words: ``a list``."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, str):
        return "text"
    if isinstance(value, int | float):
        return "a number"
    return "a list" if isinstance(value, list) else "an object"


def short_repr(value: Any, length: int = 60) -> str:
    """A value as one line of bounded length, for messages."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError("no such file or folder") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}") from None
    except ValueError:  # a NUL in the path
        raise InputError("is not a possible file name") from None


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        byte = data[error.start]
        problem = f"not UTF-8 text: byte 0x{byte:02x} at offset {error.start}"
        raise InputError(problem) from None


def _said(message: str) -> str:
    if message == "Extra data":
        return "more text after the end of the document (a file holds one document)"
    return message[:1].lower() + message[1:]


def _refuse_constant(word: str) -> None:
    raise InputError(f"holds {word}, which JSON does not have")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise InputError(f"holds the number {digits[:40]}, which is too large to be read")
    return number


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _check_depth(document: Any) -> None:
    level = [document]
    for _ in range(MAX_DEPTH + 1):
        level = [child for value in level for child in _children(value)]
        if not level:
            return
    raise InputError(f"nested more than {MAX_DEPTH} levels deep")


def _check_characters(document: Any) -> None:
    """JSON can escape half of a surrogate pair; no later stage could write it out."""
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        half = f"\\u{ord(error.object[error.start]):04x}"
        raise InputError(f"holds {half}, which is half of a character") from None
