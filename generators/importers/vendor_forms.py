"""Tools as vendors take them: Gemini, Bedrock, Cohere, smolagents, LangChain, schemas; RapidAPI.

::

    {"functionDeclarations": [{"name", "description", "parameters": {"type": "OBJECT", …}}]}
    {"toolSpec": {"name", "description", "inputSchema": {"json": {…}}}}
    {"name", "description", "parameter_definitions": {"city": {"type": "str", "required": true}}}
    {"name", "description", "inputs": {"city": {"type": "string"}}, "output_type": "string"}
    {"name", "description", "args_schema": {…}}, {"name", "description", "args": {"city": {…}}}
    {"title": "GetWeather", "description", "type": "object", "properties": {…}}

Each is brought to the form of a plain function, which `function_entries` reads. RapidAPI's tools,
also as ToolBench hands them on, are servers with several operations, so they become their domain::

    {"tool_name", "tool_description", "api_list": [{"name", "description", "method", "url",
     "required_parameters": […], "optional_parameters": […], "schema", "body"}]}
    {"api_list": [{"tool_name", "api_name", "api_description", …, "template_response"}], "query"}

Keys, headers that authorise, and the queries of addresses are never kept; code is never looked at.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from generators.importers.credentials import AUTH_HEADERS, redact
from generators.importers.documents import json_kind
from generators.importers.example_schemas import schema_of_examples, schema_of_template
from generators.importers.found_tools import (
    FoundTool,
    SchemaPlace,
    Skipped,
    find_list,
    name_of,
    read_texts,
    say_position,
    skip_other,
    text_of,
)
from generators.importers.function_entries import (
    Spelling,
    key_by_name,
    read_function,
    schema_of_flat,
)
from generators.importers.subschemas import looks_like_schema
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ReturnsFrom

_DECLARATIONS = ("functionDeclarations", "function_declarations")
_PLAIN = Spelling(
    parameters=("parameters", "parametersJsonSchema", "parameters_json_schema"),
    returns=("response", "responseJsonSchema", "response_json_schema", "returns"),
)


@dataclass(frozen=True)
class VendorForm:
    """One vendor's way of writing a tool."""

    name: str
    about: str
    is_one: Callable[[JsonObject], bool]
    """Whether an entry of a list is written so."""
    plain: Callable[[JsonObject], Any]
    """The entry as a plain function."""


def find_entries(document: Any) -> list[Any] | None:
    """The list of tools, whatever is wrapped around it; declarations stand in it one by one."""
    if isinstance(document, dict):
        for key in ("toolConfig", "tool_config"):
            if isinstance(document.get(key), dict) and "tools" in document[key]:
                document = document[key]
    if isinstance(document, dict) and any(key in document for key in _DECLARATIONS):
        document = [document]
    found = find_list(document, ("tools", "functions"))
    if found is None:
        return None
    entries: list[Any] = []
    for entry in found:
        declares = isinstance(entry, dict) and any(key in entry for key in _DECLARATIONS)
        held = [entry.get(key) for key in _DECLARATIONS] if declares else []
        lists = [one for one in held if isinstance(one, list)]
        entries += (
            [{"functionDeclaration": one} for one in read_texts(lists[0])] if lists else [entry]
        )
    return entries


def read_vendor(form: VendorForm, entry: JsonObject, number: int) -> FoundTool | Skipped:
    """The tool of an entry; a built-in tool (``googleSearch``, ``cachePoint``) is none."""
    if not form.is_one(entry) and len(entry) == 1:
        return skip_other(entry, number, f"is {next(iter(entry))!r}, not a function")
    function = form.plain(entry) if form.is_one(entry) else entry
    if not isinstance(function, dict):
        problem = f"a tool must be an object, not {json_kind(function)}"
        raise InputError(problem, place=say_position(number))
    return read_function(function, number, _PLAIN, foreign=True)


def _open_bedrock(entry: JsonObject) -> Any:
    inner = entry.get("toolSpec", entry.get("tool_spec"))
    if not isinstance(inner, dict):
        return inner
    held = inner.get("inputSchema", inner.get("input_schema"))
    schema = held.get("json", held) if isinstance(held, dict) else held
    return {**inner, "parameters": read_texts([schema])[0]}


def _open_cohere(entry: JsonObject) -> JsonObject:
    """Cohere's parameters are optional unless they say otherwise."""
    given = entry.get("parameter_definitions", entry.get("parameterDefinitions"))
    return {"required": [], **entry, "parameters": {} if given is None else given}


def _open_smolagents(entry: JsonObject) -> JsonObject:
    given = entry["inputs"]
    inputs = {
        name: {**{key: value for key, value in item.items() if key != "nullable"},
               "optional": item["nullable"]}
        if isinstance(item, dict) and isinstance(item.get("nullable"), bool)
        else item
        for name, item in given.items()
    }  # fmt: skip
    kind = entry.get("output_type")
    known = {"returns": {"type": kind}} if isinstance(kind, str) and kind != "any" else {}
    if isinstance(entry.get("output_schema"), dict):
        known = {"returns": entry["output_schema"]}
    return {**entry, "parameters": inputs, **known}


