"""Time that has passed, in words."""

from generators.language.scene import Scene
from schemas.reading import NUMBER_WORDS

_HOUR = 3600


def back_after(scene: Scene, elapsed: int) -> str:
    """How a user begins who comes back after hours; empty where less has passed."""
    hours = elapsed // _HOUR
    if not hours:
        return ""
    time = f"{NUMBER_WORDS[hours]} hours" if hours > 1 else "an hour"
    return scene.grammar.compose("back", scene.style, scene.rng, time=time).text
