"""One canonical JSON form, the content hashes that are made from it, and text for a terminal."""

import hashlib
import json
import math
import re
from json.encoder import encode_basestring
from typing import Any, NoReturn

_CANONICAL = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
)
_WRITTEN = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_CONSTANTS = {True: "true", False: "false", None: "null"}
_AS_THEY_ARE = frozenset({str, int, bool, type(None)})
"""Types of values that have one form anyway."""
_NESTED = (dict, list)
_FEW = 8
"""Elements of a list that are written one by one: for those of a seed no encoder is made."""


def plain(value: Any) -> Any:
    """A copy of a JSON value in which numbers that are equal are the same: ``1`` for ``1.0``."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return {
            str(key): item if type(item) in _AS_THEY_ARE else plain(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [item if type(item) in _AS_THEY_ARE else plain(item) for item in value]
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    return value


def copied(value: Any) -> Any:
    """A deep copy of a JSON value."""
    if isinstance(value, dict):
        copy = value.copy()
        for key, item in value.items():
            if isinstance(item, _NESTED):
                copy[key] = copied(item)
        return copy
    return [copied(item) for item in value] if isinstance(value, list) else value


def canonical_json(value: Any) -> str:
    """Sorted keys, no spaces, no NaN: equal values give equal text.

    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    kind = type(value)
    if kind is int or (kind is float and value.is_integer()):
        return str(int(value))
    if kind is bool or value is None:
        return _CONSTANTS[value]
    if kind is float and math.isfinite(value):
        return repr(value)
    if kind is str:
        return encode_basestring(value)
    if kind in (list, tuple) and len(value) <= _FEW:
        return f"[{','.join(map(canonical_json, value))}]"
    text = _CANONICAL.encode(value)
    # Written with neither, no number in it is a float that equals an integer.
    return _CANONICAL.encode(plain(value)) if ".0" in text or "e+" in text else text


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_READING = json.JSONDecoder(parse_constant=_refuse)


def read_json(text: str) -> Any:
    """The value of JSON text. Raises ValueError, also for NaN and infinities."""
    return _READING.decode(text)


def written_json(value: Any) -> str:
    """JSON as a service writes it: keys in their own order, one space after separators."""
    return _WRITTEN.encode(value)


def content_hash(value: Any, length: int = 16) -> str:
    """The first ``length`` hexadecimal digits of the SHA-256 of the canonical form."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()[:length]


def derive_seed(*parts: Any) -> int:
    """A 63-bit seed for a named sub-stream: the same parts give the same seed on any machine."""
    digest = hashlib.sha256(canonical_json(parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") >> 1


_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # escapes and all other controls but tab and line feed
    "\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"  # what turns the direction or the line
    "\ufeff\ud800-\udfff\U000e0000-\U000e007f]"  # nothing to be seen, and half a character
)


def printable(text: str) -> str:
    """The text with each such character as JSON escapes it: in JSON it stays the same value.

    What stands in other people's catalogues may be printed: a terminal must not obey it.
    """

    def escape(found: re.Match[str]) -> str:
        number = ord(found[0])
        return f"\\u{number:04x}" if number < 0x10000 else json.dumps(found[0])[1:-1]

    return _UNPRINTABLE.sub(escape, text)
