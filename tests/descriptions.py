"""Tools made of a description alone, and schemas as one line a leaf, for tests of results."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSource, ToolSpec

LABELLED: list[JsonObject] = json.loads(
    (Path(__file__).parent / "fixtures" / "documented_returns.json").read_text(encoding="utf-8")
)
"""Descriptions and, path by path, what they say of the result; null where they say nothing."""


def described(name: str, text: str, parameters: Sequence[str] = (), **more: Any) -> ToolSpec:
    """A tool of which nothing but its description says what it returns."""
    properties = {parameter: {"type": "string"} for parameter in parameters}
    values: JsonObject = {
        "name": name,
        "wire_name": name,
        "description": text,
        "parameters": {"type": "object", "properties": properties, "required": []},
        "domain": "tests",
        "source": ToolSource(format="mcp", path="tests.json"),
    }
    return ToolSpec(**values | more)


def catalog(*tools: ToolSpec) -> Catalog:
    return Catalog(tools=tools)


def leaves(schema: JsonObject | None) -> dict[str, str] | None:
    """``{"[].id": "integer"}``; an open leaf has no type."""
    return None if schema is None else dict(_leaves(schema, ""))


def _leaves(schema: JsonObject, path: str) -> Iterator[tuple[str, str]]:
    if schema.get("type") == "array":
        yield from _leaves(schema["items"], f"{path}[]")
    elif schema.get("properties"):
        for name, part in schema["properties"].items():
            yield from _leaves(part, f"{path}.{name}" if path else name)
    else:
        told = schema.get("type", "")
        yield path, told if isinstance(told, str) else " or ".join(told)
