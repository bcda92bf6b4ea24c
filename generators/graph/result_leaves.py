"""What a tool's result holds: its leaves, and which row of which entity each of them names.

Read from the result's schema and the world alone; whom a leaf can serve is decided in
`generators.graph.edges`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from generators.graph.names import Tokens, json_types, last_name, qualified
from generators.graph.names import name_tokens as name_tokens
from generators.graph.value_kinds import kind_of
from generators.lexicon.names import split_words
from generators.lexicon.nouns import singular
from generators.world.model import Entity, Field, ToolModel, World
from schemas.record import JsonObject
from schemas.semantic import SemanticType

Key = tuple[str, str]
"""An entity's key and one of its identity fields: ``("travel/flight", "flight_id")``."""
Owners = tuple[Entity | None, ...]
"""Whose rows enclose a place in a result, the nearest last; None for a part of a row."""

_OF = re.compile(r"\bIDs?\s+(?:of|for)\s+(?:the\s+|an?\s+)?([A-Za-z]+(?:\s[A-Za-z]+)?)", re.I)
"""Words in which a description says whose identifier it is."""
_IDS = (("id",), ("body", "id"))
"""Names of bare identifiers; a body's are called so where a query has some too."""
_HELD = frozenset("items data results entries values records nodes".split())
"""Names of the list that a page holds."""
_PAGING = frozenset("limit offset next previous total cursor page page_size next_page".split())
BASE = {"list": 0.8, "get": 0.74, "compute": 0.74, "create": 0.7, "update": 0.66, "delete": 0.5}
"""How readily one turns to a tool for the sake of its result."""


@dataclass(frozen=True)
class ResultLeaf:
    """A scalar in a tool's result."""

    model: ToolModel
    path: str
    """``flights[].flight_id``; empty where the result itself is the scalar."""
    schema: JsonObject
    tokens: Tokens
    """Of the name, with the thing's noun before a bare ``id``."""
    noun: str
    """The thing that it lies in."""
    rows: tuple[str, ...]
    """Keys of the entities in whose rows it lies, the nearest last."""
    semantic: SemanticType | None
    keys: tuple[Key, ...]
    """What it names, the row that it lies in first."""
    home: bool
    """Tells the row that the tool is about from its neighbours."""
    kind: str | None
    """What kind of value it is, where no entity tells: see `generators.graph.value_kinds`."""
    main: bool = False
    """The tool is called for it alone: there is nothing else in the result."""

    @property
    def element(self) -> str:
        """The list element that it lies in: ``flights[]``; empty where it lies in none."""
        return list_element(self.path)


class ResultReader:
    """Walks result schemas; knows the entities of each domain by noun and by identity."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_noun: dict[tuple[str, str], Entity] = {}
        self._by_identity: dict[tuple[str, Tokens], list[Key]] = {}
        for key in sorted(world.entities):
            self._learn(world.entities[key])

    def leaves(self, model: ToolModel) -> tuple[ResultLeaf, ...]:
        """Return the scalars of the tool's result, in the order of its schema."""
        owner = self._world.entities.get(model.entity or "")
        found = tuple(self._walk(model, model.returns, "", (owner,), inside=False))
        telling = [leaf for leaf in found if "boolean" not in json_types(leaf.schema)]
        return tuple(replace(leaf, main=True) for leaf in found) if len(telling) == 1 else found

    def identities(self, domain: str, name: str) -> tuple[Key, ...]:
        """Say what a value of this name names in this domain: one key, or none if in doubt."""
        return self._named(domain, name_tokens(name))

    def told(self, domain: str, name: str, schema: JsonObject) -> tuple[Key, ...]:
        """Say what a bare ``id`` names by its description: "The ID of the artist"."""
        found = _OF.search(str(schema.get("description", "")))
        if found is None or name_tokens(name) not in _IDS:
            return ()
        words = [singular(word) for word in found[1].casefold().split()]
        nouns = (" ".join(words[:length]) for length in range(len(words), 0, -1))
        known = (self._by_noun.get((domain, noun)) for noun in nouns)
        entity = next((entity for entity in known if entity and entity.identity), None)
        return ((entity.key, entity.identity[-1]),) if entity else ()

    def _learn(self, entity: Entity) -> None:
        self._by_noun.setdefault((entity.domain, entity.noun), entity)
        if not entity.identity:
            return
        field = entity.identity[-1]
        tokens = qualified(name_tokens(field), entity.noun)
        self._by_identity.setdefault((entity.domain, tokens), []).append((entity.key, field))

    def _named(self, domain: str, tokens: Tokens) -> tuple[Key, ...]:
        found = self._by_identity.get((domain, tokens), [])
        return tuple(found) if len(found) == 1 else ()

    def _walk(
        self, model: ToolModel, schema: JsonObject, path: str, owners: Owners, inside: bool
    ) -> Iterator[ResultLeaf]:
        schema, owner = _only(schema), owners[-1]
        if isinstance(schema.get("items"), dict):
            yield from self._walk(model, _element(schema), f"{path}[]", owners, inside)
        elif schema.get("properties"):
            properties: Mapping[str, JsonObject] = schema["properties"]
            inside = inside or _is_row(model, properties, owner, path)
            paged = _is_page(properties)
            for name, part in properties.items():
                below = f"{path}.{name}" if path else name
                held = paged and name in _HELD
                heir = owner if held else self._heir(model, name, part, owner, inside)
                line = owners if heir is owner else (*owners, heir) if inside else (heir,)
                yield from self._walk(model, part, below, line, inside or heir is not owner)
        elif schema.get("type") not in ("object", "array", "null"):
            yield self._leaf(model, schema, path, owners)

    def _heir(
        self, model: ToolModel, name: str, part: JsonObject, owner: Entity | None, inside: bool
    ) -> Entity | None:
        """Whose fields lie below a property: its noun's, or the owner's while still in wrapping."""
        if not _is_nested(part):
            return owner
        words = [singular(word) for word in split_words(name)]
        for noun in (" ".join(words), words[-1] if words else ""):
            if (model.tool.domain, noun) in self._by_noun:
                return self._by_noun[model.tool.domain, noun]
        return None if inside else owner

    def _leaf(self, model: ToolModel, schema: JsonObject, path: str, owners: Owners) -> ResultLeaf:
        owner = owners[-1]
        name = last_name(path) or model.noun
        noun = owner.noun if owner else _part(path) or model.noun
        field = _field(owner, name)
        keys = [*self.told(model.tool.domain, name, schema)]
        keys = keys or [*_keys(self._world, owner, name, field)]
        keys += self._named(model.tool.domain, name_tokens(name))
        tokens = qualified(name_tokens(name), noun)
        keys += self._named(model.tool.domain, tokens)
        unique = tuple(dict.fromkeys(keys))
        semantic = field.semantic if field else None
        about = self._world.entities.get(model.entity or "")
        home = about is not None and (about.key, (about.identity or ("",))[-1]) in unique
        rows = tuple(row.key for row in owners if row)
        kind = kind_of(tokens, schema, semantic, model.tool.name)
        return ResultLeaf(model, path, schema, tokens, noun, rows, semantic, unique, home, kind)


