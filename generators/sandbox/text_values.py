"""How each meaning is said as text: a name, a city, a date, an identifier, a sentence.

What can be told of a meaning, name and noun is told once; a saying is what is left to be drawn. The
table `_SAYINGS` is the registry. Which type, bounds or pattern a value needs is seen to in
`generators.sandbox.values`.
"""

import re
import string
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from operator import attrgetter
from random import Random
from types import MappingProxyType
from typing import Any
from uuid import UUID

from rstr import Rstr

from generators.lexicon.meanings import find_text_kind
from generators.lexicon.names import in_words, slug
from generators.lexicon.nouns import has_people, singular
from generators.lexicon.tables import load_table, load_words, word_set
from generators.sandbox import file_values, phrases, times
from generators.sandbox.people import People, names
from generators.sandbox.sought_words import choose_words
from generators.sandbox.standard_ids import draw_of
from generators.world.demand_rules import told_formats
from generators.world.semantics import MARKED_ID, sample_ids, some_in_capitals
from generators.world.tool_names import stem
from schemas.demand import is_written
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_GENERIC = word_set(
    "name title subject headline topic from to source target friendly unique display full short"
    " common official original given internal preferred text body content message summary caption"
    " description"
) | {""}
"""Words before "name" that say nothing of what is named."""
_NAME_OF = re.compile(r"\b(?:name|title)s? of (?:the|an?|each) (\w+)(?: (\w+))?")
_COLORS = ("black", "white", "navy blue", "forest green", "red", "grey", "teal", "beige")
_HEX_COLORS = ("d73a4a", "0e8a16", "1d76db", "fbca04", "5319e7", "c2e0c6", "ffffff", "333333")
_HEXED = re.compile(r"\bhex(?:adecimal)?\b|#[0-9a-f]{6}\b", re.IGNORECASE)
_UNMARKED = re.compile(
    r"\b(?:without|no|omit\w*)\b[^.]{0,24}#|\b(?:6|six)[- ](?:character|char|digit|letter)"
    r"|(?<![#\w])(?=\w*\d)[0-9a-f]{6}\b",
    re.IGNORECASE,
)
"""What is said, or shown, of colours that have no mark before their digits."""
_LANGUAGES = (("English", "en"), ("Spanish", "es"), ("French", "fr"), ("German", "de"),
              ("Portuguese", "pt"), ("Japanese", "ja"))  # fmt: skip
_CODED = re.compile(r"code|locale|639")
_SAID_OF: Sequence[tuple[SemanticType, re.Pattern[str], str]] = (
    ("language", re.compile(r"(?i)\bprogramming\b|\b(?:source|of the) code\b"), "code"),
    ("address", re.compile(r"(?i)\b(?:wallet|ethereum|evm|blockchain|crypto\w*|on-chain)\b|\b0x"),
     "wallet"),
    ("expression", re.compile(r"(?i)\b(?:chemical|molecular) formula\b"), "compound"),
)  # fmt: skip
"""What a description says that another thing is meant than the noun tells."""
_MINUTES = (15, 30, 45, 60, 90, 120)
_IN_UNITS: Mapping[str, Sequence[int]] = MappingProxyType(
    {"seconds": (30, 60, 90, 120), "minutes": _MINUTES, "hours": (1, 2, 3, 4, 8),
     "days": (1, 2, 3, 5, 7, 14), "weeks": (1, 2, 3, 4), "months": (1, 3, 6, 12)}
)  # fmt: skip
_IN_UNIT = re.compile(r"\bin (seconds|minutes|hours|days|weeks|months)\b", re.IGNORECASE)
COUNTED = re.compile(r"\b(\d{1,2})[- ](digit|character|char|letter)", re.IGNORECASE)
"""How long a description says that a number or a code is: ``8-digit ID``."""
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Lower-case letters and digits that are not mistaken for each other."""
_DIGITS = re.compile(r"(?<=[_-])(?:X{2,}|#{2,})(?![A-Za-z])")
"""Where the form of an identifier has digits: ``act_XXXXXXXXX``, ``INV-####``."""
_RUN = re.compile(r"x{2,}(?![a-z])", re.IGNORECASE)
_LONG = re.compile(r"(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[A-Za-z0-9]{16,}")
"""A code that a machine has drawn: ``11dFghVXANMlKmJXsNCbNl``."""
_CUT_OFF = re.compile(r"((?=[A-Za-z]*\d)[A-Za-z0-9]{6,})(?:\.{3}|\u2026)")
"""The beginning of such a code."""
_WHOLE = 44
"""Letters of a code of which only the beginning is shown."""
_DRAWN = frozenset({"unknown", "number_id", "opaque_id", "handle", "address"})
"""Meanings of which a value may be such a code."""
_BEING = re.compile(r"^([a-z]+)_([a-z]+)_(\d+)$")
_TAIL = frozenset({"id", "ids", "key", "uuid", "ref", "reference", "code", "number", "token"})
_HEX = string.hexdigits[:16]
_SHORTEST = 6
_CODE = 2
"""Letters of a code of a country or a state."""


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


