"""What is found in a document: lists of tools, tools as they stand there, entries that are none.

Most documents hold one list, rows of examples hold one each. A row is a question or a conversation
with the tools that it was given: under ``tools``, ``functions``, ``function`` or ``api_list``, as a
list or as a text that spells one, or inside a prompt between the marks that Hammer uses.

Shared by the formats: how to read a name, a text, an object, and what to say where it is none.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from generators.importers.documents import TOO_DEEP, json_kind, unpack
from generators.importers.subschemas import looks_like_schema
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ReturnsFrom

_LISTS = ("tools", "functions", "function")
_TOOL_NAMES = frozenset({"name", "api_name", "apiCode"})
_TOOL_PARTS = frozenset(
    {
        "parameters", "input_parameters", "inputSchema", "input_schema", "required_parameters",
        "parameter_definitions", "parameterDefinitions", "inputs", "args_schema", "args",
    }
)  # fmt: skip
_WHOLE = ("functionDeclarations", "function_declarations", "toolSpec", "tool_spec")
"""What tells an entry of a list of tools without a name of its own."""
_TEXTS = frozenset(
    "function parameters inputSchema input_schema outputSchema output_schema "
    "parameter_definitions inputs args_schema args returns return annotations".split()
)
"""Keywords whose value may be a JSON text, where a table could not hold it otherwise."""
_DEEPEST = 4
"""Levels of a row at which its tools are looked for."""
_JOINING = ("swagger", "openapi")
_HOLDING = re.compile(r"^(?!.*call)(?=.*(?:tool|function|api))", re.IGNORECASE)
"""Names of what may hold a list of tools, and no list of calls."""
_MARKED = re.compile(
    r"\[BEGIN OF AVAILABLE TOOLS\](.*?)\[END OF AVAILABLE TOOLS\]", re.DOTALL | re.IGNORECASE
)


@dataclass(frozen=True)
class SchemaPlace:
    """A value and the keyword that it stood under, for messages."""

    keyword: str
    value: Any


@dataclass(frozen=True)
class FoundTool:
    """One tool, nothing normalised but that its texts are text."""

    number: int
    """Position in the list, from 1."""
    name: str
    parameters: SchemaPlace
    returns: SchemaPlace | None = None
    title: str = ""
    description: str = ""
    foreign: bool = False
    """The types are another language's: one that nobody knows allows anything."""
    strict: bool = False
    """All parameters are listed as required; null stands for absent."""
    read_only: bool | None = None
    destructive: bool | None = None
    place: str = ""
    """Where in the document, if that tells more than the name: ``GET /albums/{id}``."""
    domain: str = ""
    """What part of the document it belongs to, where one document holds several services."""
    returns_from: ReturnsFrom = "source"
    """Where ``returns`` was had from."""
    repairs: tuple[str, ...] = ()
    """What the format itself cut, left out or named anew, in words."""
    faults: tuple[str, ...] = ()
    """What was wrong and is mended, in words: strict reading refuses it."""


@dataclass(frozen=True)
class Skipped:
    """An entry that cannot be imported."""

    reason: str
    tool: str = ""
    place: str = ""
    fault: bool = True
    """Something is wrong with it; False for what was never meant to be imported."""


@dataclass(frozen=True)
class Remark:
    """Something about the document as a whole that its reader should know."""

    text: str
    fault: bool = False
    """It was wrong and is mended: strict reading refuses it."""


Found = FoundTool | Skipped | Remark


@dataclass(frozen=True)
class ToolList:
    """A document that holds one list of tools."""

    document: Any
    place: str = ""
    """``row 3``, where the file holds rows."""
    fault: str = ""
    """Why there is no document, where the row's text cannot be read."""


