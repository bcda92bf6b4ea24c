"""What the rows that a world begins with hold, made from the seed alone.

In steps that cannot run in circles, each on demand: what rows hold of their own (*own*), what they
hold of others (*linked*), and lists of rows that name them (*rows*). Which rows there are is known
in `generators.sandbox.frames`.
"""

from collections.abc import Collection, Iterable, Mapping
from random import Random
from typing import Any

from generators.sandbox.coherence import put_right
from generators.sandbox.files import content
from generators.sandbox.fitting import MISSING, adapt, fits, kind_of, simple
from generators.sandbox.frames import Frames
from generators.sandbox.links import embed, refer, references
from generators.sandbox.matching import Key, Row, as_text, copied
from generators.sandbox.scene import Scene
from generators.sandbox.timing import agree
from generators.world import Entity, Field, World
from schemas.canonical import content_hash
from schemas.record import JsonObject

_MOST_LISTED = 8


def is_filed(entity: Entity) -> bool:
    """Whether the entity is named by a path in a tree of folders."""
    if len(entity.identity) != 1:
        return False
    field = entity.fields.get(entity.identity[0])
    return entity.identity == ("path",) or (field is not None and field.semantic == "path")


def key_of(entity: Entity, row: Row) -> Key:
    """The row's place in its table: its identity as text; its content where it has no identity."""
    if not entity.identity:
        return (content_hash(dict(row)),)
    return tuple(as_text(row.get(name)) for name in entity.identity)


class Seeds:
    """The seeded tables of one world, seed and clock; each is made when it is first asked for."""

    def __init__(self, world: World, seed: int, clock: str) -> None:
        self.world = world
        self.frames = Frames(world, seed, clock)
        self._own: dict[str, dict[Key, JsonObject]] = {}
        self._linked: dict[str, dict[Key, JsonObject]] = {}
        self._rows: dict[str, dict[Key, Row]] = {}

    def rows(self, key: str) -> Mapping[Key, Row]:
        """The rows of an entity, finished, in the order in which they were made."""
        if key not in self._rows:
            entity = self.world.entities[key]
            made = [self._gather(entity, row) for row in self.linked(key).values()]
            self._rows[key] = {key_of(entity, row): row for row in made}
        return self._rows[key]

    def own(self, key: str) -> Mapping[Key, JsonObject]:
        """Rows without what they hold of others."""
        if key not in self._own:
            entity = self.world.entities[key]
            self._own[key] = {}
            for number, frame in enumerate(self.frames.of(key)):
                fixed = {**frame.shared, **frame.identity}
                row = self.fill(entity, frame.rng, frame.scene, fixed)
                self._own[key][key_of(entity, row) if entity.identity else (str(number),)] = row
        return self._own[key]

    def linked(self, key: str) -> Mapping[Key, JsonObject]:
        """Rows with their references, and with what they repeat of the rows referred to."""
        if key not in self._linked:
            entity = self.world.entities[key]
            frames, made = self.frames.of(key), {}
            for number, (name, row) in enumerate(self.own(key).items()):
                made[name] = self.point(entity, copied(row), number, frames[number].cluster)
            self._linked[key] = made
        return self._linked[key]

    def fill(self, entity: Entity, rng: Random, scene: Scene, fixed: JsonObject) -> JsonObject:
        """A row of invented values around the fixed ones."""
        row: JsonObject = {}
        for name in entity.fields:
            if name in fixed:
                row[name] = copied(fixed[name])
            else:
                row[name] = self.frames.value(entity, name, rng, scene)
        row |= {name: copied(value) for name, value in fixed.items() if name not in row}
        if is_filed(entity) and isinstance(row.get("content"), str) and "content" not in fixed:
            row["content"] = content(str(row[entity.identity[0]]), rng)
        kept = {name: row[name] for name in fixed}
        schemas = schemas_of(entity)
        agree(row, schemas, self.frames.clock, fixed, rng)
        return put_right(row, schemas) | kept

    def point(
        self,
        entity: Entity,
        row: JsonObject,
        number: int,
        cluster: int,
        given: Collection[str] = (),
    ) -> JsonObject:
        """The row with its references set, but for the given ones.

        Those that are searched by change from cluster to cluster, others from row to row.
        """
        used: set[tuple[str, Key]] = set()
        composite: dict[str, Row] = {}
        for field in references(entity, self.world):
            if field.name in given:
                continue
            target = self.world.entities[field.entity or ""]
            turn = cluster if field.shared else number
            chosen = composite.get(target.key) if len(target.identity) > 1 else None
            chosen = chosen or self._choose(entity, field, target, row, turn, used)
            if chosen is not None:
                composite.setdefault(target.key, chosen)
                refer(row, field, entity, target, chosen)
        return row

    def _choose(
        self, entity: Entity, field: Field, target: Entity, row: Row, turn: int,
        used: set[tuple[str, Key]],
    ) -> Row | None:  # fmt: skip
        """A row of the target, in the same scope, in turn, and not one that is named already."""
        known = list(self.own(target.key).items())
        within = [name for name in target.identity if name in entity.identity and name in row]
        near = [(key, other) for key, other in known if all(other[n] == row[n] for n in within)]
        known = near or known
        if target.key == entity.key:
            mine = key_of(entity, row)
            known = [pair for pair in known if pair[0] != mine]
        self.frames.stream(entity.key, field.name, "order").shuffle(known)
        for step in range(len(known)):
            key, other = known[(turn + step) % len(known)]
            if (target.key, key) not in used:
                used.add((target.key, key))
                return other
        return known[turn % len(known)][1] if known else None

    def _gather(self, entity: Entity, linked: JsonObject) -> Row:
        """The row with its lists: identifiers of rows that name it, objects that speak of rows."""
        row: JsonObject = copied(linked)
        rng: Random | None = None
        for field in entity.fields.values():
            schema = simple(field.schema)
            if kind_of(schema) not in ("array", "object") or field.name in entity.identity:
                continue
            rng = rng or self.frames.stream(entity.key, key_of(entity, row), "lists")
            target = self.world.entities.get(field.entity or "")
            if target is not None and target.identity and kind_of(schema) == "array":
                row[field.name] = self._listed(entity, row, field, target, rng)
            embed(row[field.name], field.name, entity, self.world, self.own, rng)
        return put_right(row, schemas_of(entity)) if rng else row

    def _listed(
        self, entity: Entity, row: Row, field: Field, target: Entity, rng: Random
    ) -> list[Any]:
        """Identifiers of the rows that name this one; of a few, where the target names none."""
        schema = simple(field.schema)
        items = schema.get("items", {})
        if kind_of(simple(items)) == "object":
            return list(row[field.name])
        others: Iterable[Row] = self.linked(target.key).values()
        back = [one.name for one in references(target, self.world) if one.entity == entity.key]
        if back and len(entity.identity) == 1:
            mine = row[entity.identity[0]]
            others = [other for other in others if any(other[name] == mine for name in back)]
        else:
            others = rng.sample(list(others), k=min(3, len(self.linked(target.key))))
        found = [adapt(other[target.identity[-1]], items) for other in others]
        found = [one for one in found if one is not MISSING][: schema.get("maxItems", _MOST_LISTED)]
        return found if fits(found, schema) else list(row[field.name])


def schemas_of(entity: Entity) -> dict[str, JsonObject]:
    """Field → its schema."""
    return {name: field.schema for name, field in entity.fields.items()}
