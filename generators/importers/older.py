"""Rules that turn what older drafts of JSON Schema say into what 2020-12 says.

Each takes a schema whose subschemas are done, and gives it back rewritten. What has the wrong type
is left as it is: the check that follows finds it.
"""

import re
import warnings
from typing import Any

from generators.importers.keywords import Note
from schemas.record import JsonObject

_MAY_BE_NULL = frozenset({"const", "default", "example"})
_BOUNDS = (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum"))


def drop_nulls(schema: JsonObject, note: Note) -> JsonObject:
    """A keyword without a value is absent: some languages write an empty list as null."""
    empty = [key for key, value in schema.items() if value is None and key not in _MAY_BE_NULL]
    if empty:
        note(f"{', '.join(empty)} without a value dropped")
    return _without(schema, *empty)


def strip_title(schema: JsonObject, note: Note) -> JsonObject:
    """Titles repeat the parameter's name."""
    del note
    return _without(schema, "title")


def bound_exclusively(schema: JsonObject, note: Note) -> JsonObject:
    """Draft 4 says ``minimum: 0, exclusiveMinimum: true`` for ``exclusiveMinimum: 0``."""
    for exclusive, bound in _BOUNDS:
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            limit = schema.get(bound)
            schema = _without(schema, exclusive)
            if flag and limit is not None:
                schema = {**_without(schema, bound), exclusive: limit}
            note(f"{exclusive} {str(flag).lower()} rewritten")
    return schema


def name_tuple_items(schema: JsonObject, note: Note) -> JsonObject:
    """Before 2020-12 a list under ``items`` described a tuple."""
    rest = schema.get("additionalItems")
    if isinstance(schema.get("items"), list):
        note("a list of items became prefixItems")
        places = schema["items"]
        schema = _without(schema, "items", "additionalItems")
        schema = {**schema, "prefixItems": places} if places else schema
        return schema if rest is None else {**schema, "items": rest}
    return _without(schema, "additionalItems")


def split_dependencies(schema: JsonObject, note: Note) -> JsonObject:
    """Draft 7 keeps both kinds of dependencies under one keyword."""
    mixed = schema.get("dependencies")
    if not isinstance(mixed, dict):
        return schema
    note("dependencies split")
    names = {key: value for key, value in mixed.items() if isinstance(value, list)}
    shapes = {key: value for key, value in mixed.items() if not isinstance(value, list)}
    schema = _without(schema, "dependencies")
    for keyword, part in (("dependentRequired", names), ("dependentSchemas", shapes)):
        before = schema.get(keyword, {})
        if part and isinstance(before, dict):
            schema = {**schema, keyword: {**part, **before}}
    return schema


def drop_unreadable_patterns(schema: JsonObject, note: Note) -> JsonObject:
    r"""Patterns are ECMAScript's; what Python cannot read (``\p{L}``) no stage could check."""
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not _readable(pattern):
        note(f"pattern {pattern!r} cannot be read and was dropped")
        schema = _without(schema, "pattern")
    named = schema.get("patternProperties")
    if isinstance(named, dict) and not all(map(_readable, named)):
        note("patternProperties with a pattern that cannot be read dropped")
        readable = {key: value for key, value in named.items() if _readable(key)}
        schema = {**schema, "patternProperties": readable}
    return schema


def give_items(schema: JsonObject, note: Note) -> JsonObject:
    """A list says what it holds, if only ``{}``: some readers of tools insist on it."""
    del note
    kind = schema.get("type")
    is_list = kind == "array" or (isinstance(kind, list) and "array" in kind)
    if is_list and "items" not in schema and "prefixItems" not in schema:
        return {**schema, "items": {}}
    return schema


def _readable(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning):
        return False
    return True


def _without(schema: JsonObject, *keys: str) -> JsonObject:
    if not any(key in schema for key in keys):
        return schema
    kept: dict[str, Any] = {key: value for key, value in schema.items() if key not in keys}
    return kept
