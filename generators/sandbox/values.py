"""Values of the right meaning that satisfy a schema.

`invent` makes one value; nested objects and lists are made through their properties. What makes the
values of one row agree is its `Scene`; the order of dates and the sums of prices are put right in
`generators.sandbox.coherence`.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any

from generators.inference.semantics import semantic_type
from generators.sandbox import amounts, ids, moments, phrases
from generators.sandbox.coherence import put_right
from generators.sandbox.fitting import MISSING, adapt, fits, kind_of, simple
from generators.sandbox.naming import in_words, singular
from generators.sandbox.patterns import match
from generators.sandbox.same import Same
from generators.sandbox.sayings import Want, say
from generators.sandbox.scene import Scene
from generators.world import ParameterModel
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_TRIES = 6
_DEGREES = 4
LARGE = 24
"""Scalars of a value beyond which one is enough where several could be made."""


def invent(
    semantic: SemanticType,
    schema: JsonObject,
    rng: Random,
    *,
    name: str = "",
    noun: str = "",
    clock: str | datetime,
    scene: Scene | None = None,
) -> Any:
    """A value of this meaning that satisfies the schema.

    ``scene`` holds the people and places of the row that the value is for; without it the value
    stands alone. ``clock`` is now, ISO 8601 or a datetime.
    """
    when = moments.read_clock(clock) if isinstance(clock, str) else clock
    scene = scene or Scene(rng)
    return make(Want(semantic, simple(schema), name, noun, rng, scene, when))


def make(want: Want) -> Any:
    """The value that is wanted."""
    schema = want.schema
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return _choose(schema["enum"], want)
    kind = kind_of(schema)
    if kind == "object":
        return _object(want)
    if kind == "array":
        return _array(want)
    if kind == "null":
        return None
    if kind == "boolean" or (kind == "any" and want.semantic == "boolean"):
        return _truth(want)
    if kind in ("integer", "number"):
        return _number(want)
    return _string(want)


def _choose(options: list[Any], want: Want) -> Any:
    real = [option for option in options if option is not None] or options
    return want.rng.choice(real)


def _truth(want: Want) -> bool:
    usual = want.schema.get("default")
    if isinstance(usual, bool):
        return usual if want.rng.random() < 0.8 else not usual
    return want.rng.random() < 0.6


def _number(want: Want) -> Any:
    if want.semantic in ("date", "datetime"):
        when = moments.moment(want.name, want.noun, want.rng, want.clock)
        stamp = moments.datetime_text(when, want.schema)
        return stamp if fits(stamp, want.schema) else amounts.within(stamp, want.schema, want.rng)
    if want.semantic in ("opaque_id", "zip", "phone"):
        return amounts.within(
            ids.opaque(want.schema, want.rng, "", "", want.scene), want.schema, want.rng
        )
    if want.semantic in ("latitude", "longitude"):
        degree = getattr(want.scene.place(want.name), want.semantic)
        decimals = 0 if kind_of(want.schema) == "integer" else _DEGREES
        return (
            degree
            if fits(degree, want.schema)
            else amounts.within(degree, want.schema, want.rng, decimals)
        )
    return amounts.number(want.semantic, want.schema, want.rng, want.name)


def _object(want: Want) -> JsonObject:
    """Every property, each of the meaning that its own name has; dates in order, sums right."""
    properties: Mapping[str, JsonObject] = want.schema.get("properties", {})
    noun = singular(in_words(want.name)) or want.noun
    inner = want.scene.within() if want.name else want.scene
    made = {}
    for name, rule in properties.items():
        part = simple(rule) if isinstance(rule, dict) else {}
        made[name] = make(Want(meaning(name, part), part, name, noun, want.rng, inner, want.clock))
    extra = want.schema.get("additionalProperties")
    if not properties and isinstance(extra, dict):
        made = {phrases.label(want.rng, want.noun, want.name): make(_within(want, extra))}
    return put_right(made, properties)


@lru_cache(maxsize=16_384)
def leaf_count(schema: Same[JsonObject]) -> int:
    """How many scalars a value of the schema has, one element of each list counted."""
    plain = simple(schema.it)
    parts = [part for part in plain.get("properties", {}).values() if isinstance(part, dict)]
    items = plain.get("items")
    parts += [items] if isinstance(items, dict) else []
    return sum(leaf_count(Same(part)) for part in parts) if parts else 1


def _array(want: Want) -> list[Any]:
    """One to three different elements, or as many as the schema asks for; of a tuple, its own.

    Of large elements one.
    """
    places, rule = want.schema.get("prefixItems", ()), want.schema.get("items")
    made = [_element(want, place) for place in places]
    least, most = want.schema.get("minItems", 0), want.schema.get("maxItems", max(3, len(made)))
    usual = len(made) if made or rule is False else want.rng.randint(1, 3)
    if usual > 1 and isinstance(rule, dict) and leaf_count(Same(rule)) > LARGE:
        usual = 1
    count = max(least, min(most, usual))
    for _ in range(count * _TRIES):
        if len(made) >= count:
            break
        value = _element(want, rule if isinstance(rule, dict) else {"type": "string"})
        if value not in made:
            made.append(value)
    return made[:count]


def _element(want: Want, rule: Any) -> Any:
    own = _within(want, rule if isinstance(rule, dict) else {})
    return make(replace(own, scene=Scene(want.rng)))


def _within(want: Want, rule: JsonObject) -> Want:
    """The element of a list, or the value of a free object."""
    part = simple(rule)
    name = singular(in_words(want.name)).replace(" ", "_")
    given = want.semantic if want.semantic not in ("list", "object", "unknown") else None
    listed = want.schema.get("description")
    if not given and listed and "description" not in part and part.get("type") == "string":
        told = meaning(name, {**part, "description": listed})
        if told == "country":
            part = {**part, "description": listed}
    return replace(want, semantic=given or meaning(name, part), schema=part, name=name)


def meaning(name: str, schema: JsonObject) -> SemanticType:
    """`semantic_type`, remembered by what it depends on."""
    kind, shown = schema.get("type"), schema.get("description", "")
    if "enum" in schema or "const" in schema or "properties" in schema or "items" in schema:
        return semantic_type(name, schema, shown)
    return _meaning(name, str(kind or ""), str(schema.get("format", "")), str(shown))


@lru_cache(maxsize=16_384)
def _meaning(name: str, kind: str, form: str, description: str) -> SemanticType:
    schema = {"type": kind, "format": form, "description": description}
    return semantic_type(name, {key: value for key, value in schema.items() if value}, description)


def _string(want: Want) -> str:
    """Text of the right meaning, or what the schema's pattern and length allow."""
    made = say(want)
    if fits(made, want.schema):
        return made
    pattern = str(want.schema.get("pattern", ""))
    for _ in range(_TRIES if pattern else 0):
        found = match(pattern, want.rng)
        if found is not None and fits(found, want.schema):
            return found
    for _ in range(_TRIES):
        made = say(want)
        if fits(made, want.schema):
            return made
    return _cut(made, want.schema)


