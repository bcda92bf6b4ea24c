"""What backends of all kinds have in common, and the one that any catalogue has.

A backend opens environments, and proposes calls that succeed in them.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, lru_cache, partial
from random import Random
from typing import Any, Protocol, runtime_checkable

from generators.identity_cache import Same
from generators.lexicon.tables import load_words
from generators.sandbox.call_rules import CallScope
from generators.sandbox.compiled_tools import CompiledTool, compile_tool
from generators.sandbox.own_rows import EVERYTHING, Scope
from generators.sandbox.propose import Proposal, is_related, makes_sense, propose_call
from generators.sandbox.propose_rows import is_lawful
from generators.sandbox.row_states import state_field, state_of
from generators.sandbox.row_values import Key, Row, key_of
from generators.sandbox.sandbox import Sandbox
from generators.sandbox.schema_validity import MISSING, list_choices
from generators.sandbox.seeding import Seeds, seeds_of
from generators.sandbox.store import Rows
from generators.sandbox.times import born_on
from generators.world.expression import Expression, parse_expression
from generators.world.model import Entity, World, governs
from generators.world.schema_leaves import path_top
from schemas.canonical import copied
from schemas.environment import Environment, between
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.task import Plant
from schemas.world_model import Need

_WAYS = 64
"""Ways to say what is not given, of which one is to break a condition."""
_RECENT = timedelta(days=2)
"""For so long somebody may still want something else of what is over."""
_LEFT_OUT = re.compile(r"\b[a-z_]+ is missing or ")


@dataclass(frozen=True)
class WantedCall:
    """Which call is to be proposed."""

    name: str
    """The tool's wire name."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """Concrete leaf path → a value that must be used as it is."""
    optional: int = 1
    """How many parameters may be added at most that need not be given."""
    scope: Scope = EVERYTHING
    """Whose rows it is about, in what is not given."""


class Backend(Protocol):
    """Where the calls of tasks run."""

    @property
    def name(self) -> str:
        """As records note it: ``sandbox``, ``my_shop:Shop``."""
        ...

    @property
    def world(self) -> World:
        """What is known of the tools: what they do, and what their parameters mean."""
        ...

    @property
    def pure_reads(self) -> bool:
        """Whether a tool that is held for a read is known to leave the state as it is."""
        ...

    def open(self, seed: int, clock: str) -> Environment:
        """An environment in its initial state: the same for the same seed and clock.

        ``clock`` is now, ISO 8601 with offset; later calls may set another time
        (`schemas.environment.set_clock`).
        """
        ...

    def propose(self, environment: Environment, wanted: WantedCall, rng: Random) -> Proposal | None:
        """A call that succeeds in an environment of `open`, or None.

        The state is left as it was; where the call was tried, the proposal tells what came of it.
        """
        ...


@runtime_checkable
class Policed(Protocol):
    """A backend that brings policies of its own, beside the rules that are drawn for a task."""

    @property
    def rules(self) -> tuple[str, ...]:
        """A sentence each, for the assistant's instructions."""
        ...

    def violations(
        self, environment: Environment, tool: str, arguments: JsonObject
    ) -> tuple[str, ...]:
        """The sentences of the policies that a call would break in the present state."""
        ...


@runtime_checkable
class Contrary(Protocol):
    """A backend that proposes calls which the service would refuse as well."""

    def propose_against(
        self, environment: Environment, wanted: WantedCall, rng: Random, against: str
    ) -> Proposal | None:
        """A call as `Backend.propose` gives one, that breaks a condition; it is not tried."""
        ...

    def may_break(self, environment: Environment, wanted: WantedCall, against: str) -> bool:
        """Whether a call with what is given may break a condition, and breaks no rule else."""
        ...


@runtime_checkable
class Plantable(Protocol):
    """An environment that takes texts into its rows before the first call."""

    def plant(self, plants: Iterable[Plant]) -> None:
        """Put them in. Raises KeyError where there is no such row."""
        ...


