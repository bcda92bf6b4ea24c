"""Says whether a schema is valid JSON Schema 2020-12, and if not, where and why in one line."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

from generators.importers.document import json_kind, short_repr
from generators.importers.plain_schemas import TYPES, is_plain
from schemas.errors import InputError
from schemas.record import JsonObject

_MAX_MESSAGE = 160


def check_schema(schema: JsonObject, place: str) -> None:
    """Raises InputError with the place of the fault that tells most."""
    if is_plain(schema):
        return
    fault = best_match(_metaschema().iter_errors(schema))
    if fault is not None:
        raise InputError(_problem(fault), place=_place(place, fault.absolute_path))


def satisfies(value: Any, schema: JsonObject) -> bool:
    """Whether a value is valid under a schema that was checked."""
    try:
        return bool(Draft202012Validator(schema).is_valid(value))
    except OverflowError:  # multipleOf divides whole numbers that no float can hold
        return False


def find_fault(value: Any, schema: JsonObject) -> str:
    """Where a value breaks a checked schema, and how, in one line; empty where it does not."""
    if satisfies(value, schema):
        return ""
    fault = best_match(Draft202012Validator(schema).iter_errors(value))
    return "" if fault is None else f"at {fault.json_path}: {_shorten(fault.message)}"


@cache
def _metaschema() -> Draft202012Validator:
    return Draft202012Validator(
        Draft202012Validator.META_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


def _place(place: str, path: Iterable[str | int]) -> str:
    return place + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _problem(fault: ValidationError) -> str:
    steps = list(fault.absolute_path)
    if _is_type(steps) and isinstance(fault.instance, str):
        return f"{short_repr(fault.instance)} is not a type; types are {', '.join(TYPES)}"
    if fault.validator == "type":
        wanted: Any = fault.validator_value
        names = [wanted] if isinstance(wanted, str) else wanted
        return f"must be of type {' or '.join(names)}, not {json_kind(fault.instance)}"
    return _shorten(fault.message)


def _shorten(message: str) -> str:
    message = " ".join(message.split())
    return message if len(message) <= _MAX_MESSAGE else f"{message[:_MAX_MESSAGE]}…"


def _is_type(steps: list[str | int]) -> bool:
    """The value of ``type``, alone or in a list; not a parameter that is called type."""
    if steps and isinstance(steps[-1], int):
        steps = steps[:-1]
    return steps[-1:] == ["type"] and steps[-2:-1] != ["properties"]
