"""Calls put into a plan or taken out of it, with all that speaks of calls by number.

Earlier calls keep their numbers; what comes later is counted anew.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from generators.blueprint.feeding import Executed
from generators.blueprint.plan import Plan, TurnPlan

_Number = Callable[[int], int]


def insert_calls(plan: Plan, turn: int, at: int, calls: Sequence[Executed]) -> Plan:
    """The plan with ``calls`` made in ``turn``, numbered from ``at`` on.

    Their origins are in the new numbering already. The turn's calls stay in order.
    """
    moved = _renumbered(plan, lambda number: number if number < at else number + len(calls))
    own = moved.turns[turn]
    numbers = tuple(sorted((*own.calls, *range(at, at + len(calls)))))
    turns = (*moved.turns[:turn], replace(own, calls=numbers), *moved.turns[turn + 1 :])
    return replace(moved, done=(*moved.done[:at], *calls, *moved.done[at:]), turns=turns)


def shifted(plan: Plan, by: int) -> Plan:
    """The plan with its calls counted from ``by`` on: they are then not where their numbers say."""
    return _renumbered(plan, lambda number: number + by)


def remove_call(plan: Plan, call: int) -> Plan:
    """The plan without a call whose result no other one needs. Raises ValueError otherwise."""
    if any(call in executed.sources for executed in plan.done):
        raise ValueError(f"call {call} is needed")
    kept = tuple(_without(turn, call) for turn in plan.turns)
    done = (*plan.done[:call], *plan.done[call + 1 :])
    faults = tuple((number, fault) for number, fault in plan.faults if number != call)
    barred = tuple(number for number in plan.barred if number != call)
    said = tuple(must for must in plan.must_say if must.call != call)
    left = replace(plan, turns=kept, done=done, faults=faults, must_say=said, barred=barred)
    return _renumbered(left, lambda number: number if number < call else number - 1)


def _without(turn: TurnPlan, call: int) -> TurnPlan:
    """The turn without what it says of the call."""
    revision = turn.revision
    return replace(
        turn,
        calls=tuple(number for number in turn.calls if number != call),
        withheld=tuple(key for key in turn.withheld if not key.startswith(f"{call}:")),
        revision=None if revision is not None and revision.call == call else revision,
        references=tuple(one for one in turn.references if one.call != call),
        recalls=tuple(number for number in turn.recalls if number != call),
    )


def _renumbered(plan: Plan, number: _Number) -> Plan:
    return replace(
        plan,
        done=tuple(_executed(executed, number) for executed in plan.done),
        turns=tuple(_turn(turn, number) for turn in plan.turns),
        faults=tuple((number(call), fault) for call, fault in plan.faults),
        barred=tuple(map(number, plan.barred)),
        must_say=tuple(
            must.model_copy(update={"call": number(must.call)}) for must in plan.must_say
        ),
    )


def _executed(executed: Executed, number: _Number) -> Executed:
    origins = tuple(
        origin if origin.call is None else origin.model_copy(update={"call": number(origin.call)})
        for origin in executed.origins
    )
    return replace(executed, origins=origins)


def _turn(turn: TurnPlan, number: _Number) -> TurnPlan:
    revision, comparison = turn.revision, turn.comparison
    return replace(
        turn,
        calls=tuple(map(number, turn.calls)),
        withheld=tuple(_key(key, number) for key in turn.withheld),
        revision=revision and revision.model_copy(update={"call": number(revision.call)}),
        references=tuple(
            one.model_copy(update={"call": number(one.call)}) for one in turn.references
        ),
        comparison=comparison
        and comparison.model_copy(
            update={
                "call": number(comparison.call),
                "calls": tuple(map(number, comparison.calls)),
            }
        ),
        recalls=tuple(map(number, turn.recalls)),
    )


def _key(key: str, number: _Number) -> str:
    call, _, path = key.partition(":")
    return f"{number(int(call))}:{path}"
