"""Requests that go back to earlier ones: the same of something else, or again after some time."""

from collections.abc import Sequence

from generators.dialogue.script import Draft, Leaf
from generators.language.ellipsis import carried, short_question
from generators.language.hidden import Hidden
from generators.language.moments import back_after
from generators.language.naming import is_object, object_of
from generators.language.phrase import NOTHING, Phrase
from generators.language.scene import Scene
from schemas.task import TaskTurn


def leaned_call(scene: Scene, turn: TaskTurn, first: int) -> int | None:
    """The earlier call of which the turn, whose call is ``first``, says only what differs."""
    if turn.leans_on is None:
        return None
    tool = scene.calls[first].tool
    numbers = reversed(scene.numbers(turn.leans_on))
    return next(number for number in numbers if scene.calls[number].tool == tool)


def leaned_leaves(scene: Scene, turn: TaskTurn, first: int) -> dict[Leaf, Leaf]:
    """Leaves of a short question's call → the earlier leaves that say the same."""
    leaned = leaned_call(scene, turn, first)
    if leaned is None:
        return {}
    return {(first, path): (leaned, path) for path in carried(scene, first, leaned)}


def asks_again(scene: Scene, turn: TaskTurn, calls: Sequence[int]) -> bool:
    """Whether the turn is one read that was made before, some time ago."""
    own, earlier = scene.calls[calls[0]], scene.calls[: calls[0]]
    again = any(c.tool == own.tool and c.arguments == own.arguments for c in earlier)
    return len(calls) == 1 and turn.elapsed > 0 and again


def returned(scene: Scene, turn: TaskTurn, calls: Sequence[int], hidden: Hidden) -> Phrase:
    """The words of such a request; none where it is put like any other."""
    first = calls[0]
    if (leaned := leaned_call(scene, turn, first)) is not None:
        return short_question(scene, first, leaned)
    silent = all(hidden.silent(first, origin.path) for origin, _, _ in scene.told(first))
    if not (silent and asks_again(scene, turn, calls) and is_object(scene, first)):
        return NOTHING
    thing = object_of(scene, first, hidden)
    if not thing.words or thing.needs:
        return NOTHING
    words = scene.grammar.compose("now_one", scene.style, scene.rng, thing=thing.words)
    return words.as_sentence()


def opener(draft: Draft, turn: TaskTurn) -> str:
    """What fits the time that has passed, or an answer that is still to come; or nothing."""
    scene = draft.scene
    if words := back_after(scene, turn.elapsed):
        return words
    return scene.grammar.pick("meanwhile", scene.style, scene.rng) if draft.waiting else ""
