"""Gathers what a caller of an operation gives: one object schema out of path, query and body.

Credentials are the transport's affair and dropped; so are headers and cookies that may be left
out. The fields of an object body stand beside the other parameters where that says the same; a
list, a choice between shapes or a free object is one parameter ``body``. An operation that may be
called without a body still asks for what the body requires: then no call sends half of one.

Where a name occurs in several places, the first of path, query, header, cookie and body has it,
and the others are set apart by their place: ``query_id``, ``body_id``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generators.importers.documents import json_kind
from generators.importers.openapi.description_texts import MAX_NOTE, clean_text, shorten
from generators.importers.openapi.operations import (
    Operation,
    choose_media,
    find_examples,
    follow,
    is_media,
)
from generators.importers.openapi.schema_unfolding import INPUT, unfold
from generators.importers.subschemas import ANNOTATIONS
from schemas.errors import InputError
from schemas.record import JsonObject

_CREDENTIALS = frozenset(
    "authorization proxy-authorization token access-token access_token auth-token x-auth-token "
    "x-access-token api-key api_key apikey x-api-key x-rapidapi-key x-rapidapi-host".split()
)
_ASKED_FOR = _CREDENTIALS & {"token", "access_token", "api_key", "apikey"}
"""Credentials that a query may hold, where the operation asks for any."""
_NEGOTIATED = frozenset({"accept", "content-type"})
"""Headers that OpenAPI says are no parameters."""
_ORDER = ("path", "query", "querystring", "header", "cookie", "body")
_LOCATIONS = frozenset({*_ORDER, "formData"})
_FLAT = frozenset(
    {"type", "properties", "required", "additionalProperties", "nullable", "maxProperties",
     "minProperties", *ANNOTATIONS}
)  # fmt: skip
"""What an object may say that is flattened; the numbers of properties are lost by it."""
_NO_SCHEMA = frozenset({"allowEmptyValue", "collectionFormat", "in", "name", "required"})
_LOST = ("maxProperties", "minProperties")


@dataclass(frozen=True)
class Input:
    """One argument of an operation."""

    name: str
    location: str
    """``path``, ``query``, ``header``, ``cookie`` or ``body``."""
    schema: Any
    required: bool


Inputs = tuple[list[Input], list[str]]
"""Inputs of one operation, and what was cut, left out or added, in words."""


def read_parameters(root: JsonObject, operation: Operation) -> tuple[JsonObject, tuple[str, ...]]:
    """The object schema of an operation's arguments, and what was repaired, in words.

    Raises InputError for a part that cannot be resolved.
    """
    # Parameters of path and operation; the operation's stand for the path's of the same name.
    own = operation.entry.get("parameters")
    declared: dict[tuple[str, str], JsonObject] = {}
    for number, given in enumerate([*operation.shared, *(own if isinstance(own, list) else [])]):
        parameter = follow(root, given, f"parameters[{number}]")
        named = isinstance(parameter, dict) and isinstance(parameter.get("name"), str)
        if not named or str(parameter.get("in")) not in _LOCATIONS:
            problem = f"not a parameter with name and place, but {json_kind(parameter)}"
            raise InputError(problem, place=f"parameters[{number}]")
        declared[parameter["in"], parameter["name"]] = parameter
    of_body = [one for (place, _), one in declared.items() if place in ("body", "formData")]
    in_body, body_repairs = _gather_body(root, operation, of_body)
    inputs, repairs = list[Input](), list[str]()
    slots = re.findall(r"\{([^{}]+)\}", operation.path)
    for (place, name), parameter in declared.items():
        if place in ("body", "formData"):
            continue
        reason = _say_why_dropped(root, operation, parameter, slots)
        if reason:
            repairs.append(f"parameters: {place} {name!r} {reason}: dropped")
        else:
            inputs.append(_read_input(root, parameter, repairs))
    for name in dict.fromkeys(slots):
        if not any(one.name == name and one.location == "path" for one in inputs):
            inputs.append(Input(name, "path", {"type": "string"}, required=True))
            repairs.append(f"parameters: {name!r} of the path is not described: read as text")
    apart, renamed = set_apart([*inputs, *in_body])
    schema = {
        "type": "object",
        "properties": {one.name: one.schema for one in apart},
        "required": [one.name for one in apart if one.required],
    }
    return schema, (*repairs, *body_repairs, *renamed)


def _gather_body(root: JsonObject, operation: Operation, declared: list[JsonObject]) -> Inputs:
    """The inputs of the body; ``declared`` are the parameters of 2.0 that are parts of it."""
    for one in declared:
        if one["in"] == "body":
            return _open_body(root, one, one.get("schema", {}))
    fields: list[Input] = []
    repairs: list[str] = []
    for one in declared:  # the fields of a form, each its own schema
        schema, cuts = unfold(root, _own_schema(one), INPUT, f"parameters.{one['name']}")
        fields.append(Input(one["name"], "body", schema, one.get("required") is True))
        repairs += cuts
    body = {} if declared else follow(root, operation.entry.get("requestBody"), "requestBody")
    content = body.get("content") if isinstance(body, dict) else None
    if not isinstance(content, dict) or not content:
        return fields, repairs
    name, media = choose_media(root, content)
    schema = media.get("schema", {})
    if schema == {} and is_media(name, "binary"):
        schema = {"type": "string", "format": "binary"}
    elif schema == {} and is_media(name, "text"):
        schema = {"type": "string"}
    return _open_body(root, body, schema, find_examples(root, media))


def _open_body(
    root: JsonObject, body: JsonObject, schema: Any, examples: Sequence[Any] = ()
) -> Inputs:
    """The fields of an object body, or the body as one input."""
    schema, cuts = unfold(root, schema, INPUT, "parameters.body")
    given, repairs = body.get("required") is True, list(cuts)
    if not isinstance(schema, dict):
        return [Input("body", "body", schema, given)], repairs
    is_object = schema.get("type", "object") in ("object", ["object"])
    if is_object and schema.get("properties") and schema.keys() <= _FLAT:
        required = set(schema.get("required") or ())
        repairs += [f"parameters: {key} of the body dropped" for key in _LOST if key in schema]
        if required and not given:
            repairs.append("parameters: the body may be left out, but is asked for")
        fields = schema["properties"].items()
        return [Input(name, "body", item, name in required) for name, item in fields], repairs
    description = shorten(clean_text(body.get("description")), MAX_NOTE)
    schema = {**({"description": description} if description else {}), **schema}
    if examples:
        schema.setdefault("examples", list(examples))
    return [Input("body", "body", schema, given)], repairs


def _say_why_dropped(
    root: JsonObject, operation: Operation, parameter: JsonObject, slots: Sequence[str]
) -> str:
    """Why a parameter is none of the tool's; empty if it is one."""
    name, location = parameter["name"].lower(), parameter["in"]
    if location == "path":
        return "" if parameter["name"] in slots else "is not in the path"
    components = root.get("components")
    schemes = (components if isinstance(components, dict) else {}).get(
        "securitySchemes", root.get("securityDefinitions")
    )
    for one in schemes.values() if isinstance(schemes, dict) else ():
        key = isinstance(one, dict) and one.get("type") == "apiKey"
        if key and one.get("in") == location and str(one.get("name")).lower() == name:
            return "is a credential"
    if location == "query":
        asked = bool(operation.entry.get("security", root.get("security")))
        return "is a credential" if asked and name in _ASKED_FOR else ""
    if location not in ("header", "cookie"):
        return ""
    if name in _CREDENTIALS:
        return "is a credential"
    if name in _NEGOTIATED:
        return "is negotiated by the transport"
    return "" if parameter.get("required") is True else "may be left out"


