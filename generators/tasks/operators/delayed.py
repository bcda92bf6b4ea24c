"""An answer that is not ready yet: other work goes on meanwhile, then it is asked for again.

After AsyncTool (arXiv 2605.27995). The work meanwhile is that of the same turn, or of the next one.
"""

from dataclasses import replace
from random import Random

from generators.tasks.mix import Mix
from generators.tasks.plan import Plan, batches, shuffled
from schemas.message import Fault

_LEAST, _MOST = 120, 300
"""Seconds until the user speaks again, where nothing else is left to do in the turn."""


def delayed(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """A read gives its answer only when it is asked for again."""
    if plan.faults or rng.random() >= mix.delayed:
        return plan
    for number in shuffled(plan, rng):
        for call in plan.turns[number].calls:
            if plan.done[call].model.writes or plan.has_twin(call):
                continue
            if _others_meanwhile(plan, number, call):
                return _delayed(plan, call)
            if _next_meanwhile(plan, number, call):
                following = replace(plan.turns[number + 1], elapsed=rng.randint(_LEAST, _MOST))
                return _delayed(
                    replace(plan, turns=(*plan.turns[: number + 1], following,
                                         *plan.turns[number + 2 :])), call
                )  # fmt: skip
    return plan


def _delayed(plan: Plan, call: int) -> Plan:
    fault = Fault(kind="delayed")
    return replace(plan, faults=((call, fault),), operators=(*plan.operators, "delayed"))


def _others_meanwhile(plan: Plan, number: int, call: int) -> bool:
    """Whether the turn goes on with other calls that do without the answer."""
    turn, groups = plan.turns[number], batches(plan)
    later = [other for other in turn.calls if groups[other] > groups[call]]
    if (
        turn.outcome != "complete"
        or turn.comparison
        or not later
        or any(plan.done[other].model.writes for other in later)
    ):
        return False
    following = [other for other in later if groups[other] == groups[later[0]]]
    return not any(call in plan.done[other].sources for other in following)


def _next_meanwhile(plan: Plan, number: int, call: int) -> bool:
    """Whether the turn wants nothing but reads, and the next one does without this answer."""
    if number + 1 >= len(plan.turns):
        return False
    turn, following = plan.turns[number], plan.turns[number + 1]
    plain = not following.elapsed and following.leans_on is None and not turn.comparison
    plain &= turn.outcome == following.outcome == "complete"
    if not plain or not following.calls or any(plan.done[one].model.writes for one in turn.calls):
        return False
    used = {source for one in (*turn.calls, *following.calls) for source in plan.done[one].sources}
    return call not in used and _lasts(plan, call, following.calls)


def _lasts(plan: Plan, call: int, meanwhile: tuple[int, ...]) -> bool:
    """Whether the answer is the same after what is done meanwhile."""
    if not any(plan.done[one].model.writes for one in meanwhile):
        return True
    executed = plan.done[call]
    environment = plan.environment(before=meanwhile[-1] + 1)
    outcome = environment.call(executed.model.name, executed.arguments)
    return not outcome.is_error and outcome.content == executed.result
