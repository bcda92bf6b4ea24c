"""What is mended in each schema of a document, before anything is unfolded.

Each takes a schema as it stands, with what is inside it still unmended, and gives it back mended.
What is left of a wrong kind then restricts nothing and is dropped: each with a note. What needs the
schemas inside to be done (`COMPOSING`) comes after them. What is wrong with the schemas of any
format alike, `generators.importers.schema_repairs` mends.
"""

from collections.abc import Callable
from typing import Any

from generators.importers.all_of import merge_all_of
from generators.importers.dialect_rules import bound_exclusively, read_truth, without
from generators.importers.documents import json_kind, short_repr
from generators.importers.schema_repairs import fill_in_members, mend_keywords, mend_required
from generators.importers.subschemas import ANNOTATIONS, DEFINITIONS, MANY, NAMED, ONE, Note
from schemas.record import JsonObject

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
