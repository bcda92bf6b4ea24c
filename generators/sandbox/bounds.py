"""Conditions that a given row satisfies: bounds around its values, words out of its texts."""

import math
from random import Random
from typing import Any

from generators.sandbox.phrases import content_words
from generators.sandbox.row_values import Row, as_text, words_of
from generators.sandbox.schema_validity import MISSING
from generators.sandbox.times import is_dated, shifted
from generators.world.model import Entity, ParameterModel
from schemas.record import JsonObject
from schemas.semantic import SemanticType

_STEPS = (1, 5, 10, 50, 100, 500, 1000, 5000, 10_000)
_SPOKEN = ("title", "label", "company", "city", "text", "person_name", "handle", "path")
_DAY = len("2026-03-12")


def bound(held: Any, parameter: ParameterModel, schema: JsonObject, rng: Random) -> Any:
    """A round bound that the value just satisfies; `MISSING` where it has no order."""
    upper = parameter.use == "maximum"
    if is_dated(held):
        days = rng.randint(1, 5)
        moved = shifted(held, days if upper else -days)
        return cut_to(moved, parameter.semantic)
    if isinstance(held, bool) or not isinstance(held, int | float):
        return MISSING if not isinstance(held, str) else held
    step = next((step for step in reversed(_STEPS) if step * 5 <= abs(held)), 1)
    value = math.ceil(held / step) * step if upper else math.floor(held / step) * step
    high, low = schema.get("maximum", math.inf), schema.get("minimum", -math.inf)
    return min(max(value, low), high)


def cut_to(held: Any, semantic: SemanticType) -> Any:
    """The day alone where a day is asked for and a moment is held."""
    if semantic == "date" and is_dated(held):
        return held[:_DAY]
    return held


def search_words(row: Row, entity: Entity | None, rng: Random) -> Any:
    """One or two words that stand side by side in the row's title, label or text."""
    if entity is None:
        return MISSING
    for semantic in _SPOKEN:
        for name, field in entity.fields.items():
            if field.semantic == semantic and isinstance(row.get(name), str):
                words = [word for word in content_words(row[name]) if words_of(word)]
                if words:
                    start = rng.randrange(len(words))
                    return " ".join(words[start : start + rng.randint(1, 2)]).lower()
    return as_text(row[entity.identity[-1]]) if entity.identity else MISSING


def file_pattern(
    row: Row, entity: Entity | None, parameter: ParameterModel, rng: Random
) -> Any:  # fmt: skip
    """A pattern that the row's file satisfies: its ending, or words of its name."""
    if entity is None or parameter.name not in ("pattern", "glob"):
        return search_words(row, entity, rng)
    stem, dot, ending = str(row[entity.identity[0]]).rpartition("/")[2].partition(".")
    word = stem.replace("-", "_").split("_")[0]
    return rng.choice((f"*.{ending}", f"*{word}*", f"{word}*")) if dot else f"*{word}*"
