"""The world model: what the tools of a catalogue mean, as data; the only place where meaning lives.

One record for all three sources. A person's file, a model's answer and the rules each say a part
of it, in this same form; `generators.world.overrides` lays them over each other, a person's word
before a model's, a model's before a rule's. What nobody says is None or empty: unknown, and never
invented. Expressions (`Need.require`, `Constraint`, `ToolMeaning.changes`, `PolicyRuleMeaning`)
are texts here; `generators.world.expression` reads them. Names are checked against the tools where
files are read, not here.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from schemas.demand import Demand as Demand
from schemas.demand import Scalar as Scalar
from schemas.record import Record
from schemas.semantic import Act, SemanticType, Use

VERSION: Literal[1] = 1
"""Of the form below; a file without a version is read as the newest."""

Noun = Annotated[str, StringConstraints(pattern=r"^[^\s_A-Z]+( [^\s_A-Z]+)*$")]
"""Singular, lower case, words separated by spaces: ``order item``."""
Expression = Annotated[str, StringConstraints(min_length=1, max_length=500, strip_whitespace=True)]
"""A condition or a value over rows and arguments, in the language of
`generators.world.expression`."""
Source = Literal["file", "model", "schema", "rules"]
"""Who says it, the strongest first; ``schema``: the catalogue's own words decide it."""
_MOST_ROWS = 60


def _nothing_is_empty(value: Any) -> Any:
    """A key under which everything is a comment says nothing."""
    return {} if value is None else value


_Empty = BeforeValidator(_nothing_is_empty)


class Origin(Record):
    """Where a value of the model comes from, and how sure it is."""

    source: Source
    sure: Literal["certain", "likely", "guess"] = "certain"
    why: str = ""
    """In words: ``verb of the name``."""


class Meaning(Record):
    """The base of the model's parts: values, and for each key where its value comes from."""

    origins: Mapping[str, Origin] = Field(default_factory=dict)
    """By key; set when parts are merged, never written in a file by hand."""

    @model_validator(mode="before")
    @classmethod
    def _say_nothing(cls, value: Any) -> Any:
        return _nothing_is_empty(value)


class ParameterMeaning(Meaning):
    """What one parameter is for."""

    use: Use | None = None
    entity: Noun | Literal[""] | None = None
    """Whose row it names; ``""``: nobody's, whatever rules conclude."""
    field: str | None = Field(default=None, min_length=1)
    """The row's field that it is compared with, or written to."""
    semantic: SemanticType | None = None
    role: str | None = Field(default=None, min_length=1)
    """Its part in the deed, in words before the value: ``from``, ``into``, ``with``, ``on``."""
    label: str | None = Field(default=None, min_length=1)
    """What people call the value: ``the lines to exchange``."""
    choices: tuple[Scalar, ...] | None = Field(default=None, min_length=1)
    """The only values, where the schema has none: those that a description lists."""


class Need(Record):
    """A precondition of a call; a call that does not meet it fails as the service's would."""

    require: Expression
    """``doctor.accepts_new_patients or exists(appointment, patient_id=patient_id)``."""
    code: str = "conflict"
    """Of the error."""
    message: str = ""
    """Of the error, in words; empty: made from the requirement."""


