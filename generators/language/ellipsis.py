"""A request that says only what differs from the one before: "And in Boston?"."""

from generators.language.phrase import Phrase, concat
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


def short_question(scene: Scene, call: int, other: int) -> Phrase:
    """The question alone: ``And on the 14th of May?``."""
    told = differing(scene, call, other)
    words = concat([_words(item) for item in told])
    key = "and_what" if told and _is_way(told[0]) else "and_those"
    return scene.grammar.compose(key, scene.style, scene.rng, what=words).as_sentence()


def _words(item: Told) -> Phrase:
    if not item.tail:
        return "with " + item.value + f" as the {item.label}"
    if item.tail.text.startswith("that are "):
        return "those " + item.tail
    if item.tail.text.startswith("called "):
        return Phrase(item.tail.text.removeprefix("called "), item.tail.mentions)
    return item.tail


def _is_way(item: Told) -> bool:
    """Whether the words tell how or where, not which."""
    return not item.tail.text.startswith(("that are ", "called "))


def carried(scene: Scene, call: int, other: int) -> frozenset[str]:
    """Paths of the values that both calls have: they are not said again."""
    known = {origin.path: value for origin, _, value in scene.told(other)}
    return frozenset(
        origin.path for origin, _, value in scene.told(call) if known.get(origin.path) == value
    )
