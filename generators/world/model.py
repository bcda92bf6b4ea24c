"""The world model bound to its tools: entities, and what each tool does to them.

Graph, sampler, sandbox and language read these records; they are `schemas.world_model` with the
schemas of the tools at hand. What nobody knows is None or empty. Where the values come from is
known in `generators.world.infer`.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from generators.lexicon.names import snake, split_words
from generators.lexicon.tables import load_words
from generators.lexicon.verbs import Operation
from generators.world.schema_leaves import members, plain_schema, result_row, schema_at
from generators.world.semantics import semantic_type
from schemas.demand import Demand, Scalar
from schemas.record import JsonObject
from schemas.semantic import OPAQUE, Act, SemanticType
from schemas.semantic import Use as Use
from schemas.tool import ToolSpec
from schemas.world_model import Constraint, DomainMeaning, Need, PolicyRuleMeaning

_INDEX = re.compile(r"\[[^\]]+")

OPERATION_OF: Mapping[Act, Operation] = {
    "get": "get",
    "list": "list",
    "search": "list",
    "create": "create",
    "update": "update",
    "delete": "delete",
    "transition": "update",
    "compute": "compute",
}
"""How a call of each act is executed, where rows are kept."""


@dataclass(frozen=True)
class ParameterModel:
    """One leaf of a tool's parameters."""

    path: str
    """``order_id``, ``items[].sku``, ``address.city``: ``[]`` is any element of a list."""
    schema: JsonObject
    """The leaf's own schema."""
    required: bool
    """The leaf and all that it lies in must be given, or a call would mean nothing."""
    semantic: SemanticType
    use: Use
    entity: str | None = None
    """For identity and reference: whose row is named."""
    field: str | None = None
    """The row's field that is compared with, or written."""
    role: str | None = None
    """Its part in the deed, in words before the value: ``from``, ``into``, ``with``."""
    label: str | None = None
    """What people call the value: ``the lines to exchange``."""

    @cached_property
    def name(self) -> str:
        """The last name in the path, without brackets: ``sku``."""
        return self.path.replace("[]", "").rsplit(".", 1)[-1]

    @cached_property
    def opaque(self) -> bool:
        """People do not carry such a value in mind."""
        return self.semantic in OPAQUE

    @cached_property
    def found(self) -> bool:
        """Whether it comes from a result where one has it: opaque, or the number of a row's ID.

        People know the number of an issue, and no ID of a comment.
        """
        numbered = self.semantic == "number_id" and self.use in ("identity", "reference")
        return self.opaque or (numbered and snake(self.name).endswith("_id"))


