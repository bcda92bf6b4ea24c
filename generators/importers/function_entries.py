"""A function as most sources write it down: a name, a description, and parameters of some kind.

::

    {"city": {"type": "str, optional", "description", "default", "required"}}       flat
    [{"name": "city", "type": "STRING", "description", "default"}]                  listed

Parameters may be a schema, or stand one beside the other without one around them. What is required
is said by a list beside them, by a flag at each, or by the type; where nobody says it, a parameter
is required: a default alone does not make it optional. The formats say only how they spell the
keywords, and whether the types are another language's.
"""

from dataclasses import dataclass, replace
from typing import Any

from generators.importers.dialect_rules import read_truth
from generators.importers.documents import json_kind
from generators.importers.foreign_types import is_optional, without_optional
from generators.importers.found_tools import FoundTool, SchemaPlace, first_place, name_of, text_of
from generators.importers.subschemas import looks_like_schema
from schemas.errors import InputError
from schemas.record import JsonObject


@dataclass(frozen=True)
class Spelling:
    """Keywords, in the order in which they are tried."""

    name: tuple[str, ...] = ("name",)
    description: tuple[str, ...] = ("description",)
    parameters: tuple[str, ...] = ("parameters",)
    returns: tuple[str, ...] = ("returns", "return", "output_schema", "outputSchema", "response")


def read_function(
    function: JsonObject,
    number: int,
    spelling: Spelling,
    *,
    around: JsonObject | None = None,
    foreign: bool = False,
) -> FoundTool:
    """The tool of an entry. Raises InputError, without a file, where it cannot be read.

    ``around`` is the object that holds the function, where there is one. ``foreign`` says that
    unknown types are to be expected; flat parameters always bring them along.
    """
    name = name_of(function, number, spelling.name)
    entries = (function,) if around is None else (function, around)
    place = first_place(entries, spelling.parameters) or SchemaPlace(spelling.parameters[0], None)
    beside = next((entry["required"] for entry in entries if "required" in entry), None)
    value, repairs = place.value, list[str]()
    flat = is_flat(value) or is_listed(value)
    if flat:
        if isinstance(value, list):
            value, repairs = key_by_name(value, name)
        value = schema_of_flat(value, beside)
        repairs.append(f"{place.keyword}: flat parameters became a schema")
    elif isinstance(beside, list) and looks_like_schema(value):
        own = value.get("required", [])
        added = [one for one in beside if one not in own] if isinstance(own, list) else []
        if added:
            value = {**value, "required": [*own, *added]}
            moved = "required stood beside the parameters and was moved into them"
            repairs.append(f"{place.keyword}: {moved}")
    foreign = foreign or flat or (isinstance(value, dict) and value.get("type") == "dict")
    texts = (text_of(function, keyword, name) for keyword in spelling.description)
    returns = first_place(entries, spelling.returns)
    if returns is not None and is_flat(returns.value):
        returns = replace(returns, value={**schema_of_flat(returns.value), "required": []})
    return FoundTool(
        number=number,
        name=name,
        description=next((text for text in texts if text), ""),
        parameters=replace(place, value=value),
        returns=returns,
        strict=function.get("strict") is True,
        foreign=foreign,
        repairs=tuple(repairs),
    )


def is_flat(parameters: Any) -> bool:
    """Whether an object is such a list; a parameter may be called ``type`` or ``properties``."""
    if not isinstance(parameters, dict) or looks_like_schema(parameters):
        return False
    return all(isinstance(item, dict) for item in parameters.values()) and any(
        isinstance(item.get("type"), str) for item in parameters.values()
    )


def is_listed(parameters: Any) -> bool:
    """Whether a list names one parameter after the other."""
    return isinstance(parameters, list) and bool(parameters) and all(map(_has_name, parameters))


def _has_name(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str)


def schema_of_flat(parameters: JsonObject, required: Any = None) -> JsonObject:
    """The object schema of flat parameters; types are left as they are written.

    A flag at a parameter comes before a list of what is ``required``, that before the type.
    """
    schema: JsonObject = {"type": "object", "properties": {}, "required": []}
    for name, item in parameters.items():
        kind = item.get("type")
        flag, optional = read_truth(item.get("required")), read_truth(item.get("optional"))
        if flag is None and optional is not None:
            flag = not optional
        elif flag is None and isinstance(required, list):
            flag = name in required
        elif flag is None:
            flag = not (isinstance(kind, str) and is_optional(kind))
        if flag:
            schema["required"].append(name)
        kept = {key: value for key, value in item.items() if key not in ("required", "optional")}
        if kept.get("default") in ("", None):
            kept.pop("default", None)
        if isinstance(kind, str):
            kept["type"] = without_optional(kind)
        elif kind is None:
            kept.pop("type", None)
        schema["properties"][name] = kept
    return schema


def key_by_name(listed: list[JsonObject], tool: str) -> tuple[JsonObject, list[str]]:
    """Name → parameter, and what was repaired: of two of one name, the first counts.

    Raises InputError for one without a name.
    """
    named: JsonObject = {}
    repairs = []
    for number, item in enumerate(listed):
        if not (_has_name(item) and item["name"].strip()):
            what = f", not {json_kind(item)}" if not isinstance(item, dict) else ""
            problem = f"a parameter must be an object with a name{what}"
            raise InputError(problem, tool=tool, place=f"parameters[{number}]")
        if item["name"] in named:
            repairs.append(f"parameters: {item['name']!r} is described twice; the first counts")
        else:
            named[item["name"]] = {key: value for key, value in item.items() if key != "name"}
    return named, repairs