_CODES = frozenset({"unknown", "label", "number_id", "opaque_id", "handle"})

_SHOWN_FIRST = frozenset({"unknown", "label", "handle", "path", "url", "color", "version"})
"""Meanings of which the values that a description shows are better than any of our own."""

Saying = Callable[[People, datetime], str]
"""Draws a text for a row's scene and the present time."""


def saying(want: Want) -> Saying:
    """Texts of the meaning that is wanted; whether one fits the schema is for the caller to see."""
    if form := written_form(want.schema):
        return FORMS[form]
    shown = shown_values(want.schema)
    meant = want.semantic if want.semantic in _SAYINGS else "unknown"
    nameless = meant == "title" and not (phrases.is_named(noun := entitled(want)) or is_being(noun))
    wordless = meant == "text" and not find_text_kind(topic(want), want.name)
    if meant == "color" and _hex_mark(want) is not None:
        return _SAYINGS["color"](want)
    lone = shown or shown_examples(want.description)
    if len(lone) == 1 and _is_form(want, str(lone[0])):
        return lambda scene, _: like(str(lone[0]), want.noun, scene, varied=True, name=want.name)
    if shown and (meant in ("unknown", "label") or nameless or wordless):
        return _one_of(shown)
    if (nameless or meant in _SHOWN_FIRST) and (found := shown_examples(want.description)):
        return _like_shown(want, meant, found) or _one_of(found)
    found = shown_examples(want.description) if meant == "opaque_id" else ()
    if found and all(map(str.isalpha, found)):  # a key to press, the symbol of a coin
        return _one_of(found)
    if meant in _CODES and (draw := draw_of(want.name)) is not None:
        return lambda scene, _: draw(scene.rng)
    if meant in _CODES and (counted := COUNTED.search(want.description)):
        marks = string.digits[1:] if counted[2].lower() == "digit" else _ALPHABET
        return lambda scene, _: "".join(scene.rng.choices(marks, k=int(counted[1])))
    seen = sample_ids(want.description) if meant in ("unknown", "label", "number_id") else ()
    if seen:  # a word like those that the description shows
        return lambda scene, _: like(scene.rng.choice(seen), want.noun, scene, name=want.name)
    told = next((noun for of, words, noun in _SAID_OF
                 if of == meant and words.search(want.description)), want.noun)  # fmt: skip
    say = find_case(meant, want.name, told) or _SAYINGS[meant]
    return say(want)


def _is_form(want: Want, sample: str) -> bool:
    """Whether an example is the form of what differs from row to row: a code, a picture, a key.

    A machine has drawn the code, or it is cut off: ``5Netfdf3...``. A row's own key has a digit,
    and letters beside it where it may be the code of anything, as ``code`` itself.
    """
    if _LONG.fullmatch(sample) or _CUT_OFF.fullmatch(sample):
        return want.semantic in _DRAWN
    if want.semantic == "unknown" and file_values.is_media(sample):
        return " " not in sample
    if want.semantic not in ("unknown", "number_id") or not re.search(r"\d", sample):
        return False
    of = stem(want.name)
    own = of is not None and {*of} <= {*want.noun.split()}
    coded = not (sample.isdigit() and in_words(want.name).split()[-1:] == ["code"])
    return " " not in sample and ((own and coded) or want.semantic == "number_id")


