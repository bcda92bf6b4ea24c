"""Gathers what a caller of an operation gives: one object schema out of path, query and body.

Credentials, cookies and the headers that pass requests on are the transport's affair and dropped;
so are headers that may be left out. The fields of an object body stand beside the other parameters
where that says the same; a list, a choice between shapes or a free object is one parameter
``body``. An operation that may be called without a body still asks for what the body requires: then
no call sends half of one.

A field of a body that replaces or changes what the path names is the path's own value, where it has
the same name and schema. Any other name that occurs in several places has the first of path, query,
header and body, and the others are set apart: ``query_id``, ``new_id``.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generators.importers.credentials import is_credential, is_token, is_transport_header
from generators.importers.documents import json_kind
from generators.importers.openapi.mending import mend_part
from generators.importers.openapi.operations import (
    Document,
    Operation,
    choose_media,
    find_examples,
    follow,
    is_media,
)
from generators.importers.openapi.schema_unfolding import INPUT, unfold
from generators.importers.subschemas import ANNOTATIONS
from generators.importers.texts import MAX_NOTE, clean_text, shorten
from schemas.errors import InputError
from schemas.record import JsonObject

_ORDER = ("path", "query", "querystring", "header", "cookie", "body")
_LOCATIONS = frozenset({*_ORDER, "formData"})
_CHOICES = ("anyOf", "oneOf")
_FLAT = frozenset(
    {"type", "properties", "required", "additionalProperties", "nullable", "maxProperties",
     "minProperties", *_CHOICES, *ANNOTATIONS}
)  # fmt: skip
"""What an object may say that is flattened; the numbers of properties are lost by it."""
_NO_SCHEMA = frozenset(
    {"allowEmptyValue", "allowReserved", "collectionFormat", "content", "explode", "in", "name",
     "required", "schema", "style"}
)  # fmt: skip
_LOST = ("maxProperties", "minProperties")


@dataclass(frozen=True)
class Input:
    """One argument of an operation."""

    name: str
    location: str
    """``path``, ``query``, ``header``, ``cookie`` or ``body``."""
    schema: Any
    required: bool


@dataclass
class Inputs:
    """Inputs of one operation, and what was found of them, in words."""

    path: str
    """The path of the operation."""
    found: list[Input] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What was mended."""
    notes: list[str] = field(default_factory=list)
    """What was cut, left out or added."""
    choices: JsonObject = field(default_factory=dict)
    """Keywords that hold for all fields of the body together."""

    def unfold(self, document: Document, schema: Any, place: str) -> Any:
        """The schema without references; what is said of it is taken down."""
        unfolded = unfold(document, schema, INPUT, place)
        self.faults += unfolded.faults
        self.notes += unfolded.notes
        return unfolded.schema


def read_parameters(document: Document, operation: Operation) -> tuple[JsonObject, Inputs]:
    """The object schema of an operation's arguments, and what was found of them.

    Raises InputError for a part that cannot be resolved.
    """
    inputs = Inputs(operation.path)
    declared = _declared_parameters(document, operation, inputs.faults)
    slots = operation.slots
    for (place, name), parameter in declared.items():
        if place in ("body", "formData"):
            continue
        reason = _say_why_dropped(document, operation, parameter, slots)
        if reason:
            inputs.notes.append(f"parameters: {place} {name!r} {reason}: dropped")
        else:
            inputs.found.append(_read_input(document, parameter, inputs))
    for slot in dict.fromkeys(slots):
        name = _bare_slot(slot)
        if not any(one.name in (slot, name) and one.location == "path" for one in inputs.found):
            inputs.found.append(Input(name, "path", {"type": "string"}, required=True))
            inputs.notes.append(f"parameters: {name!r} of the path is not described: read as text")
    of_body = [one for (place, _), one in declared.items() if place in ("body", "formData")]
    _gather_body(document, operation, of_body, inputs)
    # Leave out the fields of the body that hold a credential of whoever calls; of what is asked
    # under a bare name, such as a token, only its description tells that.
    asked = _asks_credentials(document, operation)
    kept = []
    for one in inputs.found:
        schema = one.schema if isinstance(one.schema, dict) else {}
        text = schema.get("type", "string") in ("string", ["string", "null"])
        told = clean_text(schema.get("description")) if asked and is_token(one.name) else ""
        if one.location == "body" and text and is_credential(one.name, told):
            inputs.notes.append(f"parameters: body {one.name!r} is a credential: dropped")
        else:
            kept.append(one)
    inputs.found = kept
    if operation.method in ("PUT", "PATCH"):
        _join_same(inputs)
    # The inputs in the order of their places, each with a name of its own; who was renamed.
    ordered = sorted(inputs.found, key=lambda one: _ORDER.index(one.location))
    taken = {one.name for one in ordered}
    seen: set[str] = set()
    apart, renamed = [], []
    for one in ordered:
        name = one.name
        if name in seen:
            word = "new" if one.location == "body" else one.location
            placed = f"{word}_{one.name}"
            numbered = (f"{placed}_{number}" for number in range(2, len(taken) + 3))
            name = next(free for free in (placed, *numbered) if free not in taken)
            renamed.append(f"parameters: {one.name!r} of the {one.location} is named {name!r}")
        taken.add(name)
        seen.add(name)
        apart.append(replace(one, name=name))
    inputs.notes += renamed
    schema = {
        "type": "object",
        "properties": {one.name: one.schema for one in apart},
        "required": [one.name for one in apart if one.required],
        **inputs.choices,
    }
    return schema, inputs


