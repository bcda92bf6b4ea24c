"""What a tool's description says of its parameters and its result, where it holds a docstring.

Servers made of functions send the docstring as it stands: ``Args:`` with a line for each parameter,
``Returns:`` with what comes back, and schemas that say nothing but types.
"""

import inspect
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from generators.importers.found_tools import FoundTool, SchemaPlace
from generators.importers.python.docstrings import Described, Documentation, parse_docstring
from schemas.record import JsonObject

_SECTION = re.compile(
    r"(?mi)^\s*(?:args|arguments|parameters|params|returns?)\s*:?\s*$"
    r"|^\s*(?:args|returns?)\s*:|^\s*:(?:param|returns?)\b"
)
_UNDERLINED = re.compile(r"(?m)^([ \t]*)(\w[\w ]*?):?[ \t]*\n[ \t]*(-{3,})[ \t]*$")
_TRUTH = re.compile(r"(?i)^(?:bool(?:ean)?\b|true (?:if|when|on)\b|whether\b)")
_COUNT = re.compile(r"(?i)^(?:the )?(?:total )?(?:number|count) of\b")


def read_docstring_texts(tool: FoundTool, longest: int) -> FoundTool:
    """The tool with parameters, and a result, as its description tells them; else as it was.

    ``longest``: characters of the description that are looked at.
    """
    if not _SECTION.search(tool.description[:longest]):
        return tool
    text = inspect.cleandoc(tool.description[:longest])
    told = parse_docstring(_UNDERLINED.sub(r"\1\2\n\1\3", text))
    parameters, described = _describe(tool.parameters.value, told)
    returns = _read_result(told.returns) if tool.returns is None else None
    place = tool.parameters.keyword
    notes = [f"{place}.{name}: described by the tool's text" for name in described]
    if returns is not None:
        notes.append("returns: as the tool's text tells it")
    return replace(
        tool,
        parameters=replace(tool.parameters, value=parameters) if described else tool.parameters,
        returns=SchemaPlace("returns", returns) if returns is not None else tool.returns,
        returns_from="documentation" if returns is not None else tool.returns_from,
        repairs=(*tool.repairs, *notes),
    )


def _describe(schema: Any, told: Documentation) -> tuple[Any, list[str]]:
    """The schema with descriptions where it has none, and the parameters that got one."""
    properties = schema.get("properties") if isinstance(schema, dict) else None
    if not isinstance(properties, dict):
        return schema, []
    said = {name: " ".join(one.text.split()) for name, one in told.parameters.items()}
    bare = [
        name
        for name, rule in properties.items()
        if isinstance(rule, dict) and not rule.get("description") and said.get(name)
    ]
    named = {name: {**properties[name], "description": said[name]} for name in bare}
    return {**schema, "properties": {**properties, **named}}, bare


def _read_result(items: Sequence[Described]) -> JsonObject | None:
    """The schema of a truth or of a count; None where the text tells no such thing."""
    if len(items) != 1:
        return None
    kind, text = items[0].type or items[0].name, " ".join(items[0].text.split())
    if not kind and ":" in text:
        kind, _, text = (part.strip() for part in text.partition(":"))
    if _TRUTH.match(kind or text):
        part: JsonObject = {"type": "boolean"}
        name = "result"
    elif _COUNT.match(text):
        part, name = {"type": "integer", "minimum": 0}, "count"
    else:
        return None
    described = {"description": text} if text else {}
    properties = {name: {**part, **described}}
    return {"type": "object", "properties": properties, "required": [name]}
