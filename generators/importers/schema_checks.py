"""Whether a schema is valid JSON Schema 2020-12, whether a value satisfies it, and if not, why.

jsonschema-rs decides, as it takes a hundredth of the time. jsonschema, whose errors say more and
whose import takes a second, is asked only where something is wrong.
"""

from typing import TYPE_CHECKING, Any

import jsonschema_rs

from generators.importers.dialect_rules import read_truth
from generators.importers.documents import json_kind, parse_json, short_repr
from generators.importers.schema_keywords import map_subschemas
from schemas.errors import InputError
from schemas.record import JsonObject

if TYPE_CHECKING:
    from jsonschema import ValidationError

TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_MAX_MESSAGE = 160


def check_schema(schema: JsonObject, place: str) -> None:
    """Raises InputError with the place of the fault that tells most."""
    try:
        if jsonschema_rs.meta.is_valid(schema):
            return
    except ValueError:  # what only JSON Schema's own dialects cannot hold: jsonschema tells
        pass
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import best_match

    meta = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    fault = best_match(meta.iter_errors(schema))
    if fault is not None:
        steps = (
            f"[{step}]" if isinstance(step, int) else f".{step}" for step in fault.absolute_path
        )
        raise InputError(_say_problem(fault), place=place + "".join(steps))


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
    for value in _list_readings(default):
        if satisfies(value, schema):
            repairs.append(f"{place}: default {short_repr(default)} became {short_repr(value)}")
            return {**schema, "default": value}
    repairs.append(
        f"{place}: default {short_repr(default)} does not satisfy its schema and was dropped"
    )
    return {key: value for key, value in schema.items() if key != "default"}


def _list_readings(default: Any) -> list[Any]:
    """What a default may mean that is text where something else is wanted, or the reverse."""
    if isinstance(default, bool) or not isinstance(default, str | int | float):
        return []
    if not isinstance(default, str):
        return [str(default)]
    flag = read_truth(default)
    if flag is not None:
        return [flag]
    try:
        return [parse_json(default)]
    except InputError:
        return []


def _say_problem(fault: "ValidationError") -> str:
    steps: list[str | int] = list(fault.absolute_path)
    if steps and isinstance(steps[-1], int):  # of a list of types
        steps = steps[:-1]
    # A parameter may be called type, too.
    is_type = steps[-1:] == ["type"] and steps[-2:-1] != ["properties"]
    if is_type and isinstance(fault.instance, str):
        return f"{short_repr(fault.instance)} is not a type; types are {', '.join(TYPES)}"
    if fault.validator == "type":
        wanted: Any = fault.validator_value
        names = [wanted] if isinstance(wanted, str) else wanted
        return f"must be of type {' or '.join(names)}, not {json_kind(fault.instance)}"
    return _shorten(fault.message)


def _shorten(message: str) -> str:
    message = " ".join(message.split())
    return message if len(message) <= _MAX_MESSAGE else f"{message[:_MAX_MESSAGE]}…"
