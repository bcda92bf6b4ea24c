"""A row chosen by comparison, in words: "the cheapest flight", "the doctor with the most years"."""

from typing import Literal, get_args

from generators.language.rows import measured_name
from generators.language.scene import Scene
from generators.lexicon.money import is_price
from generators.lexicon.names import label, split_words
from generators.lexicon.nouns import is_plural
from generators.lexicon.numbers import is_period
from generators.lexicon.tenses import is_deed
from generators.world.model import Entity
from schemas.semantic import SemanticType
from schemas.task import Origin
from schemas.twists import Comparison, find_twist

Ruling = Literal["least", "most", "earliest", "latest"]
RULES: tuple[Ruling, ...] = get_args(Ruling)
IN_TIME: frozenset[SemanticType] = frozenset({"date", "time", "datetime"})
COMPARED: frozenset[SemanticType] = IN_TIME | frozenset(
    {"money", "rating", "count", "number", "duration", "percent"}
)
"""Meanings of values of which there is a least and a most."""
_WORDS: dict[str, tuple[str, str]] = {
    "cost": ("cheapest", "most expensive"),
    "count": ("fewest", "most"),
    "span": ("shortest", "longest"),
    "other": ("lowest", "highest"),
}
"""Kind of a field → words for its least and its most."""


def superlative(noun: str, field: str, semantic: SemanticType, rule: str) -> str:
    """``the cheapest flight``, ``the flight with the fewest stops``; empty: there are no words."""
    if rule in ("earliest", "latest"):
        # ``the review that was posted last``, ``the card that expires first``.
        words, place = split_words(field), "first" if rule == "earliest" else "last"
        if is_deed(words[0]):
            return f"the {noun} that was {words[0]} {place}"
        if words[-1] not in _OPEN_ENDS:
            return f"the {noun} with the {rule} {label(field)}"
        if len(words) == 2 and words[0].endswith("ed"):
            return f"the {noun} that is {words[0]} {place}"
        return (
            f"the {noun} that {words[0]} {place}" if words[0] in VERBS and len(words) == 2 else ""
        )
    if split_words(field)[-1] in _OPEN_ENDS:
        return ""
    if is_price(field) and semantic == "money":
        return f"the {_word('cost', rule)} {noun}"
    if semantic == "rating" and not is_plural(label(field)):
        return f"the {'best' if rule == 'most' else 'worst'} rated {noun}"
    if (measure := measured_name(field)) is not None:
        name, unit = measure
        kind = "span" if is_period(unit) else "other"
        return f"the {noun} with the {_word(kind, rule)} {name}"
    counted = any(is_plural(part) for part in (label(field), label(field).split()[0]))
    kind = "count" if semantic in ("count", "number") and counted else "other"
    return f"the {noun} with the {_word(kind, rule)} {label(field)}"


VERBS = frozenset("expires starts begins ends arrives departs leaves opens closes".split())
"""What a thing does at a time of its own."""


_OPEN_ENDS = frozenset("by on until at from to in of for since".split())


def _word(kind: str, rule: str) -> str:
    return _WORDS[kind][rule == "most"]


def comparison_of(scene: Scene, start: int) -> Comparison | None:
    """What is compared in the turn whose first call is ``start``."""
    for number, turn in enumerate(scene.task.turns):
        if turn.calls and scene.first_of_turn[number] == start:
            return find_twist(turn, Comparison)
    return None


def chosen_origin(scene: Scene, comparison: Comparison) -> Origin:
    """Where the row that is chosen stands in a list."""
    origins = scene.calls[comparison.call].origins
    return next(origin for origin in origins if origin.path == comparison.path)


def compared_entity(scene: Scene, comparison: Comparison) -> Entity:
    """The kind of rows that are compared."""
    parameter = scene.model(comparison.call).parameter(comparison.path)
    return scene.world.entities[parameter.entity or ""]


def best(scene: Scene, comparison: Comparison, noun: str) -> str:
    """``the cheapest flight``."""
    field = comparison.field.rpartition("[].")[2]
    semantic = compared_entity(scene, comparison).fields[field].semantic
    return superlative(noun, field, semantic, comparison.rule)


def is_searched(comparison: Comparison) -> bool:
    """Whether the rows of several searches are compared, not those of one list in detail."""
    return "[]" in comparison.field


def other_searches(comparison: Comparison) -> tuple[int, list[int]]:
    """The search that the request speaks of, and those that are made besides."""
    first, *others = comparison.calls
    return first, others if is_searched(comparison) else []
