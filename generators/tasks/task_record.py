"""From plan to record: turns with their gold calls, and what the user knows."""

from collections.abc import Iterable
from functools import cache
from random import Random
from typing import get_args

import yaml

import data
from generators.language.action import action
from generators.lexicon.names import label
from generators.tasks.feeding import Executed
from generators.tasks.needed_reads import HOLDS_FOR
from generators.tasks.plan import Plan, TurnPlan
from schemas.canonical import written_json
from schemas.environment import Change
from schemas.formats import FORMAT_OF
from schemas.leaves import leaves, value_at
from schemas.message import Fault
from schemas.task import (
    Acceptance,
    Assertion,
    CallPattern,
    Fact,
    FormatInstruction,
    GoldCall,
    MustSay,
    Persona,
    Style,
    TaskTurn,
)
from schemas.twists import LeansOn, Reference, Unknown, find_twist, find_twists, has_twist


def turn_record(plan: Plan, number: int, groups: dict[int, int]) -> TaskTurn:
    """The record of a turn; ``groups``: call → number of its batch."""
    turn = plan.turns[number]
    faults = dict(plan.faults)
    barred = frozenset(plan.barred)
    return TaskTurn(
        intent=turn.wish or intent_of(plan, turn),
        calls=tuple(_gold(plan.done[n], groups[n], faults.get(n), n in barred) for n in turn.calls),
        confirm=turn.confirm,
        outcome=turn.outcome,
        reason=turn.reason,
        elapsed=turn.elapsed,
        twists=turn.twists,
    )


def _gold(executed: Executed, group: int, fault: Fault | None, barred: bool) -> GoldCall:
    return GoldCall(
        tool=executed.model.name,
        arguments=executed.arguments,
        origins=executed.origins,
        result=written_json(executed.result),
        group=group,
        fault=fault,
        barred=barred,
    )


def facts(plan: Plan) -> list[Fact]:
    """What the user knows, call by call."""
    return [
        Fact(
            call=call,
            path=origin.path,
            value=plan.done[call].said(origin.path),
            semantic=parameter.semantic,
        )
        for turn in plan.turns
        for call, origin, parameter in plan.told(turn)
        if turn.outcome != "clarify"
        or all(parameter.name != one.name for one in find_twists(turn, Unknown))
    ]


def formats(plan: Plan) -> tuple[FormatInstruction, ...]:
    """What the descriptions of parameters ask for: the formats that values are written in."""
    found = (
        FormatInstruction(tool=executed.model.name, parameter=origin.path, rule=origin.rule)
        for executed in plan.done
        for origin in executed.origins
        if origin.rule in FORMAT_OF
    )
    return tuple(dict.fromkeys(found))


def acceptance(plan: Plan, changes: Iterable[Change]) -> Acceptance:
    """What must hold in the end, be said, be called and not be called.

    ``changes``: what the plan's calls have changed in all.
    """
    return Acceptance(
        assertions=tuple(map(_assertion, changes)),
        must_say=(*_new_ids(plan), *plan.must_say),
        must_call=(*_reads_that_count(plan), *plan.must_call),
        must_not_call=plan.must_not_call,
    )


def _assertion(change: Change) -> Assertion:
    """The fields that are not as they were; all of a row that is new."""
    after = change.after
    return Assertion(
        table=change.table,
        key=change.key,
        row=after
        if after is None or change.before is None
        else {name: value for name, value in after.items() if change.before.get(name) != value},
    )


def _reads_that_count(plan: Plan) -> Iterable[CallPattern]:
    """Reads without which the user would be told something else, or something stale."""
    delayed = {call for call, fault in plan.faults if fault.kind == "delayed"}
    for number, turn in enumerate(plan.turns):
        described = {one.call: one.path for one in find_twists(turn, Reference)}
        fresh = turn.elapsed > HOLDS_FOR or has_twist(turn, LeansOn)
        for call in turn.calls:
            executed = plan.done[call]
            if executed.model.writes:
                continue
            if call in described and not (fresh or call in delayed):
                path = described[call]
                yield CallPattern(
                    tool=executed.model.name,
                    turn=number,
                    arguments={path: value_at(executed.arguments, path)},
                )
            elif fresh or call in delayed:
                yield CallPattern(
                    tool=executed.model.name,
                    turn=None if call in delayed else number,
                    arguments=dict(leaves(executed.arguments)) if executed.arguments else {},
                )


def _new_ids(plan: Plan) -> Iterable[MustSay]:
    """The id of something new: the user will need it."""
    for number, turn in enumerate(plan.turns):
        for call in turn.calls if turn.outcome == "complete" else ():
            executed = plan.done[call]
            entity = plan.setting.world.entities.get(executed.model.entity or "")
            if executed.model.operation != "create" or entity is None or not entity.identity:
                continue
            path = entity.identity[-1]
            result = executed.result if isinstance(executed.result, dict) else {}
            value = result.get(path)
            new = isinstance(value, str | int) and value not in executed.arguments.values()
            if new and entity.fields[path].semantic in ("opaque_id", "number_id"):
                yield MustSay(turn=number, call=call, path=path, value=value)


STYLES: tuple[Style, ...] = get_args(Style)


@cache
def _personas() -> dict[str, list[str]]:
    loaded: dict[str, list[str]] = yaml.safe_load(data.text("personas.yaml"))
    return loaded


def draw_persona(rng: Random) -> Persona:
    """One of the shipped names and situations, in one of the styles."""
    known = _personas()
    return Persona(
        name=rng.choice(known["names"]), style=rng.choice(STYLES), about=rng.choice(known["about"])
    )


def intent_of(plan: Plan, turn: TurnPlan) -> str:
    """``find flights (origin: LIS), then book a flight (passenger name: Ana)``."""
    steps = ", then ".join(_step_intent(plan, call) for call in turn.calls)
    if (earlier := find_twist(turn, LeansOn)) is not None:
        return f"the same as in wish {earlier.turn + 1}, saying only what differs: {steps}"
    hours = turn.elapsed // 3600
    return f"after {hours} hours, how it is by then: {steps}" if hours else steps


def _step_intent(plan: Plan, call: int) -> str:
    executed = plan.done[call]
    what = action(executed.model)
    told = []
    for origin in executed.origins:
        if origin.kind == "user":
            name = executed.model.parameter(origin.path).name
            told.append(f"{label(name)}: {executed.said(origin.path)}")
    details = f" ({'; '.join(told)})" if told else ""
    return f"{what.verb} {what.generic}{details}"
