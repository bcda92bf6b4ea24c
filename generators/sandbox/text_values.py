"""How each meaning is said as text: a name, a city, a date, a path, a sentence.

What can be told of a meaning, name and noun is told once; a saying is what is left to be drawn. The
table at the end is the registry. Which type, bounds or pattern a value needs is seen to in
`generators.sandbox.values`.
"""

import re
import string
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from random import Random
from types import MappingProxyType
from typing import Any

from rstr import Rstr

from generators.lexicon.names import in_words, slug
from generators.lexicon.nouns import singular
from generators.lexicon.tables import word_set
from generators.sandbox import amounts, file_values, ids, phrases, times
from generators.sandbox.people import People, company
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
_WORDS = 2


@dataclass(frozen=True)
class Want:
    """Values that are wanted: their meaning, their simple schema, and where they will stand."""

    semantic: SemanticType
    schema: JsonObject
    name: str
    noun: str

    @property
    def description(self) -> str:
        """What the schema says of them."""
        return str(self.schema.get("description", ""))


Saying = Callable[[People, datetime], str]
"""Draws a text for a row's scene and the present time."""


def saying(want: Want) -> Saying:
    """Texts of the meaning that is wanted; whether one fits the schema is for the caller to see."""
    shown = want.schema.get("examples")
    if shown and want.semantic in ("unknown", "label"):
        return lambda scene, _: str(scene.rng.choice(shown))
    return _SAYINGS.get(want.semantic, _unknown)(want)


def _like(want: Want) -> Saying | None:
    """What looks as the samples in the description do; None where it shows none."""
    shown = ids.samples(want.description)
    if not shown:
        return None
    return lambda scene, _: ids.like(scene.rng.choice(shown), scene.rng, want.noun, scene)


def _label_of(noun: str, name: str) -> Saying:
    labels = phrases.labels(noun, name)
    return lambda scene, _: scene.rng.choice(labels)


def _unknown(want: Want) -> Saying:
    """Nothing is known of it: what its description shows, or a plain word."""
    words = set(in_words(want.name).split())
    shown = _like(want)
    if shown:
        return shown
    if words & {"pattern", "patterns", "glob"}:
        return lambda scene, _: scene.rng.choice(("*.md", "*.csv", "*.log", "**/*.py"))
    if "data" in words:
        return lambda scene, _: b64encode(scene.rng.randbytes(24)).decode()
    if "target" in words and set(want.noun.split()) & {"diff", "comparison", "change"}:
        return lambda scene, _: file_values.branch(scene.rng, want.name)
    return _label_of("", want.name)


def _title(want: Want) -> Saying:
    noun = want.noun
    own = singular(in_words(want.name)).removesuffix(" name").removesuffix(" title")
    if own.rsplit(" ", 1)[-1] in _BEINGS:
        return lambda scene, _: scene.person(want.name).name
    told = _NAME_OF.search(want.description)
    if own not in _GENERIC:
        noun = own
    elif told and own != "title":
        noun = told[1]
    return lambda scene, _: phrases.title(scene.rng, noun)


def _text(want: Want) -> Saying:
    name = in_words(want.name)
    if name == "content" and {"file", "path", "directory"} & set(want.noun.split()):
        return lambda scene, _: file_values.content(
            file_values.path(scene.rng, "path", "file"), scene.rng
        )
    noun = "commit" if "commit message" in want.description.lower() else want.noun
    return lambda scene, _: phrases.text(scene.rng, noun, want.name)


def _company(want: Want) -> Saying:
    """A firm; an airline or a brand out of its list."""
    listed = phrases.listed(in_words(want.name).split())
    if listed:
        return lambda scene, _: str(scene.rng.choice(listed))
    return lambda scene, _: company(scene.rng)


