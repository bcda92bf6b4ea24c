"""Identifiers: opaque ones with a prefix, ones that follow an example, numbers, hashes, slugs."""

import re
import string
from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Any

from generators.lexicon.names import in_words, slug
from generators.lexicon.tables import word_set
from generators.sandbox.people import People
from schemas.record import JsonObject

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_QUOTED = re.compile(r"['\"`(]([^'\"`()\s]{4,60})['\"`)]")
_MARKED = re.compile(r"(?:[A-Z]+-)?x{3,}(?:-x{2,})*", re.IGNORECASE)
_PEOPLE = word_set(
    "user customer guest patient employee student author member passenger driver client contact"
    " traveler person"
)
_BEING = re.compile(r"^([a-z]+)_([a-z]+)_(\d+)$")
_TAIL = frozenset({"id", "ids", "key", "uuid", "ref", "reference", "code", "number", "token"})


_SHORTEST = 6


@lru_cache(maxsize=2048)
def samples(description: str) -> tuple[str, ...]:
    """Identifiers that a description shows: ``such as '#W0000000'`` → ``("#W0000000",)``."""
    quoted = [found for found in _QUOTED.findall(description) if any(map(str.isdigit, found))]
    marked = _MARKED.findall(description)
    return tuple(dict.fromkeys(quoted + marked))


def opaque(schema: JsonObject, name: str, noun: str) -> Callable[[People], Any]:
    """Identifiers that mean nothing to a person, in the style that the schema shows."""
    kind = schema.get("type")
    if kind in ("integer", "number"):
        return lambda scene: scene.rng.randint(10_000, 9_999_999)
    if schema.get("format") == "uuid" or "uuid" in schema.get("description", "").lower():
        return lambda scene: uuid(scene.rng)
    shown = tuple(str(one) for one in schema.get("examples", ())) or samples(
        schema.get("description", "")
    )
    if shown:
        return lambda scene: _sampled(scene.rng.choice(shown), noun, scene)
    if in_words(name).startswith("cve"):
        return _cve
    start = f"{prefix(name, noun)}_"
    return lambda scene: start + letters(scene.rng, 6)


def _sampled(sample: str, noun: str, scene: People) -> str:
    if sample.isascii() and sample.isalpha() and sample.lower().strip("x"):
        return letters(scene.rng, max(len(sample), _SHORTEST))  # nothing varies in it
    return like(sample, scene.rng, noun, scene)


def _cve(scene: People) -> str:
    return f"CVE-{scene.rng.randint(2021, 2025)}-{scene.rng.randint(10_000, 49_999)}"


@lru_cache(maxsize=4096)
def prefix(name: str, noun: str) -> str:
    """``order_id`` → ``ord``; a bare ``id`` takes the noun's letters."""
    words = [word for word in in_words(name).split() if word not in _TAIL]
    word = (words or in_words(noun).split() or ["ref"])[-1]
    return word if len(word) <= 4 else word[:3]


def letters(rng: Random, count: int) -> str:
    """Lower-case letters and digits that are not mistaken for each other."""
    return "".join(rng.choices(_ALPHABET, k=count))


def like(sample: str, rng: Random, noun: str, scene: People) -> str:
    """Another identifier of the sample's form: digits change, runs of ``x`` become letters."""
    being = _BEING.match(sample)
    if being and _PEOPLE & set(noun.split()):
        person = scene.person("")
        return f"{slug(person.first, '')}_{slug(person.last, '')}_{rng.randint(1000, 9999)}"
    if re.fullmatch(_MARKED, sample):
        head, dash, tail = sample.partition("-")
        if set(head.lower()) != {"x"}:
            return head + dash + re.sub("x", lambda _: rng.choice(_ALPHABET), tail, flags=re.I)
        return re.sub("x", lambda _: rng.choice(_ALPHABET), sample, flags=re.I)
    out = re.sub(r"\d", lambda _: str(rng.randrange(10)), sample)
    return re.sub(r"^0", lambda _: str(rng.randint(1, 9)), out)


def uuid(rng: Random) -> str:
    """A random UUID, version 4."""
    digits = f"{rng.getrandbits(128):032x}"
    variant = "89ab"[rng.randrange(4)]
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"


def sha(rng: Random, length: int = 40) -> str:
    """A hash, as git writes it."""
    return "".join(rng.choices(string.hexdigits[:16], k=length))


def cursor(rng: Random) -> str:
    """A page token."""
    return "cur_" + letters(rng, 12)
