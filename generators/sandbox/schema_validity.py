"""Whether a value satisfies a schema, and whether it can be made to.

jsonschema-rs decides; formats are not asserted, as JSON Schema 2020-12 has it. On the checks of a
build it takes 0.3 µs where predicates of our own took 0.9 and jsonschema 1.5 to 60, and knows every
keyword.
"""

import math
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from generators.identity_cache import Same, remembered
from generators.world.expression_values import MISSING as MISSING
from schemas.canonical import copied
from schemas.record import JsonObject

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

_NESTED = (dict, list)
_KINDS: Mapping[str, type] = {"string": str, "boolean": bool, "object": dict, "array": list,
                              "null": type(None)}  # fmt: skip
"""JSON type → Python type, for those where nothing else counts."""


def keeps_format(value: Any, schema: JsonObject) -> bool:
    """Whether the texts within the value are of the formats that the schema names, as well."""
    judge = _judge_of_formats(Same(schema))
    try:
        return fits(value, schema) if judge is None else judge(value)
    except ValueError:  # no JSON for it
        return fits(value, schema)


@lru_cache(maxsize=1024)  # a judge takes some kilobytes, and few are asked again much later
def _judge_of_formats(schema: Same[JsonObject]) -> Callable[[Any], bool] | None:
    """What says that, formats as well; None for a pattern in Python's own dialect."""
    try:
        return jsonschema_rs.Draft202012Validator(
            schema.it, offline=True, validate_formats=True
        ).is_valid
    except ValueError:
        return None


def fits(value: Any, schema: JsonObject) -> bool:
    """Whether the value satisfies the schema."""
    if not schema:
        return True
    judge = _judge_of(schema)
    try:
        return judge(value)
    except ValueError:  # no JSON for it: a lone surrogate, a key that is no text
        return value is not MISSING and read_widely(schema).is_valid(value)


@remembered
def _judge_of(schema: JsonObject) -> Callable[[Any], bool]:
    """What says whether a value satisfies the schema."""
    try:
        return jsonschema_rs.Draft202012Validator(schema, offline=True).is_valid
    except ValueError:  # a pattern in Python's own dialect
        return read_widely(schema).is_valid


def read_widely(schema: JsonObject) -> "Draft202012Validator":
    """The slower judge, which takes what Python takes and tells what is wrong.

    It is seldom needed, and its import takes a tenth of a start.
    """
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema)


def find_error(value: Any, schema: JsonObject) -> Any:
    """The first thing that is wrong with a value, as jsonschema tells it; None for nothing."""
    return next(read_widely(schema).iter_errors(value), None)


def simple(schema: JsonObject) -> JsonObject:
    """The schema with ``allOf`` merged, the first branch that is not null taken, one type left."""
    composed = "anyOf" in schema or "oneOf" in schema or "allOf" in schema
    composed = composed or isinstance(schema.get("type"), list)
    return readings(schema)[0] if composed else schema


_MOST_READINGS = 12


@remembered
def readings(schema: JsonObject) -> tuple[JsonObject, ...]:
    """What a schema comes to, with one branch of each choice and one type; null is the last.

    A value of any of them may satisfy the schema, if it is of one branch alone where that is asked.
    """
    rest = {key: value for key, value in schema.items() if key not in _CHOICES}
    found: list[JsonObject] = [rest]
    for part in schema.get("allOf", ()):
        found = [merge(one, other) for one in found for other in readings(_as_schema(part))]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            branches = [other for part in schema[key] for other in readings(_as_schema(part))]
            if any("enum" in one for one in branches):  # sooner than any text beside them
                branches.sort(key=lambda part: part.keys() <= _BARE)
            branches.sort(key=lambda part: part.get("type") == "null")
            found = [merge(one, other) for one in found for other in branches]
    if "if" in schema:
        met = merge(_as_schema(schema["if"]), _as_schema(schema.get("then", True)))
        found = [merge(one, other) for other in (met, schema.get("else", True))
                 for one in found for other in readings(_as_schema(other))]  # fmt: skip
    listed = [one for one in found if isinstance(one.get("type"), list)]
    for one in listed:
        kinds = sorted(one["type"], key=lambda kind: kind == "null")
        at = found.index(one)
        found[at : at + 1] = [{**one, "type": kind} for kind in kinds]
    return tuple(found[:_MOST_READINGS])