def lone_example(want: Want) -> str:
    """The only name or sentence that is known for a field: that of one row; "" for any other.

    One word that nothing else is told of may be what all rows have: a unit, a category.
    """
    shown = shown_values(want.schema) or shown_examples(want.description)
    found = str(shown[0]) if len(shown) == 1 else ""
    if want.semantic == "title":
        noun = entitled(want)
        return "" if phrases.is_named(noun) or is_being(noun) else found
    if want.semantic == "text":
        return "" if find_text_kind(topic(want), want.name) else found
    return found if want.semantic in ("unknown", "query") and " " in found else ""


def _like_shown(want: Want, meant: SemanticType, shown: Sequence[str]) -> Saying | None:
    """Another handle in the form of the only one that a description shows; None for all else.

    One example is a form and nobody's wish; several are often all that there are.
    """
    if len(shown) > 1 or put_in_form("a", shown[0]) is None:
        return None
    if meant == "handle" and (case := find_case(meant, want.name, want.noun)):
        return case(want)
    if is_derived(want.name) and phrases.is_named(want.noun):
        return lambda scene, _: put_in_form(phrases.title(scene.rng, want.noun), shown[0]) or ""
    return None


def is_derived(name: str) -> bool:
    """Whether a field of that name is made of the name of its row: a ``team_domain``, a slug."""
    return in_words(name).rpartition(" ")[2] in load_words("meanings", "derived")


_WORDS_JOINED = re.compile(r"[a-z]+\d*(?:([-_])[a-z\d]+)*")


def put_in_form(name: str, sample: str) -> str | None:
    """A name written as the sample is: ``Research crew``, ``my-team`` → ``research-crew``.

    None where the sample is not made of words in small letters.
    """
    joined = _WORDS_JOINED.fullmatch(sample)
    return slug(name, joined[1] or "") if joined else None


def in_told_form(text: str, description: str) -> str:
    """Words to search for; one of them, where the description wants what only that one is.

    What is to be sent encoded is a word that needs no encoding.
    """
    form = next((form for said, form in told_formats() if said.search(description)), None)
    words = [] if form is None or is_written(text, form) else text.split()[::-1]
    return next((word for word in words if is_written(word, form or "")), text)


def _one_of(options: Sequence[Any]) -> Saying:
    return lambda scene, _: str(scene.rng.choice(options))


def entitled(want: Want) -> str:
    """The thing that a title is of: what its own name says, else its description, else its row."""
    own = re.sub(r" (?:name|title|subject)$", "", singular(in_words(want.name)))
    if own not in _GENERIC:
        return own
    told = _NAME_OF.search(want.description)
    words = {one.lower() for one in told.groups() if one} if told else set[str]()
    itself = not words.isdisjoint(want.noun.split())  # "of the vector store", "of the test run"
    return told[1] if told and own != "title" and not itself else want.noun


def topic(want: Want) -> str:
    """What a text is about: ``Commit message`` tells that, else it is the thing that has it."""
    if not want.description:
        return want.noun
    last = re.escape(in_words(want.name).rpartition(" ")[2])
    told = re.match(rf"(?:the )?([a-z]+) {last}\b", want.description.lower())
    return told[1] if told and find_text_kind(told[1], "") else want.noun


def is_being(noun: str) -> bool:
    """Whether such a thing bears the name of a person: a courier, a guest."""
    *before, last = noun.split(" ")
    programs = load_words("meanings", "perhaps_programs"), load_words("meanings", "of_programs")
    if last in programs[0] and not programs[1].isdisjoint(before):
        return False  # a package manager, a user agent
    named = last in load_words("meanings", "beings") or last in load_words("meanings", "people")
    return named and has_people(noun)


def _title(want: Want) -> Saying:
    noun = entitled(want)
    if is_being(noun):
        return lambda scene, _: scene.person(want.name).name
    return lambda scene, _: phrases.title(scene.rng, noun)


def _hex_mark(want: Want) -> str | None:
    """What stands before the six digits of a colour; None where it is told by its name."""
    shown = " ".join(map(str, shown_values(want.schema)))
    said = f"{want.description} {want.schema.get('format', '')} {shown}"
    if _HEXED.search(said) is None and "hex" not in in_words(want.name).split():
        return None
    return "" if "#" not in shown and _UNMARKED.search(said) else "#"


