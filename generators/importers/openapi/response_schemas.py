"""Finds the schema of what an operation gives back when it succeeds.

The first 2xx response that describes its content counts; ``default`` only where no 2xx response
is listed, and not if it speaks of errors. An example stands in for a schema that says nothing.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from generators.importers.example_schemas import schema_of_examples
from generators.importers.openapi.operations import (
    Operation,
    choose_media,
    find_examples,
    follow,
    is_media,
)
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
        if not isinstance(response, dict) or (fallback and _is_error(given[code], response)):
            continue
        content, by_media = response.get("content"), response.get("examples")
        if isinstance(content, dict) and content:
            name, media = choose_media(root, content)
            schema = media.get("schema", {"type": "string"} if is_media(name, "text") else {})
            examples = find_examples(root, media) if is_media(name, "json") else []
        else:  # 2.0 has the schema beside examples by media type
            shown = by_media.items() if isinstance(by_media, dict) else ()
            examples = [value for name, value in shown if is_media(name, "json")]
            if "schema" not in response and not examples:
                continue
            schema = response.get("schema", {})
        found = _read_schema(root, schema, examples)
        if found.schema is not None:
            return found
    return ResponseSchema()


def _is_error(given: Any, response: JsonObject) -> bool:
    description = f"{given.get('$ref', '')} {response.get('description', '')}"
    shown = [response.get("schema"), response.get("content")]
    named = re.findall(r"'\$ref': '([^']*)'", str(shown)[:2000])
    return any(_ERROR.search(text) for text in (description, *named))


def _read_schema(root: JsonObject, schema: Any, examples: list[Any]) -> ResponseSchema:
    schema, cuts = unfold(root, schema, OUTPUT, "returns")
    if not isinstance(schema, dict) or schema.get("format") == "binary":
        return ResponseSchema()
    says = {key: value for key, value in schema.items() if key not in ("description", "examples")}
    examples = examples or schema.get("examples") or []
    if (says and says not in _EMPTY) or not examples:
        return ResponseSchema(schema if says else None, "source", cuts)
    values = []
    for value in examples:
        # Older documents write the example of an object as text.
        if isinstance(value, str) and value.strip()[:1] in ("{", "["):
            with suppress(ValueError, RecursionError):
                value = json.loads(value)
        values.append(value)
    inferred, more = unfold(root, schema_of_examples(values), OUTPUT, "returns")
    return ResponseSchema(inferred or None, "example", more)