def split_document(document: Any) -> tuple[ToolList, ...]:
    """The parts in order; a row without tools is none. Raises InputError where none is left."""
    if isinstance(document, str) and document.lstrip()[:1] in ("[", "{"):
        document = unpack(document)
    if fault := find_refusal(document):
        raise InputError(fault)
    if isinstance(document, dict):
        # The list of tools, where their names are the keys of an object: ``{"get_tide": {…}}``.
        text = read_texts([document])[0]
        held = text.get("tools", text)
        document = text
        keyed = isinstance(held, dict) and held and "name" not in held
        if keyed and all(isinstance(v, dict) and v.keys() & _TOOL_PARTS for v in held.values()):
            document = [{"name": name, **one} for name, one in held.items()]
        if isinstance(document, list):
            return (ToolList(document),)
        if _is_tool(document):
            document = [document]
        elif _find_held(document) is not None and not isinstance(document.get("tools"), list):
            document = _unpack_row(document)
        return (ToolList(document),)
    entries = read_texts(document) if isinstance(document, list) else []
    # A list with a tool in it is a list of tools, whatever else there is.
    if any(isinstance(entry, dict) and _is_tool(entry) for entry in entries):
        return (ToolList(entries),)
    if pages := [open_answer(page) for page in entries if open_answer(page) is not page]:
        # Whether more would follow, the last page tells.
        lists = [page["tools"] for page in pages if isinstance(page["tools"], list)]
        whole = ToolList({**pages[-1], "tools": [tool for one in lists for tool in one]})
        refused = [(number, find_refusal(page)) for number, page in enumerate(entries, 1)]
        missing = (ToolList(None, f"answer {number}", why) for number, why in refused if why)
        return (whole, *missing)
    rows = [isinstance(row, dict) and _find_held(row) is not None for row in entries]
    return _split_rows(entries, rows) if any(rows) else (ToolList(document),)


def _split_rows(entries: list[Any], rows: list[bool]) -> tuple[ToolList, ...]:
    """A part for each row that holds tools."""
    parts = []
    for number, row in enumerate(entries, start=1):
        place = f"row {number}"
        try:
            held = _unpack_row(row) if rows[number - 1] else None
        except InputError as error:
            parts.append(ToolList(None, place, error.problem))
        else:
            parts += [] if held in (None, []) else [ToolList(held, place)]
    if not parts:
        raise InputError("the catalogue has no tools")
    return tuple(parts)


def read_texts(entries: list[Any]) -> list[Any]:
    """The entries; those that are JSON texts, and their parts that are, as what they spell.

    A text that spells nothing stays, for its reader to name.
    """
    read: list[Any] = []
    for entry in entries:
        entry = _read_text(entry)
        if isinstance(entry, dict):
            texts = [key for key in entry if isinstance(entry[key], str) and key in _TEXTS]
            if texts:
                entry = {**entry, **{key: _read_text(entry[key]) for key in texts}}
            if isinstance(entry.get("function"), dict) and "question" not in entry:
                entry = {**entry, "function": read_texts([entry["function"]])[0]}
        read.append(entry)
    return read


