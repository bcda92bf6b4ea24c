"""The user changes their mind when asked to confirm."""

from dataclasses import replace
from random import Random

from generators.sandbox.values import another
from generators.tasks.mix import Mix
from generators.tasks.plan import Plan, TurnPlan, leaf, shuffled
from generators.world.model import ParameterModel
from schemas.task import Origin, Revision


def revise(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """The user changes their mind when asked to confirm."""
    if rng.random() >= mix.revise:
        return plan
    for number in shuffled(plan, rng):
        turn = plan.turns[number]
        if not turn.confirm:
            continue
        for call, origin, parameter in plan.told(turn):
            if _revisable(plan, call, origin, parameter, turn):
                value = leaf(plan.done[call], origin.path)
                first = another(parameter, value, rng, plan.clock)
                if first is not None and first != value and isinstance(first, type(value)):
                    revision = Revision(call=call, path=origin.path, first=first)
                    return plan.with_turn(number, replace(turn, revision=revision), "revise")
    return plan


_FIXED = frozenset("text boolean email object list unknown opaque_id street address zip".split())
"""Meanings of values that are not changed alone: a street without its city would be nowhere."""


def _revisable(
    plan: Plan, call: int, origin: Origin, parameter: ParameterModel, turn: TurnPlan
) -> bool:
    return (
        plan.done[call].model.writes
        and parameter.use == "field"
        and parameter.semantic not in _FIXED
        and "[" not in origin.path
        and f"{call}:{origin.path}" not in turn.withheld
    )
