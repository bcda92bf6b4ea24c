"""Whether a schema is valid JSON Schema 2020-12, whether a value satisfies it, and if not, why.

jsonschema-rs decides, as it takes a hundredth of the time. jsonschema, whose errors say more and
whose import takes a second, is asked only where something is wrong.
"""

from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from generators.importers.dialect_rules import read_truth
from generators.importers.documents import json_kind, parse_json, short_repr
from generators.importers.foreign_types import JSON_TYPES
from generators.importers.subschemas import map_subschemas
from schemas.errors import InputError
from schemas.record import JsonObject

if TYPE_CHECKING:
    from jsonschema import ValidationError

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
    problem = describe_fault(fault)
    # A parameter may be called type, too.
    is_type = steps[-1:] == ["type"] and steps[-2:-1] != ["properties"]
    if is_type and isinstance(fault.instance, str):
        types = ", ".join(sorted(JSON_TYPES))
        problem = f"{short_repr(fault.instance)} is not a type; types are {types}"
    raise InputError(problem, place=write_place(place, fault.absolute_path))


def describe_fault(fault: "ValidationError") -> str:
    """What a validator found, in one line."""
    if fault.validator == "type":
        wanted: Any = fault.validator_value
        names = " or ".join([wanted] if isinstance(wanted, str) else map(str, wanted))
        return f"must be of type {names}, not {json_kind(fault.instance)}"
    return _shorten(fault.message)


def write_place(place: str, path: Iterable[str | int]) -> str:
    """Where a fault stands, as messages write it: ``parameters.type[1]``."""
    return place + "".join(f"[{one}]" if isinstance(one, int) else f".{one}" for one in path)


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
    return {key: value for key, value in schema.items() if key != "default"}
