"""A task in full: executed calls, who knows what, what is asked when, and how it ends.

Truth first, words last (GOAT, SAP): a chain is drawn, run in a sandbox, made harder by operators,
and replayed from the start; only what replays becomes a task. No sentence is written here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import Any

from generators.blueprint.execution import execute
from generators.blueprint.feeding import Executed
from generators.blueprint.gaps import keeps_implicit, missing_tools, with_gaps
from generators.blueprint.offer import Shelf
from generators.blueprint.operators import OPERATORS, Mix, Plan, TurnPlan
from generators.blueprint.personas import draw_persona
from generators.blueprint.policy import policy_text
from generators.blueprint.start import TASKS_A_DOMAIN, Start, start_of
from generators.blueprint.unsupported import (
    may_miss,
    missing_tool,
    outside_wish,
    serves,
    wish_of,
)
from generators.language.intent import intent_of
from generators.sampling.sampler import Focus, Sampler
from generators.sampling.stream import Drawn
from generators.sandbox.sandbox import Sandbox
from generators.world import ToolModel, World
from schemas.canonical import derive_seed, written_json
from schemas.errors import InputError
from schemas.graph import ToolChain
from schemas.leaves import value_at
from schemas.task import Fact, GoldCall, SamplerNote, Task, TaskTurn

MAX_USER_MESSAGES = 8
_ATTEMPTS = 40
_STEADFAST = 20
"""Attempts that are made for the same tool or edge …"""
_FAITHFUL = 6
"""… and those of which the task must call it."""
_ANY: frozenset[str] = frozenset()
_MISSING_TOOL = 0.4
"""Share of the wishes in vain that are for a tool of the catalogue."""
_CALLS = 3
"""Calls of a task, if the chain has as many."""


@dataclass(frozen=True)
class Workbench:
    """What tasks are drawn from; made once a run."""

    world: World
    sampler: Sampler
    mix: Mix
    shelf: Shelf
    tasks_a_domain: int = TASKS_A_DOMAIN
    """How many candidates share a world; see `generators.blueprint.start`."""


def draw_task(
    bench: Workbench, seed: int, drawn: Drawn | None = None, start: Start | None = None
) -> Task:
    """The task of a seed. Raises InputError where the tools allow none at all.

    ``drawn``: the chain to begin with; where no task comes of it, others of its focus follow.
    ``start``: the world that it begins in; None: one of its own.
    """
    start = start or start_of(seed)
    focus = drawn.focus if drawn else None
    for attempt in range(_ATTEMPTS):
        own_seed = derive_seed("task", seed, attempt)
        if drawn and attempt == 0:
            chain = drawn.chain
        else:
            wanted = focus if attempt < _STEADFAST else None
            chain = bench.sampler.sample(derive_seed("chain", own_seed), wanted)
        task = _attempt(
            bench, start, chain, own_seed, _tools(focus) if attempt < _FAITHFUL else _ANY
        )
        if task is None or (attempt < _FAITHFUL and not _calls(task, focus)):
            continue
        if len(task.calls) >= min(_CALLS, len(chain.steps)) or attempt > _ATTEMPTS // 2:
            return task
    raise InputError(
        f"no task could be made of these {len(bench.world.models)} tools: none of their calls runs"
    )


def _calls(task: Task, focus: Focus | None) -> bool:
    """Whether the focus is really called."""
    return {call.tool for call in task.calls}.issuperset(_tools(focus))


def _tools(focus: Focus | None) -> frozenset[str]:
    """The tools of a focus: one, or the two ends of an edge."""
    if focus is None:
        return _ANY
    return frozenset([focus] if isinstance(focus, str) else [focus.producer, focus.consumer])


def _attempt(
    bench: Workbench, start: Start, chain: ToolChain, seed: int, demanded: frozenset[str]
) -> Task | None:
    """One try; it is given up as soon as a tool that is demanded cannot be called any more."""
    rng, clock = Random(seed), start.clock
    sandbox = Sandbox(bench.world, start.seed, clock.isoformat())
    done = execute(bench.world, sandbox, chain, rng, bench.mix.twin, demanded)
    if not done:
        return None
    confirm_all = rng.random() < bench.mix.confirm_all
    plan = _plan(bench, chain, done, clock, confirm_all, rng)
    if plan is None:
        return None
    needed = tuple(dict.fromkeys(call.model.name for call in plan.done))
    missing = missing_tools(chain)
    if not all(may_miss(bench.shelf, name, needed) for name in missing):
        return None
    plan, offered = _offered(bench, plan, needed, missing, rng)
    groups = _groups(plan)
    domain = done[0].model.tool.domain
    turns = tuple(_turn(plan, number, groups) for number in range(len(plan.turns)))
    replayed = Sandbox(bench.world, start.seed, clock.isoformat())
    initial = replayed.state_hash()
    if not _replays(turns, replayed):
        return None
    return Task(
        domain=domain,
        tools=offered,
        persona=draw_persona(rng),
        policy=policy_text(domain, clock, confirm_all, rng),
        clock=clock.isoformat(),
        environment_seed=start.seed,
        turns=turns,
        known=tuple(_facts(plan)),
        chain=chain,
        operators=tuple(dict.fromkeys(plan.operators)),
        sampler=SamplerNote(policy=chain.policy, seed=chain.seed),
        initial_state=initial,
        final_state=replayed.state_hash(),
    )


def _plan(
    bench: Workbench,
    chain: ToolChain,
    done: Sequence[Executed],
    clock: datetime,
    confirm_all: bool,
    rng: Random,
) -> Plan | None:
    """The turns, and what makes them hard; None where the chain's gaps do not fit."""
    numbers = sorted({executed.turn for executed in done})
    turns = tuple(
        TurnPlan(calls := tuple(n for n, e in enumerate(done) if e.turn == turn),
                 confirm=_needs_confirmation(bench.world, [done[n] for n in calls], confirm_all))
        for turn in numbers
    )  # fmt: skip
    plan = _bounded(Plan(tuple(done), turns, clock))
    groups = _groups(plan)
    if len(set(zip((_turn_of(plan, c) for c in groups), groups.values(), strict=True))) < len(
        groups
    ):
        plan = replace(plan, operators=("parallel",))
    gapped = with_gaps(bench.world, plan, chain, rng)
    if gapped is None or not keeps_implicit(gapped, chain):
        return None
    plan = gapped
    if _user_messages(plan) > MAX_USER_MESSAGES:
        return None
    for operator in OPERATORS:
        harder = operator(plan, rng, bench.mix)
        if _user_messages(harder) <= MAX_USER_MESSAGES:
            plan = harder
    return plan


