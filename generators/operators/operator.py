"""What a difficulty operator is: a change of the plan, the words for it, and what is told of it.

Each operator has a folder of its own: its code, its ``phrases.yaml``, and here in the class
all that the mix and the documentation must know of it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from importlib.resources import files
from random import Random
from types import MappingProxyType
from typing import Any, ClassVar, Literal, NamedTuple

import data
from generators.backends.backend import WantedCall
from generators.dialogue.turn_draft import TurnHooks
from generators.identity_cache import Same
from generators.sampling.sampler import Link
from generators.tasks.feeding import Executed
from generators.tasks.plan import Mix, Plan, TurnPlan
from generators.world.model import Entity, ToolModel, World, governs
from schemas.environment import Environment
from schemas.leaves import leaves, value_at
from schemas.record import JsonObject
from schemas.task import CallPattern, Origin
from schemas.twists import Kind, has_twist


class Mark(NamedTuple):
    """A name that the operator notes on a task, and what it stands for."""

    name: str
    share: float
    """How often it is tried by the usual mix; its name is the key of the mix."""
    what: str
    """What happens in the conversation."""
    when: str = ""
    """Of what the share is, in words that go on after its figure."""


class Operator(TurnHooks):
    """Makes a plan harder, and tells in a script what it has made of a turn."""

    name: ClassVar[str]
    share: ClassVar[float]
    what: ClassVar[str]
    when: ClassVar[str] = ""
    """Of the mark with the operator's own name: see ``Mark``."""
    more_marks: ClassVar[tuple[Mark, ...]] = ()
    needs: ClassVar[str] = "a call"
    """What the tools must offer for it to find a place."""
    claims: ClassVar[Literal["", "write", "read"]] = ""
    """Whether it needs a turn to itself, and of what: few of its like find a place in one task."""
    shown_by: ClassVar[frozenset[str]] = frozenset()
    """Operations of which one must show the row that the call is about."""
    at_once: ClassVar[bool] = False
    """Whether it finds a place only where that read is asked for together with the call."""
    brings: ClassVar[Mapping[str, float]] = MappingProxyType({})
    """Shares without which it finds no place: where it is asked for, they come with it."""

    def allows(self, world: World, model: ToolModel) -> bool:
        """Whether a call of the tool may give it a place."""
        del world, model
        return True

    def allows_link(self, world: World, link: Link) -> bool:
        """Whether a call may give it a place with a row that the read of the link shows."""
        return world.models[link.producer].operation in self.shown_by

    @property
    def marks(self) -> tuple[Mark, ...]:
        """All that it notes on tasks."""
        return (Mark(self.name, self.share, self.what, self.when), *self.more_marks)

    def change_plan(self, plan: Plan, rng: Random, mix: Mix) -> Plan:
        """A harder plan that works, or the plan as it is where it offers no place."""
        return self.make_harder(plan, rng) if rng.random() < mix[self.name] else plan

    def make_harder(self, plan: Plan, rng: Random) -> Plan:
        """The same, where the operator is to be tried."""
        raise NotImplementedError

    @property
    def phrases(self) -> str:
        """The YAML text of its phrases; empty where it has none."""
        file = files(type(self).__module__) / "phrases.yaml"
        return file.read_text(encoding="utf-8") if file.is_file() else ""


@cache
def load_list(package: str, name: str) -> list[Any]:
    """What a YAML file in an operator's folder lists."""
    loaded: list[Any] = data.read_yaml((files(package) / name).read_text(encoding="utf-8"))
    return loaded


def marked(plan: Plan, *marks: str, **changes: Any) -> Plan:
    """The plan with changes of its fields, and the marks noted."""
    return replace(plan, operators=(*plan.operators, *marks), **changes)


def names_rows(world: World, model: ToolModel, operation: str) -> Iterator[str]:
    """The entities whose rows a call names, and that a tool of the operation shows."""
    shown = _find_shown(Same(world), operation)
    for parameter in model.parameters:
        if parameter.use in ("identity", "reference") and "[" not in parameter.path:
            yield from {parameter.entity or ""} & shown


