"""The user is asked for an id that only a tool can find, and does not know it."""

from dataclasses import replace
from random import Random

from generators.tasks.mix import Mix
from generators.tasks.plan import Plan, TurnPlan, shuffled


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
                if origin.call not in turn.calls or not parameter.opaque or "[" in origin.path:
                    continue
                if _told_before(plan, turn, call) and _found_alone(plan, turn, origin.call):
                    return plan.with_turn(
                        number, replace(turn, unknown=(parameter.name,)), "unknown"
                    )
    return plan


def _found_alone(plan: Plan, turn: TurnPlan, source: int) -> bool:
    """Whether all that is told for calls that others need helps to find this one row.

    What the user says instead of the id would be taken for the row's, though it is another's.
    """
    serving, waiting = {source}, [source]
    while waiting:
        for call in plan.done[waiting.pop()].sources & set(turn.calls) - serving:
            serving.add(call)
            waiting.append(call)
    needed = {
        call for other in turn.calls for call in plan.done[other].sources if call in turn.calls
    }
    return not any(
        origin.kind == "user" for call in needed - serving for origin in plan.done[call].origins
    )


def _told_before(plan: Plan, turn: TurnPlan, call: int) -> bool:
    """Whether the user has something to say by which the row can be found instead."""
    implied = [other for other in turn.calls if other < call]
    return any(o.kind == "user" for other in implied for o in plan.done[other].origins)