def _cut(made: str, schema: JsonObject) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength", len(made) + 1_000)
    while len(made) < least:
        made = f"{made} {made}"
    return made[:most].rstrip() if len(made[:most].rstrip()) >= least else made[:most]


def another(
    parameter: ParameterModel, value: Any, rng: Random, clock: str | datetime
) -> Any | None:
    """A different value of the same kind, for somebody who changes their mind.

    None where there is none: a constant, or an identifier that nobody carries in mind.
    """
    if parameter.opaque or value is None:
        return None
    schema = simple(parameter.schema)
    if isinstance(value, bool):
        return (not value) if fits(not value, schema) else None
    noun = (parameter.entity or "").rsplit("/", 1)[-1].replace("_", " ")
    for _ in range(_TRIES * 2):
        made = _near(value, rng)
        if made is None or "enum" in schema or not fits(made, schema):
            made = invent(
                parameter.semantic, schema, rng, name=parameter.name, noun=noun, clock=clock
            )
        made = adapt(made, schema)
        if made is not MISSING and str(made).lower() != str(value).lower():
            return made
    return None


def _near(value: Any, rng: Random) -> Any | None:
    """A neighbour of a number or a date; None for all else."""
    if moments.is_dated(value):
        return moments.shifted(value, rng.choice((1, 2, 3, 7)))
    if isinstance(value, int) and abs(value) < 10:
        return value + rng.choice((-1, 1, 2)) if value > 1 else value + rng.choice((1, 2))
    if isinstance(value, int):
        return round(value * rng.choice((0.5, 0.8, 1.2, 1.5, 2)))
    if isinstance(value, float):
        return round(value * rng.choice((0.5, 0.8, 1.2, 1.5, 2)), 2)
    return None
