"""Values of the right meaning that satisfy a schema.

`invent` makes one value; nested objects and lists are made through their properties. How large
numbers are is data (``data/phrases/amounts.yaml``). What makes the values of one row agree is its
`People`; the order of dates and the sums of prices are put right in `generators.sandbox.row_sense`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import load_words, phrase_set, read_phrases
from generators.lexicon.told_counts import told_default
from generators.sandbox import phrases, times
from generators.sandbox.people import People
from generators.sandbox.row_sense import order_legs, put_right
from generators.sandbox.schema_validity import (
    MISSING,
    adapt,
    fits,
    kind_of,
    merge,
    readings,
    simple,
)
from generators.sandbox.text_values import Want, match_pattern, saying
from generators.world.model import ParameterModel
from generators.world.semantics import semantic_type
from schemas.record import JsonObject
from schemas.semantic import SemanticType

Maker = Callable[[People, datetime], Any]
"""Draws a value for a row's scene and the present time."""

_BINDING = frozenset("pattern minLength maxLength anyOf oneOf allOf".split())
"""Keywords that a text of no enumeration may fail."""
_BOUNDING = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_COUNTED = frozenset({"money", "percent", "rating", "count", "number"})
_TRIES = 6
_USUAL, _RARE = 0.6, 0.06
"""How often a flag is set."""
_DEGREES = 4
_SIDES = phrase_set("profile;contact;contact details;details;info;personal info;person")
LARGE = 24
"""Scalars of a value beyond which one is enough where several could be made."""
_QUARTER, _HALF_YEAR = 15, 6
_ENDINGS = (0.0, 0.5, 0.9, 0.95, 0.99)
"""Cents in which prices end."""


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
    when = datetime.fromisoformat(clock) if isinstance(clock, str) else clock
    people = scene or People(rng)
    made = make_maker(semantic, Same(simple(schema)), name, noun)(people, when)
    if fits(made, schema):
        return made
    for reading in readings(schema):  # of a choice, the branch that was taken does not always do
        make = make_maker(semantic_type(name, reading), Same(reading), name, noun)
        for _ in range(_TRIES):
            found = make(people, when)
            if fits(found, schema):
                return found
        if isinstance(made, dict):  # what need not be there may be what must not
            less = {key: made[key] for key in reading.get("required", ()) if key in made}
            if fits(less, schema):
                return less
    return made


@lru_cache(maxsize=16_384)
def make_maker(semantic: SemanticType, plain: Same[JsonObject], name: str, noun: str) -> Maker:
    """What draws such values, of a simple schema: what can be told beforehand is told once."""
    want = Want(semantic, plain.it, name, noun)
    schema, kind = want.schema, kind_of(want.schema)
    if "const" in schema:
        return lambda _, __: schema["const"]
    if "enum" in schema:
        options = [option for option in schema["enum"] if option is not None] or schema["enum"]
        lawful = [option for option in options if fits(option, schema)] or options or [None]
        if "+1" in lawful and "-1" in lawful:  # reactions: those that suit whatever it is about
            suiting = load_words("relations", "applause")
            lawful = [one for one in lawful if isinstance(one, str) and one in suiting]
        return lambda scene, _: scene.rng.choice(lawful)
    if kind == "object":
        return _object(want)
    if kind == "array":
        return _array(want)
    if kind == "null":
        return lambda _, __: None
    if kind == "boolean" or (kind == "any" and want.semantic == "boolean"):
        usual = schema.get("default")
        if isinstance(usual, bool):
            return lambda scene, _: usual if scene.rng.random() < 0.8 else not usual
        rare = read_phrases("amounts")["rare"]
        share = _USUAL if {*in_words(want.name).split()}.isdisjoint(rare) else _RARE
        return lambda scene, _: scene.rng.random() < share
    return _number(want) if kind in ("integer", "number") else _string(want)


