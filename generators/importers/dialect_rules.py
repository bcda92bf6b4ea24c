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
from generators.importers.subschemas import ANNOTATIONS, Note, list_types, without
from schemas.record import JsonObject

_MAY_BE_NULL = frozenset({"const", "default", "example"})
_CHOICES = ("anyOf", "oneOf")


def drop_idle(schema: JsonObject, note: Note) -> JsonObject:
    """A keyword without a value is absent: some languages write an empty list as null.

    Titles repeat the parameter's name.
    """
    empty = [key for key, value in schema.items() if value is None and key not in _MAY_BE_NULL]
    if empty:
        note(f"{', '.join(empty)} without a value dropped")
    return without(schema, "title", *empty)


def bound_exclusively(schema: JsonObject, note: Note) -> JsonObject:
    """Draft 4 says ``minimum: 0, exclusiveMinimum: true`` for ``exclusiveMinimum: 0``."""
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        flag = schema.get(exclusive)
        if isinstance(flag, bool):
            limit = schema.get(bound)
            schema = without(schema, exclusive)
            if flag and limit is not None:
                schema = {**without(schema, bound), exclusive: limit}
            note(f"{exclusive} {str(flag).lower()} rewritten")
    return schema


def name_tuple_items(schema: JsonObject, note: Note) -> JsonObject:
    """Before 2020-12 a list under ``items`` described a tuple."""
    places, rest = schema.get("items"), schema.get("additionalItems")
    schema = without(schema, "additionalItems")
    if not isinstance(places, list):
        return schema
    note("a list of items became prefixItems")
    schema = without(schema, "items")
    if places:
        schema["prefixItems"] = places
    return schema if rest is None else {**schema, "items": rest}


def split_dependencies(schema: JsonObject, note: Note) -> JsonObject:
    """Draft 7 keeps both kinds of dependencies under one keyword."""
    mixed = schema.get("dependencies")
    if not isinstance(mixed, dict):
        return schema
    note("dependencies split")
    names = {key: value for key, value in mixed.items() if isinstance(value, list)}
    shapes = {key: value for key, value in mixed.items() if not isinstance(value, list)}
    schema = without(schema, "dependencies")
    for keyword, part in (("dependentRequired", names), ("dependentSchemas", shapes)):
        before = schema.get(keyword, {})
        if part and isinstance(before, dict):
            schema[keyword] = {**part, **before}
    return schema


_NAMED_GROUP = re.compile(r"(?<!\\)\(\?<[A-Za-z_]\w*>")


def drop_unreadable_patterns(schema: JsonObject, note: Note) -> JsonObject:
    r"""Patterns are ECMAScript's; what Python cannot read (``\p{L}``) no stage could check."""
    pattern, named = schema.get("pattern"), schema.get("patternProperties")
    if isinstance(pattern, str) and "\\k<" not in pattern:  # a name that nothing speaks of
        bare = _NAMED_GROUP.sub("(", pattern)
        if bare != pattern:
            note(f"pattern {pattern!r} lost the names of its groups")
            pattern, schema = bare, {**schema, "pattern": bare}
    if isinstance(pattern, str) and not _is_readable(pattern):
        note(f"pattern {pattern!r} cannot be read and was dropped")
        schema = without(schema, "pattern")
    if isinstance(named, dict) and not all(map(_is_readable, named)):
        note("patternProperties with a pattern that cannot be read dropped")
        readable = {key: value for key, value in named.items() if _is_readable(key)}
        schema = {**schema, "patternProperties": readable}
    return schema


