"""The sandbox: any world, executable, stateful, deterministic, replayable.

A call is checked against the tool's schema, carried out by `generators.sandbox.row_operations` or
`generators.sandbox.compute`, and shown by `generators.sandbox.tool_results`. A call that fails
leaves no trace. Arguments are taken with equal numbers made the same, so ``1.0`` does what ``1``
does.
"""

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any

from generators.identity_cache import Same
from generators.sandbox.call_draft import NOTHING
from generators.sandbox.compiled_tools import CompiledTool, compile_tool
from generators.sandbox.compute import compute
from generators.sandbox.errors import CallError, call_error, invalid_arguments
from generators.sandbox.faults import strike
from generators.sandbox.propose import Proposal, propose_call
from generators.sandbox.row_operations import run
from generators.sandbox.row_values import Row
from generators.sandbox.schema_validity import fits
from generators.sandbox.seeding import seeds_of
from generators.sandbox.store import Snapshot, Store
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
        """``clock`` is now, ISO 8601 with offset. Rows are seeded when they are first asked for."""
        self.world, self._world = world, Same(world)
        self.store = Store(seeds_of(self._world, seed, clock))

    def plant(self, plants: Iterable[Plant]) -> None:
        """Put texts into rows of the initial state. Raises KeyError where there is no such row."""
        for plant in plants:
            self.store.plant(plant.table, plant.key, plant.field, plant.value)

    def plan(self, name: str) -> CompiledTool:
        """How a tool is run. Raises KeyError."""
        return compile_tool(self._world, name)

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        """Run one call by wire name. A call that fails, or is made to fail, changes nothing."""
        try:
            if fault is not None and name in self.world.models:
                return strike(self, name, arguments, fault, self.store.initial)
            return CallOutcome(content=self._run(name, arguments))
        except CallError as refused:
            return CallOutcome(content=refused.content, is_error=True)

    def _run(self, name: str, arguments: JsonObject) -> Any:
        if name not in self.world.models:
            raise call_error("unknown_tool", name=name)
        plan = self.plan(name)
        if not fits(arguments, plan.model.tool.parameters):
            wrong = next(plan.validator.iter_errors(arguments), None)
            if wrong is not None:
                raise invalid_arguments(wrong)
        before = self.store.snapshot() if plan.model.writes else None
        try:
            return _checked(plan, self._execute(plan, plain(arguments)))
        except CallError:
            if before is not None:
                self.store.restore(before)
            raise

    def _execute(self, plan: CompiledTool, arguments: JsonObject) -> Any:
        if plan.entity is None or plan.model.operation == "compute":
            return compute(self.store.seeds, plan, arguments)
        return show(Answer(self.store, plan, plan.entity, run(self.store, plan, arguments)))

    def propose(
        self, name: str, rng: Random, given: Mapping[str, Any] = NOTHING, optional: int = 1
    ) -> Proposal | None:
        """A call that succeeds in the present state; see `propose_call`."""
        return propose_call(self, self.store, self.plan(name), rng, given, optional)

    def state_hash(self) -> str:
        """Hash of what the calls have changed; equal states hash alike."""
        return self.store.state_hash()

    def changes(self) -> tuple[Change, ...]:
        """What differs from the seeded rows, by table and key."""
        return tuple(self.store.changes())

    def rows(self, table: str) -> Sequence[Row]:
        """All present rows of an entity, by its key."""
        entity = self.world.entities.get(table)
        return self.store.rows(entity) if entity is not None else ()

    def snapshot(self) -> Snapshot:
        """The present state."""
        return self.store.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a state that was taken by `snapshot`."""
        self.store.restore(snapshot)


def _checked(plan: CompiledTool, content: Any) -> Any:
    """The content. Raises CallError where it does not satisfy the result's schema.

    Tools that never find a result are left out by `generators.sandbox.answering`.
    """
    if not fits(content, plan.model.returns):
        raise call_error("no_lawful_result", name=plan.model.name)
    return content


def propose_arguments(
    sandbox: Sandbox,
    name: str,
    rng: Random,
    given: Mapping[str, Any] = NOTHING,
    optional: int = 1,
) -> JsonObject | None:
    """The arguments of what `Sandbox.propose` proposes."""
    proposed = sandbox.propose(name, rng, given, optional)
    return None if proposed is None else proposed.arguments
