"""A conversation in outline: calls that ran, grouped into turns, and what makes them hard.

Operators take a plan and give a harder one; `generators.tasks.task_record` makes a record of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from random import Random
from typing import NamedTuple, Protocol

from generators.language.request import leave_for_later
from generators.language.slot_phrases import find_pairs
from generators.sandbox.sights import find_whole
from generators.tasks.clock import Setting, move_on, next_time
from generators.tasks.feeding import Executed
from generators.world.model import ParameterModel
from generators.world.policy_rules import has_manner
from generators.world.schema_leaves import path_top
from schemas.environment import Environment, call_at, set_clock
from schemas.leaves import value_at
from schemas.message import Fault
from schemas.policy import PolicyRule
from schemas.task import DECLINED, CallPattern, MustSay, Origin, Outcome
from schemas.twists import (
    Hurry,
    LeansOn,
    Recall,
    Twist,
    Vague,
    Withheld,
    count_messages,
    find_twists,
    has_twist,
)

MAX_USER_MESSAGES = 10
"""How often the user may speak in one conversation."""


@dataclass(frozen=True)
class TurnPlan:
    """One thing that the user wants, before it is made into a record."""

    calls: tuple[int, ...]
    """Numbers of its calls; empty where no tool serves, or nothing is wanted."""
    wish: str = ""
    """What is wanted, in words for a player of the user; empty where the calls tell it."""
    confirm: bool = False
    outcome: Outcome = "complete"
    reason: str = ""
    """Why it ends otherwise than complete."""
    elapsed: int = 0
    """Seconds before the user speaks."""
    twists: tuple[Twist, ...] = ()

    @property
    def user_messages(self) -> int:
        """How many times the user speaks in it."""
        return count_messages(self, confirm=self.confirm)

    def with_twists(self, *twists: Twist) -> "TurnPlan":
        """The turn with more made of it."""
        return replace(self, twists=(*self.twists, *twists))


@dataclass(frozen=True)
class Plan:
    """A conversation in outline."""

    done: tuple[Executed, ...]
    turns: tuple[TurnPlan, ...]
    setting: Setting
    faults: tuple[tuple[int, Fault], ...] = ()
    operators: tuple[str, ...] = ()
    must_say: tuple[MustSay, ...] = ()
    must_call: tuple[CallPattern, ...] = ()
    must_not_call: tuple[CallPattern, ...] = ()
    rules: tuple[PolicyRule, ...] = ()
    sentences: tuple[str, ...] = ()
    """What else the system message says of what is to be done, beside the rules."""
    offers: tuple[str, ...] = ()
    """Tools that must be offered though no call is made of them."""
    barred: tuple[int, ...] = ()
    """Calls that are asked for and not made: a rule forbids them, or something is not known."""

    @property
    def clock(self) -> datetime:
        """Now."""
        return self.setting.clock

    @property
    def skipped(self) -> frozenset[int]:
        """Calls that leave nothing behind: the service never serves them, or they are not made."""
        lost = {call for call, fault in self.faults if not fault.transient}
        return frozenset(lost.union(self.barred))

    @property
    def user_messages(self) -> int:
        """How many times the user speaks in all."""
        spoken = sum(turn.user_messages for turn in self.turns)
        spoken += self.setting.person is not None  # who it is
        pairs = find_pairs(self.setting.world)
        # The questions for what a first message has no room for.
        for turn in self.turns:
            if has_twist(turn, Vague, LeansOn, Hurry) or turn.outcome in DECLINED:
                continue
            used = {source for call in turn.calls for source in self.done[call].sources}
            held = [(one.call, one.path) for one in find_twists(turn, Withheld)]
            told = [one for one in self.told(turn) if one[0] not in used]
            writes = any(self.done[call].model.writes for call in turn.calls)
            later = leave_for_later(told, writes=writes, held=held, pairs=pairs)
            spoken += later.rounds - bool(held)
        return spoken

    def turn_of(self, call: int) -> int:
        """The number of the turn that makes the call."""
        return next(number for number, turn in enumerate(self.turns) if call in turn.calls)

    @property
    def called(self) -> frozenset[str]:
        """Names of the tools that are really called."""
        made = (call.model.name for n, call in enumerate(self.done) if n not in self.barred)
        return frozenset(made)

    @property
    def needed(self) -> tuple[str, ...]:
        """Names of the tools that must be offered."""
        return tuple(dict.fromkeys([*(call.model.name for call in self.done), *self.offers]))

    def environment(self, before: int | None = None, *, reads: bool = False) -> Environment:
        """A fresh environment in the state that the call numbered ``before`` meets.

        None: after the last call. It is as late there as it is for that call. Reads are made too
        where it is asked for, or where they may leave a trace. Raises ValueError where a call that
        is made does not run as it did.
        """
        environment = self.setting.open()
        reads = reads or not self.setting.backend.pure_reads
        skipped = self.skipped
        for number, executed in enumerate(self.done[:before]):
            if number not in skipped and (reads or executed.model.writes):
                name, arguments = executed.model.name, executed.arguments
                outcome = call_at(environment, executed.at, name, arguments)
                if outcome.is_error or outcome.content != executed.result:
                    raise ValueError(f"{executed.model.name} does not run as it did")
        following = self.done[before:][:1] if before is not None else ()
        set_clock(environment, following[0].at if following else self.time_after())
        return environment

    def time_after(self, elapsed: int = 0) -> str:
        """When a call would be made that opens one turn more, ``elapsed`` seconds later than usual.

        So late that the user has had time to speak.
        """
        last = self.done[-1].at if self.done else self.clock.isoformat()
        return move_on(next_time(last, self.setting.seed), elapsed) if last else ""

    def runs(self) -> bool:
        """Whether all calls that are made do what they did, whatever is left out between them."""
        try:
            self.environment(reads=True)
        except ValueError:
            return False
        return True

    def leads_to(self, number: int) -> bool:
        """Whether a later turn leans on the turn, or is answered from its calls."""
        calls = self.turns[number].calls
        return any(
            (isinstance(twist, LeansOn) and twist.turn == number)
            or (isinstance(twist, Recall) and twist.call in calls)
            for turn in self.turns
            for twist in turn.twists
        )

    def with_turn(self, number: int, turn: TurnPlan, operator: str) -> "Plan":
        """The same with another turn, and the operator noted."""
        turns = (*self.turns[:number], turn, *self.turns[number + 1 :])
        return replace(self, turns=turns, operators=(*self.operators, operator))

    def has_twin(self, call: int) -> bool:
        """Whether the call is one of two that are made at once, about different things."""
        after = self.done[call + 1 : call + 2]
        return self.done[call].twin or any(executed.twin for executed in after)

    def may_ask(self, turn: TurnPlan, call: int, path: str) -> bool:
        """Whether a question for the value is clear: the turn says no other one of that name.

        What a row is to have anew is no such thing where all else of it is sent as it was shown.
        """
        whole = {*find_whole(self.done[call].model).values()}
        shown = {path_top(one.path) for one in self.done[call].origins if one.call is not None}
        if path in whole and whole & shown:
            return False
        name = self.done[call].model.parameter(path).name
        value = leaf(self.done[call], path)
        return not self.has_twin(call) and not any(
            parameter.name == name and leaf(self.done[other], origin.path) != value
            for other, origin, parameter in self.told(turn)
        )

    def told(self, turn: TurnPlan) -> list[tuple[int, Origin, ParameterModel]]:
        """The argument leaves of a turn that the user has to say."""
        return [
            (call, origin, self.done[call].model.parameter(origin.path))
            for call in turn.calls
            if not self.done[call].looks
            for origin in self.done[call].origins
            if origin.kind == "user"
        ]

    def is_looked_at(self, turn: TurnPlan, call: int, path: str) -> bool:
        """Whether a read of the turn that nobody asks for is told the same value."""
        value = leaf(self.done[call], path)
        return any(
            leaf(self.done[other], origin.path) == value
            for other in turn.calls
            if self.done[other].looks
            for origin in self.done[other].origins
        )


def leaf(executed: Executed, path: str) -> str | int | float | bool:
    """The value of an argument leaf."""
    value: str | int | float | bool = value_at(executed.arguments, path)
    return value


def shuffled(plan: Plan, rng: Random) -> list[tuple[int, TurnPlan]]:
    """The turns with calls, each with its number, in random order."""
    turns = [(number, turn) for number, turn in enumerate(plan.turns) if turn.calls]
    rng.shuffle(turns)
    return turns


@dataclass(frozen=True)
class Mix(Mapping[str, float]):
    """How often each operator is tried, by name: a probability per conversation."""

    shares: Mapping[str, float]
    asked: frozenset[str] = frozenset()
    """Those of which somebody has said how many conversations are to have them."""

    def __getitem__(self, name: str) -> float:
        """How often one is tried."""
        return self.shares[name]

    def __iter__(self) -> Iterator[str]:
        """The names."""
        return iter(self.shares)

    def __len__(self) -> int:
        """How many names there are."""
        return len(self.shares)


SHARES: Mapping[str, float] = {
    "twin": 0.1,  # per read that can be made twice
    "recombine": 0.15,
    "unsupported": 0.05,
    "against_policy": 0.5,  # of the writes that happen to break a rule of the service
    "confirm_all": 0.6,  # otherwise only what cannot be undone is confirmed
}
"""The usual shares of what is drawn beside the operators."""


class PlanOperator(Protocol):
    """Makes a plan harder."""

    @property
    def name(self) -> str:
        """What it is called in a mix."""
        ...

    def change_plan(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """A harder plan that works, or the plan as it is where it offers no place."""
        ...


def batches(plan: Plan) -> dict[int, int]:
    """Call → number of the batch that it is made in, within its turn.

    Reads that need nothing of each other are made at once, unless a policy wants one call at a
    time or the answer of one comes later; writes are made alone.
    """
    late = {call for call, fault in plan.faults if fault.kind == "delayed"}
    domains = plan.setting.world.domains
    policies = {one.policy or "" for one in domains.values()} if domains else set()
    one_call = any(has_manner(policy, "one_call") for policy in policies)
    groups: dict[int, int] = {}
    for turn in plan.turns:
        batch: list[int] = []
        number = 0
        for call in turn.calls:
            alone = any(plan.done[c].model.writes for c in (call, *batch))
            alone |= not late.isdisjoint(batch)
            if batch and (one_call or alone or plan.done[call].sources & set(batch)):
                batch, number = [], number + 1
            batch.append(call)
            groups[call] = number
    return groups


class Flaw(NamedTuple):
    """Something that is wrong with a task."""

    code: str
    call: int | None = None
    explanation: str = ""
