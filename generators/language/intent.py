"""What the user wants in one turn, in plain words for a model that plays the user."""

from generators.blueprint.plan import Plan, TurnPlan
from generators.language.action import action
from generators.language.words import label
from schemas.leaves import value_at


def intent_of(plan: Plan, turn: TurnPlan) -> str:
    """``find flights (origin: LIS), then book a flight (passenger name: Ana)``."""
    return ", then ".join(_step(plan, call) for call in turn.calls)


def _step(plan: Plan, call: int) -> str:
    executed = plan.done[call]
    what = action(executed.model)
    told = []
    for origin in executed.origins:
        if origin.kind == "user":
            name = executed.model.parameter(origin.path).name
            told.append(f"{label(name)}: {value_at(executed.arguments, origin.path)}")
    details = f" ({'; '.join(told)})" if told else ""
    return f"{what.verb} {what.generic}{details}"
