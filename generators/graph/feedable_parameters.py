"""What a tool's parameters ask for: those that an earlier result may fill, and with what.

The counterpart of `generators.graph.result_leaves`. Held back are parameters that a person simply
chooses: switches, enumerations, page numbers, texts.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from generators.graph.result_leaves import ResultReader, RowKey, find_identity_field
from generators.graph.value_kinds import (
    NUMBER,
    Tokens,
    description_of,
    is_generic,
    json_types,
    kind_of,
    qualify,
    serving_kinds,
    words_called,
    words_of,
)
from generators.importers.credentials import is_credential
from generators.lexicon.names import noun_words
from generators.world.model import ParameterModel, ToolModel, World
from schemas.record import JsonObject
from schemas.semantic import SemanticType

PLAIN: frozenset[SemanticType] = frozenset(
    {"email", "phone", "handle", "number_id", "city", "airport", "date", "branch", "path", "url"}
)
"""Values that can serve elsewhere without naming a row of an entity."""
NAMED: frozenset[SemanticType] = frozenset({"first_name", "last_name", "person_name"})
"""Values of a person that serve again where people are listed: the passengers of a booking."""
_WAYS: frozenset[SemanticType] = frozenset({"airport", "city"})
"""Ends of a way, which is gone again: a new booking may be of the same one."""
ABROAD: frozenset[SemanticType] = frozenset({"email", "phone", "city", "airport", "date"})
"""Values that mean the same in every domain."""
CHOSEN: frozenset[SemanticType] = frozenset(
    {"boolean", "enum", "cursor", "query", "object", "list"}
)
"""Values that are chosen or carried along, never found."""
_DESCRIBING: frozenset[SemanticType] = frozenset(
    {"label", "title", "version", "language", "color", "currency"}
)
"""Values that are taken from a result only where they are of a telling kind."""
_WRITTEN = re.compile(r"\bJSON\b|^(?:pass|set to|if|whether|when)\b.*\b(?:true|false)\b", re.I)
"""What descriptions say of an encoded text or a switch, which no result holds."""
_PERSONAL = frozenset({"date", "moment", "rating", "person_name", "first_name", "last_name"})
"""Kinds of value that nearly every row has, and that are one's own."""


@dataclass(frozen=True)
class FeedableParameter:
    """A parameter that may be fed."""

    model: ToolModel
    parameter: ParameterModel
    keys: tuple[RowKey, ...]
    """What it names, the tool's own row first."""
    scope: bool
    """One of the leading parts of a composite identity: the ``owner`` of an issue."""
    tokens: Tokens
    noun: str
    schema: JsonObject
    """The parameter's own; an element has the words of its list, if it has none itself."""

    @property
    def description(self) -> str:
        """What its schema says in words."""
        return description_of(self.schema)

    @cached_property
    def kind(self) -> str | None:
        """What kind of value it is: see `generators.graph.value_kinds`."""
        return kind_of(
            self.tokens, self.schema, self.parameter.semantic, self.model.tool.clear_name
        )

    @property
    def sure(self) -> bool:
        """By entity or kind of value, it is of those that results serve; else it is only open."""
        plain = PLAIN | NAMED if self.selects else PLAIN
        bound = self.parameter.use in ("minimum", "maximum")
        written = bound or (self.parameter.use == "field" and not self.parameter.required)
        served = self.keys or self.parameter.opaque
        served = served or (self.parameter.semantic in plain and (self.selects or not written))
        return bool(served) and (self.parameter.use != "option" or not self.parameter.opaque)

    @cached_property
    def open(self) -> bool:
        """Weaker evidence may do, too: a mention, or the same kind of value.

        A person may well take the value from a result, though no entity says so.
        """
        if not (self.parameter.required or self.parameter.path.endswith("[]")):
            return False
        if self.parameter.use in ("filter", "unlike", "minimum", "maximum"):
            return False
        set_up = not words_called("settings").isdisjoint(self.tokens)
        if set_up and self.kind in (None, NUMBER, "count", "text"):
            return False
        if not words_of(self.description).isdisjoint(("new", "create")):
            return False
        if self.parameter.semantic in _DESCRIBING:
            told = self.kind in serving_kinds() and self.kind != "text"
            return told and not is_generic(self.tokens)
        return self.kind not in _PERSONAL

    @property
    def reckons(self) -> bool:
        """Takes any number: the operand of a tool that is given nothing but numbers."""
        required = [p for p in self.model.parameters if p.required]
        numeric = all("number" in json_types(p.schema) for p in required)
        bare = self.kind == NUMBER and words_called("operands").issuperset(self.tokens)
        return self.open and bare and numeric

    @property
    def selects(self) -> bool:
        """Chooses among several things: the items of an order that are to be returned."""
        several = "[]" in self.parameter.path
        return several and words_called("replacing").isdisjoint(self.tokens)

    @property
    def replaces(self) -> bool:
        """The value is to differ from those of such rows: the new flight of a booking."""
        if self.selects and "[]." in self.parameter.path:
            return False  # a list of objects is given whole, with what it held
        if not self.keys:
            made = self.model.operation == "create" and self.parameter.semantic not in _WAYS
            return self.parameter.use == "field" and (made or not self.parameter.opaque)
        moved = self.model.operation == "update" and self.parameter.use != "identity"
        return moved and not self.selects and self.keys[0][0] != self.model.entity

    @property
    def beside(self) -> frozenset[str]:
        """Entities of which the tool is given a row, but for the one that this value names."""
        own = {key[0] for key in self.keys}
        return frozenset(p.entity for p in self.model.parameters if p.entity) - own


