"""What makes a task of a chain of which one call has none of the words that it needs.

A row that nobody can name before it is shown is pointed at once its list has had a turn of its own;
a call that cannot be asked for, or tells nothing, is left out where others remain.
"""

from collections.abc import Callable, Set
from dataclasses import replace

from generators.identity_cache import Same
from generators.sampling.chain_growth import make_feed
from generators.sandbox.own_rows import find_user
from generators.tasks.plan import Flaw, Plan
from generators.tasks.plan_changes import remove_call
from schemas.graph import ChainStep, ToolChain

_NAMELESS = frozenset({"unnameable_row", "not_told"})
"""Flaws of rows that words would single out, once the rows have been read out."""
_FEWEST = 2
"""Calls that remain where one is left out: a look-up that led to it is nothing by itself."""


def mend_chain(
    chain: ToolChain,
    plan: Plan,
    flaw: Flaw,
    may_ask: Callable[[str], bool],
    demanded: Set[str],
    least: int,
) -> ToolChain | None:
    """The chain with the list asked for first, or without the call; None where neither helps.

    ``may_ask``: whether a tool's work is asked for by itself. ``demanded``: the tools that stay.
    ``least``: calls that must be left, and two at least.
    """
    if flaw.call is None:
        return None
    if flaw.code in _NAMELESS:
        # The list that shows a row, in a turn before the call that takes the row.
        own = plan.turns[plan.turn_of(flaw.call)].calls
        shown = {flaw.call, *plan.done[flaw.call].sources}.intersection(own)
        for one in (plan.done[number] for number in sorted(shown, reverse=True)):
            asked = one.model.operation == "list" and may_ask(one.model.name)
            if asked and (apart := _split_turn(chain, one.step)) is not None:
                return apart
    step = plan.done[flaw.call].step
    if not 0 <= step < len(chain.steps) or chain.steps[step].tool in demanded:
        return None
    left = _leave_out(chain, step)
    return left if left is not None and len(left.steps) >= max(least, _FEWEST) else None


def drop_vain_look_ups(plan: Plan, may_ask: Callable[[str], bool], demanded: Set[str]) -> Plan:
    """The plan without the last reads of turns that nobody asks for and that lead to no call.

    They were to lead to calls that could not be made. Who writes is looked up all the same.
    """
    world = Same(plan.setting.world)
    ends = [turn.calls[-1] for turn in plan.turns if turn.calls]
    for call in reversed(ends):
        made = plan.done[call]
        user = find_user(world, made.model.tool.domain)
        proves = user is not None and made.model.entity == user.key
        vain = not (made.model.writes or made.looks or proves or may_ask(made.model.name))
        led = any(call in other.sources for other in plan.done)
        if vain and not led and made.model.name not in demanded:
            left = remove_call(plan, call)
            left = replace(left, turns=tuple(turn for turn in left.turns if turn.calls))
            return drop_vain_look_ups(left, may_ask, demanded)
    return plan


def _split_turn(chain: ToolChain, step: int) -> ToolChain | None:
    """The chain with what follows a step in its turn as a turn of its own; None: nothing does."""
    number = next((n for n, steps in enumerate(chain.turns) if step in steps), None)
    if number is None or step in chain.implicit or chain.turns[number][-1] == step:
        return None
    steps = chain.turns[number]
    at = steps.index(step) + 1
    twice = (*chain.goals[: number + 1], *chain.goals[number:])
    gaps = (
        gap.model_copy(update={"turn": gap.turn + (gap.turn > number or gap.step in steps[at:])})
        for gap in chain.gaps
    )
    return chain.model_copy(
        update={
            "turns": (*chain.turns[:number], steps[:at], steps[at:], *chain.turns[number + 1 :]),
            "goals": twice if chain.goals else (),
            "gaps": tuple(gaps),
        }
    )


def _leave_out(chain: ToolChain, step: int) -> ToolChain | None:
    """The chain without a step and those that it feeds; None where none is left."""
    gone = {step}
    for number, one in enumerate(chain.steps):
        if any(feed.step in gone for feed in one.feeds):
            gone.add(number)
    if chain.gaps or len(gone) == len(chain.steps):
        return None
    kept = [number for number in range(len(chain.steps)) if number not in gone]
    moved = {number: place for place, number in enumerate(kept)}
    steps = (chain.steps[number] for number in kept)
    turns = [tuple(moved[n] for n in turn if n in moved) for turn in chain.turns]
    goals = zip(chain.goals, turns, strict=False)
    return chain.model_copy(
        update={
            "steps": tuple(
                ChainStep(
                    tool=one.tool,
                    feeds=tuple(
                        make_feed(f.parameter, moved[f.step], f.result_path) for f in one.feeds
                    ),
                )
                for one in steps
            ),
            "turns": tuple(turn for turn in turns if turn),
            "goals": tuple(goal for goal, turn in goals if turn),
            "implicit": tuple(moved[n] for n in chain.implicit if n in moved),
        }
    )