def _object(want: Want) -> Maker:
    """Every property, each of the meaning that its own name has; dates in order, sums right.

    Then as many free keys as are asked for; one, where there are no properties.
    """
    schema = want.schema
    properties: Mapping[str, JsonObject] = schema.get("properties", {})
    inner = singular(in_words(want.name))
    around = in_words(want.name) in _SIDES or phrases.is_wrapped(inner)
    noun = (want.noun or inner) if around else inner
    makers = {name: _known_part(name, rule, noun) for name, rule in properties.items()}
    required = list(dict.fromkeys(schema.get("required", ())))
    for name in required:
        if name not in makers:
            makers[name] = _known_part(name, _rule_of_key(schema, name), noun)
    least, most = schema.get("minProperties", 0), schema.get("maxProperties", len(makers))
    spare = [name for name in makers if name not in required]
    for name in spare[max(0, most - len(required)) :]:
        del makers[name]
    told = schema.get("additionalProperties")
    open_to_keys = isinstance(told, dict) or bool(schema.get("patternProperties"))
    wanted = max(least - len(makers), int(open_to_keys and not makers))

    same = in_words(want.name) in _SIDES  # whose profile it is, the row says

    def draw(scene: People, clock: datetime) -> JsonObject:
        inner = scene.within() if want.name and not same else scene
        made = {name: make(inner, clock) for name, make in makers.items()}
        for _ in range(wanted * _TRIES):
            if len(made) >= len(makers) + wanted:
                break
            key = _free_key(want, scene, clock)
            if key not in made and fits(key, schema.get("propertyNames", {})):
                made[key] = _within(want, _rule_of_key(schema, key))(scene, clock)
        return put_right(made, properties)

    return draw


def _known_part(name: str, rule: Any, noun: str) -> Maker:
    part = rule if isinstance(rule, dict) else {}
    semantic = semantic_type(name, part)
    if part is simple(part):
        return make_maker(semantic, Same(part), name, noun)
    return lambda scene, clock: invent(
        semantic, part, scene.rng, name=name, noun=noun, clock=clock, scene=scene
    )


def _rule_of_key(schema: JsonObject, key: str) -> Any:
    """What the value of a free key has to be."""
    patterns = schema.get("patternProperties", {}).items()
    matching = (rule for pattern, rule in patterns if fits(key, _matching(pattern)))
    return next(matching, schema.get("additionalProperties", {}))


@lru_cache(maxsize=1024)
def _matching(pattern: str) -> JsonObject:
    """The schema of the texts that a pattern matches."""
    return {"type": "string", "pattern": pattern}


def _free_key(want: Want, scene: People, clock: datetime) -> str:
    """A name for a free property: as its rule or a pattern asks, else a word of the kind."""
    told, patterns = want.schema.get("propertyNames"), want.schema.get("patternProperties")
    if isinstance(told, dict):
        reading = {"type": "string", **told}
        meant = semantic_type("", reading)
        return str(make_maker(meant, Same(reading), want.name, want.noun)(scene, clock))
    if patterns:
        pattern = scene.rng.choice([*patterns])
        return match_pattern(pattern, scene.rng) or ""
    return str(scene.rng.choice(phrases.labels(want.noun, want.name)))


@remembered
def leaf_count(schema: JsonObject) -> int:
    """How many scalars a value of the schema has, one element of each list counted."""
    plain = simple(schema)
    parts = [*plain.get("properties", {}).values(), plain.get("items")]
    return sum(leaf_count(part) for part in parts if isinstance(part, dict)) or 1


