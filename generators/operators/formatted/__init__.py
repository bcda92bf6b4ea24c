"""A parameter's description asks for a format of its value, which the user does not think of.

After IFEval-FC (arXiv 2509.18420): what the user says is plain, and the call is right only where it
is written as the description asks. The schema cannot tell; `schemas.formats` can.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from random import Random

from generators.dialogue.script import AssistantBeat
from generators.dialogue.turn_draft import TurnDraft
from generators.lexicon.names import label, split_words
from generators.operators.operator import Operator, marked
from generators.tasks.plan import Plan
from generators.tasks.plan_changes import replace_call
from generators.world.model import Entity, ParameterModel, ToolModel, World
from schemas.formats import FORMATS
from schemas.leaves import leaves, value_at
from schemas.task import Origin
from schemas.twists import Revision, find_twists

_FREE = frozenset({"text", "title"})
"""Meanings of texts that a person words as they like."""
_CODE = re.compile(r"[(){}\[\]=<>;|\\`$]")
_BOUNDS = frozenset("enum const pattern format minLength maxLength anyOf oneOf allOf $ref".split())
"""What a schema says where a text cannot be written otherwise."""


class Formatted(Operator):
    """A text of a write is stored in the format that its parameter asks for."""

    name = "formatted"
    share = 0.6
    what = (
        'the description of a parameter asks for a format ("Put it in square brackets"); the '
        "user says the plain text, and the call holds it as asked"
    )
    when = ", where a write takes a free text"
    needs = "a write with a free text"

    def allows(self, world: World, model: ToolModel) -> bool:
        """A write with a text that may be put in a format."""
        entity = world.entities.get(model.entity or "")
        return model.writes and any(_is_free(one, entity) for one in model.parameters)

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """One free text is asked for in a format that suits it; all that follows runs again."""
        # Free texts of the user in writes that are made once, and succeed.
        places: list[tuple[int, Origin]] = []
        names = [executed.model.name for executed in plan.done]
        troubled = {call for call, _ in plan.faults} | set(plan.barred)
        ruled_out = {rule.tool for rule in plan.rules} | {one.tool for one in plan.must_not_call}
        for turn in plan.turns:
            revised = {one.path for one in find_twists(turn, Revision)}
            for call, origin, parameter in plan.told(turn) if turn.outcome == "complete" else ():
                name, writes = names[call], plan.done[call].model.writes
                alone = writes and names.count(name) == 1 and name not in ruled_out
                told = call in troubled or origin.path in revised
                if alone and not told and not plan.is_looked_at(turn, call, origin.path):
                    entity = plan.setting.world.entities.get(plan.done[call].model.entity or "")
                    places += [(call, origin)] if _is_free(parameter, entity) else []
        rng.shuffle(places)
        for call, origin in places:
            executed, path = plan.done[call], origin.path
            plain = executed.arguments[path]
            if _CODE.search(str(plain)):  # a line of a program is written in no other way
                continue
            suiting = [one for one in FORMATS if one.suits(plain)]
            # The same words in another call would be read in two ways.
            others = (
                value
                for number, other in enumerate(plan.done)
                for at, value in leaves(other.arguments)
                if (number, at) != (call, path) and isinstance(value, str) and value
            )
            shown = (value for number, other in enumerate(plan.done)
                     for _, value in leaves(other.result)
                     if isinstance(value, str) and (number < call or value != plain))  # fmt: skip
            if not suiting or any(value in plain or plain in value for value in others):
                continue
            # A name that begins like the new one, or the very one that something has already.
            if any(plain in value for value in shown):
                continue
            form = rng.choice(suiting)
            ruled = origin.model_copy(update={"rule": form.name})
            written = replace(
                executed,
                arguments={**executed.arguments, path: form.apply(plain)},
                origins=tuple(ruled if one == origin else one for one in executed.origins),
                plain=(*executed.plain, (path, plain)),
            )
            harder = replace_call(plan, call, written)
            if harder is None:
                continue
            with suppress(KeyError):  # what must be said of results may stand there no longer
                said = ((value_at(harder.done[m.call].result, m.path), m.value)
                        for m in harder.must_say)  # fmt: skip
                if all(held == value for held, value in said):
                    return marked(harder, self.name)
        return plan

    def add_to_report(self, turn: TurnDraft, told: Sequence[int]) -> str:
        """How the text is kept, where nobody was asked and no report says so."""
        scene = turn.scene
        kept = [(scene.model(call).parameter(path),
                 str(value_at(scene.calls[call].arguments, path)))
                for call, path in scene.plain if call in told]  # fmt: skip
        beats = (one for one in turn.draft.beats if isinstance(one, AssistantBeat))
        said = " ".join(one.text for one in beats)
        quoted = [(one.label or label(one.name), f"“{text}”") for one, text in kept]
        return "".join(turn.assistant_words("kept_as", field=field, text=text)
                       for field, text in quoted if text not in said)  # fmt: skip


def _is_free(parameter: ParameterModel, entity: Entity | None) -> bool:
    """Whether somebody words the value as they like; not what somebody is called, nor an option."""
    schema = parameter.schema
    free = parameter.use == "field" and parameter.semantic in _FREE
    free = free and split_words(parameter.name)[-1:] != ("name",)
    text = schema.get("type") == "string" and not _BOUNDS & schema.keys()
    leads = entity.fields.values() if entity else ()
    implied = any(parameter.field in held for one in leads for held in one.implies.values())
    return free and text and not implied and not {".", "["} & {*parameter.path}
