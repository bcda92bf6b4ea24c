"""Schemas of results of which only values are known: by `genson`, or from a template of types.

A text's format is recognised where at least `ENOUGH_TEXTS` values were seen and all agree. A text
becomes an enum only where at least `ENOUGH_FOR_ENUM` values were seen, each of at most
`MOST_OF_ENUM` different ones at least `ENOUGH_OF_EACH` times, and all of them are single words:
few observations never close a set.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Any

from genson import SchemaBuilder
from genson.schema.strategies import String

from generators.importers.foreign_types import any_of, parse_type
from generators.importers.subschemas import map_subschemas
from schemas.record import JsonObject

ENOUGH_TEXTS = 3
ENOUGH_FOR_ENUM = 30
ENOUGH_OF_EACH = 5
MOST_OF_ENUM = 6
_MOST_COUNTED = 50
"""Different texts that are counted: of more there is no enum."""

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)")
_SHAPES = {
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": _MOMENT,
    "email": re.compile(r"[^\s@]+@[^\s@]+\.[A-Za-z]{2,}"),
    "uri": re.compile(r"[a-z][a-z0-9+.-]*://\S+"),
    "uuid": re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE),
}
_WORD = re.compile(r"[A-Za-z][\w-]*")
_LENGTH = "_list_length"
"""What templates say of a list beside the fields of its rows."""


def schema_of_results(values: Iterable[Any]) -> JsonObject:
    """The schema that all the values satisfy; what all have is required. ``{}`` for none."""
    builder = _Builder(schema_uri=None)
    for value in values:
        builder.add_object(value)
    schema: JsonObject = builder.to_schema()
    return schema


def schema_of_examples(examples: Iterable[Any]) -> JsonObject:
    """A schema that the examples satisfy. What they all have is not therefore required.

    Null alone in an example says that a value may be absent, and nothing about its type.
    """

    def loosen(schema: Any, place: str = "") -> Any:
        del place
        if not isinstance(schema, dict):
            return schema
        if schema.get("type") == "null":
            return {}
        kept = {key: value for key, value in schema.items() if key != "required"}
        return map_subschemas(kept, loosen)

    loosened: JsonObject = loosen(schema_of_results(examples))
    return loosened


_LISTED, _WRITTEN = 24, 1_000
"""Elements of a list, and characters of a text, that are kept of an example."""


def shorten_examples(value: Any) -> Any:
    """An example with the beginning of its lists, and without long texts."""
    if isinstance(value, list):
        return [shorten_examples(one) for one in value[:_LISTED]]
    if isinstance(value, dict):
        told = {key: shorten_examples(one) for key, one in value.items()}
        return {key: one for key, one in told.items() if one is not None}
    return None if isinstance(value, str) and len(value) > _WRITTEN else value


def schema_of_template(template: Any) -> JsonObject:
    """``{"id": "str", "tags": ["list of str with length 5"]}`` as a schema."""
    if isinstance(template, dict):
        fields = {name: schema_of_template(template[name]) for name in template if name != _LENGTH}
        return {"type": "object", "properties": fields}
    if isinstance(template, list):
        return {"type": "array", "items": _join_rows(list(map(schema_of_template, template)))}
    if not isinstance(template, str):
        return schema_of_examples([template])
    of_list = template.startswith("list of ")
    kind = template.removeprefix("list of ").partition(" with ")[0] if of_list else template
    meant = parse_type(kind)
    if meant is None:
        return {"type": "string"}
    return {} if meant == {"type": "null"} else dict(meant)


def _join_rows(rows: list[JsonObject]) -> JsonObject:
    """One schema for the items of a list: objects are put together, property by property."""
    if not rows:
        return {}
    if not all("properties" in row for row in rows):
        return any_of(rows)
    names = dict.fromkeys(name for row in rows for name in row["properties"])
    given = {
        name: [row["properties"][name] for row in rows if name in row["properties"]]
        for name in names
    }
    return {"type": "object", "properties": {name: _join_rows(given[name]) for name in names}}


class _Text(String):  # type: ignore[misc]
    """Texts, which may have a format or be of a closed set."""

    def __init__(self, node_class: Any) -> None:
        super().__init__(node_class)
        self._seen = 0
        self._counts: Counter[str] = Counter()
        self._formats = list(_SHAPES)

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
        if (
            self._seen >= ENOUGH_FOR_ENUM
            and 1 < len(self._counts) <= MOST_OF_ENUM
            and min(self._counts.values()) >= ENOUGH_OF_EACH
            and all(_WORD.fullmatch(text) for text in self._counts)
        ):
            return {**schema, "enum": sorted(self._counts)}
        return schema


class _Builder(SchemaBuilder):  # type: ignore[misc]
    EXTRA_STRATEGIES = (_Text,)


def _has_format(text: str, name: str) -> bool:
    readers: dict[str, Callable[[str], object]] = {
        "date": date.fromisoformat,
        "date-time": datetime.fromisoformat,
    }
    try:
        return _SHAPES[name].fullmatch(text) is not None and bool(readers.get(name, str)(text))
    except ValueError:
        return False
