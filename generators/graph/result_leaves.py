"""What a tool's result holds: its leaves, and which row of which entity each of them names.

Read from the result's schema and the world alone; whom a leaf can serve is decided in
`generators.graph.recipes`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from generators.graph.value_kinds import (
    Tokens,
    description_of,
    is_generic,
    json_types,
    kind_of,
    qualify,
    reckoned_kinds,
    words_called,
)
from generators.lexicon.names import noun_words, split_words
from generators.lexicon.nouns import singular
from generators.world.model import Entity, ToolModel, World
from schemas.record import JsonObject
from schemas.semantic import OPAQUE, SemanticType

RowKey = tuple[str, str]
"""An entity's key and one of its identity fields: ``("travel/flight", "flight_id")``."""
Owners = tuple[Entity | None, ...]
"""Whose rows enclose a place in a result, the nearest last; None for a part of a row."""

_OF = re.compile(r"\bIDs?\s+(?:of|for)\s+(?:the\s+|an?\s+)?([A-Za-z]+(?:\s[A-Za-z]+)?)", re.I)
"""Words in which a description says whose identifier it is."""
_TELLING = frozenset({"type", "anyOf", "oneOf", "format", "pattern"})
"""Keywords without which nobody knows what a value is."""
_BARE_IDS = (("id",), ("body", "id"))
"""Names of bare identifiers; a body's are called so where a query has some too."""
READINESS = {
    "list": 0.8,
    "get": 0.74,
    "compute": 0.74,
    "create": 0.7,
    "update": 0.66,
    "delete": 0.5,
}
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
    keys: tuple[RowKey, ...]
    """What it names, the row that it lies in first."""
    home: bool
    """Tells the row that the tool is about from its neighbours."""
    kind: str | None
    """What kind of value it is, where no entity tells: see `generators.graph.value_kinds`."""
    nested: bool
    """In a part of a row that is no row of its own: the profile of a user."""
    main: bool = False
    """The tool is called for it alone: there is nothing else in the result."""

    @property
    def open(self) -> bool:
        """Can serve on weaker evidence, too: it tells more than that a call went well."""
        last = self.tokens[-1:]
        if is_generic(self.tokens) and not self.keys:
            number = "number" in json_types(self.schema)
            return words_called("outcomes").issuperset(last) if number else "[]" in self.path
        reckoned = self.kind in reckoned_kinds()
        named = reckoned or self.semantic in OPAQUE or last == ("id",)
        telling = {"update": reckoned, "delete": reckoned, "create": named}
        bounds = not words_called("bounds").isdisjoint(self.tokens)
        if bounds or not telling.get(self.model.operation, True):
            return False
        return words_called("reports").isdisjoint(last)


