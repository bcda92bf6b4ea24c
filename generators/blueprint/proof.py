"""Solvability is proven, not hoped for: what is wrong with a task, found by running it.

The gold calls run again from the initial state with the results on record; none can be left out;
what is described is described by nothing else; what must be said stands in a result; and the faults
leave the outcome in reach. After τ²-bench, whose composed tasks prove that every step is necessary,
and CoVe (arXiv 2603.01940), whose references are proven unique.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

from generators.blueprint.necessity import Step, idle_reads
from generators.blueprint.setting import Setting
from generators.sandbox.matching import equals
from schemas.canonical import written_json
from schemas.environment import Environment
from schemas.leaves import value_at
from schemas.task import GoldCall, Reference, Task, TaskTurn

FLAWS: dict[str, str] = {
    "gold_call_fails": "a gold call fails when it is run again",
    "gold_result_differs": "a gold call returns something else when it is run again",
    "final_state_differs": "the gold calls do not lead to the final state on record",
    "unnecessary_write": "the final state is the same without this write",
    "unnecessary_read": "the result brings nothing that is not known without it",
    "ambiguous_reference": "what the user describes fits no row of the state, or several",
    "unsaid_value": "what must be said does not stand in the result",
    "fault_blocks_goal": "a later call needs the result of a call that never succeeds",
    "fault_changes_result": "under its fault, a call does not fail as planned or not recover",
}
"""Code → meaning: why a task is not kept."""


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

    @cached_property
    def final_state(self) -> str:
        """Hash of the state in the end."""
        return self.environment.state_hash()


@dataclass(frozen=True)
class Run:
    """A task, and the world that it takes place in."""

    setting: Setting
    task: Task
    replay: Replay

    @cached_property
    def calls(self) -> tuple[GoldCall, ...]:
        """The gold calls that are made in earnest, in order."""
        return self.task.calls

    @cached_property
    def results(self) -> list[Any]:
        """What each gold call returned."""
        return [json.loads(call.result) for call in self.calls]

    def writes(self, call: GoldCall) -> bool:
        """Whether the tool changes something."""
        return self.setting.world.models[call.tool].writes

    def lost(self, call: GoldCall) -> bool:
        """Whether the call never succeeds."""
        return is_lost(call)


def is_lost(call: GoldCall) -> bool:
    """Whether a call never succeeds."""
    return call.fault is not None and not call.fault.transient


def flaws(setting: Setting, task: Task, known: Replay | None = None) -> Iterator[Flaw]:
    """All that is wrong with a task; nothing where it is proven.

    ``known``: what `replay` gave for the task's turns, where it has just been run.
    """
    run = Run(setting, task, known or replay(setting, task.turns))
    for proof in PROOFS:
        yield from proof(run)


def replay(setting: Setting, turns: Sequence[TaskTurn]) -> Replay:
    """Run the gold calls from the start, with their faults, and look at what is described."""
    environment = setting.open()
    began = environment.state_hash()
    found: list[Flaw] = []
    before: dict[int, Any] = {}
    described: dict[int, list[Reference]] = {}
    for turn in turns:
        for reference in turn.references:
            described.setdefault(reference.call, []).append(reference)
    calls = (call for turn in turns for call in turn.calls)
    for number, call in enumerate(calls):
        found += _described(number, described.get(number, []), environment)
        if call.fault is not None:
            found += _struck(number, call, environment)
        if is_lost(call):
            continue
        if setting.world.models[call.tool].writes:
            before[number] = environment.snapshot()
        outcome = environment.call(call.tool, call.arguments)
        if written_json(outcome.content) == call.result:
            continue
        if outcome.is_error and not _is_error(json.loads(call.result)):
            found.append(Flaw("gold_call_fails", number, f"{call.tool}: {outcome.content}"))
        else:
            found.append(Flaw("gold_result_differs", number, call.tool))
    return Replay(tuple(found), began, environment, before)


def _replays(run: Run) -> Iterator[Flaw]:
    """The gold calls give what is on record, and lead to the final state on record."""
    yield from run.replay.flaws
    if run.replay.final_state != run.task.final_state:
        yield Flaw("final_state_differs")


def _is_error(result: Any) -> bool:
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


def _struck(number: int, call: GoldCall, environment: Environment) -> Iterator[Flaw]:
    """A fault shows itself, and leaves the state alone."""
    before = environment.state_hash()
    outcome = environment.call(call.tool, call.arguments, call.fault)
    shown = outcome.is_error or written_json(outcome.content) != call.result
    if not shown or environment.state_hash() != before:
        yield Flaw("fault_changes_result", number, call.tool)


def _reach(run: Run) -> Iterator[Flaw]:
    """Nothing needs the result of a call that never succeeds."""
    for number, call in enumerate(run.calls):
        for origin in call.origins:
            if origin.call is not None and run.lost(run.calls[origin.call]):
                yield Flaw("fault_blocks_goal", number, f"{call.tool} needs call {origin.call}")


def _necessary_writes(run: Run) -> Iterator[Flaw]:
    """Leaving a write out must change the final state; reads leave no trace and are not run."""
    writes = [
        (number, call)
        for number, call in enumerate(run.calls)
        if run.writes(call) and not run.lost(call) and not _is_error(run.results[number])
    ]
    environment = run.replay.environment
    ended = environment.snapshot()
    for place, (left_out, call) in enumerate(writes):
        environment.restore(run.replay.before[left_out])
        for _, other in writes[place + 1 :]:
            environment.call(other.tool, other.arguments)
        found = environment.state_hash()
        environment.restore(ended)
        if found == run.task.final_state:
            yield Flaw("unnecessary_write", left_out, call.tool)


def _necessary_reads(run: Run) -> Iterator[Flaw]:
    """Leaving a read out must leave a later argument without its source, or the user untold."""
    turns = {call: turn for turn in range(len(run.task.turns)) for call in _numbers(run, turn)}
    steps = [
        Step(
            call.arguments,
            call.origins,
            run.results[number],
            not (run.writes(call) or run.lost(call) or _is_error(run.results[number])),
            turns[number],
            bool(run.task.turns[turns[number]].elapsed),
        )
        for number, call in enumerate(run.calls)
    ]
    for number in idle_reads(steps):
        yield Flaw("unnecessary_read", number, run.calls[number].tool)


def _numbers(run: Run, turn: int) -> range:
    start = sum(len(earlier.calls) for earlier in run.task.turns[:turn])
    return range(start, start + len(run.task.turns[turn].calls))


def _sayings(run: Run) -> Iterator[Flaw]:
    for must in run.task.acceptance.must_say:
        try:
            held = value_at(run.results[must.call], must.path)
        except (KeyError, IndexError):
            held = None
        if held != must.value:
            yield Flaw("unsaid_value", must.call, must.path)


Proof = Callable[[Run], Iterator[Flaw]]
PROOFS: tuple[Proof, ...] = (_replays, _reach, _necessary_writes, _necessary_reads, _sayings)
"""In the order in which they are tried."""
