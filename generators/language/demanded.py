"""What the user must be told and a report has not said by itself."""

from generators.language.scene import Scene
from generators.lexicon.names import capital, label
from schemas.leaves import value_at
from schemas.telling import tells


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
