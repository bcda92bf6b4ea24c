"""Calls and turns put into a plan or taken out of it, with all that speaks of them by number.

Earlier ones keep their numbers; what comes later is counted anew.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from generators.sandbox.faults import listed
from generators.sandbox.row_values import copied
from generators.tasks.feeding import Executed
from generators.tasks.plan import Plan, TurnPlan
from schemas.acceptance import CallPattern
from schemas.environment import Environment
from schemas.leaves import value_at
from schemas.record import JsonObject
from schemas.task import Origin

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


def insert_turn(plan: Plan, at: int, turn: TurnPlan) -> Plan:
    """The plan with one turn more, numbered ``at``; its calls are numbered already."""
    moved = [_leaning(one, at) for one in plan.turns]
    return replace(
        plan,
        turns=(*moved[:at], turn, *moved[at:]),
        must_say=tuple(
            must.model_copy(update={"turn": _later(must.turn, at)}) for must in plan.must_say
        ),
        must_call=_repatterned(plan.must_call, at),
        must_not_call=_repatterned(plan.must_not_call, at),
    )


def _later(turn: int, at: int) -> int:
    return turn if turn < at else turn + 1


def _leaning(turn: TurnPlan, at: int) -> TurnPlan:
    return turn if turn.leans_on is None else replace(turn, leans_on=_later(turn.leans_on, at))


def _repatterned(patterns: tuple[CallPattern, ...], at: int) -> tuple[CallPattern, ...]:
    return tuple(
        one if one.turn is None else one.model_copy(update={"turn": _later(one.turn, at)})
        for one in patterns
    )


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


Row = tuple[int, str]
"""A call, and where in its result the row stands: ``(2, "flights[1]")``."""


def rechosen(plan: Plan, old: Row, new: Row, kept: Collection[int]) -> Plan | None:
    """The plan with ``new`` meant wherever it was ``old``; None where a call fails that way.

    ``kept``: calls that look at every row, and so at the old one too.
    """
    environment = plan.setting.open()
    done: list[Executed] = []
    for number, executed in enumerate(plan.done):
        meant = executed if number in kept else _moved_origins(executed, old, new)
        again = _rerun(environment, done, meant)
        if again is None:
            return None
        done.append(again)
    return replace(plan, done=tuple(done))


def _moved_origins(executed: Executed, old: Row, new: Row) -> Executed:
    return replace(
        executed, origins=tuple(_moved_origin(one, old, new) for one in executed.origins)
    )


def _moved_origin(origin: Origin, old: Row, new: Row) -> Origin:
    path = origin.result_path or ""
    if origin.call != old[0] or not path.startswith(f"{old[1]}."):
        return origin
    moved = new[1] + path[len(old[1]) :]
    return origin.model_copy(update={"call": new[0], "result_path": moved})


def _rerun(environment: Environment, done: list[Executed], executed: Executed) -> Executed | None:
    arguments: JsonObject = copied(executed.arguments)
    for origin in executed.origins:
        if origin.call is None or origin.result_path is None:
            continue
        if origin.call >= len(done):
            return None
        try:
            value = value_at(done[origin.call].result, origin.result_path)
        except KeyError:
            return None
        if value is None or isinstance(value, dict | list):
            return None
        _put(arguments, origin.path, value)
    outcome = environment.call(executed.model.name, arguments)
    empty = executed.model.operation == "list" and not listed(outcome.content)
    if outcome.is_error or (empty and listed(executed.result)):
        return None
    return replace(executed, arguments=arguments, result=outcome.content)


def _put(arguments: JsonObject, path: str, value: Any) -> None:
    """Set a leaf that is there already."""
    holder, dot, name = path.rpartition(".")
    inner = value_at(arguments, holder) if dot else arguments
    name, bracket, number = name.partition("[")
    if bracket:
        inner[name][int(number.rstrip("]"))] = value
    else:
        inner[name] = value


def with_call(plan: Plan, number: int, call: Executed) -> Plan | None:
    """The plan with another call in that place, run again with all that follows.

    None where a call fails that way, or where a later one would be made otherwise.
    """
    environment = plan.environment(before=number)
    skipped = {n for n, fault in plan.faults if not fault.transient} | set(plan.barred)
    done = list(plan.done[:number])
    for place, executed in enumerate((call, *plan.done[number + 1 :]), number):
        if place in skipped:
            done.append(executed)
            continue
        again = _rerun(environment, done, executed)
        if again is None or again.arguments != executed.arguments:
            return None
        done.append(again)
    return replace(plan, done=tuple(done))
