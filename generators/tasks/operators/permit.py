"""The system message has a rule about something that is done, and the state keeps to it."""

from dataclasses import replace
from random import Random

from generators.tasks.drawn_rules import draw_rule
from generators.tasks.mix import Mix
from generators.tasks.plan import Plan


def permit(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """A rule stands in the way of a write, and lets it pass."""
    if rng.random() >= mix.permit:
        return plan
    writes = [call for call, executed in enumerate(plan.done) if executed.model.writes]
    names = [plan.done[call].model.name for call in writes]
    rng.shuffle(writes)
    for call in writes:
        name = plan.done[call].model.name
        ruled = any(rule.tool == name for rule in plan.rules)
        if names.count(name) > 1 or ruled or call in plan.barred:
            continue
        if rule := draw_rule(plan, call, rng, allowed=True):
            return replace(plan, rules=(*plan.rules, rule), operators=(*plan.operators, "permit"))
    return plan
