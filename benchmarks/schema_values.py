"""Values drawn from a JSON Schema alone: whatever it allows, odd ones included.

Nothing here knows what a name means. Most keywords are kept to by construction; the rest is left to
a validator: a value that it refuses is drawn again.
"""

import math
from random import Random
from typing import Any

from jsonschema import Draft202012Validator

from generators.sandbox.schema_validity import merge, simple
from generators.sandbox.text_values import match_pattern
from schemas.record import JsonObject

_TRIES = 30
_DEPTH = 6
_STRINGS = (
    "", " ", "0", "12", "-1", "1.0", "true", "null", "None", "a", "A b c", "ß", "日本", "🎈",
    "\n", "\x00", "*", "[", "[!]", "**/*", "../..", "/", "//", ".", "is:open", ":", "%s", "{x}",
    "1e999", "NaN", "9**9**9", "1e308*10", "2026-02-30", "2026-03-12", "2026-03-12T09:00:00Z",
    "24:61", "12:00", "0000-00-00", "9999-12-31", "Europe/Paris", "Mars/Base", "EUR", "usd",
    "status", "price desc", "-created", "open", "x" * 300, "mia@example.com", "+4520123456",
    "123e4567-e89b-12d3-a456-426614174000", "https://example.com/a?b=c#d",
)  # fmt: skip
_NUMBERS = (
    0, 1, -1, 2, 7, 30, 999, 10**9, -0.0, 0.5, 1.0, 3.0, 2.5, 1e-9, 1e21, 1e308, -1e308, 10**30,
    2**63,
)  # fmt: skip
_NAMES = ("extra", "x-y", "", "a.b", "a[0]", "name", "id")


def draw(schema: JsonObject, rng: Random) -> Any | None:
    """A value that the schema allows; None where none was found."""
    validator = Draft202012Validator(schema)
    for _ in range(_TRIES):
        made = value(schema, rng)
        if validator.is_valid(made):
            return made
    return None


def value(schema: Any, rng: Random, depth: int = 0) -> Any:
    """A value that is meant to be allowed."""
    schema = _branch(schema if isinstance(schema, dict) else {}, rng)
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    kind = _kind(schema, rng)
    if kind == "object":
        return _object(schema, rng, depth)
    if kind == "array":
        return _array(schema, rng, depth)
    if kind == "string":
        return _string(schema, rng)
    if kind in ("integer", "number"):
        return _number(schema, kind, rng)
    return rng.random() < 0.5 if kind == "boolean" else None


def _branch(schema: JsonObject, rng: Random) -> JsonObject:
    """The schema with ``allOf`` merged and one of its alternatives taken."""
    for key in ("anyOf", "oneOf"):
        if key in schema:
            rest = {name: part for name, part in schema.items() if name != key}
            chosen = rng.choice(schema[key])
            schema = merge(rest, _branch(chosen if isinstance(chosen, dict) else {}, rng))
    if "allOf" in schema:
        parts = [simple(part) for part in schema["allOf"] if isinstance(part, dict)]
        schema = {name: part for name, part in schema.items() if name != "allOf"}
        for part in parts:
            schema = merge(schema, part)
    return schema


def _kind(schema: JsonObject, rng: Random) -> str:
    kind = schema.get("type")
    if isinstance(kind, list):
        return str(rng.choice(kind))
    if isinstance(kind, str):
        return kind
    if "properties" in schema:
        return "object"
    if "items" in schema:
        return "array"
    return rng.choice(("string", "integer", "number", "boolean", "null", "object", "array"))


def _object(schema: JsonObject, rng: Random, depth: int) -> JsonObject:
    required, free = schema.get("required", ()), schema.get("additionalProperties", True)
    properties = schema.get("properties", {})
    wanted = 0.0 if depth > _DEPTH else rng.choice((0.1, 0.4, 0.9))
    made = {
        name: value(rule, rng, depth + 1)
        for name, rule in properties.items()
        if name in required or rng.random() < wanted
    }
    if free is not False and rng.random() < (0.1 if properties else 0.7):
        name = rng.choice(_NAMES)
        if name not in properties:
            made[name] = value(free, rng, max(depth + 1, _DEPTH)) if depth <= _DEPTH + 1 else 0
    return made


def _array(schema: JsonObject, rng: Random, depth: int) -> list[Any]:
    least = schema.get("minItems", 0)
    most = min(schema.get("maxItems", least + 3), least + 3)
    count = least if depth > _DEPTH else rng.randint(least, max(least, most))
    first = schema.get("prefixItems", ())
    rest = schema.get("items", {})
    made = [value(rule, rng, depth + 1) for rule in first[:count]]
    return made + [value(rest, rng, depth + 1) for _ in range(count - len(made))]


def _string(schema: JsonObject, rng: Random) -> str:
    if "pattern" in schema:
        found = match_pattern(str(schema["pattern"]), rng)
        return found if found is not None else rng.choice(_STRINGS)
    made = rng.choice(_STRINGS)
    while len(made) < schema.get("minLength", 0):
        made += rng.choice("aZ 0-é")
    return made[: schema.get("maxLength")]


def _number(schema: JsonObject, kind: str, rng: Random) -> float:
    low = schema.get("minimum", schema.get("exclusiveMinimum"))
    high = schema.get("maximum", schema.get("exclusiveMaximum"))
    made = rng.choice(_NUMBERS)
    if low is not None or high is not None:
        bottom: float = low if low is not None else (high or 0) - 100
        made = bottom + rng.random() * ((high if high is not None else bottom + 100) - bottom)
        made = rng.choice((made, low or bottom, high or bottom + 1, round(made)))
    if schema.get("multipleOf"):
        made = round(made % 1e6 / schema["multipleOf"]) * schema["multipleOf"]
    if kind == "integer" and math.isfinite(made):
        whole = int(made)
        return float(whole) if rng.random() < 0.2 and abs(whole) < 2**53 else whole
    return made
