"""A tool's service fails: once, and works when it is tried again; or for good.

What fails for good has nothing depend on it: the turn ends with an honest word of it.
"""

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from generators.sandbox.faults import DEGRADED, lawful_result, listed
from generators.tasks.feeding import Executed
from generators.tasks.mix import Mix
from generators.tasks.plan import Plan
from schemas.message import Fault, FaultKind

_ANY: tuple[FaultKind, ...] = ("timeout", "rate_limited", "server_error")
_LASTING: tuple[FaultKind, ...] = (*_ANY, "not_found", "permission_denied")


def fault(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """A tool's service fails, once or for good."""
    if rng.random() >= mix.fault or not plan.done:
        return plan
    call = rng.randrange(len(plan.done))
    if rng.random() < mix.lasting and (lost := _lost(plan, rng)) is not None:
        return lost
    kinds = list(_kinds(plan.done[call], twin=plan.has_twin(call)))
    kind = rng.choice(kinds)
    if kind in DEGRADED and not _shows(plan, call, kind):
        kind = rng.choice(_ANY)
    return _with(plan, call, Fault(kind=kind), "fault")


def _with(plan: Plan, call: int, injected: Fault, *operators: str) -> Plan:
    return replace(plan, faults=((call, injected),), operators=(*plan.operators, *operators))


def _kinds(executed: Executed, *, twin: bool = False) -> Iterator[FaultKind]:
    """What may strike the call once; degraded answers are for reads."""
    yield from _ANY
    if any(parameter.use == "identity" for parameter in executed.model.parameters):
        yield "not_found"
    if executed.model.operation not in ("get", "list"):
        return
    yield "stale"
    rows = listed(executed.result)
    if executed.model.operation == "list" and rows:
        if not twin:
            yield "empty"
        if len(rows) > 1:
            yield "partial"


def _shows(plan: Plan, call: int, kind: FaultKind) -> bool:
    """Whether the fault is seen in the answer, and what is no error is a lawful result."""
    executed = plan.done[call]
    environment = plan.environment(before=call)
    struck = environment.call(executed.model.name, executed.arguments, Fault(kind=kind))
    if struck.is_error:
        return bool(struck.content["error"]["code"] == kind)
    return struck.content != executed.result and lawful_result(executed.model, struck.content)


def _lost(plan: Plan, rng: Random) -> Plan | None:
    """The plan with a call that never succeeds and that nothing needs; None where there is none."""
    used = {source for executed in plan.done for source in executed.sources}
    spoken = {must.call for must in plan.must_say}
    free = [
        call
        for call in range(len(plan.done))
        if call not in used | spoken
        and not plan.has_twin(call)
        and call == plan.turns[plan.turn_of(call)].calls[-1]
        and _is_plain(plan, plan.turn_of(call))
    ]
    if not free:
        return None
    call = rng.choice(free)
    kinds = [kind for kind in _LASTING if kind != "not_found" or "not_found" in
             _kinds(plan.done[call])]  # fmt: skip
    number = plan.turn_of(call)
    failing = replace(plan.turns[number], outcome="fail")
    injected = Fault(kind=rng.choice(kinds), transient=False)
    lost = _with(plan.with_turn(number, failing, "fault"), call, injected, "lasting")
    return lost if lost.runs() else None  # a later call may not find what this one has done


def _is_plain(plan: Plan, number: int) -> bool:
    """Whether nothing else has been made of the turn that its failure would spoil."""
    turn = plan.turns[number]
    later = any(
        other.leans_on == number or set(other.recalls) & set(turn.calls) for other in plan.turns
    )
    return not (later or turn.comparison or turn.recalls or turn.outcome != "complete")