def _declared_parameters(
    document: Document, operation: Operation, faults: list[str]
) -> dict[tuple[str, str], JsonObject]:
    """Parameters of path and operation; the operation's stand for the path's of the same name."""
    own = operation.entry.get("parameters")
    declared: dict[tuple[str, str], JsonObject] = {}
    for number, given in enumerate([*operation.shared, *(own if isinstance(own, list) else [])]):
        place = f"parameters[{number}]"
        parameter = mend_part(follow(document.root, given, place), "parameter", place, faults)
        if not isinstance(parameter, dict):
            faults.append(f"{place}: no parameter, but {json_kind(parameter)}: dropped")
            continue
        named = isinstance(parameter.get("name"), str)
        if named and parameter.get("in") is None:
            meant = "path" if parameter["name"] in operation.slots else "query"
            faults.append(f"{place}: where it belongs is not said: read as part of the {meant}")
            parameter = {**parameter, "in": meant}
        if not named or str(parameter.get("in")) not in _LOCATIONS:
            problem = f"not a parameter with name and place, but {json_kind(parameter)}"
            raise InputError(problem, place=place)
        declared[parameter["in"], parameter["name"]] = parameter
    return declared


def _gather_body(
    document: Document, operation: Operation, declared: list[JsonObject], inputs: Inputs
) -> None:
    """The inputs of the body; ``declared`` are the parameters of 2.0 that are parts of it."""
    for one in declared:
        if one["in"] == "body":
            _open_body(document, one, one.get("schema", {}), inputs)
            return
    for one in declared:  # the fields of a form, each its own schema
        schema = one.get("schema", _own_schema(one))
        schema = inputs.unfold(document, schema, f"parameters.{one['name']}")
        inputs.found.append(Input(one["name"], "body", schema, one.get("required") is True))
    given = operation.entry.get("requestBody")
    if declared or given is None:
        return
    body = mend_part(
        follow(document.root, given, "requestBody"), "body", "requestBody", inputs.faults
    )
    content = body.get("content") if isinstance(body, dict) else None
    if not isinstance(content, dict) or not content:
        if content or not isinstance(body, dict):
            raise InputError("the body has no content that can be read", place="requestBody")
        return
    name, media = choose_media(document.root, content)
    media = mend_part(media, "media", f"requestBody.content.{name}", inputs.faults)
    schema = media.get("schema", {})
    if schema == {} and is_media(name, "binary"):
        schema = {"type": "string", "format": "binary"}
    elif schema == {} and is_media(name, "text"):
        schema = {"type": "string"}
    _open_body(document, body, schema, inputs, find_examples(document.root, media))


def _open_body(
    document: Document,
    body: JsonObject,
    schema: Any,
    inputs: Inputs,
    examples: Sequence[Any] = (),
) -> None:
    """The fields of an object body, or the body as one input."""
    schema = inputs.unfold(document, schema, "parameters.body")
    given = body.get("required") is True
    if not isinstance(schema, dict):
        inputs.found.append(Input("body", "body", schema, given))
        return
    taken = {one.name for one in inputs.found}
    if _is_flat(schema, taken):
        fields = schema["properties"].items()
        required = set(schema.get("required") or ())
        inputs.choices = {key: schema[key] for key in _CHOICES if key in schema}
        inputs.notes += [f"parameters: {key} of the body dropped" for key in _LOST if key in schema]
        if schema.get("additionalProperties") not in (None, True, False, {}):
            inputs.notes.append("parameters: additionalProperties of the body dropped")
        if required and not given:
            inputs.notes.append("parameters: the body may be left out, but is asked for")
        inputs.found += [Input(name, "body", item, name in required) for name, item in fields]
        return
    name = "body"
    if name in taken:  # another parameter has the name: the body is what the path is about
        segments = re.findall(r"(?<=/)[A-Za-z_][\w-]*(?=/|$)", inputs.path)
        name = next((one for one in reversed(segments) if one not in taken), "content")
    description = shorten(clean_text(body.get("description")), MAX_NOTE)
    schema = {**({"description": description} if description else {}), **schema}
    if examples:
        schema.setdefault("examples", list(examples))
    inputs.found.append(Input(name, "body", schema, given))