def list_feedable(
    world: World, reader: ResultReader, model: ToolModel
) -> Iterator[FeedableParameter]:
    """Yield the parameters of a tool that an earlier result may fill."""
    for parameter in model.parameters:
        closed = "enum" in parameter.schema or "const" in parameter.schema
        switch = parameter.use == "option" and not parameter.opaque
        if closed or switch or parameter.semantic in CHOSEN or parameter.use == "query":
            continue
        said = description_of(parameter.schema)
        if is_credential(parameter.name, said) or _WRITTEN.search(said):
            continue
        schema = parameter.schema
        head, _, rest = parameter.path.partition("[]")
        if not rest and head != parameter.path:  # elements have the words of their list
            described = model.tool.properties.get(head, {}).get("description")
            schema = ({"description": described} if described else {}) | schema
        described_keys = reader.find_by_description(model.tool.domain, parameter.name, schema)
        keys = described_keys or tuple(dict.fromkeys(_name_rows(world, reader, model, parameter)))
        entity = world.entities[keys[0][0]] if keys else None
        noun = entity.noun if entity else model.noun
        own = (*noun.split(), "id") if described_keys else noun_words(parameter.name)
        found = FeedableParameter(
            model=model,
            parameter=parameter,
            keys=keys,
            scope=entity is not None and keys[0][1] in entity.identity[:-1],
            tokens=qualify(own, model.noun),
            noun=noun,
            schema=schema,
        )
        if found.sure or found.open:
            yield found


def _name_rows(
    world: World, reader: ResultReader, model: ToolModel, parameter: ParameterModel
) -> Iterator[RowKey]:
    """Yield the rows that a parameter names: by the world or, failing that, by its name."""
    entity = world.entities.get(parameter.entity or "")
    if entity is None or not entity.identity:
        if parameter.opaque:
            domain, words = model.tool.domain, noun_words(parameter.name)
            yield from reader.find_by_noun(domain, words) or reader.find_by_name(domain, words)
        return
    titled = parameter.semantic == "title" and parameter.name in entity.fields
    if titled and parameter.name not in entity.identity:
        # A row with an identifier is spoken of, or renamed, by its plain name.
        yield entity.key, parameter.name
        return
    name = find_identity_field(entity, parameter.name)
    if parameter.use == "identity" and parameter.field and parameter.field in entity.fields:
        name = parameter.field  # may be another unique one: a user's email
    yield entity.key, name
    field = entity.fields.get(name)
    other = world.entities.get(field.entity or "") if field else None
    if other and other.identity and other is not entity:  # a part of an identity names its row
        yield other.key, find_identity_field(other, name)
