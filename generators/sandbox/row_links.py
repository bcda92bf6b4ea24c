"""How rows hold each other: references, copies of what is referred to, rows inside rows, parts.

What the schemas alone say of it is told once a world: which fields refer to rows, which entities
list others, and whose rows are made before whose.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from random import Random
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.lexicon.nouns import plural, singular
from generators.lexicon.tables import word_set
from generators.sandbox.row_values import Key, Row, as_text
from generators.sandbox.schema_validity import MISSING, adapt, kind_of, simple
from generators.world.expression import parse_expression
from generators.world.model import Entity, Field, World

_BARE = word_set("id name path title key number code type slug ref")
_MARKS = word_set("id ids key number code name uuid")
_OWN = word_set("status state created_at updated_at quantity")
_SHARING = word_set(
    "order cart basket playlist wishlist invoice shipment return collection watchlist itinerary"
    " bundle refund"
)
"""Things that list what others may list as well: two orders of one product."""

Rows = Callable[[str], Mapping[Any, Row]]
"""Entity key → its rows, as far as they are made."""


@remembered
def find_references(world: World) -> Mapping[str, Mapping[str, Entity]]:
    """Entity → its fields, outside of the identity, that name one row of another, with that one."""
    return {
        key: {
            name: target
            for name, field in entity.fields.items()
            if (target := world.entities.get(field.entity or "")) is not None
            and target.identity
            and name not in entity.identity
            and kind_of(simple(field.schema)) != "array"
        }
        for key, entity in world.entities.items()
    }


@remembered
def find_inner(world: World) -> Mapping[str, tuple[Entity, ...]]:
    """Entity → the others whose rows lie in its rows, by their keys: issues in a repository."""
    return {
        key: tuple(
            other
            for other in world.entities.values()
            if other.domain == entity.domain and {*entity.identity} <= {*other.identity[:-1]}
        )
        if entity.identity
        else ()
        for key, entity in world.entities.items()
    }


@lru_cache(maxsize=1024)
def owner_of(world: Same[World], key: str) -> tuple[str, str] | None:
    """(entity, field) of the list that each row of this entity stands in once: a product's items.

    None where no entity lists them, or where the rows say themselves to what they belong.
    """
    named = {field.entity for field in world.it.entities[key].fields.values()}
    holders = _list_holders(world).get(key, ())
    return next((held for held in holders if held[0] not in named), None)


@lru_cache(maxsize=8)
def _list_holders(world: Same[World]) -> Mapping[str, list[tuple[str, str]]]:
    """Entity → (entity, field) of the lists of its rows that others hold, by their keys."""
    found: dict[str, list[tuple[str, str]]] = {}
    for holder in sorted(world.it.entities.values(), key=lambda one: one.key):
        if holder.noun.rsplit(" ", 1)[-1] in _SHARING or not holder.identity:
            continue
        for field in holder.fields.values():
            held = field.entity
            if held and held != holder.key and kind_of(simple(field.schema)) == "array":
                found.setdefault(held, []).append((holder.key, field.name))
    return found


@lru_cache(maxsize=4096)
def reached(world: Same[World], key: str, nested: bool = False) -> frozenset[str]:
    """The entities whose rows those of an entity name, and those that these name, and so on.

    ``nested``: those that objects within rows speak of too, and those that constraints ask for.
    """
    found: set[str] = set()
    waiting = [key]
    while waiting:
        entity = world.it.entities[waiting.pop()]
        named = {field.entity or "" for field in entity.fields.values()}
        if nested:
            named |= _spoken_of(Same(entity), world)
            texts = (t for one in entity.constraints for t in (one.when, one.holds, one.equals))
            nouns = (noun for text in texts if text for noun in parse_expression(text).entities)
            named |= {f"{entity.domain}/{noun}" for noun in nouns}
        named &= world.it.entities.keys()
        waiting += sorted(named - found)
        found |= named
    return frozenset(found)


def named_by(field: str, target: Entity) -> str:
    """Which part of the target's identity a field of this name holds."""
    return field if field in target.identity else target.identity[-1]


def find_referred(
    row: Row, entity: Entity | None, name: str, world: World, domain: str
) -> tuple[Entity, Key] | None:
    """Which row a row, or an object within one (no ``entity``), refers to by a name, ``doctor``."""
    key = entity.key if entity is not None else None
    known, asked = _places(world), (key, name, domain)
    if asked not in known:
        own = _fields_called(world)[key].get(in_words(name)) if key is not None else None
        other = world.entities.get(own.entity or "" if own else f"{domain}/{in_words(name)}")
        known[asked] = None, None, ()
        if other is not None and other.identity:
            # In an object that the field holds, the parts stand under their own names.
            head = own.name if own is not None else None
            held = named_by(head, other) if head is not None else None
            known[asked] = other, head, tuple(
                (part, head if head and part == held else part) for part in other.identity
            )  # fmt: skip
    target, field, parts = known[asked]
    if target is None:
        return None
    inner = row.get(field) if field is not None else None
    source = inner if isinstance(inner, dict) else row
    found = []
    for part, place in parts:
        value = source.get(part if source is inner else place)
        if value is None:
            return None
        found.append(as_text(value))
    return target, tuple(found)


