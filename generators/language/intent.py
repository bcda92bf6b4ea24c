"""What the user wants in one turn, in plain words for a model that plays the user."""

from generators.language.action import action
from generators.language.words import label
from generators.tasks.plan import Plan, TurnPlan


def intent_of(plan: Plan, turn: TurnPlan) -> str:
    """``find flights (origin: LIS), then book a flight (passenger name: Ana)``."""
    steps = ", then ".join(_step(plan, call) for call in turn.calls)
    if turn.recalls and not turn.calls:
        return _recalled(plan, turn)
    if turn.leans_on is not None:
        return f"the same as in wish {turn.leans_on + 1}, saying only what differs: {steps}"
    hours = turn.elapsed // 3600
    return f"after {hours} hours, how it is by then: {steps}" if hours else steps


def _recalled(plan: Plan, turn: TurnPlan) -> str:
    """``be told once more the price of that flight``: it was found before."""
    number = plan.turns.index(turn)
    asked = [must for must in plan.must_say if must.turn == number and must.call in turn.recalls]
    named = [f"the {label(one.path)} of that {plan.done[one.call].model.noun}" for one in asked]
    return f"be told once more {', '.join(named)}, which was found before"


def _step(plan: Plan, call: int) -> str:
    executed = plan.done[call]
    what = action(executed.model)
    told = []
    for origin in executed.origins:
        if origin.kind == "user":
            name = executed.model.parameter(origin.path).name
            told.append(f"{label(name)}: {executed.said(origin.path)}")
    details = f" ({'; '.join(told)})" if told else ""
    return f"{what.verb} {what.generic}{details}"