_BARE = frozenset({"type", "title", "description"})
_CHOICES = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else"})


def _as_schema(part: JsonObject | bool) -> JsonObject:
    """``True`` says nothing; ``False`` allows nothing."""
    return part if isinstance(part, dict) else {} if part else {"not": {}}


def merge(first: JsonObject, second: JsonObject) -> JsonObject:
    """Both schemas at once; where they disagree on a keyword, the second has the word."""
    both = {**first, **second}
    if "properties" in first and "properties" in second:
        shared = {
            name: merge(_as_schema(first["properties"][name]), _as_schema(rule))
            for name, rule in second["properties"].items()
            if name in first["properties"]
        }
        both["properties"] = {**first["properties"], **second["properties"], **shared}
    if "required" in first and "required" in second:
        both["required"] = [*first["required"], *second["required"]]
    for key, tighter in (("minimum", max), ("maximum", min)):
        if key in first and key in second:
            both[key] = tighter(first[key], second[key])
    return both


_SIGNS = (
    ("object", frozenset({"properties", "additionalProperties", "patternProperties",
                          "propertyNames", "minProperties", "required"})),
    ("array", frozenset({"items", "prefixItems", "contains", "minItems", "uniqueItems"})),
    ("string", frozenset({"pattern", "minLength", "maxLength", "contentEncoding"})),
    ("number", frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})),
)  # fmt: skip
"""Keywords that say of what type a value is where no type is told."""


def kind_of(schema: JsonObject) -> str:
    """The JSON type that a simple schema asks for, or that its keywords imply."""
    kind = schema.get("type")
    if isinstance(kind, str):
        return kind
    sample = schema.get("const", next(iter(schema.get("enum", ())), None))
    if sample is not None:
        return name_of(sample)
    return next((kind for kind, signs in _SIGNS if not signs.isdisjoint(schema)), "any")


def name_of(value: Any) -> str:
    """The JSON type of a value."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "integer" if isinstance(value, int) or value.is_integer() else "number"
    return next(name for name, kind in _KINDS.items() if isinstance(value, kind))


def adapt(value: Any, schema: JsonObject | bool) -> Any:
    """A copy that satisfies the schema, turned into its type where that is plain; else `MISSING`.

    Numbers become strings and back; a dictionary loses what the schema does not allow, a list the
    elements that cannot be adapted. What is missing stays so.
    """
    if isinstance(schema, bool):
        return copied(value) if schema else MISSING
    if value is MISSING or fits(value, schema):
        return copied(value) if isinstance(value, _NESTED) else value
    made: Any = MISSING
    plain = simple(schema)
    kind = kind_of(plain)
    if isinstance(value, dict):
        rules, extra = plain.get("properties", {}), plain.get("additionalProperties", True)
        parts = {name: adapt(item, rules.get(name, extra)) for name, item in value.items()}
        made = {name: item for name, item in parts.items() if item is not MISSING}
    elif isinstance(value, list):
        places, rest = plain.get("prefixItems", ()), plain.get("items", True)
        rules = [*places, *[rest] * (len(value) - len(places))]
        items = [adapt(item, rule) for item, rule in zip(value, rules, strict=False)]
        made = [item for item in items if item is not MISSING][: plain.get("maxItems")]
    elif kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
        made = str(value)
    elif kind in ("integer", "number") and isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return MISSING
        whole = number.is_integer()  # neither infinity nor NaN is
        made = int(number) if whole else number if math.isfinite(number) else MISSING
    elif kind == "integer" and isinstance(value, float):
        made = round(value)
    elif isinstance(value, str) and "enum" in plain:
        made = next((one for one in plain["enum"] if str(one).lower() == value.lower()), MISSING)
    return made if made is not MISSING and fits(made, plain) else MISSING


def list_choices(schema: JsonObject, most: int = 32) -> list[Any]:
    """All values that a schema allows, where these are few."""
    plain = simple(schema)
    if plain.get("enum"):
        return list(plain["enum"])
    if plain.get("type") == "boolean":
        return [True, False]
    low, high = plain.get("minimum"), plain.get("maximum")
    if plain.get("type") != "integer" or not isinstance(low, int) or not isinstance(high, int):
        return []
    return [*range(low, high + 1)] if high - low < most else []
