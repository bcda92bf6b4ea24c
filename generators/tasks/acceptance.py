"""How a task will be accepted, told from what its calls have changed and returned."""

from collections.abc import Iterable

from generators.tasks.necessity import HOLDS_FOR
from generators.tasks.plan import Plan
from schemas.acceptance import Acceptance, Assertion, CallPattern, MustSay
from schemas.environment import Change
from schemas.leaves import leaves, value_at
from schemas.record import JsonObject


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
    return Assertion(table=change.table, key=change.key, row=_changed(change.before, change.after))


def _changed(before: JsonObject | None, after: JsonObject | None) -> JsonObject | None:
    if after is None or before is None:
        return after
    return {name: value for name, value in after.items() if before.get(name) != value}


def _reads_that_count(plan: Plan) -> Iterable[CallPattern]:
    """Reads without which the user would be told something else, or something stale."""
    delayed = {call for call, fault in plan.faults if fault.kind == "delayed"}
    for number, turn in enumerate(plan.turns):
        described = {one.call: one.path for one in turn.references}
        fresh = turn.elapsed > HOLDS_FOR or turn.leans_on is not None
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
