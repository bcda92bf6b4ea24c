"""What is mended in each schema of a document, before anything is unfolded.

Each takes a schema as it stands, with what is inside it still unmended, and gives it back mended.
What is left of a wrong kind then restricts nothing and is dropped: each with a note. What needs the
schemas inside to be done (`COMPOSING`) comes after them. What is wrong with the schemas of any
format alike, `generators.importers.schema_repairs` mends.
"""

from collections.abc import Callable
from typing import Any

from generators.importers.dialect_rules import bound_exclusively, read_truth, without
from generators.importers.documents import json_kind, short_repr
from generators.importers.schema_repairs import fill_in_members, mend_keywords, mend_required
from generators.importers.subschemas import (
    ANNOTATIONS,
    DEFINITIONS,
    MANY,
    NAMED,
    ONE,
    Note,
    merge_all_of,
)
from schemas.record import JsonObject

_METHODS = "get put post delete options head patch trace query".split()
_SCHEMA = frozenset(
    "$ref additionalProperties allOf anyOf const default enum format items maxItems maxLength "
    "maximum minItems minLength minimum nullable oneOf pattern properties type uniqueItems "
    "exclusiveMaximum exclusiveMinimum multipleOf title not".split()
)
"""Keywords by which a schema is known that stands where something else should."""
_KEYS: dict[str, frozenset[str]] = {
    kind: frozenset(keys.split())
    for kind, keys in {
        "path": "$ref summary description servers parameters additionalOperations "
        + " ".join(_METHODS),
        "operation": "tags summary description externalDocs operationId parameters requestBody "
        "responses callbacks deprecated security servers consumes produces schemes",
        "parameter": "name in description required deprecated allowEmptyValue style explode "
        "allowReserved schema example examples content collectionFormat $ref " + " ".join(_SCHEMA),
        "body": "description content required",
        "response": "summary description headers content links schema examples",
        "media": "schema example examples encoding itemSchema prefixEncoding itemEncoding",
    }.items()
}
"""What the specifications, taken together, know of each kind of part."""
_OBJECTS = ("responses", "requestBody", "content", "schema", "examples", "headers", "paths")
_PLACES = {"form": "formData", "formdata": "formData", "headers": "header", "params": "query"}


def read_empty_objects(part: JsonObject, kind: str, note: Note) -> JsonObject:
    """PHP writes an empty object as a list."""
    del kind
    empty = [key for key in _OBJECTS if part.get(key) == []]
    if empty:
        note(f"{', '.join(empty)}: an empty list became an empty object")
    return {**part, **{key: {} for key in empty}} if empty else part


def read_methods(part: JsonObject, kind: str, note: Note) -> JsonObject:
    """Methods are written in small letters."""
    named = {key: str(key).lower() for key in part} if kind == "path" else {}
    loud = [key for key, low in named.items() if low != key and low in _METHODS]
    if not loud:
        return part
    note(f"methods written {', '.join(map(repr, loud))}")
    return {(named[key] if key in loud else key): value for key, value in part.items()}


def list_parameters(part: JsonObject, kind: str, note: Note) -> JsonObject:
    """Parameters are a list; an object holds them by name."""
    given = part.get("parameters")
    if kind not in ("path", "operation") or given is None or isinstance(given, list):
        return part
    if not isinstance(given, dict):
        note(f"parameters are {json_kind(given)} and were dropped")
        return {key: value for key, value in part.items() if key != "parameters"}
    if given:
        note("parameters are an object, read as a list")
    single = isinstance(given.get("name"), str)
    named = [{"name": name, **one} if isinstance(one, dict) else one for name, one in given.items()]
    return {**part, "parameters": [given] if single else named}


def read_flags(part: JsonObject, kind: str, note: Note) -> JsonObject:
    """``"required": "false"`` is meant as a flag; what is no flag at all says nothing."""
    if kind not in ("operation", "parameter", "body"):
        return part
    for key in ("required", "deprecated", "explode"):
        value = part.get(key)
        if key not in part or isinstance(value, bool):
            continue
        meant = read_truth(value)
        if meant is None and value in (0, 1):
            meant = bool(value)
        if meant is None:
            part = {name: one for name, one in part.items() if name != key}
            note(f"{key} {short_repr(value)} is no flag and was dropped")
        else:
            part = {**part, key: meant}
            note(f"{key} {short_repr(value)} became {short_repr(meant)}")
    return part


def find_place(part: JsonObject, kind: str, note: Note) -> JsonObject:
    """Where a parameter stands is written in small letters, in the specification's word."""
    place = part.get("in")
    if kind != "parameter" or not isinstance(place, str):
        return part
    low = place.strip().lower()
    meant = "formData" if place == "formData" else _PLACES.get(low, low)
    if meant == place:
        return part
    note(f"in {place!r} became {meant!r}")
    return {**part, "in": meant}


def require_path(part: JsonObject, kind: str, note: Note) -> JsonObject:
    """There is no path without what it is made of."""
    if kind != "parameter" or part.get("in") != "path" or part.get("required") is True:
        return part
    note("required, as it is part of the path")
    return {**part, "required": True}


