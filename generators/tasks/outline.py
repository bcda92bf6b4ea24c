"""From calls to a plan: turns, the writes that are asked about, gaps, and the operators on top."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from random import Random

from generators.language.phrase import chat_intents
from generators.lexicon.names import split_words
from generators.lexicon.tables import load_words
from generators.tasks.careful_writes import find_broken_state
from generators.tasks.clock import Setting
from generators.tasks.feeding import Executed
from generators.tasks.needed_reads import needed_only
from generators.tasks.offered_tools import wish_of
from generators.tasks.plan import MAX_USER_MESSAGES, Mix, Plan, PlanOperator, TurnPlan, batches
from generators.tasks.plan_changes import insert_turn
from generators.world.expression import parse_expression
from generators.world.model import ToolModel, World, governs, split_entity_key
from generators.world.schema_leaves import path_top
from schemas.canonical import derive_seed
from schemas.graph import ToolChain
from schemas.leaves import leaves, value_at
from schemas.task import CallPattern, Outcome
from schemas.twists import SmallTalk, Withheld

_RELATED = 2
"""Turns that go on from what an earlier one found, where missions hang together."""


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
            (confirm_all and not is_done_at_once(setting.world, model))
            or needs_confirmation(setting.world, model)
            for model in writes
        )
        over = any(done[n].hands_over for n in calls)
        outcome: Outcome = "complete" if not rule else "transfer" if over else "refuse"
        turns.append(TurnPlan(calls, confirm=confirm, outcome=outcome, reason=rule))
        if outcome == "transfer":
            break  # people go on with it
    # Turns at the end are cut off where the user would speak too often.
    while len(turns) > 1 and sum(turn.user_messages for turn in turns) > most - 1:
        turns.pop()
    done = done[: 1 + max(call for turn in turns for call in turn.calls)]
    forbidden = {number: executed for number, executed in enumerate(done) if executed.forbidden}
    plan = Plan(
        tuple(done),
        tuple(turns),
        setting,
        barred=tuple(sorted({*forbidden, *find_needless(setting.world, done, turns)})),
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


def find_needless(
    world: World, done: Sequence[Executed], turns: Sequence[TurnPlan]
) -> Iterator[int]:
    """The reads that only serve a write which is declined for what was said or shown before them.

    Nobody looks up a payee for an amount that is too large.
    """
    for turn in turns:
        for number in turn.calls:
            one = done[number]
            serving = {c for c in one.sources if c in turn.calls}
            alone = {*turn.calls} == {*serving, number}  # all that is asked for is the write
            free = {c for other in done if other is not one for c in other.sources}
            told = one.by_rule and one.forbidden and alone and free.isdisjoint(serving)
            if told and is_ruled_out(world, one, done, min(turn.calls)):
                yield from serving


def is_ruled_out(world: World, one: Executed, done: Sequence[Executed], before: int) -> bool:
    """Whether a rule forbids a call for nothing but what it is told, or calls before have shown."""
    service = world.domains.get(one.model.tool.domain)
    rules = service.rules if service is not None else ()
    require = next((rule.require for rule in rules if rule.text == one.forbidden), None)
    condition = parse_expression(require or "")
    origins = {origin.path: origin for origin in one.origins}
    parameters = {p.path: p for p in one.model.parameters}

    def is_known(name: str) -> bool:
        root, _, field = name.partition(".")
        if root in ("now", "today"):
            return True
        own = [origin for path, origin in origins.items() if path_top(path) == path_top(root)]
        if own and not field:
            return all(origin.call is None or origin.call < before for origin in own)
        rows = (origin for path, origin in origins.items()
                if path in parameters and field and parameters[path].entity
                and split_entity_key(parameters[path].entity or "")[1].replace(" ", "_") == root
                and origin.call is not None and origin.call < before)  # fmt: skip
        row = next(rows, None)
        if row is None or row.call is None:
            return False
        place = (row.result_path or "").rpartition(".")[0]
        result = done[row.call].result
        held = value_at(result, place) if place else result
        return isinstance(held, dict) and field in held

    return bool(require) and not condition.entities and all(map(is_known, condition.names))


def is_done_at_once(world: World, model: ToolModel) -> bool:
    """Whether the service wants a write done before anything is asked: a stolen card is frozen."""
    service = world.domains.get(model.tool.domain)
    rules = service.rules if service is not None else ()
    return model.writes and any(rule.at_once and governs(rule, model) for rule in rules)


def needs_confirmation(world: World, model: ToolModel) -> bool:
    """Whether a write cannot be undone, costs money, or rule or description want it asked first."""
    service = world.domains.get(model.tool.domain)
    rules = service.rules if service is not None else ()
    if is_done_at_once(world, model):
        return False
    asked = any(one.kind == "ask_first" for one in model.demands)
    if asked or model.tool.destructive or any(rule.ask and governs(rule, model) for rule in rules):
        return True
    entity = world.entities.get(model.entity or "")
    fields = entity.fields.values() if entity else ()
    paying = load_words("inference", "means_of_payment")
    means = (p for p in model.parameters if p.required and p.opaque and p.use != "identity")
    if any(paying & {*split_words(p.name)} for p in means):  # paid with it: none that is blocked
        return True
    known = {p.semantic for p in model.parameters} | {field.semantic for field in fields}
    return model.operation == "create" and "money" in known


def was_told_why_not(plan: Plan, call: int) -> bool:
    """Whether the user has heard in an earlier turn in what state the row is that rules it out.

    Who was just told that an order is delivered has it left at no other door.
    """
    executed = plan.done[call]
    heard = [plan.done[one].result for turn in plan.turns[: plan.turn_of(call)]
             for one in turn.calls if not plan.done[one].looks]  # fmt: skip
    world, arguments = plan.setting.world, executed.arguments
    return bool(find_broken_state(world, executed.model, arguments, executed.forbidden, heard))


def outline(
    plan: Plan,
    operators: Sequence[PlanOperator],
    mix: Mix,
    chain: ToolChain,
    rng: Random,
    most: int = MAX_USER_MESSAGES,
) -> Plan | None:
    """The grouped calls of a chain, made harder; None where the chain's gaps do not fit."""
    if not plan.done or any(was_told_why_not(plan, call) for call in plan.barred):
        return None
    groups = batches(plan)
    if len({(plan.turn_of(call), group) for call, group in groups.items()}) < len(groups):
        plan = replace(plan, operators=(*plan.operators, "parallel"))
    gapped = _fit_gaps(plan, chain, rng)
    if gapped is None:
        return None
    plan = gapped
    composed, hidden, related = set(chain.implicit), False, 0
    for turn in plan.turns:
        sources = {source for call in turn.calls for source in plan.done[call].sources}
        related += bool(turn.calls) and not sources.issubset(turn.calls)
        if any(plan.done[c].step in composed and c not in sources for c in turn.calls):
            return None  # an implicit call that serves no other of its turn: somebody must ask
        # A step between what the user says and what they want: it takes from an earlier call of
        # its turn and gives to a later one, or the chain has hidden it (FunReason-MT,
        # arXiv 2510.24645).
        hidden = hidden or any(
            plan.done[c].step in composed or plan.done[c].sources.intersection(turn.calls)
            for c in sources.intersection(turn.calls)
        )
    # Missions hang together where several turns go on from earlier ones (arXiv 2504.02623).
    shape = (("implicit", hidden), ("missions", related >= _RELATED))
    noted = (*plan.operators, *(name for name, holds in shape if holds))
    plan = replace(plan, operators=noted)
    if plan.user_messages > most:
        return None
    seed = rng.getrandbits(64)
    for operator in operators:  # each with draws of its own: one more changes none of the others
        own = Random(derive_seed("operator", seed, operator.name))
        harder = operator.change_plan(plan, own, mix)
        if harder is not plan and harder.user_messages <= most:
            plan = harder
    return plan


