"""Changes of a plan: calls and turns put in or taken out, another row chosen, calls made otherwise.

Earlier calls and turns keep their numbers; later ones are counted anew, with all that speaks of
them. Where a call changes, it and all that follow it run again.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from generators.sandbox.faults import lawful_result, listed
from generators.tasks.feeding import Executed
from generators.tasks.plan import Plan, TurnPlan
from schemas.canonical import copied
from schemas.environment import Environment
from schemas.leaves import value_at
from schemas.record import JsonObject, Move, calls_of, renumbered
from schemas.task import Origin


def insert_calls(plan: Plan, turn: int, at: int, calls: Sequence[Executed]) -> Plan:
    """The plan with ``calls`` made in ``turn``, numbered from ``at`` on.

    Their origins are in the new numbering already. The turn's calls stay in order.
    """
    moved = _with_calls_moved(plan, lambda n: n if n < at else n + len(calls))
    own = moved.turns[turn]
    numbers = tuple(sorted((*own.calls, *range(at, at + len(calls)))))
    turns = (*moved.turns[:turn], replace(own, calls=numbers), *moved.turns[turn + 1 :])
    return replace(moved, done=(*moved.done[:at], *calls, *moved.done[at:]), turns=turns)


def insert_turn(plan: Plan, at: int, turn: TurnPlan) -> Plan:
    """The plan with one turn more, numbered ``at``; its calls are numbered already."""
    moved = _with_turns_moved(plan, lambda number: number if number < at else number + 1)
    return replace(moved, turns=(*moved.turns[:at], turn, *moved.turns[at:]))


def remove_call(plan: Plan, call: int) -> Plan:
    """The plan without a call whose result no other one needs. Raises ValueError otherwise."""
    if any(call in executed.sources for executed in plan.done):
        raise ValueError(f"call {call} is needed")
    left = replace(
        plan,
        turns=tuple(
            replace(
                turn,
                calls=tuple(number for number in turn.calls if number != call),
                twists=tuple(one for one in turn.twists if call not in calls_of(one)),
            )
            for turn in plan.turns
        ),
        done=(*plan.done[:call], *plan.done[call + 1 :]),
        faults=tuple((number, fault) for number, fault in plan.faults if number != call),
        must_say=tuple(must for must in plan.must_say if must.call != call),
        barred=tuple(number for number in plan.barred if number != call),
    )
    return _with_calls_moved(left, lambda number: number if number < call else number - 1)


def shift_plan(plan: Plan, calls: int, turns: int) -> Plan:
    """The plan as it is counted after so many calls and turns of another one.

    Its calls are then not where their numbers say.
    """
    moved = _with_calls_moved(plan, lambda number: number + calls)
    return _with_turns_moved(moved, lambda number: number + turns)


def _with_calls_moved(plan: Plan, move: Move) -> Plan:
    return replace(
        plan,
        done=tuple(
            replace(one, origins=tuple(renumbered(origin, calls=move) for origin in one.origins))
            for one in plan.done
        ),
        turns=tuple(
            replace(
                turn,
                calls=tuple(map(move, turn.calls)),
                twists=tuple(renumbered(twist, calls=move) for twist in turn.twists),
            )
            for turn in plan.turns
        ),
        faults=tuple((move(call), fault) for call, fault in plan.faults),
        barred=tuple(map(move, plan.barred)),
        must_say=tuple(renumbered(must, calls=move) for must in plan.must_say),
    )


def _with_turns_moved(plan: Plan, move: Move) -> Plan:
    return replace(
        plan,
        turns=tuple(
            replace(turn, twists=tuple(renumbered(one, turns=move) for one in turn.twists))
            for turn in plan.turns
        ),
        must_say=tuple(renumbered(must, turns=move) for must in plan.must_say),
        must_call=tuple(renumbered(one, turns=move) for one in plan.must_call),
        must_not_call=tuple(renumbered(one, turns=move) for one in plan.must_not_call),
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
            arguments = _read_again(executed, done)
            if arguments is None or (same_arguments and arguments != executed.arguments):
                return None
            outcome = environment.call(executed.model.name, arguments)
            emptied = executed.model.operation == "list" and not listed(outcome.content)
            if outcome.is_error or (emptied and listed(executed.result)):
                return None
            if not lawful_result(executed.model, outcome.content):
                return None
            executed = replace(executed, arguments=arguments, result=outcome.content)
        done.append(executed)
    return done


def _read_again(executed: Executed, done: Sequence[Executed]) -> JsonObject | None:
    """A call's arguments with the values that results hold now; None where one holds none."""
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
        # Set a leaf that is there already.
        holder, dot, name = origin.path.rpartition(".")
        inner = value_at(arguments, holder) if dot else arguments
        name, bracket, number = name.partition("[")
        if bracket:
            inner[name][int(number.rstrip("]"))] = value
        else:
            inner[name] = value
    return arguments
