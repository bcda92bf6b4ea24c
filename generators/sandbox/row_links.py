"""How rows hold each other: references, copies of what is referred to, rows inside rows."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from random import Random
from typing import Any

from generators.identity_cache import Same
from generators.lexicon.names import in_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import word_set
from generators.sandbox.row_values import Key, Row, as_text
from generators.sandbox.schema_validity import MISSING, adapt, kind_of, simple
from generators.world.model import Entity, Field, World

_BARE = word_set("id name path title key number code type slug ref")
_MARKS = word_set("id ids key number code name uuid")
_OWN = word_set("status state created_at updated_at quantity")

Rows = Callable[[str], Mapping[Any, Row]]
"""Entity key → its rows, as far as they are made."""


def references(entity: Entity, world: World) -> tuple[Field, ...]:
    """The fields, outside of the identity, that name one row of another entity."""
    return _references(Same(entity), Same(world))


@lru_cache(maxsize=4096)
def _references(entity: Same[Entity], world: Same[World]) -> tuple[Field, ...]:
    entities = world.it.entities
    return tuple(
        field
        for field in entity.it.fields.values()
        if field.entity in entities
        and entities[field.entity or ""].identity
        and field.name not in entity.it.identity
        and kind_of(simple(field.schema)) != "array"
    )


def named_by(field: str, target: Entity) -> str:
    """Which part of the target's identity a field of this name holds."""
    return field if field in target.identity else target.identity[-1]


def find_referred(
    row: Row, entity: Entity | None, name: str, world: World, domain: str
) -> tuple[Entity, Key] | None:
    """Which row a row, or an object within one (no ``entity``), refers to by a name, ``doctor``."""
    field = _field_for(Same(entity), name, Same(world)) if entity is not None else None
    target = world.entities.get(field.entity or "" if field else f"{domain}/{in_words(name)}")
    if target is None or not target.identity:
        return None
    source, head = row, ""
    if field is not None:
        inner = row.get(field.name)
        source, head = (inner, "") if isinstance(inner, dict) else (row, field.name)
    key = []
    for part in target.identity:
        place = head if head and named_by(head, target) == part else part
        if source.get(place) is None:
            return None
        key.append(as_text(source[place]))
    return target, tuple(key)


@lru_cache(maxsize=4096)
def _field_for(entity: Same[Entity], name: str, world: Same[World]) -> Field | None:
    """The field by which an entity's rows refer to what is called so: by its own name, by the noun.

    ``buyer`` is ``buyer_id`` before it is the one field that names a buyer.
    """
    said, nouns = in_words(name), []
    for field in entity.it.fields.values():
        target = world.it.entities.get(field.entity or "")
        if target is None or kind_of(simple(field.schema)) == "array":
            continue
        words = in_words(field.name).split()
        if said in (" ".join(words), " ".join(word for word in words if word not in _MARKS)):
            return field
        nouns += [field] if target.noun == said else []
    return nouns[0] if nouns else None


def refer(row: dict[str, Any], field: Field, entity: Entity, target: Entity, other: Row) -> None:
    """Let the row's field name ``other``, and copy what the row repeats of it, such as a name."""
    if isinstance(row.get(field.name), dict):
        overlay(row[field.name], simple(field.schema).get("properties", {}), other)
        return
    value = adapt(other[named_by(field.name, target)], field.schema)
    if value is MISSING:
        return
    row[field.name] = value
    for name, copy in _repeated(field.name, Same(entity), Same(target)):
        fitting = adapt(other[copy], entity.fields[name].schema) if copy in other else MISSING
        if fitting is not MISSING:
            row[name] = fitting


@lru_cache(maxsize=4096)
def _repeated(
    reference: str, entity: Same[Entity], target: Same[Entity]
) -> tuple[tuple[str, str], ...]:
    """Pairs (own field, the other's): ``customer_email`` repeats the customer's ``email``."""
    words = [word for word in in_words(reference).split() if word not in _MARKS]
    found = []
    for name in entity.it.fields:
        said = in_words(name)
        for stem in {" ".join(words), target.it.noun} - {""}:
            short = said.removeprefix(f"{stem} ").replace(" ", "_")
            if said.startswith(f"{stem} ") and name != reference and short in target.it.fields:
                found.append((name, short))
    return tuple(sorted(set(found)))


def overlay(inner: dict[str, Any], properties: Mapping[str, Any], other: Row) -> None:
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
    if isinstance(value, list):
        used: list[Row] = []
        for item in value:
            _embed_one(item, name, entity, world, rows, rng, outer, used)
    else:
        _embed_one(value, name, entity, world, rows, rng, outer, [])


def _embed_one(
    value: Any, name: str, entity: Entity, world: World, rows: Rows, rng: Random, outer: Row,
    used: list[Row],
) -> None:  # fmt: skip
    if not isinstance(value, dict):
        return
    target = _meant(value, name, entity, world)
    known = list(rows(target.key).values()) if target else []
    if target is not None and known:
        common = [n for n, field in target.fields.items() if field.entity and n in outer]
        known = [one for one in known if all(one.get(n) == outer[n] for n in common)] or known
        known = [one for one in known if one not in used] or known
        used.append(rng.choice(known))
        overlay(value, {}, used[-1])
    for inner, item in value.items():
        embed(item, inner, entity, world, rows, rng, outer)


def _meant(value: Row, name: str, entity: Entity, world: World) -> Entity | None:
    """The entity whose row an object is about: by an identifier in it, or by its own name."""
    said = singular(in_words(name))
    for other in _marked(Same(world), entity.domain):
        mark = other.identity[0]
        if mark in value and (mark not in _BARE or other.noun == said) and other.key != entity.key:
            return other
    return None


@lru_cache(maxsize=1024)
def spoken_of(entity: Same[Entity], world: Same[World]) -> frozenset[str]:
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
        inner += [*properties.items()]
        waiting += [(one, part) for one, part in inner if isinstance(part, dict)]
    return frozenset(found)


@lru_cache(maxsize=1024)
def _marked(world: Same[World], domain: str) -> tuple[Entity, ...]:
    """The entities of a domain that one field identifies, in the order of their keys."""
    known = sorted(world.it.entities.values(), key=lambda one: one.key)
    return tuple(one for one in known if one.domain == domain and len(one.identity) == 1)


def complete(value: Any, field: Field | None, entity: Entity, world: World, rows: Rows) -> None:
    """Give the objects of a written list the names and prices of the rows that they name."""
    if field is None or not isinstance(value, list):
        return
    items = simple(simple(field.schema).get("items", {}))
    for item in value:
        target = _meant(item, field.name, entity, world) if isinstance(item, dict) else None
        if target is None:
            continue
        mark = target.identity[0]
        named = (row for row in rows(target.key).values() if row[mark] == item[mark])
        for other in named:
            for name, rule in items.get("properties", {}).items():
                fitting = adapt(other[name], rule) if name in other else MISSING
                if name not in item and fitting is not MISSING:
                    item[name] = fitting
