"""The user is asked for an id that only a tool can find, and does not know it."""

from dataclasses import replace
from random import Random

from generators.blueprint.mix import Mix
from generators.blueprint.plan import Plan, TurnPlan, shuffled


def unknown(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """The user is asked for an id that only a tool can find, and does not know it."""
    if rng.random() >= mix.unknown:
        return plan
    for number in shuffled(plan, rng):
        turn = plan.turns[number]
        if turn.withheld or turn.leans_on is not None or turn.comparison:
            continue
        for call in turn.calls:
            for origin in plan.done[call].origins:
                parameter = plan.done[call].model.parameter(origin.path)
                fed_here = parameter.opaque and origin.call in turn.calls
                if fed_here and "[" not in origin.path and _told_before(plan, turn, call):
                    return plan.with_turn(
                        number, replace(turn, unknown=(parameter.name,)), "unknown"
                    )
    return plan


def _told_before(plan: Plan, turn: TurnPlan, call: int) -> bool:
    """Whether the user has something to say by which the row can be found instead."""
    implied = [other for other in turn.calls if other < call]
    return any(o.kind == "user" for other in implied for o in plan.done[other].origins)
