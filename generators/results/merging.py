"""One schema from several values, by `genson`: what all of them have in common is required.

A text's format is recognised where at least `ENOUGH_TEXTS` values were seen and all agree. A text
becomes an enum only where at least `ENOUGH_FOR_ENUM` values were seen, each of at most
`MOST_OF_ENUM` different ones at least `ENOUGH_OF_EACH` times, and all of them are single words:
few observations never close a set.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from genson import SchemaBuilder
from genson.schema.strategies import String

from schemas.record import JsonObject

ENOUGH_TEXTS = 3
ENOUGH_FOR_ENUM = 30
ENOUGH_OF_EACH = 5
MOST_OF_ENUM = 6
_MOST_COUNTED = 50
"""Different texts that are counted: of more there is no enum."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)")
_SHAPES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("date", re.compile(r"\d{4}-\d\d-\d\d")),
    ("date-time", _MOMENT),
    ("email", re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}")),
    ("uri", re.compile(r"[a-z][a-z0-9+.-]*://\S+")),
    ("uuid", re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)),
)
_WORD = re.compile(r"[A-Za-z][\w-]*")


def schema_of(values: Iterable[Any]) -> JsonObject:
    """The schema that all the values satisfy; ``{}`` for none."""
    builder = _Builder(schema_uri=None)
    for value in values:
        builder.add_object(value)
    schema: JsonObject = builder.to_schema()
    return schema


class _Text(String):  # type: ignore[misc]
    """Texts, which may have a format or be of a closed set."""

    def __init__(self, node_class: Any) -> None:
        super().__init__(node_class)
        self._seen = 0
        self._counts: Counter[str] = Counter()
        self._formats = [name for name, _ in _SHAPES]

    def add_object(self, obj: str) -> None:
        """Take one more value into account."""
        super().add_object(obj)
        self._seen += 1
        if obj in self._counts or len(self._counts) < _MOST_COUNTED:
            self._counts[obj] += 1
        self._formats = [name for name in self._formats if _has_format(obj, name)]

    def to_schema(self) -> JsonObject:
        """Say what all the values have in common."""
        schema: JsonObject = super().to_schema()
        if self._formats and self._seen >= ENOUGH_TEXTS:
            return {**schema, "format": self._formats[0]}
        if self._is_closed():
            return {**schema, "enum": sorted(self._counts)}
        return schema

    def _is_closed(self) -> bool:
        return (
            self._seen >= ENOUGH_FOR_ENUM
            and 1 < len(self._counts) <= MOST_OF_ENUM
            and min(self._counts.values()) >= ENOUGH_OF_EACH
            and all(_WORD.fullmatch(text) for text in self._counts)
        )


class _Builder(SchemaBuilder):  # type: ignore[misc]
    EXTRA_STRATEGIES = (_Text,)


def _has_format(text: str, name: str) -> bool:
    shape = dict(_SHAPES)[name]
    if not shape.fullmatch(text):
        return False
    if name not in ("date", "date-time"):
        return True
    try:
        date.fromisoformat(text) if name == "date" else datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
