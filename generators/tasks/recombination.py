"""Two proven tasks of one world become one longer task, which is proven anew.

After the reverse recombination of APIGen-MT (arXiv 2504.03601): short tasks that are known to work
are put together, rather than long ones drawn of which few do.
"""

from dataclasses import replace

from generators.sandbox.faults import lawful_result
from generators.tasks.feeding import Executed
from generators.tasks.plan import Plan, TurnPlan
from generators.tasks.plan_changes import shifted
from schemas.acceptance import CallPattern
from schemas.canonical import canonical_json
from schemas.graph import ToolChain
from schemas.leaves import value_at


def may_join(plan: Plan) -> bool:
    """Whether a task can be one of two: nothing in it is asked for in vain or ends it."""
    return not any(turn.unsupported or turn.outcome == "transfer" for turn in plan.turns)


def joined(first: Plan, second: Plan) -> Plan | None:
    """One plan after the other, the second's calls run anew in the state that the first leaves.

    None where they would do other things there, where a call is made twice, or where both fail.
    """
    made = {(e.model.name, canonical_json(e.arguments)) for e in first.done}
    again = any((e.model.name, canonical_json(e.arguments)) in made for e in second.done)
    if again or (first.faults and second.faults) or first.setting != second.setting:
        return None
    later = shifted(second, len(first.done))
    done = _run(first, later)
    if done is None:
        return None
    count = len(first.turns)
    return replace(
        first,
        done=(*first.done, *done),
        turns=(*first.turns, *(_moved(turn, count) for turn in later.turns)),
        faults=(*first.faults, *later.faults),
        operators=(*first.operators, *later.operators, "recombine"),
        must_say=(
            *first.must_say,
            *(m.model_copy(update={"turn": m.turn + count}) for m in later.must_say),
        ),
        must_call=(*first.must_call, *(_within(p, count) for p in later.must_call)),
        must_not_call=(*first.must_not_call, *(_within(p, count) for p in later.must_not_call)),
        rules=(*first.rules, *later.rules),
        sentences=(*first.sentences, *later.sentences),
        offers=(*first.offers, *later.offers),
        barred=(*first.barred, *later.barred),
    )


def _moved(turn: TurnPlan, count: int) -> TurnPlan:
    return replace(turn, leans_on=None if turn.leans_on is None else turn.leans_on + count)


def _within(pattern: CallPattern, count: int) -> CallPattern:
    turn = None if pattern.turn is None else pattern.turn + count
    return pattern.model_copy(update={"turn": turn})


def _run(first: Plan, later: Plan) -> list[Executed] | None:
    """The later calls with the results that they have after the first ones."""
    environment = first.environment()
    start = len(first.done)
    skipped = {call for call, fault in later.faults if not fault.transient} | set(later.barred)
    done: list[Executed] = []
    for number, executed in enumerate(later.done, start):
        if number in skipped:
            done.append(executed)
            continue
        outcome = environment.call(executed.model.name, executed.arguments)
        if outcome.is_error or not lawful_result(executed.model, outcome.content):
            return None
        done.append(replace(executed, result=outcome.content))
    return done if all(_fed(done, executed, start) for executed in done) else None


def _fed(done: list[Executed], executed: Executed, start: int) -> bool:
    """Whether each value still stands where it was taken from."""
    for origin in executed.origins:
        if origin.call is None:
            continue
        try:
            held = value_at(done[origin.call - start].result, origin.result_path or "")
        except KeyError:
            return False
        if held != value_at(executed.arguments, origin.path):
            return False
    return True


def joined_chain(first: ToolChain, second: ToolChain) -> ToolChain:
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
            "operators": tuple(dict.fromkeys((*first.operators, *second.operators))),
        }
    )
