"""Finds examples in a document, and infers a schema where they are all that there is."""

import json
from collections.abc import Sequence
from typing import Any

from genson import SchemaBuilder

from generators.importers.keywords import map_subschemas
from generators.importers.openapi.operations import follow
from schemas.record import JsonObject


def examples_of(root: JsonObject, told: JsonObject) -> list[Any]:
    """The values under ``example`` and ``examples``; what lies elsewhere is not fetched."""
    single = told.get("example")
    named = told.get("examples")
    found = [] if single is None else [single]
    if isinstance(named, list):
        return found + named
    for name, item in named.items() if isinstance(named, dict) else ():
        example = follow(root, item, f"examples.{name}")
        if isinstance(example, dict):
            values = (example[key] for key in ("value", "dataValue") if key in example)
            found.extend(values)
    return found


def schema_of_examples(examples: Sequence[Any]) -> JsonObject:
    """A schema that the examples satisfy. What they all have is not therefore required."""
    builder = SchemaBuilder(schema_uri=None)
    for example in examples:
        builder.add_object(_parsed(example))
    inferred: JsonObject = _loosened(builder.to_schema())
    return inferred


def _parsed(example: Any) -> Any:
    """Older documents write the example of an object as text."""
    if not isinstance(example, str) or example.strip()[:1] not in ("{", "["):
        return example
    try:
        return json.loads(example)
    except (ValueError, RecursionError):
        return example


def _loosened(schema: Any, _place: str = "") -> Any:
    """Null in an example says that a value may be absent, and nothing about its type."""
    if not isinstance(schema, dict):
        return schema
    kind = schema.get("type")
    if kind == "null":
        return {}
    kept = {key: value for key, value in schema.items() if key != "required"}
    return map_subschemas(kept, _loosened)
