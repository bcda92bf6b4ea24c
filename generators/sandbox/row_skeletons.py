"""Which rows a world begins with: their identities, and the clusters that they lie in.

Neighbouring rows form clusters of two to four that share the values of
the fields that are searched by, so that a search finds several. What else the rows hold is filled
in by `generators.sandbox.seeding`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from random import Random
from typing import Any

from generators.identity_cache import Same, remembered
from generators.lexicon.meanings import means_several, named_beside
from generators.lexicon.names import in_words
from generators.lexicon.tables import load_words
from generators.sandbox.described_rows import choose_told, meet_told, write_moment
from generators.sandbox.file_values import source_path
from generators.sandbox.kin_rows import number_down
from generators.sandbox.people import People, Person
from generators.sandbox.phrases import count_names
from generators.sandbox.row_links import owner_of, reached
from generators.sandbox.row_states import state_field
from generators.sandbox.row_values import Key, as_text, leading_fields, schemas_of
from generators.sandbox.schema_validity import MISSING, fits, kind_of, simple
from generators.sandbox.times import agree, moment_about, order_dates
from generators.sandbox.values import Maker, make_maker
from generators.world.model import Entity, Field, World
from generators.world.schema_leaves import listed_schema
from schemas.canonical import derive_seed
from schemas.record import JsonObject

_LEAST_ROWS, _MOST_ROWS = 8, 14
_MOST_CLUSTERS = 14
_FEW_SCOPES, _FEW = 4, 5
_TRIES = 40
_APART = 3
_TOLD_TOGETHER = 3
"""Rows that are told and lie in one cluster."""


@dataclass(frozen=True)
class RowSkeleton:
    """A row before it is filled: its identity, its cluster, its people and places."""

    identity: JsonObject
    cluster: int
    rng: Random
    scene: People
    shared: JsonObject
    told: JsonObject
    """Of a row that the world model tells whole: all that it tells; else nothing."""


def _field_of(entity: Entity, name: str) -> Field:
    """The entity's field; an identity part that is no field of its own counts as an identifier."""
    known = entity.fields.get(name)
    return known or Field(name=name, schema={"type": "string"}, semantic="opaque_id")


@remembered
def common_fields(world: World) -> frozenset[tuple[str, str]]:
    """(entity, field) that the rows of a cluster share: a search finds several by it."""
    demanded = {
        (model.entity, (parameter.field or parameter.name).partition(".")[0])
        for model in world.models.values()
        for parameter in model.parameters
        if model.operation == "list" and parameter.required
    }
    return frozenset(
        (key, field.name)
        for key, entity in world.entities.items()
        for field in entity.fields.values()
        if field.name != state_field(entity)
        and ((key, field.name) in demanded or (field.shared and "enum" not in field.schema
             and field.semantic not in ("boolean", "date", "datetime")))
    )  # fmt: skip


@remembered
def _numbered(world: World) -> frozenset[tuple[str, str]]:
    """(entity, field) of identities that some tool's parameter takes as a number."""
    found = set()
    for model in world.models.values():
        for parameter in model.parameters:
            target = world.entities.get(parameter.entity or "")
            names = (parameter.field or "", parameter.name)
            if target is not None and kind_of(simple(parameter.schema)) in ("integer", "number"):
                last = target.identity[-1] if len(target.identity) == 1 else ""
                part = next((name for name in names if name in target.identity), last)
                found.add((target.key, part))
    return frozenset(found)


@lru_cache(maxsize=1024)
def makers_of(world: Same[World], key: str) -> Mapping[str, Maker]:
    """How the values of an entity's fields are drawn, by the field."""
    entity = world.it.entities[key]
    return {
        name: _make_maker(world.it, entity, name) for name in (*entity.fields, *entity.identity)
    }


