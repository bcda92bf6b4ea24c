"""How each meaning is said as text: a name, a city, a date, a path, a sentence.

The table at the end is the registry. Which type, bounds or pattern a value needs is seen to in
`generators.sandbox.values`.
"""

import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from types import MappingProxyType
from typing import Any

from generators.inference.naming_words import word_set
from generators.sandbox import amounts, files, ids, moments, phrases
from generators.sandbox.naming import in_words, singular, slug
from generators.sandbox.scene import Scene, company
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_GENERIC = word_set("name title subject headline topic from to source target") | {""}
_NAME_OF = re.compile(r"\b(?:name|title)s? of (?:the|an?|each) (\w+)")
_BEINGS = word_set(
    "holder owner courier teacher instructor driver host sender recipient member tutor manager"
    " organizer nurse agent"
)
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


def say(want: Want) -> str:
    """Text of the meaning that is wanted; whether it fits the schema is for the caller to see."""
    shown = want.schema.get("examples")
    if shown and want.semantic in ("unknown", "label"):
        return str(want.rng.choice(shown))
    return _SAYINGS.get(want.semantic, _unknown)(want)


def _unknown(want: Want) -> str:
    """Nothing is known of it: what its description shows, or a plain word."""
    words = set(in_words(want.name).split())
    shown = ids.samples(want.schema.get("description", ""))
    if shown:
        return ids.like(want.rng.choice(shown), want.rng, want.noun, want.scene)
    if words & {"pattern", "patterns", "glob"}:
        return want.rng.choice(("*.md", "*.csv", "*.log", "**/*.py"))
    if "data" in words:
        return b64encode(want.rng.randbytes(24)).decode()
    if "target" in words and set(want.noun.split()) & {"diff", "comparison", "change"}:
        return files.branch(want.rng, want.name)
    return phrases.label(want.rng, "", want.name)


def _title(want: Want) -> str:
    noun = want.noun
    own = singular(in_words(want.name)).removesuffix(" name").removesuffix(" title")
    if own.rsplit(" ", 1)[-1] in _BEINGS:
        return want.scene.person(want.name).name
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


def _company(want: Want) -> str:
    """A firm; an airline or a brand out of its list."""
    listed = phrases.listed(in_words(want.name).split())
    return str(want.rng.choice(listed)) if listed else company(want.rng)


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
        "company": _company,
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
