"""After hours the user asks for something again: what was looked up holds no longer (TicToc).

After arXiv 2510.23853, in which an assistant has to tell from the clock whether to call again.
"""

from dataclasses import replace
from random import Random

from generators.tasks.mix import Mix
from generators.tasks.needed_reads import has_idle_reads, pause_before
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.plan_changes import insert_calls, insert_turn


def stale(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """The conversation goes on after some hours, with a read that was made before."""
    if rng.random() >= mix.stale or any(turn.elapsed for turn in plan.turns):
        return plan
    pause = pause_before(plan, rng)
    asked = [call for call in range(len(plan.done)) if _may_be_asked_again(plan, call)]
    if not asked or not pause:
        return plan
    call = rng.choice(asked)
    executed = plan.done[call]
    outcome = plan.environment().call(executed.model.name, executed.arguments)
    if outcome.is_error:
        return plan
    again = replace(executed, result=outcome.content, twin=False, step=-1)
    longer = insert_turn(plan, len(plan.turns), TurnPlan((), elapsed=pause))
    longer = insert_calls(longer, len(plan.turns), len(plan.done), [again])
    if has_idle_reads(longer):
        return plan
    return replace(longer, operators=(*plan.operators, "stale"))


def _may_be_asked_again(plan: Plan, call: int) -> bool:
    """Whether the user asked for the read itself, about one thing."""
    executed, turn = plan.done[call], plan.turns[plan.turn_of(call)]
    lent = any(call in plan.done[other].sources for other in turn.calls)
    reads = executed.model.operation in ("get", "list")
    return reads and not lent and not plan.has_twin(call) and turn.leans_on is None
