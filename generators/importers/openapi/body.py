"""Reads the body of a request: the fields of an object, or one parameter ``body``.

The fields of an object stand beside the other parameters where that says the same; a list, a
choice between shapes or a free object is one parameter. An operation that may be called without a
body still asks for what the body requires: then no call sends half of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generators.importers.keywords import ANNOTATIONS
from generators.importers.openapi.examples import examples_of
from generators.importers.openapi.media import is_binary, is_text, preferred
from generators.importers.openapi.operations import Operation, follow
from generators.importers.openapi.schemas import INPUT, unfold
from generators.importers.openapi.texts import MAX_NOTE, clean_text, shorten
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
    return _opened(root, body, _schema(name, media), examples_of(root, media))


def _schema(name: str, media: JsonObject) -> Any:
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
