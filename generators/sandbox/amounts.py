"""Numbers of the right size within a schema's bounds: prices, counts, durations, ratings."""

import math
from collections.abc import Callable
from functools import lru_cache
from random import Random

from generators.lexicon.names import in_words
from generators.lexicon.tables import word_set
from generators.sandbox.schema_validity import kind_of
from schemas.record import JsonObject
from schemas.semantic import SemanticType

Range = tuple[float, float, int]
"""(least, most, decimals)."""

_BY_WORD: tuple[tuple[frozenset[str], Range], ...] = (
    (word_set("times stops"), (0, 2, 0)),
    (word_set("quantity qty packs"), (1, 2, 0)),
    (word_set("floor position refills"), (1, 5, 0)),
    (word_set("loan"), (1, 5, 0)),
    (word_set("copies"), (1, 6, 0)),
    (word_set("practice experience"), (3, 30, 0)),
    (word_set("away"), (3, 25, 0)),
    (word_set("left"), (2, 30, 0)),
    (word_set("baggage"), (20, 32, 0)),
    (word_set("pages"), (120, 620, 0)),
    (word_set("capacity"), (4, 24, 0)),
    (word_set("nights adults guests rooms travelers travellers bags"), (1, 4, 0)),
    (word_set("party people passengers attendees seats"), (2, 6, 0)),
    (frozenset({"children"}), (0, 3, 0)),
    (word_set("year"), (2015, 2025, 0)),
    (word_set("hour hours"), (1, 8, 0)),
    (word_set("minute minutes min"), (15, 180, 0)),
    (word_set("second seconds sec"), (30, 300, 0)),
    (word_set("ms millisecond milliseconds"), (200, 240_000, 0)),
    (word_set("day days"), (2, 21, 0)),
    (word_set("week weeks"), (1, 6, 0)),
    (word_set("month months term"), (3, 36, 0)),
    (word_set("temperature temp celsius feels high low"), (6, 29, 1)),
    (frozenset({"humidity"}), (35, 90, 0)),
    (word_set("wind"), (3, 40, 1)),
    (word_set("distance km miles kilometers"), (2, 480, 1)),
    (word_set("weight kg"), (0.3, 8, 1)),
    (word_set("calories kcal"), (120, 850, 0)),
    (word_set("salary income"), (38_000, 120_000, 0)),
    (word_set("balance"), (180, 9_400, 2)),
    (word_set("rate exchange"), (0.7, 1.6, 4)),
    (word_set("fee tax tip shipping"), (2, 25, 2)),
    (word_set("stock inventory"), (3, 140, 0)),
    (word_set("stars forks views likes followers plays downloads"), (12, 4_800, 0)),
    (word_set("sizes size bytes"), (1_200, 480_000, 0)),
    (word_set("limit per_page top"), (5, 20, 0)),
    (word_set("page"), (1, 1, 0)),
    (word_set("line lines head tail"), (5, 40, 0)),
    (word_set("width height"), (320, 1_920, 0)),
    (word_set("age"), (21, 74, 0)),
)
_BY_SEMANTIC: dict[str, Range] = {
    "money": (9, 320, 2),
    "percent": (5, 40, 0),
    "rating": (3, 5, 1),
    "count": (1, 6, 0),
    "duration": (15, 120, 0),
    "number": (1, 100, 0),
    "number_id": (100, 999, 0),
    "latitude": (-60, 60, 4),
    "longitude": (-120, 140, 4),
}
_QUARTER, _HALF_YEAR = 15, 6
_SUMS = frozenset({"salary", "income", "balance", "fee", "tax", "tip", "shipping"})
_BOUNDING = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"})
_ENDINGS = (0.0, 0.5, 0.9, 0.95, 0.99)


def numbers(semantic: SemanticType, schema: JsonObject, name: str) -> Callable[[Random], float]:
    """Draws numbers that satisfy the schema's bounds and step."""
    low, high, decimals = usual(semantic, name)
    if kind_of(schema) == "integer":
        decimals = 0
    first, last = math.ceil(low), math.floor(high)
    quarters = semantic == "duration" and high >= _QUARTER * 4 and low >= _QUARTER
    halves = bool({"month", "months"} & set(in_words(name).split()))
    priced = semantic == "money" and decimals > 0
    bounded = not _BOUNDING.isdisjoint(schema)

    def draw(rng: Random) -> float:
        value = rng.uniform(low, high) if decimals else rng.randint(first, last)
        if quarters:
            value = round(value / _QUARTER) * _QUARTER
        if halves:
            value = max(_HALF_YEAR, round(value / _HALF_YEAR) * _HALF_YEAR)
        if priced:
            value = math.floor(value) + rng.choice(_ENDINGS)
        value = round(value, decimals)
        return within(value, schema, rng, decimals) if bounded else value

    return draw


@lru_cache(maxsize=4096)
def usual(semantic: SemanticType, name: str) -> Range:
    """What is common for a field of this name, else of this meaning."""
    words = set(in_words(name).split())
    if semantic == "money" and not words & _SUMS:
        return (500, 5_000, 0) if "limit" in words else _BY_SEMANTIC["money"]
    if semantic in ("rating", "percent", "latitude", "longitude"):
        return _BY_SEMANTIC[semantic]
    found = next((span for names, span in _BY_WORD if names & words), None)
    return found or _BY_SEMANTIC.get(semantic, _BY_SEMANTIC["number"])


def within(value: float, schema: JsonObject, rng: Random, decimals: int = 0) -> float:
    """The value, or another one that lies between the schema's bounds and on its step."""
    step = schema.get("multipleOf") or (10.0**-decimals if decimals else 1)
    low, high = _bounds(schema, step)
    if not low <= value <= high:
        low = low if low > -math.inf else min(0.0, high - 100)
        high = high if high < math.inf else low + max(10.0, abs(low) * 0.1)
        first, last = math.ceil(low), math.floor(high)
        if first > last and not decimals:
            return low
        value = rng.uniform(low, high) if decimals else rng.randint(first, last)
    if schema.get("multipleOf"):
        return _on_step(value, step, low, high)
    return round(value, decimals) if decimals else int(value)


def _on_step(value: float, step: float, low: float, high: float) -> float:
    """The nearest multiple of the step within the bounds."""
    count = round(value / step)
    if low > -math.inf:
        count = max(count, math.ceil(low / step))
    if high < math.inf:
        count = min(count, math.floor(high / step))
    return count * step


def _bounds(schema: JsonObject, step: float) -> tuple[float, float]:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if "exclusiveMinimum" in schema:
        low = max(low, schema["exclusiveMinimum"] + step)
    if "exclusiveMaximum" in schema:
        high = min(high, schema["exclusiveMaximum"] - step)
    return low, high