class ToolMeaning(Meaning):
    """What one tool does."""

    operation: Act | None = None
    entity: Noun | None = None
    """The noun of the rows that it is about; a tool without rows works something out."""
    about: str | None = Field(default=None, min_length=1)
    """What a tool without rows is about: ``distance``."""
    effect: Literal["read", "write"] | None = None
    transition: Mapping[str, str] | None = Field(default=None, min_length=1, max_length=1)
    """The field that it sets by itself, and its value: ``{status: cancelled}``."""
    verb: str | None = Field(default=None, min_length=1)
    """What a person would say for it, in base form: ``ask for``."""
    parameters: Annotated[Mapping[str, ParameterMeaning], _Empty] = Field(default_factory=dict)
    """By path: ``order_id``, ``items[].sku``."""
    needs: tuple[Need, ...] = ()
    demands: tuple[Demand, ...] = ()
    unread: Annotated[Mapping[str, tuple[str, ...]], _Empty] = Field(default_factory=dict)
    """Sentences of the description that demand what no rule understands, by the parameter's path;
    ``""`` for the tool."""
    changes: Annotated[Mapping[str, Expression], _Empty] = Field(default_factory=dict)
    """What it changes beside the row it is about and its parameters' fields: place → new value,
    ``{account.balance: account.balance - amount}``."""
    results: Annotated[Mapping[str, Expression], _Empty] = Field(default_factory=dict)
    """Of a tool without rows: field of the result → its value, by the arguments,
    ``{price: round(4 + 0.5 * weight_kg, 2)}``."""
    rows: str | None = None
    """Where rows stand in its result: ``orders[]``; ``$`` is the whole result."""
    sorted_by: tuple[str, ...] = ()
    """The fields by which its rows stand in order; ``-date``: the greatest first."""
    shows: tuple[str, ...] = ()
    """The fields of each row that its result shows, where the catalogue has no schema of it."""
    gives: Literal["string", "number", "boolean", "datetime"] | None = None
    """What a tool without rows gives, where the catalogue has no schema of its result."""
    exclude: bool = False
    """Leave the tool out of the catalogue."""


class FieldMeaning(Meaning):
    """What one field of an entity holds."""

    semantic: SemanticType | None = None
    entity: Noun | Literal[""] | None = None
    """The entity whose row the value names; ``""``: it names none, whatever rules conclude."""
    choices: tuple[Scalar, ...] | None = Field(default=None, min_length=1)
    """The only values."""
    min: float | None = None
    max: float | None = None
    """The least and the greatest number, both included."""
    unit: str | None = Field(default=None, min_length=1)
    """``EUR``, ``minutes``, ``kg``."""
    label: str | None = Field(default=None, min_length=1)
    """What people call it: ``date of birth``."""
    examples: tuple[Scalar, ...] = ()
    """Values to draw from where the meaning alone would invent poor ones: dishes, job titles."""
    only_in: tuple[str, ...] = ()
    """The states in which a row has the field; empty: in all."""
    when: Literal["past", "lately", "near", "future"] | None = None
    """How a date lies to the clock where its name does not tell: long or days ago, in the week up
    to today, in the days around it, to come. Of a row's own day, as of a meal's, it is lately."""
    shared: bool | None = None
    """Whether neighbouring rows have the same value, so that a search by it finds several; where
    nobody says, those fields do by which a list is narrowed."""
    share: float | None = Field(default=None, ge=0, le=1)
    """How many of the rows have it, where one can do without: not every parcel has a card."""
    common: bool | None = None
    """Whether all rows of a world have one value, and lie in one place: they are one person's."""
    implies: Annotated[Mapping[str, Mapping[str, Any]], _Empty] = Field(default_factory=dict)
    """Value → what other fields of the row hold then; of a list, one of its values. The values are
    those to draw from, where there are no examples: ``{Garden bench: {price: [189, 219]}}``."""
    said: Annotated[Mapping[str, tuple[str, ...]], _Empty] = Field(default_factory=dict)
    """Choice → what people say instead: ``{pediatrics: [kids' doctor]}``."""
    weighs: bool | tuple[Scalar, ...] | None = None
    """Whether no report may leave it out: always, never, or where it has one of these values;
    where nobody says, rules conclude it from name and meaning."""
    json_schema: Mapping[str, Any] | None = None
    """Of the values, for a field that no schema of the catalogue tells: ``{type: boolean}``."""

    @model_validator(mode="after")
    def _in_order(self) -> "FieldMeaning":
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min must not be above max")
        return self


class Constraint(Record):
    """What holds between the fields of a row, and of rows that it refers to.

    One of two forms: ``holds`` is a condition that every row meets; ``field`` and ``equals`` say
    how a field follows from others.
    """

    holds: Expression | None = None
    """``arrival > departure``."""
    field: str | None = Field(default=None, min_length=1)
    equals: Expression | None = None
    """``round(sum(items[].price * items[].quantity) + delivery_fee, 2)``."""
    when: Expression | None = None
    """Only of rows that meet this."""

    @model_validator(mode="after")
    def _one_form(self) -> "Constraint":
        if (self.holds is None) == (self.equals is None) or (self.field is None) != (
            self.equals is None
        ):
            raise ValueError("a constraint has either 'holds', or 'field' and 'equals'")
        return self


