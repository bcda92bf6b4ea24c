"""The sandbox: any world, executable, stateful, deterministic, replayable.

A call is checked against the tool's schema, carried out by `generators.sandbox.row_operations` or
`generators.sandbox.compute`, and shown by `generators.sandbox.tool_results`. A call that fails
leaves no trace. Arguments are taken with equal numbers made the same, so ``1.0`` does what ``1``
does. The same call in the same state, at the same time, is carried out once.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any
from weakref import WeakValueDictionary

from generators.identity_cache import Same
from generators.sandbox.call_rules import check_demands
from generators.sandbox.compiled_tools import CompiledTool, compile_tool
from generators.sandbox.compute import compute
from generators.sandbox.errors_and_faults import CallError, call_error, find_invalid, strike
from generators.sandbox.own_rows import EVERYTHING, Scope
from generators.sandbox.propose import NOTHING, propose_call
from generators.sandbox.row_operations import run
from generators.sandbox.row_values import Row
from generators.sandbox.schema_validity import fits
from generators.sandbox.seeding import Seeds, seeds_of
from generators.sandbox.store import State, Store
from generators.sandbox.tool_results import Answer, show
from generators.world.model import World
from schemas.canonical import plain
from schemas.environment import CallOutcome, Change
from schemas.message import Fault
from schemas.record import JsonObject
from schemas.task import Plant


class Sandbox:
    """Runs the calls of one conversation. Implements `schemas.environment.Environment`."""

    def __init__(self, world: World, seed: int, clock: str) -> None:
        """``clock``: when it begins, ISO 8601. Rows are seeded when they are first asked for."""
        self.world, self._world = world, Same(world)
        self._begun = _begin(self._world, seed, clock)
        self.store = Store(self._begun.seeds, self._begun.state)

    def plant(self, plants: Iterable[Plant]) -> None:
        """Put texts into rows of the initial state. Raises KeyError where there is no such row."""
        for plant in plants:
            self.store.plant(plant.table, plant.key, plant.field, plant.value)

    def set_clock(self, now: str) -> None:
        """Let it be ``now``: what is made or changed from here on bears that time."""
        self.store.clock = datetime.fromisoformat(now)

    def plan(self, name: str) -> CompiledTool:
        """How a tool is run. Raises KeyError."""
        return compile_tool(self._world, name)

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        """Run one call by wire name. A call that fails, or is made to fail, changes nothing."""
        if name not in self.world.models:
            return call_error("unknown_tool", name=name).outcome
        if fault is not None:
            return strike(self, name, arguments, fault, self.store.initial)
        state, step = self.store.state, (name, json.dumps(arguments), str(self.store.clock))
        known = state.recall(step)
        if known is not None:
            outcome, self.store.state = known
            return outcome
        tool, store = self.plan(name), self.store
        try:
            invalid = find_invalid(tool.model.tool.parameters, arguments)
            if invalid is not None:
                raise invalid
            arguments = plain(arguments)
            check_demands(tool.model, store, arguments)
            if tool.entity is None or tool.model.operation == "compute":
                content = compute(store, tool, arguments)
            else:
                content = show(Answer(store, tool, tool.entity, *run(store, tool, arguments)))
            if not fits(content, tool.model.returns):
                raise call_error("no_lawful_result", name=name)
            outcome = CallOutcome(content=content)
        except CallError as refused:
            store.state, outcome = state, refused.outcome
        state.keep(step, outcome, store.state)
        return outcome

    def state_hash(self) -> str:
        """Hash of what the calls have changed; equal states hash alike."""
        return self.store.state_hash()

    def changes(self) -> tuple[Change, ...]:
        """What differs from the seeded rows, by table and key."""
        return tuple(self.store.changes())

    def rows(self, table: str) -> Sequence[Row]:
        """All present rows of an entity, by its key."""
        return list(self.store.table(table).values())

    def snapshot(self) -> State:
        """The present state."""
        return self.store.state

    def restore(self, snapshot: State) -> None:
        """Go back to a state that was taken by `snapshot`."""
        self.store.state = snapshot


@dataclass(frozen=True)
class _Beginning:
    """The seeded tables, and the state in which every conversation over them begins."""

    seeds: Seeds
    state: State


_IN_USE: WeakValueDictionary[tuple[Same[World], int, str], _Beginning] = WeakValueDictionary()
"""Tables are many megabytes, and slow to make: there are never two of what a sandbox still has."""


@lru_cache(maxsize=32)
def _begin(world: Same[World], seed: int, clock: str) -> _Beginning:
    found = _IN_USE.get((world, seed, clock))
    if found is None:
        found = _IN_USE[world, seed, clock] = _Beginning(seeds_of(world, seed, clock), State({}))
    return found


def propose_arguments(
    sandbox: Sandbox,
    name: str,
    rng: Random,
    given: Mapping[str, Any] = NOTHING,
    optional: int = 1,
    scope: Scope = EVERYTHING,
) -> JsonObject | None:
    """The arguments of a call that succeeds in the present state; see `propose_call`."""
    rows = scope.view(sandbox.store)
    proposed = propose_call(sandbox, rows, sandbox.plan(name), rng, given, optional)
    return None if proposed is None else proposed.arguments