def _make_maker(world: World, entity: Entity, name: str) -> Maker:
    """Out of the examples that the world model has; in digits where a tool asks for a number."""
    field = _field_of(entity, name)
    examples = [one for one in field.examples if fits(one, field.schema)]
    if examples and field.semantic == "city":  # what lies in the city follows it
        return lambda scene, _: scene.settle(name, str(scene.rng.choice(examples)))
    if examples:
        return lambda scene, _: scene.rng.choice(examples)
    members = listed_schema(field.schema)
    each = [one for one in field.examples if members and fits(one, members)]
    fewest = max(1, field.schema.get("minItems", 1))
    most = min(len(each), max(fewest, 3), field.schema.get("maxItems", len(each)))
    if fewest <= most:
        return lambda scene, _: scene.rng.sample(each, scene.rng.randint(fewest, most))
    if (entity.key, name) in _numbered(world) and fits("1", field.schema):
        return lambda scene, _: str(scene.rng.randint(1_000, 99_999))
    noun = called_like(world, entity)
    make = make_maker(field.semantic, Same(simple(field.schema)), name, noun)
    if field.when is not None and field.semantic in ("date", "datetime"):
        return partial(_write_near, field, entity.noun, make)
    repositories = ("repo", "repository", "repo path", "repository path")
    located = len(entity.fields) > 1 and any(in_words(one) in repositories for one in entity.fields)
    if field.semantic != "path" or not located or "repo" in in_words(name):
        return make
    return lambda scene, clock: source_path(make(scene, clock), scene.rng)


def _write_near(field: Field, noun: str, make: Maker, scene: People, clock: datetime) -> Any:
    written = write_moment(moment_about(field, noun, scene.rng, clock), field)
    return make(scene, clock) if written is MISSING else written


def _name_main(entity: Entity, identities: Sequence[JsonObject]) -> None:
    """Let each repository have the branch from which others are made, the first of its own."""
    *scope, last = entity.identity
    seen: set[Key] = set()
    named = {tuple(one.values()) for one in identities}
    for one in identities:
        within = tuple(as_text(one[name]) for name in scope)
        main = {**one, last: "main"}
        if within not in seen and tuple(main.values()) not in named and isinstance(one[last], str):
            one[last] = "main"
        seen.add(within)


def _draw_lead(entity: Entity, rng: Random) -> tuple[JsonObject, JsonObject]:
    """A value that says parts of a composite identity, and those: Bastille Day, a 14 July's.

    Both empty where no field has such values.
    """
    for field in leading_fields(entity):
        value = rng.choice([*field.implies])
        told = {
            name: rng.choice(one) if isinstance(one, list) else one
            for name, one in field.implies[value].items()
            if name in entity.identity
        }
        led = {field.name: value}
        if all(fits(one, _field_of(entity, name).schema) for name, one in (led | told).items()):
            return ({}, led | told) if field.name in entity.identity else (led, told)
    return {}, {}


