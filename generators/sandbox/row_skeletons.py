"""Which rows a world begins with: their identities, and the clusters that they lie in.

Neighbouring rows form clusters of two to four, of large rows one or two, that share the values of
the fields that are searched by, so that a search finds several. What else the rows hold is filled
in by `generators.sandbox.seeding`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.names import in_words
from generators.sandbox.constraints import rules_of
from generators.sandbox.file_values import readable, relative
from generators.sandbox.people import People
from generators.sandbox.row_links import spoken_of
from generators.sandbox.row_states import state_field
from generators.sandbox.row_times import agree
from generators.sandbox.row_values import Key, as_text
from generators.sandbox.schema_validity import fits, kind_of, simple
from generators.sandbox.times import read_clock
from generators.sandbox.values import LARGE, Maker, leaf_count, maker
from generators.world.model import Entity, Field, World
from schemas.canonical import derive_seed
from schemas.record import JsonObject

_LEAST_ROWS, _MOST_ROWS = 8, 14
_MOST_CLUSTERS = 14
_FEW_SCOPES = 4
_TRIES = 40
_APART = 3


@dataclass(frozen=True)
class RowSkeleton:
    """A row before it is filled: its identity, its cluster, its people and places."""

    identity: JsonObject
    cluster: int
    rng: Random
    scene: People
    shared: JsonObject


def field_of_entity(entity: Entity, name: str) -> Field:
    """The entity's field; an identity part that is no field of its own counts as an identifier."""
    known = entity.fields.get(name)
    return known or Field(name=name, schema={"type": "string"}, semantic="opaque_id")


def _in_repository(entity: Entity) -> bool:
    """Whether the rows lie in a repository, so that their paths start at its root."""
    names = ("repo", "repository", "repo path", "repository path")
    return any(in_words(name) in names for name in entity.fields)


@remembered
def schemas_of(entity: Entity) -> Mapping[str, JsonObject]:
    """Field → its schema."""
    return {name: field.schema for name, field in entity.fields.items()}


@remembered
def _is_large(entity: Entity) -> bool:
    """Whether a row holds so many values that fewer rows do."""
    return sum(leaf_count(Same(one.schema)) for one in entity.fields.values()) > 2 * LARGE


@lru_cache(maxsize=8)
def numbered(world: Same[World]) -> frozenset[tuple[str, str]]:
    """(entity, field) of identities that some tool's parameter takes as a number."""
    found = set()
    for model in world.it.models.values():
        for parameter in model.parameters:
            target = world.it.entities.get(parameter.entity or "")
            names = (parameter.field or "", parameter.name)
            if target is not None and kind_of(simple(parameter.schema)) in ("integer", "number"):
                part = next((name for name in names if name in target.identity), "")
                last = target.identity[-1] if len(target.identity) == 1 else ""
                found.add((target.key, part or last))
    return frozenset(found)


def _one_of(examples: Sequence[Any], field: Field) -> Maker:
    """One of the examples that the world model has; what lies in the city follows it."""

    def draw(scene: People, _: datetime) -> Any:
        value = scene.rng.choice(examples)
        if field.semantic == "city":
            scene.settle(field.name, str(value))
        return value

    return draw


def _inside(make: Maker) -> Maker:
    """Paths of texts, from the root of their repository on."""

    def draw(scene: People, clock: datetime) -> Any:
        value = make(scene, clock)
        if isinstance(value, list):
            return [relative(readable(one, scene.rng)) for one in value]
        return relative(readable(value, scene.rng)) if isinstance(value, str) else value

    return draw


@lru_cache(maxsize=8)
def searched_by(world: Same[World]) -> frozenset[tuple[str, str]]:
    """(entity, field) that some list demands: what is found by it has this in common."""
    return frozenset(
        (model.entity or "", (parameter.field or parameter.name).partition(".")[0])
        for model in world.it.models.values()
        for parameter in model.parameters
        if model.operation == "list" and parameter.required
    )


_SHARING = frozenset(
    "order cart basket playlist wishlist invoice shipment return collection watchlist itinerary"
    " bundle refund".split()
)
"""Things that list what others may list as well: two orders of one product."""


@lru_cache(maxsize=1024)
def owner_of(world: Same[World], key: str) -> tuple[str, str] | None:
    """(entity, field) of the list that each row of this entity stands in once: a product's items.

    None where no entity lists them, or where the rows say themselves to what they belong.
    """
    entities = world.it.entities
    for other in sorted(entities.values(), key=lambda one: one.key):
        if other.key == key or other.noun.rsplit(" ", 1)[-1] in _SHARING or not other.identity:
            continue
        back = any(field.entity == other.key for field in entities[key].fields.values())
        listing = [
            field.name
            for field in other.fields.values()
            if field.entity == key and kind_of(simple(field.schema)) == "array"
        ]
        if listing and not back:
            return (other.key, listing[0])
    return None