def _is_readable(pattern: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            re.compile(pattern)
    except (re.error, OverflowError, RecursionError, Warning):
        return False
    return True


def give_items(schema: JsonObject, note: Note) -> JsonObject:
    """A list says what it holds, if only ``{}``: some readers of tools insist on it."""
    del note
    bare = "array" in list_types(schema) and not schema.keys() & {"items", "prefixItems"}
    return {**schema, "items": {}} if bare else schema


def translate_types(schema: JsonObject, note: Note) -> JsonObject:
    """``{"type": "int"}`` becomes ``{"type": "integer"}``; what is unknown stays."""
    kind = schema.get("type")
    meant = _translate_type(kind)
    if meant is None or meant == {"type": kind}:
        return schema
    plain = meant.get("type") if meant.keys() == {"type"} else None
    told = plain if isinstance(plain, str) else short_repr(meant) if meant else "any value"
    note(f"type {_show_type(kind)} became {told}")
    return {**meant, **without(schema, "type")}


def free_unknown_types(schema: JsonObject, note: Note) -> JsonObject:
    """Of a foreign dialect: a type that is not in the table allows anything."""
    kinds = list_types(schema)
    if "type" not in schema or (kinds and _are_json(kinds)):
        return schema
    note(f"type {_show_type(schema['type'])} is not known and allows anything")
    return without(schema, "type")


def _translate_type(kind: Any) -> JsonObject | None:
    """What a type stands for; None for what is JSON's own list already, and what nobody knows."""
    if isinstance(kind, str):
        return {"type": kind} if kind in JSON_TYPES else parse_type(kind)
    if not isinstance(kind, list) or not kind or _are_json(kind):
        return None
    meanings = [_translate_type(item) if isinstance(item, str) else None for item in kind]
    known = [meaning for meaning in meanings if meaning is not None]
    return any_of(known) if len(known) == len(kind) else None


def _are_json(kinds: list[Any]) -> bool:
    return all(isinstance(kind, str) and kind in JSON_TYPES for kind in kinds)


def _show_type(kind: Any) -> str:
    return repr(kind) if isinstance(kind, str) else short_repr(kind)


def gather_required(schema: JsonObject, note: Note) -> JsonObject:
    """Flags at the parameters, ``required: true``, are one list at what holds them."""
    properties, required = _list_members(schema)
    flags: dict[str, bool] = {}
    for name, item in properties.items():
        if isinstance(item, dict):
            optional = read_truth(item.get("optional"))
            if isinstance(item.get("required"), bool):
                flags[name] = item["required"]
            elif optional is not None:
                flags[name] = not optional
    if not flags:
        return schema
    note(f"required or optional said at {', '.join(map(repr, flags))} was gathered")
    kept = [name for name in required if not (isinstance(name, str) and flags.get(name) is False)]
    added = [name for name, flag in flags.items() if flag and name not in kept]
    bare = {}
    for name in flags:
        item = properties[name]
        said = [key for key in ("required", "optional") if read_truth(item.get(key)) is not None]
        bare[name] = without(item, *said)
    return {**schema, "properties": {**properties, **bare}, "required": [*kept, *added]}


def read_truth(value: Any) -> bool | None:
    """A boolean, also where it is written as text."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    return {"true": True, "false": False}.get(word)


def widen_nullable(schema: JsonObject, note: Note) -> JsonObject:
    """OpenAPI's ``nullable: true`` becomes the type null beside the others."""
    if "nullable" not in schema:
        return schema
    wide = without(schema, "nullable")
    if schema["nullable"] is not True:
        return wide
    note("nullable became the type null")
    options = wide.get("enum")
    if isinstance(options, list) and None not in options:
        wide["enum"] = [*options, None]
    if isinstance(wide.get("type"), str | list):
        kinds = list_types(wide)
        return wide if "null" in kinds else {**wide, "type": [*kinds, "null"]}
    for keyword in _CHOICES:
        branches = wide.get(keyword)
        if isinstance(branches, list) and not any(map(_is_null, branches)):
            return {**wide, keyword: [*branches, {"type": "null"}]}
    return wide


def free_nullable(schema: JsonObject, note: Note) -> JsonObject:
    """Strict schemas require every name and allow null for what may be left out: undo that."""
    properties, required = _list_members(schema)
    named = (name for name in required if isinstance(name, str) and name in properties)
    free = [name for name in named if _drop_null(properties[name]) != properties[name]]
    if not free:
        return schema
    note(f"optional because null is allowed: {', '.join(free)}")
    return {**schema, "required": [name for name in required if name not in free]}


def read_null_as_absent(schema: JsonObject, note: Note) -> JsonObject:
    """An optional parameter that may be null is left out instead."""
    properties, required = _list_members(schema)
    optional = [name for name in properties if name not in required]
    absent = [name for name in optional if _is_null(properties[name])]
    slim = {name: _drop_null(properties[name]) for name in optional if name not in absent}
    changed = {name: item for name, item in slim.items() if item != properties[name]}
    if absent:
        note(f"only null is allowed for {', '.join(map(repr, absent))}, which means absent")
    if changed:
        note(f"null means absent for {', '.join(map(repr, changed))}")
    if not absent and not changed:
        return schema
    kept = {name: item for name, item in {**properties, **changed}.items() if name not in absent}
    return {**schema, "properties": kept}


def _is_null(schema: Any) -> bool:
    return isinstance(schema, dict) and (
        schema.get("type") in ("null", ["null"])
        or schema.get("const", ...) is None
        or schema.get("enum") == [None]
    )


def _drop_null(schema: Any) -> Any:
    """The schema without null among its values; unchanged where nothing else would be left."""
    if not isinstance(schema, dict) or _is_null(schema):
        return schema
    slim = dict(schema)
    kinds, options = schema.get("type"), schema.get("enum")
    if isinstance(kinds, list) and "null" in kinds:
        rest = [kind for kind in kinds if kind != "null"]
        slim["type"] = rest[0] if len(rest) == 1 else rest
    if isinstance(options, list) and None in options:
        slim["enum"] = [option for option in options if option is not None]
    for keyword in _CHOICES:
        branches = slim.get(keyword)
        if not isinstance(branches, list):
            continue
        kept = [_drop_null(branch) for branch in branches if not _is_null(branch)]
        if kept and kept != branches:
            around, only = without(slim, keyword), kept[0]
            slim = {**around, keyword: kept}
            # A choice of one is no choice, unless keywords beside it would then be overwritten.
            if len(kept) == 1 and isinstance(only, dict):
                agreed = {**only, **around}
                tells_only = around.keys() <= ANNOTATIONS
                slim = agreed if tells_only or agreed == {**around, **only} else slim
    if slim != schema and slim.get("default", ...) is None:
        return without(slim, "default")
    return slim


def _list_members(schema: JsonObject) -> tuple[JsonObject, list[Any]]:
    """Properties and what is required; both empty where one is of the wrong type."""
    properties, required = schema.get("properties"), schema.get("required", [])
    fit = isinstance(properties, dict) and isinstance(required, list)
    return (properties or {}, required) if fit else ({}, [])
