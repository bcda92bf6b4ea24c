"""Tools as Anthropic's interface takes them.

::

    {"name", "description", "input_schema", "type": "custom"}

in a list, or in an object under ``tools``. Examples of input and hints for caching are left alone.
Built-in tools carry a version, as in ``bash_20250124``, and no schema.
"""

import re
from collections.abc import Iterator
from typing import Any

from generators.importers.found_tools import FoundTool, Skipped, find_list, read_each, skip_other
from generators.importers.function_entries import Spelling, read_function
from schemas.record import JsonObject

NAME = "anthropic"
FORMS = "Anthropic tools (input_schema)"

SPELLING = Spelling(parameters=("input_schema", "parameters"))
_BUILT_IN = re.compile(r"[a-z_]+_\d{8}")


def recognises(document: Any) -> bool:
    """Whether an entry has an ``input_schema``, or is a built-in tool with a version."""
    return any(map(_looks_right, entries(document) or ()))


def entries(document: Any) -> list[Any] | None:
    """The list of tools; None where the document has none."""
    return find_list(document, ("tools",))


def tools(document: Any) -> Iterator[FoundTool | Skipped]:
    """Every entry in order; one that cannot be read is skipped with the reason."""
    return read_each(entries(document) or (), _read_tool)


def _read_tool(entry: JsonObject, number: int) -> FoundTool | Skipped:
    kind = entry.get("type")
    if isinstance(kind, str) and "input_schema" not in entry:
        reason = f"is a built-in tool of type {kind!r} and has no input schema"
        return skip_other(entry, number, reason)
    plain = {key: value for key, value in entry.items() if key != "strict"}
    return read_function(plain, number, SPELLING)


def _looks_right(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    kind = entry.get("type")
    versioned = isinstance(kind, str) and _BUILT_IN.fullmatch(kind) is not None
    return "input_schema" in entry or (versioned and "name" in entry)