def enclose_schema(part: JsonObject, kind: str, note: Note) -> JsonObject:
    """A schema that stands where its keyword should; content without a media type."""
    if kind == "media" and "schema" not in part and part.keys() & (_SCHEMA - {"title"}):
        note("a schema stands where the keyword schema should")
        told = {key: value for key, value in part.items() if key not in ("example", "examples")}
        return {**{key: part[key] for key in part.keys() - told.keys()}, "schema": told}
    if kind == "response" and not part.keys() & {"schema", "content"}:
        told = {key: part[key] for key in part if key in _SCHEMA}
        if "type" in told or "properties" in told:
            note("a schema stands where the keyword schema should")
            return {**{key: part[key] for key in part if key not in told}, "schema": told}
    content = part.get("content")
    if kind in ("body", "response") and isinstance(content, dict) and "schema" in content:
        note("content without a media type, read as JSON")
        return {**part, "content": {"application/json": content}}
    if kind == "body" and content is None and isinstance(part.get("schema"), dict):
        note("a schema without content, read as JSON")
        return {**part, "content": {"application/json": {"schema": part["schema"]}}}
    return part


def describe_response(part: JsonObject, kind: str, note: Note) -> JsonObject:
    """The specification wants a description of each response."""
    if kind == "response" and not isinstance(part.get("description"), str):
        note("has no description")
        return {**part, "description": ""}
    return part


def drop_unknown_keys(part: JsonObject, kind: str, note: Note) -> JsonObject:
    """What no specification knows says nothing."""
    unknown = [str(key) for key in part if key not in _KEYS[kind] and not str(key).startswith("x-")]
    if not unknown:
        return part
    note(f"unknown keys dropped: {', '.join(unknown)}")
    return {key: value for key, value in part.items() if str(key) not in unknown}


PART_REPAIRS: tuple[Callable[[JsonObject, str, Note], JsonObject], ...] = (
    read_empty_objects,
    read_methods,
    list_parameters,
    read_flags,
    find_place,
    require_path,
    enclose_schema,
    describe_response,
    drop_unknown_keys,
)
"""Applied in this order to each part that is read."""


def mend_part(part: Any, kind: str, place: str, faults: list[str]) -> Any:
    """The part with every repair; what was mended is added, with the place."""
    if part == [] and kind != "operation":  # PHP's empty object
        part = {}
    if not isinstance(part, dict):
        return part

    def note(text: str) -> None:
        faults.append(f"{place}: {text}" if place else text)

    for repair in PART_REPAIRS:
        part = repair(part, kind, note)
    return part


_KNOWN = (
    ANNOTATIONS | NAMED | ONE | MANY | DEFINITIONS
    | frozenset(
        "$anchor $id $ref $schema const contentEncoding contentMediaType dependentRequired "
        "discriminator enum exclusiveMaximum exclusiveMinimum format maxContains maxItems "
        "maxLength maxProperties maximum minContains minItems minLength minProperties minimum "
        "multipleOf nullable pattern readOnly required type uniqueItems writeOnly x-nullable"
        .split()
    )
)  # fmt: skip
"""JSON Schema's words and OpenAPI's that say something of a value; what else is there goes."""
_DYNAMIC = ("$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef")


def open_choice_of_items(schema: JsonObject, note: Note) -> JsonObject:
    """A list under ``items`` where nothing says that it is a list: its members are choices.

    Of one member the list holds what that says. More are a tuple, as before 2020-12.
    """
    items = schema.get("items")
    if not isinstance(items, list):
        return schema
    rest = {key: value for key, value in schema.items() if key != "items"}
    if not items:
        note("an empty list of items dropped")
        return rest
    if schema.get("type") is None and len(items) > 1:
        note("a list of items without type array became anyOf")
        return {**rest, "anyOf": items} if "anyOf" not in rest else rest
    if len(items) == 1:
        note("a list of items with one member became that member")
        return {**rest, "type": "array", "items": items[0]}
    return schema


def cut_dynamic_references(schema: JsonObject, note: Note) -> JsonObject:
    """What is resolved from without leads back to what is around it, and would never end."""
    found = [key for key in schema if key in _DYNAMIC]
    for key in found:
        if key.endswith("Ref"):
            note(f"{key} leads back to what is around it and was cut")
    return {key: value for key, value in schema.items() if key not in found} if found else schema


def drop_misfits(schema: JsonObject, note: Note) -> JsonObject:
    """Flags in words are read; keywords whose value is of a wrong kind restrict nothing."""
    for key in ("additionalProperties", "nullable", "x-nullable"):
        flag = read_truth(schema[key]) if isinstance(schema.get(key), str) else None
        if flag is not None:
            note(f"{key} {short_repr(schema[key])} became {short_repr(flag)}")
            schema = {**schema, key: flag}
    unfit = [key for key, value in schema.items() if not _is_fit(key, value)]
    for key in unfit:
        note(f"{key} {short_repr(schema[key])} cannot be read and was dropped")
    return without(schema, *unfit)