_OF_TWO_LETTERS = re.compile(r"\biso[- ]?3166|country[- ]codes?\b|\balpha-?2\b", re.IGNORECASE)
_PARTS = {"zip": "postcode", "country": "country", "state": "state_code"}


def _of_place(want: Want) -> Saying:
    """A part of the place that the field is about."""
    part: str = _PARTS.get(want.semantic, want.semantic)
    name, schema = want.name, want.schema
    if part == "country":
        shown = [one for one in schema.get("examples", ()) if isinstance(one, str)]
        told = f"{want.description} {schema.get('format', '')}"
        short = "code" in in_words(name) or _OF_TWO_LETTERS.search(told) is not None
        short |= bool(shown) and all(len(one) == _CODE and one.isupper() for one in shown)
        part = "country_code" if short or schema.get("maxLength") == _CODE else part
    elif part == "state_code" and schema.get("minLength", 0) > _CODE:
        part = "state"
    elif part == "street" and in_words(name).endswith(("2", "line 2")):
        return lambda scene, _: f"Apt {scene.rng.randint(1, 48)}"
    get = attrgetter(part)
    return lambda scene, _: as_shown(str(get(scene.place(name))), want.description)


def as_shown(place: str, description: str) -> str:
    """A city or a country by the name that the description shows of it: ``Lisboa``."""
    others: Mapping[str, str] = load_table("places")["other_names"]
    shown = shown_examples(description)
    return place if place in shown else next((o for o in shown if others.get(o) == place), place)


def _opaque(want: Want) -> Saying:
    """Identifiers, in the style that the schema shows; else such as people write down."""
    schema, noun = want.schema, want.noun
    if "uuid" in want.description.lower():
        return FORMS["uuid"]
    if "numeric" in want.description.lower():
        return lambda scene, _: str(scene.rng.randint(1_001, 98_999))
    shown = tuple(map(str, shown_values(schema))) or sample_ids(want.description)
    if shown:
        return lambda scene, _: like(
            scene.rng.choice(shown), noun, scene, varied=True, name=want.name
        )
    # order_id → ORD-…; a bare id takes the noun's letters.
    words = [word for word in in_words(want.name).split() if word not in _TAIL]
    word = (words or in_words(noun).split() or ["ref"])[-1]
    start = word if len(word) <= 4 else word[:3]
    return lambda scene, _: f"{start.upper()}-{scene.rng.randint(100_000, 999_999)}"


def shown_values(schema: JsonObject) -> tuple[Any, ...]:
    """The examples of a schema, without what means every value and is none: ``all``."""
    if "examples" not in schema:
        return ()
    every = load_words("inference", "every")
    return tuple(one for one in schema["examples"] if str(one).lower() not in every)


_SHOWN = re.compile(
    r"(?:\be\.g\.,?|\bsuch as|\bfor (?:example|instance),?|\bexamples?(?: values?)?(?: are| is)?:)"
    r"\s*(?P<listed>(?:[^.;)\n]|\.(?=\w))+)",
    re.IGNORECASE,
)
_IN_QUOTES = re.compile(r"[\"'`\u2018\u201c]([^\"'`\u2019\u201d]{1,60})[\"'`\u2019\u201d]")
_FORM_BEFORE = re.compile(r"^(?:an? )?(?:hex|hexadecimal|code|value|number|string) (?=[#\d])")
"""What a value is, in words before it."""
_SHORT_WORD = re.compile(
    r"[\w+#/&-]{2,24}(?: [\w+#/&-]{2,24})?|https?://[^\s,]+|localhost:\d+|[\w.~-]*/[\w./-]+"
)


@lru_cache(maxsize=2048)
def shown_examples(description: str) -> tuple[str, ...]:
    """Values that a description shows: ``e.g. 'BOS'``, ``such as mp3, wav or flac``."""
    found = _SHOWN.search(description)
    if found is None:
        return some_in_capitals(description)
    quoted = _IN_QUOTES.findall(found["listed"])
    listed = re.split(r",\s*(?:or\s+|and\s+|etc)?|\s+or\s+|\s+and\s+", found["listed"].strip())
    listed = [_FORM_BEFORE.sub("", one) for one in listed]  # ``hex #000000``
    plain = [one for one in listed if _SHORT_WORD.fullmatch(one)]
    whole = len(plain) == len([*filter(None, listed)])
    return tuple(dict.fromkeys(quoted or (plain if whole else ())))


