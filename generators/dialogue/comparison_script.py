"""A choice by comparison, in beats: which calls nobody asks about, and what was said for which."""

from generators.dialogue.script import Leaf
from generators.language.comparison import other_searches
from generators.language.ellipsis import carried
from generators.language.scene import Scene
from schemas.task import TaskTurn


def repeated(scene: Scene, turn: TaskTurn) -> dict[Leaf, Leaf]:
    """Leaves of the searches that are made besides → the leaves of the first that say the same."""
    if turn.comparison is None:
        return {}
    first, others = other_searches(turn.comparison)
    return {(call, path): (first, path) for call in others for path in carried(scene, call, first)}
