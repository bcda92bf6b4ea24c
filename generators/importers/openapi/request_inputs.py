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
from generators.importers.openapi.media_types import examples_of, is_binary, is_text, preferred
from generators.importers.openapi.operations import Operation, follow
from generators.importers.openapi.schema_unfolding import INPUT, unfold
from generators.importers.schema_keywords import ANNOTATIONS
from schemas.errors import InputError
from schemas.record import JsonObject


@dataclass(frozen=True)
class Input:
    """One argument of an operation."""

    name: str
    location: str
    """``path``, ``query``, ``header``, ``cookie`` or ``body``."""
    schema: Any
    required: bool


@dataclass(frozen=True)
class Body:
    """The inputs of a body, and what was cut or dropped, in words."""

    inputs: tuple[Input, ...] = ()
    repairs: tuple[str, ...] = ()


_FLAT = frozenset(
    {"type", "properties", "required", "additionalProperties", "nullable", "maxProperties",
     "minProperties", *ANNOTATIONS}
)  # fmt: skip
"""What an object may say that is flattened; the numbers of properties are lost by it."""
_NO_SCHEMA = frozenset({"allowEmptyValue", "collectionFormat", "in", "name", "required"})
_LOST = ("maxProperties", "minProperties")


def read_body(root: JsonObject, operation: Operation, declared: Sequence[JsonObject]) -> Body:
    """The inputs of the body; ``declared`` are the parameters of 2.0 that are parts of it.

    Raises InputError for a part that cannot be resolved.
    """
    whole = [one for one in declared if one["in"] == "body"]
    fields = [one for one in declared if one["in"] == "formData"]
    if whole:
        return _opened(root, whole[0], whole[0].get("schema", {}))
    if fields:
        return _form(root, fields)
    body = follow(root, operation.entry.get("requestBody"), "requestBody")
    content = body.get("content") if isinstance(body, dict) else None
    if not isinstance(content, dict) or not content:
        return Body()
    name, media = preferred(root, content)
    return _opened(root, body, _schema_of_media(name, media), examples_of(root, media))


def _schema_of_media(name: str, media: JsonObject) -> Any:
    schema = media.get("schema", {})
    if schema == {} and is_binary(name):
        return {"type": "string", "format": "binary"}
    return {"type": "string"} if schema == {} and is_text(name) else schema


def _opened(root: JsonObject, told: JsonObject, schema: Any, examples: Sequence[Any] = ()) -> Body:
    unfolded, cuts = unfold(root, schema, INPUT, "parameters.body")
    required = told.get("required") is True
    if _is_flat(unfolded):
        return _flattened(unfolded, required, cuts)
    if isinstance(unfolded, dict):
        description = shorten(clean_text(told.get("description")), MAX_NOTE)
        unfolded = {**({"description": description} if description else {}), **unfolded}
        if examples:
            unfolded.setdefault("examples", list(examples))
    return Body((Input("body", "body", unfolded, required),), cuts)


def _is_flat(schema: Any) -> bool:
    if not isinstance(schema, dict) or not schema.get("properties"):
        return False
    return schema.keys() <= _FLAT and schema.get("type", "object") in ("object", ["object"])


def _flattened(schema: JsonObject, given: bool, cuts: tuple[str, ...]) -> Body:
    required = set(schema.get("required") or ())
    repairs = [f"parameters: {key} of the body dropped" for key in _LOST if key in schema]
    if required and not given:
        repairs.append("parameters: the body may be left out, but is asked for")
    inputs = tuple(
        Input(name, "body", item, name in required) for name, item in schema["properties"].items()
    )
    return Body(inputs, (*cuts, *repairs))


def _form(root: JsonObject, fields: Sequence[JsonObject]) -> Body:
    """Swagger 2.0 lists the fields of a form as parameters: each is its own schema."""
    inputs: list[Input] = []
    repairs: list[str] = []
    for one in fields:
        schema, cuts = unfold(root, own_schema(one), INPUT, f"parameters.{one['name']}")
        inputs.append(Input(one["name"], "body", schema, one.get("required") is True))
        repairs.extend(cuts)
    return Body(tuple(inputs), tuple(repairs))


def own_schema(parameter: JsonObject) -> JsonObject:
    """What a parameter of Swagger 2.0 says about its values, having no schema."""
    return {key: value for key, value in parameter.items() if key not in _NO_SCHEMA}


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


@dataclass(frozen=True)
class Gathered:
    """Inputs of one operation, and what was left out or added, in words."""

    inputs: tuple[Input, ...]
    repairs: tuple[str, ...]


def read_parameters(root: JsonObject, operation: Operation) -> tuple[JsonObject, tuple[str, ...]]:
    """The object schema of an operation's arguments, and what was repaired, in words.

    Raises InputError for a part that cannot be resolved.
    """
    declared = _declared(root, operation)
    kept = [one for one in declared if one["in"] not in ("body", "formData")]
    body = read_body(root, operation, [one for one in declared if one not in kept])
    beside = _beside_body(root, operation, kept)
    inputs, apart = _set_apart([*beside.inputs, *body.inputs])
    schema = {
        "type": "object",
        "properties": {one.name: one.schema for one in inputs},
        "required": [one.name for one in inputs if one.required],
    }
    return schema, (*beside.repairs, *body.repairs, *apart)


