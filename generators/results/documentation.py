"""Results that a description tells in words, in the forms of docstrings and in prose.

Finding the passages is the work of `generators.results.statements`, reading them that of
`generators.results.phrases`; here they are put together for one tool.
"""

import re
from collections.abc import Iterator
from typing import Any

from generators.results.cues import says_result
from generators.results.examples import is_schema
from generators.results.literals import bracketed, read_literal
from generators.results.phrases import read_statement
from generators.results.shapes import read_shape, shape_of
from generators.results.statements import Statement, statements
from generators.world.naming_words import split_words
from schemas.record import JsonObject
from schemas.tool import ToolSpec


def documented_schema(tool: ToolSpec) -> JsonObject | None:
    """Return the schema that the description tells; None where it tells none for certain."""
    drawn = next(_drawn(tool), None)
    if drawn is not None:
        return drawn
    prose = "return" not in split_words(tool.name) and "returns" not in split_words(tool.name)
    told: JsonObject | None = None
    for statement in statements(tool.description, prose=prose):
        schema = read_statement(statement)
        if schema is not None:
            told = schema if told is None else _joined(told, schema, statement)
    return told if told is None or _is_news(told, tool) else None


def _drawn(tool: ToolSpec) -> Iterator[JsonObject]:
    """Yield schemas and shapes in brackets that a word announces as the result."""
    done = 0
    for found in bracketed(tool.description):
        before, done = tool.description[done : found.start], found.end
        if not says_result(before) or re.search(r"[/\w]$", before):
            continue
        schema = _drawn_in(found.text)
        if schema is not None and _is_news(schema, tool):
            yield schema


def _drawn_in(text: str) -> JsonObject | None:
    try:
        value: Any = read_literal(text)
    except ValueError:
        return read_shape(text)
    return dict(value) if is_schema(value) else shape_of(value)


def _joined(told: JsonObject, more: JsonObject, statement: Statement) -> JsonObject:
    """Add what a later passage says: of each row if it says so, else of the whole."""
    if statement.every and more.get("type") == told.get("type") == "array":
        return {**told, "items": _both(told["items"], more["items"])}
    return _both(told, more)


def _both(told: JsonObject, more: JsonObject) -> JsonObject:
    """Join two objects; of anything else, the first counts."""
    if told.get("type") != "object" or more.get("type") != "object":
        return told
    properties = {**more["properties"], **told["properties"]}
    required = dict.fromkeys((*told["required"], *more["required"]))
    return {"type": "object", "properties": properties, "required": list(required)}


def _is_news(schema: JsonObject, tool: ToolSpec) -> bool:
    """Whether it holds something that is no parameter: else it may be an example of them."""
    properties = schema.get("properties")
    if not properties:
        row = schema.get("items")
        return not isinstance(row, dict) or not row.get("properties") or _is_news(row, tool)
    return not set(properties) <= set(tool.properties) or len(properties) == 1
