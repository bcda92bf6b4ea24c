"""Kinds of a thing that a field tells apart: the alternatives that a ``discriminator`` stands for.

A parent names its children in a mapping, or they name it in ``allOf``: instead of the parent alone
each child counts, with the field's value. Alternatives that have one field of a single value each
are told as one object with that field: what all of them have stands outside the choice.
"""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from generators.importers.subschemas import without
from schemas.record import JsonObject

_PLACES = ("#/components/schemas/", "#/definitions/")


def list_children(root: JsonObject) -> Mapping[str, list[str]]:
    """Reference to a schema → references to those that put ``allOf`` it and more, in order."""
    components = root.get("components")
    held = components.get("schemas") if isinstance(components, dict) else None
    children: dict[str, list[str]] = defaultdict(list)
    for place, schemas in zip(_PLACES, (held, root.get("definitions")), strict=True):
        for name, schema in schemas.items() if isinstance(schemas, dict) else ():
            parts = schema.get("allOf") if isinstance(schema, dict) else None
            for part in parts if isinstance(parts, list) else ():
                reference = part.get("$ref") if isinstance(part, dict) else None
                if isinstance(reference, str):
                    children[reference].append(f"{place}{name}")
    return children


def list_kinds(
    schema: JsonObject, own: str, children: Mapping[str, list[str]]
) -> tuple[str, list[tuple[str, JsonObject]]]:
    """The field that tells kinds apart, and of each kind its value and schema; or nothing.

    ``own`` is the reference that led to the schema.
    """
    told = schema.get("discriminator")
    tag = told.get("propertyName") if isinstance(told, dict) else told
    if not isinstance(tag, str):
        return "", []
    mapping = told.get("mapping") if isinstance(told, dict) else None
    named = mapping if isinstance(mapping, dict) else {}
    # A mapping may hold the bare name of a schema.
    values = {
        to if "/" in to or "#" in to else f"{_PLACES[0]}{to}": str(value)
        for value, to in named.items()
        if isinstance(to, str)
    }
    listed = schema.get("oneOf", schema.get("anyOf"))
    if isinstance(listed, list):
        kinds = [
            (values.get(one["$ref"], one["$ref"].rsplit("/", 1)[-1]), one)
            for one in listed
            if isinstance(one, dict) and isinstance(one.get("$ref"), str)
        ]
        return (tag, kinds) if len(kinds) == len(listed) else ("", [])
    below = [(value, reference) for reference, value in values.items()]
    if not below and own:
        below = [(one.rsplit("/", 1)[-1], one) for one in children.get(own, ())]
    return tag, [(value, {"$ref": reference}) for value, reference in below]


def give_value(schema: Any, tag: str, value: str) -> Any:
    """The schema of one kind, whose field has the kind's value, unless it says which it has."""
    fields = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(fields, dict) or not isinstance(fields.get(tag, {}), dict):
        return schema
    field = fields.get(tag, {"type": "string"})
    options = field.get("enum")
    if "const" not in field and not (isinstance(options, list) and len(options) == 1):
        field = {**without(field, "enum", "default"), "const": value}
    required = schema.get("required") or []
    needed = required if tag in required else [tag, *required]
    return {**schema, "properties": {**fields, tag: field}, "required": needed}


def tell_as_one(schema: JsonObject, keyword: str, tag: str) -> JsonObject:
    """Objects that differ by the value of a field as one object with a choice of what differs."""
    branches = schema.get(keyword)
    if not isinstance(branches, list) or not all(map(_is_plain, branches)):
        return schema
    # The fields of all; one that several describe differently is any of what they say.
    objects = (branch["properties"] for branch in branches)
    said: dict[str, list[Any]] = defaultdict(list)
    for one in objects:
        for name, inner in one.items():
            if inner not in said[name]:
                said[name].append(inner)
    fields = {
        name: schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        for name, schemas in said.items()
    }
    values = [_value_of(branch["properties"].get(tag)) for branch in branches]
    if None in values or "properties" in schema:
        return schema
    first = branches[0]["properties"][tag]
    fields[tag] = {**without(first, "const", "enum"), "enum": list(dict.fromkeys(values))}
    common = [name for name in branches[0].get("required", ())
              if all(name in branch.get("required", ()) for branch in branches)]  # fmt: skip
    choices = [
        {
            "type": "object",
            "properties": {
                tag: {"const": value},
                **{name: item for name, item in branch["properties"].items()
                   if name != tag and fields[name] != item},
            },
            "required": [tag, *(name for name in branch.get("required", ())
                                if name not in (tag, *common))],
        }
        for value, branch in zip(values, branches, strict=True)
    ]  # fmt: skip
    whole = {"type": "object", "properties": fields, "required": common, keyword: choices}
    return {**without(schema, keyword), **whole}


def _is_plain(branch: Any) -> bool:
    free = {"type", "properties", "required", "additionalProperties", "description", "examples"}
    return (
        isinstance(branch, dict)
        and branch.keys() <= free
        and isinstance(branch.get("properties"), dict)
        and branch.get("additionalProperties") in (None, True, {})
    )


def _value_of(field: Any) -> Any:
    if not isinstance(field, dict):
        return None
    options = field.get("enum")
    if isinstance(options, list) and len(options) == 1:
        return options[0]
    return field.get("const")
