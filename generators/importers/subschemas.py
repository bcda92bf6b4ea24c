"""Schemas inside schemas: which keywords hold them, and what references lead to.

A parameter may be called ``title`` or ``$ref``, and an example may hold anything: only the
keywords below lead to schemas. What a walk does there is left to its caller.

`dereference` unfolds ``$ref``: afterwards a schema stands alone, without definitions. A reference
to a schema that is just being unfolded would never end and becomes ``{}``, which allows anything.
References to other documents are refused: nothing is fetched.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote

from schemas.errors import InputError
from schemas.record import JsonObject

MAX_SCHEMAS = 20_000
"""Definitions that use one another twice double at each step: unfolding must end."""
MAX_DEPTH = 32
"""Schemas and references inside one another: each costs a validator ten of Python's 1000 frames."""

Note = Callable[[str], None]
"""Takes down what a rule repaired, in words."""

ONE = frozenset(
    {
        "additionalItems", "additionalProperties", "contains", "contentSchema", "else", "if",
        "items", "not", "propertyNames", "then", "unevaluatedItems", "unevaluatedProperties",
    }
)  # fmt: skip
"""Keywords that hold one schema; ``items`` held a list of them before 2020-12."""

MANY = frozenset({"allOf", "anyOf", "items", "oneOf", "prefixItems"})
"""Keywords that hold a list of schemas."""

NAMED = frozenset({"dependencies", "dependentSchemas", "patternProperties", "properties"})
"""Keywords that hold an object whose values are schemas."""

DEFINITIONS = frozenset({"$defs", "definitions"})
"""Keywords whose schemas apply only where a reference names them."""

ANNOTATIONS = frozenset(
    {"$comment", "default", "deprecated", "description", "example", "examples", "title"}
)
"""Keywords that tell and do not restrict."""


def map_subschemas(schema: JsonObject, change: Callable[[Any, str], Any]) -> JsonObject:
    """A copy in which ``change(subschema, place)`` stands for each direct subschema.

    Keywords of the wrong type are copied as they are, for the check that follows to find.
    """
    mapped: JsonObject = {}
    for key, value in schema.items():
        if key in NAMED and isinstance(value, dict):
            mapped[key] = {name: change(item, f"{key}.{name}") for name, item in value.items()}
        elif key in MANY and isinstance(value, list):
            mapped[key] = [change(item, f"{key}[{at}]") for at, item in enumerate(value)]
        elif key in ONE and isinstance(value, dict):
            mapped[key] = change(value, key)
        else:
            mapped[key] = value
    return mapped


_UNTELLING = frozenset(
    {"type", "additionalProperties", "title", "description", "properties", "required"}
)
"""Keywords of an object that say nothing of what it holds, where none is filled."""


def tells_nothing(schema: JsonObject) -> bool:
    """Whether a schema is that of any object: ``{"type": "object"}``."""
    kinds, free = schema.get("type"), schema.get("additionalProperties", True)
    bare = kinds == "object" or (isinstance(kinds, list) and {*kinds} <= {"object", "null"})
    filled = schema.get("properties") or schema.get("required")
    known = isinstance(free, dict) and bool(free.keys() - {"description", "title"})
    return bare and schema.keys() <= _UNTELLING and not filled and not known


def looks_like_schema(value: Any) -> bool:
    """Whether an object is a schema of arguments, not a flat list of parameters or an example.

    A parameter may be called ``type`` or ``properties``: as keywords they hold text and schemas.
    """
    if not isinstance(value, dict):
        return False
    properties = value.get("properties")
    if isinstance(properties, dict) and not any(
        isinstance(one, str) for one in properties.values()
    ):
        return True
    return (
        isinstance(value.get("type"), str | list)
        or isinstance(value.get("$ref"), str)
        or any(isinstance(value.get(key), list) for key in ("allOf", "anyOf", "oneOf", "enum"))
    )


_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")
_ANCHORS = ("$anchor", "$dynamicAnchor")
_DROPPED = frozenset({*DEFINITIONS, *_REFERENCES, *_ANCHORS, "$id", "$recursiveAnchor", "$schema"})


def dereference(schema: JsonObject, place: str) -> tuple[JsonObject, list[str]]:
    """The schema without references, and what had to be cut.

    Raises InputError for a reference that leads nowhere, and for one that unfolds without bound.
    """
    cuts: list[str] = []
    count = 0

    def unfold(part: Any, place: str, inside: tuple[int, ...]) -> Any:
        """``inside`` are the identities of the schemas that are being unfolded around this one."""
        nonlocal count
        if not isinstance(part, dict):
            return part
        count += 1
        if count > MAX_SCHEMAS:
            raise InputError(f"unfolds to more than {MAX_SCHEMAS:,} schemas", place=place)
        if len(inside) >= MAX_DEPTH:
            raise InputError(f"schemas are nested more than {MAX_DEPTH} deep", place=place)
        inside = (*inside, id(part))
        kept = {key: value for key, value in part.items() if key not in _DROPPED}
        plain = map_subschemas(kept, lambda item, at: unfold(item, f"{place}.{at}", inside))
        for keyword in _REFERENCES:
            if keyword in part:
                at = f"{place}.{keyword}"
                target = _find_target(schema, part[keyword], at)
                if id(target) in inside:
                    cuts.append(f"{at}: {part[keyword]!r} leads back into itself and was cut")
                    plain = _combine(plain, {})
                else:
                    plain = _combine(plain, unfold(target, at, inside))
        return plain

    return unfold(schema, place, ()), cuts


def _find_target(root: JsonObject, reference: Any, place: str) -> Any:
    if not isinstance(reference, str):
        raise InputError("a reference must be text", place=place)
    if not reference.startswith("#"):
        problem = f"{reference!r} is another document; only references inside the schema are read"
        raise InputError(problem, place=place)
    pointer = unquote(reference[1:])
    if pointer[:1] in ("", "/"):
        found = by_pointer(root, pointer)
    else:
        nodes = _walk_schemas(root)
        named = (node for node in nodes if any(node.get(key) == pointer for key in _ANCHORS))
        found = next(named, None)
    if not isinstance(found, dict | bool):
        raise InputError(f"{reference!r} leads to no schema", place=place)
    return found


def by_pointer(node: Any, pointer: str) -> Any:
    """What a JSON pointer leads to, None where it leads nowhere."""
    for step in pointer.split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, dict):
            node = node.get(name)
        elif isinstance(node, list) and re.fullmatch(r"[0-9]{1,6}", name) and int(name) < len(node):
            node = node[int(name)]
        else:
            return None
    return node


def _walk_schemas(schema: Any) -> Iterator[JsonObject]:
    """The schema and those inside it, definitions too."""
    if not isinstance(schema, dict):
        return
    yield schema
    for key, value in schema.items():
        inner: list[Any] = [value] if key in ONE else []
        if key in NAMED | DEFINITIONS:
            inner = list(value.values()) if isinstance(value, dict) else []
        elif key in MANY and isinstance(value, list):
            inner = value
        for item in inner:
            yield from _walk_schemas(item)


def _combine(around: JsonObject, referred: Any) -> JsonObject:
    """What stands beside a reference may describe it anew; other keywords must hold as well."""
    if not isinstance(referred, dict):
        referred = {} if referred else {"not": {}}
    if around.keys() <= ANNOTATIONS:
        return {**referred, **around}
    if not referred:
        return around
    both = around.get("allOf")
    return {**around, "allOf": [*(both if isinstance(both, list) else []), referred]}
