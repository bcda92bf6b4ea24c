"""Demands for masses are refused: fifty million elements would really be made."""

import re
from contextlib import suppress
from re import _parser as sre  # the one way to know how short a match can be
from typing import Any

from schemas.errors import InputError
from schemas.record import JsonObject

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
        _refuse_long_text(schema, place)
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


def _refuse_long_text(schema: JsonObject, place: str) -> None:
    least, pattern = _count(schema, "minLength"), schema.get("pattern")
    if isinstance(pattern, str):
        with suppress(re.error, OverflowError, RecursionError):  # in another language's dialect
            least = max(least, sre.parse(pattern).getwidth()[0])
    if least > MOST_CHARACTERS:
        raise InputError(
            f"asks for {least:,} characters at the least; {MOST_CHARACTERS:,} are the most made",
            place=place,
        )
