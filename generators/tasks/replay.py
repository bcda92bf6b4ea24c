"""The gold calls run again from the initial state: what goes otherwise than it is on record."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from generators.backends.backend import Policed
from generators.sandbox.faults import lawful_result
from generators.sandbox.row_values import equals
from generators.tasks.clock import Setting
from generators.world.model import ToolModel
from schemas.canonical import written_json
from schemas.environment import Change, Environment, between
from schemas.policy import PolicyRule, allows
from schemas.task import GoldCall, Outcome, TaskTurn
from schemas.twists import Reference, find_twists


class Flaw(NamedTuple):
    """Something that is wrong with a task."""

    code: str
    call: int | None = None
    explanation: str = ""


@dataclass(frozen=True)
class Replay:
    """What came of the gold calls when they were run from the initial state."""

    flaws: tuple[Flaw, ...]
    """What went otherwise than it is on record."""
    initial_state: str
    environment: Environment
    """As the last call has left it."""
    before: Mapping[int, Any]
    """Number of a write → a snapshot of the state that it met."""
    written: Mapping[int, tuple[Change, ...]]
    """Number of a write → what it changed."""

    @cached_property
    def final_state(self) -> str:
        """Hash of the state in the end."""
        return self.environment.state_hash()


def is_lost(call: GoldCall) -> bool:
    """Whether a call never succeeds."""
    return call.fault is not None and not call.fault.transient


def replay(setting: Setting, turns: Sequence[TaskTurn], rules: Sequence[PolicyRule] = ()) -> Replay:
    """Run the gold calls from the start, with their faults, and look at what is described."""
    environment = setting.open()
    began = environment.state_hash()
    found: list[Flaw] = []
    before: dict[int, Any] = {}
    written: dict[int, tuple[Change, ...]] = {}
    changed = environment.changes()
    described: dict[int, list[Reference]] = {}
    for turn in turns:
        for reference in find_twists(turn, Reference):
            described.setdefault(reference.call, []).append(reference)
    calls = ((turn, call) for turn in turns for call in turn.calls)
    for number, (turn, call) in enumerate(calls):
        found += _described(number, described.get(number, []), environment)
        if call.fault is not None:
            found += _struck(number, call, setting.world.models[call.tool], environment)
        found += ruled(setting, rules, number, call, turn.outcome, environment)
        if call.barred or is_lost(call):
            continue
        writes = setting.world.models[call.tool].writes
        if writes:
            before[number] = environment.snapshot()
        outcome = environment.call(call.tool, call.arguments)
        if writes:
            already, changed = changed, environment.changes()
            written[number] = between(already, changed)
        if written_json(outcome.content) == call.result:
            continue
        if outcome.is_error and not is_error(json.loads(call.result)):
            found.append(Flaw("gold_call_fails", number, f"{call.tool}: {outcome.content}"))
        else:
            found.append(Flaw("gold_result_differs", number, call.tool))
    return Replay(tuple(found), began, environment, before, written)


def is_error(result: Any) -> bool:
    """Whether a result on record is itself an error."""
    return isinstance(result, dict) and result.keys() == {"error"}


def _described(
    number: int, references: list[Reference], environment: Environment
) -> Iterator[Flaw]:
    """A description must fit one row alone, of all that there are at that moment."""
    for reference in references:
        fitting = [
            row
            for row in environment.rows(reference.table)
            if all(equals(row.get(one.field), one.value) for one in reference.conditions)
        ]
        if len(fitting) != 1:
            said = ", ".join(f"{one.field} {one.value}" for one in reference.conditions)
            yield Flaw("ambiguous_reference", number, f"{len(fitting)} rows with {said}")


def _struck(
    number: int, call: GoldCall, model: ToolModel, environment: Environment
) -> Iterator[Flaw]:
    """A fault shows itself by an error or another lawful result, and leaves the state alone."""
    before = environment.state_hash()
    outcome = environment.call(call.tool, call.arguments, call.fault)
    shown = outcome.is_error or written_json(outcome.content) != call.result
    lawful = outcome.is_error or lawful_result(model, outcome.content)
    if not (shown and lawful) or environment.state_hash() != before:
        yield Flaw("fault_changes_result", number, call.tool)


def ruled(
    setting: Setting,
    rules: Sequence[PolicyRule],
    number: int,
    call: GoldCall,
    outcome: Outcome,
    environment: Environment,
) -> Iterator[Flaw]:
    """Before a call: the rules allow what is made, and one forbids what is not to be made."""
    broken = [*_broken(setting, rules, call, environment), *_violated(setting, call, environment)]
    if broken and not call.barred:
        yield Flaw("policy_forbids_gold", number, broken[0])
    if call.barred and not broken and outcome == "refuse":
        yield Flaw("policy_allows_barred", number, call.tool)


def _broken(
    setting: Setting, rules: Sequence[PolicyRule], call: GoldCall, environment: Environment
) -> Iterator[str]:
    for rule in rules:
        rows = environment.rows(rule.table) if rule.table and rule.tool == call.tool else ()
        if rule.tool == call.tool and not allows(rule, call.arguments, rows, setting.clock):
            yield rule.sentence


def _violated(setting: Setting, call: GoldCall, environment: Environment) -> Iterator[str]:
    if isinstance(setting.backend, Policed):
        yield from setting.backend.violations(environment, call.tool, call.arguments)
