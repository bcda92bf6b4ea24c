"""Puts ``allOf`` together where its parts are plain: what inheritance says, said in one schema."""

from itertools import chain
from typing import Any

from generators.importers.keywords import ANNOTATIONS
from schemas.record import JsonObject

_PLAIN = frozenset(
    {"type", "properties", "required", "additionalProperties", "nullable", *ANNOTATIONS}
)
"""What two objects may say without contradicting each other."""


def merge_all_of(schema: JsonObject) -> JsonObject:
    """One schema instead of ``allOf``, where that allows the same; otherwise as it stands.

    A single part takes in what stands around it. Several are merged if all are plain objects;
    a property that they describe differently must satisfy both.
    """
    parts = schema.get("allOf")
    if not isinstance(parts, list) or not parts:
        return schema
    around = {key: value for key, value in schema.items() if key != "allOf"}
    telling = [part for part in parts if isinstance(part, dict)]
    if len(telling) < len(parts):
        return schema
    if len(telling) == 1 and _agree(telling[0], around):
        return {**telling[0], **around}
    objects = [*telling, around]
    return _merged(objects) if all(map(_is_plain_object, objects)) else schema


def _agree(part: JsonObject, around: JsonObject) -> bool:
    free = ANNOTATIONS | {"nullable"}
    if any(schema.get("additionalProperties") is False for schema in (part, around)):
        return around.keys() <= free
    return all(key in free or part.get(key, value) == value for key, value in around.items())


def _is_plain_object(schema: JsonObject) -> bool:
    closed = schema.get("additionalProperties") not in (None, True, {})
    return schema.keys() <= _PLAIN and schema.get("type", "object") == "object" and not closed


def _merged(objects: list[JsonObject]) -> JsonObject:
    """The last is what stood around the others: what it tells counts first."""
    told = {key: value for part in objects for key, value in part.items() if key in ANNOTATIONS}
    properties: JsonObject = {}
    for name, schema in chain.from_iterable(_properties(part) for part in objects):
        properties[name] = _both(properties[name], schema) if name in properties else schema
    required = dict.fromkeys(name for part in objects for name in part.get("required") or ())
    merged = {**told, "type": "object", "properties": properties}
    if required:
        merged["required"] = list(required)
    if all(part.get("nullable") is True for part in objects[:-1]) or objects[-1].get("nullable"):
        merged["nullable"] = True
    return merged


def _properties(schema: JsonObject) -> list[tuple[str, Any]]:
    properties = schema.get("properties")
    return list(properties.items()) if isinstance(properties, dict) else []


def _both(one: Any, other: Any) -> Any:
    if one == other or not isinstance(one, dict) or not isinstance(other, dict):
        return other
    return {**one, **other} if _agree(one, other) else {"allOf": [one, other]}
