"""The tools of a task as they are offered: with what it asks of how values are written."""

from collections.abc import Sequence
from typing import Any

from schemas.formats import FORMAT_OF, FORMATS, Format
from schemas.record import JsonObject
from schemas.task import FormatInstruction
from schemas.tool import ToolSpec


def instructed(tool: ToolSpec, formats: Sequence[FormatInstruction]) -> ToolSpec:
    """The tool with the sentences of its formats at the end of its parameters' descriptions.

    Raises KeyError for a parameter that the tool does not have at the top.
    """
    own = [one for one in formats if one.tool == tool.wire_name]
    if not own:
        return tool
    properties: dict[str, Any] = dict(tool.properties)
    for one in own:
        properties[one.parameter] = _told(properties[one.parameter], FORMAT_OF[one.rule].sentence)
    return tool.model_copy(update={"parameters": {**tool.parameters, "properties": properties}})


def asked_of(tool: ToolSpec, parameter: str) -> tuple[Format, ...]:
    """The formats that an offered tool's description of a parameter asks for."""
    schema = tool.properties.get(parameter)
    described = str(schema.get("description") or "") if isinstance(schema, dict) else ""
    return tuple(form for form in FORMATS if form.sentence in described)


def _told(schema: JsonObject, sentence: str) -> JsonObject:
    described = str(schema.get("description") or "").strip()
    if described and described[-1] not in ".!?":
        described += "."
    return {**schema, "description": f"{described} {sentence}".strip()}
