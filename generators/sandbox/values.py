"""Values of the right meaning that satisfy a schema.

`invent` makes one value; nested objects and lists are made through their properties. What makes the
values of one row agree is its `Scene`; the order of dates and the sums of prices are put right in
`generators.sandbox.coherence`.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from random import Random
from types import MappingProxyType
from typing import Any

from generators.naming_words import word_set
from generators.sandbox import amounts, files, ids, moments, phrases
from generators.sandbox.coherence import put_right
from generators.sandbox.fitting import MISSING, adapt, fits, kind_of, simple
from generators.sandbox.naming import in_words, singular, slug
from generators.sandbox.patterns import match
from generators.sandbox.scene import Scene, company
from generators.semantics import semantic_type
from generators.world import ParameterModel
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_TRIES = 6
_GENERIC = frozenset(
    {"name", "title", "subject", "headline", "topic", "from", "to", "source", "target", ""}
)
_NAME_OF = re.compile(r"\b(?:name|title)s? of (?:the|an?|each) (\w+)")
_COLORS = ("black", "white", "navy blue", "forest green", "red", "grey", "teal", "beige")
_LANGUAGES = (("English", "en"), ("Spanish", "es"), ("French", "fr"), ("German", "de"),
              ("Portuguese", "pt"), ("Japanese", "ja"))  # fmt: skip
_REPOSITORY = word_set("repo repository project slug channel workspace namespace team")
_GROUPS = word_set("org organization owner")
_LINES = ("AX", "NK", "SK", "PJ")
_WORDS = 2


@dataclass
class Want:
    """One value that is wanted: its meaning, its simple schema, and where it will stand."""

    semantic: SemanticType
    schema: JsonObject
    name: str
    noun: str
    rng: Random
    scene: Scene
    clock: datetime


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
        return (
            degree
            if fits(degree, want.schema)
            else amounts.within(degree, want.schema, want.rng, 4)
        )
    return amounts.number(want.semantic, want.schema, want.rng, want.name)


def _object(want: Want) -> JsonObject:
    """Every property, each of the meaning that its own name has; dates in order, sums right."""
    properties: Mapping[str, JsonObject] = want.schema.get("properties", {})
    noun = singular(in_words(want.name)) or want.noun
    inner = Scene(want.rng, want.scene) if want.name else want.scene
    made = {}
    for name, rule in properties.items():
        part = simple(rule) if isinstance(rule, dict) else {}
        made[name] = make(replace(want, semantic=meaning(name, part), schema=part, name=name,
                                  noun=noun, scene=inner))  # fmt: skip
    extra = want.schema.get("additionalProperties")
    if not properties and isinstance(extra, dict):
        made = {phrases.label(want.rng, want.noun, want.name): make(_within(want, extra))}
    return put_right(made, properties)


def _array(want: Want) -> list[Any]:
    """One to three different elements, or as many as the schema asks for."""
    rule = want.schema.get("items")
    element = _within(want, rule if isinstance(rule, dict) else {"type": "string"})
    least, most = want.schema.get("minItems", 0), want.schema.get("maxItems", 3)
    count = max(least, min(most, want.rng.randint(1, 3)))
    made: list[Any] = []
    for _ in range(count * _TRIES):
        if len(made) == count:
            break
        own = replace(element, scene=Scene(want.rng))
        value = make(own)
        if value not in made:
            made.append(value)
    return made


def _within(want: Want, rule: JsonObject) -> Want:
    """The element of a list, or the value of a free object."""
    part = simple(rule)
    name = singular(in_words(want.name)).replace(" ", "_")
    given = want.semantic if want.semantic not in ("list", "object", "unknown") else None
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
    made = _say(want)
    if fits(made, want.schema):
        return made
    pattern = str(want.schema.get("pattern", ""))
    for _ in range(_TRIES if pattern else 0):
        found = match(pattern, want.rng)
        if found is not None and fits(found, want.schema):
            return found
    for _ in range(_TRIES):
        made = _say(want)
        if fits(made, want.schema):
            return made
    return _cut(made, want.schema)


def _cut(made: str, schema: JsonObject) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength", len(made) + 1_000)
    while len(made) < least:
        made = f"{made} {made}"
    return made[:most].rstrip() if len(made[:most].rstrip()) >= least else made[:most]


def _say(want: Want) -> str:
    shown = want.schema.get("examples")
    if shown and want.semantic in ("unknown", "label"):
        return str(want.rng.choice(shown))
    return _SAYINGS.get(want.semantic, _unknown)(want)


def _unknown(want: Want) -> str:
    """Nothing is known of it: what its description shows, or two plain words."""
    words = set(in_words(want.name).split())
    shown = ids.samples(want.schema.get("description", ""))
    if shown:
        return ids.like(want.rng.choice(shown), want.rng, want.noun, want.scene)
    if words & {"pattern", "patterns", "glob"}:
        return want.rng.choice(("*.md", "*.csv", "*.log", "**/*.py"))
    if "data" in words:
        return b64encode(want.rng.randbytes(24)).decode()
    return phrases.title(want.rng, "folder").lower()


def _title(want: Want) -> str:
    noun = want.noun
    own = singular(in_words(want.name)).removesuffix(" name").removesuffix(" title")
    told = _NAME_OF.search(want.schema.get("description", ""))
    if own not in _GENERIC:
        noun = own
    elif told and own != "title":
        noun = told[1]
    return phrases.title(want.rng, noun)


def _text(want: Want) -> str:
    name = in_words(want.name)
    if name == "content" and {"file", "path", "directory"} & set(want.noun.split()):
        return files.content(files.path(want.rng, "path", "file"), want.rng)
    told = "commit message" in want.schema.get("description", "").lower()
    return phrases.text(want.rng, "commit" if told else want.noun, want.name)


def _handle(want: Want) -> str:
    words = set(in_words(want.name).split())
    if words & {"coupon", "promo"}:
        return f"{want.rng.choice(('SPRING', 'WELCOME', 'SAVE'))}{want.rng.choice((10, 15, 20))}"
    if words & {"symbol", "ticker"}:
        return phrases.label(want.rng, want.noun, "ticker")
    if words & _GROUPS:
        return slug(company(want.rng).split(",")[0]).removesuffix("-and-sons")
    if words & _REPOSITORY or ("name" in words and set(want.noun.split()) & _REPOSITORY):
        return slug(" ".join(phrases.title(want.rng, "project").split()[:_WORDS]))
    return want.scene.person(want.name).handle


def _label(want: Want) -> str:
    shown = ids.samples(want.schema.get("description", ""))
    if shown:
        return ids.like(want.rng.choice(shown), want.rng, want.noun, want.scene)
    if "tag" in in_words(want.name) and set(want.noun.split()) & {"release", "version", "tag"}:
        return files.version(want.rng)
    return phrases.label(want.rng, want.noun, want.name)


def _number_id(want: Want) -> str:
    words = set(in_words(want.name).split())
    shown = ids.samples(want.schema.get("description", ""))
    if shown:
        return ids.like(want.rng.choice(shown), want.rng, want.noun, want.scene)
    if "flight" in words or "flight" in want.noun:
        return f"{want.rng.choice(_LINES)}{want.rng.randint(100, 989)}"
    return str(
        want.rng.randint(1_001, 9_899) if "room" not in words else want.rng.randint(101, 519)
    )


def _country(want: Want) -> str:
    place = want.scene.place(want.name)
    short = "code" in in_words(want.name) or "ISO 3166" in want.schema.get("description", "")
    return place.country_code if short or want.schema.get("maxLength") == _WORDS else place.country


def _state(want: Want) -> str:
    place = want.scene.place(want.name)
    return place.state if want.schema.get("minLength", 0) > _WORDS else place.state_code


def _street(want: Want) -> str:
    if in_words(want.name).endswith(("2", "line 2")):
        return f"Apt {want.rng.randint(1, 48)}"
    return want.scene.place(want.name).street


def _phone(want: Want) -> str:
    dialling = want.scene.place("").dialling
    return f"{dialling} {want.rng.randint(200, 989)} {want.rng.randint(1000, 9989)}"


def _language(want: Want) -> str:
    words = in_words(want.name)
    if "programming" in words or set(want.noun.split()) & _REPOSITORY:
        return phrases.label(want.rng, "", "language")
    long, short = want.rng.choice(_LANGUAGES)
    code = "code" in words or "locale" in words or "639" in want.schema.get("description", "")
    return short if code else long


def _when(write: Callable[[datetime, JsonObject], Any]) -> Callable[[Want], str]:
    def say(want: Want) -> str:
        when = moments.moment(want.name, want.noun, want.rng, want.clock)
        return str(write(when, want.schema))

    return say


def _amount(want: Want) -> str:
    value = amounts.number(want.semantic, {}, want.rng, want.name)
    return f"{value:.2f}" if want.semantic == "money" else f"{value:g}"


def _duration(want: Want) -> str:
    if want.schema.get("format") == "duration" or "ISO 8601" in want.schema.get("description", ""):
        return f"PT{want.rng.choice((15, 30, 45, 60, 90))}M"
    return f"{want.rng.choice((15, 30, 45, 60, 90, 120))} minutes"


_SAYINGS: Mapping[SemanticType, Callable[[Want], str]] = MappingProxyType(
    {
        "opaque_id": lambda w: str(ids.opaque(w.schema, w.rng, w.name, w.noun, w.scene)),
        "number_id": _number_id,
        "handle": _handle,
        "person_name": lambda w: w.scene.person(w.name).name,
        "first_name": lambda w: w.scene.person(w.name).first,
        "last_name": lambda w: w.scene.person(w.name).last,
        "email": lambda w: w.scene.person(w.name).email,
        "phone": _phone,
        "company": lambda w: company(w.rng),
        "title": _title,
        "text": _text,
        "query": lambda w: phrases.query(w.rng, w.noun),
        "label": _label,
        "city": lambda w: w.scene.place(w.name).city,
        "country": _country,
        "state": _state,
        "street": _street,
        "zip": lambda w: w.scene.place(w.name).postcode,
        "address": lambda w: w.scene.place(w.name).address,
        "airport": lambda w: w.scene.place(w.name).airport,
        "latitude": lambda w: str(w.scene.place(w.name).latitude),
        "longitude": lambda w: str(w.scene.place(w.name).longitude),
        "timezone": lambda w: w.scene.place(w.name).timezone,
        "currency": lambda w: w.scene.place(w.name).currency,
        "language": _language,
        "date": _when(moments.date_text),
        "time": _when(moments.time_text),
        "datetime": _when(moments.datetime_text),
        "duration": _duration,
        "money": _amount,
        "percent": _amount,
        "rating": _amount,
        "count": _amount,
        "number": _amount,
        "url": lambda w: files.url(w.rng, w.name, w.noun),
        "path": lambda w: files.path(w.rng, w.name, w.noun),
        "branch": lambda w: files.branch(w.rng, w.name),
        "sha": lambda w: ids.sha(w.rng),
        "color": lambda w: w.rng.choice(_COLORS),
        "version": lambda w: files.version(w.rng),
        "expression": lambda w: files.expression(w.rng),
        "cursor": lambda w: ids.cursor(w.rng),
    }
)


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
