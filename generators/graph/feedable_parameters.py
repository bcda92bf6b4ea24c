"""What a tool's parameters ask for: those that an earlier result may fill, and with what.

The counterpart of `generators.graph.result_leaves`. Held back are parameters that a person simply
chooses: switches, enumerations, page numbers, texts.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from generators.graph.names import Tokens, json_types, name_tokens, qualified
from generators.graph.result_leaves import Key, ResultReader, identity_field
from generators.graph.value_kinds import NUMBER, OPERANDS, SERVES, kind_of, words_of
from generators.world.model import Entity, ParameterModel, ToolModel, World
from schemas.record import JsonObject
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
_SETTINGS = frozenset(
    "precision decimal exponent base limit threshold step seed timeout index level priority "
    "pattern keyword query mode unit option format type status field".split()
)
"""Words in the names of parameters that shape an answer and are simply chosen."""
_PERSONAL = frozenset({"date", "rating", "person_name", "first_name", "last_name"})
"""Kinds of value that nearly every row has, and that are one's own."""
_NEW = frozenset({"new", "replacement", "other", "target"})


@dataclass(frozen=True)
class FeedableParameter:
    """A parameter that may be fed."""

    model: ToolModel
    parameter: ParameterModel
    keys: tuple[Key, ...]
    """What it names, the tool's own row first."""
    scope: bool
    """One of the leading parts of a composite identity: the ``owner`` of an issue."""
    tokens: Tokens
    noun: str
    sure: bool
    """By entity or kind of value, it is of those that results serve; else it is only open."""
    open: bool
    """Weaker evidence may do, too: a mention, or the same kind of value."""
    kind: str | None
    """What kind of value it is: see `generators.graph.value_kinds`."""
    schema: JsonObject
    """The parameter's own; an element has the words of its list, if it has none itself."""

    @property
    def said(self) -> str:
        """The description."""
        return str(self.schema.get("description", ""))

    @property
    def reckons(self) -> bool:
        """Takes any number: the operand of a tool that is given nothing but numbers."""
        required = [p for p in self.model.parameters if p.required]
        numeric = all("number" in json_types(p.schema) for p in required)
        bare = self.kind == NUMBER and set(self.tokens) <= OPERANDS
        return self.open and bare and numeric

    @property
    def selects(self) -> bool:
        """Chooses among several things: the items of an order that are to be returned."""
        return "[]" in self.parameter.path and not _NEW & set(self.tokens)

    @property
    def replaces(self) -> bool:
        """The value is to differ from those of such rows: the new flight of a booking."""
        if not self.keys:
            made = self.model.operation == "create"
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
        if _chosen(parameter):
            continue
        keys = tuple(dict.fromkeys(_keys(world, reader, model, parameter)))
        sure = bool(keys) or parameter.opaque or parameter.semantic in PLAIN
        sure = sure and (parameter.use != "option" or not parameter.opaque)
        want = _want(world, reader, model, parameter, keys, sure)
        if want.sure or want.open:
            yield want


def _want(
    world: World,
    reader: ResultReader,
    model: ToolModel,
    parameter: ParameterModel,
    keys: tuple[Key, ...],
    sure: bool,
) -> FeedableParameter:
    entity = world.entities[keys[0][0]] if keys else None
    scope = entity is not None and keys[0][1] in entity.identity[:-1]
    noun = entity.noun if entity else model.noun
    schema = _described(model, parameter)
    told = reader.told(model.tool.domain, parameter.name, schema)
    own = (*noun.split(), "id") if told else name_tokens(parameter.name)
    tokens = qualified(own, model.noun)
    kind = kind_of(tokens, schema, parameter.semantic, model.tool.name)
    open_ = _open(parameter, tokens, kind, words_of(str(schema.get("description", ""))))
    return FeedableParameter(model, parameter, keys, scope, tokens, noun, sure, open_, kind, schema)


def _described(model: ToolModel, parameter: ParameterModel) -> JsonObject:
    """Give the elements of a list the words of the list, where they have none."""
    head, _, rest = parameter.path.partition("[]")
    if rest or head == parameter.path:
        return parameter.schema
    told = model.tool.properties.get(head, {}).get("description")
    return ({"description": told} if told else {}) | parameter.schema


def _open(
    parameter: ParameterModel, tokens: Tokens, kind: str | None, said: frozenset[str]
) -> bool:
    """Whether a person may well take the value from a result, though no entity says so."""
    if parameter.use in ("filter", "minimum", "maximum"):
        return False
    if _SETTINGS & set(tokens) and kind in (None, NUMBER, "count", "text"):
        return False
    if said & {"new", "create"}:
        return False
    if parameter.semantic in ("label", "title", "version", "language", "color", "currency"):
        return kind in SERVES and kind != "text"
    return kind not in _PERSONAL


def _chosen(parameter: ParameterModel) -> bool:
    closed = "enum" in parameter.schema or "const" in parameter.schema
    if closed or parameter.semantic in CHOSEN or parameter.use == "query":
        return True
    return parameter.use == "option" and not parameter.opaque


def _keys(
    world: World, reader: ResultReader, model: ToolModel, parameter: ParameterModel
) -> Iterator[Key]:
    """Yield the rows that a parameter names: by the world or, failing that, by its name."""
    entity = world.entities.get(parameter.entity or "")
    schema = _described(model, parameter)
    if told := reader.told(model.tool.domain, parameter.name, schema):
        yield from told
    elif entity and entity.identity and _is_another_name(entity, parameter):
        yield entity.key, parameter.name
    elif entity and entity.identity:
        field = identity_field(entity, parameter.name)
        if parameter.use == "identity" and parameter.field and parameter.field in entity.fields:
            field = parameter.field  # may be another unique one: a user's email
        yield entity.key, field
        yield from _outer(world, entity, field)
    elif parameter.opaque:
        yield from reader.identities(model.tool.domain, parameter.name)


def _is_another_name(entity: Entity, parameter: ParameterModel) -> bool:
    """Whether a row with an identifier is spoken of, or renamed, by its plain name."""
    spoken = parameter.semantic == "title" and parameter.name in entity.fields
    return spoken and parameter.name not in entity.identity


def _outer(world: World, entity: Entity, field: str) -> Iterator[Key]:
    """Yield the row of another entity that a part of an identity names."""
    known = entity.fields.get(field)
    other = world.entities.get(known.entity or "") if known else None
    if other and other.identity and other is not entity:
        yield other.key, identity_field(other, field)
