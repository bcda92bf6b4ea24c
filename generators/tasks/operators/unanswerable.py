"""Something is needed that neither the user knows nor any tool finds: nothing is done."""

from dataclasses import replace
from random import Random

from generators.tasks.mix import Mix
from generators.tasks.plan import Plan, shuffled
from generators.world.model import ParameterModel
from schemas.acceptance import CallPattern
from schemas.semantic import SemanticType

_PERSONAL: frozenset[SemanticType] = frozenset(
    {"date", "time", "datetime", "count", "money", "phone", "email", "person_name", "duration"}
)
"""What only the user can say, and may not know."""


def unanswerable(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """The user is asked for a value of a write and cannot say it, so that it is not made."""
    if rng.random() >= mix.unanswerable or len(plan.done) < 2:
        return plan
    needed = {source for executed in plan.done for source in executed.sources}
    needed |= {must.call for must in plan.must_say} | {call for call, _ in plan.faults}
    names = [executed.model.name for executed in plan.done]
    for number in shuffled(plan, rng):
        call = plan.turns[number].calls[-1]
        lone = plan.turns[number].calls == (call,) and names.count(names[call]) == 1
        if not lone or call in needed or not _is_plain(plan, number, call):
            continue
        parameters = [
            parameter
            for _, origin, parameter in plan.told(plan.turns[number])
            if _is_open(parameter) and "[" not in origin.path
        ]
        if parameters and (left := _left_open(plan, number, rng.choice(parameters))):
            return left
    return plan


def _is_open(parameter: ParameterModel) -> bool:
    return parameter.required and parameter.use == "field" and parameter.semantic in _PERSONAL


def _is_plain(plan: Plan, number: int, call: int) -> bool:
    turn = plan.turns[number]
    later = any(other.leans_on == number or call in other.recalls for other in plan.turns)
    more = turn.withheld or turn.unknown or turn.revision or turn.vague or turn.references
    return turn.outcome == "complete" and plan.done[call].model.writes and not (later or more)


def _left_open(plan: Plan, number: int, parameter: ParameterModel) -> Plan | None:
    (call,) = plan.turns[number].calls
    turn = replace(plan.turns[number], outcome="clarify", unknown=(parameter.name,), confirm=False)
    pattern = CallPattern(tool=plan.done[call].model.name)
    left = replace(
        plan.with_turn(number, turn, "unanswerable"),
        barred=(*plan.barred, call),
        must_not_call=(*plan.must_not_call, pattern),
    )
    return left if left.runs() else None  # a later call may find another state