def _pointing(world: World, entity: Entity) -> list[tuple[Field, Entity]]:
    """The fields that name rows of an entity, with that entity."""
    named = [(one, world.entities.get(one.entity or "")) for one in entity.fields.values()]
    return [(field, other) for field, other in named if other is not None]


@lru_cache(maxsize=4096)
def _reached(world: Same[World], key: str, nested: bool = False) -> frozenset[str]:
    """The entities whose rows those of an entity name, and those that these name, and so on.

    ``nested``: those that objects within rows speak of too, and those that constraints ask for.
    """
    found: set[str] = set()
    waiting = [key]
    while waiting:
        entity = world.it.entities[waiting.pop()]
        named = {target.key for _, target in _pointing(world.it, entity)}
        if nested:
            asked = {f"{entity.domain}/{n}" for rule in rules_of(entity) for n in rule.entities}
            named |= spoken_of(Same(entity), world) | (asked & world.it.entities.keys())
        waiting += sorted(named - found)
        found |= named
    return frozenset(found)


@remembered
def _makers_of(world: World) -> dict[str, dict[str, Maker]]:
    """Entity → field → how its values are drawn, as far as it was asked for."""
    return {key: {} for key in world.entities}


class RowSkeletons:
    """The identities of one world, seed and clock; each entity's are made when first asked for."""

    def __init__(self, world: World, seed: int, clock: str) -> None:
        self.world, self.seed, self.clock = world, seed, read_clock(clock)
        self._numbered = numbered(Same(world))
        self._frames: dict[str, list[RowSkeleton]] = {}
        self._common: dict[tuple[str, str], bool] = {}
        self._makers = _makers_of(world)

    def stream(self, *parts: Any) -> Random:
        """A random stream of this seed for a purpose."""
        return Random(derive_seed(self.seed, *parts))

    def is_common(self, entity: Entity, field: Field) -> bool:
        """Whether the rows of a cluster share this field's value: a search finds several by it."""
        place = (entity.key, field.name)
        if place not in self._common:
            told = field.semantic in ("boolean", "date", "datetime") or "enum" in field.schema
            demanded = place in searched_by(Same(self.world))
            common = demanded or (field.shared and not told)
            self._common[place] = common and field.name != state_field(entity)
        return self._common[place]

    def scope(self, entity: Entity) -> Entity | None:
        """The entity whose identity is the greatest part of this one's: a repository for issues."""
        found = [
            other
            for other in self.world.entities.values()
            if other.domain == entity.domain
            and 0 < len(other.identity) < len(entity.identity)
            and set(other.identity) < set(entity.identity)
        ]
        return max(found, key=lambda other: (len(other.identity), other.key), default=None)

    def of(self, key: str) -> list[RowSkeleton]:
        """The identities of an entity, and their clusters."""
        if key not in self._frames:
            self._frames[key] = self._make_frames(self.world.entities[key])
        return self._frames[key]

    def _make_frames(self, entity: Entity) -> list[RowSkeleton]:
        rng = self.stream(entity.key, "frames")
        scopes = self._scopes(entity, rng)
        least = max((len(self.of(key)) for key in self._gathered(entity)), default=0)
        clusters = max(min(least, _MOST_CLUSTERS), len(scopes) if scopes[0] else 0)
        total = rng.randint(_LEAST_ROWS, _MOST_ROWS)
        large = _is_large(entity)
        total //= 2 if large else 1
        total *= 2 if owner_of(Same(self.world), entity.key) is not None else 1
        frames: list[RowSkeleton] = []
        taken: set[Key] = set()
        cluster = 0
        while len(frames) < total or cluster < clusters:
            parent = People(rng)
            shared = self._shared(entity, rng, parent)
            for _ in range(rng.randint(1, 2) if large else rng.randint(2, 4)):
                frame = self._frame(entity, scopes, cluster, parent, shared, taken, rng)
                frames += [frame] if frame else []
            cluster += 1
            if cluster > _MOST_CLUSTERS * 2:
                break
        return frames

    def _gathered(self, entity: Entity) -> list[str]:
        """Entities by whose rows this one's rows are listed: each should have some."""
        return [
            other.key
            for field, other in _pointing(self.world, entity)
            if self.is_common(entity, field)
            and other.key != entity.key and field.name not in entity.identity
            and len(other.identity) == 1 and not self.leans_on(other.key, entity.key)
        ]  # fmt: skip

    def leans_on(self, key: str, other: str) -> bool:
        """Whether making the frames of ``key`` could ask for those of ``other``."""
        return other in _reached(Same(self.world), key)

    def is_made_without(self, key: str, other: str) -> bool:
        """Whether the rows of ``key`` are made, lists and all, without a look at ``other``."""
        return key != other and other not in _reached(Same(self.world), key, nested=True)

    def _scopes(self, entity: Entity, rng: Random) -> list[JsonObject]:
        """The first parts of a composite identity, in few variants; one empty for a simple one."""
        if len(entity.identity) < 2:
            return [{}]
        outer = self.scope(entity)
        known = [frame.identity for frame in self.of(outer.key)] if outer else []
        names = entity.identity[:-1]
        if outer is None and all(self._named(entity, name) for name in names):
            return [{}]
        scopes = []
        for number in range(len(known) or _FEW_SCOPES):
            scope = {
                name: known[number][name]
                for name in names
                if known and name in known[number] and self._may_be(entity, name, known[number])
            }
            scene = People(rng)
            for name in names:
                if name not in scope:
                    scope[name] = self.value(entity, name, rng, scene)
            scopes.append(scope)
        return scopes

    def _may_be(self, entity: Entity, name: str, outer: JsonObject) -> bool:
        """Whether a part of an outer identity may be this one's, and is no other kind's ``sid``."""
        return fits(outer[name], field_of_entity(entity, name).schema)

    def _shared(self, entity: Entity, rng: Random, scene: People) -> JsonObject:
        shared = {
            field.name: self.value(entity, field.name, rng, scene)
            for field in entity.fields.values()
            if self.is_common(entity, field)
            and field.entity is None
            and field.name not in entity.identity
            and field.shared
        }
        agree(shared, schemas_of(entity), self.clock, (), rng)
        return shared

    def _frame(
        self, entity: Entity, scopes: list[JsonObject], cluster: int, parent: People,
        shared: JsonObject, taken: set[Key], rng: Random,
    ) -> RowSkeleton | None:  # fmt: skip
        """A new row; None where the identity's schema has no further value."""
        own = Random(rng.getrandbits(63))
        for _ in range(_TRIES):
            scene = People(own, parent)
            identity = dict(scopes[cluster % len(scopes)])
            for name in entity.identity:
                if name not in identity:
                    number = len(taken) + _APART * len(identity)
                    identity[name] = self._identify(entity, name, own, scene, number)
            key = tuple(as_text(identity[name]) for name in entity.identity)
            if key not in taken or not key:
                taken.add(key or (str(len(taken)),))
                return RowSkeleton(identity, cluster, own, scene, shared)
        return None

    def _identify(self, entity: Entity, name: str, rng: Random, scene: People, count: int) -> Any:
        target = self._named(entity, name)
        if target is not None:
            known = self.of(target.key)
            return known[count % len(known)].identity[target.identity[0]]
        return self.value(entity, name, rng, scene)

    def _named(self, entity: Entity, name: str) -> Entity | None:
        """The entity whose own identity this one's identity is: a cart's user."""
        other = self.world.entities.get(field_of_entity(entity, name).entity or "")
        if other is None or other.key == entity.key or len(other.identity) != 1:
            return None
        return None if field_of_entity(other, other.identity[0]).entity else other

    def value(self, entity: Entity, name: str, rng: Random, scene: People | None = None) -> Any:
        """A value for a field, drawn from the stream that is the scene's too."""
        return self.maker(entity, name)(scene or People(rng), self.clock)

    def maker(self, entity: Entity, name: str) -> Maker:
        """How a field's values are drawn; in digits where some tool asks for a number."""
        known = self._makers[entity.key]
        if name not in known:
            known[name] = self._maker(entity, name)
        return known[name]

    def _maker(self, entity: Entity, name: str) -> Maker:
        field = field_of_entity(entity, name)
        examples = [one for one in field.examples if fits(one, field.schema)]
        if examples:
            return _one_of(examples, field)
        if (entity.key, name) in self._numbered and fits("1", field.schema):
            return lambda scene, _: str(scene.rng.randint(1_000, 99_999))
        make = maker(field.semantic, simple(field.schema), name, entity.noun)
        inside = field.semantic == "path" and len(entity.fields) > 1 and _in_repository(entity)
        return _inside(make) if inside and "repo" not in in_words(name) else make
