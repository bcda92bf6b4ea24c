"""Whether a schema is valid JSON Schema 2020-12, whether a value satisfies it, and if not, why.

jsonschema-rs decides, as it takes a hundredth of the time. jsonschema, whose errors say more and
whose import takes a second, is asked only where something is wrong.

A schema that allows no value has ``{"not": {}}`` in it, and in its ``$comment`` the place and the
reason. zod writes it for what is undefined: a parameter that must be nothing is not there. Demands
for masses are refused: fifty million elements would really be made.
"""

import re
from contextlib import suppress
from re import _parser as sre  # the one way to know how short a match can be
from typing import Any

import jsonschema_rs

from generators.importers.dialect_rules import read_truth
from generators.importers.documents import json_kind, parse_json, short_repr
from generators.importers.foreign_types import JSON_TYPES
from generators.importers.subschemas import ANNOTATIONS, Note, map_subschemas, without
from schemas.errors import InputError
from schemas.record import JsonObject

_MAX_MESSAGE = 160


def check_schema(schema: JsonObject, place: str) -> None:
    """Raises InputError with the place of the fault that tells most."""
    try:
        if jsonschema_rs.meta.is_valid(schema):
            return
    # What only JSON Schema's own dialects cannot hold, or another dialect's: jsonschema tells.
    except (ValueError, jsonschema_rs.ReferencingError):
        pass
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    meta = Draft202012Validator(
        Draft202012Validator.META_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER
    )
    fault = best_match(meta.iter_errors(schema))
    if fault is None:
        return
    steps = list(fault.absolute_path)
    if steps and isinstance(steps[-1], int):  # of a list of types
        steps.pop()
    problem = _shorten(fault.message)
    if fault.validator == "type":
        wanted: Any = fault.validator_value
        names = " or ".join([wanted] if isinstance(wanted, str) else map(str, wanted))
        problem = f"must be of type {names}, not {json_kind(fault.instance)}"
    # A parameter may be called type, too.
    is_type = steps[-1:] == ["type"] and steps[-2:-1] != ["properties"]
    if is_type and isinstance(fault.instance, str):
        types = ", ".join(sorted(JSON_TYPES))
        problem = f"{short_repr(fault.instance)} is not a type; types are {types}"
    for step in fault.absolute_path:  # as messages write it: ``parameters.type[1]``
        place += f"[{step}]" if isinstance(step, int) else f".{step}"
    raise InputError(problem, place=place)


def _shorten(message: str) -> str:
    message = " ".join(message.split())
    return message if len(message) <= _MAX_MESSAGE else f"{message[:_MAX_MESSAGE]}…"


def satisfies(value: Any, schema: JsonObject) -> bool:
    """Whether a value is valid under a schema that was checked."""
    try:
        judge = jsonschema_rs.Draft202012Validator(schema, offline=True)
        return bool(judge.is_valid(value))
    except ValueError:  # a pattern in Python's own dialect, a number beyond all bounds
        from jsonschema import Draft202012Validator

        try:
            return bool(Draft202012Validator(schema).is_valid(value))
        except OverflowError:  # multipleOf divides whole numbers that no float can hold
            return False


def find_fault(value: Any, schema: JsonObject) -> str:
    """Where a value breaks a checked schema, and how, in one line; empty where it does not."""
    if satisfies(value, schema):
        return ""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    fault = best_match(Draft202012Validator(schema).iter_errors(value))
    return "" if fault is None else f"at {fault.json_path}: {_shorten(fault.message)}"


def mend_defaults(schema: Any, place: str, repairs: list[str]) -> Any:
    """A copy in which every default satisfies its schema; what was repaired is added in words.

    Values that are written as text are mended, others dropped.
    """
    if not isinstance(schema, dict):
        return schema
    schema = map_subschemas(schema, lambda item, at: mend_defaults(item, f"{place}.{at}", repairs))
    if "default" not in schema or satisfies(schema["default"], schema):
        return schema
    default = schema["default"]
    was = f"{place}: default {short_repr(default)}"
    readings: list[Any] = []
    if isinstance(default, str):
        flag = read_truth(default)
        with suppress(InputError):
            readings = [parse_json(default) if flag is None else flag]
    elif isinstance(default, int | float) and not isinstance(default, bool):
        readings = [str(default)]
    for value in readings:
        if satisfies(value, schema):
            repairs.append(f"{was} became {short_repr(value)}")
            return {**schema, "default": value}
    repairs.append(f"{was} does not satisfy its schema and was dropped")
    return without(schema, "default")


MOST_VALUES = 1000
"""Values that a call or a result may have to hold."""
MOST_CHARACTERS = 20_000
"""Characters that a text may have to hold."""


def refuse_masses(schema: JsonObject, place: str) -> None:
    """Raise InputError where the smallest value that a schema allows is too large to be made."""
    _least_values(schema, place)