@dataclass(frozen=True)
class ToolModel:
    """What a tool does, as far as can be told from its specification."""

    tool: ToolSpec
    operation: Operation
    verb: str
    """``cancel``: base form, lower case."""
    noun: str
    """``order``: singular, lower case, words separated by spaces."""
    entity: str | None
    """Key of the entity in the world; None for a computation."""
    parameters: tuple[ParameterModel, ...]
    returns: JsonObject
    """The result's schema: the source's own, or inferred."""
    returns_inferred: bool
    transition: tuple[str, str] | None = None
    """``("status", "cancelled")``: the field that an update sets by itself, and its value."""
    why: str = ""
    """How the operation was concluded, in words."""
    described: bool = False
    """Somebody says what it does, or to what: a person or a model."""
    told: bool = False
    """A model says what thing it is about: its noun is what people call it."""
    spoken: bool = False
    """A model says what people say for its work: its verb is theirs."""
    act: Act = "compute"
    """What a reader would say that it does; finer than the operation, and a get without rows."""
    doubts: tuple[str, ...] = ()
    """What of it was guessed, in words."""
    effect: Literal["read", "write"] | None = None
    """Whether it changes anything; None where nobody says."""
    rows: str | None = None
    """Where rows stand in the result: ``orders[]``; ``$`` is the whole result."""
    sorted_by: tuple[str, ...] = ()
    """The fields by which listed rows stand in order; ``-date``: the greatest first."""
    needs: tuple[Need, ...] = ()
    """Preconditions, in the order in which they are tried."""
    demands: tuple[Demand, ...] = ()
    """What the description demands of a call, beyond the schema."""
    unread: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """What it demands in sentences that nobody understands, by parameter; "" for the tool."""
    changes: Mapping[str, str] = field(default_factory=dict)
    """Place → expression of its new value: ``account.balance`` → ``account.balance - amount``."""
    results: Mapping[str, str] = field(default_factory=dict)
    """Field of what is computed → expression of its value."""

    @cached_property
    def name(self) -> str:
        """Wire name."""
        return self.tool.wire_name

    @cached_property
    def suspect(self) -> tuple[str, ...]:
        """Why a call of it may break what its description demands, in its own words."""
        needed = (path for path in self.unread if path and path in self.tool.required)
        return tuple(said for path in ("", *needed) for said in self.unread.get(path, ()))

    @cached_property
    def writes(self) -> bool:
        """Changes the state."""
        return self.operation in ("create", "update", "delete")

    @cached_property
    def hands_over(self) -> bool:
        """Whether it hands the user over to people, and needs no more than words for it."""
        words = set(split_words(self.tool.clear_name))
        texts = [p for p in self.parameters if p.required]
        said = [one for one in texts if one.use not in ("identity", "reference")]
        plain = len(said) <= 1 and all(p.schema.get("type") == "string" for p in texts)
        people, hands = load_words("inference", "helpers"), load_words("inference", "hands_over")
        return bool(words & people and words & hands) and plain

    @cached_property
    def shown_fields(self) -> frozenset[str]:
        """The fields of a row that its result has."""
        tool = self.tool.model_copy(update={"returns": self.returns})
        return frozenset(members(plain_schema(result_row(tool, self.noun))))

    def is_paid_with(self, arguments: JsonObject) -> bool:
        """Whether a call names a means of payment, beside what it is about."""
        means = load_words("inference", "means_of_payment")
        beside = (p for p in self.parameters if p.use != "identity" and p.path in arguments)
        return any(means & {*split_words(one.name)} for one in beside)

    def parameter(self, path: str) -> ParameterModel:
        """The leaf at ``path``, with or without element numbers. Raises KeyError.

        What lies under a free key, or in a list of anything, is a part of the leaf around it.
        """
        stripped = strip_indices(path)
        if stripped in self.by_path:
            return self.by_path[stripped]
        above = stripped
        while above and above not in self.by_path:
            above = above[: max(above.rfind("."), above.rfind("["), 0)]
        schema = schema_at(self.tool.parameters, path)
        if not above and not schema:
            raise KeyError(f"{self.name} has no parameter {path}")
        # Of a branch that is not the first, nothing is modelled.
        branch = ParameterModel(stripped, schema, False, "unknown", "option")
        around = self.by_path.get(above, branch)
        within = replace(around, path=stripped, schema=schema)
        # An element is of the kind of its list; what stands under a key, of its own.
        name = within.name
        semantic = semantic_type(name, schema, str(around.schema.get("description", "")))
        self.by_path[stripped] = replace(within, semantic=semantic, field=around.field)
        return self.by_path[stripped]

    @cached_property
    def by_path(self) -> dict[str, ParameterModel]:
        """Path → the leaf there; the first of several."""
        return {parameter.path: parameter for parameter in reversed(self.parameters)}