class EntityMeaning(Meaning):
    """What one entity is."""

    plural: str | None = Field(default=None, min_length=1)
    """Where it is not the usual one: ``staff``."""
    identity: tuple[str, ...] | None = Field(default=None, min_length=1)
    """The fields that name a row."""
    named_by: tuple[str, ...] = ()
    """The fields by which people speak of a row: ``[full_name]``, ``[date, doctor.full_name]``."""
    owner: Noun | None = None
    """The entity whose row owns one: ``patient``; ``self`` is not written, a person owns itself."""
    states: tuple[str, ...] = ()
    """In the order in which rows come to be in them."""
    state_field: str | None = Field(default=None, min_length=1)
    start: str | None = None
    """The state of a new row."""
    follows: Annotated[Mapping[str, tuple[str, ...]], _Empty] = Field(default_factory=dict)
    """State → states that may come next."""
    fields: Annotated[Mapping[str, FieldMeaning], _Empty] = Field(default_factory=dict)
    parts: Annotated[Mapping[str, FieldMeaning], _Empty] = Field(default_factory=dict)
    """What lies within the fields, by path: ``address.city``, ``items[].price``."""
    constraints: tuple[Constraint, ...] = ()
    number: tuple[int, int] | None = None
    """How many rows a world begins with, at the least and at the most, if others need no more."""
    group: tuple[int, int] | None = None
    """How many rows share what a list is narrowed by: dishes of a restaurant."""
    rows: Annotated[tuple[Mapping[str, Any], ...], Field(max_length=_MOST_ROWS)] = ()
    """The rows that a world begins with, told whole, where their facts hang together: no others are
    made up. What no row tells is drawn as ever, what others tell and this one does not is unknown.
    Of a date also how it lies to the clock: ``{code: T1566, seen_on: today - 3d}``."""

    @model_validator(mode="after")
    def _from_least_to_most(self) -> "EntityMeaning":
        for span in (self.number, self.group):
            if span is not None and not 1 <= span[0] <= span[1] <= _MOST_ROWS:
                raise ValueError(f"numbers of rows go from 1 to {_MOST_ROWS}, the least first")
        return self


class PolicyRuleMeaning(Record):
    """A rule of the business that code decides; its text stands in the policy too."""

    id: str = Field(min_length=1)
    text: str = Field(min_length=1)
    """The rule as the system message has it."""
    tools: tuple[str, ...] = ()
    """Wire names; empty: all, or those of the entity or effect."""
    effect: Literal["read", "write"] | None = None
    entity: Noun | None = None
    require: Expression | None = None
    """What must hold for a call to be allowed."""
    ask: tuple[str, ...] = ()
    """What the assistant names before the user agrees: arguments, and fields of rows that they or
    the row that is changed name (``[amount, payee.full_name, order.items[].name]``); or words."""
    say: str = ""
    """What it says with the call, before the user agrees where it asks: ``Thanks for the tip.``"""
    heard: tuple[str, ...] = ()
    """Words of which one tells that it was said, however it was put."""
    given: str | None = None
    """It is said only of calls that give this."""
    at_once: bool = False
    """Nothing is asked before such a call, whatever else is confirmed: a stolen card is frozen."""
    outcome: Literal["refuse", "transfer", "leave"] = "refuse"
    """What the assistant does where the rule forbids; ``leave``: nobody can tell from it alone."""
    offer: str = ""
    """What it offers instead."""


class Hours(Record):
    """A time of day in which the service is open: ``{from: "08:00", to: "18:00"}``."""

    model_config = ConfigDict(populate_by_name=True)  # stored by the fields' own names

    start: str = Field(alias="from", pattern=r"^\d\d:\d\d$")
    end: str = Field(alias="to", pattern=r"^\d\d:\d\d$")


