"""Rows that are compared, in words: where to look besides, and which of them all is chosen."""

from generators.language.scene import Scene
from generators.language.superlative import superlative
from generators.world.model import Entity
from schemas.task import Origin
from schemas.twists import Comparison, find_twist


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