def _read_text(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        with suppress(InputError):
            return unpack(value)
    return value


def _is_tool(entry: JsonObject) -> bool:
    if isinstance(entry.get("function"), dict) and "question" not in entry:
        return True
    if entry.get("type") == "function" and "name" in entry:
        return True
    if any(key in entry for key in _WHOLE):
        return True
    return bool(entry.keys() & _TOOL_NAMES) and bool(entry.keys() & _TOOL_PARTS)


def _find_held(row: JsonObject, level: int = 0) -> Any:
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
    for keyword, value in row.items():  # under a name of one's own: ``available_tools``
        listed = _read_text(value) if _HOLDING.search(keyword) else None
        if (
            isinstance(listed, list)
            and listed
            and all(isinstance(one, dict) and _is_tool(one) for one in read_texts(listed))
        ):
            return listed
    return _find_deeper(row, level)


def _find_deeper(row: JsonObject, level: int) -> Any:
    """An interface's document in the row, or a list of tools in what it holds."""
    if level == 0 and any(key in row for key in _JOINING):
        return None
    for value in row.values():
        told = isinstance(value, str) and any(f'"{key}"' in value[:2000] for key in _JOINING)
        document = _read_text(value) if told else value
        if isinstance(document, dict) and any(key in document for key in _JOINING):
            return document
    if level >= _DEEPEST:
        return None
    for value in row.values():
        if not isinstance(value, dict) or looks_like_schema(value):
            continue
        lists = (one for keyword in _LISTS if isinstance(one := value.get(keyword), list))
        for listed in lists:
            if any(isinstance(one, dict) and _is_tool(one) for one in read_texts(listed)):
                return listed
        found = _find_deeper(value, level + 1)
        if found is not None:
            return found
    return None


def _unpack_row(row: JsonObject) -> Any:
    held = _find_held(row)
    return unpack(held) if isinstance(held, str) else held


def find_refusal(document: Any) -> str:
    """What an answer of JSON-RPC says that went wrong; empty where it is none such."""
    error = document.get("error") if isinstance(document, dict) else None
    if not isinstance(error, dict) or "code" not in error:
        return ""
    return f"the answer is an error: {error.get('message') or error['code']}"


def open_answer(document: Any) -> Any:
    """The document, or what a JSON-RPC answer around a list of tools holds."""
    inner = document.get("result") if isinstance(document, dict) else None
    return inner if isinstance(inner, dict) and "tools" in inner else document


def find_list(document: Any, keywords: Iterable[str]) -> list[Any] | None:
    """The document, or what it holds under the first keyword that is there, if it is a list."""
    found = open_answer(document)
    if isinstance(found, dict):
        found = next((found[keyword] for keyword in keywords if keyword in found), None)
    return read_texts(found) if isinstance(found, list) else None


def read_each(
    entries: Iterable[Any], read: Callable[[JsonObject, int], FoundTool | Skipped]
) -> Iterator[FoundTool | Skipped]:
    """Reads entries with their positions from 1; one that cannot be read is skipped."""
    for number, entry in enumerate(entries, start=1):
        try:
            if isinstance(entry, dict) and TOO_DEEP in entry:
                raise InputError(TOO_DEEP, tool=entry["name"])
            if not isinstance(entry, dict):
                problem = f"a tool must be an object, not {json_kind(entry)}"
                raise InputError(problem, place=say_position(number))
            yield read(entry, number)
        except InputError as error:
            yield Skipped(error.problem, error.tool, error.place)


def skip_other(entry: JsonObject, number: int, reason: str) -> Skipped:
    """An entry that was never meant to be a function: no fault of anybody's."""
    name = entry.get("name")
    return Skipped(reason, name if isinstance(name, str) else "", say_position(number), fault=False)


def say_position(number: int) -> str:
    """How messages name a position."""
    return f"number {number} of the list"


def name_of(tool: JsonObject, number: int, keywords: Iterable[str] = ("name",)) -> str:
    """The tool's name. Raises InputError where it has none."""
    name = next((tool[keyword] for keyword in keywords if tool.get(keyword) is not None), "")
    if not isinstance(name, str):
        problem = f"the name must be text, not {json_kind(name)}"
        raise InputError(problem, place=say_position(number))
    if not name.strip():
        raise InputError("the tool has no name", place=say_position(number))
    return name


def text_of(tool: JsonObject, keyword: str, name: str) -> str:
    """A text that may be absent. Raises InputError where something else stands there."""
    text = "" if tool.get(keyword) is None else tool[keyword]
    if not isinstance(text, str):
        raise InputError(f"must be text, not {json_kind(text)}", tool=name, place=keyword)
    return text


def first_place(tools: Iterable[JsonObject], keywords: Sequence[str]) -> SchemaPlace | None:
    """The first of several spellings that is given."""
    given = ((key, one[key]) for one in tools for key in keywords if one.get(key) is not None)
    return next((SchemaPlace(*pair) for pair in given), None)
