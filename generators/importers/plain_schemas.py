"""Tells the schemas that are plainly sound from those that have to be looked at closely.

Nearly every schema of a tool uses a few keywords in the ordinary way. To see that takes a hundredth
of the time of validating it under the meta-schema, which `generators.importers.soundness` does for
the others, and which alone can say what is wrong.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")


def is_plain(schema: Any) -> bool:
    """Whether the schema is surely valid JSON Schema 2020-12; False where it may not be."""
    if not isinstance(schema, dict):
        return isinstance(schema, bool)
    return all(key in _SOUND and _SOUND[key](value) for key, value in schema.items())


def _is_type(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_is_name, value)) and len(set(value)) == len(value)
    return _is_name(value)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and value in TYPES


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_anything(_: Any) -> bool:
    return True


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value)) and len(set(value)) == len(value)


def _are_members(value: Any) -> bool:
    return (
        isinstance(value, dict) and all(map(_is_text, value)) and all(map(is_plain, value.values()))
    )


def _are_branches(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_plain, value))


def _is_pattern(value: Any) -> bool:
    try:
        re.compile(value)
    except (re.error, TypeError, OverflowError, RecursionError):
        return False
    return isinstance(value, str)


_SOUND: Mapping[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("description", "format"), _is_text),
    **dict.fromkeys(("default", "const"), _is_anything),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _is_number),
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), _is_count),
    **dict.fromkeys(("items", "additionalProperties"), is_plain),
    **dict.fromkeys(("anyOf", "oneOf", "allOf"), _are_branches),
    **dict.fromkeys(("enum", "examples"), _is_list),
    **dict.fromkeys(("uniqueItems", "deprecated", "readOnly", "writeOnly"), _is_flag),
    "type": _is_type,
    "properties": _are_members,
    "required": _are_names,
    "pattern": _is_pattern,
}
"""Keyword → whether a value of it is surely right."""
