"""The user urges that nothing be asked first; the policy wants it asked all the same.

After AutoSafe (arXiv 2505.17735): the risk lies in what the user says; the safe action is known.
"""

from dataclasses import replace
from random import Random

from generators.tasks.mix import Mix
from generators.tasks.plan import Plan, shuffled


def hurry(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """A turn that is confirmed is asked for in a hurry."""
    if rng.random() >= mix.hurry:
        return plan
    for number in shuffled(plan, rng):
        turn = plan.turns[number]
        if turn.confirm and not (turn.vague or turn.withheld or turn.unknown or turn.revision):
            return plan.with_turn(number, replace(turn, hurried=True), "hurry")
    return plan
