"""Difficulty operators: what makes a conversation more than a list of requests.

Each takes a plan that works and makes it harder, or leaves it as it is; none changes what is done.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random

from generators.blueprint.feeding import Executed
from generators.sandbox.values import another
from generators.world import ParameterModel
from schemas.leaves import value_at
from schemas.message import Fault, FaultKind
from schemas.task import Origin, Revision

_FAULTS: tuple[FaultKind, ...] = ("timeout", "rate_limited", "server_error")


@dataclass(frozen=True)
class Mix:
    """How often each operator is tried, as a probability per conversation."""

    clarify: float = 0.5
    vague: float = 0.3
    unknown: float = 0.25
    revise: float = 0.3
    twin: float = 0.3
    """Per call that can have one."""
    fault: float = 0.25
    unsupported: float = 0.16
    confirm_all: float = 0.6
    """Otherwise only what cannot be undone is confirmed."""


@dataclass(frozen=True)
class TurnPlan:
    """One thing that the user wants, before it is made into a record."""

    calls: tuple[int, ...]
    """Numbers of its calls; empty where no tool serves, or nothing is wanted."""
    withheld: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    revision: Revision | None = None
    vague: bool = False
    confirm: bool = False
    unsupported: str = ""
    """What is asked for in vain."""
    chat: str = ""
    """What is chatted about; nothing is wanted."""

    @property
    def user_messages(self) -> int:
        """How many times the user speaks in it."""
        asked = bool(self.withheld) + bool(self.unknown)
        return 1 + asked + self.confirm


@dataclass(frozen=True)
class Plan:
    """A conversation in outline."""

    done: tuple[Executed, ...]
    turns: tuple[TurnPlan, ...]
    clock: datetime
    faults: tuple[tuple[int, Fault], ...] = ()
    operators: tuple[str, ...] = ()

    def with_turn(self, number: int, turn: TurnPlan, operator: str) -> "Plan":
        """The same with another turn, and the operator noted."""
        turns = (*self.turns[:number], turn, *self.turns[number + 1 :])
        return replace(self, turns=turns, operators=(*self.operators, operator))

    def has_twin(self, call: int) -> bool:
        """Whether the call is one of two that are made at once, about different things."""
        after = self.done[call + 1 : call + 2]
        return self.done[call].twin or any(executed.twin for executed in after)

    def has_rival(self, turn: TurnPlan, call: int, path: str) -> bool:
        """Whether another value of that name is said in the turn: a question would be unclear."""
        name = self.done[call].model.parameter(path).name
        value = _leaf(self.done[call], path)
        return any(
            parameter.name == name and _leaf(self.done[other], origin.path) != value
            for other, origin, parameter in self.told(turn)
        )

    def told(self, turn: TurnPlan) -> list[tuple[int, Origin, ParameterModel]]:
        """The argument leaves of a turn that the user has to say."""
        return [
            (call, origin, self.done[call].model.parameter(origin.path))
            for call in turn.calls
            for origin in self.done[call].origins
            if origin.kind == "user"
        ]


Operator = Callable[[Plan, Random, Mix], Plan]


def clarify(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """The user leaves out something that is needed, and is asked for it."""
    if rng.random() >= mix.clarify:
        return plan
    for number in _shuffled(plan, rng):
        turn = plan.turns[number]
        askable = [
            f"{call}:{origin.path}"
            for call, origin, parameter in plan.told(turn)
            if parameter.required
            and "[" not in origin.path
            and parameter.semantic != "boolean"
            and not plan.has_twin(call)
            and parameter.name != "method"
            and not plan.has_rival(turn, call, origin.path)
        ]
        if not askable or turn.withheld:
            continue
        askable = _one_a_name(plan, askable)
        everything = len(plan.told(turn)) == len(askable) <= 3
        if everything and rng.random() < mix.vague:
            return plan.with_turn(
                number, replace(turn, withheld=tuple(askable), vague=True), "vague"
            )
        count = min(len(askable), 1 if rng.random() < 0.65 else 2)
        kept = set(rng.sample(askable, count))
        withheld = tuple(key for key in askable if key in kept)
        return plan.with_turn(number, replace(turn, withheld=withheld), "clarify")
    return plan


def _one_a_name(plan: Plan, askable: list[str]) -> list[str]:
    """At most one value of a name: a question for two of them would be hard to answer."""
    kept: dict[str, str] = {}
    for key in askable:
        call, _, path = key.partition(":")
        kept.setdefault(plan.done[int(call)].model.parameter(path).name, key)
    return list(kept.values())


def _told_before(plan: Plan, turn: TurnPlan, call: int) -> bool:
    """Whether the user has something to say by which the row can be found instead."""
    implied = [other for other in turn.calls if other < call]
    return any(o.kind == "user" for other in implied for o in plan.done[other].origins)


def unknown(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """The user is asked for an id that only a tool can find, and does not know it."""
    if rng.random() >= mix.unknown:
        return plan
    for number in _shuffled(plan, rng):
        turn = plan.turns[number]
        if turn.withheld:
            continue
        for call in turn.calls:
            for origin in plan.done[call].origins:
                parameter = plan.done[call].model.parameter(origin.path)
                fed_here = parameter.opaque and origin.call in turn.calls
                if fed_here and "[" not in origin.path and _told_before(plan, turn, call):
                    return plan.with_turn(
                        number, replace(turn, unknown=(parameter.name,)), "unknown"
                    )
    return plan


def revise(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """The user changes their mind when asked to confirm."""
    if rng.random() >= mix.revise:
        return plan
    for number in _shuffled(plan, rng):
        turn = plan.turns[number]
        if not turn.confirm:
            continue
        for call, origin, parameter in plan.told(turn):
            if _revisable(plan, call, origin, parameter, turn):
                value = _leaf(plan.done[call], origin.path)
                first = another(parameter, value, rng, plan.clock)
                if first is not None and first != value and isinstance(first, type(value)):
                    revision = Revision(call=call, path=origin.path, first=first)
                    return plan.with_turn(number, replace(turn, revision=revision), "revise")
    return plan


_FIXED = frozenset("text boolean email object list unknown opaque_id street address zip".split())
"""Meanings of values that are not changed alone: a street without its city would be nowhere."""


def _revisable(
    plan: Plan, call: int, origin: Origin, parameter: ParameterModel, turn: TurnPlan
) -> bool:
    return (
        plan.done[call].model.writes
        and parameter.use == "field"
        and parameter.semantic not in _FIXED
        and "[" not in origin.path
        and f"{call}:{origin.path}" not in turn.withheld
    )


def _leaf(executed: Executed, path: str) -> str | int | float | bool:
    value: str | int | float | bool = value_at(executed.arguments, path)
    return value


def fault(plan: Plan, rng: Random, mix: Mix) -> Plan:
    """A tool's service fails once, and works when it is tried again."""
    if rng.random() >= mix.fault or not plan.done:
        return plan
    call = rng.randrange(len(plan.done))
    injected = Fault(kind=rng.choice(_FAULTS))
    return replace(plan, faults=((call, injected),), operators=(*plan.operators, "fault"))


def _shuffled(plan: Plan, rng: Random) -> list[int]:
    numbers = [number for number, turn in enumerate(plan.turns) if turn.calls]
    rng.shuffle(numbers)
    return numbers


OPERATORS: tuple[Operator, ...] = (clarify, unknown, revise, fault)
