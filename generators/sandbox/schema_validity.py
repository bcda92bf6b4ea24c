"""Does a value satisfy a schema, and can it be made to? A quick check of the common keywords.

Full validation of arguments is jsonschema's (`generators.sandbox.compiled_tools`); this is for
the many small checks while rows are made and shown. Rare keywords (``not``, ``if``) are left
to jsonschema.
"""

import math
from collections.abc import Callable
from typing import Any, Final

from generators.identity_cache import remembered
from generators.sandbox.predicates import BRANCHES, KINDS, predicate_of
from generators.sandbox.row_values import copied
from schemas.record import JsonObject


class _Missing:
    """The type of `MISSING`."""

    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""No value, as opposed to null."""


def simple(schema: JsonObject) -> JsonObject:
    """The schema with ``allOf`` merged, the first branch that is not null taken, one type left."""
    if "anyOf" in schema or "oneOf" in schema or "allOf" in schema:
        return _simplified(schema)
    return _simplified(schema) if isinstance(schema.get("type"), list) else schema


@remembered
def _simplified(schema: JsonObject) -> JsonObject:
    if "allOf" in schema:
        merged = {key: value for key, value in schema.items() if key != "allOf"}
        for part in schema["allOf"]:
            merged = merge(merged, simple(part))
        schema = merged
    for key in BRANCHES:
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
    return next(name for name, kind in KINDS.items() if isinstance(value, kind))


def fits(value: Any, schema: JsonObject) -> bool:
    """Whether the value satisfies the schema, as far as the common keywords go."""
    return not schema or predicate_of(schema)(value)


def adapt(value: Any, schema: JsonObject) -> Any:
    """A copy that satisfies the schema, turned into its type where that is plain; else `MISSING`.

    Numbers become strings and back, a dictionary loses what the schema does not allow. What is
    missing stays so.
    """
    return adapter_of(schema)(value)


Adapter = Callable[[Any], Any]


@remembered
def adapter_of(schema: JsonObject) -> Adapter:
    """`adapt` for many values and one schema."""
    if not schema:
        return copied
    holds, plain = predicate_of(schema), simple(schema)
    adapt_list, adapt_object = _list_adapter(plain), _object_adapter(plain)

    def adapted(value: Any) -> Any:
        if isinstance(value, dict):
            return adapt_object(value)
        if isinstance(value, list):
            return adapt_list(value)
        if value is MISSING or holds(value):
            return value
        return _turned(value, plain)

    return adapted


def _turned(value: Any, schema: JsonObject) -> Any:
    """A scalar in the type that the schema asks for."""
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


def _rule_adapter(rule: Any) -> Adapter:
    return adapter_of(rule) if isinstance(rule, dict) else copied


def _list_adapter(schema: JsonObject) -> Adapter:
    """Elements that cannot be adapted are left out; a tuple's own rules come first."""
    places = [_rule_adapter(rule) for rule in schema.get("prefixItems", ())]
    rest, most, holds = (
        _rule_adapter(schema.get("items")),
        schema.get("maxItems"),
        predicate_of(schema),
    )

    def adapted(value: list[Any]) -> Any:
        made = [rule(item) for rule, item in zip(places, value, strict=False)]
        made += [rest(item) for item in value[len(places) :]]
        copy = [item for item in made if item is not MISSING][:most]
        return copy if holds(copy) else MISSING

    return adapted


def _object_adapter(schema: JsonObject) -> Adapter:
    """Properties that the schema does not allow, or that cannot be adapted, are left out."""
    extra = schema.get("additionalProperties", True)
    others = copied if extra is True else _kept_adapter(extra)
    rules = {name: _kept_adapter(rule) for name, rule in schema.get("properties", {}).items()}
    holds = predicate_of(schema)

    def adapted(value: JsonObject) -> Any:
        made = {name: rules.get(name, others)(item) for name, item in value.items()}
        copy = {name: item for name, item in made.items() if item is not MISSING}
        return copy if holds(copy) else MISSING

    return adapted


def _kept_adapter(rule: Any) -> Adapter:
    return adapter_of(rule) if isinstance(rule, dict) else _left_out


def _left_out(value: Any) -> Any:
    del value
    return MISSING
