"""Tools as a server of the Model Context Protocol lists them, in answer to ``tools/list``.

::

    {"name", "title", "description", "inputSchema", "outputSchema", "annotations"}

in a list, in an object under ``tools``, or in a JSON-RPC answer under ``result.tools``. Python
dumps spell the keywords ``input_schema`` and ``output_schema``.
"""

from collections.abc import Iterator
from typing import Any

from generators.importers.documents import json_kind
from generators.importers.found_tools import (
    Found,
    FoundTool,
    Remark,
    SchemaPlace,
    Skipped,
    find_list,
    first_place,
    name_of,
    read_each,
    skip_other,
    text_of,
)
from schemas.errors import InputError
from schemas.record import JsonObject

NAME = "mcp"
FORMS = "MCP tools/list (the list, {tools: …}, or a JSON-RPC answer)"

_INPUT = ("inputSchema", "input_schema", "parameters")
_OUTPUT = ("outputSchema", "output_schema")
_SNAKE = frozenset({"output_schema", "outputSchema", "annotations", "title", "icons", "meta"})
"""What tells a Python dump from Anthropic's form, which also says ``input_schema``."""


def recognises(document: Any) -> bool:
    """Whether an entry has an input schema, or the whole is an answer of the protocol."""
    found = entries(document)
    if found is None:
        return False
    return _open_answer(document) is not document or any(map(_looks_right, found))


def entries(document: Any) -> list[Any] | None:
    """The list of tools; None where the document has none."""
    return find_list(_open_answer(document), ("tools",))


def tools(document: Any) -> Iterator[Found]:
    """Every entry in order; one that cannot be read is skipped with the reason."""
    yield from read_each(entries(document) or (), _read_tool)
    answer = _open_answer(document)
    if isinstance(answer, dict) and answer.get("nextCursor"):
        yield Remark("only one page of a longer list is here: the answer has a nextCursor")


def _looks_right(entry: Any) -> bool:
    if not isinstance(entry, dict):
        return False
    return "inputSchema" in entry or ("input_schema" in entry and bool(entry.keys() & _SNAKE))


def _read_tool(entry: JsonObject, number: int) -> FoundTool | Skipped:
    kind = entry.get("type")
    if isinstance(kind, str) and not any(keyword in entry for keyword in _INPUT):
        reason = f"is of type {kind!r} and has no input schema"
        return skip_other(entry, number, reason)
    name = name_of(entry, number)
    hints = _read_hints(entry, name)
    return FoundTool(
        number=number,
        name=name,
        title=text_of(entry, "title", name) or text_of(hints, "title", name),
        description=text_of(entry, "description", name),
        parameters=first_place((entry,), _INPUT) or SchemaPlace("inputSchema", None),
        returns=first_place((entry,), _OUTPUT),
        read_only=_read_flag(hints, "readOnlyHint", "read_only_hint"),
        destructive=_read_flag(hints, "destructiveHint", "destructive_hint"),
    )


def _open_answer(document: Any) -> Any:
    inner = document.get("result") if isinstance(document, dict) else None
    return inner if isinstance(inner, dict) and "tools" in inner else document


def _read_hints(entry: JsonObject, name: str) -> JsonObject:
    hints = entry.get("annotations")
    if hints is None:
        return {}
    if not isinstance(hints, dict):
        problem = f"must be an object, not {json_kind(hints)}"
        raise InputError(problem, tool=name, place="annotations")
    return hints


def _read_flag(hints: JsonObject, *spellings: str) -> bool | None:
    given = (hints[key] for key in spellings if isinstance(hints.get(key), bool))
    return next(given, None)
