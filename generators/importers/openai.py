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

from generators.importers.documents import json_kind
from generators.importers.found_tools import (
    FoundTool,
    Skipped,
    find_list,
    read_each,
    say_position,
    skip_other,
)
from generators.importers.function_entries import Spelling, read_function
from generators.importers.schema_keywords import looks_like_schema
from schemas.errors import InputError
from schemas.record import JsonObject

NAME = "openai"
FORMS = "OpenAI tools (chat, responses or legacy functions)"

SPELLING = Spelling()
_BARE = frozenset({"name", "description", "parameters", "strict", "type", *SPELLING.returns})
"""What an entry without parameters may say if it is to be taken for a function."""


def recognises(document: Any) -> bool:
    """Whether at least one entry has one of the three forms."""
    found = (entry for entry in entries(document) or () if isinstance(entry, dict))
    return any(
        entry.get("type") == "function" or "function" in entry or _is_legacy(entry)
        for entry in found
    )


def entries(document: Any) -> list[Any] | None:
    """The list of tools; None where the document has none."""
    return find_list(document, ("tools", "functions"))


def tools(document: Any) -> Iterator[FoundTool | Skipped]:
    """Every entry in order; one that cannot be read is skipped with the reason."""
    return read_each(entries(document) or (), _read_tool)


def _read_tool(entry: JsonObject, number: int) -> FoundTool | Skipped:
    kind = entry.get("type")
    if kind not in (None, "function"):
        reason = f"is of type {kind!r}, not a function"
        return skip_other(entry, number, reason)
    function = entry.get("function", entry)
    if not isinstance(function, dict):
        problem = f"function must be an object, not {json_kind(function)}"
        raise InputError(problem, place=say_position(number))
    around = entry if function is not entry else None
    return read_function(function, number, SPELLING, around=around)


def _is_legacy(entry: JsonObject) -> bool:
    parameters = entry.get("parameters")
    if not parameters:
        return entry.keys() <= _BARE and bool(entry.keys() & {"name", "parameters"})
    return looks_like_schema(parameters)
