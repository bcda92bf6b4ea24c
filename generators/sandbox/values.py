"""Values of the right meaning that satisfy a schema.

`invent` makes one value; nested objects and lists are made through their properties. What makes the
values of one row agree is its `People`; the order of dates and the sums of prices are put right in
`generators.sandbox.row_sense`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.lexicon.nouns import singular
from generators.sandbox import amounts, ids, phrases, times
from generators.sandbox.people import People
from generators.sandbox.row_sense import put_right
from generators.sandbox.schema_validity import MISSING, adapt, fits, kind_of, simple
from generators.sandbox.text_values import Saying, Want, match_pattern, saying
from generators.world.model import ParameterModel
from generators.world.semantics import semantic_type
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_BINDING = frozenset("pattern minLength maxLength anyOf oneOf allOf".split())
"""Keywords that a text of no enumeration may fail."""
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
    scene: People | None = None,
) -> Any:
    """A value of this meaning that satisfies the schema.

    ``scene`` holds the people and places of the row that the value is for, and draws from ``rng``;
    without it the value stands alone. ``clock`` is now, ISO 8601 or a datetime.
    """
    when = times.read_clock(clock) if isinstance(clock, str) else clock
    return maker(semantic, simple(schema), name, noun)(scene or People(rng), when)


Maker = Callable[[People, datetime], Any]
"""Draws a value for a row's scene and the present time."""


def maker(semantic: SemanticType, schema: JsonObject, name: str, noun: str) -> Maker:
    """Values of this meaning for a simple schema; what can be told beforehand is told once."""
    known, place = _makers(schema), (semantic, name, noun)
    if place not in known:
        known[place] = _maker(Want(semantic, schema, name, noun))
    return known[place]


@remembered
def _makers(schema: JsonObject) -> dict[tuple[SemanticType, str, str], Maker]:
    """The makers for one schema, by meaning, name and noun."""
    del schema
    return {}


def _maker(want: Want) -> Maker:
    schema = want.schema
    if "const" in schema:
        constant = schema["const"]
        return lambda _, __: constant
    if "enum" in schema:
        options = [option for option in schema["enum"] if option is not None] or schema["enum"]
        return lambda scene, _: scene.rng.choice(options)
    kind = kind_of(schema)
    if kind == "object":
        return _object(want)
    if kind == "array":
        return _array(want)
    if kind == "null":
        return lambda _, __: None
    if kind == "boolean" or (kind == "any" and want.semantic == "boolean"):
        return _truth(want)
    if kind in ("integer", "number"):
        return _number(want)
    return _string(want)


def _truth(want: Want) -> Maker:
    usual = want.schema.get("default")
    if isinstance(usual, bool):
        return lambda scene, _: usual if scene.rng.random() < 0.8 else not usual
    return lambda scene, _: scene.rng.random() < 0.6


def _number(want: Want) -> Maker:
    schema, name = want.schema, want.name
    if want.semantic in ("date", "datetime"):
        return _stamp(want)
    if want.semantic in ("opaque_id", "zip", "phone"):
        draw = ids.opaque(schema, "", "")
        return lambda scene, _: amounts.within(draw(scene), schema, scene.rng)
    if want.semantic in ("latitude", "longitude"):
        return _degree(want)
    number = amounts.numbers(want.semantic, schema, name)
    return lambda scene, _: number(scene.rng)


def _stamp(want: Want) -> Maker:
    """Seconds since 1970."""
    schema, name, noun = want.schema, want.name, want.noun

    def draw(scene: People, clock: datetime) -> Any:
        when = times.moment(name, noun, scene.rng, clock)
        stamp = times.datetime_text(when, schema)
        return stamp if fits(stamp, schema) else amounts.within(stamp, schema, scene.rng)

    return draw


def _degree(want: Want) -> Maker:
    schema, name, side = want.schema, want.name, want.semantic
    decimals = 0 if kind_of(schema) == "integer" else _DEGREES

    def draw(scene: People, _: datetime) -> Any:
        degree = getattr(scene.place(name), side)
        if fits(degree, schema):
            return degree
        return amounts.within(degree, schema, scene.rng, decimals)

    return draw


