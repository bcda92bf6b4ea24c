"""The user asks the same of something else, and says only what differs: "And in Boston?"."""

from dataclasses import replace
from random import Random

from generators.tasks.feeding import Executed
from generators.tasks.mix import Mix
from generators.tasks.needed_reads import has_idle_reads
from generators.tasks.plan import Plan, TurnPlan, shuffled
from generators.tasks.plan_changes import insert_calls, insert_turn
from generators.world.model import ParameterModel
from schemas.environment import Environment
from schemas.leaves import leaves
from schemas.task import Origin

_CONSTANT = frozenset("text boolean object list unknown query expression path title sha".split())
"""Meanings of values that a short question does not replace."""


def ellipsis(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """A turn's read is made once more with one other value, in a turn that leans on it."""
    if rng.random() >= mix.ellipsis:
        return plan
    found = [(n, call) for n in shuffled(plan, rng) if (call := _lone_read(plan, n)) is not None]
    found.sort(key=lambda one: -len(plan.done[one[1]].origins))  # the more is left unsaid
    for number, call in found:
        environment = plan.environment(before=plan.turns[number].calls[-1] + 1)
        for origin in rng.sample(_varied(plan, call), len(_varied(plan, call))):
            made = _made_with_another(plan, environment, call, origin, rng)
            if made is None:
                continue
            longer = _with_turn(plan, number, made)
            if not has_idle_reads(longer):
                return replace(longer, operators=(*plan.operators, "ellipsis"))
    return plan


def _lone_read(plan: Plan, number: int) -> int | None:
    """The one read that a turn is made for; None where it is made for more or for less."""
    turn = plan.turns[number]
    if turn.comparison or turn.leans_on is not None or turn.unknown:
        return None
    lent = {source for call in turn.calls for source in plan.done[call].sources}
    asked = [call for call in turn.calls if call not in lent]
    if len(asked) != 1 or plan.done[asked[0]].model.writes:
        return None
    return asked[0]


def _varied(plan: Plan, call: int) -> list[Origin]:
    executed = plan.done[call]
    return [
        origin
        for origin in executed.origins
        if origin.kind == "user" and _may_vary(executed.model.parameter(origin.path))
    ]


def _may_vary(parameter: ParameterModel) -> bool:
    plain = "[" not in parameter.path and "." not in parameter.path
    apart = parameter.name not in ("method", "owner", "repo", "first_name", "last_name")
    return plain and apart and parameter.semantic not in _CONSTANT and parameter.use != "option"


def _made_with_another(
    plan: Plan, environment: Environment, call: int, origin: Origin, rng: Random
) -> Executed | None:
    """The same call with another value at one leaf; None where none finds something."""
    first = plan.done[call]
    kept = {path: value for path, value in leaves(first.arguments) if path != origin.path}
    propose = plan.setting.backend.propose
    proposed = propose(environment, first.model.name, rng, kept, 0)
    if proposed is None:
        return None
    arguments = proposed.arguments
    found = dict(leaves(arguments))
    same = {path for path, value in leaves(first.arguments) if found.get(path) == value}
    if found.keys() != {*kept, origin.path} or same != kept.keys():
        return None
    outcome = environment.call(first.model.name, arguments)
    if outcome.is_error or outcome.content == first.result:
        return None
    return replace(first, arguments=arguments, result=outcome.content, step=-1, twin=False)


def _with_turn(plan: Plan, number: int, made: Executed) -> Plan:
    at = plan.turns[number].calls[-1] + 1
    longer = insert_turn(plan, number + 1, TurnPlan((), leans_on=number))
    return insert_calls(longer, number + 1, at, [made])