def _declared(root: JsonObject, operation: Operation) -> list[JsonObject]:
    """Parameters of path and operation; the operation's stand for the path's of the same name."""
    own = operation.entry.get("parameters")
    merged: dict[tuple[str, str], JsonObject] = {}
    for number, given in enumerate([*operation.shared, *(own if isinstance(own, list) else [])]):
        parameter = follow(root, given, f"parameters[{number}]")
        if not _is_parameter(parameter):
            said = f"not a parameter with name and place, but {json_kind(parameter)}"
            raise InputError(said, place=f"parameters[{number}]")
        merged[parameter["in"], parameter["name"]] = parameter
    return list(merged.values())


def _is_parameter(value: Any) -> bool:
    named = isinstance(value, dict) and isinstance(value.get("name"), str)
    return named and isinstance(value.get("in"), str) and value["in"] in _LOCATIONS


def _beside_body(
    root: JsonObject, operation: Operation, declared: Sequence[JsonObject]
) -> Gathered:
    inputs, repairs = [], []
    slots = re.findall(r"\{([^{}]+)\}", operation.path)
    for parameter in declared:
        reason = _left_out(root, operation, parameter, slots)
        if reason:
            repairs.append(f"parameters: {parameter['in']} {parameter['name']!r} {reason}")
        else:
            one, cuts = _input(root, parameter)
            inputs.append(one)
            repairs.extend(cuts)
    given = {one.name for one in inputs if one.location == "path"}
    for name in dict.fromkeys(slots):
        if name not in given:
            inputs.append(Input(name, "path", {"type": "string"}, required=True))
            repairs.append(f"parameters: {name!r} of the path is not described: read as text")
    return Gathered(tuple(inputs), tuple(repairs))


def _left_out(
    root: JsonObject, operation: Operation, parameter: JsonObject, slots: Sequence[str]
) -> str:
    """Why a parameter is none of the tool's; empty if it is one."""
    name, location = parameter["name"].lower(), parameter["in"]
    if location == "path":
        return "" if parameter["name"] in slots else "is not in the path: dropped"
    if (location, name) in _keys(root):
        return "is a credential: dropped"
    if location == "query":
        asked = bool(operation.entry.get("security", root.get("security")))
        return "is a credential: dropped" if asked and name in _ASKED_FOR else ""
    if location not in ("header", "cookie"):
        return ""
    if name in _CREDENTIALS:
        return "is a credential: dropped"
    if name in _NEGOTIATED:
        return "is negotiated by the transport: dropped"
    return "" if parameter.get("required") is True else "may be left out: dropped"


def _keys(root: JsonObject) -> frozenset[tuple[str, str]]:
    """Places and names that the security schemes of the document use themselves."""
    components = root.get("components")
    schemes = (components if isinstance(components, dict) else {}).get(
        "securitySchemes", root.get("securityDefinitions")
    )
    given = schemes.values() if isinstance(schemes, dict) else ()
    return frozenset(
        (str(one.get("in")), str(one.get("name")).lower())
        for one in given
        if isinstance(one, dict) and one.get("type") == "apiKey"
    )


def _input(root: JsonObject, parameter: JsonObject) -> tuple[Input, tuple[str, ...]]:
    name, location = parameter["name"], parameter["in"]
    schema, cuts = unfold(root, _schema(parameter), INPUT, f"parameters.{name}")
    if isinstance(schema, dict):
        schema = {**schema, **_told(root, parameter)}
    required = parameter.get("required") is True or location == "path"
    return Input(name, location, schema, required), cuts


def _schema(parameter: JsonObject) -> Any:
    """In 3.x under ``schema`` or ``content``; in 2.0 the parameter is its own schema."""
    content = parameter.get("content")
    if isinstance(content, dict) and content:
        media = next(iter(content.values()))
        return media.get("schema", {}) if isinstance(media, dict) else {}
    if "schema" in parameter:
        return parameter["schema"]
    return own_schema(parameter)


def _told(root: JsonObject, parameter: JsonObject) -> JsonObject:
    """What the parameter says of itself goes before what its schema says."""
    told: JsonObject = {}
    if description := clean_text(parameter.get("description")):
        told["description"] = shorten(description, MAX_NOTE)
    if examples := examples_of(root, parameter):
        told["examples"] = examples
    if parameter.get("deprecated") is True:
        told["deprecated"] = True
    return told


def _set_apart(inputs: Iterable[Input]) -> tuple[list[Input], list[str]]:
    ordered = sorted(inputs, key=lambda one: _ORDER.index(one.location))
    taken = {one.name for one in ordered}
    seen: set[str] = set()
    apart, repairs = [], []
    for one in ordered:
        name = _free(f"{one.location}_{one.name}", taken) if one.name in seen else one.name
        if name != one.name:
            repairs.append(f"parameters: {one.name!r} of the {one.location} is named {name!r}")
        taken.add(name)
        seen.add(name)
        apart.append(replace(one, name=name))
    return apart, repairs


def _free(name: str, taken: set[str]) -> str:
    numbered = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return next(one for one in (name, *numbered) if one not in taken)
