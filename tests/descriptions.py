"""Tools of which hardly anything is known, for tests of results."""

from collections.abc import Sequence
from typing import Any

from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSource, ToolSpec


def described(name: str, text: str, parameters: Sequence[str] = (), **more: Any) -> ToolSpec:
    """A tool with a description and parameters that are texts."""
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
