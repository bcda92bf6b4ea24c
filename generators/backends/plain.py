"""Python's values as JSON: what states are hashed by, and what results are shown as.

Equal values have the same form, whatever order they were put together in. What lies inside itself
is written as the number of steps back to it, so that a folder may know its parent.
"""

import json
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from math import isfinite
from pathlib import PurePath
from random import Random
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from schemas.record import JsonObject

MAX_DEPTH = 100


class NotPlainError(ValueError):
    """A value that JSON cannot hold, by the place at which it stands."""


def plain(
    value: Any,
    place: str = "",
    without: frozenset[str] = frozenset(),
    within: tuple[int, ...] = (),
) -> Any:
    """The value as JSON. Raises NotPlainError, which names ``place`` and what stands there.

    Objects become their fields but for those named in ``without``, sets sorted lists, tuples lists,
    enums their values, times ISO 8601. ``within`` is for its own use: what this value lies in.
    """
    simple = _scalar(value)
    if isinstance(simple, float) and not isfinite(simple):
        raise NotPlainError(f"{place} is {simple}, which JSON cannot hold")
    if simple is not _NONE:
        return simple
    if id(value) in within:
        return {"^": len(within) - within.index(id(value))}
    if len(within) > MAX_DEPTH:
        raise NotPlainError(f"{place} is nested more than {MAX_DEPTH} levels deep")
    inner = (*within, id(value))

    def part(item: Any, step: str) -> Any:
        return plain(item, f"{place}{step}", without, inner)

    if isinstance(value, Mapping):
        return {_key(key, place): part(item, f"[{key!r}]") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [part(item, f"[{at}]") for at, item in enumerate(value)]
    if isinstance(value, Set):
        items = [part(item, "{…}") for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    held = attributes(value, place).items()
    return {name: part(item, f".{name}") for name, item in held if name not in without}


def attributes(value: Any, place: str = "") -> JsonObject:
    """The fields of an object, by name. Raises NotPlainError for what has none."""
    if isinstance(value, Random):
        return {"random": value.getstate()}
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, type) or callable(value) or not hasattr(value, "__dict__"):
        raise NotPlainError(f"{place} is a {type(value).__name__}, which JSON cannot hold")
    return dict(vars(value))


_NONE = object()


def _scalar(value: Any) -> Any:
    """What is no container; `_NONE` where it is one."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if isinstance(value, UUID | PurePath) else _NONE


def _key(key: Any, place: str) -> str:
    simple = _scalar(key)
    if simple is _NONE:
        raise NotPlainError(f"{place} has the key {key!r}, which JSON cannot hold")
    return str(simple)