_Places = tuple[Entity | None, str | None, tuple[tuple[str, str], ...]]


@remembered
def _places(world: World) -> dict[tuple[str | None, str, str], _Places]:
    """What names refer to; the field that does; each part of the identity, and where it stands."""
    del world
    return {}


@remembered
def _fields_called(world: World) -> Mapping[str, Mapping[str, Field]]:
    """Entity → what is said → the field by which its rows refer to that: its name, else the noun.

    ``buyer`` is ``buyer_id`` before it is the first field that names a buyer.
    """
    found: dict[str, dict[str, Field]] = {}
    for key, entity in world.entities.items():
        naming = [
            field
            for field in reversed([*entity.fields.values()])
            if field.entity in world.entities and kind_of(simple(field.schema)) != "array"
        ]
        found[key] = {world.entities[field.entity or ""].noun: field for field in naming}
        for field in naming:
            words = in_words(field.name).split()
            unmarked = [word for word in words if word not in _MARKS]
            found[key] |= {" ".join(words): field, " ".join(unmarked): field}
    return found


def refer(row: dict[str, Any], field: Field, entity: Entity, target: Entity, other: Row) -> None:
    """Let the row's field name ``other``, and copy what the row repeats of it, such as a name."""
    if isinstance(row.get(field.name), dict):
        _overlay(row[field.name], simple(field.schema).get("properties", {}), other)
        return
    value = adapt(other[named_by(field.name, target)], field.schema)
    if value is MISSING:
        return
    row[field.name] = value
    known, asked = _repeated(entity), (field.name, target.key)
    if asked not in known:
        # Pairs (own field, the other's): ``customer_email`` repeats the customer's ``email``.
        words = " ".join(word for word in in_words(field.name).split() if word not in _MARKS)
        said = {name: in_words(name) for name in entity.fields if name != field.name}
        shorts = {
            (name, text.removeprefix(f"{stem} ").replace(" ", "_"))
            for stem in {words, target.noun} - {""}
            for name, text in said.items()
            if text.startswith(f"{stem} ")
        }
        known[asked] = tuple(sorted(one for one in shorts if one[1] in target.fields))
    for name, copy in known[asked]:
        fitting = adapt(other[copy], entity.fields[name].schema) if copy in other else MISSING
        if fitting is not MISSING:
            row[name] = fitting


@remembered
def _repeated(entity: Entity) -> dict[tuple[str, str], tuple[tuple[str, str], ...]]:
    """Field and the entity that it names → pairs: own field, the other's that it repeats."""
    del entity
    return {}


def _overlay(inner: dict[str, Any], properties: Mapping[str, Any], other: Row) -> None:
    """Make an object inside a row speak of the other row, where both have the field."""
    for name in inner:
        if name in other and name not in _OWN:
            value = adapt(other[name], properties.get(name, {}))
            if value is not MISSING:
                inner[name] = value


def embed(
    value: Any, name: str, entity: Entity, world: World, rows: Rows, rng: Random, outer: Row
) -> None:  # fmt: skip
    """Let the objects within a row's field speak of rows that exist: order lines of products.

    They belong where the row itself belongs, and no two of a list speak of one row.
    """
    used: list[Row] = []
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, dict):
            continue
        target = _meant(item, name, entity, world)
        known = list(rows(target.key).values()) if target else []
        if target is not None and known:
            common = [n for n, field in target.fields.items() if field.entity and n in outer]
            known = [one for one in known if all(one.get(n) == outer[n] for n in common)] or known
            known = [one for one in known if one not in used] or known
            used.append(rng.choice(known))
            # As an object that is called by its noun shows the row: ``owner``, with the ``id``.
            _overlay(item, {}, {"id": used[-1][target.identity[0]], **used[-1]})
        for inner, part in item.items():
            embed(part, inner, entity, world, rows, rng, outer)