def _handle(want: Want) -> Saying:
    words = set(in_words(want.name).split())
    if words & {"coupon", "promo"}:
        return _coupon
    if words & {"symbol", "ticker"}:
        return _label_of(want.noun, "ticker")
    if words & _GROUPS:
        return lambda scene, _: slug(company(scene.rng).split(",")[0]).removesuffix("-and-sons")
    if words & _REPOSITORY or ("name" in words and set(want.noun.split()) & _REPOSITORY):
        return _project
    return lambda scene, _: scene.person(want.name).handle


def _coupon(scene: People, _: datetime) -> str:
    rng = scene.rng
    return f"{rng.choice(('SPRING', 'WELCOME', 'SAVE'))}{rng.choice((10, 15, 20))}"


def _project(scene: People, _: datetime) -> str:
    return slug(" ".join(phrases.title(scene.rng, "project").split()[:_WORDS]))


def _label(want: Want) -> Saying:
    shown = _like(want)
    if shown:
        return shown
    if "tag" in in_words(want.name) and set(want.noun.split()) & {"release", "version", "tag"}:
        return lambda scene, _: file_values.version(scene.rng)
    return _label_of(want.noun, want.name)


def _number_id(want: Want) -> Saying:
    words = set(in_words(want.name).split())
    shown = _like(want)
    if shown:
        return shown
    least, most = (101, 519) if "room" in words else (1_001, 9_899)
    return lambda scene, _: str(scene.rng.randint(least, most))


def _country(want: Want) -> Saying:
    short = "code" in in_words(want.name) or "ISO 3166" in want.description
    if short or want.schema.get("maxLength") == _WORDS:
        return lambda scene, _: scene.place(want.name).country_code
    return lambda scene, _: scene.place(want.name).country


def _state(want: Want) -> Saying:
    if want.schema.get("minLength", 0) > _WORDS:
        return lambda scene, _: scene.place(want.name).state
    return lambda scene, _: scene.place(want.name).state_code


def _street(want: Want) -> Saying:
    if in_words(want.name).endswith(("2", "line 2")):
        return lambda scene, _: f"Apt {scene.rng.randint(1, 48)}"
    return lambda scene, _: scene.place(want.name).street


def _phone(want: Want) -> Saying:
    del want
    return lambda scene, _: (
        f"{scene.place('').dialling} {scene.rng.randint(200, 989)} {scene.rng.randint(1000, 9989)}"
    )


def _language(want: Want) -> Saying:
    words = in_words(want.name)
    if "programming" in words or set(want.noun.split()) & _REPOSITORY:
        return _label_of("", "language")
    code = "code" in words or "locale" in words or "639" in want.description
    return lambda scene, _: scene.rng.choice(_LANGUAGES)[code]


def _when(write: Callable[[datetime, JsonObject], Any]) -> Callable[[Want], Saying]:
    def said(want: Want) -> Saying:
        name, noun, schema = want.name, want.noun, want.schema
        return lambda scene, clock: str(write(times.moment(name, noun, scene.rng, clock), schema))

    return said


def _amount(want: Want) -> Saying:
    draw = amounts.numbers(want.semantic, {}, want.name)
    form = ".2f" if want.semantic == "money" else "g"
    return lambda scene, _: format(draw(scene.rng), form)


def _duration(want: Want) -> Saying:
    if want.schema.get("format") == "duration" or "ISO 8601" in want.description:
        return lambda scene, _: f"PT{scene.rng.choice((15, 30, 45, 60, 90))}M"
    return lambda scene, _: f"{scene.rng.choice((15, 30, 45, 60, 90, 120))} minutes"


def _opaque(want: Want) -> Saying:
    draw = ids.opaque(want.schema, want.name, want.noun)
    return lambda scene, _: str(draw(scene))


def _of_person(part: str) -> Callable[[Want], Saying]:
    get = attrgetter(part)
    return lambda want: lambda scene, _: get(scene.person(want.name))


def _of_place(part: str) -> Callable[[Want], Saying]:
    get = attrgetter(part)
    return lambda want: lambda scene, _: str(get(scene.place(want.name)))


def _drawn(draw: Callable[[Random], str]) -> Callable[[Want], Saying]:
    return lambda _: lambda scene, _: draw(scene.rng)


