"""The formats that are understood, and which of them a document is written in.

A format of listed tools is one function that reads an entry, and one line of `FORMATS`, which says
where its list stands and what an entry of its kind looks like. Flat parameters and other people's
types are `function_entries`' business; `python` and `openapi` read whole documents.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import generators.importers.openapi as openapi
import generators.importers.python as python
from generators.importers.documents import json_kind
from generators.importers.foreign_types import JSON_TYPES
from generators.importers.found_tools import (
    Found,
    FoundTool,
    Remark,
    SchemaPlace,
    Skipped,
    find_list,
    first_place,
    name_of,
    open_answer,
    read_each,
    say_position,
    skip_other,
    text_of,
)
from generators.importers.function_entries import Spelling, is_flat, is_listed, read_function
from generators.importers.subschemas import looks_like_schema
from generators.importers.vendor_forms import (
    VENDORS,
    find_entries,
    is_rapidapi,
    name_server,
    read_rapidapi,
    read_vendor,
)
from generators.lexicon.tables import load_table
from schemas.errors import InputError
from schemas.record import JsonObject


@dataclass(frozen=True)
class Format:
    """One way of writing tools down."""

    name: str
    forms: str
    """What a user would call it, for the message that nothing fits."""
    recognises: Callable[[Any, list[Any] | None], bool]
    """Whether a document is written in this format, with what its ``entries`` found there."""
    tools: Callable[[Any], Iterator[Found]]
    """The tools of a document that is recognised. Raises InputError without a file."""
    entries: Callable[[Any], list[Any] | None] | None = None
    """The list of tools, or None where the document has none; for formats of listed tools."""


def format_of(document: Any) -> Format:
    """The first format that recognises a document. Raises InputError where none does."""
    # Several formats look for their lists in the same way.
    lists = {way: way(document) for way in dict.fromkeys(form.entries for form in FORMATS) if way}
    if [] in lists.values():
        raise InputError("the catalogue has no tools")
    for form in FORMATS:
        if form.recognises(document, lists[form.entries] if form.entries else None):
            return form
    understood = "; ".join(form.forms for form in FORMATS)
    # Where the tools stand, for the rows of a benchmark that is known.
    rows = document if isinstance(document, list) else [document]
    keys = {key for row in rows[:10] if isinstance(row, dict) for key in row}
    known = (one["hint"] for one in load_table("benchmarks")["rows"] if keys >= set(one["keys"]))
    hint = next(known, "")
    problem = "not a catalogue in a form that is understood"
    raise InputError(f"{problem}: {hint}" if hint else f"{problem}, which are: {understood}")


def _list_format(
    name: str,
    forms: str,
    keywords: str,
    read: Callable[[JsonObject, int], FoundTool | Skipped],
    is_one: Callable[[JsonObject], bool],
    is_whole: Callable[[Any], bool] | None = None,
    domain_of: Callable[[JsonObject], str] | None = None,
    entries: Callable[[Any], list[Any] | None] | None = None,
) -> Format:
    """A format of listed tools: ``entries``, or else what stands under one of the ``keywords``.

    It is recognised by one entry that ``is_one``, or by the document where that ``is_whole``.
    ``domain_of`` says from the document what a tool belongs to that does not say so itself.
    """
    entries = entries or partial(find_list, keywords=keywords.split())

    def recognises(document: Any, found: list[Any] | None) -> bool:
        if found is None:
            return False
        whole = is_whole is not None and is_whole(document)
        return whole or any(isinstance(one, dict) and is_one(one) for one in found)

    def tools(document: Any) -> Iterator[Found]:
        for found in read_each(entries(document) or (), read):
            if domain_of and isinstance(document, dict) and isinstance(found, FoundTool):
                found = replace(found, domain=found.domain or domain_of(document))
            yield found
        answer = open_answer(document)
        if isinstance(answer, dict) and answer.get("nextCursor"):
            yield Remark("only one page of a longer list is here: the answer has a nextCursor")

    return Format(name, forms, recognises, tools, entries)


_OPENAI = Spelling()
_ANTHROPIC = Spelling(parameters=("input_schema", "parameters"))
_BFCL = Spelling(returns=("response", "returns"))
_FLAT = Spelling(
    name=("name", "api_name", "apiCode"),
    description=("description", "api_description"),
    parameters=("parameters", "input_parameters", "arguments"),
    returns=("responses", "output_parameters", "response", "returns"),
)
_MCP_INPUT = ("inputSchema", "input_schema", "parameters")
_MCP_DUMPED = frozenset({"output_schema", "outputSchema", "annotations", "title", "icons", "meta"})
"""What tells a Python dump from Anthropic's form, which also says ``input_schema``."""
_OPENAI_BARE = frozenset({"name", "description", "parameters", "strict", "type", *_OPENAI.returns})
"""What an entry without parameters may say if it is to be taken for a function."""