def _array(want: Want) -> Maker:
    """One to three different elements, or as many as the schema asks for; of a tuple, its own.

    Of large elements one. Each has people and places of its own.
    """
    schema, rule = want.schema, want.schema.get("items")
    places = [_within(want, place) for place in schema.get("prefixItems", ())]
    least, most = schema.get("minItems", 0), schema.get("maxItems", max(3, len(places)))
    settled = bool(places) or rule is False
    large = isinstance(rule, dict) and leaf_count(rule) > LARGE
    element = _within(want, rule if isinstance(rule, dict) else {"type": "string"})
    held, needed = schema.get("contains"), schema.get("minContains", 1)
    if isinstance(held, dict) and isinstance(rule, dict):
        held = merge(rule, held)
    contained = _within(want, held) if isinstance(held, dict) and needed else None
    once = bool(schema.get("uniqueItems"))

    def draw(scene: People, clock: datetime) -> list[Any]:
        made = [place(People(scene.rng), clock) for place in places]
        usual = len(made) if settled else scene.rng.randint(1, 3)
        count = max(least, min(most, 1 if large and usual > 1 else usual))
        if contained is not None:
            made += [contained(People(scene.rng), clock) for _ in range(needed)]
        for number in range(count * _TRIES):
            if len(made) >= count:
                break
            value = element(People(scene.rng), clock)
            # Where there are no more different ones, the same stands twice, if it may.
            if value not in made or (not once and number > count * _TRIES // 2):
                made.append(value)
        return order_legs(made[: max(count, needed if contained is not None else 0)])

    return draw


def _within(want: Want, rule: Any) -> Maker:
    """The elements of a list, or the values of a free object."""
    part = simple(rule) if isinstance(rule, dict) else {}
    name = singular(in_words(want.name)).replace(" ", "_")
    given = want.semantic if want.semantic not in ("list", "object", "unknown") else None
    listed = want.schema.get("description")
    if listed and "description" not in part and part.get("type") == "string":
        told = {**part, "description": listed}
        part = told if (given or semantic_type(name, told)) == "country" else part
    return make_maker(given or semantic_type(name, part), Same(part), name, want.noun)


def _number(want: Want) -> Maker:
    """Degrees of the row's place, seconds since 1970, digits, or an amount; within the bounds."""
    schema, name, side = want.schema, want.name, want.semantic
    makers: dict[str, Maker] = {
        **dict.fromkeys(
            ("latitude", "longitude"), lambda scene, _: getattr(scene.place(name), side)
        ),
        **dict.fromkeys(
            ("date", "datetime"),
            lambda scene, clock: times.moment_text(
                times.moment(name, want.noun, scene.rng, clock), schema, name=name
            ),
        ),
        **dict.fromkeys(
            ("opaque_id", "zip", "phone"), lambda scene, _: scene.rng.randint(10_000, 9_999_999)
        ),
    }
    if side not in makers:
        return _amount(side, schema, name)
    make = makers[side]
    decimals = _DEGREES if side in ("latitude", "longitude") and kind_of(schema) != "integer" else 0

    def draw(scene: People, clock: datetime) -> Any:
        made = make(scene, clock)
        return made if fits(made, schema) else _within_bounds(made, schema, scene.rng, decimals)

    return draw


def _amount(semantic: SemanticType, schema: JsonObject, name: str, form: str = "") -> Maker:
    """Draws numbers of the usual size that satisfy the schema's bounds and step.

    What is usual is known for a word of the name, or else for the meaning; it is another where the
    description's default is. ``form``: how they are written, where text is wanted.
    """
    words, sizes = set(in_words(name).split()), read_phrases("amounts")
    usual = sizes["by_meaning"].get(semantic, sizes["by_meaning"]["number"])
    if semantic == "money" and words.isdisjoint(sizes["sums"]):
        usual = sizes["limit"] if "limit" in words else usual
    elif semantic not in ("rating", "percent", "latitude", "longitude"):
        found = (one for one in sizes["by_word"] if not words.isdisjoint(one["words"]))
        usual = next(found, usual)
        places = sizes["places"]
        if usual["most"] > places["most"] and words & {*places["words"]}:
            usual = places if words <= {*places["words"], *places["beside"]} else usual
    shown = [one for one in schema.get("examples", ()) if isinstance(one, int | float)]
    if semantic == "rating" and (max(shown, default=0) > usual["most"] or words & {"vote"}):
        usual = sizes["ten_points"]
    low, high = usual["least"], usual["most"]
    told = told_default(str(schema.get("description", "")))
    size = low if told is None or semantic not in ("number", "count", "duration") else told
    if not low <= size <= high and size > 1:
        low, high = size / 2, size * 2
    decimals = 0 if kind_of(schema) == "integer" else usual["decimals"]
    first, last = math.ceil(low), math.floor(high)
    quarters = semantic == "duration" and high >= _QUARTER * 4 and low >= _QUARTER
    halves = not words.isdisjoint({"month", "months"})
    priced = semantic == "money" and decimals > 0
    bounded = not _BOUNDING.isdisjoint(schema)

    def draw(scene: People, _: datetime) -> Any:
        rng = scene.rng
        value = rng.uniform(low, high) if decimals else rng.randint(first, last)
        if quarters:
            value = round(value / _QUARTER) * _QUARTER
        if halves:
            value = max(_HALF_YEAR, round(value / _HALF_YEAR) * _HALF_YEAR)
        if priced:
            value = math.floor(value) + rng.choice(_ENDINGS)
        value = round(value, decimals)
        value = _within_bounds(value, schema, rng, decimals) if bounded else value
        return format(value, form) if form else value

    return draw


def _within_bounds(value: float, schema: JsonObject, rng: Random, decimals: int = 0) -> float:
    """The value, or another one that lies between the schema's bounds and on its step."""
    decimals = decimals or _needed_decimals(schema)
    step: float = schema.get("multipleOf") or (10.0**-decimals if decimals else 1)
    low: float = schema.get("minimum", -math.inf)
    high: float = schema.get("maximum", math.inf)
    low = max(low, schema.get("exclusiveMinimum", -math.inf) + step)
    high = min(high, schema.get("exclusiveMaximum", math.inf) - step)
    if not low <= value <= high:
        low = low if low > -math.inf else min(0.0, high - 100)
        high = high if high < math.inf else low + max(10.0, abs(low) * 0.1)
        first, last = math.ceil(low), math.floor(high)
        if first > last and not decimals:
            return low
        value = rng.uniform(low, high) if decimals else rng.randint(first, last)
    if not schema.get("multipleOf"):
        return round(value, decimals) if decimals else int(value)
    count = round(value / step)  # the nearest multiple of the step within the bounds
    count = max(count, math.ceil(low / step)) if low > -math.inf else count
    count = min(count, math.floor(high / step)) if high < math.inf else count
    return count * step


def _needed_decimals(schema: JsonObject) -> int:
    """Decimals without which a number has no room between its bounds: 0.05 below 0.1."""
    low = max(schema.get(key, -math.inf) for key in ("minimum", "exclusiveMinimum"))
    high = min(schema.get(key, math.inf) for key in ("maximum", "exclusiveMaximum"))
    whole = schema.get("type") == "integer" or "multipleOf" in schema
    if whole or not 0 < high - low < math.inf or math.floor(low) + 1 < high:
        return 0
    return max(2, 1 - math.floor(math.log10(high - low)))


def _write_moments(want: Want, scene: People, clock: datetime) -> Iterator[str]:
    """A moment in all forms that a pattern may ask for; of any text, seconds with six decimals."""
    if want.semantic in ("date", "datetime", "time"):
        when = times.moment(want.name, want.noun, scene.rng, clock)
        yield from map(when.strftime, times.WRITTEN)
        yield f"{when.timestamp():.0f}"
        yield f"{when.timestamp() * 1000:.0f}"
    second = clock.timestamp() - scene.rng.randint(3_600, 8_000_000)
    yield f"{second:.0f}.{scene.rng.randint(100, 999_999):06}"


def _string(want: Want) -> Maker:
    """Text of the right meaning, or what the schema's pattern and length allow."""
    schema, form = want.schema, ".2f" if want.semantic == "money" else "g"
    counted = want.semantic in _COUNTED
    say = _amount(want.semantic, {}, want.name, form) if counted else saying(want)
    if _BINDING.isdisjoint(schema) and schema.get("type") == "string":
        return say
    least, most = schema.get("minLength", 0), schema.get("maxLength")

    def draw(scene: People, clock: datetime) -> Any:
        made = say(scene, clock)
        if fits(made, schema):
            return made
        for written in _write_moments(want, scene, clock):
            if fits(written, schema):
                return written
        if "pattern" in schema:
            found = match_pattern(schema["pattern"], scene.rng, least, most)
            if found is not None and fits(found, schema):
                return found
        for _ in range(_TRIES):
            made = say(scene, clock)
            if fits(made, schema):
                return made
        while len(made) < least:
            made = f"{made} {made}" if made else "-"
        cut = made[:most].rstrip()
        return cut if len(cut) >= least else made[:most]

    return draw


def another(
    parameter: ParameterModel, value: Any, rng: Random, clock: str | datetime, of: str = ""
) -> Any | None:
    """A different value of the same kind, for somebody who changes their mind.

    None where there is none: a constant, or an identifier that nobody carries in mind. ``of``: the
    noun of what bears it, as a company's name is another one's.
    """
    if parameter.opaque or value is None:
        return None
    schema = simple(parameter.schema)
    if isinstance(value, bool):
        return (not value) if fits(not value, schema) else None
    noun = (parameter.entity or "").rsplit("/", 1)[-1].replace("_", " ") or of
    for _ in range(_TRIES * 2):
        made: Any = None  # a neighbour of a number or a date
        if times.is_dated(value):
            made = times.shifted(value, rng.choice((1, 2, 3, 7)))
        elif isinstance(value, int) and abs(value) < 10:
            made = value + rng.choice((-1, 1, 2) if value > 1 else (1, 2))
        elif isinstance(value, int | float):
            digits = None if isinstance(value, int) else 2
            made = round(value * rng.choice((0.5, 0.8, 1.2, 1.5, 2)), digits)
        if made is None or "enum" in schema or not fits(made, schema):
            made = invent(
                parameter.semantic, schema, rng, name=parameter.name, noun=noun, clock=clock
            )
        made = adapt(made, schema)
        if made is not MISSING and str(made).lower() != str(value).lower():
            return made
    return None