def _is_fit(key: str, value: Any) -> bool:
    is_bool = isinstance(value, bool)
    if key == "type" and value is not None:
        kinds = value if isinstance(value, list) else [value]
        return bool(kinds) and all(isinstance(kind, str) for kind in kinds)
    if key == "nullable":
        return is_bool
    if key == "$ref":
        return isinstance(value, str)
    if key in MANY and (isinstance(value, list) or key not in ONE):
        return isinstance(value, list) and bool(value)
    if key in NAMED | DEFINITIONS | {"dependentRequired"}:
        return isinstance(value, dict)
    return key not in ONE or is_bool or isinstance(value, dict)


def free_wrong_members(schema: JsonObject, note: Note) -> JsonObject:
    """A field whose schema is none may hold anything; a part of a composition that is none goes."""
    properties = schema.get("properties")
    if isinstance(properties, dict):
        wrong = [name for name, item in properties.items() if not isinstance(item, dict | bool)]
        for name in wrong:
            said = json_kind(properties[name])
            note(f"the schema of {name!r} is {said}, so that it may hold anything")
        if wrong:
            schema = {**schema, "properties": {**properties, **{name: {} for name in wrong}}}
    for key in MANY - {"items"}:
        parts = schema.get(key)
        kept = [part for part in parts if isinstance(part, dict | bool)] if parts else []
        if isinstance(parts, list) and len(kept) < len(parts):
            note(f"{key} holds what is no schema: dropped")
            rest = {name: value for name, value in schema.items() if name != key}
            schema = {**rest, key: kept} if kept else rest
    return schema


def open_closed_parts(schema: JsonObject, note: Note) -> JsonObject:
    """A part of ``allOf`` that is closed by itself forbids what the other parts describe."""
    parts = schema.get("allOf")
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        return schema
    named = [set(one.get("properties") or ()) for one in (*parts, schema)]
    every = set[str]().union(*named)
    opened = [
        without(part, "additionalProperties")
        if part.get("additionalProperties") is False and every - own
        else part
        for part, own in zip(parts, named, strict=False)
    ]
    if opened == parts:
        return schema
    note("additionalProperties false of a part of allOf, which forbids the other parts, dropped")
    return {**schema, "allOf": opened}


def widen_whole(schema: JsonObject, note: Note) -> JsonObject:
    """A part of ``allOf`` that says nothing but that null is allowed means the whole."""
    parts = schema.get("allOf")
    if not isinstance(parts, list):
        return schema
    bare = [part for part in parts if isinstance(part, dict) and part.get("nullable") is True
            and part.keys() <= ANNOTATIONS | {"nullable"}]  # fmt: skip
    if not bare or len(bare) == len(parts):
        return schema
    note("nullable of a part of allOf holds for the whole")
    return {**schema, "allOf": [part for part in parts if part not in bare], "nullable": True}


def list_constants(schema: JsonObject, note: Note) -> JsonObject:
    """A choice whose alternatives are constants is an enumeration of them."""
    for keyword in ("oneOf", "anyOf"):
        branches = schema.get(keyword)
        if "enum" in schema or not isinstance(branches, list) or not branches:
            continue
        told = [_constants(one) for one in branches]
        if None in told:
            continue
        values: list[Any] = []
        for options in told:
            values += [value for value in options or () if value not in values]
        note(f"{keyword} of constants became enum")
        kinds = list({branch["type"]: None for branch in branches if "type" in branch})
        plain = {"type": kinds[0]} if len(kinds) == 1 and "type" not in schema else {}
        return {**without(schema, keyword), **plain, "enum": values}
    return schema


def _constants(branch: Any) -> list[Any] | None:
    """The values that a schema enumerates; None where it says anything else."""
    if not isinstance(branch, dict) or branch.keys() - ANNOTATIONS - {"type", "const", "enum"}:
        return None
    if not isinstance(branch.get("type", ""), str):
        return None
    options = [branch["const"]] if "const" in branch else branch.get("enum")
    return options if isinstance(options, list) and options else None


def merge_parts_quietly(schema: JsonObject, note: Note) -> JsonObject:
    """``allOf`` becomes one schema, where one can say the same: nothing is wrong with it."""
    del note
    return merge_all_of(schema)


Repair = Callable[[JsonObject, Note], JsonObject]

SCHEMA_REPAIRS: tuple[Repair, ...] = (
    fill_in_members,
    bound_exclusively,
    mend_keywords,
    mend_required,
    open_choice_of_items,
    cut_dynamic_references,
    drop_misfits,
    free_wrong_members,
)
"""Applied in this order to each schema, from the outside in."""

COMPOSING: tuple[Repair, ...] = (
    list_constants,
    open_closed_parts,
    widen_whole,
    merge_parts_quietly,
)
"""Applied to each schema whose inner ones are done."""


def unknown_keywords(schema: JsonObject) -> list[str]:
    """What neither JSON Schema nor this reading knows, ``xml`` and extensions among it."""
    return [key for key in schema if key not in _KNOWN]
