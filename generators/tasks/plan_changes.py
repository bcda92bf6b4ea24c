"""Changes of a plan: calls and turns put in or taken out, another row chosen, two plans made one.

Earlier calls and turns keep their numbers; later ones are counted anew, with all that speaks of
them. Where a call changes, it and all that follow it run again.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from generators.sandbox.errors_and_faults import listed
from generators.sandbox.schema_validity import fits
from generators.tasks.clock import halfway, move_on
from generators.tasks.feeding import Executed
from generators.tasks.plan import Plan, TurnPlan
from schemas.canonical import canonical_json, copied
from schemas.environment import Environment, call_at
from schemas.graph import ToolChain
from schemas.leaves import set_value, value_at
from schemas.record import JsonObject, Move, calls_of, renumbered
from schemas.task import Origin


def insert_calls(plan: Plan, turn: int, at: int, calls: Sequence[Executed]) -> Plan:
    """The plan with ``calls`` made in ``turn``, numbered from ``at`` on.

    Their origins are in the new numbering already. The turn's calls stay in order. They are made
    when the one before them in the turn is; where they open it, halfway to what follows.
    """
    within = at - 1 in plan.turns[turn].calls
    if at == len(plan.done) and not within:
        when = plan.time_after(plan.turns[turn].elapsed)
    else:
        when = plan.done[at - 1].at if at else plan.clock.isoformat()
        when = when if within or not when else halfway(when, plan.done[at].at)
    calls = [replace(one, at=when) for one in calls]
    moved = _move(plan, calls=lambda n: n if n < at else n + len(calls))
    own = moved.turns[turn]
    numbers = tuple(sorted((*own.calls, *range(at, at + len(calls)))))
    turns = (*moved.turns[:turn], replace(own, calls=numbers), *moved.turns[turn + 1 :])
    return replace(moved, done=(*moved.done[:at], *calls, *moved.done[at:]), turns=turns)


def postpone(plan: Plan, number: int, seconds: int) -> Plan | None:
    """The plan with a turn, and all that follow, so much later; None where a call fails then."""
    later = [call for turn in plan.turns[number:] for call in turn.calls]
    first = min(later, default=len(plan.done))
    calls = [replace(one, at=move_on(one.at, seconds) if one.at else "")
             for one in plan.done[first:]]  # fmt: skip
    longer = replace(plan.turns[number], elapsed=seconds)
    turns = (*plan.turns[:number], longer, *plan.turns[number + 1 :])
    if any(one.model.writes for one in calls):
        environment, before = plan.environment(before=first), plan.done[:first]
        done = run_again(environment, calls, plan.skipped, before)
    else:
        done = [*plan.done[:first], *calls]
    return None if done is None else replace(plan, done=tuple(done), turns=turns)


def insert_turn(plan: Plan, at: int, turn: TurnPlan) -> Plan:
    """The plan with one turn more, numbered ``at``; its calls are numbered already."""
    moved = _move(plan, turns=lambda number: number if number < at else number + 1)
    return replace(moved, turns=(*moved.turns[:at], turn, *moved.turns[at:]))


def remove_call(plan: Plan, call: int) -> Plan:
    """The plan without a call whose result no other one needs. Raises ValueError otherwise."""
    if any(call in executed.sources for executed in plan.done):
        raise ValueError(f"call {call} is needed")
    turns = tuple(
        replace(
            turn,
            calls=tuple(number for number in turn.calls if number != call),
            twists=tuple(one for one in turn.twists if call not in calls_of(one)),
        )
        for turn in plan.turns
    )
    left = replace(
        plan,
        turns=turns,
        done=(*plan.done[:call], *plan.done[call + 1 :]),
        faults=tuple((number, fault) for number, fault in plan.faults if number != call),
        must_say=tuple(must for must in plan.must_say if must.call != call),
        barred=tuple(number for number in plan.barred if number != call),
    )
    return _move(left, calls=lambda number: number if number < call else number - 1)


def _move(plan: Plan, calls: Move | None = None, turns: Move | None = None) -> Plan:
    """The plan with its calls, or its turns, numbered otherwise. They stay where they are."""
    done = plan.done if calls is None else tuple(
        replace(one, origins=tuple(renumbered(origin, calls=calls) for origin in one.origins))
        if one.sources else one
        for one in plan.done
    )  # fmt: skip
    move = calls or (lambda number: number)
    return replace(
        plan,
        done=done,
        turns=tuple(
            replace(
                turn,
                calls=tuple(map(move, turn.calls)),
                twists=tuple(renumbered(one, calls=calls, turns=turns) for one in turn.twists),
            )
            for turn in plan.turns
        ),
        faults=tuple((move(call), fault) for call, fault in plan.faults),
        barred=tuple(map(move, plan.barred)),
        must_say=tuple(renumbered(one, calls=calls, turns=turns) for one in plan.must_say),
        must_call=tuple(renumbered(one, calls=calls, turns=turns) for one in plan.must_call),
        must_not_call=tuple(
            renumbered(one, calls=calls, turns=turns) for one in plan.must_not_call
        ),
    )


Row = tuple[int, str]
"""A call, and where in its result the row stands: ``(2, "flights[1]")``."""


def choose_row(plan: Plan, old: Row, new: Row, kept: Collection[int]) -> Plan | None:
    """The plan with the row ``new`` meant wherever it was ``old``; all calls run again.

    What the user says stays as it is; what comes from results is read from the new ones. ``kept``:
    calls that look at every row, and so at the old one too. None where a call fails that way.
    """

    def move(origin: Origin) -> Origin:
        path = origin.result_path or ""
        if origin.call != old[0] or not path.startswith(f"{old[1]}."):
            return origin
        moved = new[1] + path[len(old[1]) :]
        return origin.model_copy(update={"call": new[0], "result_path": moved})

    calls = [
        one if number in kept else replace(one, origins=tuple(map(move, one.origins)))
        for number, one in enumerate(plan.done)
    ]
    done = run_again(plan.setting.open(), calls, frozenset(), same_arguments=False)
    return None if done is None else replace(plan, done=tuple(done))


def replace_call(plan: Plan, number: int, call: Executed) -> Plan | None:
    """The plan with another call in that place, run again with all that follows.

    None where a call fails that way, or where a later one would be made otherwise.
    """
    calls, before = (call, *plan.done[number + 1 :]), plan.done[:number]
    done = run_again(plan.environment(before=number), calls, plan.skipped, before)
    return None if done is None else replace(plan, done=tuple(done))


def run_again(
    environment: Environment,
    calls: Sequence[Executed],
    skipped: Collection[int],
    before: Sequence[Executed] = (),
    *,
    same_arguments: bool = True,
) -> list[Executed] | None:
    """All calls, those of ``before`` first, with what ``calls`` return in another state.

    ``skipped``: numbers of calls that are not made. Values that come from results are read again
    where they stood. None where a call fails, finds nothing any more, returns what its tool may
    not, or would be made with other arguments though it must not.
    """
    done = list(before)
    for number, executed in enumerate(calls, len(done)):
        if number not in skipped:
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
                arguments = set_value(arguments, origin.path, value)
            if same_arguments and arguments != executed.arguments:
                return None
            outcome = call_at(environment, executed.at, executed.model.name, arguments)
            emptied = executed.model.operation == "list" and not listed(outcome.content)
            if outcome.is_error or (emptied and listed(executed.result)):
                return None
            if not fits(outcome.content, executed.model.returns):
                return None
            executed = replace(executed, arguments=arguments, result=outcome.content)
        done.append(executed)
    return done


def may_join(plan: Plan) -> bool:
    """Whether a task can be one of two: nothing in it is asked for in vain or ends it."""
    ends = (one.outcome == "transfer" or (one.wish and one.outcome != "complete")
            for one in plan.turns)  # fmt: skip
    return not any(ends)


def join_plans(first: Plan, second: Plan) -> Plan | None:
    """One plan after the other, the second's calls run anew in the state that the first leaves.

    Two proven tasks of one world become one longer one, after the reverse recombination of
    APIGen-MT (arXiv 2504.03601): rather than long ones are drawn, of which few work. None where the
    second would do other things there, where a call is made twice, or where both fail.
    """
    made = {(e.model.name, canonical_json(e.arguments)) for e in first.done}
    again = any((e.model.name, canonical_json(e.arguments)) in made for e in second.done)
    if again or (first.faults and second.faults) or first.setting != second.setting:
        return None
    later = _move(second, calls=lambda number: number + len(first.done))
    later = _move(later, turns=lambda number: number + len(first.turns))
    done = run_again(first.environment(), later.done, later.skipped, first.done)
    if done is None:
        return None
    lists = ("turns", "faults", "must_say", "must_call", "must_not_call", "rules", "sentences",
             "offers", "barred")  # fmt: skip
    both: dict[str, Any] = {n: (*getattr(first, n), *getattr(later, n)) for n in lists}
    operators = (*first.operators, *later.operators, "recombine")
    return replace(first, done=tuple(done), operators=operators, **both)


def join_chains(first: ToolChain, second: ToolChain) -> ToolChain:
    """The steps of one chain after those of the other."""
    count, turns = len(first.steps), len(first.turns)
    steps = tuple(
        step.model_copy(update={"feeds": tuple(
            feed.model_copy(update={"step": feed.step + count}) for feed in step.feeds)})
        for step in second.steps
    )  # fmt: skip
    gaps = tuple(
        gap.model_copy(update={
            "turn": gap.turn + turns, "step": None if gap.step is None else gap.step + count})
        for gap in second.gaps
    )  # fmt: skip
    return first.model_copy(
        update={
            "steps": (*first.steps, *steps),
            "turns": (*first.turns, *(tuple(n + count for n in turn) for turn in second.turns)),
            "gaps": (*first.gaps, *gaps),
            "implicit": (*first.implicit, *(n + count for n in second.implicit)),
            "goals": (*first.goals, *second.goals) if first.goals and second.goals else (),
            "operators": tuple(dict.fromkeys((*first.operators, *second.operators))),
        }
    )