def _is_flat(schema: JsonObject, taken: set[str]) -> bool:
    """Whether the fields of a body may stand alone: nothing is said of them but of each.

    A choice that only says which of them belong together may be said of all parameters as well.
    """
    fields = schema.get("properties")
    plain = schema.keys() <= _FLAT and schema.get("type", "object") in ("object", ["object"])
    if not plain or not isinstance(fields, dict) or not fields:
        return False
    for keyword in _CHOICES:
        branches = schema.get(keyword, [])
        for one in branches:
            within = isinstance(one, dict) and one.keys() <= {"properties", "required", "type"}
            if not within or not fields.keys() >= one.get("properties", {}).keys():
                return False
        if branches and taken & fields.keys():
            return False
    return True


def _join_same(inputs: Inputs) -> None:
    """Leave out the fields of the body that repeat what the path says."""
    named = {one.name: one for one in inputs.found if one.location == "path"}
    kept = []
    for one in inputs.found:
        before = named.get(one.name) if one.location == "body" else None
        if before is not None and _says(before.schema) == _says(one.schema):
            inputs.notes.append(
                f"parameters: {one.name!r} of the path and of the body is one value: sent to both"
            )
        else:
            kept.append(one)
    inputs.found = kept


def _says(schema: Any) -> Any:
    """What a schema restricts."""
    free = ANNOTATIONS | {"nullable"}
    if not isinstance(schema, dict):
        return schema
    return {key: value for key, value in schema.items() if key not in free}


def _say_why_dropped(
    document: Document, operation: Operation, parameter: JsonObject, slots: Sequence[str]
) -> str:
    """Why a parameter is none of the tool's; empty if it is one."""
    name, location = parameter["name"], parameter["in"]
    if location == "path":
        known = name in slots or name in map(_bare_slot, slots)
        return "" if known else "is not in the path"
    told = clean_text(parameter.get("description"))
    if (location, name.lower()) in document.keys or is_credential(name, told):
        return "is a credential"
    if location == "query":
        asked = is_token(name) and _asks_credentials(document, operation)
        return "is a credential" if asked else ""
    if location == "cookie":
        return "is a cookie, which the transport keeps"
    if location != "header":
        return ""
    if is_token(name):
        return "is a credential"
    if is_transport_header(name):
        return "is negotiated by the transport"
    return "" if parameter.get("required") is True else "may be left out"


def _asks_credentials(document: Document, operation: Operation) -> bool:
    return bool(operation.entry.get("security", document.root.get("security")))


def _read_input(document: Document, parameter: JsonObject, inputs: Inputs) -> Input:
    """One input beside the body."""
    name, content = parameter["name"], parameter.get("content")
    schema = parameter["schema"] if "schema" in parameter else _own_schema(parameter)
    if isinstance(content, dict) and content:
        media = next(iter(content.values()))
        schema = media.get("schema", {}) if isinstance(media, dict) else {}
    schema = inputs.unfold(document, schema, f"parameters.{name}")
    if isinstance(schema, dict):
        # What the parameter says of itself goes before what its schema says.
        schema = dict(schema)
        if description := clean_text(parameter.get("description")):
            schema["description"] = shorten(description, MAX_NOTE)
        if examples := find_examples(document.root, parameter):
            schema["examples"] = examples
        if parameter.get("deprecated") is True:
            schema["deprecated"] = True
    required = parameter.get("required") is True or parameter["in"] == "path"
    shown = _bare_slot(name) if parameter["in"] == "path" else name
    return Input(shown, parameter["in"], schema, required)


def _bare_slot(slot: str) -> str:
    """The name in the braces of a path: ``parent`` of ``{+parent}`` and ``{parent=shelves/*}``."""
    return re.sub(r"^[+#./;?&]|(?:\*|:\d+|=.*)$", "", slot.strip()) or slot


def _own_schema(parameter: JsonObject) -> JsonObject:
    """What a parameter of Swagger 2.0 says about its values, having no schema."""
    return {key: value for key, value in parameter.items() if key not in _NO_SCHEMA}