class ResultReader:
    """Walks result schemas; knows the entities of each domain by noun and by identity."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_noun: dict[tuple[str, str], Entity] = {}
        self._by_identity: dict[tuple[str, Tokens], list[RowKey]] = {}
        for key in sorted(world.entities):
            entity = world.entities[key]
            self._by_noun.setdefault((entity.domain, entity.noun), entity)
            if entity.identity:
                field = entity.identity[-1]
                name = (entity.domain, qualify(noun_words(field), entity.noun))
                self._by_identity.setdefault(name, []).append((key, field))

    def list_leaves(self, model: ToolModel) -> tuple[ResultLeaf, ...]:
        """List the scalars of the tool's result, in the order of its schema."""
        owner = self._world.entities.get(model.entity or "")
        found = tuple(self._walk(model, model.returns, "", (owner,), inside=False))
        telling = [leaf for leaf in found if "boolean" not in json_types(leaf.schema)]
        return tuple(replace(leaf, main=True) for leaf in found) if len(telling) == 1 else found

    def find_by_name(self, domain: str, name: Tokens) -> tuple[RowKey, ...]:
        """Say what a value of this name names in this domain: one key, or none if in doubt."""
        found = self._by_identity.get((domain, name), [])
        return tuple(found) if len(found) == 1 else ()

    def find_by_noun(self, domain: str, name: Tokens) -> tuple[RowKey, ...]:
        """Say which row an identifier names that is called after its thing: ``channel``."""
        entity = self._by_noun.get((domain, " ".join(name)))
        return ((entity.key, entity.identity[-1]),) if entity and entity.identity else ()

    def find_by_description(self, domain: str, name: str, schema: JsonObject) -> tuple[RowKey, ...]:
        """Say what a bare ``id`` names by its description: "The ID of the artist"."""
        found = _OF.search(description_of(schema))
        if found is None or noun_words(name) not in _BARE_IDS:
            return ()
        words = [singular(word) for word in found[1].casefold().split()]
        nouns = (" ".join(words[:length]) for length in range(len(words), 0, -1))
        known = (self._by_noun.get((domain, noun)) for noun in nouns)
        entity = next((entity for entity in known if entity and entity.identity), None)
        return ((entity.key, entity.identity[-1]),) if entity else ()

    def _walk(
        self, model: ToolModel, schema: JsonObject, path: str, owners: Owners, inside: bool
    ) -> Iterator[ResultLeaf]:
        """Yield the leaves below a place. ``inside``: of a row, no longer in the wrapping."""
        schema, owner = _choose_alternative(schema), owners[-1]
        if isinstance(schema.get("items"), dict):
            items: JsonObject = schema["items"]
            if "description" in schema and not _holds_objects(items):
                items = {"description": schema["description"]} | items
            yield from self._walk(model, items, f"{path}[]", owners, inside)
            return
        if not schema.get("properties"):
            told = not _TELLING.isdisjoint(schema)
            if told and schema.get("type") not in ("object", "array", "null"):
                yield self._read_leaf(model, schema, path, owners)
            return
        properties: Mapping[str, JsonObject] = schema["properties"]
        if owner is not None and not owner.fields.keys().isdisjoint(properties):
            # the row itself, not what is wrapped around the rows of a list
            wraps = not path and model.operation == "list"
            inside = inside or not (wraps and any(map(_holds_objects, properties.values())))
        held = words_called("held")
        paged = not words_called("paging").isdisjoint(properties) and any(
            "items" in _choose_alternative(properties[name]) for name in held & {*properties}
        )
        for name, part in properties.items():
            if not words_called("failed").isdisjoint(split_words(name)):
                continue
            heir, holds = owner, _holds_objects(part)
            if holds and None in owners[1:]:
                continue  # a part of a part of a row: the latest message's file in a channel
            if holds and not (paged and name in held):
                # those below are fields of the entity that the property is called after
                words = [singular(word) for word in split_words(name)]
                nouns = ((model.tool.domain, noun) for noun in (" ".join(words), *words[-1:]))
                known = (self._by_noun[noun] for noun in nouns if noun in self._by_noun)
                heir = next(known, None if inside else owner)
            line = owners if heir is owner else (*owners, heir) if inside else (heir,)
            below = f"{path}.{name}" if path else name
            yield from self._walk(model, part, below, line, inside or heir is not owner)

    def _read_leaf(
        self, model: ToolModel, schema: JsonObject, path: str, owners: Owners
    ) -> ResultLeaf:
        owner, domain, entities = owners[-1], model.tool.domain, self._world.entities
        above, _, last = path.replace("[]", "").rpartition(".")
        name = last or model.noun
        part = " ".join(split_words(above.rpartition(".")[2]))  # ``owner`` of ``[].owner.id``
        noun = owner.noun if owner else part or model.noun
        field = owner.fields.get(name) if owner else None
        tokens = qualify(noun_words(name), noun)
        keys = list(self.find_by_description(domain, name, schema))
        if not keys:  # its own row, or the one that it refers to
            if owner and owner.identity:
                own = find_identity_field(owner, name)
                if name == own or tokens == qualify(noun_words(own), owner.noun):
                    keys.append((owner.key, own))
            other = entities.get(field.entity or "") if field else None
            if other and other.identity:
                keys.append((other.key, find_identity_field(other, name)))
        semantic = field.semantic if field else None
        if semantic in OPAQUE or "pattern" in schema:
            keys += self.find_by_noun(domain, noun_words(name))
        if not keys:
            keys += self.find_by_name(domain, noun_words(name))
        keys += self.find_by_name(domain, tokens)
        about = entities.get(model.entity or "")
        return ResultLeaf(
            model=model,
            path=path,
            schema=schema,
            tokens=tokens,
            noun=noun,
            rows=tuple(row.key for row in owners if row),
            semantic=semantic,
            keys=tuple(dict.fromkeys(keys)),
            home=about is not None and (about.key, (about.identity or ("",))[-1]) in keys,
            kind=kind_of(tokens, schema, semantic, model.tool.clear_name),
            nested=None in owners[1:] and not path.rpartition(".")[0].endswith("[]"),
        )


def list_element(path: str) -> str:
    """The element of a list that a path lies in: ``flights[].legs[].from`` → ``flights[].legs[]``.

    Empty where it lies in none.
    """
    head, brackets, _ = path.rpartition("[]")
    return head + brackets


def find_identity_field(entity: Entity, name: str) -> str:
    """Find the part of the identity that a name means; the last one if it means none."""
    if name in entity.identity:
        return name
    wanted = qualify(noun_words(name), entity.noun)
    alike = (one for one in entity.identity if qualify(noun_words(one), entity.noun) == wanted)
    return next(alike, entity.identity[-1])


def _choose_alternative(schema: JsonObject) -> JsonObject:
    """Choose the one alternative that is not null; of several objects, what they share."""
    for union in ("anyOf", "oneOf"):
        rest = [part for part in schema.get(union, ()) if part.get("type") != "null"]
        telling = [part for part in rest if part.get("properties") or "items" in part]
        rest = telling or rest  # an object of which nothing is known says nothing
        if len(rest) == 1:
            return _choose_alternative(rest[0])
        if rest and all(part.get("properties") for part in rest):
            first, *others = (part["properties"] for part in rest)
            shared = {name: first[name] for name in first if all(name in one for one in others)}
            return {"type": "object", "properties": shared}
    return schema


def _holds_objects(schema: JsonObject) -> bool:
    """Tell whether it holds objects, at once or as a list's elements."""
    schema = _choose_alternative(schema)
    if isinstance(schema.get("items"), dict):
        return _holds_objects(schema["items"])
    return bool(schema.get("properties"))
