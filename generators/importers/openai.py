"""Tools as OpenAI's interfaces take them, in three forms.

::

    {"type": "function", "function": {"name", "description", "parameters", "strict"}}   chat
    {"type": "function", "name", "description", "parameters", "strict"}                 responses
    {"name", "description", "parameters"}                                               legacy

in a list, or in an object under ``tools`` or ``functions``. The schema of a result is no part of
them; it is read where somebody added it. Built-in and custom tools have no parameters to fill.
"""

from collections.abc import Iterator
from typing import Any

from generators.importers.document import json_kind
from generators.importers.found import (
    FoundTool,
    Place,
    Skipped,
    first_place,
    in_list,
    name_of,
    numbered,
    text_of,
)
from generators.importers.keywords import looks_like_schema
from schemas.errors import InputError
from schemas.record import JsonObject

NAME = "openai"
FORMS = "OpenAI tools (chat, responses or legacy functions)"

_RETURNS = ("returns", "output_schema", "outputSchema", "response")
_LEGACY = frozenset({"name", "description", "parameters", "strict", "type", *_RETURNS})


def recognises(document: Any) -> bool:
    """Whether at least one entry has one of the three forms."""
    return any(_looks_right(entry) for entry in entries(document) or ())


def entries(document: Any) -> list[Any] | None:
    """The list of tools; None where the document has none."""
    if isinstance(document, dict):
        document = document.get("tools", document.get("functions"))
    return document if isinstance(document, list) else None


def tools(document: Any) -> Iterator[FoundTool | Skipped]:
    """Every entry in order. Raises InputError, without a file, for one that cannot be read."""
    for number, entry in numbered(entries(document) or ()):
        kind = entry.get("type")
        if kind not in (None, "function"):
            yield Skipped(f"{in_list(number)} is of type {kind!r}, not a function, and was skipped")
        else:
            yield _tool(entry, number)


def _tool(entry: JsonObject, number: int) -> FoundTool:
    function = entry.get("function", entry)
    if not isinstance(function, dict):
        problem = f"function must be an object, not {json_kind(function)}"
        raise InputError(problem, place=in_list(number))
    name = name_of(function, number)
    return FoundTool(
        number=number,
        name=name,
        description=text_of(function, "description", name),
        parameters=Place("parameters", function.get("parameters")),
        returns=first_place((function, entry), _RETURNS),
        strict=function.get("strict") is True,
    )


def _looks_right(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    return entry.get("type") == "function" or "function" in entry or _is_legacy(entry)


def _is_legacy(entry: JsonObject) -> bool:
    if not entry.keys() <= _LEGACY or not entry.keys() & {"name", "parameters"}:
        return False
    parameters = entry.get("parameters")
    return not parameters or looks_like_schema(parameters)