def open_planted(backend: Backend, seed: int, clock: str, plants: Sequence[Plant]) -> Environment:
    """An environment in a task's initial state. Raises InputError where nothing can be planted."""
    environment = backend.open(seed, clock)
    if plants:
        if not isinstance(environment, Plantable):
            raise InputError(f"the backend {backend.name} does not take texts into its rows")
        environment.plant(plants)
    return environment


@dataclass(frozen=True)
class InferredBackend:
    """The backend that any catalogue has: the sandbox of its inferred world."""

    world: World
    name: str = "sandbox"
    pure_reads: bool = True
    """Reads leave no trace in the sandbox."""
    rules: tuple[str, ...] = ()
    """None beside those of the policies, which the world model has for each domain."""

    def open(self, seed: int, clock: str) -> Environment:
        """A sandbox whose rows are seeded by ``seed``."""
        return Sandbox(self.world, seed, clock)

    def violations(
        self, environment: Environment, tool: str, arguments: JsonObject
    ) -> tuple[str, ...]:
        """The texts of the domain's rules that a call would break in the present state."""
        sandbox = _own(environment)
        compiled = sandbox.plan(tool)
        service = self.world.domains.get(compiled.model.tool.domain)
        if service is None:
            return ()
        scope = CallScope(sandbox.store, compiled, arguments)
        return tuple(
            rule.text
            for rule in service.rules
            if rule.require and governs(rule, compiled.model)
            if parse_expression(rule.require).fails(scope)
        )

    def _breaks_another(
        self, sandbox: Sandbox, name: str, arguments: JsonObject, against: str
    ) -> bool:
        """Whether a call breaks a rule of its domain with another condition than this one."""
        compiled = sandbox.plan(name)
        service = self.world.domains.get(compiled.model.tool.domain)
        scope = CallScope(sandbox.store, compiled, arguments)
        return any(
            parse_expression(rule.require).fails(scope)
            for rule in (service.rules if service is not None else ())
            if rule.require and rule.require != against and governs(rule, compiled.model)
        )

    def propose(self, environment: Environment, wanted: WantedCall, rng: Random) -> Proposal | None:
        """A call out of the sandbox's own rows. Raises TypeError for a foreign environment."""
        sandbox = _own(environment)
        rows, tool = wanted.scope.view(sandbox.store), sandbox.plan(wanted.name)
        return propose_call(sandbox, rows, tool, rng, wanted.given, wanted.optional)

    def propose_against(
        self, environment: Environment, wanted: WantedCall, rng: Random, against: str
    ) -> Proposal | None:
        """A call out of the sandbox's own rows, untried, that breaks a condition and no other."""
        sandbox = _own(environment)
        contrary = _turn_against(Same(self.world), wanted.name, against)
        rows, condition = wanted.scope.view(sandbox.store), parse_expression(against)

        def is_broken(arguments: JsonObject, lately: bool) -> bool:
            broken = condition.fails(CallScope(sandbox.store, contrary, arguments))
            if not broken or self._breaks_another(sandbox, wanted.name, arguments, against):
                return False
            if lately and _is_long_over(rows, contrary, arguments, condition):
                return False
            # What the call would leave must make sense, if it is not refused.
            before, since = sandbox.snapshot(), sandbox.changes()
            outcome = sandbox.call(wanted.name, copied(arguments))
            left = between(since, sandbox.changes())
            sandbox.restore(before)
            return outcome.is_error or not is_related(contrary) or makes_sense(rows, contrary, left)

        for lately in (True, False):  # what has long been over is meant where there is nothing else
            allowed = partial(is_broken, lately=lately)
            found = propose_call(
                sandbox, rows, contrary, rng, wanted.given, tried=False, allowed=allowed
            )
            if found is not None:
                return found
        return None

    def may_break(self, environment: Environment, wanted: WantedCall, against: str) -> bool:
        """Whether what is given leaves it open that a condition is broken, and breaks no other."""
        sandbox, given = _own(environment), dict(wanted.given)
        contrary = _turn_against(Same(self.world), wanted.name, against)
        rows = wanted.scope.view(sandbox.store)
        condition = parse_expression(contrary.against)
        ways = [given]
        for name in set(map(path_top, condition.names)):
            choices = list_choices(contrary.model.tool.properties.get(name, {}))
            if choices and name not in given:
                ways = [way | {name: value} for way in ways for value in choices][:_WAYS]
        if all(condition.holds(_ToldScope(rows, contrary, way)) for way in ways) or not is_lawful(
            rows, contrary, given, partly=True
        ):
            return False
        return not self._breaks_another(sandbox, wanted.name, given, against)