def _object(want: Want) -> Maker:
    """Every property, each of the meaning that its own name has; dates in order, sums right."""
    properties: Mapping[str, JsonObject] = want.schema.get("properties", {})
    noun = singular(in_words(want.name)) or want.noun
    makers = {}
    for name, rule in properties.items():
        part = simple(rule) if isinstance(rule, dict) else {}
        makers[name] = maker(meaning(name, part), part, name, noun)
    extra = want.schema.get("additionalProperties")
    free = _within(want, extra) if not properties and isinstance(extra, dict) else None

    def draw(scene: People, clock: datetime) -> JsonObject:
        inner = scene.within() if want.name else scene
        made = {name: make(inner, clock) for name, make in makers.items()}
        if free is not None:
            made = {phrases.label(scene.rng, want.noun, want.name): free(scene, clock)}
        return put_right(made, properties)

    return draw


@lru_cache(maxsize=16_384)
def leaf_count(schema: Same[JsonObject]) -> int:
    """How many scalars a value of the schema has, one element of each list counted."""
    plain = simple(schema.it)
    parts = [part for part in plain.get("properties", {}).values() if isinstance(part, dict)]
    items = plain.get("items")
    parts += [items] if isinstance(items, dict) else []
    return sum(leaf_count(Same(part)) for part in parts) if parts else 1


def _array(want: Want) -> Maker:
    """One to three different elements, or as many as the schema asks for; of a tuple, its own.

    Of large elements one.
    """
    places = [_element(want, place) for place in want.schema.get("prefixItems", ())]
    rule = want.schema.get("items")
    least = want.schema.get("minItems", 0)
    most = want.schema.get("maxItems", max(3, len(places)))
    settled = bool(places) or rule is False
    large = isinstance(rule, dict) and leaf_count(Same(rule)) > LARGE
    element = _element(want, rule if isinstance(rule, dict) else {"type": "string"})

    def draw(scene: People, clock: datetime) -> list[Any]:
        made = [place(scene, clock) for place in places]
        usual = len(made) if settled else scene.rng.randint(1, 3)
        count = max(least, min(most, 1 if large and usual > 1 else usual))
        for _ in range(count * _TRIES):
            if len(made) >= count:
                break
            value = element(scene, clock)
            if value not in made:
                made.append(value)
        return made[:count]

    return draw


def _element(want: Want, rule: Any) -> Maker:
    """Elements of a list: each has people and places of its own."""
    make = _within(want, rule if isinstance(rule, dict) else {})
    return lambda scene, clock: make(People(scene.rng), clock)


def _within(want: Want, rule: JsonObject) -> Maker:
    """The elements of a list, or the values of a free object."""
    part = simple(rule)
    name = singular(in_words(want.name)).replace(" ", "_")
    given = want.semantic if want.semantic not in ("list", "object", "unknown") else None
    listed = want.schema.get("description")
    if not given and listed and "description" not in part and part.get("type") == "string":
        told = meaning(name, {**part, "description": listed})
        if told == "country":
            part = {**part, "description": listed}
    return _maker(Want(given or meaning(name, part), part, name, want.noun))


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


def _string(want: Want) -> Maker:
    """Text of the right meaning, or what the schema's pattern and length allow."""
    say, schema = saying(want), want.schema
    if _BINDING.isdisjoint(schema) and schema.get("type") == "string":
        return say

    def draw(scene: People, clock: datetime) -> str:
        made = say(scene, clock)
        return made if fits(made, schema) else _bent(say, schema, scene, clock)

    return draw


def _bent(say: Saying, schema: JsonObject, scene: People, clock: datetime) -> str:
    """A text that the schema's pattern and length allow."""
    if "pattern" in schema:
        least, most = schema.get("minLength", 0), schema.get("maxLength")
        found = match_pattern(schema["pattern"], scene.rng, least, most)
        if found is not None and fits(found, schema):
            return found
    for _ in range(_TRIES):
        made = say(scene, clock)
        if fits(made, schema):
            return made
    return _cut(made, schema)


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
    if times.is_dated(value):
        return times.shifted(value, rng.choice((1, 2, 3, 7)))
    if isinstance(value, int) and abs(value) < 10:
        return value + rng.choice((-1, 1, 2)) if value > 1 else value + rng.choice((1, 2))
    if isinstance(value, int):
        return round(value * rng.choice((0.5, 0.8, 1.2, 1.5, 2)))
    if isinstance(value, float):
        return round(value * rng.choice((0.5, 0.8, 1.2, 1.5, 2)), 2)
    return None
