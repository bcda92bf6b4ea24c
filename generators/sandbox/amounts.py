"""Numbers of the right size within a schema's bounds: prices, counts, durations, ratings."""

import math
from functools import lru_cache
from random import Random

from generators.sandbox.fitting import kind_of
from generators.sandbox.naming import in_words
from schemas.record import JsonObject
from schemas.semantic import SemanticType

Range = tuple[float, float, int]
"""(least, most, decimals)."""

_BY_WORD: tuple[tuple[frozenset[str], Range], ...] = (
    (frozenset("nights adults guests rooms travelers travellers bags copies".split()), (1, 4, 0)),
    (frozenset("party people passengers attendees seats".split()), (2, 6, 0)),
    (frozenset({"children"}), (0, 3, 0)),
    (frozenset("year".split()), (2015, 2025, 0)),
    (frozenset("hour hours".split()), (1, 8, 0)),
    (frozenset("minute minutes min".split()), (15, 180, 0)),
    (frozenset("second seconds sec".split()), (30, 300, 0)),
    (frozenset("ms millisecond milliseconds".split()), (200, 240_000, 0)),
    (frozenset("day days".split()), (2, 21, 0)),
    (frozenset("week weeks".split()), (1, 6, 0)),
    (frozenset("month months term".split()), (3, 36, 0)),
    (frozenset("temperature temp celsius feels high low".split()), (6, 29, 1)),
    (frozenset({"humidity"}), (35, 90, 0)),
    (frozenset("wind".split()), (3, 40, 1)),
    (frozenset("distance km miles kilometers".split()), (2, 480, 1)),
    (frozenset("weight kg".split()), (1, 60, 1)),
    (frozenset("calories kcal".split()), (120, 850, 0)),
    (frozenset("salary income".split()), (38_000, 120_000, 0)),
    (frozenset("balance".split()), (180, 9_400, 2)),
    (frozenset("rate exchange".split()), (0.7, 1.6, 4)),
    (frozenset("fee tax tip shipping".split()), (2, 25, 2)),
    (frozenset("stock inventory".split()), (3, 140, 0)),
    (frozenset("stars forks views likes followers plays downloads".split()), (12, 4_800, 0)),
    (frozenset("sizes size bytes".split()), (1_200, 480_000, 0)),
    (frozenset("limit per_page top".split()), (5, 20, 0)),
    (frozenset("page".split()), (1, 1, 0)),
    (frozenset("line lines head tail".split()), (5, 40, 0)),
    (frozenset("width height".split()), (320, 1_920, 0)),
    (frozenset("age".split()), (21, 74, 0)),
)
_BY_SEMANTIC: dict[str, Range] = {
    "money": (9, 320, 2),
    "percent": (5, 40, 0),
    "rating": (3, 5, 1),
    "count": (1, 6, 0),
    "duration": (15, 120, 0),
    "number": (1, 100, 1),
    "number_id": (100, 999, 0),
    "latitude": (-60, 60, 4),
    "longitude": (-120, 140, 4),
}
_ENDINGS = (0.0, 0.5, 0.9, 0.95, 0.99)


def number(semantic: SemanticType, schema: JsonObject, rng: Random, name: str) -> float:
    """A number that satisfies the schema's bounds and step."""
    low, high, decimals = usual(semantic, name)
    if kind_of(schema) == "integer":
        decimals = 0
    value = rng.uniform(low, high) if decimals else rng.randint(math.ceil(low), math.floor(high))
    if semantic == "money" and decimals:
        value = math.floor(value) + rng.choice(_ENDINGS)
    return within(round(value, decimals), schema, rng, decimals)


@lru_cache(maxsize=4096)
def usual(semantic: SemanticType, name: str) -> Range:
    """What is common for a field of this name, else of this meaning."""
    words = set(in_words(name).split())
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
        value = rng.uniform(low, high) if decimals else rng.randint(math.ceil(low), math.floor(high))
    if schema.get("multipleOf"):
        value = min(max(round(value / step), math.ceil(low / step)), high / step) * step
        return value if isinstance(step, float) else int(value)
    return round(value, decimals) if decimals else int(value)


def _bounds(schema: JsonObject, step: float) -> tuple[float, float]:
    low, high = schema.get("minimum", -math.inf), schema.get("maximum", math.inf)
    if "exclusiveMinimum" in schema:
        low = max(low, schema["exclusiveMinimum"] + step)
    if "exclusiveMaximum" in schema:
        high = min(high, schema["exclusiveMaximum"] - step)
    return low, high
