"""Finds the schema of what an operation gives back when it succeeds.

The first 2xx response that describes its content counts; ``default`` only where no 2xx response
is listed, and not if it speaks of errors. An example stands in for a schema that says nothing.
"""

import re
from dataclasses import dataclass
from typing import Any

from generators.importers.example_schemas import schema_of_examples
from generators.importers.openapi.media_types import (
    choose_media,
    find_examples,
    is_json,
    is_text,
    parse_example,
)
from generators.importers.openapi.operations import Operation, follow
from generators.importers.openapi.schema_unfolding import OUTPUT, unfold
from schemas.record import JsonObject
from schemas.tool import ReturnsFrom

_ERROR = re.compile(r"error|exception|fail|fault|invalid|problem|unexpected", re.I)
_EMPTY: tuple[Any, ...] = ({}, {"type": "object"}, {"type": "array", "items": {}})


@dataclass(frozen=True)
class ResponseSchema:
    """The schema of a result, None where nothing tells, and what was cut of it, in words."""

    schema: JsonObject | None = None
    origin: ReturnsFrom = "source"
    repairs: tuple[str, ...] = ()


def read_response(root: JsonObject, operation: Operation) -> ResponseSchema:
    """The result of an operation. Raises InputError for a part that cannot be resolved."""
    responses = operation.entry.get("responses")
    given: JsonObject = responses if isinstance(responses, dict) else {}
    codes = sorted(code for code in given if re.fullmatch(r"2(\d\d|XX)", code, re.I))
    fallback = ["default"] if not codes and "default" in given else []
    for code in [*codes, *fallback]:
        response = follow(root, given[code], f"responses.{code}")
        if isinstance(response, dict) and not (fallback and _is_error(given[code], response)):
            content = _open_content(root, response)
            found = _read_schema(root, *content) if content is not None else ResponseSchema()
            if found.schema is not None:
                return found
    return ResponseSchema()


def _is_error(given: Any, response: JsonObject) -> bool:
    description = f"{given.get('$ref', '')} {response.get('description', '')}"
    shown = [response.get("schema"), response.get("content")]
    named = re.findall(r"'\$ref': '([^']*)'", str(shown)[:2000])
    return any(_ERROR.search(text) for text in (description, *named))


def _open_content(root: JsonObject, response: JsonObject) -> tuple[Any, list[Any]] | None:
    """Schema and examples of a response: in 3.x by media type, in 2.0 under ``schema``."""
    content = response.get("content")
    if isinstance(content, dict) and content:
        name, media = choose_media(root, content)
        schema = media.get("schema", {"type": "string"} if is_text(name) else {})
        return schema, find_examples(root, media) if is_json(name) else []
    by_media = response.get("examples")
    shown = by_media.items() if isinstance(by_media, dict) else ()
    examples = [value for name, value in shown if is_json(name)]
    if "schema" not in response and not examples:
        return None
    return response.get("schema", {}), examples


def _read_schema(root: JsonObject, schema: Any, examples: list[Any]) -> ResponseSchema:
    schema, cuts = unfold(root, schema, OUTPUT, "returns")
    if not isinstance(schema, dict) or schema.get("format") == "binary":
        return ResponseSchema()
    says = {key: value for key, value in schema.items() if key not in ("description", "examples")}
    if says and says not in _EMPTY:
        return ResponseSchema(schema, "source", cuts)
    examples = examples or schema.get("examples") or []
    if not examples:
        return ResponseSchema(schema if says else None, "source", cuts)
    shown = schema_of_examples(map(parse_example, examples))
    inferred, more = unfold(root, shown, OUTPUT, "returns")
    return ResponseSchema(inferred or None, "example", more)
