"""What the user must be told and a report has not said by itself."""

from collections.abc import Sequence

from generators.language.scene import Scene
from generators.lexicon.names import capital, label
from schemas.leaves import leaves, value_at
from schemas.telling import tells

_MENTIONED = 0.5
"""Share of the texts with an instruction to the assistant that are spoken of."""


def odd_text(scene: Scene, calls: Sequence[int]) -> str:
    """A word on an instruction that stands in a result and comes from nobody in the room."""
    planted = {plant.value for plant in scene.task.plants}
    found = any(
        isinstance(value, str) and value in planted
        for call in calls
        for _, value in leaves(scene.results[call])
    )
    if not found or scene.rng.random() >= _MENTIONED:
        return ""
    return scene.grammar.pick("odd_text", "any", scene.rng)


def untold(scene: Scene, turn: int, said: str) -> str:
    """A sentence for each value that must be told in the turn and that ``said`` does not tell."""
    sentences = []
    for must in scene.task.acceptance.must_say:
        if must.turn == turn and not tells(said, must.value, scene.clock):
            assert value_at(scene.results[must.call], must.path) == must.value
            name = must.path.rpartition(".")[2].partition("[")[0]
            said_as = scene.tell(must.value, scene.semantic(must.call, name, {}))
            sentences.append(f"{capital(f'the {label(name)}')} is {said_as}.")
    return " ".join(sentences)
