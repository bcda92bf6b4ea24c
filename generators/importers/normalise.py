"""Brings the schemas of a tool to one dialect: JSON Schema 2020-12, without references or titles.

`RULES` rewrites what older drafts and other dialects say differently. For arguments only, null for
an optional parameter means that it is absent. A schema that is
wrong, not merely old, is an InputError that says where. Normalising twice changes nothing.
"""

from collections.abc import Callable
from typing import Any

from generators.importers.dialect_rules import (
    bound_exclusively,
    drop_nulls,
    drop_unreadable_patterns,
    free_nullable,
    free_unknown_types,
    gather_required,
    give_items,
    name_tuple_items,
    read_null_as_absent,
    split_dependencies,
    strip_title,
    translate_types,
    widen_nullable,
)
from generators.importers.documents import json_kind, short_repr
from generators.importers.schema_checks import check_schema, mend_defaults
from generators.importers.secrets import drop_secrets
from generators.importers.subschemas import Note, dereference, looks_like_schema, map_subschemas
from schemas.errors import InputError
from schemas.record import JsonObject

Rule = Callable[[JsonObject, Note], JsonObject]
"""Rewrites one schema whose subschemas are rewritten already, and notes what it repaired."""

RULES: tuple[Rule, ...] = (
    drop_nulls,
    strip_title,
    translate_types,
    bound_exclusively,
    name_tuple_items,
    split_dependencies,
    drop_unreadable_patterns,
    give_items,
    widen_nullable,
    gather_required,
    drop_secrets,
)
FOREIGN_RULES: tuple[Rule, ...] = (*RULES, free_unknown_types)


def normalise_parameters(
    schema: Any, place: str = "parameters", *, strict: bool = False, foreign: bool = False
) -> tuple[JsonObject, tuple[str, ...]]:
    """An object schema with ``properties`` and ``required``, and what was repaired, in words.

    None stands for a tool without parameters. ``strict`` schemas require every parameter and allow
    null for those that may be left out. In ``foreign`` dialects types that nobody knows allow
    anything. Raises InputError with the place of the fault.
    """
    if schema is None or schema == {}:
        return {"type": "object", "properties": {}, "required": []}, ()
    if not isinstance(schema, dict):
        raise InputError(f"a schema must be an object, not {json_kind(schema)}", place=place)
    # Bare keywords say nothing about parameters: ``{"additionalProperties": false}``.
    bare = all(key.startswith("$") or not isinstance(schema[key], dict) for key in schema)
    if not bare and not looks_like_schema(schema):
        raise InputError("not a JSON Schema: neither type nor properties", place=place)
    of_arguments = (free_nullable, read_null_as_absent) if strict else (read_null_as_absent,)
    rules = (*(FOREIGN_RULES if foreign else RULES), *of_arguments)
    tidy, repairs = _rewrite(schema, place, rules)
    kind = tidy.get("type")
    if kind is None or (isinstance(kind, list) and "object" in kind):
        repairs.append(f"{place}: type set to object")
    elif kind != "object":
        problem = f"parameters must be an object, not {short_repr(kind)}"
        raise InputError(problem, place=f"{place}.type")
    properties, required = tidy.get("properties", {}), tidy.get("required", [])
    if isinstance(properties, dict):
        # Later stages look into a parameter's schema: it is an object even where it says nothing.
        properties = {
            name: ({} if item else {"not": {}}) if isinstance(item, bool) else item
            for name, item in properties.items()
        }
    tidy = {**tidy, "type": "object", "properties": properties, "required": required}
    check_schema(tidy, place)
    for name in required:
        if name not in properties:
            repairs.append(f"{place}: {name!r} is required but not described, and was dropped")
    tidy["required"] = [name for name in required if name in properties]
    return mend_defaults(tidy, place, repairs), tuple(dict.fromkeys(repairs))


def normalise_returns(
    schema: JsonObject, place: str = "returns", *, foreign: bool = False
) -> tuple[JsonObject, tuple[str, ...]]:
    """The schema of a result, of any type, and what was repaired. Raises InputError likewise."""
    tidy, repairs = _rewrite(schema, place, FOREIGN_RULES if foreign else RULES)
    check_schema(tidy, place)
    return mend_defaults(tidy, place, repairs), tuple(dict.fromkeys(repairs))


def _rewrite(
    schema: JsonObject, place: str, rules: tuple[Rule, ...]
) -> tuple[JsonObject, list[str]]:
    """The schema without references and by the rules, from the inside out; what was repaired."""
    plain, repairs = dereference(schema, place)

    def rewrite(part: Any, at: str) -> Any:
        if not isinstance(part, dict):
            return part
        part = map_subschemas(part, lambda item, inside: rewrite(item, f"{at}.{inside}"))
        for rule in rules:
            part = rule(part, lambda text: repairs.append(f"{at}: {text}"))
        return part

    return rewrite(plain, place), repairs
