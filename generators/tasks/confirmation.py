"""Calls in turns, and which writes the assistant asks about before it makes them."""

from collections.abc import Sequence
from random import Random

from generators.tasks.clock import Setting
from generators.tasks.feeding import Executed
from generators.tasks.needed_reads import needed_only
from generators.tasks.plan import MAX_USER_MESSAGES, Plan, TurnPlan
from generators.world.model import ToolModel, World, governs
from schemas.leaves import leaves
from schemas.task import CallPattern, Outcome


def grouped(
    setting: Setting,
    done: Sequence[Executed],
    confirm_all: bool,
    rng: Random,
    demanded: frozenset[str] = frozenset(),
    most: int = MAX_USER_MESSAGES,
    *,
    aged: bool = True,
) -> Plan:
    """The calls in turns, without reads that nobody needs.

    The assistant asks before each write where the task's policy says so (``confirm_all``),
    otherwise before those of `needs_confirmation`. Calls of ``demanded`` tools are not left out,
    even where the user could do without them. ``most``: how often the user may speak.
    ``aged``: some reads are asked for again after hours, where they could be done without.
    """
    turns = []
    for number in sorted({executed.turn for executed in done}):
        calls = tuple(n for n, executed in enumerate(done) if executed.turn == number)
        rule = "".join(done[n].forbidden for n in calls)
        writes = [done[n].model for n in calls if done[n].model.writes]
        confirm = not rule and any(
            confirm_all or needs_confirmation(setting.world, model) for model in writes
        )
        over = any(done[n].hands_over for n in calls)
        outcome: Outcome = "complete" if not rule else "transfer" if over else "refuse"
        turns.append(TurnPlan(calls, confirm=confirm, outcome=outcome, reason=rule))
    # Turns at the end are cut off where the user would speak too often.
    while len(turns) > 1 and sum(turn.user_messages for turn in turns) > most - 1:
        turns.pop()
    done = done[: 1 + max(call for turn in turns for call in turn.calls)]
    forbidden = {number: executed for number, executed in enumerate(done) if executed.forbidden}
    plan = Plan(
        tuple(done),
        tuple(turns),
        setting,
        barred=tuple(forbidden),
        must_not_call=tuple(
            CallPattern(tool=one.model.name, arguments=dict(leaves(one.arguments)))
            for one in forbidden.values()
            if one.by_rule
        ),
        operators=tuple(
            mark
            for one in forbidden.values()
            for mark in (("forbid", "against_policy") if one.by_rule else ("refused",))
        ),
    )
    return needed_only(plan, rng, demanded, aged=aged)


def needs_confirmation(world: World, model: ToolModel) -> bool:
    """Whether a write cannot be undone, costs money, or rule or description want it asked first."""
    service = world.domains.get(model.tool.domain)
    rules = service.rules if service is not None else ()
    asked = any(one.kind == "ask_first" for one in model.demands)
    if asked or model.tool.destructive or any(rule.ask and governs(rule, model) for rule in rules):
        return True
    entity = world.entities.get(model.entity or "")
    fields = entity.fields.values() if entity else ()
    known = {p.semantic for p in model.parameters} | {field.semantic for field in fields}
    return model.operation == "create" and "money" in known
