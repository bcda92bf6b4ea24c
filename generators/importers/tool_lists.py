"""The lists of tools in a document: most hold one, rows of examples hold one each.

A row is a question or a conversation with the tools that it was given: under ``tools``,
``functions``, ``function`` or ``api_list``, as a list or as a text that spells one, or inside a
prompt between the marks that Hammer uses. Which format the tools have is asked later.
"""

import re
from dataclasses import dataclass
from typing import Any

from generators.importers.documents import unpack
from schemas.errors import InputError
from schemas.record import JsonObject

_LISTS = ("tools", "functions", "function")
_TOOL_NAMES = frozenset({"name", "api_name", "apiCode"})
_TOOL_PARTS = frozenset(
    {"parameters", "input_parameters", "inputSchema", "input_schema", "required_parameters"}
)
_MARKED = re.compile(
    r"\[BEGIN OF AVAILABLE TOOLS\](.*?)\[END OF AVAILABLE TOOLS\]", re.DOTALL | re.IGNORECASE
)


@dataclass(frozen=True)
class Part:
    """A document that holds one list of tools."""

    document: Any
    place: str = ""
    """``row 3``, where the file holds rows."""
    fault: str = ""
    """Why there is no document, where the row's text cannot be read."""


def parts_of(document: Any) -> tuple[Part, ...]:
    """The parts in order; a row without tools is none. Raises InputError for a torn text."""
    if isinstance(document, str) and document.lstrip()[:1] in ("[", "{"):
        document = unpack(document)
    if isinstance(document, dict):
        return (Part(_whole(document)),)
    if isinstance(document, list) and _are_rows(document):
        rows = (_part(row, number) for number, row in enumerate(document, start=1))
        return tuple(part for part in rows if part is not None)
    return (Part(document),)


def _whole(document: JsonObject) -> Any:
    """A single tool is a list of one; a single row, and a text that spells a list, are unpacked."""
    if _is_tool(document):
        return [document]
    if _is_row(document) and not isinstance(document.get("tools"), list):
        return _tools_of(document)
    return document


def _part(row: Any, number: int) -> Part | None:
    place = f"row {number}"
    if not _is_row(row):
        return None
    try:
        document = _tools_of(row)
    except InputError as error:
        return Part(None, place, error.problem)
    return None if document in (None, []) else Part(document, place)


def _are_rows(entries: list[Any]) -> bool:
    """A list with a tool in it is a list of tools, whatever else there is."""
    tools = (entry for entry in entries if isinstance(entry, dict) and _is_tool(entry))
    return next(tools, None) is None and any(map(_is_row, entries))


def _is_row(row: Any) -> bool:
    if not isinstance(row, dict) or _is_tool(row):
        return False
    return _held(row) is not None


def _is_tool(entry: JsonObject) -> bool:
    if isinstance(entry.get("function"), dict) and "question" not in entry:
        return True
    if entry.get("type") == "function" and "name" in entry:
        return True
    return bool(entry.keys() & _TOOL_NAMES) and bool(entry.keys() & _TOOL_PARTS)


def _held(row: JsonObject) -> Any:
    """What a row holds its tools as; None where it holds none."""
    if isinstance(row.get("api_list"), list):
        return row
    for keyword in _LISTS:
        value = row.get(keyword)
        if isinstance(value, list | dict) or (isinstance(value, str) and value.strip()[:1] == "["):
            return [value] if isinstance(value, dict) else value
    return _marked(row)


def _marked(row: JsonObject) -> str | None:
    for keyword in ("instruction", "system", "prompt"):
        text = row.get(keyword)
        match = _MARKED.search(text) if isinstance(text, str) else None
        if match:
            return match.group(1).strip()
    return None


def _tools_of(row: JsonObject) -> Any:
    held = _held(row)
    return unpack(held) if isinstance(held, str) else held
