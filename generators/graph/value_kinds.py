"""What kind of value a result gives or a parameter takes, where no entity tells.

A dimension (a distance, a sum of money), a place, a file, a person, a text: coarser than the
semantic types, and read from the descriptions too, as catalogues name one thing in many ways. Two
values of one kind can stand in for each other more often than not; how much that proves is decided
in `generators.graph.edges`.
"""

import re
from functools import lru_cache
from types import MappingProxyType

from generators.graph.names import Tokens, json_types, name_tokens
from schemas.record import JsonObject
from schemas.semantic import SemanticType


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DIMENSIONS: tuple[tuple[str, frozenset[str]], ...] = (
    ("moment", _words("timestamp epoch")),
    ("money", _words(
        "price cost money fee balance budget salary fare refund usd dollar euro currency payment "
        "deposit income revenue cash fund exchange exchanged"
    )),
    ("distance", _words("distance mile mileage km kilometer kilometre metre meter")),
    ("volume", _words("volume liter litre gallon fuel")),
    ("temperature", _words("temperature celsius fahrenheit")),
    ("pressure", _words("pressure psi pascal")),
    ("speed", _words("speed velocity mph")),
    ("weight", _words("weight mass kg kilogram pound gram")),
    ("duration", _words("duration minute hour second millisecond")),
    ("share", _words("percent percentage ratio")),
    ("count", _words("count quantity")),
)  # fmt: skip
"""What a number measures, and the words that say so, the surest first."""

_THINGS: tuple[tuple[str, frozenset[str]], ...] = (
    ("file", _words("file filename path")),
    ("folder", _words("directory folder")),
    ("zip", _words("zipcode zip postcode")),
    ("airport", _words("airport")),
    ("city", _words("city town")),
    ("place", _words("location place destination address station")),
    ("person", _words("username person people employee")),
    ("text", _words("content text message body line comment log diff output")),
)
"""What a text is or names, and the words that say so."""

_SEMANTIC: MappingProxyType[SemanticType, str] = MappingProxyType(
    {"path": "file", "address": "place"}
)
"""Semantic types that go by another name here; the others are kinds by their own."""
_VAGUE: frozenset[str] = frozenset({"unknown", "title", "number", "handle"})
_DATED = ("date", "datetime", "time")
NUMBER = "number"
"""The kind of a number of which nothing tells what it measures."""
RECKONED: frozenset[str] = frozenset(kind for kind, _ in _DIMENSIONS) | {NUMBER}
"""Kinds of number that a calculator may be given."""
SERVES: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        **{kind: (kind,) for kind, _ in (*_DIMENSIONS, *_THINGS)},
        **{kind: (kind,) for kind in ("email", "phone", "url", "branch")},
        "folder": ("folder", "file"),
        "city": ("city", "place"),
        "airport": ("airport", "place"),
        "place": ("place", "city", "airport"),
    }
)
"""Kind that is wanted → kinds of value that serve. A listing of a folder names folders too; dates,
names and labels are absent, as nearly every row has some."""
OPERANDS = _words("number value a b x y amount part whole operand figure")
"""Names of what a calculator reckons with, whatever it measures."""
_LETTERS = re.compile(r"[A-Za-z]+")


def kind_of(
    tokens: Tokens, schema: JsonObject, semantic: SemanticType | None, tool: str
) -> str | None:
    """Say the kind; None where nothing tells, and for identifiers.

    ``tool``: the name of the tool, asked last.
    """
    known = semantic in ("opaque_id", "sha", "number_id", "cursor") or "id" in tokens
    if known and not set(tokens) <= OPERANDS:
        return None
    types = json_types(schema)
    said = words_of(str(schema.get("description", "")))
    if "number" in types:
        return _dimension(frozenset(tokens), said, frozenset(name_tokens(tool)), semantic)
    return _thing(tokens, said, semantic) if types <= {"string"} else None


@lru_cache(maxsize=50_000)
def words_of(text: str) -> frozenset[str]:
    """The words of a description, singular and in lower case."""
    return frozenset(phrase_of(text))


@lru_cache(maxsize=50_000)
def phrase_of(text: str) -> Tokens:
    """The words in their order."""
    return tuple(token for word in _LETTERS.findall(text) for token in name_tokens(word))


def _dimension(
    name: frozenset[str], said: frozenset[str], tool: frozenset[str], semantic: SemanticType | None
) -> str:
    if semantic in ("latitude", "longitude", "rating"):
        return semantic
    for words in (name, said, tool):
        for kind, signs in _DIMENSIONS:
            if words & signs:
                return kind
    return "duration" if semantic == "duration" else NUMBER


def _thing(name: Tokens, said: frozenset[str], semantic: SemanticType | None) -> str | None:
    """Say what a text names: by the last word of its name, the rest, its meaning, what is said."""
    if "content" in name and {"directory", "folder"} & set(name):
        return "file"  # what a folder holds
    if semantic in _DATED:
        return "date"
    known = None if semantic is None or semantic in _VAGUE else _SEMANTIC.get(semantic, semantic)
    by_name = _by_signs(frozenset(name[-1:])) or _by_signs(frozenset(name))
    return by_name or known or _by_signs(said)


def _by_signs(words: frozenset[str]) -> str | None:
    return next((kind for kind, signs in _THINGS if words & signs), None)
