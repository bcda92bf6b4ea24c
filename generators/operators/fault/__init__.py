"""A tool's service fails: once, and works when it is tried again; or for good.

A write that may not be made twice is never sent again where nobody knows what became of it.
What fails for good has nothing depend on it: the turn ends with an honest word of it.
"""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from generators.dialogue.turn_draft import TurnDraft
from generators.identity_cache import Same
from generators.language.request import deed
from generators.operators.operator import Mark, Operator, find_last_calls, marked
from generators.operators.transfer import serves_customers
from generators.sandbox.compute import is_plain_sum
from generators.sandbox.errors_and_faults import DEGRADED, listed
from generators.sandbox.schema_validity import fits
from generators.tasks.feeding import Executed, scalars
from generators.tasks.plan import Mix, Plan
from generators.tasks.plan_changes import insert_calls
from schemas.message import Fault, FaultKind
from schemas.twists import Comparison, Recall

_SEEN_WHOLE = 10
"""From so many rows on, a list may have more than it shows."""
_NAMES = frozenset({"title", "person_name", "company", "email", "path"})
_ANY: tuple[FaultKind, ...] = ("timeout", "rate_limited", "server_error")
_HOPELESS: FaultKind = "permission_denied"
"""What a second try would not change."""
_SILENT: tuple[FaultKind, ...] = ("timeout", "server_error")
"""After which nobody knows whether a write was made."""


