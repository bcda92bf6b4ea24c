"""What is said and done when the service fails: tried again, doubted by the user, or admitted."""

from generators.dialogue.script import Draft
from generators.dialogue.user_style import styled
from generators.language.report import deed
from generators.language.scene import Scene
from generators.lexicon.names import label
from generators.lexicon.nouns import plural
from schemas.message import Fault

_HOPELESS = frozenset({"permission_denied", "not_found"})
"""What a second try would not change."""


def struck(draft: Draft, turn: int, call: int, fault: Fault) -> None:
    """The beats after a call has failed: at most one more try."""
    scene = draft.scene
    if fault.kind == "empty":
        _doubted(draft, turn, call)
    again = fault.transient or (fault.kind not in _HOPELESS and scene.rng.random() < 0.7)
    if again:
        text = scene.grammar.pick(f"retry_{fault.kind}", "any", scene.rng)
        draft.assistant(turn, "retry", text, (call,))


def _doubted(draft: Draft, turn: int, call: int) -> None:
    """Nothing was found; the user knows that there is something."""
    scene = draft.scene
    things = plural(label(scene.model(call).noun.replace(" ", "_"))) or "entries"
    said = scene.grammar.compose("found_none", "any", scene.rng, things=things).text
    draft.assistant(turn, "report", said)
    doubt = scene.grammar.compose("doubt", scene.style, scene.rng, things=things)
    draft.user(turn, "negate", styled(scene, doubt.as_sentence()))


def admission(scene: Scene, call: int, after: bool) -> str:
    """What could not be done, and why; ``after``: something else has just been reported."""
    fault = scene.calls[call].fault
    assert fault is not None
    why = scene.grammar.pick(f"failed_{fault.kind}", "any", scene.rng)
    key = "admit_as_well" if after else "admit"
    slots = {"wish": deed(scene, call), "why": why}
    said = scene.grammar.compose(key, "any", scene.rng, **slots).text
    left = "left_as_it_was" if scene.model(call).writes else "try_later"
    return f"{said} {scene.grammar.pick(left, 'any', scene.rng)}"
