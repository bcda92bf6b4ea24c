"""What is mended in each part and each schema of a document, before anything is unfolded.

Each repair takes a part or a schema as it stands, with what is inside it still unmended, and gives
it back mended. What is left of a wrong kind then restricts nothing and is dropped: each with a
note. What needs the schemas inside to be done (`COMPOSING`) comes after them. What is wrong with
the schemas of any format alike, `generators.importers.schema_repairs` mends.
"""

from typing import Any

from generators.importers.dialect_rules import bound_exclusively, read_truth
from generators.importers.documents import json_kind, short_repr
from generators.importers.schema_repairs import (
    COUNTS,
    FLAGS,
    NUMBERS,
    TEXTS,
    fill_in_members,
    mend_keywords,
    mend_required,
)
from generators.importers.subschemas import (
    ANNOTATIONS,
    DEFINITIONS,
    MANY,
    NAMED,
    ONE,
    Note,
    Rule,
    merge_all_of,
    without,
)
from schemas.record import JsonObject

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
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
        + " ".join(METHODS),
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


def mend_part(part: Any, kind: str, place: str, faults: list[str]) -> Any:
    """The part with every repair of its kind; what was mended is added, with the place."""
    if part == [] and kind != "operation":  # PHP's empty object
        part = {}
    if not isinstance(part, dict):
        return part

    def note(text: str) -> None:
        faults.append(f"{place}: {text}" if place else text)

    empty = [key for key in _OBJECTS if part.get(key) == []]  # PHP's, too
    if empty:
        note(f"{', '.join(empty)}: an empty list became an empty object")
    part = {**part, **{key: {} for key in empty}}
    for repair in PART_REPAIRS[kind]:
        part = repair(part, note)
    unknown = [key for key in part if key not in _KEYS[kind] and not str(key).startswith("x-")]
    if unknown:
        note(f"unknown keys dropped: {', '.join(map(str, unknown))}")
    return without(part, *unknown)


def read_methods(path: JsonObject, note: Note) -> JsonObject:
    """Methods are written in small letters."""
    lower = {key: str(key).lower() for key in path if key not in METHODS}
    loud = {key: low for key, low in lower.items() if low in METHODS}
    if loud:
        note(f"methods written {', '.join(map(repr, loud))}")
    return {loud.get(key, key): value for key, value in path.items()}


def list_parameters(part: JsonObject, note: Note) -> JsonObject:
    """Parameters are a list; an object holds them by name."""
    given = part.get("parameters")
    if given is None or isinstance(given, list):
        return part
    if not isinstance(given, dict):
        note(f"parameters are {json_kind(given)} and were dropped")
        return without(part, "parameters")
    if given:
        note("parameters are an object, read as a list")
    if isinstance(given.get("name"), str):
        return {**part, "parameters": [given]}
    named = [{"name": name, **one} if isinstance(one, dict) else one for name, one in given.items()]
    return {**part, "parameters": named}


def read_flags(part: JsonObject, note: Note) -> JsonObject:
    """``"required": "false"`` is meant as a flag; what is no flag at all says nothing."""
    for key in ("required", "deprecated", "explode"):
        value = part.get(key)
        if key not in part or isinstance(value, bool):
            continue
        meant = bool(value) if value in (0, 1) else read_truth(value)
        told = "is no flag and was dropped" if meant is None else f"became {short_repr(meant)}"
        note(f"{key} {short_repr(value)} {told}")
        part = without(part, key) if meant is None else {**part, key: meant}
    return part


def find_place(parameter: JsonObject, note: Note) -> JsonObject:
    """Where a parameter stands, in the specification's word; no path is without its parts."""
    place = parameter.get("in")
    if isinstance(place, str) and place != "formData":
        low = place.strip().lower()
        meant = _PLACES.get(low, low)
        if meant != place:
            note(f"in {place!r} became {meant!r}")
            parameter = {**parameter, "in": meant}
    if parameter.get("in") == "path" and parameter.get("required") is not True:
        note("required, as it is part of the path")
        parameter = {**parameter, "required": True}
    return parameter


