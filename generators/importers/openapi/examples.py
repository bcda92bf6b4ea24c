"""Finds the examples in a document."""

import json
from typing import Any

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


def parse_example(example: Any) -> Any:
    """The value of an example: older documents write that of an object as text."""
    if not isinstance(example, str) or example.strip()[:1] not in ("{", "["):
        return example
    try:
        return json.loads(example)
    except (ValueError, RecursionError):
        return example