def align_lists(row: dict[str, Any], entity: Entity, world: World, rows: Rows) -> None:
    """Let a list of objects that name rows be of those rows whose ids the row lists besides."""
    for field in _naming(entity):
        target, ids = world.entities.get(field.entity or ""), row.get(field.name)
        if target is None or len(target.identity) != 1 or not isinstance(ids, list):
            continue
        mark, known = target.identity[0], rows(target.key)
        told = [known[key] for one in ids if (key := (as_text(one),)) in known]
        for name, held in row.items():
            named = isinstance(held, list) and held and all(
                isinstance(one, dict) and mark in one for one in held
            )  # fmt: skip
            if named and told:
                row[name] = [dict(held[n % len(held)]) for n in range(len(told))]
                for one, other in zip(row[name], told, strict=True):
                    _overlay(one, {}, other)


@remembered
def _naming(entity: Entity) -> tuple[Field, ...]:
    """The fields that name rows."""
    return tuple(field for field in entity.fields.values() if field.entity)


def _meant(value: Row, name: str, entity: Entity, world: World) -> Entity | None:
    """The entity whose row an object is about: by an identifier in it, or by its own name."""
    said = singular(in_words(name))
    for other in _marked(world)[entity.domain]:
        mark = other.identity[0]
        named = other.noun == said and ("id" in value or mark in value)
        if (named or (mark in value and mark not in _BARE)) and other.key != entity.key:
            return other
    return None


@remembered
def _marked(world: World) -> Mapping[str, list[Entity]]:
    """Domain → its entities that one field identifies, in the order of their keys."""
    known = sorted(world.entities.values(), key=lambda one: (one.domain, one.key))
    domains = groupby(known, key=lambda one: one.domain)
    return {domain: [one for one in own if len(one.identity) == 1] for domain, own in domains}


@lru_cache(maxsize=1024)
def _spoken_of(entity: Same[Entity], world: Same[World]) -> frozenset[str]:
    """The entities that objects within an entity's rows could speak of."""
    found: set[str] = set()
    waiting = [(field.name, field.schema) for field in entity.it.fields.values()]
    while waiting:
        name, schema = waiting.pop()
        plain = simple(schema)
        properties = plain.get("properties", {})
        target = _meant(properties, name, entity.it, world.it)
        found |= {target.key} if target is not None else set()
        inner = [(name, plain.get(key)) for key in ("items", "additionalProperties")]
        waiting += [
            (one, part) for one, part in (*inner, *properties.items()) if isinstance(part, dict)
        ]
    return frozenset(found)


def complete(value: Any, field: Field | None, entity: Entity, world: World, rows: Rows) -> None:
    """Give a written object, or those of a list, the names and prices of the rows they name."""
    if field is None or not isinstance(value, list | dict):
        return
    plain = simple(field.schema)
    inner = plain.get("items") if isinstance(value, list) else plain
    rules = simple(inner).get("properties", {}) if isinstance(inner, dict) else {}
    items = value if isinstance(value, list) else [value]
    for item in [one for one in items if isinstance(one, dict)]:
        target = _meant(item, field.name, entity, world)
        known = rows(target.key).values() if target is not None else ()
        mark = target.identity[0] if target is not None else ""
        told = item.get(mark, item.get("id"))
        for other in [row for row in known if row[mark] == told]:
            for name, rule in rules.items():
                fitting = adapt(other[name], rule) if name in other else MISSING
                if name not in item and fitting is not MISSING:
                    item[name] = fitting


@dataclass(frozen=True)
class Whole:
    """Where things that have no rows of their own are kept: observations, in what they are of."""

    entity: Entity
    field: str
    """The list of texts that they are."""
    key: str
    """The part's field that names the row of the whole."""


@lru_cache(maxsize=1024)
def whole_of(world: Same[World], part: Same[Entity]) -> Whole | None:
    """The entity that keeps the things of this kind in a list of texts; None where none does."""
    own = part.it
    field = own.fields.get(own.identity[0]) if len(own.identity) == 1 else None
    target = world.it.entities.get(field.entity or "") if field else None
    if target is None or target.key == own.key or len(target.identity) != 1:
        return None
    for name, kept in target.fields.items():
        schema = simple(kept.schema)
        texts = kind_of(schema) == "array" and kind_of(simple(schema.get("items", {}))) == "string"
        if in_words(name) == plural(own.noun) and texts:
            return Whole(target, name, own.identity[0])
    return None


def parts_in(
    world: World, entity: Entity | None, row: Row | None, find: Callable[[Entity, Key], Row | None]
) -> Any:
    """The parts that a row of the entity stands for; `MISSING` where it keeps none."""
    whole = whole_of(Same(world), Same(entity)) if entity is not None else None
    if whole is None or row is None:
        return MISSING
    held = find(whole.entity, (as_text(row.get(whole.key)),)) or {}
    return held.get(whole.field) or MISSING
