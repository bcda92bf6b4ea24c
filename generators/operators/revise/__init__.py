"""The user changes their mind when asked to confirm."""

from collections.abc import Mapping, Sequence
from random import Random
from types import MappingProxyType
from typing import Any, ClassVar

from generators.backends.backend import Policed
from generators.dialogue.script import Leaf
from generators.dialogue.turn_draft import TurnDraft
from generators.language.rows import measured_name
from generators.lexicon.names import label
from generators.lexicon.nouns import is_plural
from generators.lexicon.relations import parts_of_wholes
from generators.operators.operator import Operator
from generators.sandbox.own_rows import tells_who_asks
from generators.sandbox.values import another
from generators.tasks.feeding import Executed
from generators.tasks.plan import Plan, leaf, shuffled
from generators.world.model import ParameterModel, ToolModel, World
from schemas.leaves import objects_in
from schemas.semantic import ADDRESS
from schemas.twists import Revision, Withheld, find_twist, find_twists

_FIXED = {
    *"text title boolean email phone object list unknown opaque_id number_id".split(),
    *ADDRESS,
}
_FIXED -= {"city"}
"""Meanings of values that are not changed alone: a street without its city would be nowhere.

Nobody who knows a title or an account's number thinks of another one either.
"""
_COUNTED = frozenset({"count", "number", "duration"})


class Revise(Operator):
    """The user says another value first, and corrects it when asked to confirm."""

    name = "revise"
    share = 0.3
    what = "the user changes a value when asked to confirm"
    when = ", where something is confirmed"
    needs = "a write with a value that may be another one"
    claims = "write"
    brings: ClassVar[Mapping[str, float]] = MappingProxyType({"confirm_all": 1.0})

    def allows(self, world: World, model: ToolModel) -> bool:
        """A write with a value that can be corrected."""
        return model.writes and any(_may_change(one, model, world) for one in model.parameters)

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """One value of a write that is confirmed is first another one."""
        for number, turn in shuffled(plan, rng):
            held = {(one.call, one.path) for one in find_twists(turn, Withheld)}
            for call, origin, parameter in plan.told(turn) if turn.confirm else ():
                model = plan.done[call].model
                writes = model.writes and _may_change(parameter, model, plan.setting.world)
                looked = plan.is_looked_at(turn, call, origin.path)
                if not writes or looked or "[" in origin.path or (call, origin.path) in held:
                    continue
                value = leaf(plan.done[call], origin.path)
                first = another(parameter, value, rng, plan.clock, model.noun)
                other = first is not None and first != value and isinstance(first, type(value))
                if (
                    other
                    and not is_so(plan.done, call, parameter, first)
                    and _would_do(plan, call, origin.path, first)
                ):
                    revision = Revision(call=call, path=origin.path, first=first)
                    return plan.with_turn(number, turn.with_twists(revision), self.name)
        return plan

    def say_first(self, turn: TurnDraft) -> dict[Leaf, Any]:
        """The value that is corrected later."""
        revision = find_twist(turn.turn, Revision)
        return {(revision.call, revision.path): revision.first} if revision else {}

    def answer_question(self, turn: TurnDraft) -> str | None:
        """The user says the right value, and agrees to the rest."""
        revision = find_twist(turn.turn, Revision)
        if revision is None:
            return None
        call, path, scene = revision.call, revision.path, turn.scene
        parameter, value = scene.told_at(call, path)
        words = label(parameter.name)
        if parameter.semantic in _COUNTED and is_plural(words) and " " not in words:
            words = f"number of {words}"  # ``make the number of weeks 4``
        said = scene.say(call, path, parameter, value)
        if (measured := measured_name(parameter.name)) is not None and said.text.isdigit():
            words, said = measured[0], said + f" {measured[1]}"  # ``the duration 45 minutes``
        phrase = turn.user_words("correct", label=words, value=said)
        turn.say_as_user("correct", phrase.as_sentence())
        return turn.assistant_words("revised")


def _would_do(plan: Plan, call: int, path: str, first: Any) -> bool:
    """Whether the call could be made with what is said first: nobody asks for a yes to a wrong."""
    backend, executed = plan.setting.backend, plan.done[call]
    if not isinstance(backend, Policed):
        return True
    environment, told = plan.environment(before=call), {**executed.arguments, path: first}
    broken = backend.violations(environment, executed.model.name, told)
    return not broken and not environment.call(executed.model.name, told).is_error


def is_so(made: Sequence[Executed], call: int, parameter: ParameterModel, first: Any) -> bool:
    """Whether a result has shown the row to be so already: nobody is asked to agree to that."""
    model, given = made[call].model, made[call].arguments
    key = {p.field or p.name: given.get(p.path) for p in model.parameters if p.use == "identity"}
    rows = [row for done in made[:call] for row in objects_in(done.result)]
    shown = [row for row in rows if key and all(row.get(n) == one for n, one in key.items())]
    return bool(shown) and shown[-1].get(parameter.field or parameter.name) == first


def _may_change(parameter: ParameterModel, model: ToolModel, world: World) -> bool:
    """Whether a value may be another one alone: not a city in an address, not so many of so many.

    Another city would contradict its state and its zip code, more bags than there are in all, and
    another name an e-mail address; and nobody is wrong about their own name.
    """
    others = [one for one in model.parameters if one is not parameter]
    address = parameter.semantic in ADDRESS and any(one.semantic in ADDRESS for one in others)
    mailed = parameter.semantic == "person_name" and any(p.semantic == "email" for p in others)
    pairs = parts_of_wholes(tuple(one.name for one in model.parameters))
    bound = any(parameter.name in pair for pair in pairs)
    fixed = parameter.semantic in _FIXED or {"[", "."} & set(parameter.path)
    known = mailed or tells_who_asks(world, model, parameter)
    return parameter.use == "field" and not (fixed or address or bound or known)