def _is_long_over(
    rows: Rows, tool: CompiledTool, arguments: JsonObject, condition: Expression
) -> bool:
    """Whether a row is meant whose state forbids the call, and which has been over for days.

    Who wants to cancel an order means one that is under way, and not what was delivered last month.
    """
    entity, slots = tool.entity, tool.of("identity")
    if entity is None or state_field(entity) not in {one.split(".")[-1] for one in condition.names}:
        return False
    last = (rows.clock - _RECENT).date().isoformat()
    return any(
        state_of(row, entity) in load_words("states", "final") and "" < born_on(row) < last
        for row in rows.rows(entity)
        if slots and all(row.get(one.field) == arguments.get(one.path) for one in slots)
    )


class _ToldScope(CallScope):
    """Sees of a call what it is told, and no default: the rest is still to be said."""

    def value(self, name: str) -> Any:
        """A name as `CallScope` has it; `MISSING` for a parameter that is not told."""
        untold = name in self.tool.model.tool.parameters.get("properties", {})
        return MISSING if untold and name not in self.arguments else super().value(name)


@lru_cache(maxsize=1024)
def _turn_against(world: Same[World], name: str, against: str) -> CompiledTool:
    """The tool whose calls are to break a condition; what else it needs of the same is let go."""
    against = _LEFT_OUT.sub("", against)  # what it speaks of is given
    turned = Need(require=f"not ({against})")
    tool, looked_at = compile_tool(world, name), {*parse_expression(turned.require).names}
    others = (one for one in tool.model.needs
              if looked_at.isdisjoint(parse_expression(one.require).names))  # fmt: skip
    needs = (*others, turned)
    return replace(tool, model=replace(tool.model, needs=needs), against=against)


def _own(environment: Environment) -> Sandbox:
    if not isinstance(environment, Sandbox):
        raise TypeError(f"{type(environment).__name__} is no sandbox")
    return environment


@dataclass(frozen=True)
class ShownRows:
    """The rows that an environment shows whose rules are its own.

    Implements `generators.sandbox.store.Rows`. New values are invented as the sandbox does.
    """

    world: World
    environment: Environment
    column: Callable[[str], Sequence[Any]]
    """Values that were seen under a name, in rows or in results."""
    began: str
    """ISO 8601 with offset."""
    ruled: bool = False

    @cached_property
    def seeds(self) -> Seeds:
        """What values are made up by, and when they were."""
        return seeds_of(Same(self.world), 0, self.began)

    @property
    def clock(self) -> datetime:
        """When it began: new values are near that day, whatever the hour is."""
        return datetime.fromisoformat(self.began)

    def compiled(self, name: str) -> CompiledTool:
        """A tool of the world, by wire name."""
        return compile_tool(Same(self.world), name)

    @property
    def whole(self) -> "ShownRows":
        """All that is shown."""
        return self

    def rows(self, entity: Entity) -> Sequence[Row]:
        """The rows that the environment shows of an entity."""
        return self.environment.rows(entity.key)

    def find(self, entity: Entity, key: Key) -> Row | None:
        """The row of this identity."""
        return next((row for row in self.rows(entity) if key_of(entity, row) == key), None)

    def seen(self, name: str) -> Sequence[Any]:
        """Values that were seen under a name."""
        return self.column(name)
