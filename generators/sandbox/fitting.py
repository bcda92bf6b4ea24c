"""Does a value satisfy a schema, and can it be made to? A quick check of the common keywords.

Full validation of arguments is jsonschema's (`generators.sandbox.plans`); this is for the many
small checks while rows are made and shown. Rare keywords (``not``, ``if``) are left to jsonschema.
"""

import math
import re
from functools import lru_cache
from typing import Any, Final

from schemas.record import JsonObject

_BRANCHES = ("anyOf", "oneOf")
_KINDS = {
    "string": str,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}


class _Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""No value, as opposed to null."""


def simple(schema: JsonObject) -> JsonObject:
    """The schema with ``allOf`` merged, the first branch that is not null taken, one type left."""
    if "allOf" in schema:
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            merged = merge(merged, simple(part))
        schema = merged
    for key in _BRANCHES:
        if key in schema:
            rest = {name: value for name, value in schema.items() if name != key}
            branches = [part for part in schema[key] if part.get("type") != "null"]
            schema = merge(rest, simple((branches or schema[key])[0]))
    if isinstance(schema.get("type"), list):
        kinds = [kind for kind in schema["type"] if kind != "null"] or ["null"]
        schema = {**schema, "type": kinds[0]}
    return schema


def merge(first: JsonObject, second: JsonObject) -> JsonObject:
    """Both schemas at once; where they disagree on a keyword, the second has the word."""
    both = {**first, **second}
    if "properties" in first and "properties" in second:
        both["properties"] = {**first["properties"], **second["properties"]}
    if "required" in first and "required" in second:
        both["required"] = [*first["required"], *second["required"]]
    return both


def kind_of(schema: JsonObject) -> str:
    """The JSON type that a simple schema asks for, or that its keywords imply."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    if "items" in schema:
        return "array"
    sample = schema.get("const", next(iter(schema.get("enum", ())), None))
    return name_of(sample) if sample is not None else "any"


def name_of(value: Any) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) or value.is_integer() else "number"
    return next(name for name, kind in _KINDS.items() if isinstance(value, kind))


def fits(value: Any, schema: JsonObject) -> bool:
    """Whether the value satisfies the schema, as far as the common keywords go."""
    if not _of_type(value, schema.get("type")):
        return False
    if "enum" in schema and not any(_is_same(value, one) for one in schema["enum"]):
        return False
    if "const" in schema and not _is_same(value, schema["const"]):
        return False
    for key in _BRANCHES:
        if key in schema and not any(fits(value, part) for part in schema[key]):
            return False
    if "allOf" in schema and not all(fits(value, part) for part in schema["allOf"]):
        return False
    if isinstance(value, str):
        return _string_fits(value, schema)
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int | float):
        return _number_fits(value, schema)
    return _object_fits(value, schema) if isinstance(value, dict) else _array_fits(value, schema)


def _is_same(value: Any, other: Any) -> bool:
    """Whether two values are equal in JSON, where ``true`` is not ``1``."""
    return bool(value == other) and isinstance(value, bool) == isinstance(other, bool)


def _of_type(value: Any, kind: Any) -> bool:
    if kind is None:
        return True
    if isinstance(kind, list):
        return any(_of_type(value, one) for one in kind)
    if kind in ("integer", "number"):
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return kind == "number" or isinstance(value, int) or value.is_integer()
    return isinstance(value, _KINDS.get(kind, object))


def _string_fits(value: str, schema: JsonObject) -> bool:
    if len(value) < schema.get("minLength", 0) or len(value) > schema.get("maxLength", math.inf):
        return False
    return "pattern" not in schema or compiled(schema["pattern"]).search(value) is not None


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern; one that Python cannot read matches nothing but what it cannot judge: all."""
    try:
        return re.compile(pattern)
    except re.error:
        return re.compile("")


def _number_fits(value: float, schema: JsonObject) -> bool:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above, below = (
        schema.get("exclusiveMinimum", -math.inf),
        schema.get("exclusiveMaximum", math.inf),
    )
    if not (low <= value <= high and above < value < below):
        return False
    step = schema.get("multipleOf")
    return not step or abs(value / step - round(value / step)) < 1e-9


def _object_fits(value: JsonObject, schema: JsonObject) -> bool:
    if any(name not in value for name in schema.get("required", ())):
        return False
    properties = schema.get("properties", {})
    extra = schema.get("additionalProperties", True)
    for name, item in value.items():
        rule = properties.get(name, extra)
        if rule is False or (isinstance(rule, dict) and not fits(item, rule)):
            return False
    return True


def _array_fits(value: list[Any], schema: JsonObject) -> bool:
    if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", math.inf):
        return False
    if schema.get("uniqueItems") and any(item in value[:n] for n, item in enumerate(value)):
        return False
    rules = _rules(schema, len(value))
    return all(_allows(rule, item) for rule, item in zip(rules, value, strict=True))


def _rules(schema: JsonObject, length: int) -> list[Any]:
    """The rule of each element: a tuple's own ones come first."""
    first = schema.get("prefixItems", [])
    return [*first, *[schema.get("items", True)] * (length - len(first))][:length]


def _allows(rule: Any, item: Any) -> bool:
    return fits(item, rule) if isinstance(rule, dict) else rule is not False


def adapt(value: Any, schema: JsonObject) -> Any:
    """A copy that satisfies the schema, turned into its type where that is plain; else `MISSING`.

    Numbers become strings and back, a dictionary loses what the schema does not allow. What is
    missing stays so.
    """
    if value is MISSING:
        return MISSING
    if isinstance(value, dict | list):
        return _adapt_nested(value, simple(schema))
    if fits(value, schema):
        return value
    schema = simple(schema)
    other: Any = MISSING
    kind = kind_of(schema)
    if kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        other = str(value)
    elif kind in ("integer", "number") and isinstance(value, str):
        other = _as_number(value)
    elif kind == "integer" and isinstance(value, float):
        other = round(value)
    elif isinstance(value, str) and "enum" in schema:
        other = next((one for one in schema["enum"] if str(one).lower() == value.lower()), MISSING)
    return other if other is not MISSING and fits(other, schema) else MISSING


def _as_number(value: str) -> Any:
    try:
        number = float(value)
    except ValueError:
        return MISSING
    if not math.isfinite(number):
        return MISSING
    return int(number) if number.is_integer() else number


def _adapt_nested(value: Any, schema: JsonObject) -> Any:
    if isinstance(value, list):
        rules = _rules(schema, len(value))
        items = [
            adapt(item, rule if isinstance(rule, dict) else {})
            for rule, item in zip(rules, value, strict=True)
        ]
        copy: Any = [item for item in items if item is not MISSING][: schema.get("maxItems")]
    else:
        properties, extra = schema.get("properties", {}), schema.get("additionalProperties", True)
        copy = {}
        for name, item in value.items():
            rule = properties.get(name, {} if extra is True else extra)
            fitting = adapt(item, rule) if isinstance(rule, dict) else MISSING
            if fitting is not MISSING:
                copy[name] = fitting
    return copy if fits(copy, schema) else MISSING
