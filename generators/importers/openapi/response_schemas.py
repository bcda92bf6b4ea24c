"""Finds the schema of what an operation gives back when it succeeds.

The first 2xx response that describes its content counts; ``default`` only where no 2xx response
is listed, and not if it speaks of errors. An example stands in for a schema that says nothing.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from generators.importers.example_schemas import schema_of_examples, shorten_examples
from generators.importers.openapi.mending import mend_part
from generators.importers.openapi.operations import (
    Document,
    Operation,
    choose_media,
    find_examples,
    follow,
    is_media,
)
from generators.importers.openapi.schema_unfolding import OUTPUT, unfold
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ReturnsFrom

_ERROR = re.compile(r"error|exception|fail|fault|invalid|problem|unexpected", re.I)
_EMPTY: tuple[Any, ...] = ({}, {"type": "object"}, {"type": "array", "items": {}})


@dataclass(frozen=True)
class ResponseSchema:
    """The schema of a result, None where nothing tells, and what is said of it, in words."""

    schema: JsonObject | None = None
    origin: ReturnsFrom = "source"
    faults: tuple[str, ...] = ()
    """What was mended."""
    notes: tuple[str, ...] = ()
    """What was cut and left out."""


def read_response(document: Document, operation: Operation) -> ResponseSchema:
    """The result of an operation; one that cannot be read is left out, with a note."""
    responses = operation.entry.get("responses")
    given: JsonObject = responses if isinstance(responses, dict) else {}
    faults: list[str] = []
    if not given:
        faults.append("responses: none are described")
    codes = sorted(code for code in given if re.fullmatch(r"2(\d\d|XX)", code, re.I))
    fallback = ["default"] if not codes and "default" in given else []
    for code in [*codes, *fallback]:
        place = f"responses.{code}"
        try:
            found = _read_one(document, given[code], place, faults, is_fallback=bool(fallback))
        except InputError as error:
            faults.append(f"{place}: {error.problem}; the schema of the result was left out")
            continue
        if found is not None:
            return replace(found, faults=(*faults, *found.faults))
    return ResponseSchema(faults=tuple(faults))


def _read_one(
    document: Document, given: Any, place: str, faults: list[str], *, is_fallback: bool
) -> ResponseSchema | None:
    """What one response says of the result; None where it says nothing."""
    response = mend_part(follow(document.root, given, place), "response", place, faults)
    if not isinstance(response, dict):
        return None
    if is_fallback:
        about = f"{given.get('$ref', '')} {response.get('description', '')}"
        held = str([response.get("schema"), response.get("content")])[:2000]
        if any(map(_ERROR.search, (about, *re.findall(r"'\$ref': '([^']*)'", held)))):
            return None
    content, by_media = response.get("content"), response.get("examples")
    if isinstance(content, dict) and content:
        name, media = choose_media(document.root, content)
        media = mend_part(media, "media", f"{place}.content.{name}", faults)
        schema = media.get("schema", {"type": "string"} if is_media(name, "text") else {})
        examples = find_examples(document.root, media) if is_media(name, "json") else []
    else:  # 2.0 has the schema beside examples by media type
        shown = by_media.items() if isinstance(by_media, dict) else ()
        examples = [value for name, value in shown if is_media(name, "json")]
        if "schema" not in response and not examples:
            return None
        schema = response.get("schema", {})
        if "openapi" in document.root:
            faults.append(f"{place}: a schema without content, read as JSON")
    found = _read_schema(document, schema, examples)
    return found if found.schema is not None else None


def _read_schema(document: Document, schema: Any, examples: list[Any]) -> ResponseSchema:
    unfolded = unfold(document, schema, OUTPUT, "returns")
    schema = unfolded.schema
    if not isinstance(schema, dict) or schema.get("format") == "binary":
        return ResponseSchema()
    says = {key: value for key, value in schema.items() if key not in ("description", "examples")}
    values = []
    for value in examples or schema.get("examples") or ():
        # Older documents write the example of an object as text.
        if isinstance(value, str) and value.strip()[:1] in ("{", "["):
            with suppress(ValueError, RecursionError):
                value = json.loads(value)
        values.append(value)
    shown = {"examples": shorten_examples(values)} if values else {}
    if (says and says not in _EMPTY) or not values:
        given = {**schema, **shown} if says else None
        return ResponseSchema(given, "source", unfolded.faults, unfolded.notes)
    inferred = unfold(document, schema_of_examples(values), OUTPUT, "returns")
    known = {**inferred.schema, **shown} if inferred.schema else None
    return ResponseSchema(known, "example", inferred.faults, inferred.notes)
