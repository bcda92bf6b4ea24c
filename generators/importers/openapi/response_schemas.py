"""Finds the schema of what an operation gives back when it succeeds.

The first 2xx response that describes its content counts; ``default`` only where no 2xx response
is listed, and not if it speaks of errors. An example stands in for a schema that says nothing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from generators.importers.example_schemas import schema_of_examples
from generators.importers.openapi.media_types import (
    examples_of,
    is_json,
    is_text,
    parse_example,
    preferred,
)
from generators.importers.openapi.operations import Operation, follow
from generators.importers.openapi.schema_unfolding import OUTPUT, unfold
from schemas.record import JsonObject
from schemas.tool import ReturnsFrom

_ERROR = re.compile(r"error|exception|fail|fault|invalid|problem|unexpected", re.I)
_EMPTY: tuple[Any, ...] = ({}, {"type": "object"}, {"type": "array", "items": {}})


@dataclass(frozen=True)
class Result:
    """The schema of a result, None where nothing tells, and what was cut of it, in words."""

    schema: JsonObject | None = None
    origin: ReturnsFrom = "source"
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Content:
    schema: Any
    examples: tuple[Any, ...]


def read_result(root: JsonObject, operation: Operation) -> Result:
    """The result of an operation. Raises InputError for a part that cannot be resolved."""
    for response in _successes(root, operation):
        content = _content(root, response)
        if content is not None:
            result = _result(root, content)
            if result.schema is not None:
                return result
    return Result()


def _successes(root: JsonObject, operation: Operation) -> Iterator[JsonObject]:
    responses = operation.entry.get("responses")
    given: JsonObject = responses if isinstance(responses, dict) else {}
    codes = sorted(code for code in given if re.fullmatch(r"2(\d\d|XX)", code, re.I))
    fallback = ["default"] if not codes and "default" in given else []
    for code in [*codes, *fallback]:
        response = follow(root, given[code], f"responses.{code}")
        if isinstance(response, dict) and not (fallback and _is_error(given[code], response)):
            yield response


def _is_error(given: Any, response: JsonObject) -> bool:
    told = f"{given.get('$ref', '')} {response.get('description', '')}"
    shown = [response.get("schema"), response.get("content")]
    named = re.findall(r"'\$ref': '([^']*)'", str(shown)[:2000])
    return any(_ERROR.search(text) for text in (told, *named))


def _content(root: JsonObject, response: JsonObject) -> _Content | None:
    """What a response holds: in 3.x by media type, in 2.0 under ``schema``; None if nothing."""
    content = response.get("content")
    if isinstance(content, dict) and content:
        name, media = preferred(root, content)
        schema = media.get("schema", {"type": "string"} if is_text(name) else {})
        examples = examples_of(root, media) if is_json(name) else []
        return _Content(schema, tuple(examples))
    by_media = response.get("examples")
    shown = by_media.items() if isinstance(by_media, dict) else ()
    examples = [value for name, value in shown if is_json(name)]
    if "schema" not in response and not examples:
        return None
    return _Content(response.get("schema", {}), tuple(examples))


def _result(root: JsonObject, content: _Content) -> Result:
    schema, cuts = unfold(root, content.schema, OUTPUT, "returns")
    if not isinstance(schema, dict) or schema.get("format") == "binary":
        return Result()
    says = {key: value for key, value in schema.items() if key not in ("description", "examples")}
    if says and says not in _EMPTY:
        return Result(schema, "source", cuts)
    examples = content.examples or tuple(schema.get("examples") or ())
    if not examples:
        return Result(schema if says else None, "source", cuts)
    inferred, more = unfold(
        root, schema_of_examples(map(parse_example, examples)), OUTPUT, "returns"
    )
    return Result(inferred or None, "example", more)