def _open_langchain(entry: JsonObject) -> JsonObject:
    """``args`` are the properties alone: what has a default may be left out."""
    keys = ("args_schema", "tool_call_schema", "fn_schema", "args")
    given: Any = next((entry[key] for key in keys if entry.get(key) is not None), {})
    if isinstance(given, dict) and not looks_like_schema(given) and given:
        needed = [name for name, item in given.items()
                  if isinstance(item, dict) and "default" not in item]  # fmt: skip
        given = {"type": "object", "properties": given, "required": needed}
    return {**entry, "parameters": given}


def _open_schema(entry: JsonObject) -> JsonObject:
    around = {"title", "description"}
    schema = {key: value for key, value in entry.items() if key not in around}
    return {"name": entry["title"], "description": entry.get("description"), "parameters": schema}


def _has_name(entry: JsonObject) -> bool:
    return isinstance(entry.get("name"), str)


VENDORS = (
    VendorForm(
        "gemini",
        "Gemini (functionDeclarations)",
        lambda entry: "functionDeclaration" in entry,
        lambda entry: entry["functionDeclaration"],
    ),
    VendorForm(
        "bedrock",
        "Bedrock (toolSpec)",
        lambda entry: "toolSpec" in entry or "tool_spec" in entry,
        _open_bedrock,
    ),
    VendorForm(
        "cohere",
        "Cohere (parameter_definitions)",
        lambda entry: "parameter_definitions" in entry or "parameterDefinitions" in entry,
        _open_cohere,
    ),
    VendorForm(
        "smolagents",
        "smolagents (inputs)",
        lambda entry: _has_name(entry) and isinstance(entry.get("inputs"), dict),
        _open_smolagents,
    ),
    VendorForm(
        "langchain",
        "LangChain (args_schema or args)",
        lambda entry: (
            _has_name(entry)
            and any(
                isinstance(entry.get(key), dict)
                for key in ("args_schema", "tool_call_schema", "fn_schema", "args")
            )
        ),
        _open_langchain,
    ),
    VendorForm(
        "schemas",
        "lists of JSON Schemas with titles (pydantic)",
        lambda entry: (
            isinstance(entry.get("title"), str)
            and isinstance(entry.get("properties"), dict)
            and "name" not in entry
        ),
        _open_schema,
    ),
)


_PARAMETERS = ("required_parameters", "optional_parameters")
_READS = {"GET": True, "HEAD": True, "PUT": False, "PATCH": False, "DELETE": False}
"""What a method says of the effect; what ``POST`` does, the verb must tell."""


def is_rapidapi(entry: JsonObject) -> bool:
    """Whether an entry has RapidAPI's parameters."""
    return any(keyword in entry for keyword in _PARAMETERS)


def name_server(holder: JsonObject) -> str:
    """What a server, or the server of an API, is called; empty where nothing says it."""
    names = (holder.get(key) for key in ("tool_name", "title", "standardized_name"))
    return next((name for name in names if isinstance(name, str) and name.strip()), "")


def read_rapidapi(entry: JsonObject, number: int) -> FoundTool:
    """The tool of an API. Raises InputError where it cannot be read."""
    name = name_of(entry, number, ("api_name", "name"))
    description = text_of(entry, "api_description", name) or text_of(entry, "description", name)
    # The schema of the parameters: type, description and default; defaults are always text.
    lists = [entry.get(keyword) or [] for keyword in _PARAMETERS]
    for keyword, items in zip(_PARAMETERS, lists, strict=True):
        if not isinstance(items, list):
            raise InputError(f"must be a list, not {json_kind(items)}", tool=name, place=keyword)
    named, repairs = key_by_name([*lists[0], *lists[1]], name)
    parameters: JsonObject = {}
    for key, item in named.items():
        if key.lower() in AUTH_HEADERS:
            continue
        parameters[key] = {
            word: value.partition("?")[0]  # an address keeps no query, which may hold keys
            if isinstance(value, str) and value.startswith(("http://", "https://"))
            else value
            for word, value in item.items()
            if word in ("type", "description", "default")
            and not (word == "default" and value in ("null", "undefined", "None"))
        }
    dropped = [key for key in named if key not in parameters]
    if dropped:
        repairs.append(f"parameters: {', '.join(map(repr, dropped))} left to the client")
    required = [item.get("name") for item in lists[0] if isinstance(item, dict)]
    parameters = schema_of_flat(parameters, required)
    method, url = entry.get("method"), entry.get("url")
    method = method.strip().upper() if isinstance(method, str) else ""
    try:  # the host, the user and the query of an address say nothing about the tool
        path = urlsplit(url).path if isinstance(url, str) else ""
    except ValueError:
        path = ""
    # What is documented comes before what was seen; of an example, only the types are kept.
    returns: SchemaPlace | None = None
    origin: ReturnsFrom = "source"
    schema, template, body = (entry.get(key) for key in ("schema", "template_response", "body"))
    if looks_like_schema(schema):
        returns, origin = SchemaPlace("schema", schema), "documentation"
    elif isinstance(template, dict | list) and template:
        returns, origin = SchemaPlace("template_response", schema_of_template(template)), "example"
    elif isinstance(body, dict | list) and body:
        returns, origin = SchemaPlace("body", schema_of_examples([body])), "example"
    return FoundTool(
        number=number,
        name=name,
        description=redact(description),
        parameters=SchemaPlace("parameters", parameters),
        returns=returns,
        returns_from=origin,
        read_only=_READS.get(method),
        place=f"{method} {path}".strip(),
        domain=name_server(entry),
        foreign=True,
        repairs=tuple(repairs),
    )
