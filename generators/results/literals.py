"""Values that stand in a text, as JSON or as Python writes them: ``{"id": 1}``, ``{'id': 1}``.

What a value means is left to `generators.results.examples`.
"""

import ast
import json
import math
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

LONGEST_TEXT = 20_000
"""Characters of a text that are looked at."""
MOST_DEPTH = 40
_MOST_UNCLOSED = 20
_ELISION = re.compile(r"(?:,|(?<=[\[{]))\s*(?:\.\.\.|…)\s*(?=[\]}])")
_CLOSING = {"{": "}", "[": "]"}


@dataclass(frozen=True)
class Bracketed:
    """A stretch of text from an outermost bracket to the one that closes it."""

    start: int
    end: int
    text: str


def bracketed(text: str) -> Iterator[Bracketed]:
    """Yield each ``{…}`` and ``[…]`` that lies in no other; brackets in quotes do not count."""
    text = text[:LONGEST_TEXT]
    at = unclosed = 0
    while unclosed < _MOST_UNCLOSED and (opening := re.compile(r"[{\[]").search(text, at)):
        start = opening.start()
        end = _closed_at(text, start)
        if end is None:
            unclosed += 1
            at = start + 1
        else:
            yield Bracketed(start, end, text[start:end])
            at = end


def _closed_at(text: str, start: int) -> int | None:
    """Find the place after the bracket that closes the one at ``start``."""
    open_brackets: list[str] = []
    quote = ""
    at = start
    while at < len(text):
        mark = text[at]
        if quote:
            at += mark == "\\"
            quote = "" if mark == quote else quote
        elif mark == '"' or (mark == "'" and _opens_text(text, at)):
            quote = mark
        elif mark in _CLOSING:
            open_brackets.append(_CLOSING[mark])
        elif mark in "}]":
            if mark != open_brackets.pop():
                return None
            if not open_brackets:
                return at + 1
        at += 1
    return None


def _opens_text(text: str, at: int) -> bool:
    """Tell a quote from an apostrophe: nothing but a mark of the syntax stands before it."""
    return text[:at].rstrip()[-1:] in tuple("{[,:(")


def read_literal(text: str) -> Any:
    """Read a value; ``...`` for the rest of a list is left out. Raises ValueError for no value."""
    value = _read(_ELISION.sub("", text))
    check_value(value)
    return value


def check_value(value: Any) -> None:
    """Raise ValueError for what no later stage could work on, though JSON can write it."""
    level = [value]
    for _ in range(MOST_DEPTH):
        level = [child for item in level for child in _children(item)]
    if level:
        raise ValueError(f"nested more than {MOST_DEPTH} levels deep")
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise ValueError("holds half of a character") from None


def _children(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        yield from value.values()
    elif isinstance(value, list):
        yield from value


def _read(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_refuse, parse_float=_finite)
    except RecursionError:
        raise ValueError("nested too deep") from None
    except ValueError:
        return _plain(_python_value(text))


def _python_value(text: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an escape that Python does not know is kept as it is
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            raise ValueError("neither JSON nor a Python literal") from None


def _plain(value: Any) -> Any:
    """Make a Python value a JSON value. Raises ValueError where JSON has no such thing."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a key that is no text")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise ValueError(f"a {type(value).__name__}, which JSON does not have")


def _refuse(word: str) -> None:
    raise ValueError(f"{word}, which JSON does not have")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number that is too large")
    return number
