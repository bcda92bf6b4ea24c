"""A tool's service fails once, and works when it is tried again."""

from dataclasses import replace
from random import Random

from generators.blueprint.mix import Mix
from generators.blueprint.plan import Plan
from schemas.message import Fault, FaultKind

_FAULTS: tuple[FaultKind, ...] = ("timeout", "rate_limited", "server_error")


def fault(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """A tool's service fails once, and works when it is tried again."""
    if rng.random() >= mix.fault or not plan.done:
        return plan
    call = rng.randrange(len(plan.done))
    injected = Fault(kind=rng.choice(_FAULTS))
    return replace(plan, faults=((call, injected),), operators=(*plan.operators, "fault"))