def _fit_gaps(plan: Plan, chain: ToolChain, rng: Random) -> Plan | None:
    """The plan with the gaps of its chain; None where one does not fit."""
    chats = iter(rng.sample(chat_intents(), min(len(chat_intents()), len(chain.gaps))))
    for gap in chain.gaps:
        if gap.kind == "missing_parameter":
            # The very parameter is held back; it must be the user's to say.
            places = (
                (number, Withheld(call=call, path=origin.path))
                for number, turn in enumerate(plan.turns)
                for call, origin, _ in plan.told(turn)
                if (plan.done[call].step, origin.path) == (gap.step, gap.parameter)
                if plan.may_ask(turn, call, origin.path)
            )
            number, held = next(places, (0, None))
            if held is None:
                return None
            plan = plan.with_turn(number, plan.turns[number].with_twists(held), "clarify")
            continue
        turn, operator = TurnPlan(()), ""
        if gap.kind == "missing_function" and gap.tool:
            wish = wish_of(plan.setting.world.models[gap.tool])
            turn, operator = TurnPlan((), wish, outcome="refuse"), "unsupported"
        elif gap.kind == "chat":
            turn, operator = TurnPlan((), next(chats, ""), twists=(SmallTalk(),)), "chat"
        if not turn.wish:
            return None
        # Before the calls of the chain's turn.
        later = (n for n, one in enumerate(plan.turns)
                 if one.calls and plan.done[one.calls[0]].turn >= gap.turn)  # fmt: skip
        wider = insert_turn(plan, next(later, len(plan.turns)), turn)
        plan = replace(wider, operators=(*plan.operators, operator))
    return plan


def missing_tools(chain: ToolChain) -> tuple[str, ...]:
    """Tools that a chain's gaps ask for in vain."""
    return tuple(gap.tool for gap in chain.gaps if gap.kind == "missing_function" and gap.tool)