def read_mcp(entry: JsonObject, number: int) -> FoundTool | Skipped:
    """A tool as a server of the Model Context Protocol lists it, in answer to ``tools/list``.

    ``{"name", "title", "description", "inputSchema", "outputSchema", "annotations"}``; Python
    dumps spell the keywords ``input_schema`` and ``output_schema``.
    """
    kind = entry.get("type")
    if isinstance(kind, str) and not any(keyword in entry for keyword in _MCP_INPUT):
        return skip_other(entry, number, f"is of type {kind!r} and has no input schema")
    name = name_of(entry, number)
    hints = {} if entry.get("annotations") in (None, []) else entry["annotations"]  # PHP's empty
    if not isinstance(hints, dict):
        problem = f"must be an object, not {json_kind(hints)}"
        raise InputError(problem, tool=name, place="annotations")

    def read_flag(*spellings: str) -> bool | None:
        return next((hints[key] for key in spellings if isinstance(hints.get(key), bool)), None)

    return FoundTool(
        number=number,
        name=name,
        title=text_of(entry, "title", name) or text_of(hints, "title", name),
        description=text_of(entry, "description", name),
        parameters=first_place((entry,), _MCP_INPUT) or SchemaPlace("inputSchema", None),
        returns=first_place((entry,), ("outputSchema", "output_schema")),
        read_only=read_flag("readOnlyHint", "read_only_hint"),
        destructive=read_flag("destructiveHint", "destructive_hint"),
    )


def is_mcp(entry: JsonObject) -> bool:
    """Whether an entry has an input schema of the protocol's, or is a dump of one."""
    dumped = "input_schema" in entry and bool(entry.keys() & _MCP_DUMPED)
    return "inputSchema" in entry or dumped


def read_anthropic(entry: JsonObject, number: int) -> FoundTool | Skipped:
    """A tool as Anthropic takes it: ``{"name", "description", "input_schema", "type": "custom"}``.

    Examples of input and hints for caching are left alone. Built-in tools carry a version, as in
    ``bash_20250124``, and no schema.
    """
    kind = entry.get("type")
    if kind == "function":  # beside built-in tools of the same spelling
        return read_openai(entry, number)
    if isinstance(kind, str) and "input_schema" not in entry:
        reason = f"is a built-in tool of type {kind!r} and has no input schema"
        return skip_other(entry, number, reason)
    plain = {key: value for key, value in entry.items() if key != "strict"}
    return read_function(plain, number, _ANTHROPIC)


def is_anthropic(entry: JsonObject) -> bool:
    """Whether an entry has an ``input_schema``, or is a built-in tool with a version."""
    kind = entry.get("type")
    built_in = isinstance(kind, str) and re.fullmatch(r"[a-z_]+_\d{8}", kind) is not None
    return "input_schema" in entry or (built_in and "name" in entry)


