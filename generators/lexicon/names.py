"""Names as words: ``pullNumber``, ``pull_number`` and ``pull-number`` are one name.

Names of tools, parameters and fields are split here, joined again, and said in words.
"""

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from generators.lexicon.nouns import singular
from generators.lexicon.spoken_values import ordinal
from generators.lexicon.tables import load_table, load_words

_REMEMBERED = 20_000
_UPPER_PLURAL = re.compile(r"([A-Z]{2,})s(?![a-z])")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SEPARATOR = re.compile(r"[\W_]+")
_NUMBERED = re.compile(r"([^\W\d_]{2,})(\d{1,2})")
_TO_WHOM = re.compile(r"ed_(?:to|by)_(?:email|name|id|uuid|username|handle)$")
"""Of whom a row is told by what was done: ``assigned_to_email`` is what it is "assigned to"."""
_MAKER = re.compile(r"[b-df-hj-np-tv-xz]{2}")
"""Two consonants that begin a name: the service's own mark, as in ``hs_meeting_title``."""


@lru_cache(maxsize=_REMEMBERED)
def split_words(name: str) -> tuple[str, ...]:
    """``commentNodeIDs`` → ``("comment", "node", "ids")``: lower case, any way of joining."""
    calm = _UPPER_PLURAL.sub(lambda match: f"{match[1].title()}s", name)
    return tuple(word.lower() for word in _SEPARATOR.split(_CAMEL.sub(" ", calm)) if word)


_VERSION = re.compile(r"v\d+(\.\d+)*((alpha|beta|rc)\d*)?", re.IGNORECASE)


def is_version(word: str) -> bool:
    """``v1``, ``v3.1`` and ``v2beta1`` tell which interface is meant, not what it is about."""
    return _VERSION.fullmatch(word) is not None


@lru_cache(maxsize=_REMEMBERED)
def noun_words(name: str) -> tuple[str, ...]:
    """Split a name into the forms in which nouns are compared: singular, written out."""
    long = _long_forms()
    known = (long.get(one, one) for one in map(singular, split_words(name)))
    return tuple(word for one in known for word in one.split())


@cache
def _long_forms() -> Mapping[str, str]:
    """Short forms and synonyms of words → what stands for them."""
    exceptions = load_table("exceptions")
    return {**exceptions["abbreviations"], **exceptions["synonyms"]}


@cache
def _spoken_forms() -> Mapping[str, str]:
    """Short forms of words → how they are said."""
    exceptions = load_table("exceptions")
    return {**exceptions["abbreviations"], **exceptions["spoken"]}


@lru_cache(maxsize=_REMEMBERED)
def key_words(name: str) -> tuple[str, ...]:
    """The words of a name; of an id of which only is said which of a row's it is, ``id`` alone."""
    words = noun_words(name)
    plain = len(words) > 1 and load_words("inference", "id_kinds").issuperset(words[:-1])
    return words[-1:] if plain and words[-1] in ("id", "uid", "uuid", "guid") else words


@lru_cache(maxsize=_REMEMBERED)
def snake(name: str) -> str:
    """``pullNumber`` → ``pull_number``; a name without any word stays as it is."""
    return "_".join(split_words(name)) or name


@lru_cache(maxsize=_REMEMBERED)
def in_words(name: str) -> str:
    """``repoPath`` → ``repo path``: the words as they are spelled."""
    return " ".join(split_words(name))


@lru_cache(maxsize=_REMEMBERED)
def moment_in(name: str) -> str:
    """``due`` of ``due_at`` and ``due_string``: what people say before such a date; else empty."""
    words = split_words(name)
    moments: dict[str, str] = load_table("exceptions")["moments"]
    ends = ("at", "on", "by", "string", "str")
    return words[-2] if words[-1:] and words[-1] in ends and words[-2:][0] in moments else ""


@lru_cache(maxsize=_REMEMBERED)
def label(name: str) -> str:
    """A name as people say it: ``departure_date`` → ``departure date``, ``qty`` → ``quantity``."""
    exceptions, said = load_table("exceptions"), _spoken_forms()
    words, parts_of_name = list[str](), list(split_words(name))
    if moment := moment_in(name):
        parts_of_name[-2:] = exceptions["moments"][moment].split()
    if len(parts_of_name) > 1 and parts_of_name[-1] in load_words("exceptions", "unsaid_ends"):
        parts_of_name.pop()
    written = len(parts_of_name) > 1 and parts_of_name[-1] in ("string", "str")
    if written and parts_of_name[-2] not in load_words("exceptions", "strings"):
        parts_of_name.pop()  # that says how it is written
    if _TO_WHOM.search("_".join(parts_of_name)):
        parts_of_name.pop()
    if len(parts_of_name) > 1 and _MAKER.fullmatch(first := parts_of_name[0]) and first not in said:
        parts_of_name = parts_of_name[1:]
    for word in parts_of_name:
        parts = _NUMBERED.fullmatch(word)  # ``address2`` → "second address"
        words += [str(said.get(one, one)) for one in (parts.groups() if parts else (word,))]
    if len(words) > 1 and words[-1] in ("1", "2", "3"):
        number = int(words.pop())
        words = words if number == 1 else [ordinal(number), *words]
    unit = "".join(words[-1:])
    unit = unit if unit in load_words("exceptions", "measures") else ""
    if parts_of_name[-2:-1] and parts_of_name[-2] in load_words("exceptions", "measured"):
        unit = exceptions["units"].get(parts_of_name[-1], unit)
    if len(words) > 1 and unit:
        words[-1:] = ["in", unit]
    phrase = " ".join(word for word in words if word) or "value"
    return phrase.replace("check in ", "check-in ").replace("check out ", "check-out ")


@lru_cache(maxsize=_REMEMBERED)
def bare_label(name: str) -> str:
    """The label without an ID at its end: ``order_id`` → ``order``, ``item_ids`` → ``item``."""
    words = list(split_words(name))
    if len(words) > 1 and words[-1] in ("id", "ids", "node", "uuid"):
        words.pop()
    return label("_".join(words))


def words_before(name: str, ends: frozenset[str]) -> str:
    """Give what stands in a name before the first of ``ends``: ``origin_city`` → ``origin``."""
    words = split_words(name)
    place = next((number for number, word in enumerate(words) if word in ends), len(words))
    return " ".join(words[:place])


def slug(phrase: str, joint: str = "-") -> str:
    """``Harbor relaunch`` → ``harbor-relaunch``."""
    return joint.join(re.findall(r"[a-z0-9]+", phrase.lower()))


def join(parts: Sequence[str], word: str = "and") -> str:
    """``a, b and c``."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def ended(text: str) -> str:
    """With a full stop, unless it ends already."""
    bare = text.rstrip('”"')
    return text if not text or bare[-1:] in (".", "!", "?", ":", "…") else f"{text}."


def capital(text: str) -> str:
    """With a capital first letter, but for the address of a page."""
    return text if "://" in text.partition(" ")[0] else text[:1].upper() + text[1:]
