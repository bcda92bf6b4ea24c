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
class ToolList:
    """A document that holds one list of tools."""

    document: Any
    place: str = ""
    """``row 3``, where the file holds rows."""
    fault: str = ""
    """Why there is no document, where the row's text cannot be read."""


def split_document(document: Any) -> tuple[ToolList, ...]:
    """The parts in order; a row without tools is none. Raises InputError for a torn text."""
    if isinstance(document, str) and document.lstrip()[:1] in ("[", "{"):
        document = unpack(document)
    if isinstance(document, dict):
        if _is_tool(document):
            document = [document]
        elif _find_held(document) is not None and not isinstance(document.get("tools"), list):
            document = _unpack_row(document)
        return (ToolList(document),)
    entries = document if isinstance(document, list) else []
    # A list with a tool in it is a list of tools, whatever else there is.
    has_tools = any(isinstance(entry, dict) and _is_tool(entry) for entry in entries)
    rows = [isinstance(row, dict) and _find_held(row) is not None for row in entries]
    if has_tools or not any(rows):
        return (ToolList(document),)
    parts = []
    for number, row in enumerate(entries, start=1):
        place = f"row {number}"
        try:
            held = _unpack_row(row) if rows[number - 1] else None
        except InputError as error:
            parts.append(ToolList(None, place, error.problem))
        else:
            parts += [] if held in (None, []) else [ToolList(held, place)]
    return tuple(parts)


def _is_tool(entry: JsonObject) -> bool:
    if isinstance(entry.get("function"), dict) and "question" not in entry:
        return True
    if entry.get("type") == "function" and "name" in entry:
        return True
    return bool(entry.keys() & _TOOL_NAMES) and bool(entry.keys() & _TOOL_PARTS)


def _find_held(row: JsonObject) -> Any:
    """What a row holds its tools as; None where it holds none."""
    if isinstance(row.get("api_list"), list):
        return row
    for keyword in _LISTS:
        value = row.get(keyword)
        if isinstance(value, list | dict) or (isinstance(value, str) and value.strip()[:1] == "["):
            return [value] if isinstance(value, dict) else value
    for keyword in ("instruction", "system", "prompt"):
        text = row.get(keyword)
        match = _MARKED.search(text) if isinstance(text, str) else None
        if match:
            return match.group(1).strip()
    return None


def _unpack_row(row: JsonObject) -> Any:
    held = _find_held(row)
    return unpack(held) if isinstance(held, str) else held
