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
    free_unknown_types,
    gather_required,
    give_items,
    name_tuple_items,
    split_dependencies,
    strip_title,
    translate_types,
)
from generators.importers.documents import json_kind, short_repr
from generators.importers.null_rules import free_nullable, read_null_as_absent, widen_nullable
from generators.importers.schema_checks import check_schema, mend_defaults
from generators.importers.schema_keywords import Note, looks_like_schema, map_subschemas
from generators.importers.schema_references import dereference
from generators.importers.secrets import drop_secrets
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
    repairs: list[str] = []
    of_arguments = (free_nullable, read_null_as_absent) if strict else (read_null_as_absent,)
    rules = (*(FOREIGN_RULES if foreign else RULES), *of_arguments)
    tidy = _make_object(_rewrite_all(schema, place, rules, repairs), place, repairs)
    check_schema(tidy, place)
    required, properties = tidy["required"], tidy["properties"]
    for name in required:
        if name not in properties:
            repairs.append(f"{place}: {name!r} is required but not described, and was dropped")
    known = {**tidy, "required": [name for name in required if name in properties]}
    return mend_defaults(known, place, repairs), tuple(dict.fromkeys(repairs))


def normalise_returns(
    schema: JsonObject, place: str = "returns", *, foreign: bool = False
) -> tuple[JsonObject, tuple[str, ...]]:
    """The schema of a result, of any type, and what was repaired. Raises InputError likewise."""
    repairs: list[str] = []
    tidy = _rewrite_all(schema, place, FOREIGN_RULES if foreign else RULES, repairs)
    check_schema(tidy, place)
    return mend_defaults(tidy, place, repairs), tuple(dict.fromkeys(repairs))


def _rewrite_all(
    schema: JsonObject, place: str, rules: tuple[Rule, ...], repairs: list[str]
) -> JsonObject:
    plain, cuts = dereference(schema, place)
    repairs.extend(cuts)
    rewritten: JsonObject = _rewrite_schema(plain, place, rules, repairs)
    return rewritten


def _rewrite_schema(schema: Any, place: str, rules: tuple[Rule, ...], repairs: list[str]) -> Any:
    if not isinstance(schema, dict):
        return schema
    schema = map_subschemas(
        schema, lambda item, at: _rewrite_schema(item, f"{place}.{at}", rules, repairs)
    )
    for rule in rules:
        schema = rule(schema, lambda text: repairs.append(f"{place}: {text}"))
    return schema


def _make_object(schema: JsonObject, place: str, repairs: list[str]) -> JsonObject:
    kind = schema.get("type")
    if kind is None or (isinstance(kind, list) and "object" in kind):
        repairs.append(f"{place}: type set to object")
    elif kind != "object":
        raise InputError(
            f"parameters must be an object, not {short_repr(kind)}", place=f"{place}.type"
        )
    properties = schema.get("properties", {})
    if isinstance(properties, dict):
        # Later stages look into a parameter's schema: it is an object even where it says nothing.
        properties = {
            name: ({} if item else {"not": {}}) if isinstance(item, bool) else item
            for name, item in properties.items()
        }
    required = schema.get("required", [])
    return {**schema, "type": "object", "properties": properties, "required": required}