class RowSkeletons:
    """The identities of one world, seed and clock; each entity's are made when first asked for."""

    def __init__(self, world: World, seed: int, clock: str) -> None:
        self.world, self.seed, self.clock = world, seed, datetime.fromisoformat(clock)
        self._frames: dict[str, list[RowSkeleton]] = {}
        self._common: dict[str, JsonObject] = {}

    def stream(self, *parts: Any) -> Random:
        """A random stream of this seed for a purpose."""
        return Random(derive_seed(self.seed, *parts))

    def value(self, entity: Entity, name: str, rng: Random, scene: People | None = None) -> Any:
        """A value for a field, drawn from the stream that is the scene's too."""
        return makers_of(Same(self.world), entity.key)[name](scene or People(rng), self.clock)

    def settle_home(self, entity: Entity, scene: People) -> None:
        """Let a scene lie where all rows of the world do, if they lie in one place."""
        places = [one for one in (*entity.fields.values(), *entity.parts.values())
                  if one.common and one.semantic == "city"]  # fmt: skip
        for field in places:
            rng = self.stream("home", entity.domain)
            chosen = rng.choice(field.examples) if field.examples else People(rng).place("").city
            scene.settle(field.name.rpartition(".")[2], str(chosen))

    def common(self, entity: Entity) -> JsonObject:
        """The values that all rows of the entity have."""
        if entity.key not in self._common:
            found: JsonObject = {}
            met: dict[str, Person] = {}
            for field in entity.fields.values():
                if field.common:
                    rng = self.stream("common", entity.domain, field.name)
                    scene = People(rng, people=met)
                    self.settle_home(entity, scene)
                    city = scene.sites.get("") if field.semantic == "city" else None
                    found[field.name] = city.city if city else self.value(
                        entity, field.name, rng, scene)  # fmt: skip
            self._common[entity.key] = found
        return self._common[entity.key]

    def of(self, key: str) -> list[RowSkeleton]:
        """The identities of an entity, and their clusters."""
        if key in self._frames:
            return self._frames[key]
        entity, rng = self.world.entities[key], self.stream(key, "frames")

        def named(key: str) -> set[str]:
            last = self.world.entities[key].identity[-1]
            return {as_text(frame.identity[last]) for frame in self.of(key)}

        frames: list[RowSkeleton] = []
        taken: set[Key] = set()
        # The rows that the world model tells whole; what they do not tell of is drawn.
        whole = choose_told(entity, self.world, named, rng, self.clock) if entity.rows else ()
        for number, told in enumerate(whole):
            own, parent = Random(rng.getrandbits(63)), People(rng)
            self.settle_home(entity, parent)
            scope = {name: told[name] for name in entity.identity if name in told}
            identity, scene = self._identify(entity, scope, own, parent, taken)
            if identity is not None:
                meet_told(told, entity, scene)
                shared, cluster = self.common(entity) | told, number // _TOLD_TOGETHER
                frames.append(RowSkeleton(identity, cluster, own, scene, shared, told))
        self._frames[key] = frames or self._draw(entity, rng)
        return self._frames[key]

    def _draw(self, entity: Entity, rng: Random) -> list[RowSkeleton]:
        world = Same(self.world)
        common = [
            f for f in entity.fields.values() if (entity.key, f.name) in common_fields(world.it)
        ]
        common = [field for field in common if field.name not in entity.identity]
        scopes = self._scopes(entity, rng)
        # Of the entities by whose rows these are listed, each row should have some.
        others = (self.world.entities.get(field.entity or "") for field in common)
        listing = [
            other.key
            for other in others
            if other is not None and len(other.identity) == 1 and other.key != entity.key
            and entity.key not in reached(world, other.key)
        ]  # fmt: skip
        least = max((len(self.of(other)) for other in listing), default=0)
        clusters = max(min(least, _MOST_CLUSTERS), len(scopes) if scopes[0] else 0)
        total = rng.randint(*(entity.number or (_LEAST_ROWS, _MOST_ROWS)))
        if entity.number is None and owner_of(world, entity.key) is not None:
            total *= 2
        size = entity.group or (2, 4)
        frames: list[RowSkeleton] = []
        taken: set[Key] = set()
        for cluster in range(2 * _MOST_CLUSTERS + 1):
            if len(frames) >= total and cluster >= clusters:
                break
            parent = People(rng)
            self.settle_home(entity, parent)
            shared = {
                field.name: self.value(entity, field.name, rng, parent)
                for field in common
                if field.shared and field.entity is None and not field.common
            } | self.common(entity)
            order_dates(shared, schemas_of(entity))
            agree(shared, schemas_of(entity), self.clock, (), rng)
            for _ in range(rng.randint(*size)):
                own, scope = Random(rng.getrandbits(63)), scopes[cluster % len(scopes)]
                led, told = _draw_lead(entity, own)
                for _ in range(_TRIES):
                    identity, scene = self._identify(entity, scope | told, own, parent, taken)
                    if identity is not None or not told:
                        break
                    led, told = _draw_lead(entity, own)  # that row there is
                if identity is not None:
                    frames.append(RowSkeleton(identity, cluster, own, scene, shared | led, {}))
        free = entity.number is None and len(entity.identity) == 1
        named = count_names(entity.noun) if free else 0
        if named:  # there are no two genres called drama
            frames = frames[: 1 + named * 2 // 3]
        elif free and entity.noun.rpartition(" ")[2] in load_words("relations", "few"):
            frames = frames[:_FEW]
        number_down(entity, [frame.identity for frame in frames])
        if entity.noun.rpartition(" ")[2] == "branch" and entity.identity:
            _name_main(entity, [frame.identity for frame in frames])
        return frames

    def _scopes(self, entity: Entity, rng: Random) -> list[JsonObject]:
        """The first parts of a composite identity, in few variants; one empty for a simple one.

        They are those of the entity whose identity is the greatest part: a repository for issues.
        Where it is all, as of a release that a tag names, they are those of such rows.
        """
        mark = in_words(entity.identity[-1]) if len(entity.identity) > 1 else ""
        outer = [
            other
            for other in self.world.entities.values()
            if other.domain == entity.domain and other.identity
            and (set(other.identity) < set(entity.identity)
                 or (other.identity == entity.identity and other.noun == mark != entity.noun))
        ]  # fmt: skip
        scope = max(outer, key=lambda other: (len(other.identity), other.key), default=None)
        whole = scope is not None and len(scope.identity) == len(entity.identity)
        names = entity.identity if whole else entity.identity[:-1]
        if not names or (scope is None and all(self._named(entity, name) for name in names)):
            return [{}]
        known = [frame.identity for frame in self.of(scope.key)] if scope else []
        scopes = []
        for identity in known or [{}] * _FEW_SCOPES:
            scene = People(rng)
            made = {
                name: identity[name]
                for name in names  # and it is no other kind's ``sid``
                if name in identity and fits(identity[name], _field_of(entity, name).schema)
            }
            for name in names:
                if name in made:
                    continue
                target = self._named(entity, name)  # the cluster of a namespace's pods
                made[name] = self.value(entity, name, rng, scene)
                if target is not None and (rows := self.of(target.key)):
                    drawn = rng.choice(rows).identity[target.identity[0]]
                    made[name] = (
                        drawn if fits(drawn, _field_of(entity, name).schema) else made[name]
                    )
            scopes.append(made)
        return scopes

    def _identify(
        self, entity: Entity, scope: JsonObject, rng: Random, parent: People, taken: set[Key]
    ) -> tuple[JsonObject | None, People]:  # fmt: skip
        """A new identity, and its people; None where the schema has no further value.

        ``scope``: the parts that are settled.
        """
        targets = {name: self._named(entity, name) for name in entity.identity if name not in scope}
        # What is another's in all its parts is the same however often it is drawn.
        for _ in range(_TRIES if None in targets.values() else 1):
            scene, identity = People(rng, parent), dict(scope)
            # The addresses within a row lie in one of the cities that are said of them.
            for path, part in entity.parts.items():
                cities = part.semantic == "city" and part.examples and not part.common
                if cities and "[]" not in path:
                    scene.settle(path.rpartition(".")[2], str(scene.rng.choice(part.examples)))
            for name, target in targets.items():
                if target is None:
                    identity[name] = self.value(entity, name, rng, scene)
                else:
                    known, number = self.of(target.key), len(taken) + _APART * len(identity)
                    identity[name] = known[number % len(known)].identity[target.identity[0]]
            key = tuple(as_text(identity[name]) for name in entity.identity)
            if key not in taken or not key:
                taken.add(key or (str(len(taken)),))
                return identity, scene
        return None, parent

    def _named(self, entity: Entity, name: str) -> Entity | None:
        """The entity whose own identity this one's identity is: a cart's user."""
        other = self.world.entities.get(_field_of(entity, name).entity or "")
        if other is None or other.key == entity.key or len(other.identity) != 1:
            return None
        return None if _field_of(other, other.identity[0]).entity else other


def called_like(world: World, entity: Entity) -> str:
    """The noun after which the rows of an entity are named, by what stands beside it.

    Empty where nobody knows how such things are named there.
    """
    if not means_several(entity.noun):
        return entity.noun
    nouns = (one.noun for one in world.entities.values() if one.domain == entity.domain)
    tools = (one.tool for one in world.models.values() if one.entity == entity.key)
    said = (text for one in tools for text in (one.name, one.description))
    return named_beside(entity.noun, (*nouns, *entity.fields, *said))