def like(sample: str, noun: str, scene: People, *, varied: bool = False, name: str = "") -> str:
    """Another identifier of the sample's form: digits change, runs of ``x`` become letters.

    Behind a prefix, as in ``act_XXXX``, runs of a capital X or of ``#`` become digits.

    ``varied``: one in which nothing would change is letters altogether. One of a person, as the
    ``name`` of the field or else its noun tells, is made of the person's names.
    """
    rng, words = scene.rng, [word for word in in_words(name).split() if word not in _TAIL]
    named = (words or noun.split() or [""])[-1]
    if varied and sample.isascii() and sample.isalpha() and sample.lower().strip("x"):
        return _letters(rng, max(len(sample), _SHORTEST))
    if cut := _CUT_OFF.fullmatch(sample):
        rest = rng.choices(string.ascii_letters + string.digits, k=max(0, _WHOLE - len(cut[1])))
        return _draw_alike(cut[1], rng) + "".join(rest)
    if varied and file_values.is_media(sample):
        return re.sub(r"(?=\.\w+$)", f"-{rng.randint(10, 999)}", sample)
    if varied and not re.search(r"\d|x{2}|#{2}", sample, re.IGNORECASE):  # ``abc-def``
        return re.sub(r"[A-Za-z]+", lambda run: _draw_alike(run[0], rng), sample)
    if _BEING.match(sample) and named in load_words("meanings", "identified_by_name"):
        person = scene.person("")
        return f"{slug(person.first, '')}_{slug(person.last, '')}_{rng.randint(1000, 9999)}"
    if _DIGITS.search(sample):
        return _DIGITS.sub(
            lambda run: str(rng.randrange(10 ** (len(run[0]) - 1), 10 ** len(run[0]))), sample
        )
    if MARKED_ID.fullmatch(sample):
        return _RUN.sub(lambda run: _letters(rng, len(run[0])), sample)
    if _LONG.search(sample):
        return _LONG.sub(lambda long: _draw_alike(long[0], rng), sample)
    # Of ``ft:gpt-4o:abc123`` the number, and not the version, is another.
    run = r"\d{3,}" if re.search(r"\d{3,}", sample) else r"\d"
    out = re.sub(run, lambda old: "".join(rng.choices(string.digits, k=len(old[0]))), sample)
    return re.sub(r"^0", lambda _: str(rng.randint(1, 9)), out)


def _draw_alike(code: str, rng: Random) -> str:
    """Another code of so many letters and digits, at the same places: in hexadecimal as it is."""
    letters = _HEX[10:] if {*code.lower()} <= {*_HEX} else string.ascii_lowercase
    drawn = (rng.choice(string.digits if one.isdigit() else letters) for one in code)
    return "".join(
        new.upper() if one.isupper() else new for one, new in zip(code, drawn, strict=True)
    )


def _letters(rng: Random, count: int) -> str:
    return "".join(rng.choices(_ALPHABET, k=count))


def _classes(want: Want, noun: str) -> Sequence[str]:
    """Words of free classification; where none are known for it, the usual one alone."""
    usual = want.schema.get("default")
    alone = (usual,) if isinstance(usual, str) and usual else ()
    return phrases.known_labels(noun, want.name) or alone or phrases.labels(noun, want.name)


