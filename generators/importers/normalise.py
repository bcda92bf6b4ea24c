"""Brings the schemas of a tool to one dialect: JSON Schema 2020-12, without references or titles.

`RULES` rewrites what older drafts and other dialects say differently. For arguments only, null for
an optional parameter means that it is absent. A schema that is
wrong, not merely old, is an InputError that says where. Normalising twice changes nothing.
"""

from typing import Any

from generators.importers.credentials import drop_secrets
from generators.importers.dialect_rules import (
    bound_exclusively,
    drop_idle,
    drop_unreadable_patterns,
    free_nullable,
    free_unknown_types,
    gather_required,
    give_items,
    name_tuple_items,
    read_null_as_absent,
    split_dependencies,
    translate_types,
    widen_nullable,
)
from generators.importers.documents import json_kind, short_repr
from generators.importers.schema_checks import (
    check_schema,
    drop_impossible,
    free_empty_enum,
    mend_defaults,
    why_impossible,
)
from generators.importers.schema_repairs import (
    cast_values,
    drop_stray_flag,
    fill_in_members,
    level_tuple,
    loosen_one_of,
    mend_keywords,
    mend_required,
    merge_parts,
    name_map_keys,
    type_items,
)
from generators.importers.subschemas import (
    Rule,
    dereference,
    looks_like_schema,
    map_subschemas,
    without,
)
from schemas.errors import InputError
from schemas.record import JsonObject

RULES: tuple[Rule, ...] = (
    fill_in_members,
    drop_idle,
    translate_types,
    bound_exclusively,
    mend_keywords,
    mend_required,
    name_tuple_items,
    split_dependencies,
    drop_unreadable_patterns,
    gather_required,
    merge_parts,
    widen_nullable,
    cast_values,
    loosen_one_of,
    level_tuple,
    name_map_keys,
    drop_impossible,
    give_items,
    drop_secrets,
)
"""What holds together comes first: members, then keywords, then what they say of one another."""


def normalise_parameters(
    schema: Any, place: str = "parameters", *, strict: bool = False, foreign: bool = False
) -> tuple[JsonObject, tuple[str, ...]]:
    """An object schema with ``properties`` and ``required``, and what was repaired, in words.

    None stands for a tool without parameters. ``strict`` schemas require every parameter and allow
    null for those that may be left out. In ``foreign`` dialects types that nobody knows allow
    anything. Raises InputError with the place of the fault.
    """
    if schema in (None, {}, []):  # PHP writes an empty object as a list
        return {"type": "object", "properties": {}, "required": []}, ()
    if not isinstance(schema, dict):
        raise InputError(f"a schema must be an object, not {json_kind(schema)}", place=place)
    # Bare keywords say nothing about parameters: ``{"additionalProperties": false}``.
    bare = all(key.startswith("$") or not isinstance(schema[key], dict) for key in schema)
    if not bare and not looks_like_schema(schema):
        raise InputError("not a JSON Schema: neither type nor properties", place=place)
    # Options are of values, and parameters are none.
    idle = [key for key in ("const", "enum") if key in schema]
    schema = without(schema, *idle)
    freed = (free_nullable,) if strict else ()
    rules = (*RULES, *((free_unknown_types,) if foreign else ()), *freed)
    tidy, repairs = _rewrite(schema, place, (*rules, read_null_as_absent, type_items))
    repairs += [f"{place}: {key} of the parameters as a whole was dropped" for key in idle]
    if reason := why_impossible(tidy):
        inside, _, why = f".{reason}".rpartition(": ")
        raise InputError(f"{why}: no call can be made", place=f"{place}{inside}")
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
    rules = (free_empty_enum, *RULES, *((free_unknown_types,) if foreign else ()))
    tidy, repairs = _rewrite(schema, place, rules)
    if reason := why_impossible(tidy):
        raise InputError(f"no result can satisfy it: {reason}", place=place)
    check_schema(tidy, place)
    return mend_defaults(tidy, place, repairs), tuple(dict.fromkeys(repairs))


def _rewrite(
    schema: JsonObject, place: str, rules: tuple[Rule, ...]
) -> tuple[JsonObject, list[str]]:
    """The schema without references and by the rules, from the inside out; what was repaired."""
    plain, repairs = dereference(schema, place)

    titled = 0

    def rewrite(part: Any, at: str, flagged: bool = False) -> Any:
        """``flagged``: what stands around gathers a flag of this one."""
        nonlocal titled
        if not isinstance(part, dict):
            return part
        titled += isinstance(part.get("title"), str)
        part = map_subschemas(
            part,
            lambda item, inside: rewrite(
                item, f"{at}.{inside}", inside.startswith(("properties.", "patternProperties."))
            ),
        )
        for rule in rules if flagged else (*rules, drop_stray_flag):
            part = rule(part, lambda text: repairs.append(f"{at}: {text}"))
        return part

    tidy = rewrite(plain, place)
    if titled:
        repairs.append(f"{place}: titles, which say names again, were dropped: {titled}")
    return tidy, repairs
