"""Titles, texts and labels from the small grammars in ``data/phrases``.

A grammar has kinds; a kind has templates whose ``{slots}`` are filled from lists of its own or from
the common ones. Which kind fits is decided by the noun of the thing or the field's name. What has
none gets a general one, which says nothing: whoever must not invent asks before.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from random import Random

from generators.lexicon.meanings import find_text_kind
from generators.lexicon.names import capital, in_words
from generators.lexicon.nouns import named_as, plural, singular
from generators.lexicon.tables import load_words, phrase_set, read_phrases, word_set

_HEADS = ("nouns", "names", "weak_names", "only_names")
FREE_TEXTS = phrase_set(
    "text;input;input text;content;body;string;sentence;phrase;message;prompt;data"
)
"""Names of arguments for which any sentence will do."""
_NO_LISTS = ("general", "only_of", "of_kind")
"""Keys of the file of labels under which no list of one field stands."""
_SLOT = re.compile(r"\{(\w+)\}")
DULL = word_set(
    "the and for with from this that about into not are was has have our your its after before"
    " please when what how why all who you they she him her them nothing something anything"
    " everything somebody nobody other another else hello"
)
"""Words that nobody searches for."""


@dataclass(frozen=True)
class PhraseKind:
    """The templates of one kind, and the words that fill their slots."""

    templates: tuple[str, ...]
    slots: Mapping[str, tuple[str, ...]]


@cache
def _read_kinds(file: str) -> dict[str, PhraseKind]:
    raw, kinds = read_phrases(file), {}
    for key, kind in raw["kinds"].items():
        words = raw["common"] | {k: v for k, v in kind.items() if k not in _HEADS}
        templates = words.pop("titles", None) or words.pop("texts")
        slots = {slot: tuple(values) for slot, values in words.items()}
        kinds[key] = PhraseKind(tuple(templates), slots)
    return kinds


def is_named(noun: str) -> bool:
    """Whether it is known how people name such things: no airport, no field, no deadline."""
    return bool(named_as(noun) or listed(noun))


def is_wrapped(inner: str) -> bool:
    """Whether an object of this name only holds fields of the thing around it: ``details``."""
    around = (load_words("inference", key) for key in ("wrappers", "envelope_words", "page_rows"))
    called = {inner, inner.replace(" ", "_"), plural(inner)}
    return not inner or any(not called.isdisjoint(words) for words in around)


def listed(noun: str) -> tuple[str, ...]:
    """The words of the list of that name, by which such things are called: a genre, a cuisine."""
    lists, head = read_phrases("labels"), noun.rpartition(" ")[2]
    whole = noun.replace(" ", "_")
    if whole not in lists and head in read_phrases("titles")["by_head"]:
        whole = head
    known = whole not in ("category", *_NO_LISTS)
    return tuple(map(str, lists.get(whole, ()) if known else ()))


def count_names(noun: str) -> int:
    """How many such things there are, where they are called by the words of a list; else 0."""
    named = named_as(noun)
    if named in read_phrases("titles")["unique"]:  # a database has one table of each name
        return len(_read_kinds("titles")[named].slots["word"])
    return 0 if named else len(listed(singular(noun)))


def _fill(template: str, kind: PhraseKind, rng: Random, noun: str) -> str:
    """The template with a word in each slot; the slot ``noun`` is the noun itself."""

    def write(slot: re.Match[str]) -> str:
        if slot[1] == "noun":
            return noun or "item"
        return _SLOT.sub(write, rng.choice(kind.slots[slot[1]]))

    return _SLOT.sub(write, template)


def title(rng: Random, noun: str) -> str:
    """A short name of a thing: ``Search fails without a message`` for an issue."""
    named, written = named_as(noun), read_phrases("titles")["as_written"]
    if not named and (words := listed(singular(noun))):
        word = rng.choice(words)
        return word if noun.rpartition(" ")[2] in written else capital(word)
    kind = _read_kinds("titles")[named or "general"]
    made = _fill(rng.choice(kind.templates), kind, rng, singular(noun))
    return made if named in written else capital(made)


def reword(noun: str, old: str) -> tuple[str, ...]:
    """Other names for the same thing: with more said of it, less, or something else."""
    named = named_as(noun)
    kind = _read_kinds("titles").get(named) if named else None
    made: list[str] = []
    for longer in kind.templates if kind else ():
        shorter, _, last = longer.rpartition(" {")
        if kind is None or shorter not in kind.templates:
            continue
        ends = kind.slots[last.removesuffix("}")]
        said = next((one for one in ends if old.endswith(f" {one}")), "")
        stem = old.removesuffix(f" {said}") if said else old
        parts = re.split(r"\{(\w+)\}", shorter)  # text, slot, text …
        words = ("|".join(map(re.escape, kind.slots[one])) if n % 2 else re.escape(one)
                 for n, one in enumerate(parts))  # fmt: skip
        pattern = "".join(f"(?:{one})" for one in words)
        if re.fullmatch(pattern, stem, re.IGNORECASE):
            made += [one for one in (stem, *(f"{stem} {end}" for end in ends)) if one != old]
    return tuple(dict.fromkeys(made))


def text(rng: Random, noun: str, name: str = "") -> str:
    """One or two sentences for a field of a thing."""
    usual = "sentence" if in_words(name) in FREE_TEXTS else "general"
    kind = _read_kinds("texts")[find_text_kind(noun, name) or usual]
    return capital(_fill(rng.choice(kind.templates), kind, rng, noun))


def labels(noun: str, name: str) -> tuple[str, ...]:
    """The words of free classification for a field such as ``genre`` or ``tags``."""
    general: list[str] = read_phrases("labels")["general"]
    return known_labels(noun, name) or tuple(general)


@cache
def known_labels(noun: str, name: str) -> tuple[str, ...]:
    """Those that are kept for the field or its noun; none, where nobody knows of what kind."""
    table = read_phrases("labels")
    words = in_words(name).split()
    tries = ["_".join([*noun.split(), *words]), "_".join(words), *words[::-1],
             *(singular(word) for word in words[::-1]), noun.replace(" ", "_")]  # fmt: skip
    of, head = table["only_of"], noun.rpartition(" ")[2]
    known = (key for key in tries if key in table and key not in _NO_LISTS)
    by_kind = (table["of_kind"].get(singular(word), {}) for word in words)
    found = next((table[key] for key in known if key not in of or head in of[key]), ())
    found = found or next((one[kind] for one in by_kind if (kind := named_as(noun)) in one), ())
    return tuple(str(word) for word in found)


def content_words(phrase: str) -> list[str]:
    """The words of a phrase that one would search for, in order."""
    words = re.findall(r"[^\W\d_]{3,}", phrase)
    return [word for word in words if word.lower() not in DULL]