def _user_messages(plan: Plan) -> int:
    return sum(turn.user_messages for turn in plan.turns)


def _needs_confirmation(world: World, calls: Sequence[Executed], confirm_all: bool) -> bool:
    writes = [call.model for call in calls if call.model.writes]
    return any(confirm_all or model.tool.destructive or _pays(world, model) for model in writes)


def _pays(world: World, model: ToolModel) -> bool:
    """Whether something new costs money, by what is given or by what is known of it."""
    entity = world.entities.get(model.entity or "")
    fields = entity.fields.values() if entity else ()
    meanings = {p.semantic for p in model.parameters} | {field.semantic for field in fields}
    return model.operation == "create" and "money" in meanings


def _bounded(plan: Plan) -> Plan:
    """Turns at the end are cut off where the user would speak too often."""
    turns = plan.turns
    while len(turns) > 1 and sum(turn.user_messages for turn in turns) > MAX_USER_MESSAGES - 1:
        turns = turns[:-1]
    count = 1 + max(call for turn in turns for call in turn.calls)
    return replace(plan, turns=turns, done=plan.done[:count])


def _offered(
    bench: Workbench, plan: Plan, needed: Sequence[str], missing: Sequence[str], rng: Random
) -> tuple[Plan, tuple[str, ...]]:
    """The tools that are offered, and the plan, in which one thing more may be asked for in vain.

    What is asked for in vain is chosen first, so that nothing is offered that could serve it.
    """
    more = rng.random() < bench.mix.unsupported and _user_messages(plan) < MAX_USER_MESSAGES
    extra = None
    if more and rng.random() < _MISSING_TOOL:
        extra = missing_tool(bench.shelf, needed, rng)
    absent = (*missing, extra) if extra else missing
    offered = bench.shelf.offer(
        needed, rng, lambda name: any(serves(bench.shelf, name, other) for other in absent)
    )
    wish = None
    if extra:
        wish = wish_of(bench.world.models[extra])
    elif more:
        wish = outside_wish(bench.world, offered, rng)
    if wish is None or any(turn.unsupported == wish for turn in plan.turns):
        return plan, offered
    place = rng.randrange(len(plan.turns) + 1)
    turns = (*plan.turns[:place], TurnPlan((), unsupported=wish), *plan.turns[place:])
    return replace(plan, turns=turns, operators=(*plan.operators, "unsupported")), offered


def _groups(plan: Plan) -> dict[int, int]:
    """Call → number of the batch that it is made in, within its turn.

    Reads that need nothing of each other are made at once; writes are made alone.
    """
    groups: dict[int, int] = {}
    for turn in plan.turns:
        batch: list[int] = []
        number = 0
        for call in turn.calls:
            alone = plan.done[call].model.writes or any(plan.done[c].model.writes for c in batch)
            if batch and (alone or plan.done[call].sources & set(batch)):
                batch, number = [], number + 1
            batch.append(call)
            groups[call] = number
    return groups


def _turn_of(plan: Plan, call: int) -> int:
    return next(number for number, turn in enumerate(plan.turns) if call in turn.calls)


def _turn(plan: Plan, number: int, groups: dict[int, int]) -> TaskTurn:
    turn = plan.turns[number]
    faults = dict(plan.faults)
    return TaskTurn(
        intent=turn.unsupported or turn.chat or intent_of(plan, turn),
        calls=tuple(_gold(plan.done[n], groups[n], faults.get(n)) for n in turn.calls),
        withheld=turn.withheld,
        unknown=turn.unknown,
        revision=turn.revision,
        vague=turn.vague,
        confirm=turn.confirm,
        outcome="refuse" if turn.unsupported else "complete",
    )


def _gold(executed: Executed, group: int, fault: Any) -> GoldCall:
    return GoldCall(
        tool=executed.model.name,
        arguments=executed.arguments,
        origins=executed.origins,
        result=written_json(executed.result),
        group=group,
        fault=fault,
    )


def _facts(plan: Plan) -> list[Fact]:
    return [
        Fact(
            call=call,
            path=origin.path,
            value=value_at(plan.done[call].arguments, origin.path),
            semantic=parameter.semantic,
        )
        for turn in plan.turns
        for call, origin, parameter in plan.told(turn)
    ]


def _replays(turns: Sequence[TaskTurn], sandbox: Sandbox) -> bool:
    """Whether the gold calls give the same results again."""
    for call in (call for turn in turns for call in turn.calls):
        outcome = sandbox.call(call.tool, call.arguments)
        if outcome.is_error or written_json(outcome.content) != call.result:
            return False
    return True
