"""What a tool's parameters ask for: those that an earlier result may fill, and with what.

The counterpart of `generators.graph.returned`. Held back are parameters that a person simply
chooses: switches, enumerations, page numbers, texts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from generators.graph.returned import (
    Key,
    ResultReader,
    Tokens,
    identity_field,
    name_tokens,
    qualified,
)
from generators.world import Entity, ParameterModel, ToolModel, World
from schemas.semantic import SemanticType

PLAIN: frozenset[SemanticType] = frozenset(
    {"email", "phone", "handle", "number_id", "city", "airport", "date", "branch", "path", "url"}
)
"""Values that can serve elsewhere without naming a row of an entity."""
ABROAD: frozenset[SemanticType] = frozenset({"email", "phone", "city", "airport", "date"})
"""Values that mean the same in every domain."""
CHOSEN: frozenset[SemanticType] = frozenset(
    {"boolean", "enum", "cursor", "query", "object", "list"}
)
"""Values that are chosen or carried along, never found."""
_NEW = frozenset({"new", "replacement", "other", "target"})


@dataclass(frozen=True)
class Want:
    """A parameter that may be fed."""

    model: ToolModel
    parameter: ParameterModel
    keys: tuple[Key, ...]
    """What it names, the tool's own row first."""
    scope: bool
    """One of the leading parts of a composite identity: the ``owner`` of an issue."""
    tokens: Tokens
    noun: str

    @property
    def selects(self) -> bool:
        """Chooses among several things: the items of an order that are to be returned."""
        return "[]" in self.parameter.path and not _NEW & set(self.tokens)

    @property
    def replaces(self) -> bool:
        """The value is to differ from those of such rows: the new flight of a booking."""
        if not self.keys:
            return self.parameter.use == "field" and not self.parameter.opaque
        moved = self.model.operation == "update" and self.parameter.use != "identity"
        return moved and not self.selects and self.keys[0][0] != self.model.entity

    @property
    def beside(self) -> frozenset[str]:
        """Entities of which the tool is given a row, but for the one that this value names."""
        own = {key[0] for key in self.keys}
        return frozenset(p.entity for p in self.model.parameters if p.entity) - own


def wants(world: World, reader: ResultReader, model: ToolModel) -> Iterator[Want]:
    """Yield the parameters of a tool that an earlier result may fill."""
    for parameter in model.parameters:
        keys = tuple(dict.fromkeys(_keys(world, reader, model, parameter)))
        findable = keys or parameter.opaque or parameter.semantic in PLAIN
        if findable and not _chosen(parameter):
            entity = world.entities[keys[0][0]] if keys else None
            scope = entity is not None and keys[0][1] in entity.identity[:-1]
            tokens = qualified(name_tokens(parameter.name), model.noun)
            yield Want(model, parameter, keys, scope, tokens, entity.noun if entity else model.noun)


def _chosen(parameter: ParameterModel) -> bool:
    closed = "enum" in parameter.schema or "const" in parameter.schema
    return closed or parameter.semantic in CHOSEN or parameter.use in ("option", "query")


def _keys(
    world: World, reader: ResultReader, model: ToolModel, parameter: ParameterModel
) -> Iterator[Key]:
    """Yield the rows that a parameter names: by the world or, failing that, by its name."""
    entity = world.entities.get(parameter.entity or "")
    if entity and entity.identity:
        field = identity_field(entity, parameter.name)
        if parameter.use == "identity" and parameter.field and parameter.field in entity.fields:
            field = parameter.field  # may be another unique one: a user's email
        yield entity.key, field
        yield from _outer(world, entity, field)
    elif parameter.opaque:
        yield from reader.identities(model.tool.domain, parameter.name)


def _outer(world: World, entity: Entity, field: str) -> Iterator[Key]:
    """Yield the row of another entity that a part of an identity names."""
    known = entity.fields.get(field)
    other = world.entities.get(known.entity or "") if known else None
    if other and other.identity and other is not entity:
        yield other.key, identity_field(other, field)
