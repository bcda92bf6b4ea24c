"""The user leaves out something that is needed, or everything, and is asked for it."""

from dataclasses import replace
from random import Random

from generators.tasks.mix import Mix
from generators.tasks.plan import Plan, shuffled


def clarify(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """The user leaves out something that is needed, and is asked for it."""
    if rng.random() >= mix.clarify:
        return plan
    for number in shuffled(plan, rng):
        turn = plan.turns[number]
        askable = [
            f"{call}:{origin.path}"
            for call, origin, parameter in plan.told(turn)
            if parameter.required
            and "[" not in origin.path
            and parameter.semantic != "boolean"
            and not plan.has_twin(call)
            and parameter.name != "method"
            and not plan.has_rival(turn, call, origin.path)
        ]
        if not askable or turn.withheld or turn.leans_on is not None or turn.comparison:
            continue
        askable = _one_a_name(plan, askable)
        everything = len(plan.told(turn)) == len(askable) <= 3
        if everything and rng.random() < mix.vague:
            return plan.with_turn(
                number, replace(turn, withheld=tuple(askable), vague=True), "vague"
            )
        count = min(len(askable), 1 if rng.random() < 0.65 else 2)
        kept = set(rng.sample(askable, count))
        withheld = tuple(key for key in askable if key in kept)
        return plan.with_turn(number, replace(turn, withheld=withheld), "clarify")
    return plan


def _one_a_name(plan: Plan, askable: list[str]) -> list[str]:
    """At most one value of a name: a question for two of them would be hard to answer."""
    kept: dict[str, str] = {}
    for key in askable:
        call, _, path = key.partition(":")
        kept.setdefault(plan.done[int(call)].model.parameter(path).name, key)
    return list(kept.values())
