"""Numbers of the right size within a schema's bounds: prices, counts, durations, ratings."""

import math
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from random import Random
from typing import Any

from generators.lexicon.names import in_words
from generators.sandbox.phrases import read_phrases
from generators.sandbox.schema_validity import kind_of
from schemas.record import JsonObject
from schemas.semantic import SemanticType

Range = tuple[float, float, int]
"""(least, most, decimals)."""

_QUARTER, _HALF_YEAR = 15, 6
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
    words, (by_word, by_meaning) = set(in_words(name).split()), _table()
    sizes = read_phrases("amounts")
    if semantic == "money" and not words.intersection(sizes["sums"]):
        return _range(sizes["limit"]) if "limit" in words else by_meaning["money"]
    if semantic in ("rating", "percent", "latitude", "longitude"):
        return by_meaning[semantic]
    found = next((span for names, span in by_word if names & words), None)
    return found or by_meaning.get(semantic, by_meaning["number"])


@cache
def _table() -> tuple[list[tuple[frozenset[str], Range]], dict[str, Range]]:
    """Ranges by words of names, the first that fits; and by meaning."""
    sizes = read_phrases("amounts")
    by_word = [(frozenset(entry["words"]), _range(entry)) for entry in sizes["by_word"]]
    return by_word, {meaning: _range(entry) for meaning, entry in sizes["by_meaning"].items()}


def _range(entry: Mapping[str, Any]) -> Range:
    return entry["least"], entry["most"], entry["decimals"]


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
