"""From executed calls to a plan: turns, batches, confirmations, and the operators on top."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from generators.language.grammar import chat_intents
from generators.tasks.clock import Setting
from generators.tasks.confirmation import needs_confirmation
from generators.tasks.feeding import Executed
from generators.tasks.needed_reads import needed_only
from generators.tasks.plan import MAX_USER_MESSAGES, Mix, Plan, PlanOperator, TurnPlan, batches
from generators.tasks.plan_changes import insert_turn
from generators.tasks.unservable_request import wish_of
from generators.world.model import World
from schemas.canonical import derive_seed
from schemas.graph import Gap, ToolChain
from schemas.leaves import leaves
from schemas.task import CallPattern
from schemas.twists import SmallTalk, Withheld


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
    turns = []
    for number in sorted({executed.turn for executed in done}):
        calls = tuple(n for n, executed in enumerate(done) if executed.turn == number)
        rule = "".join(done[n].forbidden for n in calls)
        if rule:
            turns.append(TurnPlan(calls, outcome="refuse", reason=rule))
        else:
            confirm = needs_confirmation(setting.world, [done[n] for n in calls], confirm_all)
            turns.append(TurnPlan(calls, confirm=confirm))
    bounded = _bounded(Plan(tuple(done), tuple(turns), setting), most)
    forbidden = {n: executed for n, executed in enumerate(bounded.done) if executed.forbidden}
    patterns = (
        CallPattern(tool=one.model.name, arguments=dict(leaves(one.arguments)))
        for one in forbidden.values()
    )
    marked = replace(
        bounded,
        barred=tuple(forbidden),
        must_not_call=tuple(patterns),
        operators=("against_policy",) if forbidden else (),
    )
    return needed_only(marked, rng, demanded)


def outline(
    plan: Plan,
    operators: Sequence[PlanOperator],
    mix: Mix,
    chain: ToolChain,
    rng: Random,
    most: int = MAX_USER_MESSAGES,
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
    seed = rng.getrandbits(64)
    for operator in operators:  # each with draws of its own: one more changes none of the others
        own = Random(derive_seed("operator", seed, operator.name))
        harder = operator.change_plan(plan, own, mix)
        if harder.user_messages <= most:
            plan = harder
    return plan


def _bounded(plan: Plan, most: int) -> Plan:
    """Turns at the end are cut off where the user would speak too often."""
    turns = plan.turns
    while len(turns) > 1 and sum(turn.user_messages for turn in turns) > most - 1:
        turns = turns[:-1]
    count = 1 + max(call for turn in turns for call in turn.calls)
    return replace(plan, turns=turns, done=plan.done[:count])


def with_gaps(world: World, plan: Plan, chain: ToolChain, rng: Random) -> Plan | None:
    """Fit the gaps of a chain into a plan; None where one does not fit."""
    chats = iter(rng.sample(chat_intents(), min(len(chat_intents()), len(chain.gaps))))
    for gap in chain.gaps:
        fitted = _withhold(plan, gap) if gap.kind == "missing_parameter" else None
        if gap.kind == "missing_function" and gap.tool:
            wish = wish_of(world.models[gap.tool])
            fitted = _insert_gap_turn(
                plan, gap, TurnPlan((), wish, outcome="refuse"), "unsupported"
            )
        elif gap.kind == "chat":
            fitted = _insert_gap_turn(
                plan, gap, TurnPlan((), next(chats, ""), twists=(SmallTalk(),)), "chat"
            )
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


def _withhold(plan: Plan, gap: Gap) -> Plan | None:
    """Hold back the very parameter; None where it is not the user's to say."""
    for number, turn in enumerate(plan.turns):
        for call, origin, _ in plan.told(turn):
            executed = plan.done[call]
            if plan.has_twin(call) or plan.has_rival(turn, call, origin.path):
                continue
            if (executed.step, origin.path) == (gap.step, gap.parameter):
                held = turn.with_twists(Withheld(call=call, path=origin.path))
                return plan.with_turn(number, held, "clarify")
    return None


def _insert_gap_turn(plan: Plan, gap: Gap, turn: TurnPlan, operator: str) -> Plan | None:
    """Put a turn without calls before the calls of the chain's turn ``gap.turn``."""
    if not turn.wish:
        return None
    place = next(
        (n for n, t in enumerate(plan.turns) if t.calls and plan.done[t.calls[0]].turn >= gap.turn),
        len(plan.turns),
    )
    wider = insert_turn(plan, place, turn)
    return replace(wider, operators=(*plan.operators, operator))


_RELATED = 2
"""Turns that go on from what an earlier one found, where missions hang together."""


def shaped(plan: Plan, chain: ToolChain) -> Plan:
    """The plan with its shape noted among the operators."""
    # Whether several turns go on from what earlier ones found (arXiv 2504.02623).
    related = 0
    for turn in plan.turns:
        sources = {source for call in turn.calls for source in plan.done[call].sources}
        related += bool(turn.calls) and not sources.issubset(turn.calls)
    noted = (("implicit", _has_hidden_steps(plan, chain)), ("missions", related >= _RELATED))
    return replace(plan, operators=(*plan.operators, *(name for name, holds in noted if holds)))


def _has_hidden_steps(plan: Plan, chain: ToolChain) -> bool:
    """Whether a turn has a step between what the user says and what they want.

    Such a step takes from an earlier call of its turn and gives to a later one, or the chain's
    composition has hidden it (FunReason-MT, arXiv 2510.24645).
    """
    composed = set(chain.implicit)
    for turn in plan.turns:
        lent = {source for call in turn.calls for source in plan.done[call].sources}
        for call in lent.intersection(turn.calls):
            takes = plan.done[call].sources.intersection(turn.calls)
            if takes or plan.done[call].step in composed:
                return True
    return False
