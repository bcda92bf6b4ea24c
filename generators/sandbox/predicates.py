"""A schema as a predicate: compiled once, asked many times. Common keywords only.

`generators.sandbox.schema_validity` asks it of values while rows are made and shown;
`generators.sandbox.compiled_tools` asks it of arguments, where `is_exact` says that its yes is
jsonschema's.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from generators.identity_cache import remembered
from schemas.record import JsonObject

Predicate = Callable[[Any], bool]

BRANCHES = ("anyOf", "oneOf")
KINDS: Mapping[str, type] = {
    "string": str,
    "boolean": bool,
    "object": dict,
    "array": list,
    "null": type(None),
}
"""JSON type → Python type, for those where nothing else counts."""

_SAID = frozenset(
    "title description default examples example format deprecated readOnly writeOnly $comment"
    .split()
)  # fmt: skip
"""Keywords that say something and demand nothing."""
_EXACT = _SAID | frozenset(
    "type enum properties required additionalProperties items minItems maxItems minLength maxLength"
    " pattern minimum maximum exclusiveMinimum exclusiveMaximum anyOf allOf".split()
)


@remembered
def predicate_of(schema: JsonObject) -> Predicate:
    """Whether a value satisfies the schema, as far as the common keywords go."""
    return _all_of(list(_checks(schema)))


def _all_of(checks: list[Predicate]) -> Predicate:
    if not checks:
        return _anything
    if len(checks) == 1:
        return checks[0]
    first, *others = checks
    rest = _all_of(others)
    return lambda value: first(value) and rest(value)


def _anything(value: Any) -> bool:
    del value
    return True


def _nothing(value: Any) -> bool:
    del value
    return False


def _checks(schema: JsonObject) -> Iterator[Predicate]:
    if schema.get("type") is not None:
        yield _typed(schema["type"])
    if "enum" in schema:
        yield _one_of(schema["enum"])
    if "const" in schema:
        yield _one_of([schema["const"]])
    for key in BRANCHES:
        if key in schema:
            yield _any_of([rule_of(part) for part in schema[key]])
    for part in schema.get("allOf", ()):
        yield rule_of(part)
    checks = _by_kind(schema)
    if isinstance(schema.get("type"), str):
        yield from filter(None, [checks.get(schema["type"])])
    else:
        yield from (_only_for(kind, check) for kind, check in checks.items() if check)


def _by_kind(schema: JsonObject) -> dict[str, Predicate | None]:
    """What is asked of the values of one kind, which have that kind already."""
    number = _number(schema)
    return {"string": _text(schema), "array": _array(schema), "object": _object(schema),
            "integer": number, "number": number}  # fmt: skip


def _one_of(options: list[Any]) -> Predicate:
    """Equality of JSON, where ``true`` is not ``1``."""
    if all(isinstance(option, str) for option in options):
        return lambda value: value in options
    return lambda value: any(
        value == one and isinstance(value, bool) == isinstance(one, bool) for one in options
    )


def _only_for(kind: str, check: Predicate) -> Predicate:
    """The check of one kind of value; values of other kinds pass."""
    is_kind = _typed(kind)
    return lambda value: not is_kind(value) or check(value)


def _any_of(options: list[Predicate]) -> Predicate:
    return lambda value: any(option(value) for option in options)


def _typed(kind: Any) -> Predicate:
    if isinstance(kind, list):
        return _any_of([_typed(one) for one in kind])
    if kind == "number":
        return _is_number
    if kind == "integer":
        return _is_integer
    wanted = KINDS.get(kind, object)
    return lambda value: isinstance(value, wanted)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_integer(value: Any) -> bool:
    return _is_number(value) and (isinstance(value, int) or value.is_integer())


def _text(schema: JsonObject) -> Predicate | None:
    least, most = schema.get("minLength", 0), schema.get("maxLength", math.inf)
    if "pattern" in schema:
        search = compiled(schema["pattern"]).search
        return lambda value: least <= len(value) <= most and search(value) is not None
    return None if (least, most) == (0, math.inf) else lambda value: least <= len(value) <= most


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern; one that Python cannot read matches nothing but what it cannot judge: all."""
    try:
        return re.compile(pattern)
    except re.error:
        return re.compile("")


_BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")


def _number(schema: JsonObject) -> Predicate | None:
    if not any(key in schema for key in _BOUNDS):
        return None
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    above = schema.get("exclusiveMinimum", -math.inf)
    below = schema.get("exclusiveMaximum", math.inf)
    step = schema.get("multipleOf")

    def within(value: Any) -> bool:
        if not (low <= value <= high and above < value < below):
            return False
        return not step or abs(value / step - round(value / step)) < 1e-9

    return within


def _object(schema: JsonObject) -> Predicate | None:
    required = frozenset(schema.get("required", ()))
    rules = {name: rule_of(rule) for name, rule in schema.get("properties", {}).items()}
    extra = rule_of(schema.get("additionalProperties", True))
    if not required and extra is _anything and all(rule is _anything for rule in rules.values()):
        return None

    def holds(value: JsonObject) -> bool:
        if not value.keys() >= required:
            return False
        return all(rules.get(name, extra)(item) for name, item in value.items())

    return holds


def rule_of(rule: Any) -> Predicate:
    """The predicate of a schema, or of ``true`` and ``false`` in the place of one."""
    if isinstance(rule, dict):
        return predicate_of(rule)
    return _nothing if rule is False else _anything


def _array(schema: JsonObject) -> Predicate | None:
    least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
    places = [rule_of(rule) for rule in schema.get("prefixItems", ())]
    rest, unique = rule_of(schema.get("items", True)), bool(schema.get("uniqueItems"))

    def holds(value: list[Any]) -> bool:
        if not least <= len(value) <= most:
            return False
        if unique and any(item in value[:number] for number, item in enumerate(value)):
            return False
        if not all(rule(item) for rule, item in zip(places, value, strict=False)):
            return False
        return rest is _anything or all(rest(item) for item in value[len(places) :])

    return holds


@remembered
def is_exact(schema: JsonObject) -> bool:
    """Whether the predicate's yes means that jsonschema finds nothing wrong.

    So it is where all keywords are plain and nothing turns on Python's ``True == 1``.
    """
    if not _EXACT.issuperset(schema) or not _plain_options(schema):
        return False
    parts = [*schema.get("anyOf", ()), *schema.get("allOf", ())]
    parts += schema.get("properties", {}).values()
    parts += [schema[key] for key in ("items", "additionalProperties") if key in schema]
    if not _is_readable(schema.get("pattern", "")):
        return False
    return all(isinstance(part, bool) or is_exact(part) for part in parts)


def _plain_options(schema: JsonObject) -> bool:
    """Whether equality is the same for all: texts and null, or numbers where only they pass."""
    options = schema.get("enum", ())
    if all(option is None or isinstance(option, str) for option in options):
        return True
    numeric = schema.get("type") in ("integer", "number")
    return numeric and all(map(_is_number, options))


def _is_readable(pattern: str) -> bool:
    return not pattern or bool(compiled(pattern).pattern)
