"""Which schemas of results ask for what is not satisfied by construction, so that it is checked.

Rows are made by `generators.sandbox.values`, and shown in the form that the schema has. This holds
a schema's keywords against what that can do; a single value or list is tried.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from random import Random
from typing import Any, TypeGuard

from jsonschema import Draft202012Validator

from generators.lexicon.tables import word_set
from generators.sandbox.schema_validity import fits, kind_of, simple
from generators.sandbox.values import invent, meaning
from schemas.record import JsonObject

_CONSTRUCTS = word_set(
    "not if then else oneOf dependentRequired dependentSchemas contains propertyNames "
    "patternProperties prefixItems unevaluatedProperties unevaluatedItems minProperties "
    "maxProperties"
)
_FREE = word_set("type title description format default examples example deprecated")
"""Keywords that bind no single value beyond its type."""
_TRIES = 3
_CLOCK = datetime(2026, 1, 15, 9, tzinfo=UTC)


def is_rare(schema: JsonObject, listing: bool) -> bool:
    """Whether results have to be checked.

    ``listing``: found rows are shown, maybe none; otherwise one.
    """
    top = simple(schema)
    parts = top.get("properties", {})
    lone = [part for part in parts.values() if isinstance(part, dict)] if len(parts) == 1 else []
    if any(_binds(one) for one in (top, *lone) if kind_of(one) not in ("object", "array")):
        return True
    if top.get("minItems", 0) > 0 or {"const", "enum"} & top.keys():
        return True
    sure = 0 if listing else 1
    if any(part.get("minItems", 0) > sure for part in _lists(top)):
        return True
    return any(_is_odd(name, part) for name, part in _parts("", schema))


def has_constructs(schema: JsonObject) -> bool:
    """Whether a schema has, at any depth, a keyword that nothing is made for."""
    return any(_CONSTRUCTS & part.keys() for _, part in _parts("", schema))


def _lists(schema: JsonObject) -> Iterator[JsonObject]:
    """The lists that are no part of a row: one of them may be of the rows."""
    for part in map(simple, filter(_is_schema, schema.get("properties", {}).values())):
        if kind_of(part) == "array":
            yield part
        yield from _lists(part)


def _is_schema(part: Any) -> TypeGuard[JsonObject]:
    return isinstance(part, dict)


def _binds(schema: JsonObject) -> bool:
    """Whether a value that is said, not made, could be none that is allowed."""
    return bool(schema.keys() - _FREE)


def _parts(name: str, schema: Any) -> Iterator[tuple[str, JsonObject]]:
    """A schema and all within it that are of values, with the names of these."""
    if not isinstance(schema, dict):
        return
    yield name, schema
    for key, part in schema.get("properties", {}).items():
        yield from _parts(key, part)
    for key in ("items", "additionalProperties"):
        yield from _parts(name, schema.get(key))
    for key in ("anyOf", "allOf"):
        for part in schema.get(key, ()):
            yield from _parts(name, part)


def _is_odd(name: str, schema: JsonObject) -> bool:
    plain, properties = simple(schema), schema.get("properties", {})
    if _CONSTRUCTS & schema.keys() or not set(schema.get("required", ())) <= set(properties):
        return True
    if any(rule is False for rule in properties.values()):
        return True
    if kind_of(plain) == "object":
        return schema.get("additionalProperties") is False and not properties
    if any(one is not None and not fits(one, schema) for one in plain.get("enum", ())):
        return True
    return bool(plain.keys() - _FREE - {"enum", "items"}) and not _is_made(name, schema)


def _is_made(name: str, schema: JsonObject) -> bool:
    """Whether values that are made for a schema satisfy it."""
    validator = Draft202012Validator(schema)
    plain, rng = simple(schema), Random(0)
    return all(
        validator.is_valid(invent(meaning(name, plain), plain, rng, name=name, clock=_CLOCK))
        for _ in range(_TRIES)
    )
