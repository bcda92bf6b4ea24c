"""The schema of a result of which only an example is known, or a template with types for values."""

from collections.abc import Callable
from typing import Any

from generators.importers.foreign_types import any_of, parse_type
from schemas.record import JsonObject

_LENGTH = "_list_length"


def schema_of_example(example: Any) -> JsonObject:
    """The types of an example; nothing is required, since one example does not tell."""
    return _schema(example, _type_of)


def schema_of_template(template: Any) -> JsonObject:
    """``{"id": "str", "tags": ["list of str with length 5"]}`` as a schema."""
    return _schema(template, _named)


def _schema(value: Any, leaf: Callable[[Any], JsonObject]) -> JsonObject:
    if isinstance(value, dict):
        inner = {key: _schema(item, leaf) for key, item in value.items() if key != _LENGTH}
        return {"type": "object", "properties": inner}
    if isinstance(value, list):
        return {"type": "array", "items": _alike([_schema(item, leaf) for item in value])}
    return leaf(value)


def _alike(items: list[JsonObject]) -> JsonObject:
    """One schema for the items of a list: objects are put together, property by property."""
    if not items:
        return {}
    if not all("properties" in item for item in items):
        return any_of(items)
    names = dict.fromkeys(name for item in items for name in item["properties"])
    given = {
        name: [item["properties"][name] for item in items if name in item["properties"]]
        for name in names
    }
    return {"type": "object", "properties": {name: _alike(given[name]) for name in names}}


def _type_of(value: Any) -> JsonObject:
    """What was null when it was seen may be anything."""
    if isinstance(value, bool):
        return {"type": "boolean"}
    if isinstance(value, str):
        return {"type": "string"}
    if isinstance(value, int):
        return {"type": "integer"}
    return {"type": "number"} if isinstance(value, float) else {}


def _named(value: Any) -> JsonObject:
    if not isinstance(value, str):
        return _type_of(value)
    if value.startswith("list of "):
        value = value.removeprefix("list of ").partition(" with ")[0]
    meant = parse_type(value)
    if meant is None:
        return {"type": "string"}
    return {} if meant == {"type": "null"} else dict(meant)
