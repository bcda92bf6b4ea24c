"""What kind of value a result gives or a parameter takes, where no entity tells.

A dimension (a distance, a sum of money), a place, a file, a person, a text: coarser than the
semantic types, and read from the descriptions too, as catalogues name one thing in many ways. Two
values of one kind can stand in for each other more often than not; how much that proves is decided
in `generators.graph.recipes`. The words are data: ``data/lexicon/value_kinds.yaml``.
"""

import re
from collections.abc import Collection, Mapping
from functools import cache, lru_cache

from generators.lexicon.names import noun_words
from generators.lexicon.tables import load_table, load_words
from schemas.record import JsonObject
from schemas.semantic import SemanticType

Tokens = tuple[str, ...]
"""A name as the words by which names are compared."""
NUMBER = "number"
"""The kind of a number of which nothing tells what it measures."""
_VAGUE: frozenset[str] = frozenset({"unknown", "title", "number", "handle"})
_DATED = ("date", "datetime", "time")
_IDENTIFYING = ("opaque_id", "sha", "number_id", "cursor")
_LETTERS = re.compile(r"[A-Za-z]+")


def words_called(key: str) -> frozenset[str]:
    """One list of the table, such as ``operands``."""
    return load_words("value_kinds", key)


def is_generic(name: Tokens) -> bool:
    """Whether a name says nothing about what it names."""
    return len(name) == 1 and name[0] in words_called("generic")


def qualify(name: Tokens, noun: str) -> Tokens:
    """Put its thing before a bare name: ``id`` of an order → ``("order", "id")``."""
    bare = len(name) == 1 and name[0] in words_called("bare")
    return (*noun.split(), *name) if bare else name


def json_types(schema: JsonObject) -> frozenset[str]:
    """JSON types, all numbers taken as one; empty where the schema does not say."""
    named = schema.get("type", ())
    return _read_types((named,) if isinstance(named, str) else tuple(named))


@cache
def _read_types(named: tuple[str, ...]) -> frozenset[str]:
    return frozenset("number" if name == "integer" else name for name in named) - {"null"}


def may_share_type(one: JsonObject, other: JsonObject) -> bool:
    """Whether a value of one schema can be of the other's type, too."""
    ours, theirs = json_types(one), json_types(other)
    return not ours or not theirs or bool(ours & theirs)


def description_of(schema: JsonObject) -> str:
    """What a schema says in words; empty where it says nothing."""
    return str(schema.get("description", ""))


@lru_cache(maxsize=50_000)
def phrase_words(text: str) -> Tokens:
    """The words of a description in their order, as words of names are compared."""
    return tuple(token for word in _LETTERS.findall(text) for token in noun_words(word))


@lru_cache(maxsize=50_000)
def words_of(text: str) -> frozenset[str]:
    """The words of a description."""
    return frozenset(phrase_words(text))


@cache
def reckoned_kinds() -> frozenset[str]:
    """Kinds of number that a calculator may be given."""
    return frozenset({*load_table("value_kinds")["dimensions"], NUMBER})


@cache
def serving_kinds() -> Mapping[str, tuple[str, ...]]:
    """Kind that is wanted → kinds of value that serve, itself first."""
    table = load_table("value_kinds")
    kinds = (*table["dimensions"], *table["things"], *table["telling"])
    return {kind: (kind, *table["serves"].get(kind, ())) for kind in kinds}


def kind_of(
    name: Tokens, schema: JsonObject, semantic: SemanticType | None, tool: str
) -> str | None:
    """Say the kind; None where nothing tells, and for identifiers.

    ``tool``: the name of the tool, asked last.
    """
    identifies = semantic in _IDENTIFYING or "id" in name
    if identifies and not words_called("operands").issuperset(name):
        return None
    types, said = json_types(schema), words_of(description_of(schema))
    if "number" in types:
        if semantic in ("latitude", "longitude", "rating"):
            return semantic
        telling = (_find_kind("dimensions", words) for words in (name, said, noun_words(tool)))
        unknown = "duration" if semantic == "duration" else NUMBER
        return next((kind for kind in telling if kind), unknown)
    if not types <= {"string"}:
        return None
    if "content" in name and "directory" in name:
        return "file"  # what a folder holds
    if semantic in _DATED:
        return "date"
    # the last word of the name, the rest, the meaning, what is said
    by_name = _find_kind("things", name[-1:]) or _find_kind("things", name)
    if by_name or semantic is None or semantic in _VAGUE:
        return by_name or _find_kind("things", said)
    by_meaning: str = load_table("value_kinds")["semantic"].get(semantic, semantic)
    return by_meaning


def _find_kind(group: str, words: Collection[str]) -> str | None:
    """Find the first kind of a group of which a sign is among the words."""
    return next((kind for kind, signs in _list_signs(group) if not signs.isdisjoint(words)), None)


@cache
def _list_signs(group: str) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple(
        (kind, frozenset(signs)) for kind, signs in load_table("value_kinds")[group].items()
    )
