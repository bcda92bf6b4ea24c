"""The user asks again for what was told or found before, and is answered without a call."""

from generators.dialogue.script import Draft
from generators.dialogue.user_style import styled
from generators.language.reference import spoken_of
from generators.language.rows import Field, clause, fields_of
from generators.lexicon.names import capital, label
from schemas.task import TaskTurn


def recalled(draft: Draft, number: int, turn: TaskTurn) -> None:
    """Question and answer; the value is the one that the task says must be told."""
    scene = draft.scene
    wanted = [
        must
        for must in scene.task.acceptance.must_say
        if must.turn == number and must.call in turn.recalls
    ]
    for must in wanted:
        field = next(one for one in fields_of(scene, must.call, "") if one.name == must.path)
        slots = {"label": _asked_label(field), "thing": spoken_of(scene, must.call)}
        asked = scene.grammar.compose("recall", scene.style, scene.rng, **slots)
        draft.user(number, "request", styled(scene, asked.as_sentence()))
        fact = clause(scene, must.call, field)
        told = scene.grammar.compose(
            "recalled", "any", scene.rng, fact=fact, fact_capital=capital(fact)
        )
        draft.assistant(number, "report", told.text)


def _asked_label(field: Field) -> str:
    said = label(field.name)
    return f"{said} number" if said.endswith("phone") else said