_REPOSITORY = word_set("repo repository project slug channel workspace namespace team")
_CODE_KEPT = load_words("meanings", "code_kept")
_CODE_WRITTEN = _CODE_KEPT | load_words("meanings", "code_written")
_SPOKEN = load_words("meanings", "spoken")
_CHAINS = load_words("meanings", "chains")
_ANY: frozenset[str] = frozenset()
_CASES: Sequence[tuple[SemanticType, frozenset[str], frozenset[str], Callable[[Want], Saying]]] = (
    ("number_id", word_set("room"), _ANY,
     lambda _: lambda scene, _: str(scene.rng.randint(101, 519))),
    ("label", word_set("tag tags"), word_set("release version tag"),
     lambda _: lambda scene, _: file_values.version(scene.rng)),
    ("title", word_set("package"), word_set("app application"), lambda _: _one_of(tuple(
        f"com.example.{one}" for one in ("notes", "maps", "camera", "calendar", "music")))),
    ("unknown", word_set("pattern patterns glob"), _ANY,
     lambda _: _one_of(("*.md", "*.csv", "*.log", "**/*.py"))),
    ("unknown", word_set("data"), word_set("file media image audio picture photo"),
     lambda _: lambda scene, _: b64encode(scene.rng.randbytes(24)).decode()),
    ("unknown", word_set("target"), word_set("diff comparison change"),
     lambda want: lambda scene, _: file_values.branch(scene.rng, want.name)),
    ("text", word_set("content"), word_set("file path directory"), lambda _: lambda scene, _: (
        file_values.content(file_values.path(scene.rng, "path", "file"), scene.rng))),
    ("handle", word_set("coupon promo"), _ANY, lambda _: lambda scene, _: (
        f"{scene.rng.choice(('SPRING', 'WELCOME', 'SAVE'))}{scene.rng.choice((10, 15, 20))}")),
    ("handle", word_set("symbol ticker"), _ANY,
     lambda want: _one_of(phrases.labels(want.noun, "ticker"))),
    ("handle", word_set("repository"), word_set("code"), lambda _: lambda scene, _: "/".join((
        slug(scene.rng.choice(names().companies).split(",")[0]).removesuffix("-and-sons"),
        phrases.title(scene.rng, "repository")))),
    ("handle", word_set("org organization owner"), _ANY, lambda _: lambda scene, _: (
        slug(scene.rng.choice(names().companies).split(",")[0]).removesuffix("-and-sons"))),
    *(("handle", of_name, of_noun, lambda _, kind=kind: lambda scene, _: slug(
        phrases.title(scene.rng, kind)))
      for kind, words in (("repository", _CODE_KEPT), ("channel", word_set("channel channels")),
                          ("group", word_set("team usergroup")))
      for of_name, of_noun in ((words, _ANY), (word_set("name handle slug"), words))),
    ("handle", word_set("namespace"), _ANY, lambda _: _one_of(phrases.listed("namespace"))),
    *(("handle", of_name, of_noun, lambda _: lambda scene, _: slug(
        " ".join(phrases.title(scene.rng, "project").split()[:2])))
      for of_name, of_noun in ((_REPOSITORY, _ANY), (word_set("name"), _REPOSITORY),
                               (word_set("handle slug"), word_set("group usergroup team")))),
    ("language", _SPOKEN, _ANY, lambda want: _SAYINGS["language"](want)),
    *(("language", of_name, of_noun, lambda _: _one_of(phrases.labels("", "language")))
      for of_name, of_noun in ((word_set("programming coding"), _ANY), (_ANY, _CODE_WRITTEN))),
    ("address", _ANY, _CHAINS, lambda _: lambda scene, _: (
        f"0x{''.join(scene.rng.choices(_HEX, k=40))}")),
    ("expression", word_set("formula"), load_words("meanings", "compounds"),
     lambda _: _one_of(load_table("meanings")["formulas"])),
)  # fmt: skip
"""What is said where a field's name and noun have such words: meaning, of the name, of the noun."""


def find_case(meant: SemanticType, name: str, noun: str) -> Callable[[Want], Saying] | None:
    """The special saying for a field of such a name and noun, where there is one."""
    words, nouns = in_words(name).split(), noun.split()
    for of_name, of_noun, say in _cases_of(meant):
        named = not of_name or not of_name.isdisjoint(words)
        if named and (not of_noun or not of_noun.isdisjoint(nouns)):
            return say
    return None


@cache
def _cases_of(
    meant: SemanticType,
) -> tuple[tuple[frozenset[str], frozenset[str], Callable[[Want], Saying]], ...]:
    """The special sayings of one meaning, with the words of name and noun."""
    return tuple((names, nouns, say) for meaning, names, nouns, say in _CASES if meaning == meant)


