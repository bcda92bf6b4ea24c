"""The sandbox: any world, executable, stateful, deterministic, replayable.

A call is checked against the tool's schema, carried out by `generators.sandbox.row_operations` or
`generators.sandbox.compute`, and shown by `generators.sandbox.tool_results`. A call that fails
leaves no trace. Arguments are taken with equal numbers made the same, so ``1.0`` does what ``1``
does.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from generators.identity_cache import Same
from generators.sandbox.compiled_tools import CompiledTool, compile_tool
from generators.sandbox.compute import compute
from generators.sandbox.errors import CallError, call_error, find_invalid, strike
from generators.sandbox.propose import NOTHING, propose_call
from generators.sandbox.row_operations import run
from generators.sandbox.row_values import Row
from generators.sandbox.schema_validity import fits
from generators.sandbox.seeding import seeds_of
from generators.sandbox.store import Snapshot, Store
from generators.sandbox.text_values import match_pattern
from generators.sandbox.tool_results import Answer, show
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.canonical import plain
from schemas.environment import CallOutcome, Change
from schemas.errors import InputError
from schemas.message import Fault
from schemas.record import JsonObject
from schemas.task import Plant
from schemas.tool import Catalog, SkippedTool, ToolSpec

_RARE = frozenset(
    "not if then else oneOf dependentRequired dependentSchemas contains propertyNames "
    "patternProperties prefixItems unevaluatedProperties unevaluatedItems minProperties "
    "maxProperties".split()
)
"""Keywords of a schema that are not always satisfied by construction."""
_TRIED_WORLDS = 4
_CLOCK = "2026-01-15T09:00:00+00:00"
REASON = "no call of it was found whose result satisfies its result's schema"


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
        if name not in self.world.models:
            return call_error("unknown_tool", name=name).outcome
        if fault is not None:
            return strike(self, name, arguments, fault, self.store.initial)
        tool, store = self.plan(name), self.store
        before = store.snapshot() if tool.model.writes else None
        try:
            invalid = find_invalid(tool.model.tool.parameters, arguments)
            if invalid is not None:
                raise invalid
            arguments = plain(arguments)
            if tool.entity is None or tool.model.operation == "compute":
                content = compute(store.seeds, tool, arguments)
            else:
                content = show(Answer(store, tool, tool.entity, *run(store, tool, arguments)))
            if not fits(content, tool.model.returns):
                raise call_error("no_lawful_result", name=name)
        except CallError as refused:
            if before is not None:
                store.restore(before)
            return refused.outcome
        return CallOutcome(content=content)

    def state_hash(self) -> str:
        """Hash of what the calls have changed; equal states hash alike."""
        return self.store.state_hash()

    def changes(self) -> tuple[Change, ...]:
        """What differs from the seeded rows, by table and key."""
        return tuple(self.store.changes())

    def rows(self, table: str) -> Sequence[Row]:
        """All present rows of an entity, by its key."""
        return list(self.store.table(table).values())

    def snapshot(self) -> Snapshot:
        """The present state."""
        return self.store.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a state that was taken by `snapshot`."""
        self.store.restore(snapshot)


def propose_arguments(
    sandbox: Sandbox,
    name: str,
    rng: Random,
    given: Mapping[str, Any] = NOTHING,
    optional: int = 1,
) -> JsonObject | None:
    """The arguments of a call that succeeds in the present state; see `propose_call`."""
    proposed = propose_call(sandbox, sandbox.store, sandbox.plan(name), rng, given, optional)
    return None if proposed is None else proposed.arguments


# -- tools that never answer


def skip_unanswering(catalog: Catalog, strict: bool = False) -> Catalog:
    """The catalogue without the tools that never answer; with ``strict``, that is an InputError.

    The schemas of some ask for what cannot be made. A tool whose schemas make that likely is tried
    once, when its catalogue is opened, rather than drawn and never used.
    """
    doubts = {tool.wire_name: doubt for tool in catalog.tools if (doubt := _find_doubt(tool))}
    if not doubts:
        return catalog
    world = infer_world(catalog.tools, catalog.worlds)
    skipped: dict[str, SkippedTool] = {}
    for tool in catalog.tools:
        name, reason = tool.wire_name, doubts.get(tool.wire_name)
        worlds = (Sandbox(world, seed, _CLOCK) for seed in range(_TRIED_WORLDS))
        tried = (propose_arguments(one, name, Random(seed)) for seed, one in enumerate(worlds))
        if reason is None or any(arguments is not None for arguments in tried):
            continue
        if strict:
            raise InputError(reason, file=tool.source.path, tool=tool.name)
        skipped[name] = SkippedTool(file=tool.source.path, tool=tool.name, reason=reason)
    kept = tuple(tool for tool in catalog.tools if tool.wire_name not in skipped)
    told = (*catalog.skipped, *skipped.values())
    return catalog.model_copy(update={"tools": kept, "skipped": told})


def _find_doubt(tool: ToolSpec) -> str:
    """Why the tool might never answer; "" where nothing in its schemas speaks for that."""
    within = list(_parts("result", tool.returns or {}))
    for place, part in (*_parts("parameters", tool.parameters), *within):
        pattern = part.get("pattern")
        if pattern and match_pattern(pattern, Random(0)) is None:
            return f"no text was found that the pattern of {place} matches: {pattern}"
    return REASON if any(_RARE & part.keys() for _, part in within) else ""


def _parts(place: str, schema: Any) -> Iterator[tuple[str, JsonObject]]:
    """A schema and all within it that are of values, with their places."""
    if not isinstance(schema, dict):
        return
    yield place, schema
    for key, part in schema.get("properties", {}).items():
        yield from _parts(f"{place}.{key}", part)
    yield from _parts(f"{place}[]", schema.get("items"))
    yield from _parts(f"{place}.*", schema.get("additionalProperties"))
    for key in ("anyOf", "allOf"):
        for part in schema.get(key, ()):
            yield from _parts(place, part)