@dataclass(frozen=True)
class Field:
    """A column of an entity's rows."""

    name: str
    schema: JsonObject
    semantic: SemanticType
    entity: str | None = None
    """Where the value names a row of another entity."""
    shared: bool = False
    """Searched by: neighbouring rows share its value, so that a search finds several."""
    unit: str | None = None
    """``EUR``, ``minutes``, ``kg``."""
    label: str | None = None
    """What people call it: ``date of birth``."""
    examples: tuple[Scalar, ...] = ()
    """Values to draw from, where some are said. Choices and bounds stand in the schema."""
    when: str | None = None
    """How a date lies to the clock: past, lately, near, future; None: as its name tells."""
    only_in: tuple[str, ...] = ()
    """The states in which a row has the field; empty: in all."""
    share: float = 1.0
    """How many of the rows have it."""
    common: bool = False
    """All rows of a world have one value of it."""
    implies: Mapping[str, JsonObject] = field(default_factory=dict)
    """Value → what other fields hold then, of a list one of its values."""
    said: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Choice → what people say instead."""
    weighs: bool | tuple[Scalar, ...] = False
    """Whether no report may leave it out: always, never, or where it has one of these values."""

    def is_of_weight(self, value: Any) -> bool:
        """Whether a report must tell a value of it: that a doctor takes nobody on."""
        if isinstance(self.weighs, bool):
            return self.weighs
        return any(type(one) is type(value) and one == value for one in self.weighs)


@dataclass(frozen=True)
class Entity:
    """A kind of thing that the tools of one domain deal with."""

    key: str
    """``travel/flight``: unique in the world."""
    noun: str
    """Singular, lower case."""
    domain: str
    identity: tuple[str, ...]
    """The fields that name a row: ``(flight_id,)``, or ``(owner, repo, issue_number)``."""
    fields: Mapping[str, Field]
    parts: Mapping[str, Field] = field(default_factory=dict)
    """What lies within the fields, by path: ``address.city``, ``items[].price``."""
    plural: str | None = None
    """Where it is not the usual one: ``staff``."""
    named_by: tuple[str, ...] = ()
    """The fields by which people speak of a row: ``date``, ``doctor.full_name``."""
    owner: str | None = None
    """Key of the entity whose row owns one."""
    is_users: bool = False
    """Whether all rows are those of the person who writes, who is no row."""
    state_field: str | None = None
    """The field that holds a row's state."""
    states: tuple[str, ...] = ()
    """Its values, in the order in which rows come to be in them."""
    start: str | None = None
    """The state of a new row."""
    follows: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """State → states that may come next; empty where nobody says."""
    constraints: tuple[Constraint, ...] = ()
    sometimes: frozenset[str] = frozenset()
    """Fields that a create may leave out: not every row has them."""
    binding: bool = field(default=True, compare=False)
    """Somebody says the constraints: rows that meet them in no way are an error. What rules
    conclude is kept to as far as that goes."""
    number: tuple[int, int] | None = None
    """How many rows a world begins with, at the least and at the most."""
    group: tuple[int, int] | None = None
    """How many of them share what a list is narrowed by."""
    rows: tuple[Mapping[str, Any], ...] = ()
    """The rows themselves, where they are told whole."""


@dataclass(frozen=True)
class World:
    """All that the sandbox needs to know of a catalogue."""

    models: Mapping[str, ToolModel]
    """By wire name."""
    entities: Mapping[str, Entity]
    """By key."""
    domains: Mapping[str, DomainMeaning] = field(default_factory=dict)
    """By the tools' domain; what people know of the whole service."""
    answered: bool = False
    """Whether the tools run by themselves, or a model plays them: no row is made up by rules."""

    @cached_property
    def by_entity(self) -> Mapping[str | None, Sequence[ToolModel]]:
        """Entity → the tools about it, in their order; under None those without rows."""
        found: dict[str | None, list[ToolModel]] = {}
        for model in self.models.values():
            found.setdefault(model.entity, []).append(model)
        return found


def is_described(world: World, model: ToolModel) -> bool:
    """Whether somebody has said what the service of a tool is for, or whom it serves."""
    service = world.domains.get(model.tool.domain)
    return service is not None and bool(service.service or service.users)


def governs(rule: PolicyRuleMeaning, model: ToolModel) -> bool:
    """Whether a rule of a domain is about a tool of it."""
    return (
        (not rule.tools or model.name in rule.tools)
        and (rule.effect is None or (rule.effect == "write") == model.writes)
        and (rule.entity is None or split_entity_key(model.entity or "")[1] == rule.entity)
    )


def usual_way(world: World, model: ToolModel) -> ToolModel | None:
    """The tool by which the same rows are found by default, where this is the other way."""
    firsts = (world.models.get(one.tool or "") for one in model.demands if one.kind == "after")
    return next(
        (first for first in firsts if first and first.entity == model.entity
         and {first.operation, model.operation} <= {"get", "list"}),
        None,
    )  # fmt: skip


def strip_indices(path: str) -> str:
    """``items[3].sku`` → ``items[].sku``."""
    return _INDEX.sub("[", path) if "[" in path else path


def split_entity_key(key: str) -> tuple[str, str]:
    """Domain and noun: a noun has no slash."""
    domain, _, noun = key.rpartition("/")
    return domain, noun