_SAYINGS: Mapping[SemanticType, Callable[[Want], Saying]] = MappingProxyType(
    {
        "unknown": lambda want: _one_of(_classes(want, "")),
        "label": lambda want: _one_of(_classes(want, want.noun)),
        "number_id": lambda _: lambda scene, _: str(scene.rng.randint(1_001, 9_899)),
        "opaque_id": _opaque,
        "handle": lambda want: lambda scene, _: scene.person(want.name).handle,
        "person_name": lambda want: lambda scene, _: scene.person(want.name).name,
        "first_name": lambda want: lambda scene, _: scene.person(want.name).first,
        "last_name": lambda want: lambda scene, _: scene.person(want.name).last,
        "email": lambda want: lambda scene, _: scene.person(want.name).email,
        "phone": lambda _: lambda scene, _: (
            f"{scene.place('').dialling} {scene.rng.randint(200, 989)}"
            f" {scene.rng.randint(1000, 9989)}"
        ),
        # a firm; an airline or a brand out of its list
        "company": lambda want: _one_of(
            phrases.listed(in_words(want.name).removesuffix(" name").rpartition(" ")[2])
            or names().companies
        ),
        "title": _title,
        "text": lambda want: lambda scene, _: phrases.text(scene.rng, topic(want), want.name),
        "query": lambda want: lambda scene, _: in_told_form(
            choose_words(phrases.title(scene.rng, want.noun), scene.rng) or want.noun,
            want.description,
        ),
        **dict.fromkeys(
            ("city", "country", "state", "street", "zip", "address", "airport", "latitude",
             "longitude", "timezone", "currency"), _of_place,
        ),
        "language": lambda want: _one_of([
            pair[_CODED.search(f"{in_words(want.name)} {want.description}") is not None]
            for pair in _LANGUAGES
        ]),
        **dict.fromkeys(
            ("date", "time", "datetime"),
            lambda want: lambda scene, clock: str(
                times.moment_text(
                    times.moment(want.name, want.noun, scene.rng, clock), want.schema,
                    want.semantic, want.name,
                )
            ),
        ),
        "duration": lambda want: _one_of(
            [f"PT{minutes}M" for minutes in _MINUTES[:-1]]
            if want.schema.get("format") == "duration" or "ISO 8601" in want.description
            else [str(count) for count in _IN_UNITS[unit[1].lower()]]
            if (unit := _IN_UNIT.search(want.description))
            else [f"{minutes} minutes" for minutes in _MINUTES]
        ),
        "url": lambda want: lambda scene, _: file_values.url(scene.rng, want.name, want.noun),
        "path": lambda want: lambda scene, _: file_values.path(
            scene.rng, want.name, want.noun, want.description),
        "branch": lambda want: lambda scene, _: file_values.branch(scene.rng, want.name),
        "sha": lambda _: lambda scene, _: "".join(scene.rng.choices(_HEX, k=40)),
        "color": lambda want: _one_of(
            [mark + one for one in _HEX_COLORS] if (mark := _hex_mark(want)) is not None
            else _COLORS
        ),
        "version": lambda _: lambda scene, _: file_values.version(scene.rng),
        "expression": lambda _: lambda scene, _: file_values.expression(scene.rng),
        "cursor": lambda _: lambda scene, _: f"cur_{_letters(scene.rng, 12)}",
    }
)  # fmt: skip


_PIXEL = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
"""The smallest picture there is, as PNG."""


def _encode(scene: People, media: str = "") -> str:
    """Base64 of a picture, or of some bytes."""
    picture = media.startswith("image/")
    return b64encode(_PIXEL if picture else scene.rng.randbytes(24)).decode()


def _address(scene: People) -> str:
    """An address of version 4 out of the blocks that are kept for examples."""
    block = scene.rng.choice(("192.0.2", "198.51.100", "203.0.113"))
    return f"{block}.{scene.rng.randint(1, 254)}"


