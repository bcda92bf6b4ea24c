"""A chain's gaps in the plan: what is held back, asked for in vain, or only chatted about.

After Magnet's split (arXiv 2503.07826) and the chat missions of Multi-Mission Tool Bench
(arXiv 2504.02623). A gap that cannot be made true makes no plan at all.
"""

from dataclasses import replace
from random import Random

from generators.language.chat import chat_intents
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.renumbering import insert_turn
from generators.tasks.unsupported import wish_of
from generators.world.model import World
from schemas.graph import Gap, ToolChain


def with_gaps(world: World, plan: Plan, chain: ToolChain, rng: Random) -> Plan | None:
    """Fit the gaps of a chain into a plan; None where one does not fit."""
    chats = iter(rng.sample(chat_intents(), min(len(chat_intents()), len(chain.gaps))))
    for gap in chain.gaps:
        fitted = _withheld(plan, gap) if gap.kind == "missing_parameter" else None
        if gap.kind == "missing_function" and gap.tool:
            wish = wish_of(world.models[gap.tool])
            fitted = _with_turn(plan, gap, TurnPlan((), unsupported=wish), "unsupported")
        elif gap.kind == "chat":
            fitted = _with_turn(plan, gap, TurnPlan((), chat=next(chats, "")), "chat")
        if fitted is None:
            return None
        plan = fitted
    return plan


def keeps_implicit(plan: Plan, chain: ToolChain) -> bool:
    """Whether each implicit call serves a later one of its turn, so that none asks for it."""
    hidden = set(chain.implicit)
    for turn in plan.turns:
        for call in turn.calls:
            used = any(call in plan.done[later].sources for later in turn.calls if later > call)
            if plan.done[call].step in hidden and not used:
                return False
    return True


def missing_tools(chain: ToolChain) -> tuple[str, ...]:
    """Tools that a chain's gaps ask for in vain."""
    return tuple(gap.tool for gap in chain.gaps if gap.kind == "missing_function" and gap.tool)


def _withheld(plan: Plan, gap: Gap) -> Plan | None:
    """Hold back the very parameter; None where it is not the user's to say."""
    for number, turn in enumerate(plan.turns):
        for call, origin, _ in plan.told(turn):
            executed = plan.done[call]
            if plan.has_twin(call) or plan.has_rival(turn, call, origin.path):
                continue
            if (executed.step, origin.path) == (gap.step, gap.parameter):
                key = f"{call}:{origin.path}"
                withheld = (*turn.withheld, key)
                return plan.with_turn(number, replace(turn, withheld=withheld), "clarify")
    return None


def _with_turn(plan: Plan, gap: Gap, turn: TurnPlan, operator: str) -> Plan | None:
    """Put a turn without calls before the calls of the chain's turn ``gap.turn``."""
    if not turn.chat and not turn.unsupported:
        return None
    place = next(
        (n for n, t in enumerate(plan.turns) if t.calls and plan.done[t.calls[0]].turn >= gap.turn),
        len(plan.turns),
    )
    wider = insert_turn(plan, place, turn)
    return replace(wider, operators=(*plan.operators, operator))
