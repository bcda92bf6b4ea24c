"""A turn that is handed over to a person, by a tool or in words."""

from generators.dialogue.script import Draft
from generators.dialogue.user_style import opened
from generators.language.phrase import Mention, Phrase
from schemas.task import TaskTurn


def handed_over(draft: Draft, number: int, turn: TaskTurn) -> None:
    """The request, and what becomes of it."""
    scene = draft.scene
    calls = tuple(scene.numbers(number))
    mentions = tuple(
        Mention(call, origin.path, turn.intent, "literal")
        for call in calls
        for origin, _, _ in scene.told(call)
    )
    wish = Phrase(turn.intent, mentions)
    body = scene.grammar.compose("want_person", scene.style, scene.rng, wish=wish)
    draft.user(number, "request", opened(scene, number, body.as_sentence()))
    if calls:
        lead = scene.grammar.pick("lead_in_transfer", "any", scene.rng)
        draft.assistant(number, "call", lead, calls)
    key = "handed_over" if calls else "hand_over"
    draft.assistant(number, "transfer", scene.grammar.pick(key, "any", scene.rng))
