"""What is mended in the parts of an operation, each operation by itself.

`PART_REPAIRS` lists the repairs: each takes a part and what kind of part it is, gives it back
mended and notes what it did. What is beyond them costs the operation that needs it.
"""

from collections.abc import Callable
from typing import Any

from generators.importers.dialect_rules import read_truth
from generators.importers.documents import json_kind, short_repr
from generators.importers.subschemas import Note
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
