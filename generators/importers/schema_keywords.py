"""Where JSON Schema keeps schemas inside schemas, so that walks never mistake data for a schema.

A parameter may be called ``title`` or ``$ref``, and an example may hold anything: only the
keywords below lead to schemas. What a walk does there is left to its caller.
"""

from collections.abc import Callable
from typing import Any

from schemas.record import JsonObject

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

DEFINITIONS = ("$defs", "definitions")
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
