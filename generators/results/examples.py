"""Results that a description shows: ``Example response: {"id": 7}``, a fenced block, a Python dict.

An example of arguments must not be taken for a result: a word has to announce it
(`generators.results.cues`), and it has to hold something that is no parameter.
"""

from collections.abc import Iterator
from typing import Any

from generators.results.cues import follows_at_once, says_result
from generators.results.literals import bracketed, read_literal
from generators.results.merging import schema_of
from generators.results.shapes import shape_of
from schemas.record import JsonObject
from schemas.tool import ToolSpec

_OF_ERRORS = frozenset({"error", "errors", "message", "code", "status", "status_code", "detail"})


def exampled_schema(tool: ToolSpec) -> JsonObject | None:
    """Return the schema of the results that the description shows; None where it shows none."""
    values = list(_results(tool))
    return schema_of(values) if values else None


def _results(tool: ToolSpec) -> Iterator[Any]:
    done = 0
    for found in bracketed(tool.description):
        before, done = tool.description[done : found.start], found.end
        if not says_result(before):
            continue
        try:
            value = read_literal(found.text)
        except ValueError:
            continue  # a placeholder or a shape
        if _shows_result(value, tool, before):
            yield value


def _shows_result(value: Any, tool: ToolSpec, before: str) -> bool:
    rows = value if isinstance(value, list) else [value]
    if not all(isinstance(row, dict) for row in rows):
        return follows_at_once(before) and bool(rows)
    names = {name for row in rows for name in row}
    told = bool(names) and shape_of(value) is None and not is_schema(value)
    return told and not names <= set(tool.properties) and not is_error(value)


def is_schema(value: Any) -> bool:
    """Whether an example is a JSON Schema rather than a result."""
    if not isinstance(value, dict):
        return False
    return value.get("type") in ("object", "array") and (
        isinstance(value.get("properties"), dict) or isinstance(value.get("items"), dict)
    )


def is_error(value: Any) -> bool:
    """Whether a result says that the call failed."""
    if not isinstance(value, dict):
        return False
    return bool({"error", "errors"} & set(value)) and set(value) <= _OF_ERRORS
