"""From executed calls to a plan: turns, batches, confirmations, and the operators on top."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from generators.tasks.batching import batches
from generators.tasks.feeding import Executed
from generators.tasks.gaps import keeps_implicit, with_gaps
from generators.tasks.mix import Mix
from generators.tasks.necessity import needed_only
from generators.tasks.operators import OPERATORS
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.setting import Setting
from generators.tasks.shape import shaped
from generators.world.model import ToolModel, World
from schemas.graph import ToolChain

MAX_USER_MESSAGES = 8


def grouped(
    setting: Setting,
    done: Sequence[Executed],
    confirm_all: bool,
    rng: Random,
    demanded: frozenset[str] = frozenset(),
    most: int = MAX_USER_MESSAGES,
) -> Plan:
    """The calls in turns, without reads that nobody needs; see `outline`.

    Calls of ``demanded`` tools are not left out, even where the user could do without them.
    ``most``: how often the user may speak.
    """
    numbers = sorted({executed.turn for executed in done})
    turns = tuple(
        TurnPlan(calls := tuple(n for n, e in enumerate(done) if e.turn == turn),
                 confirm=_needs_confirmation(setting.world, [done[n] for n in calls], confirm_all))
        for turn in numbers
    )  # fmt: skip
    return needed_only(_bounded(Plan(tuple(done), turns, setting), most), rng, demanded)


def outline(
    plan: Plan, mix: Mix, chain: ToolChain, rng: Random, most: int = MAX_USER_MESSAGES
) -> Plan | None:
    """The grouped calls of a chain, made harder; None where the chain's gaps do not fit."""
    if not plan.done:
        return None
    world = plan.setting.world
    groups = batches(plan)
    if len(set(zip((plan.turn_of(c) for c in groups), groups.values(), strict=True))) < len(groups):
        plan = replace(plan, operators=(*plan.operators, "parallel"))
    gapped = with_gaps(world, plan, chain, rng)
    if gapped is None or not keeps_implicit(gapped, chain):
        return None
    plan = shaped(gapped, chain)
    if plan.user_messages > most:
        return None
    for operator in OPERATORS:
        harder = operator(plan, rng, mix)
        if harder.user_messages <= most:
            plan = harder
    return plan


def _needs_confirmation(world: World, calls: Sequence[Executed], confirm_all: bool) -> bool:
    writes = [call.model for call in calls if call.model.writes]
    return any(confirm_all or model.tool.destructive or _pays(world, model) for model in writes)


def _pays(world: World, model: ToolModel) -> bool:
    """Whether something new costs money, by what is given or by what is known of it."""
    entity = world.entities.get(model.entity or "")
    fields = entity.fields.values() if entity else ()
    meanings = {p.semantic for p in model.parameters} | {field.semantic for field in fields}
    return model.operation == "create" and "money" in meanings


def _bounded(plan: Plan, most: int) -> Plan:
    """Turns at the end are cut off where the user would speak too often."""
    turns = plan.turns
    while len(turns) > 1 and sum(turn.user_messages for turn in turns) > most - 1:
        turns = turns[:-1]
    count = 1 + max(call for turn in turns for call in turn.calls)
    return replace(plan, turns=turns, done=plan.done[:count])
