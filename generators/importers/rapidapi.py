"""Tools as RapidAPI lists them, and as ToolBench hands them on.

::

    {"tool_name", "tool_description", "api_list": [{"name", "description", "method", "url",
     "required_parameters": […], "optional_parameters": […], "schema", "body"}]}
    {"api_list": [{"tool_name", "api_name", "api_description", …, "template_response"}], "query"}

What RapidAPI calls a tool is a server with several operations, so it becomes their domain. Keys,
headers that authorise, and the queries of addresses are never kept; code is never looked at.
"""

from urllib.parse import urlsplit

from generators.importers.credentials import AUTH_HEADERS, redact
from generators.importers.documents import json_kind
from generators.importers.example_schemas import schema_of_examples, schema_of_template
from generators.importers.found_tools import (
    FoundTool,
    SchemaPlace,
    name_of,
    text_of,
)
from generators.importers.function_entries import key_by_name, schema_of_flat
from generators.importers.subschemas import looks_like_schema
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ReturnsFrom

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
    parameters, repairs = _read_parameters(entry, name)
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


def _read_parameters(entry: JsonObject, name: str) -> tuple[JsonObject, list[str]]:
    """The schema of the parameters: type, description and default; defaults are always text."""
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
    return schema_of_flat(parameters, required), repairs