def enclose_media(media: JsonObject, note: Note) -> JsonObject:
    """A schema that stands where its keyword should."""
    told = without(media, "example", "examples")
    if "schema" in told or not told.keys() & (_SCHEMA - {"title"}):
        return media
    note("a schema stands where the keyword schema should")
    return {**without(media, *told), "schema": told}


def enclose_response(response: JsonObject, note: Note) -> JsonObject:
    """The same, of a response, which always has a description."""
    told = {key: value for key, value in response.items() if key in _SCHEMA}
    if not response.keys() & {"schema", "content"} and told.keys() & {"type", "properties"}:
        note("a schema stands where the keyword schema should")
        response = {**without(response, *told), "schema": told}
    response = enclose_content(response, note)
    if isinstance(response.get("description"), str):
        return response
    note("has no description")
    return {**response, "description": ""}


def enclose_content(part: JsonObject, note: Note) -> JsonObject:
    """Content without a media type."""
    content = part.get("content")
    if not isinstance(content, dict) or "schema" not in content:
        return part
    note("content without a media type, read as JSON")
    return {**part, "content": {"application/json": content}}


def enclose_body(body: JsonObject, note: Note) -> JsonObject:
    """A schema without content."""
    if body.get("content") is not None or not isinstance(body.get("schema"), dict):
        return enclose_content(body, note)
    note("a schema without content, read as JSON")
    return {**body, "content": {"application/json": {"schema": body["schema"]}}}


PART_REPAIRS: dict[str, tuple[Rule, ...]] = {
    "path": (read_methods, list_parameters),
    "operation": (list_parameters, read_flags),
    "parameter": (read_flags, find_place),
    "body": (read_flags, enclose_body),
    "response": (enclose_response,),
    "media": (enclose_media,),
}
"""Applied in this order to each part of the kind."""

_KNOWN = (
    ANNOTATIONS | NAMED | ONE | MANY | DEFINITIONS | NUMBERS | COUNTS | FLAGS | TEXTS
    | frozenset(
        "$anchor $id $ref $schema const dependentRequired discriminator enum nullable required "
        "type x-nullable".split()
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
    rest = without(schema, "items")
    if not items:
        note("an empty list of items dropped")
        return rest
    if len(items) == 1:
        note("a list of items with one member became that member")
        return {**rest, "type": "array", "items": items[0]}
    if schema.get("type") is not None:
        return schema
    note("a list of items without type array became anyOf")
    return rest if "anyOf" in rest else {**rest, "anyOf": items}


def cut_dynamic_references(schema: JsonObject, note: Note) -> JsonObject:
    """What is resolved from without leads back to what is around it, and would never end."""
    for key in schema:
        if key in ("$dynamicRef", "$recursiveRef"):
            note(f"{key} leads back to what is around it and was cut")
    return without(schema, *_DYNAMIC)


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
        schema = {**schema, "properties": {**properties, **{name: {} for name in wrong}}}
    for key in sorted(MANY - {"items"}):
        parts = schema.get(key)
        kept = [part for part in parts if isinstance(part, dict | bool)] if parts else []
        if isinstance(parts, list) and len(kept) < len(parts):
            note(f"{key} holds what is no schema: dropped")
            schema = {**without(schema, key), **({key: kept} if kept else {})}
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


SCHEMA_REPAIRS: tuple[Rule, ...] = (
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

COMPOSING: tuple[Rule, ...] = (
    list_constants,
    open_closed_parts,
    widen_whole,
    lambda schema, _: merge_all_of(schema),  # nothing was wrong with it
)
"""Applied to each schema whose inner ones are done."""


def unknown_keywords(schema: JsonObject) -> list[str]:
    """What neither JSON Schema nor this reading knows, ``xml`` and extensions among it."""
    return [key for key in schema if key not in _KNOWN]