FORMS: Mapping[str, Saying] = MappingProxyType(
    {
        "base64": lambda scene, _: _encode(scene),
        "image": lambda scene, _: _encode(scene, "image/"),
        "byte": lambda scene, _: _encode(scene),
        **dict.fromkeys(("ipv4", "ip", "ip-address"), lambda scene, _: _address(scene)),
        "cidr": lambda scene, _: f"{_address(scene).rpartition('.')[0]}.0/24",
        "ipv6": lambda scene, _: f"2001:db8::{scene.rng.randint(16, 65_535):x}",
        "mac": lambda scene, _: ":".join(f"{one:02x}" for one in b"\x02" + scene.rng.randbytes(5)),
        **dict.fromkeys(
            ("hostname", "idn-hostname"),
            lambda scene, _: f"{scene.rng.choice(('www', 'mail', 'db1', 'app2'))}.example.com",
        ),
        "json-pointer": lambda scene, _: scene.rng.choice(("/name", "/items/0", "/settings/mode")),
        "relative-json-pointer": lambda scene, _: scene.rng.choice(("0", "1/name", "2/items/0")),
        "regex": lambda scene, _: scene.rng.choice(("^[a-z]+$", "^\\d{4}$", "^draft-\\d+$")),
        "uri-template": lambda _, __: "https://www.example.com/items/{id}",
        "uuid": lambda scene, _: str(UUID(int=scene.rng.getrandbits(128), version=4)),
    }
)
"""What has one form whatever its name says: JSON Schema's formats, and others' usual ones."""


def written_form(schema: JsonObject) -> str:
    """The one of `FORMS` that a schema asks for by its format or encoding; "" for none."""
    if str(schema.get("contentEncoding", "")).lower() in ("base64", "base64url"):
        return "image" if str(schema.get("contentMediaType")).startswith("image/") else "base64"
    told = str(schema.get("format", "")).lower()
    encoded = not told and "base64" in str(schema.get("description", "")).lower()
    return "base64" if encoded and schema.get("type") == "string" else told if told in FORMS else ""


_MOST = 6
"""Repeats beyond the least number: what is unbounded stays short."""
_TRIES = 60
_MARKS = string.ascii_letters + string.digits + "-_. "


class _Strings(Rstr):
    """Draws with letters that people write, in an order that does not depend on the process."""

    def __init__(self, rng: Random, looking: bool, most: int) -> None:
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
        self._most = most
        self._cases = {
            **self._cases,
            "not_literal": lambda code: str(rng.choice(_MARKS.replace(chr(code), ""))),
            "atomic_group": lambda parts: "".join(map(self._handle_state, parts)),
        }
        for repeat in ("max_repeat", "min_repeat", "possessive_repeat"):
            self._cases[repeat] = lambda told: self._handle_repeat(*told)
        if not looking:
            self._cases["assert"] = lambda _: ""

    def _handle_in(self, value: Any) -> Any:
        if value[0][0].name != "NEGATE":
            return super()._handle_in(value)
        barred = {mark for part in value[1:] for mark in self._handle_state(part)}
        return self._random.choice([mark for mark in _MARKS if mark not in barred])

    def _handle_repeat(self, start_range: int, end_range: Any, value: Any) -> str:
        most = min(int(end_range), int(start_range) + self._most)
        return super()._handle_repeat(start_range, most, value)


_OTHER_DIALECTS = (
    (r"\(\?<(?=[A-Za-z_])", "(?P<"), (r"\\k<(\w+)>", r"(?P=\1)"), (r"\\p\{Lu\}", "[A-Z]"),
    (r"\\p\{Ll\}", "[a-z]"), (r"\\p\{(?:L|Letter|Alphabetic)\}", "[a-zA-Z]"),
    (r"\\p\{N[d]?\}", r"\\d"), (r"\\u\{([0-9A-Fa-f]{4})\}", r"\\u\1"),
)  # fmt: skip
"""What ECMAScript writes otherwise than Python: as it stands there, as it stands here."""


def match_pattern(pattern: str, rng: Random, least: int = 0, most: int | None = None) -> str | None:
    """A string of this length that the pattern matches, or None where none was found.

    Look-arounds are met by chance: what is drawn without them is kept where they agree.
    """
    for theirs, ours in _OTHER_DIALECTS:
        pattern = re.sub(theirs, ours, pattern)
    try:
        compiled = re.compile(pattern)
    except re.error:
        return None
    for number in range(_TRIES):
        spread = max(_MOST, least) if number % 3 == 2 or least > _MOST else _MOST
        try:
            made = _Strings(rng, number % 2 == 1, spread).xeger(pattern)
        except (KeyError, IndexError, TypeError, ValueError):  # no draw for it, an empty class
            return None
        padded = made + "".join(rng.choices(string.ascii_lowercase, k=max(0, least - len(made))))
        for text in (made, padded, padded[:most]):
            fits = least <= len(text) <= (len(text) if most is None else most)
            if fits and compiled.search(text):
                return text
    return None
