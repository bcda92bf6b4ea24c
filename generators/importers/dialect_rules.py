"""Rules that turn what older drafts and other dialects say into JSON Schema 2020-12.

Each takes a schema whose subschemas are done, and gives it back rewritten. What has the wrong type
is left as it is: the check that follows finds it. A type of another language becomes the type it
stands for. Strange types that nobody knows are left for the check too, unless the whole tool is
written in a foreign dialect: then they allow anything.
"""

import re
import warnings
from typing import Any

from generators.importers.documents import short_repr
from generators.importers.foreign_types import JSON_TYPES, any_of, parse_type
from generators.importers.schema_keywords import Note
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
    if isinstance(pattern, str) and not _is_readable(pattern):
        note(f"pattern {pattern!r} cannot be read and was dropped")
        schema = _without(schema, "pattern")
    named = schema.get("patternProperties")
    if isinstance(named, dict) and not all(map(_is_readable, named)):
        note("patternProperties with a pattern that cannot be read dropped")
        readable = {key: value for key, value in named.items() if _is_readable(key)}
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


def _is_readable(pattern: str) -> bool:
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


_FLAGS = ("required", "optional")


def translate_types(schema: JsonObject, note: Note) -> JsonObject:
    """``{"type": "int"}`` becomes ``{"type": "integer"}``; what is unknown stays."""
    kind = schema.get("type")
    meant = _translate_type(kind)
    if meant is None or meant == {"type": kind}:
        return schema
    plain = meant.get("type") if meant.keys() == {"type"} else None
    told = plain if isinstance(plain, str) else short_repr(meant) if meant else "any value"
    note(f"type {_show_type(kind)} became {told}")
    rest = {key: value for key, value in schema.items() if key != "type"}
    return {**meant, **rest}


def free_unknown_types(schema: JsonObject, note: Note) -> JsonObject:
    """Of a foreign dialect: a type that is not in the table allows anything."""
    kind = schema.get("type")
    known = [kind] if isinstance(kind, str) else kind
    if "type" not in schema or (isinstance(known, list) and known and _all_json(known)):
        return schema
    note(f"type {_show_type(kind)} is not known and allows anything")
    return {key: value for key, value in schema.items() if key != "type"}


def gather_required(schema: JsonObject, note: Note) -> JsonObject:
    """Flags at the parameters, ``required: true``, are one list at what holds them."""
    properties, required = schema.get("properties"), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        return schema
    flags = {
        name: flag for name, item in properties.items() if (flag := _read_flag(item)) is not None
    }
    if not flags:
        return schema
    note(f"required or optional said at {', '.join(map(repr, flags))} was gathered")
    kept = [name for name in required if not (isinstance(name, str) and flags.get(name) is False)]
    added = [name for name, flag in flags.items() if flag and name not in kept]
    bare = dict(properties)
    for name in flags:
        item = properties[name]
        bare[name] = {
            key: value
            for key, value in item.items()
            if key not in _FLAGS or read_truth(value) is None
        }
    return {**schema, "properties": bare, "required": [*kept, *added]}


def read_truth(value: Any) -> bool | None:
    """A boolean, also where it is written as text."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    return {"true": True, "false": False}.get(word)


def _read_flag(item: Any) -> bool | None:
    """Whether a parameter says of itself that it is required."""
    if not isinstance(item, dict):
        return None
    if isinstance(item.get("required"), bool):
        return bool(item["required"])
    optional = read_truth(item.get("optional"))
    return None if optional is None else not optional


def _translate_type(kind: Any) -> JsonObject | None:
    """What a type stands for; None for what is JSON's own list already, and what nobody knows."""
    if isinstance(kind, str):
        return {"type": kind} if kind in JSON_TYPES else parse_type(kind)
    if not isinstance(kind, list) or not kind or _all_json(kind):
        return None
    meanings = [_translate_type(item) if isinstance(item, str) else None for item in kind]
    known = [meaning for meaning in meanings if meaning is not None]
    return any_of(known) if len(known) == len(kind) else None


def _all_json(kinds: list[Any]) -> bool:
    return all(isinstance(kind, str) and kind in JSON_TYPES for kind in kinds)


def _show_type(kind: Any) -> str:
    return repr(kind) if isinstance(kind, str) else short_repr(kind)
