"""Shortly after, the user asks for a value that a result holds: no call is needed (TicToc).

After arXiv 2510.23853. What is asked for still holds: nothing has changed it since, and little time
has passed.
"""

from dataclasses import replace
from random import Random

from generators.dialogue.turn_draft import TurnDraft
from generators.identity_cache import Same
from generators.language.references import spoken_of
from generators.language.rows import SpokenField, clause, fields_of, is_asked_for, is_naming
from generators.lexicon.names import capital, label
from generators.operators.operator import Operator, marked
from generators.sandbox.own_rows import find_user
from generators.tasks.needed_reads import HOLDS_FOR, went_with
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.plan_changes import insert_turn
from generators.world.model import ToolModel, World
from schemas import twists
from schemas.leaves import leaves, value_at
from schemas.message import AssistantAct
from schemas.task import MustSay
from schemas.twists import LeansOn, find_twist, has_twist


class Recall(Operator):
    """The user asks again for a value that was looked up a moment ago."""

    name = "recall"
    share = 0.15
    what = "the user asks again for a value that was found a moment ago; no call is needed"
    needs = "a call that shows one row"

    def allows(self, world: World, model: ToolModel) -> bool:
        """A call whose result is one row."""
        del world
        return model.operation in ("get", "create", "update") and model.entity is not None

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """A question is put between two turns, or at the end."""
        followed = {n for n, turn in enumerate(plan.turns) if has_twist(turn, LeansOn)}
        places = [at for at in range(1, len(plan.turns) + 1) if at not in followed]
        rng.shuffle(places)
        for at in places:
            # As far back as answers hold, the last two turns at the most.
            recent: list[int] = []
            for turn in reversed(plan.turns[max(0, at - 2) : at]):
                recent += turn.calls if turn.outcome == "complete" else ()
                if turn.elapsed > HOLDS_FOR:
                    break
            recent = [one for one in recent if is_clear(plan, one, at) and _is_heard(plan, one)]
            asked = [(call, field) for call in recent for field in find_asked_fields(plan, call)]
            rng.shuffle(asked)
            found = next((one for one in asked[:3] if _still_holds(plan, at, *one)), None)
            if found is not None:
                call, field = found
                what = f"the {label(field.name)} of that {plan.done[call].model.noun}"
                question = TurnPlan(
                    (),
                    f"be told once more {what}, which was found before",
                    twists=(twists.Recall(call=call),),
                )
                longer = insert_turn(plan, at, question)
                must = MustSay(turn=at, call=call, path=field.name, value=field.value)
                return marked(longer, self.name, must_say=(*longer.must_say, must))
        return plan

    def write_turn(self, turn: TurnDraft) -> bool:
        """Question and answer; the value is the one that the task says must be told."""
        recalled = find_twist(turn.turn, twists.Recall)
        if recalled is None or turn.calls:
            return False
        for must in turn.scene.task.acceptance.must_say:
            if must.turn == turn.number and must.call == recalled.call:
                tell_again(turn, must, "recall", "recalled", "report")
        return True


def tell_again(
    turn: TurnDraft, must: MustSay, question: str, answer: str, act: AssistantAct
) -> None:
    """The user asks for a value of an earlier result, and is told it: phrases of these keys."""
    scene = turn.scene
    row, _, name = must.path.rpartition(".")
    field = next(one for one in fields_of(scene, must.call, row) if one.name == name)
    said = label(field.name)
    named = f"{said} number" if said.endswith("phone") else said
    asked = turn.user_words(question, label=named, thing=spoken_of(scene, must.call, row))
    turn.say_as_user("request", asked.as_sentence())
    fact = clause(scene, field)
    told = turn.assistant_words(answer, fact=fact, fact_capital=capital(fact))
    turn.say_as_assistant(act, told)


def is_clear(plan: Plan, call: int, at: int) -> bool:
    """Whether the result is about one thing that can be told from the others spoken of."""
    executed = plan.done[call]
    plain = executed.model.operation in ("get", "create", "update") and not plan.has_twin(call)
    plain = plain and not executed.looks  # the user has heard nothing of it
    failed = any(number == call for number, _ in plan.faults)
    if not plain or failed or not isinstance(executed.result, dict):
        return False
    spoken = [plan.done[one] for turn in plan.turns[:at] for one in turn.calls]
    entity = plan.setting.world.entities.get(executed.model.entity or "")
    key = [executed.result.get(name) for name in (entity.identity if entity else ())]
    names = {name: value for name, value in executed.result.items() if is_naming(name)}
    if names:  # the pod of the same name in another namespace is another
        own = dict(zip(entity.identity if entity else (), key, strict=True))
        results = (one.result for one in spoken if one.model.entity == executed.model.entity)
        alike = (one for one in results if isinstance(one, dict) and {**one, **names} == one)
        return all({**own, **one}.items() >= own.items() for one in alike)
    return not any(
        one.model.entity == executed.model.entity and one.model.operation != "list"
        for one in spoken
        if one is not executed
        if not key or not all(part in dict(leaves(one.arguments)).values() for part in key)
    )


def _is_heard(plan: Plan, call: int) -> bool:
    """Whether the user has been told what it found, and it is not about themselves."""
    executed = plan.done[call]
    user = find_user(Same(plan.setting.world), executed.model.tool.domain)
    serves = any(
        origin.call == call
        for turn in plan.turns
        if call in turn.calls
        for other in turn.calls
        for origin in plan.done[other].origins
    )
    own = user is not None and executed.model.entity == user.key
    return not (serves or own or executed.model.operation == "update")


def find_asked_fields(plan: Plan, call: int, row: str = "") -> list[SpokenField]:
    """The values of a result, or of a row in it, that a person would ask for again; by path."""
    executed = plan.done[call]
    entity = plan.setting.world.entities.get(executed.model.entity or "")
    if entity is None:
        return []
    shown = value_at(executed.result, row) if row else executed.result
    known = [
        SpokenField(name, value, entity.fields[name].semantic)
        for name, value in shown.items()
        if name in entity.fields and isinstance(value, str | int | float) and value != ""
    ]
    # Nobody asks for what they have said themselves, by then or to find the thing.
    given = [*executed.arguments.values()]
    given += [held for one in plan.done for _, held in leaves(one.arguments) if type(held) is str]
    # What it is called, and what a write has just done to it, nobody asks for again.
    said = {*entity.named_by, entity.state_field if executed.model.writes else None}
    known = [field for field in known if field.name not in said]
    asked = (field for field in known if is_asked_for(field) and field.value not in given)
    return [replace(field, name=f"{row}.{field.name}" if row else field.name) for field in asked]


def _still_holds(plan: Plan, at: int, call: int, field: SpokenField) -> bool:
    """Whether nothing has changed the value since: what is told must be true."""
    executed = plan.done[call]
    later = [other for turn in plan.turns[:at] for other in turn.calls if other > call]
    if not any(plan.done[other].model.writes for other in later):
        return True
    gone = [plan.done[other] for other in later if other not in plan.skipped]
    if executed.model.writes or went_with(plan.setting.world, executed, gone):
        return False
    environment = plan.environment(before=max(later) + 1)
    outcome = environment.call(executed.model.name, executed.arguments)
    held = outcome.content if isinstance(outcome.content, dict) else {}
    return not outcome.is_error and held.get(field.name) == field.value
