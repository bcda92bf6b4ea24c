"""Two proven tasks of one world become one longer task, which is proven anew.

After the reverse recombination of APIGen-MT (arXiv 2504.03601): short tasks that are known to work
are put together, rather than long ones drawn of which few do.
"""

from dataclasses import replace

from generators.tasks.plan import Plan
from generators.tasks.plan_changes import run_again, shift_plan
from schemas.canonical import canonical_json
from schemas.graph import ToolChain


def may_join(plan: Plan) -> bool:
    """Whether a task can be one of two: nothing in it is asked for in vain or ends it."""
    return not any(turn.wish and turn.outcome != "complete" for turn in plan.turns)


def joined(first: Plan, second: Plan) -> Plan | None:
    """One plan after the other, the second's calls run anew in the state that the first leaves.

    None where they would do other things there, where a call is made twice, or where both fail.
    """
    made = {(e.model.name, canonical_json(e.arguments)) for e in first.done}
    again = any((e.model.name, canonical_json(e.arguments)) in made for e in second.done)
    if again or (first.faults and second.faults) or first.setting != second.setting:
        return None
    later = shift_plan(second, len(first.done), len(first.turns))
    done = run_again(first.environment(), later.done, later.skipped, first.done)
    if done is None:
        return None
    return replace(
        first,
        done=tuple(done),
        turns=(*first.turns, *later.turns),
        faults=(*first.faults, *later.faults),
        operators=(*first.operators, *later.operators, "recombine"),
        must_say=(*first.must_say, *later.must_say),
        must_call=(*first.must_call, *later.must_call),
        must_not_call=(*first.must_not_call, *later.must_not_call),
        rules=(*first.rules, *later.rules),
        sentences=(*first.sentences, *later.sentences),
        offers=(*first.offers, *later.offers),
        barred=(*first.barred, *later.barred),
    )


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