def _part(path: str) -> str:
    """The words of the part of a row that a leaf lies in: ``owner`` of ``[].owner.id``."""
    return " ".join(split_words(last_name(path.rpartition(".")[0])))


def _is_page(properties: Mapping[str, JsonObject]) -> bool:
    """Whether an object only holds a part of a list, and says which part."""
    many = any(name in _HELD and "items" in _only(part) for name, part in properties.items())
    return many and not _PAGING.isdisjoint(properties)


def list_element(path: str) -> str:
    """``flights[].legs[].from`` → ``flights[].legs[]``."""
    head, brackets, _ = path.rpartition("[]")
    return head + brackets


def _element(schema: JsonObject) -> JsonObject:
    """The schema of a list's elements; where it says nothing itself, with the list's words."""
    items: JsonObject = schema["items"]
    said = {key: schema[key] for key in ("description",) if key in schema}
    return items if _is_nested(items) else said | items


def _only(schema: JsonObject) -> JsonObject:
    """Choose the one alternative that is not null; of several objects, what they share."""
    for union in ("anyOf", "oneOf"):
        rest = [part for part in schema.get(union, ()) if part.get("type") != "null"]
        if len(rest) == 1:
            return _only(rest[0])
        if rest and all(part.get("properties") for part in rest):
            return {"type": "object", "properties": _shared([part["properties"] for part in rest])}
    return schema


def _shared(alternatives: Sequence[Mapping[str, JsonObject]]) -> dict[str, JsonObject]:
    """What all alternatives have, as the first of them describes it."""
    first, *others = alternatives
    return {name: part for name, part in first.items() if all(name in other for other in others)}


def _is_nested(schema: JsonObject) -> bool:
    """Tell whether it holds objects, at once or as a list's elements."""
    schema = _only(schema)
    if isinstance(schema.get("items"), dict):
        return _is_nested(schema["items"])
    return bool(schema.get("properties"))


def _is_row(
    model: ToolModel, properties: Mapping[str, JsonObject], owner: Entity | None, path: str
) -> bool:
    """Whether an object is the owner's row itself, not the wrapping around it."""
    if owner is None or not any(name in owner.fields for name in properties):
        return False
    wraps = not path and model.operation == "list" and any(map(_is_nested, properties.values()))
    return not wraps


def _field(owner: Entity | None, name: str) -> Field | None:
    return owner.fields.get(name) if owner else None


def _keys(world: World, owner: Entity | None, name: str, field: Field | None) -> Iterator[Key]:
    """Yield what a field of a row names: the row itself, or the row that it refers to."""
    if owner and name in owner.identity:
        yield owner.key, name
    other = world.entities.get(field.entity or "") if field else None
    if other and other.identity:
        yield other.key, identity_field(other, name)


def identity_field(entity: Entity, *names: str) -> str:
    """Find the part of the identity that one of these names means; the last one if none does."""
    for name in names:
        if name in entity.identity:
            return name
    wanted = [qualified(name_tokens(name), entity.noun) for name in names]
    for field in entity.identity:
        if qualified(name_tokens(field), entity.noun) in wanted:
            return field
    return entity.identity[-1]
