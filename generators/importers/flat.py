"""Parameters that are written one beside the other, without a schema around them.

::

    {"city": {"type": "str, optional", "description", "default", "required"}}
    [{"name": "city", "type": "STRING", "description", "default"}]

What is required is said by a list beside the parameters, by a flag at each, or by the type; where
nobody says it, a parameter is required: a default alone does not make it optional.
"""

from typing import Any

from generators.importers.document import json_kind
from generators.importers.foreign import truth
from generators.importers.foreign_types import is_optional, without_optional
from generators.importers.keywords import looks_like_schema
from schemas.errors import InputError
from schemas.record import JsonObject


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
        "properties": {name: _schema(item) for name, item in parameters.items()},
        "required": [name for name, item in parameters.items() if _is_required(name, item, listed)],
    }


def by_name(listed: list[JsonObject]) -> tuple[JsonObject, tuple[str, ...]]:
    """Name → parameter, and what was repaired: of two of one name, the first counts."""
    named: JsonObject = {}
    repairs = []
    for number, item in enumerate(listed, start=1):
        name = item.get("name") if isinstance(item, dict) else None
        if not isinstance(name, str) or not name.strip():
            problem = "a parameter must be an object with a name"
            what = f"{problem}, not {json_kind(item)}" if not isinstance(item, dict) else problem
            raise InputError(what, place=f"parameters[{number - 1}]")
        if name in named:
            repairs.append(f"parameters: {name!r} is described twice; the first counts")
        else:
            named[name] = {key: value for key, value in item.items() if key != "name"}
    return named, tuple(repairs)


def _schema(item: JsonObject) -> JsonObject:
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
    flag, optional = truth(item.get("required")), truth(item.get("optional"))
    if flag is not None:
        return flag
    if optional is not None:
        return not optional
    if listed is not None:
        return name in listed
    kind = item.get("type")
    return not (isinstance(kind, str) and is_optional(kind))
