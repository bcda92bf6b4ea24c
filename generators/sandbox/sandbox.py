"""The sandbox: any world, executable, stateful, deterministic, replayable.

A call is checked against the tool's schema, carried out by `generators.sandbox.operations` or
`generators.sandbox.compute`, and shown by `generators.sandbox.results`. A call that fails leaves no
trace. Arguments are taken with equal numbers made the same, so ``1.0`` does what ``1`` does.
"""

from typing import Any

from generators.sandbox.compute import compute
from generators.sandbox.errors import CallError, failed, invalid
from generators.sandbox.operations import run
from generators.sandbox.plans import Plan, plan_of
from generators.sandbox.results import Answer, show
from generators.sandbox.same import Same
from generators.sandbox.store import Snapshot, Store
from generators.world import World
from schemas.canonical import plain
from schemas.environment import CallOutcome
from schemas.errors import InputError
from schemas.message import Fault
from schemas.record import JsonObject


class Sandbox:
    """Runs the calls of one conversation. Implements `schemas.environment.Environment`."""

    def __init__(self, world: World, seed: int, clock: str) -> None:
        """``clock`` is now, ISO 8601 with offset. Rows are seeded when they are first asked for."""
        self.world = world
        self.store = Store(world, seed, clock)
        self._world = Same(world)

    def plan(self, name: str) -> Plan:
        """How a tool is run. Raises KeyError."""
        return plan_of(self._world, name)

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        """Run one call by wire name. A call that fails, or is made to fail, changes nothing."""
        try:
            return CallOutcome(content=self._run(name, arguments, fault))
        except CallError as refused:
            return CallOutcome(content=refused.content, is_error=True)

    def _run(self, name: str, arguments: JsonObject, fault: Fault | None) -> Any:
        if name not in self.world.models:
            raise CallError("unknown_tool", f"There is no tool named {name}.")
        if fault is not None:
            raise failed(fault)
        plan = self.plan(name)
        wrong = next(plan.validator.iter_errors(arguments), None)
        if wrong is not None:
            raise invalid(wrong)
        return _checked(plan, self._execute(plan, plain(arguments)))

    def _execute(self, plan: Plan, arguments: JsonObject) -> Any:
        if plan.entity is None or plan.model.operation == "compute":
            return compute(self.store.seeds, plan, arguments)
        before = self.store.snapshot() if plan.model.writes else None
        try:
            found = run(self.store, plan, arguments)
        except CallError:
            if before is not None:
                self.store.restore(before)
            raise
        return show(Answer(self.store, plan, plan.entity, found))

    def state_hash(self) -> str:
        """Hash of what the calls have changed; equal states hash alike."""
        return self.store.state_hash()

    def snapshot(self) -> Snapshot:
        """The present state."""
        return self.store.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a state that was taken by `snapshot`."""
        self.store.restore(snapshot)


def _checked(plan: Plan, content: Any) -> Any:
    """The content; InputError where a rare keyword of the result's schema cannot be satisfied."""
    if plan.checked is not None and not plan.checked.is_valid(content):
        raise InputError("no result can be made for its result schema", tool=plan.model.name)
    return content
