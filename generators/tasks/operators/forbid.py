"""A rule forbids what the user asks for: the assistant looks, explains it, and declines."""

from dataclasses import replace
from random import Random

from generators.tasks.drawn_rules import draw_rule
from generators.tasks.mix import Mix
from generators.tasks.plan import Plan
from schemas.acceptance import CallPattern
from schemas.policy import PolicyRule


def forbid(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """A write that nothing else needs is forbidden by a rule, and not made."""
    if rng.random() >= mix.forbid:
        return plan
    needed = {source for executed in plan.done for source in executed.sources}
    needed |= {must.call for must in plan.must_say} | {call for call, _ in plan.faults}
    names = [executed.model.name for executed in plan.done]
    writes = [
        call
        for call, executed in enumerate(plan.done)
        if executed.model.writes
        and call not in needed
        and names.count(executed.model.name) == 1
        and _is_plain(plan, plan.turn_of(call), call)
    ]
    rng.shuffle(writes)
    for call in writes:
        rule = draw_rule(plan, call, rng, allowed=False)
        if rule is not None and (barred := _barred(plan, call, rule)) is not None:
            return barred
    return plan


def _is_plain(plan: Plan, number: int, call: int) -> bool:
    """Whether the write is all that its turn is about."""
    turn = plan.turns[number]
    later = any(other.leans_on == number or call in other.recalls for other in plan.turns)
    spoilt = later or turn.withheld or turn.revision or turn.comparison or turn.hurried
    return call == turn.calls[-1] and turn.outcome == "complete" and not spoilt


def _barred(plan: Plan, call: int, rule: PolicyRule) -> Plan | None:
    """The plan without the write; None where a later call would find another state."""
    number = plan.turn_of(call)
    turn = replace(plan.turns[number], outcome="refuse", reason=rule.sentence, confirm=False)
    arguments = plan.done[call].arguments
    paths = [rule.path] if rule.aspect == "argument" else list(rule.key.values())
    pattern = CallPattern(tool=rule.tool, arguments={path: arguments[path] for path in paths})
    barred = replace(
        plan.with_turn(number, turn, "forbid"),
        rules=(*plan.rules, rule),
        barred=(*plan.barred, call),
        must_not_call=(*plan.must_not_call, pattern),
    )
    return barred if barred.runs() else None