def read_openai(entry: JsonObject, number: int) -> FoundTool | Skipped:
    """A tool as OpenAI's interfaces take it, in one of three forms.

    ::

        {"type": "function", "function": {"name", "description", "parameters", "strict"}}   chat
        {"type": "function", "name", "description", "parameters", "strict"}            responses
        {"name", "description", "parameters"}                                             legacy

    A schema of the result is read where somebody added it. Built-in and custom tools have no
    parameters to fill; those of services for telephone calls have, whatever their type says of
    who runs them (``client``, ``webhook``).
    """
    kind, flat = entry.get("type"), "name" in entry and isinstance(entry.get("parameters"), dict)
    if kind not in (None, "function") and not flat:
        return skip_other(entry, number, f"is of type {kind!r}, not a function")
    function = entry.get("function", entry)
    if not isinstance(function, dict):
        problem = f"function must be an object, not {json_kind(function)}"
        raise InputError(problem, place=say_position(number))
    return read_function(function, number, _OPENAI, around=None if function is entry else entry)


def is_openai(entry: JsonObject) -> bool:
    """Whether an entry has one of the three forms."""
    if entry.get("type") == "function" or "function" in entry:
        return True
    if entry.get("parameters"):
        return looks_like_schema(entry["parameters"])
    return entry.keys() <= _OPENAI_BARE and bool(entry.keys() & {"name", "parameters"})


def is_bfcl(entry: JsonObject) -> bool:
    """``{"name": "math.sqrt", "parameters": {"type": "dict", "properties": …}, "response"}``.

    The Berkeley leaderboard's schemas have the types of Python, Java and JavaScript.
    """
    parameters = entry.get("parameters")
    if entry.get("type") == "function" or "name" not in entry or not isinstance(parameters, dict):
        return False
    kind = parameters.get("type")
    return "properties" in parameters and isinstance(kind, str) and kind not in JSON_TYPES


def is_flat_function(entry: JsonObject) -> bool:
    """Flat parameters, with types as Python's annotations.

    ::

    {"name", "description", "parameters": {"city": {"type": "str, optional", "default"}}}
    {"api_name", "api_description", "parameters": {…}, "required": […], "responses": {…}}
    {"name", "description", "input_parameters": {…}, "output_parameters": {…}}
    """
    if entry.get("type") == "function":
        return False
    if "api_name" in entry and "parameters" in entry:
        return True
    given = [entry[keyword] for keyword in _FLAT.parameters if keyword in entry]
    named = any(keyword in entry for keyword in _FLAT.name)
    return named and any(is_flat(value) or is_listed(value) for value in given)


FORMATS = (
    Format(
        "python",
        "Python source (functions, classes, pydantic models)",
        lambda document, _: python.recognises(document),
        python.tools,
    ),
    Format(
        "openapi",
        "OpenAPI 3.0 to 3.2 or Swagger 2.0",
        lambda document, _: openapi.recognises(document),
        openapi.tools,
    ),
    *(
        _list_format(
            one.name, one.about, "", partial(read_vendor, one), one.is_one, entries=find_entries
        )
        for one in VENDORS
    ),
    _list_format(
        "mcp",
        "MCP tools/list (the list, {tools: …}, or a JSON-RPC answer)",
        "tools",
        read_mcp,
        is_mcp,
        lambda document: open_answer(document) is not document,
    ),
    _list_format(
        "anthropic", "Anthropic tools (input_schema)", "tools", read_anthropic, is_anthropic
    ),
    _list_format(
        "rapidapi",
        "RapidAPI tools and ToolBench queries (api_list)",
        "api_list tools",
        read_rapidapi,
        is_rapidapi,
        lambda document: isinstance(document, dict) and isinstance(document.get("api_list"), list),
        name_server,
    ),
    _list_format(
        "bfcl",
        "BFCL function documents (also as JSON Lines or in rows of questions)",
        "tools functions function",
        partial(read_function, spelling=_BFCL, foreign=True),
        is_bfcl,
    ),
    _list_format(
        "xlam",
        "flat parameters (xLAM, Hammer, Seal-Tools, API-Bank)",
        "tools functions apis",
        partial(read_function, spelling=_FLAT, foreign=True),
        is_flat_function,
    ),
    _list_format(
        "openai",
        "OpenAI tools (chat, responses or legacy functions)",
        "tools functions",
        read_openai,
        is_openai,
    ),
)
"""Asked in this order: what is looser comes later."""
