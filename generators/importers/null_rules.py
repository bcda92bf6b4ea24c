"""Rules about null: as a type, as the keyword ``nullable``, and as another word for absent."""

from typing import Any

from generators.importers.schema_keywords import ANNOTATIONS, Note
from schemas.record import JsonObject

_CHOICES = ("anyOf", "oneOf")


def widen_nullable(schema: JsonObject, note: Note) -> JsonObject:
    """OpenAPI's ``nullable: true`` becomes the type null beside the others."""
    if "nullable" not in schema:
        return schema
    kept = {key: value for key, value in schema.items() if key != "nullable"}
    if schema["nullable"] is not True:
        return kept
    note("nullable became the type null")
    return _add_null(kept)


def free_nullable(schema: JsonObject, note: Note) -> JsonObject:
    """Strict schemas require every name and allow null for what may be left out: undo that."""
    required, properties = schema.get("required"), schema.get("properties")
    if not isinstance(required, list) or not isinstance(properties, dict):
        return schema
    named = (name for name in required if isinstance(name, str) and name in properties)
    free = [name for name in named if _drop_null(properties[name]) != properties[name]]
    if not free:
        return schema
    note(f"optional because null is allowed: {', '.join(free)}")
    return {**schema, "required": [name for name in required if name not in free]}


def read_null_as_absent(schema: JsonObject, note: Note) -> JsonObject:
    """An optional parameter that may be null is left out instead."""
    properties, required = schema.get("properties"), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        return schema
    optional = [name for name in properties if name not in required]
    changed = {name: _drop_null(properties[name]) for name in optional}
    changed = {name: item for name, item in changed.items() if item != properties[name]}
    if not changed:
        return schema
    note(f"null means absent for {', '.join(repr(name) for name in changed)}")
    return {**schema, "properties": {**properties, **changed}}


def _add_null(schema: JsonObject) -> JsonObject:
    kind, options = schema.get("type"), schema.get("enum")
    if isinstance(options, list) and None not in options:
        schema = {**schema, "enum": [*options, None]}
    if isinstance(kind, str | list):
        kinds = [kind] if isinstance(kind, str) else kind
        return schema if "null" in kinds else {**schema, "type": [*kinds, "null"]}
    for keyword in _CHOICES:
        branches = schema.get(keyword)
        if isinstance(branches, list) and not any(map(_is_null, branches)):
            return {**schema, keyword: [*branches, {"type": "null"}]}
    return schema


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
        if isinstance(branches, list):
            kept = [_drop_null(branch) for branch in branches if not _is_null(branch)]
            if kept and kept != branches:
                slim = _choose(slim, keyword, kept)
    if slim != schema and slim.get("default", ...) is None:
        slim = {key: value for key, value in slim.items() if key != "default"}
    return slim


def _choose(schema: JsonObject, keyword: str, branches: list[Any]) -> JsonObject:
    """A choice of one is no choice, unless keywords beside it would then be overwritten."""
    around = {key: value for key, value in schema.items() if key != keyword}
    only = branches[0]
    if len(branches) == 1 and isinstance(only, dict):
        agreed = {**only, **around}
        if around.keys() <= ANNOTATIONS or (agreed == {**around, **only}):
            return agreed
    return {**around, keyword: branches}
