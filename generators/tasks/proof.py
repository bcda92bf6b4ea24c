"""Solvability is proven, not hoped for: what is wrong with a task, found by running it.

The gold calls run again from the initial state with the results on record; none can be left out;
what is described is described by nothing else; what must be said stands in a result; and the faults
leave the outcome in reach. After τ²-bench, whose composed tasks prove that every step is necessary,
and CoVe (arXiv 2603.01940), whose references are proven unique.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from typing import Any

from generators.backends.backend import Policed
from generators.sandbox.row_values import equals
from generators.sandbox.schema_validity import fits
from generators.tasks.asked_aloud import value_flaws, word_flaws
from generators.tasks.brief_law import untold
from generators.tasks.clock import Setting
from generators.tasks.feeding import Written, is_outdated, scalars
from generators.tasks.needed_reads import Step, idle_reads
from generators.tasks.plan import Flaw
from generators.world.model import World
from generators.world.policy_rules import asks_why
from schemas.canonical import written_json
from schemas.environment import Change, Environment, between, call_at, set_clock
from schemas.formats import FORMAT_OF
from schemas.leaves import leaves, value_at
from schemas.policy import PolicyRule, allows
from schemas.seen import Shown, find_unseen
from schemas.task import DECLINED, GoldCall, Outcome, Task, TaskTurn
from schemas.twists import Comparison, Reference, find_twists


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


def replay(setting: Setting, turns: Sequence[TaskTurn], rules: Sequence[PolicyRule] = ()) -> Replay:
    """Run the gold calls from the start, with their faults, and look at what is described."""
    environment = setting.open()
    began, changed = environment.state_hash(), environment.changes()
    found: list[Flaw] = []
    before: dict[int, Any] = {}
    written: dict[int, tuple[Change, ...]] = {}
    references = [one for turn in turns for one in find_twists(turn, Reference)]
    calls = ((turn, call) for turn in turns for call in turn.calls)
    for number, (turn, call) in enumerate(calls):
        described = [one for one in references if one.call == number]
        found += _look_before(setting, rules, number, call, described, turn.outcome, environment)
        if call.skipped:
            continue
        writes = setting.world.models[call.tool].writes
        if writes:
            before[number] = environment.snapshot()
        outcome = call_at(environment, call.at, call.tool, call.arguments)
        if writes:
            already, changed = changed, environment.changes()
            written[number] = between(already, changed)
        if written_json(outcome.content) == call.result:
            continue
        if outcome.is_error and not call.is_error:
            found.append(Flaw("gold_call_fails", number, f"{call.tool}: {outcome.content}"))
        else:
            found.append(Flaw("gold_result_differs", number, call.tool))
    return Replay(tuple(found), began, environment, before, written)


def _look_before(
    setting: Setting,
    rules: Sequence[PolicyRule],
    number: int,
    call: GoldCall,
    described: Sequence[Reference],
    outcome: Outcome,
    environment: Environment,
) -> Iterator[Flaw]:
    """What is wrong in the state that a call meets: descriptions, its fault, and the rules."""
    set_clock(environment, call.at)
    for reference in described:
        fitting = [
            row
            for row in environment.rows(reference.table)
            if all(equals(row.get(one.field), one.value) for one in reference.conditions)
        ]
        if len(fitting) != 1:
            said = ", ".join(f"{one.field} {one.value}" for one in reference.conditions)
            yield Flaw("ambiguous_reference", number, f"{len(fitting)} rows with {said}")
    if call.fault is not None:
        # It shows itself by an error or another lawful result, and leaves the state alone.
        state = environment.state_hash()
        struck = environment.call(call.tool, call.arguments, call.fault)
        shown = struck.is_error or written_json(struck.content) != call.result
        model = setting.world.models[call.tool]
        lawful = struck.is_error or fits(struck.content, model.returns)
        if not (shown and lawful) or environment.state_hash() != state:
            yield Flaw("fault_changes_result", number, call.tool)
    # The rules allow what is made, and one forbids what is not to be made.
    broken = [
        rule.sentence
        for rule in rules
        if rule.tool == call.tool
        if not allows(rule, call.arguments,
                      environment.rows(rule.table) if rule.table else (), setting.clock)
    ]  # fmt: skip
    if isinstance(setting.backend, Policed):
        broken += setting.backend.violations(environment, call.tool, call.arguments)
    if broken and not call.barred:
        yield Flaw("policy_forbids_gold", number, broken[0])
    writes = setting.world.models[call.tool].writes
    if call.barred and writes and not broken and outcome in DECLINED and not call.is_error:
        yield Flaw("policy_allows_barred", number, call.tool)


@dataclass(frozen=True)
class Run:
    """A task, the world that it takes place in, and what came of its gold calls."""

    world: World
    task: Task
    replay: Replay
    calls: tuple[GoldCall, ...]
    results: list[Any]
    """What each gold call returned."""


def flaws(setting: Setting, task: Task, known: Replay | None = None) -> Iterator[Flaw]:
    """All that is wrong with a task; nothing where it is proven.

    ``known``: what `replay` gave for the task's turns, where it has just been run.
    """
    planted = replace(setting, plants=task.plants)
    known = known or replay(planted, task.turns, task.rules)
    yield from known.flaws
    if known.final_state != task.final_state:
        yield Flaw("final_state_differs")
    results = [json.loads(call.result) for call in task.calls]
    run = Run(setting.world, task, known, task.calls, results)
    for proof in PROOFS:
        yield from proof(run)


def prove_calls(run: Run) -> Iterator[Flaw]:
    """Nothing needs a call that never succeeds, turns end as their calls do, formats are kept."""
    for number, call in enumerate(run.calls):
        for origin in call.origins:
            source = run.calls[origin.call] if origin.call is not None else None
            if source and source.skipped and not (source.barred and call.barred):
                yield Flaw("fault_blocks_goal", number, f"{call.tool} needs call {origin.call}")
        for one in run.task.formats:
            value = call.arguments.get(one.parameter) if one.tool == call.tool else None
            if value is not None and not FORMAT_OF[one.rule].holds(str(value)):
                yield Flaw("format_broken", number, f"{one.tool} {one.parameter}: {one.rule}")
    yield from outdated(run.world, run.calls, run.results, run.replay.written)
    yield from misplaced(run.world, run.calls)
    for number, turn in enumerate(run.task.turns):
        fails = any(call.lost for call in turn.calls)
        barred = any(call.barred for call in turn.calls)
        refused = turn.outcome in ("refuse", "clarify") and bool(turn.calls)
        refused |= turn.outcome == "transfer" and barred
        if fails != (turn.outcome == "fail") or barred != refused:
            yield Flaw("outcome_does_not_fit", None, f"turn {number} ends as {turn.outcome}")


def outdated(
    world: World, calls: tuple[GoldCall, ...], results: list[Any], written: Written
) -> Iterator[Flaw]:
    """The calls that take a value from a row that is no longer as it was shown."""
    for number, call in enumerate(calls):
        for origin in call.origins:
            if is_outdated(world, origin, number, results, written):
                yield Flaw("outdated_value", number, f"{call.tool} {origin.path}")


def misplaced(world: World, calls: Sequence[GoldCall]) -> Iterator[Flaw]:
    """The calls about a row of one holder that name another: a file, found in another store."""
    for number, call in enumerate(calls):
        model = world.models[call.tool]
        for origin in call.origins if model.operation in ("get", "delete") else ():
            found = calls[origin.call] if origin.call is not None else None
            named = model.parameter(origin.path).use in ("identity", "reference")
            if found is None or not named:
                continue
            source = {p.path: p for p in world.models[found.tool].parameters if p.opaque}
            for held in model.parameters:
                given, other = call.arguments.get(held.path), found.arguments.get(held.path)
                same = held.path in source and held.opaque and held.path != origin.path
                if same and held.required and None not in (given, other) and given != other:
                    yield Flaw("misplaced_row", number, f"{call.tool} {held.path}")


def prove_demands(run: Run) -> Iterator[Flaw]:
    """What is demanded can be kept, what must be said stands in a result, what is planted is met.

    A call that must not be made is an offered write, and no gold call that is made.
    """
    for pattern in run.task.acceptance.must_not_call:
        model = run.world.models.get(pattern.tool)
        if model is None or not model.writes or pattern.tool not in run.task.tools:
            yield Flaw("forbidden_call_made", None, f"{pattern.tool} is no write that is offered")
        for number, call in enumerate(run.calls):
            if call.tool == pattern.tool and not call.barred:
                given = dict(leaves(call.arguments))
                if pattern.arguments.items() <= given.items():
                    yield Flaw("forbidden_call_made", number, call.tool)
    for must in run.task.acceptance.must_say:
        try:
            held = value_at(run.results[must.call], must.path)
        except (KeyError, IndexError):
            held = None
        if held != must.value:
            yield Flaw("unsaid_value", must.call, must.path)
    for plant in run.task.plants:
        met = (value for result in run.results for _, value in leaves(result))
        if plant.value not in met:
            yield Flaw("plant_unseen", None, f"{plant.table} {plant.key}")


def prove_sights(run: Run) -> Iterator[Flaw]:
    """What a write hangs on is shown before it is made."""
    shown: list[Shown] = []
    sights = [(one.tool, one.demand) for one in run.task.demands if one.demand.kind == "seen"]
    for number, (call, result) in enumerate(zip(run.calls, run.results, strict=True)):
        if call.skipped or call.is_error:
            continue
        for tool, demand in sights:
            if tool == call.tool and [*find_unseen(demand, call.arguments, shown)]:
                yield Flaw("write_unseen", number, f"{call.tool}: {demand.tool}")
        shown.append(Shown(call.tool, call.arguments, result))


def prove_writes(run: Run) -> Iterator[Flaw]:
    """Leaving a write out must change the final state; reads leave no trace and are not run."""
    writes = [
        (number, call)
        for number, call in enumerate(run.calls)
        if run.world.models[call.tool].writes and not (call.skipped or call.is_error)
    ]
    environment = run.replay.environment
    ended = environment.snapshot()
    for place, (left_out, call) in enumerate(writes):
        environment.restore(run.replay.before[left_out])
        for _, other in writes[place + 1 :]:
            call_at(environment, other.at, other.tool, other.arguments)
        found = environment.state_hash()
        environment.restore(ended)
        if found == run.task.final_state:
            yield Flaw("unnecessary_write", left_out, call.tool)


def prove_reads(run: Run) -> Iterator[Flaw]:
    """Leaving a read out must leave a later argument without its source, or the user untold."""
    numbers = count()
    turns = [(turn, [next(numbers) for _ in turn.calls]) for turn in run.task.turns]
    steps = [
        Step(
            call.arguments, call.origins, scalars(result),
            not (run.world.models[call.tool].writes or call.skipped or call.is_error or call.looks),
        )
        for call, result in zip(run.calls, run.results, strict=True)
    ]  # fmt: skip
    for number in idle_reads(steps, turns):
        yield Flaw("unnecessary_read", number, run.calls[number].tool)


def prove_comparisons(run: Run) -> Iterator[Flaw]:
    """The row that is chosen is the only one that is best by the rule, of all that were found."""
    for comparison in (one for turn in run.task.turns for one in find_twists(turn, Comparison)):
        call = run.calls[comparison.call]
        origin = next(one for one in call.origins if one.path == comparison.path)
        key = (origin.result_path or "").rpartition(".")[2]
        chosen = value_at(call.arguments, comparison.path)
        holder, _, field = comparison.field.rpartition("[].")
        found: list[tuple[Any, bool]] = []
        for number in comparison.calls:
            rows = value_at(run.results[number], holder)
            found += [(row.get(field), row.get(key) == chosen) for row in rows]
        values = [value for value, _ in found]
        is_best = len(values) > 1 and all(value is not None for value in values)
        if is_best:
            best = min(values) if comparison.rule in ("least", "earliest") else max(values)
            is_best = [is_chosen for value, is_chosen in found if value == best] == [True]
        if not is_best:
            yield Flaw("wrong_comparison", comparison.call, f"{comparison.rule} {field}")


def prove_words(run: Run) -> Iterator[Flaw]:
    """Somebody would ask for each thing and be understood, and would say the values it needs."""
    yield from word_flaws(run.world, run.task)
    yield from value_flaws(run.world, run.task)


def prove_brief(run: Run) -> Iterator[Flaw]:
    """What the user is given tells every leaf of every write.

    Asked only where the calls give what is on record, of which it speaks.
    """
    calls = iter(range(len(run.calls)))
    for turn, wish in zip(run.task.turns, run.task.brief.wishes, strict=False):
        for call, number in zip(turn.calls, calls, strict=False):
            if not (wish.why or call.barred) and asks_why(run.world, run.world.models[call.tool]):
                yield Flaw("not_told", number, f"{call.tool}: the policy asks for a reason")
    for one in () if run.replay.flaws else untold(run.world, run.task):
        yield Flaw("not_told", one.call, f"{run.calls[one.call].tool} {one.path}: {one.why}")


PROOFS: tuple[Callable[[Run], Iterator[Flaw]], ...] = (
    prove_calls,
    prove_demands,
    prove_sights,
    prove_writes,
    prove_reads,
    prove_comparisons,
    prove_words,
    prove_brief,
)
"""In the order in which they are tried, once the calls have given what is on record."""
