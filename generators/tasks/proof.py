"""Solvability is proven, not hoped for: what is wrong with a task, found by running it.

The gold calls run again from the initial state with the results on record; none can be left out;
what is described is described by nothing else; what must be said stands in a result; and the faults
leave the outcome in reach. After τ²-bench, whose composed tasks prove that every step is necessary,
and CoVe (arXiv 2603.01940), whose references are proven unique.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from generators.tasks.clock import Setting
from generators.tasks.needed_reads import HOLDS_FOR, Step, idle_reads
from generators.tasks.replay import Flaw, Replay, is_error, is_lost, replay
from generators.world.model import World
from schemas.environment import Change
from schemas.formats import FORMAT_OF
from schemas.leaves import leaves, value_at
from schemas.task import GoldCall, Origin, Task
from schemas.twists import Comparison, find_twists


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

    def skipped(self, call: GoldCall) -> bool:
        """Whether the call leaves nothing behind: it never succeeds, or is not made at all."""
        return call.barred or self.lost(call)


def flaws(setting: Setting, task: Task, known: Replay | None = None) -> Iterator[Flaw]:
    """All that is wrong with a task; nothing where it is proven.

    ``known``: what `replay` gave for the task's turns, where it has just been run.
    """
    planted = replace(setting, plants=task.plants)
    run = Run(planted, task, known or replay(planted, task.turns, task.rules))
    for proof in PROOFS:
        yield from proof(run)


def _replays(run: Run) -> Iterator[Flaw]:
    """The gold calls give what is on record, and lead to the final state on record."""
    yield from run.replay.flaws
    if run.replay.final_state != run.task.final_state:
        yield Flaw("final_state_differs")


def _reach(run: Run) -> Iterator[Flaw]:
    """Nothing needs the result of a call that never succeeds, and its turn ends as failed."""
    for number, call in enumerate(run.calls):
        for origin in call.origins:
            if origin.call is not None and run.skipped(run.calls[origin.call]):
                yield Flaw("fault_blocks_goal", number, f"{call.tool} needs call {origin.call}")


def _outdated(run: Run) -> Iterator[Flaw]:
    """Values are taken from rows that are still as they were shown."""
    yield from outdated(run.setting.world, run.calls, run.results, run.replay.written)


def _endings(run: Run) -> Iterator[Flaw]:
    """A turn fails where a call of it never succeeds, and only there."""
    for number, turn in enumerate(run.task.turns):
        barred = any(call.barred for call in turn.calls)
        refused = turn.outcome in ("refuse", "clarify") and bool(turn.calls)
        if any(map(run.lost, turn.calls)) != (turn.outcome == "fail") or barred != refused:
            yield Flaw("outcome_does_not_fit", None, f"turn {number} ends as {turn.outcome}")


def _forbidden(run: Run) -> Iterator[Flaw]:
    """A call that must not be made is an offered write, and no gold call that is made."""
    for pattern in run.task.acceptance.must_not_call:
        model = run.setting.world.models.get(pattern.tool)
        if model is None or not model.writes or pattern.tool not in run.task.tools:
            yield Flaw("forbidden_call_made", None, f"{pattern.tool} is no write that is offered")
        for number, call in enumerate(run.calls):
            if call.tool == pattern.tool and not call.barred and _fits(pattern.arguments, call):
                yield Flaw("forbidden_call_made", number, call.tool)


def _fits(arguments: Mapping[str, object], call: GoldCall) -> bool:
    try:
        return all(value_at(call.arguments, path) == value for path, value in arguments.items())
    except KeyError:
        return False


def _formats(run: Run) -> Iterator[Flaw]:
    """What a parameter's description asks for holds of each gold call that sets it."""
    for number, call in enumerate(run.calls):
        for one in run.task.formats:
            value = call.arguments.get(one.parameter) if one.tool == call.tool else None
            if value is not None and not FORMAT_OF[one.rule].holds(str(value)):
                yield Flaw("format_broken", number, f"{one.tool} {one.parameter}: {one.rule}")