class Failing(Operator):
    """A tool's service fails, once or for good."""

    name = "fault"
    share = 0.25
    what = (
        "a tool's service fails once, and works when tried again: an error, or an answer that "
        "is old, not whole or not there yet, and says so"
    )
    more_marks = (
        Mark(
            "lasting",
            0.3,
            "it fails for good; nothing needs it, and the assistant says so after one more try at "
            "most",
            " of those of `fault` that allow it",
        ),
    )

    def change_plan(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """One call fails."""
        if rng.random() >= mix["fault"]:
            return plan
        calls = [call for call in range(len(plan.done)) if call not in plan.barred]
        if not calls:
            return plan
        call = rng.choice(calls)
        if rng.random() < mix["lasting"] and (lost := _fail_for_good(plan, rng)) is not None:
            return lost
        # A write that may not be made twice is sent again only where it is clear that nothing was
        # done; degraded answers are for reads.
        executed = plan.done[call]
        kinds = [kind for kind in _ANY if executed.repeatable or kind not in _SILENT]
        rows = listed(executed.result) if executed.model.operation == "list" else None
        kinds += ["stale"] if executed.model.operation in ("get", "list") else []
        kinds += ["empty"] if rows and not plan.has_twin(call) else []
        kinds += ["partial"] if rows and len(rows) > 1 else []
        kind = rng.choice(kinds)
        if kind in DEGRADED:
            model, arguments = executed.model, executed.arguments
            environment = plan.environment(before=call)
            struck = environment.call(model.name, arguments, Fault(kind=kind))
            kind = kind if struck.content["error"]["code"] == kind else rng.choice(_ANY)
        return marked(plan, "fault", faults=((call, Fault(kind=kind)),))

    def after_call(self, turn: TurnDraft, call: int) -> None:
        """The call is made again, at most once more."""
        fault = turn.scene.calls[call].fault
        if fault is None or fault.kind == "delayed":
            return
        if fault.kind in _SILENT and not turn.scene.calls[call].repeatable:
            return  # sent blindly once more, it might be done twice
        if fault.transient or fault.kind != _HOPELESS:
            turn.say_as_assistant("retry", turn.assistant_words(f"retry_{fault.kind}"), [call])

    def lead_on(self, turn: TurnDraft, batch: Sequence[int]) -> str:
        """Nobody knows what has become of a write: the assistant looks itself."""
        return turn.assistant_words("look_for_it") if _find_lost(turn, batch[0]) else ""

    def report_turn(self, turn: TurnDraft) -> bool:
        """What was not found when it was looked for has not been done."""
        found = next((one for call in turn.calls if (one := _find_lost(turn, call))), None)
        if found is None:
            return False
        lost, kind = found
        why = turn.assistant_words(f"failed_{kind}")
        said = turn.assistant_words("admit", wish=deed(turn.scene, lost), why=why)
        not_there = turn.assistant_words("not_there", thing=turn.scene.model(lost).noun)
        turn.say_as_assistant("report_failure", f"{said} {not_there}")
        turn.draft.seen |= {*turn.calls}
        return True

    def report_call(self, turn: TurnDraft, call: int, *, after: bool) -> str:
        """What could not be done, and why."""
        fault = turn.scene.calls[call].fault
        if fault is None or fault.transient:
            return ""
        wish, why = deed(turn.scene, call), turn.assistant_words(f"failed_{fault.kind}")
        said = turn.assistant_words("admit_as_well" if after else "admit", wish=wish, why=why)
        # Whether it was done, and what can be done now: no answer to a write tells nothing of what
        # has become of it; what is not permitted will not be later on.
        end = "left_unknown" if fault.kind in _SILENT else "left_as_it_was"
        if not turn.scene.model(call).writes:
            end = "try_later"
        if fault.kind == "permission_denied":
            end = "ask_for_access"
        return f"{said} {turn.assistant_words(end)}"


def _find_lost(turn: TurnDraft, look: int) -> tuple[int, FaultKind] | None:
    """The write that got no answer and that a call looks for, and how it failed."""
    lost, calls = look - 1, turn.scene.calls
    fault = calls[lost].fault if calls[look].looks and lost in turn.calls else None
    return None if fault is None or fault.transient else (lost, fault.kind)


def _fail_for_good(plan: Plan, rng: Random) -> Plan | None:
    """The plan with a call that never succeeds and that nothing needs; None where there is none."""
    last = find_last_calls(plan, Comparison, Recall)
    free = [call for call in last if not plan.has_twin(call)]
    # Nobody is refused a sum for want of a calculator.
    sums = [call for call in free if is_plain_sum(plan.done[call].model, plan.done[call].arguments)]
    free = [call for call in free if call not in sums]
    models = plan.setting.world.models.values()
    if not free or any(one.hands_over for one in models):  # what fails for good is then for people
        return None
    call = rng.choice(free)
    kinds = [*_ANY, _HOPELESS, _HOPELESS]  # few calls allow it
    number, executed = plan.turn_of(call), plan.done[call]
    served = serves_customers(Same(plan.setting.world), executed.model.tool.domain)
    others = (one.model for other, one in enumerate(plan.done) if other != call)
    # Who may not call one tool may not call the other: who may not even read a thing.
    denied = executed.model
    kin = denied.entity is not None
    if served or any(
        one is denied or (kin and one.entity == denied.entity and (one.writes or not denied.writes))
        for one in others
    ):
        kinds = [*_ANY]  # what works otherwise is permitted, and so is what a desk is for
    look = find_look(plan, call)
    readers = (one for one in models if not one.writes)
    if executed.model.writes and look is None:
        entity = executed.model.entity
        if entity is None or any(one.entity == entity for one in readers):
            # Whoever has a tool to look with is not sent to look.
            kinds = [kind for kind in kinds if kind not in _SILENT]
    failing = plan.with_turn(number, replace(plan.turns[number], outcome="fail"), "fault")
    fault = Fault(kind=rng.choice(kinds), transient=False)
    lost = marked(failing, "lasting", faults=((call, fault),))
    if fault.kind in _SILENT and look is not None:
        lost = insert_calls(lost, number, call + 1, [look])
    return lost if lost.runs() else None  # a later call may not find what this one has done


def find_look(plan: Plan, call: int) -> Executed | None:
    """The read that would show what a create has made, and does not; None where there is none.

    It is told no more than the create is. The turn wants nothing else, so that its report is of
    this alone.
    """
    made, turn = plan.done[call], plan.turns[plan.turn_of(call)]
    serving = {source for one in turn.calls for source in plan.done[one].sources}
    others = {one for one in turn.calls if one != call and not plan.done[one].looks}
    if made.model.operation != "create" or made.model.entity is None or others - serving:
        return None
    naming = [one.path for one in made.model.parameters if one.semantic in _NAMES]
    said = (made.arguments.get(path) for path in naming)
    names = {value for value in said if isinstance(value, str)}
    for reader in plan.setting.world.models.values():
        if reader.operation != "list" or reader.entity != made.model.entity:
            continue
        # What of the create's own arguments the list is told, if that is enough.
        shared = {
            parameter.path
            for parameter in reader.parameters
            for own in made.model.parameters
            if parameter.path == own.path and parameter.entity == own.entity
            if parameter.use in ("identity", "reference") or parameter.required
        }
        given = {path: value for path, value in made.arguments.items() if path in shared}
        told = {origin.path for origin in made.origins}
        narrows = any(
            isinstance(schema.get("default"), str) for schema in reader.tool.properties.values()
        )
        lacking = set(reader.tool.required) - given.keys()
        if narrows or lacking or given.keys() - told:
            continue
        origins = tuple(one for one in made.origins if one.path in given)
        outcome = plan.environment(before=call).call(reader.name, given)
        rows = listed(outcome.content)
        whole = rows is not None and len(rows) < (reader.tool.page_rows or _SEEN_WHOLE)
        if outcome.is_error or not whole or not fits(outcome.content, reader.returns):
            continue
        if names and names.isdisjoint(scalars(outcome.content)):
            return Executed(reader, given, origins, outcome.content, made.turn, looks=True)
    return None