_SAYINGS: Mapping[SemanticType, Callable[[Want], Saying]] = MappingProxyType(
    {
        "opaque_id": _opaque,
        "number_id": _number_id,
        "handle": _handle,
        "person_name": _of_person("name"),
        "first_name": _of_person("first"),
        "last_name": _of_person("last"),
        "email": _of_person("email"),
        "phone": _phone,
        "company": _company,
        "title": _title,
        "text": _text,
        "query": lambda w: lambda scene, _: phrases.query(scene.rng, w.noun),
        "label": _label,
        "city": _of_place("city"),
        "country": _country,
        "state": _state,
        "street": _street,
        "zip": _of_place("postcode"),
        "address": _of_place("address"),
        "airport": _of_place("airport"),
        "latitude": _of_place("latitude"),
        "longitude": _of_place("longitude"),
        "timezone": _of_place("timezone"),
        "currency": _of_place("currency"),
        "language": _language,
        "date": _when(times.date_text),
        "time": _when(times.time_text),
        "datetime": _when(times.datetime_text),
        "duration": _duration,
        "money": _amount,
        "percent": _amount,
        "rating": _amount,
        "count": _amount,
        "number": _amount,
        "url": lambda w: lambda scene, _: file_values.url(scene.rng, w.name, w.noun),
        "path": lambda w: lambda scene, _: file_values.path(scene.rng, w.name, w.noun),
        "branch": lambda w: lambda scene, _: file_values.branch(scene.rng, w.name),
        "sha": _drawn(ids.sha),
        "color": _drawn(lambda rng: rng.choice(_COLORS)),
        "version": _drawn(file_values.version),
        "expression": _drawn(file_values.expression),
        "cursor": _drawn(ids.cursor),
    }
)


_MOST = 6
"""Repeats beyond the least number: what is unbounded stays short."""
_TRIES = 60
_MARKS = string.ascii_letters + string.digits + "-_. "


class _Strings(Rstr):
    """Draws with letters that people write, in an order that does not depend on the process."""

    def __init__(self, rng: Random, looking: bool) -> None:
        """``looking``: write down what a look-ahead asks for, rather than leave it out."""
        super().__init__(
            rng,
            printable=string.ascii_lowercase,
            word=string.ascii_lowercase + string.digits,
            whitespace=" ",
            nondigits=string.ascii_letters,
            nonword="-",
            nonwhitespace=string.ascii_letters + string.digits,
        )
        self._cases = {**self._cases, "not_literal": self._draw_other}
        if not looking:
            self._cases["assert"] = lambda _: ""

    def _draw_other(self, code: int) -> str:
        return str(self._random.choice(_MARKS.replace(chr(code), "")))

    def _handle_in(self, value: Any) -> Any:
        if value[0][0].name != "NEGATE":
            return super()._handle_in(value)
        barred = {mark for part in value[1:] for mark in self._handle_state(part)}
        return self._random.choice([mark for mark in _MARKS if mark not in barred])

    def _handle_repeat(self, start_range: int, end_range: Any, value: Any) -> str:
        return super()._handle_repeat(start_range, min(int(end_range), start_range + _MOST), value)


@lru_cache(maxsize=1024)
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern)
    except re.error:
        return None


def match_pattern(pattern: str, rng: Random, least: int = 0, most: int | None = None) -> str | None:
    """A string of this length that the pattern matches, or None where none was found."""
    compiled = _compiled(pattern)
    for number in range(_TRIES if compiled is not None else 0):
        try:
            made = _Strings(rng, looking=number % 2 == 1).xeger(pattern)
        except (KeyError, IndexError):  # a construct that rstr has no draw for, an empty class
            return None
        made += "".join(rng.choices(string.ascii_lowercase, k=max(0, least - len(made))))
        for text in (made, made[:most]):
            fits = least <= len(text) <= (len(text) if most is None else most)
            if fits and compiled is not None and compiled.search(text):
                return text
    return None
