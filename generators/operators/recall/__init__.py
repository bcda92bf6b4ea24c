"""Shortly after, the user asks for a value that a result holds: no call is needed (TicToc).

After arXiv 2510.23853. What is asked for still holds: nothing has changed it since, and little time
has passed.
"""

from dataclasses import replace
from random import Random
from typing import NamedTuple

from generators.dialogue.turn_draft import TurnDraft
from generators.dialogue.user_style import styled
from generators.language.references import spoken_of
from generators.language.rows import SpokenField, clause, fields_of, is_asked_for, is_naming
from generators.lexicon.names import capital, label
from generators.operators.operator import Effect, Mark, Operator, count_turns
from generators.tasks.needed_reads import HOLDS_FOR
from generators.tasks.plan import Mix, Plan, TurnPlan
from generators.tasks.plan_changes import insert_turn
from schemas import twists
from schemas.task import MustSay
from schemas.twists import LeansOn, find_twist, has_twist

_LEAST, _MOST = 10, 240
"""Seconds that the user takes beside the usual ones."""


class _Asked(NamedTuple):
    """A value that may be asked for once more, before the turn numbered ``at``."""

    at: int
    call: int
    field: SpokenField


class Recall(Operator):
    """The user asks again for a value that was looked up a moment ago."""

    name = "recall"
    marks = (
        Mark(
            "recall",
            0.15,
            "the user asks again for a value that was found a moment ago; no call is needed",
        ),
    )
    effects = (
        Effect("recall", "turns answered without a call",
               count_turns(lambda turn: has_twist(turn, twists.Recall))),
    )  # fmt: skip

    def make_harder(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """A question is put between two turns, or at the end."""
        del mix
        followed = {n for n, turn in enumerate(plan.turns) if has_twist(turn, LeansOn)}
        places = [at for at in range(1, len(plan.turns) + 1) if at not in followed]
        rng.shuffle(places)
        for at in places:
            asked = [_Asked(at, call, field) for call in _find_recent(plan, at)
                     for field in find_asked_fields(plan, call)]  # fmt: skip
            rng.shuffle(asked)
            found = next((one for one in asked[:3] if _still_holds(plan, one)), None)
            if found is not None:
                name = found.field.name
                noun = plan.done[found.call].model.noun
                question_turn = TurnPlan(
                    (),
                    f"be told once more the {label(name)} of that {noun}, which was found before",
                    elapsed=rng.randint(_LEAST, _MOST),
                    twists=(twists.Recall(call=found.call),),
                )
                longer = insert_turn(plan, found.at, question_turn)
                must = MustSay(turn=found.at, call=found.call, path=name, value=found.field.value)
                return replace(
                    longer, must_say=(*longer.must_say, must), operators=(*plan.operators, "recall")
                )
        return plan

    def write_turn(self, turn: TurnDraft) -> bool:
        """Question and answer; the value is the one that the task says must be told."""
        recalled = find_twist(turn.turn, twists.Recall)
        if recalled is None or turn.calls:
            return False
        scene = turn.scene
        wanted = (m for m in scene.task.acceptance.must_say
                  if m.turn == turn.number and m.call == recalled.call)  # fmt: skip
        for must in wanted:
            field = next(one for one in fields_of(scene, must.call, "") if one.name == must.path)
            said = label(field.name)
            named = f"{said} number" if said.endswith("phone") else said
            question = turn.user_words("recall", label=named, thing=spoken_of(scene, must.call))
            turn.say_as_user("request", styled(scene, question.as_sentence()))
            fact = clause(scene, must.call, field)
            told = turn.assistant_words("recalled", fact=fact, fact_capital=capital(fact))
            turn.say_as_assistant("report", told)
        return True


def _find_recent(plan: Plan, at: int) -> list[int]:
    """Calls of the turns before, as far back as answers hold; the last two turns at the most."""
    found: list[int] = []
    for turn in reversed(plan.turns[max(0, at - 2) : at]):
        found += turn.calls if turn.outcome == "complete" else ()
        if turn.elapsed > HOLDS_FOR:
            break
    return [call for call in found if is_clear(plan, call, at)]


def is_clear(plan: Plan, call: int, at: int) -> bool:
    """Whether the result is about one thing that can be told from the others spoken of."""
    executed = plan.done[call]
    if executed.model.operation == "list" or not isinstance(executed.result, dict):
        return False
    if executed.model.operation not in ("get", "create", "update") or plan.has_twin(call):
        return False
    if any(number == call for number, _ in plan.faults):
        return False
    entity = executed.model.entity
    spoken = [plan.done[one] for turn in plan.turns[:at] for one in turn.calls]
    alike = [one for one in spoken if one.model.entity == entity and one is not executed]
    named = any(is_naming(name) for name in executed.result)
    return named or not any(one.model.operation != "list" for one in alike)


def find_asked_fields(plan: Plan, call: int) -> list[SpokenField]:
    """The values of a result that a person would ask for again."""
    executed = plan.done[call]
    entity = plan.setting.world.entities.get(executed.model.entity or "")
    if entity is None:
        return []
    known = [
        SpokenField(name, value, entity.fields[name].semantic)
        for name, value in executed.result.items()
        if name in entity.fields and isinstance(value, str | int | float) and value != ""
    ]
    given = executed.arguments.values()
    return [field for field in known if is_asked_for(field) and field.value not in given]


def _still_holds(plan: Plan, asked: _Asked) -> bool:
    """Whether nothing has changed the value since: what is told must be true."""
    executed = plan.done[asked.call]
    later = [call for turn in plan.turns[: asked.at] for call in turn.calls if call > asked.call]
    if not any(plan.done[call].model.writes for call in later):
        return True
    if executed.model.writes:
        return False
    environment = plan.environment(before=max(later) + 1)
    outcome = environment.call(executed.model.name, executed.arguments)
    held = outcome.content if isinstance(outcome.content, dict) else {}
    return not outcome.is_error and held.get(asked.field.name) == asked.field.value
