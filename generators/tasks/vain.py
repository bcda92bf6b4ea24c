"""The tools that are offered, and a wish that none of them serves.

What is asked for in vain is chosen first, so that nothing is offered that could serve it.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from generators.tasks.mix import Mix
from generators.tasks.offer import Shelf
from generators.tasks.outline import MAX_USER_MESSAGES
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.renumbering import insert_turn
from generators.tasks.unsupported import missing_tool, outside_wish, serves, wish_of

_MISSING_TOOL = 0.4
"""Share of the wishes in vain that are for a tool of the catalogue."""


def offered_tools(
    shelf: Shelf, mix: Mix, plan: Plan, needed: Sequence[str], missing: Sequence[str], rng: Random
) -> tuple[Plan, tuple[str, ...]]:
    """The tools that are offered; the plan, in which one thing more may be asked for in vain."""
    more = rng.random() < mix.unsupported and plan.user_messages < MAX_USER_MESSAGES
    extra = None
    if more and rng.random() < _MISSING_TOOL:
        extra = missing_tool(shelf, needed, rng)
    absent = (*missing, extra) if extra else missing
    offered = shelf.offer(
        needed, rng, lambda name: any(serves(shelf, name, other) for other in absent)
    )
    wish = None
    if extra:
        wish = wish_of(shelf.world.models[extra])
    elif more:
        wish = outside_wish(shelf.world, offered, rng)
    if wish is None or any(turn.unsupported == wish for turn in plan.turns):
        return plan, offered
    place = rng.randrange(len(plan.turns) + 1)
    if place < len(plan.turns) and plan.turns[place].leans_on is not None:
        place += 1  # nothing comes between a short question and what it leans on
    wider = insert_turn(plan, place, TurnPlan((), unsupported=wish))
    return replace(wider, operators=(*plan.operators, "unsupported")), offered
