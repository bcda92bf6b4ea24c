"""From plan to record: turns with their gold calls, and what the user knows."""

from generators.language.intent import intent_of
from generators.tasks.feeding import Executed
from generators.tasks.plan import Plan
from schemas.canonical import written_json
from schemas.formats import FORMAT_OF
from schemas.message import Fault
from schemas.task import Fact, FormatInstruction, GoldCall, TaskTurn


def turn_record(plan: Plan, number: int, groups: dict[int, int]) -> TaskTurn:
    """The record of a turn; ``groups``: call → number of its batch."""
    turn = plan.turns[number]
    faults = dict(plan.faults)
    barred = frozenset(plan.barred)
    return TaskTurn(
        intent=turn.unsupported or turn.chat or intent_of(plan, turn),
        calls=tuple(_gold(plan.done[n], groups[n], faults.get(n), n in barred) for n in turn.calls),
        withheld=turn.withheld,
        unknown=turn.unknown,
        revision=turn.revision,
        vague=turn.vague,
        confirm=turn.confirm,
        outcome="refuse" if turn.unsupported and turn.outcome == "complete" else turn.outcome,
        reason=turn.reason,
        references=turn.references,
        comparison=turn.comparison,
        elapsed=turn.elapsed,
        recalls=turn.recalls,
        leans_on=turn.leans_on,
        hurried=turn.hurried,
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
        if not (turn.outcome == "clarify" and parameter.name in turn.unknown)
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
