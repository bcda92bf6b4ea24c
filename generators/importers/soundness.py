"""Says whether a schema is valid JSON Schema 2020-12, and if not, where and why in one line."""

from collections.abc import Iterable
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match
from jsonschema_specifications import REGISTRY  # type: ignore[import-untyped]

from generators.importers.document import json_kind, short_repr
from schemas.errors import InputError
from schemas.record import JsonObject

_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_MAX_MESSAGE = 160
_BASE = "https://json-schema.org/draft/2020-12/"


def check_schema(schema: JsonObject, place: str) -> None:
    """Raises InputError with the place of the fault that tells most."""
    if _one_metaschema().is_valid(schema):
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


@cache
def _metaschema() -> Draft202012Validator:
    return Draft202012Validator(
        Draft202012Validator.META_SCHEMA, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@cache
def _one_metaschema() -> Draft202012Validator:
    """The same in one document: five times as fast, but its faults are told less well."""
    whole = Draft202012Validator.META_SCHEMA
    merged: JsonObject = {"type": whole["type"], "properties": {}, "$defs": {}}
    vocabularies = [REGISTRY.contents(_BASE + part["$ref"]) for part in whole["allOf"]]
    for vocabulary in (*vocabularies, whole):
        for keyword in ("properties", "$defs"):
            merged[keyword].update(_pointing_inwards(vocabulary.get(keyword, {})))
    return Draft202012Validator(merged, format_checker=Draft202012Validator.FORMAT_CHECKER)


def _pointing_inwards(schema: Any) -> Any:
    """References to another vocabulary, or to whatever extends it, lead to the merged document."""
    if isinstance(schema, list):
        return [_pointing_inwards(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    if "$dynamicRef" in schema and isinstance(schema["$dynamicRef"], str):
        return {"$ref": "#"}
    inwards = {key: _pointing_inwards(value) for key, value in schema.items()}
    if isinstance(schema.get("$ref"), str):
        inwards["$ref"] = "#" + schema["$ref"].partition("#")[2]
    return inwards


def _place(place: str, path: Iterable[str | int]) -> str:
    return place + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _problem(fault: ValidationError) -> str:
    steps = list(fault.absolute_path)
    if _is_type(steps) and isinstance(fault.instance, str):
        return f"{short_repr(fault.instance)} is not a type; types are {', '.join(_TYPES)}"
    if fault.validator == "type":
        wanted: Any = fault.validator_value
        names = [wanted] if isinstance(wanted, str) else wanted
        return f"must be of type {' or '.join(names)}, not {json_kind(fault.instance)}"
    message = " ".join(fault.message.split())
    return message if len(message) <= _MAX_MESSAGE else f"{message[:_MAX_MESSAGE]}…"


def _is_type(steps: list[str | int]) -> bool:
    """The value of ``type``, alone or in a list; not a parameter that is called type."""
    if steps and isinstance(steps[-1], int):
        steps = steps[:-1]
    return steps[-1:] == ["type"] and steps[-2:-1] != ["properties"]