def _plants(run: Run) -> Iterator[Flaw]:
    """What is planted is met."""
    for plant in run.task.plants:
        met = (value for result in run.results for _, value in leaves(result))
        if plant.value not in met:
            yield Flaw("plant_unseen", None, f"{plant.table} {plant.key}")


def _necessary_writes(run: Run) -> Iterator[Flaw]:
    """Leaving a write out must change the final state; reads leave no trace and are not run."""
    writes = [
        (number, call)
        for number, call in enumerate(run.calls)
        if run.writes(call) and not run.skipped(call) and not is_error(run.results[number])
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
    compared = {
        call
        for turn in run.task.turns
        for one in find_twists(turn, Comparison)
        for call in one.calls
    }
    steps = [
        Step(
            call.arguments,
            call.origins,
            run.results[number],
            not (run.writes(call) or run.skipped(call) or is_error(run.results[number])),
            turns[number],
            run.task.turns[turns[number]].elapsed > HOLDS_FOR,
            number in compared,
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


def _comparisons(run: Run) -> Iterator[Flaw]:
    """The row that is chosen is the only one that is best by the rule, of all that were found."""
    for comparison in (one for turn in run.task.turns for one in find_twists(turn, Comparison)):
        origin = next(o for o in run.calls[comparison.call].origins if o.path == comparison.path)
        chosen = value_at(run.calls[comparison.call].arguments, comparison.path)
        holder, _, field = comparison.field.rpartition("[].")
        found: list[tuple[Any, bool]] = []
        for call in comparison.calls:
            rows = value_at(run.results[call], holder) if "[]" in comparison.field else [
                run.results[call]
            ]  # fmt: skip
            key = (origin.result_path or "").rpartition(".")[2]
            found += [(row.get(field), row.get(key) == chosen) for row in rows]
        values = [value for value, _ in found]
        if len(values) < 2 or any(value is None for value in values):
            is_best = False
        else:
            best = min(values) if comparison.rule in ("least", "earliest") else max(values)
            is_best = [is_chosen for value, is_chosen in found if value == best] == [True]
        if not is_best:
            yield Flaw("wrong_comparison", comparison.call, f"{comparison.rule} {field}")


Proof = Callable[[Run], Iterator[Flaw]]
PROOFS: tuple[Proof, ...] = (
    _replays,
    _reach,
    _outdated,
    _endings,
    _forbidden,
    _formats,
    _plants,
    _necessary_writes,
    _necessary_reads,
    _comparisons,
    _sayings,
)
"""In the order in which they are tried."""


_NAMES = frozenset({"title", "person_name"})
"""Meanings of fields by which people call a row."""


def outdated(
    world: World, calls: tuple[GoldCall, ...], results: list[Any], written: Mapping[int, Any]
) -> Iterator[Flaw]:
    """The calls that take such a value. ``written``: number of a write → what it changed."""
    for number, call in enumerate(calls):
        for origin in call.origins:
            if origin.call is None:
                continue
            row = _holder(results[origin.call], origin)
            later = (n for n in written if origin.call < n < number)
            changes = (change for n in later for change in written[n])
            if any(
                _outdates(world, change, row, (origin.result_path or "").rpartition(".")[2])
                for change in changes
            ):
                yield Flaw("outdated_value", number, f"{call.tool} {origin.path}")


def _holder(result: Any, origin: Origin) -> Any:
    """The object that the value was taken from."""
    place = (origin.result_path or "").rpartition(".")[0]
    try:
        return value_at(result, place)
    except KeyError:  # the call was not made in earnest
        return None


def _outdates(world: World, change: Change, row: Any, field: str) -> bool:
    """Whether the change is of this row, and of this field or of what the row is called."""
    before, after = change.before, change.after
    if not isinstance(row, dict) or before is None or after is None:
        return False
    entity = world.entities.get(change.table)
    identity = entity.identity if entity is not None else ()
    known = identity or [name for name in before if name in row]
    if not known or any(name not in row or row[name] != before.get(name) for name in known):
        return False
    fields = entity.fields if entity is not None else {}
    names = [name for name in before if name in fields and fields[name].semantic in _NAMES]
    return any(before.get(name) != after.get(name) for name in (field, *names))
