"""Schemas that allow no value: where they may be left out they are, else they tell why.

Such a schema has ``{"not": {}}`` in it, and in its ``$comment`` the place and the reason. zod
writes it for what is undefined: a parameter that must be nothing is not there.
"""

from typing import Any

from generators.importers.dialect_rules import without
from generators.importers.subschemas import ANNOTATIONS, Note
from schemas.record import JsonObject

_REASON = "no value: "
_CLOSABLE = ("additionalProperties", "unevaluatedItems", "unevaluatedProperties")


def why_impossible(schema: Any) -> str:
    """Place, colon and reason of a schema that allows nothing; empty for any other."""
    if schema is False:
        return "nothing is allowed"
    if not isinstance(schema, dict) or schema.get("not", False) not in ({}, True):
        return ""
    comment = schema.get("$comment")
    told = isinstance(comment, str) and comment.startswith(_REASON)
    return str(comment)[len(_REASON) :] if told else "nothing is allowed"


def _nothing(reason: str) -> JsonObject:
    return {"not": {}, "$comment": f"{_REASON}{reason}"}


def drop_impossible(schema: JsonObject, note: Note) -> JsonObject:
    """Without branches and properties that allow nothing; nothing itself, where it needs them."""
    if schema.get("enum") == []:
        return _nothing("enum is empty")
    for keyword in ("anyOf", "oneOf"):
        branches = schema.get(keyword)
        if not isinstance(branches, list) or not any(map(why_impossible, branches)):
            continue
        kept = [branch for branch in branches if not why_impossible(branch)]
        if not kept:
            # zod's undefined is one of them: the parameter is absent, and for no other reason.
            reasons = [why_impossible(branch) for branch in branches]
            return {"not": {}} if "nothing is allowed" in reasons else _nothing(reasons[0])
        note(f"branches of {keyword} that allow nothing were dropped")
        around = without(schema, keyword)
        alone = len(kept) == 1 and isinstance(kept[0], dict) and around.keys() <= ANNOTATIONS
        schema = {**kept[0], **around} if alone else {**around, keyword: kept}
    for keyword in _CLOSABLE:
        if isinstance(schema.get(keyword), dict) and why_impossible(schema[keyword]):
            schema = {**schema, keyword: False}
    if isinstance(schema.get("items"), dict) and (reason := why_impossible(schema["items"])):
        least = schema.get("minItems", 0)
        if isinstance(least, int) and least > 0:
            return _nothing(_inside("items", reason))
        note(f"items allow nothing: {reason.rpartition(': ')[2]}")
        schema = {**schema, "items": False}
    return _drop_properties(schema, note)


def _drop_properties(schema: JsonObject, note: Note) -> JsonObject:
    properties, required = schema.get("properties"), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        return schema
    reasons = {name: why_impossible(item) for name, item in properties.items()}
    gone = {}
    for name, reason in reasons.items():
        if reason and name in required and reason != "nothing is allowed":
            return _nothing(_inside(f"properties.{name}", reason))
        if reason:
            gone[name] = reason
    if not gone:
        return schema
    for name, reason in gone.items():
        note(f"{name!r} was left out: {reason}")
    kept = {name: item for name, item in properties.items() if name not in gone}
    schema = {**schema, "properties": kept}
    if "required" in schema:
        schema["required"] = [name for name in required if name not in gone]
    return schema


def _inside(step: str, reason: str) -> str:
    """``properties.colour: enum is empty`` of ``enum is empty``."""
    place, colon, why = reason.rpartition(": ")
    return f"{step}.{place}: {why}" if colon else f"{step}: {why}"


def free_empty_enum(schema: JsonObject, note: Note) -> JsonObject:
    """Of a result: options that are not listed are any."""
    if schema.get("enum") != []:
        return schema
    note("enum is empty and was dropped")
    return without(schema, "enum")
