"""Defaults that their own schema refuses: values written as text are mended, others dropped."""

import json
from typing import Any

from generators.importers.document import short_repr
from generators.importers.foreign import truth
from generators.importers.keywords import map_subschemas
from generators.importers.soundness import satisfies


def mend_defaults(schema: Any, place: str, repairs: list[str]) -> Any:
    """A copy in which every default satisfies its schema; what was repaired is added in words."""
    if not isinstance(schema, dict):
        return schema
    schema = map_subschemas(schema, lambda item, at: mend_defaults(item, f"{place}.{at}", repairs))
    if "default" not in schema or satisfies(schema["default"], schema):
        return schema
    default = schema["default"]
    for value in _readings(default):
        if satisfies(value, schema):
            repairs.append(f"{place}: default {short_repr(default)} became {short_repr(value)}")
            return {**schema, "default": value}
    repairs.append(
        f"{place}: default {short_repr(default)} does not satisfy its schema and was dropped"
    )
    return {key: value for key, value in schema.items() if key != "default"}


def _readings(default: Any) -> list[Any]:
    """What a default may mean that is text where something else is wanted, or the reverse."""
    if isinstance(default, bool) or not isinstance(default, str | int | float):
        return []
    if not isinstance(default, str):
        return [str(default)]
    said = truth(default)
    return [said] if said is not None else _parsed(default)


def _parsed(text: str) -> list[Any]:
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        return []
    return [] if value in (float("inf"), float("-inf")) else [value]


def _no_number(word: str) -> None:
    raise ValueError(word)
