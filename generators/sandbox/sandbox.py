"""The sandbox: any world, executable, stateful, deterministic, replayable.

A call is checked against the tool's schema, carried out by `generators.sandbox.row_operations` or
`generators.sandbox.compute`, and shown by `generators.sandbox.tool_results`. A call that fails
leaves no trace. Arguments are taken with equal numbers made the same, so ``1.0`` does what ``1``
does.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from generators.identity_cache import Same
from generators.sandbox.compiled_tools import CompiledTool, compile_tool
from generators.sandbox.compute import compute
from generators.sandbox.errors import CallError, invalid
from generators.sandbox.faults import strike
from generators.sandbox.row_operations import run
from generators.sandbox.row_values import Row
from generators.sandbox.schema_validity import fits
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
        self.world = world
        self.store = Store(world, seed, clock)
        self._world = Same(world)

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
            raise CallError("unknown_tool", f"There is no tool named {name}.")
        plan = self.plan(name)
        if not fits(arguments, plan.model.tool.parameters):
            wrong = next(plan.validator.iter_errors(arguments), None)
            if wrong is not None:
                raise invalid(wrong)
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
        said = f"{plan.model.name} has no answer that its result's schema allows."
        raise CallError("server_error", said)
    return content