def _least_values(schema: Any, place: str) -> int:
    """How many values the smallest value holds, itself included."""
    if not isinstance(schema, dict) or "const" in schema or "enum" in schema:
        return 1
    least = 1
    kinds = schema.get("type")
    if kinds in ("array", ["array"]) or ("items" in schema and kinds is None):
        count = max(_count(schema, "minItems"), _count(schema, "minContains"))
        first = schema.get("prefixItems")
        heads = first[:count] if isinstance(first, list) else []
        least += sum(_least_values(part, f"{place}[{at}]") for at, part in enumerate(heads))
        if count > len(heads):
            items = schema.get("items", schema.get("contains"))
            least += (count - len(heads)) * _least_values(items, f"{place}[]")
    if kinds in ("object", ["object"]) or ("properties" in schema and kinds is None):
        properties, required = schema.get("properties"), schema.get("required")
        known = properties if isinstance(properties, dict) else {}
        names = [one for one in required if isinstance(one, str)] if required else []
        inside = sum(_least_values(known.get(name), f"{place}.{name}") for name in set(names))
        least += max(inside, _count(schema, "minProperties"))
    if kinds in ("string", ["string"]):
        shortest, pattern = _count(schema, "minLength"), schema.get("pattern")
        if isinstance(pattern, str):
            with suppress(re.error, OverflowError, RecursionError):  # in another language's dialect
                shortest = max(shortest, sre.parse(pattern).getwidth()[0])
        if shortest > MOST_CHARACTERS:
            raise InputError(
                f"asks for {shortest:,} characters at the least; {MOST_CHARACTERS:,} are the most "
                "made",
                place=place,
            )
    for part in schema.get("allOf") or ():
        least = max(least, _least_values(part, place))
    if least > MOST_VALUES:
        raise InputError(
            f"asks for {least - 1:,} values at the least; {MOST_VALUES:,} are the most made",
            place=place,
        )
    return least


def _count(schema: JsonObject, key: str) -> int:
    count = schema.get(key)
    return int(count) if isinstance(count, int | float) and count == count else 0


_REASON = "no value: "
_CLOSABLE = ("additionalProperties", "unevaluatedItems", "unevaluatedProperties")


def why_impossible(schema: Any) -> str:
    """Place, colon and reason of a schema that allows nothing; empty for any other."""
    if schema is False:
        return "nothing is allowed"
    if not isinstance(schema, dict) or schema.get("not", False) not in ({}, True):
        return ""
    comment = schema.get("$comment")
    told = isinstance(comment, str) and comment.startswith(_REASON)
    return str(comment)[len(_REASON) :] if told else "nothing is allowed"


def _nothing(reason: str) -> JsonObject:
    return {"not": {}, "$comment": f"{_REASON}{reason}"}


def drop_impossible(schema: JsonObject, note: Note) -> JsonObject:
    """Without branches and properties that allow nothing; nothing itself, where it needs them."""
    if schema.get("enum") == []:
        return _nothing("enum is empty")
    for keyword in ("anyOf", "oneOf"):
        branches = schema.get(keyword)
        if not isinstance(branches, list) or not any(map(why_impossible, branches)):
            continue
        kept = [branch for branch in branches if not why_impossible(branch)]
        if not kept:
            # zod's undefined is one of them: the parameter is absent, and for no other reason.
            reasons = [why_impossible(branch) for branch in branches]
            return {"not": {}} if "nothing is allowed" in reasons else _nothing(reasons[0])
        note(f"branches of {keyword} that allow nothing were dropped")
        around = without(schema, keyword)
        alone = len(kept) == 1 and isinstance(kept[0], dict) and around.keys() <= ANNOTATIONS
        schema = {**kept[0], **around} if alone else {**around, keyword: kept}
    for keyword in _CLOSABLE:
        if isinstance(schema.get(keyword), dict) and why_impossible(schema[keyword]):
            schema = {**schema, keyword: False}
    if isinstance(schema.get("items"), dict) and (reason := why_impossible(schema["items"])):
        least = schema.get("minItems", 0)
        if isinstance(least, int) and least > 0:
            return _nothing(_inside("items", reason))
        note(f"items allow nothing: {reason.rpartition(': ')[2]}")
        schema = {**schema, "items": False}
    return _drop_properties(schema, note)


def _drop_properties(schema: JsonObject, note: Note) -> JsonObject:
    properties, required = schema.get("properties"), schema.get("required", [])
    if not isinstance(properties, dict) or not isinstance(required, list):
        return schema
    reasons = {name: why_impossible(item) for name, item in properties.items()}
    gone = {}
    for name, reason in reasons.items():
        if reason and name in required and reason != "nothing is allowed":
            return _nothing(_inside(f"properties.{name}", reason))
        if reason:
            gone[name] = reason
    if not gone:
        return schema
    for name, reason in gone.items():
        note(f"{name!r} was left out: {reason}")
    kept = {name: item for name, item in properties.items() if name not in gone}
    schema = {**schema, "properties": kept}
    if "required" in schema:
        schema["required"] = [name for name in required if name not in gone]
    return schema


def _inside(step: str, reason: str) -> str:
    """``properties.colour: enum is empty`` of ``enum is empty``."""
    place, colon, why = reason.rpartition(": ")
    return f"{step}.{place}: {why}" if colon else f"{step}: {why}"


def free_empty_enum(schema: JsonObject, note: Note) -> JsonObject:
    """Of a result: options that are not listed are any."""
    if schema.get("enum") != []:
        return schema
    note("enum is empty and was dropped")
    return without(schema, "enum")
