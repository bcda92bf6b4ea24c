"""One canonical JSON form, and the content hashes that are made from it."""

import hashlib
import json
import math
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
    return _CANONICAL.encode(plain(value))


def read_json(text: str) -> Any:
    """The value of JSON text. Raises ValueError, also for NaN and infinities."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


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
