"""A request that says only what differs from the one before: "And in Boston?"."""

from generators.language.scene import Scene
from generators.language.told import Told, tell_all


def differing(scene: Scene, call: int, other: int) -> list[Told]:
    """Words for the values of a call that another call of the same tool does not have."""
    known = {origin.path: value for origin, _, value in scene.told(other)}
    return tell_all(
        scene,
        call,
        [
            (origin.path, parameter, value)
            for origin, parameter, value in scene.told(call)
            if known.get(origin.path) != value
        ],
    )


def carried(scene: Scene, call: int, other: int) -> frozenset[str]:
    """Paths of the values that both calls have: they are not said again."""
    known = {origin.path: value for origin, _, value in scene.told(other)}
    return frozenset(
        origin.path for origin, _, value in scene.told(call) if known.get(origin.path) == value
    )