class GoalMeaning(Record):
    """What somebody comes for: a shape of outcome over own rows."""

    id: str = Field(min_length=1)
    tools: tuple[str, ...] = Field(min_length=1)
    """Those that serve it, in the order of use; the last one is what is wanted."""
    why: tuple[str, ...] = ()
    """Reasons, each a clause that a user may say: ``I am away that day``."""
    goes_with: tuple[str, ...] = ()
    """Other goals that belong to the same occasion; empty: those about the same rows."""


class DomainMeaning(Meaning):
    """What people know of the whole service."""

    name: str | None = Field(default=None, min_length=1)
    """Of the organisation: ``Riverside Clinic``."""
    service: str | None = Field(default=None, min_length=1)
    """What people call it: ``the patient desk of Riverside Clinic``."""
    users: tuple[Noun, ...] = ()
    """Who writes: an entity of its own rows (``patient``), or staff (``librarian``)."""
    open: Hours | None = None
    """When people write, and the clock of a conversation lies."""
    currency: str | None = Field(default=None, pattern=r"^[A-Z]{3}$")
    units: Annotated[Mapping[str, str], _Empty] = Field(default_factory=dict)
    """What is measured → unit: ``{weight: kg}``."""
    policy: str | None = None
    """The assistant's instructions, in the words of the service."""
    policy_stands: bool = False
    """The policy is all that there is: to it are added only the time, and what one conversation
    is about. Before every change is then asked."""
    rules: tuple[PolicyRuleMeaning, ...] = ()
    """Those of the policy that code can decide."""
    goals: tuple[GoalMeaning, ...] = ()
    """What people come for; where nobody says, each tool serves a goal of its own."""
    situations: tuple[str, ...] = ()
    """Occasions on which they come, each a sentence that the user may say, whatever they want:
    ``I'm moving house soon.``"""


class WorldModel(Record):
    """All that is said of a catalogue: by one source, or merged from all."""

    version: Literal[1] = VERSION
    domains: Annotated[Mapping[str, DomainMeaning], _Empty] = Field(default_factory=dict)
    """By the tools' domain. A file may write ``domain`` for all that its tools lie in."""
    entities: Annotated[Mapping[str, EntityMeaning], _Empty] = Field(default_factory=dict)
    """By noun, or by domain and noun: ``order``, ``shop/order``."""
    tools: Annotated[Mapping[str, ToolMeaning], _Empty] = Field(default_factory=dict)
    """By wire name; in a file also by the name that the source has."""


class WorldFile(WorldModel):
    """A world model as a person writes it."""

    domain: DomainMeaning | None = None
    """What holds for each domain of the file's tools, in place of ``domains``."""
    written_by: str | None = Field(default=None, min_length=1)
    """The model that wrote the file, which is then weaker than any person's; None: a person."""

    @model_validator(mode="after")
    def _without_origins(self) -> "WorldFile":
        parts: list[Meaning] = [*self.domains.values(), *self.entities.values()]
        parts += [*self.tools.values(), *([self.domain] if self.domain else [])]
        for entity in self.entities.values():
            parts += [*entity.fields.values(), *entity.parts.values()]
        parts += [one for tool in self.tools.values() for one in tool.parameters.values()]
        if any(part.origins for part in parts):
            raise ValueError("origins are told of a merged model, never written")
        return self


class WorldSource(Record):
    """A world model as it is kept with a catalogue: whose it is, and of which tools."""

    file: str
    """The file's name as errors tell it, or the model's name."""
    author: Literal["user", "model", "catalogue"] = "user"
    """``catalogue``: what tools that are left out tell of the fields of things."""
    domains: tuple[str, ...]
    """The domains whose entities are meant."""
    world: WorldModel

    def of_entity(self, noun: str, domain: str) -> Iterator[EntityMeaning]:
        """What is said of an entity: by its noun, then by domain and noun."""
        for name in (noun, f"{domain}/{noun}"):
            if domain in self.domains and name in self.world.entities:
                yield self.world.entities[name]

    @property
    def deciding(self) -> dict[str, Any]:
        """What of it decides the data: all but the file's name."""
        return self.model_dump(mode="json", exclude={"file"}, exclude_defaults=True, by_alias=True)
