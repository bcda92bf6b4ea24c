"""A function as most sources write it down: a name, a description, and parameters of some kind.

::

    {"city": {"type": "str, optional", "description", "default", "required"}}       flat
    [{"name": "city", "type": "STRING", "description", "default"}]                  listed

Parameters may be a schema, or stand one beside the other without one around them. What is required
is said by a list beside them, by a flag at each, or by the type; where nobody says it, a parameter
is required: a default alone does not make it optional. The formats say only how they spell the
keywords, and whether the types are another language's.
"""

from dataclasses import dataclass
from typing import Any

from generators.importers.dialect_rules import read_truth
from generators.importers.documents import json_kind
from generators.importers.foreign_types import is_optional, without_optional
from generators.importers.found_tools import FoundTool, SchemaPlace, first_place, name_of, text_of
from generators.importers.schema_keywords import looks_like_schema
from schemas.errors import InputError
from schemas.record import JsonObject


@dataclass(frozen=True)
class Spelling:
    """Keywords, in the order in which they are tried."""

    name: tuple[str, ...] = ("name",)
    description: tuple[str, ...] = ("description",)
    parameters: tuple[str, ...] = ("parameters",)
    returns: tuple[str, ...] = ("returns", "output_schema", "outputSchema", "response")


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
    parameters, repairs, flat = _read_parameters(entries, spelling, name)
    texts = (text_of(function, keyword, name) for keyword in spelling.description)
    returns = first_place(entries, spelling.returns)
    if returns is not None and is_flat(returns.value):
        schema = {**schema_of_flat(returns.value), "required": []}
        returns = SchemaPlace(returns.keyword, schema)
    return FoundTool(
        number=number,
        name=name,
        description=next((text for text in texts if text), ""),
        parameters=parameters,
        returns=returns,
        strict=function.get("strict") is True,
        foreign=foreign or flat,
        repairs=repairs,
    )


def _read_parameters(
    entries: tuple[JsonObject, ...], spelling: Spelling, name: str
) -> tuple[SchemaPlace, tuple[str, ...], bool]:
    """Where the schema stands, what was repaired, and whether its types are foreign."""
    given = first_place(entries, spelling.parameters) or SchemaPlace(spelling.parameters[0], None)
    beside = next((entry["required"] for entry in entries if "required" in entry), None)
    value, keyword = given.value, given.keyword
    repairs: tuple[str, ...] = ()
    if is_flat(value) or is_listed(value):
        if isinstance(value, list):
            value, repairs = key_by_name(value, name)
        told = f"{keyword}: flat parameters became a schema"
        return SchemaPlace(keyword, schema_of_flat(value, beside)), (*repairs, told), True
    if isinstance(beside, list) and isinstance(value, dict) and looks_like_schema(value):
        own = value.get("required", [])
        added = [one for one in beside if one not in own] if isinstance(own, list) else []
        if added:
            value = {**value, "required": [*own, *added]}
            repairs = (f"{keyword}: required stood beside the parameters and was moved into them",)
    return (
        SchemaPlace(keyword, value),
        repairs,
        isinstance(value, dict) and value.get("type") == "dict",
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
    return (
        isinstance(parameters, list)
        and bool(parameters)
        and all(isinstance(item, dict) and isinstance(item.get("name"), str) for item in parameters)
    )


def schema_of_flat(parameters: JsonObject, required: Any = None) -> JsonObject:
    """The object schema of flat parameters; types are left as they are written."""
    listed = required if isinstance(required, list) else None
    return {
        "type": "object",
        "properties": {name: _tidy_parameter(item) for name, item in parameters.items()},
        "required": [name for name, item in parameters.items() if _is_required(name, item, listed)],
    }


def key_by_name(listed: list[JsonObject], tool: str) -> tuple[JsonObject, tuple[str, ...]]:
    """Name → parameter, and what was repaired: of two of one name, the first counts.

    Raises InputError for one without a name.
    """
    named: JsonObject = {}
    repairs = []
    for number, item in enumerate(listed, start=1):
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or not name.strip():
            problem = "a parameter must be an object with a name"
            what = f"{problem}, not {json_kind(item)}" if not isinstance(item, dict) else problem
            raise InputError(what, tool=tool, place=f"parameters[{number - 1}]")
        if name in named:
            repairs.append(f"parameters: {name!r} is described twice; the first counts")
        else:
            named[name] = {key: value for key, value in item.items() if key != "name"}
    return named, tuple(repairs)


def _tidy_parameter(item: JsonObject) -> JsonObject:
    kept = {key: value for key, value in item.items() if key not in ("required", "optional")}
    if kept.get("default", ...) in ("", None):
        kept.pop("default", None)
    kind = kept.get("type")
    if isinstance(kind, str):
        kept["type"] = without_optional(kind)
    elif kind is None:
        kept.pop("type", None)
    return kept


def _is_required(name: str, item: JsonObject, listed: list[Any] | None) -> bool:
    flag, optional = read_truth(item.get("required")), read_truth(item.get("optional"))
    if flag is not None:
        return flag
    if optional is not None:
        return not optional
    if listed is not None:
        return name in listed
    kind = item.get("type")
    return not (isinstance(kind, str) and is_optional(kind))