@lru_cache(maxsize=64)
def _find_shown(world: Same[World], operation: str) -> frozenset[str]:
    """The entities whose rows tools of an operation show."""
    models = world.it.models.values()
    return frozenset(one.entity for one in models if one.entity and one.operation == operation)


class ListedRow(NamedTuple):
    """A row of an earlier list that a call takes by one of the row's own keys."""

    call: int
    path: str
    """The call's argument that names the row."""
    entity: Entity
    list: int
    """Number of the call that lists the rows."""
    row: str
    """Where the row stands in the list's result: ``flights[2]``."""
    key: str
    """The field that names a row: ``flight_id``."""
    rows: Sequence[Any]

    @property
    def holder(self) -> str:
        """Where the rows are in the list's result: ``flights``."""
        return self.row[: self.row.rfind("[")]


def find_listed(plan: Plan, call: int) -> Iterator[ListedRow]:
    """The rows that a call takes from lists of such rows."""
    executed = plan.done[call]
    for origin in executed.origins:
        entity = plan.setting.world.entities.get(executed.model.parameter(origin.path).entity or "")
        row, _, key = (origin.result_path or "").rpartition(".")
        if origin.call is None or entity is None or row.count("[") != 1 or "[" in key:
            continue
        source = plan.done[origin.call]
        own = source.model.operation == "list" and source.model.entity == entity.key
        if own and not plan.has_twin(origin.call) and key in entity.identity:
            rows = value_at(source.result, row[: row.rfind("[")])
            yield ListedRow(call, origin.path, entity, origin.call, row, key, rows)


def find_last_calls(plan: Plan, *spoilt: type[Kind]) -> list[int]:
    """Calls with which turns end that nothing leans on, and that nothing needs: free to fail.

    No other call takes a value from them, none fails already, and nothing must be said of them.
    """
    needed = {source for executed in plan.done for source in executed.sources}
    needed |= {must.call for must in plan.must_say} | {call for call, _ in plan.faults}
    return [
        turn.calls[-1]
        for number, turn in enumerate(plan.turns)
        if turn.calls and turn.outcome == "complete" and turn.calls[-1] not in needed
        if not has_twist(turn, *spoilt) and not plan.leads_to(number)
    ]


def vary(
    plan: Plan, environment: Environment, executed: Executed, origin: Origin, rng: Random
) -> Executed | None:
    """The call with another value at one leaf as the backend proposes it; its result is not."""
    kept = {path: value for path, value in leaves(executed.arguments) if path != origin.path}
    wanted = WantedCall(executed.model.name, kept, 0, plan.setting.scope)
    found = plan.setting.backend.propose(environment, wanted, rng)
    if found is None or dict(leaves(found.arguments)).keys() != {*kept, origin.path}:
        return None
    return replace(executed, arguments=found.arguments)


def leave_unmade(
    plan: Plan, call: int, turn: TurnPlan, mark: str, arguments: JsonObject, **changes: Any
) -> Plan | None:
    """The plan without a write that its turn ends with, and with ``turn`` in that one's place.

    No call with these arguments may be made; None where a later call finds another state then.
    """
    pattern = CallPattern(tool=plan.done[call].model.name, arguments=arguments)
    left = replace(
        plan.with_turn(plan.turn_of(call), turn, mark),
        barred=(*plan.barred, call),
        must_not_call=(*plan.must_not_call, pattern),
        **changes,
    )
    return left if left.runs() else None


def has_policy(plan: Plan) -> bool:
    """Whether a service of the plan brings its own rules, so that none is drawn beside them."""
    world = plan.setting.world
    return any(is_ruled(world, executed.model.tool.domain) for executed in plan.done)


def is_ruled(world: World, domain: str) -> bool:
    """Whether a service brings a policy."""
    service = world.domains.get(domain)
    return service is not None and bool(service.policy or service.rules)


def count_rules(world: World, model: ToolModel) -> int:
    """How many rules of its service a write keeps to."""
    service = world.domains.get(model.tool.domain)
    rules = service.rules if service is not None and model.writes else ()
    return sum(bool(rule.require) and governs(rule, model) for rule in rules)