def _read_input(root: JsonObject, parameter: JsonObject, repairs: list[str]) -> Input:
    """One input beside the body; what is cut of its schema is added to the repairs."""
    name, content = parameter["name"], parameter.get("content")
    schema = parameter["schema"] if "schema" in parameter else _own_schema(parameter)
    if isinstance(content, dict) and content:
        media = next(iter(content.values()))
        schema = media.get("schema", {}) if isinstance(media, dict) else {}
    schema, cuts = unfold(root, schema, INPUT, f"parameters.{name}")
    repairs += cuts
    if isinstance(schema, dict):
        # What the parameter says of itself goes before what its schema says.
        schema = dict(schema)
        if description := clean_text(parameter.get("description")):
            schema["description"] = shorten(description, MAX_NOTE)
        if examples := find_examples(root, parameter):
            schema["examples"] = examples
        if parameter.get("deprecated") is True:
            schema["deprecated"] = True
    required = parameter.get("required") is True or parameter["in"] == "path"
    return Input(name, parameter["in"], schema, required)


def _own_schema(parameter: JsonObject) -> JsonObject:
    """What a parameter of Swagger 2.0 says about its values, having no schema."""
    return {key: value for key, value in parameter.items() if key not in _NO_SCHEMA}


def set_apart(inputs: Iterable[Input]) -> Inputs:
    """The inputs in the order of their places, each with a name of its own."""
    ordered = sorted(inputs, key=lambda one: _ORDER.index(one.location))
    taken = {one.name for one in ordered}
    seen: set[str] = set()
    apart, repairs = [], []
    for one in ordered:
        name = one.name
        if name in seen:
            placed = f"{one.location}_{one.name}"
            numbered = (f"{placed}_{number}" for number in range(2, len(taken) + 3))
            name = next(free for free in (placed, *numbered) if free not in taken)
            repairs.append(f"parameters: {one.name!r} of the {one.location} is named {name!r}")
        taken.add(name)
        seen.add(name)
        apart.append(replace(one, name=name))
    return apart, repairs
