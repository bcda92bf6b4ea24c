"""Whose rows are whose: those of the person who writes, in the place that a conversation is about.

A customer deals with their own orders, and a wish stays in the repository that was named. Calls are
proposed out of what such a `Scope` lets through; what the service itself looks at is all rows.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from generators.identity_cache import Same
from generators.lexicon.date_field_names import is_birth
from generators.lexicon.names import snake, split_words
from generators.lexicon.nouns import singular
from generators.lexicon.tables import load_words
from generators.sandbox.row_links import find_references, named_by, owner_of
from generators.sandbox.row_values import Key, Row, as_text, equal_to, held_under, key_of
from generators.sandbox.schema_validity import MISSING
from generators.sandbox.store import Rows, SeededTables
from generators.world.model import Entity, ParameterModel, ToolModel, World, strip_indices


class Tie(NamedTuple):
    """By what the rows of an entity are known to be somebody's."""

    field: str
    """That holds the holder's identity; with ``listed``, a field of the holder that lists them."""
    holder: str
    """Key of the entity that they belong to, of which a row is somebody's in turn."""
    listed: bool = False


@lru_cache(maxsize=1024)
def find_user(world: Same[World], domain: str) -> Entity | None:
    """The entity of which one row is the person who writes; None where that is no row, or staff.

    It is one that the world model names and that owns something or, where it names nobody, one by
    whose id things say that they are theirs.
    """
    entities, service = world.it.entities, world.it.domains.get(domain)
    if service is not None and service.users:
        said = (entities.get(f"{domain}/{noun}") for noun in service.users)
        return next((one for one in said if one and find_ties(world, one.key)), None)
    for key, entity in sorted(entities.items()):
        noun = entity.noun.rsplit(" ", 1)[-1]
        sure = noun in load_words("inference", "served")
        perhaps = noun in load_words("inference", "served_perhaps")
        if entity.domain != domain or len(entity.identity) != 1 or not (sure or perhaps):
            continue
        if any(
            one.operation == "list"
            and one.entity == key
            and not any(p.required for p in one.parameters)
            for one in world.it.models.values()
        ):
            continue  # whoever may list all customers is none of them
        owned = {one.rpartition("/")[2].rsplit(" ", 1)[-1] for one in find_ties(world, key)}
        if owned and (sure or owned & load_words("inference", "belongings")):
            return entity
    return None


def makes_user(world: World, model: ToolModel) -> bool:
    """Whether somebody asks to be taken in: nobody is who does not say that they are new."""
    user = find_user(Same(world), model.tool.domain)
    return model.operation == "create" and user is not None and model.entity == user.key


def tells_who_asks(world: World, model: ToolModel, parameter: ParameterModel) -> bool:
    """Whether a value says who the person who writes is: they know their own name and birthday.

    Of their own row, or of another that names them: the ``patient_name`` of a visit.
    """
    user = find_user(Same(world), model.tool.domain)
    words = split_words(parameter.name)
    personal = parameter.semantic not in ("count", "number") and (
        is_birth(parameter.name) or words[-1] in load_words("relations", "who_one_is")
    )
    if user is None or not personal:
        return False
    return model.entity == user.key or {*user.noun.split()[-1:]} <= {*map(singular, words[:-1])}


@lru_cache(maxsize=1024)
def find_ties(world: Same[World], user: str) -> Mapping[str, Tie]:
    """Entity → by what its rows are a user's, for all that are; nearer ones come first."""
    entities, domain = world.it.entities, world.it.entities[user].domain
    near = sorted(key for key, one in entities.items() if one.domain == domain and key != user)
    # Where somebody says of this domain who owns what, a reference alone says nothing.
    told = any(entities[key].owner for key in near)
    ties: dict[str, Tie] = {}
    while True:
        found: dict[str, Tie] = {}
        for entity in (entities[key] for key in near if key not in ties):
            single = {*find_references(world.it)[entity.key], *entity.identity}
            own = (
                Tie(one.name, one.entity) for one in entity.fields.values()
                if one.entity == user or one.entity in ties
                if one.name in single and one.entity == (entity.owner if told else one.entity)
            )  # fmt: skip
            if tie := next(own, None):
                found[entity.key] = tie
                continue
            listed = None if entity.owner or told else owner_of(world, entity.key)
            if listed and (listed[0] == user or listed[0] in ties):
                found[entity.key] = Tie(listed[1], listed[0], listed=True)
        if not found:
            return MappingProxyType(ties)
        ties |= found


@lru_cache(maxsize=1024)
def find_place(world: Same[World], domain: str) -> tuple[str, ...]:
    """The fields that say where all lies that a conversation is about: ``owner``, ``repo``.

    The identity of what other things lie in, and that lies in nothing itself.
    """
    own = Counter(one.identity for one in world.it.entities.values() if one.domain == domain)
    longer = {inner: count for inner, count in own.items() if len(inner) > 1}
    within = {
        outer: sum(count for inner, count in longer.items() if outer and {*outer} < {*inner})
        for outer in own
    }
    places = [names for names, count in within.items() if count]
    outermost = [one for one in places if not any(set(other) < set(one) for other in places)]
    return max(outermost, key=lambda names: within[names], default=())


@dataclass(frozen=True)
class Scope:
    """Whose rows a conversation is about, and where they lie."""

    domain: str = ""
    user: str = ""
    """Key of the entity that the person is a row of; empty: nobody's rows in particular."""
    key: str = ""
    """That row's identity, as text."""
    place: Mapping[str, Any] = field(default_factory=dict)
    """Field → the value that every row has that has the field."""

    def view(self, rows: Rows) -> Rows:
        """The rows that are in the scope."""
        return OwnRows(rows, self) if self.user or self.place else rows


EVERYTHING = Scope()


class OwnRows:
    """The rows of a scope, for as long as nothing is written. Implements `Rows`."""

    def __init__(self, whole: Rows, scope: Scope) -> None:
        self.whole, self.scope = whole.whole, scope
        self.world: World = whole.world
        self.ruled: bool = whole.ruled
        self._known: dict[str, Sequence[Row]] = {}
        self._ties = find_ties(Same(self.world), scope.user) if scope.user else {}

    @property
    def seeds(self) -> SeededTables:
        """What values are made up by."""
        return self.whole.seeds

    @property
    def clock(self) -> datetime:
        """Now."""
        return self.whole.clock

    def rows(self, entity: Entity) -> Sequence[Row]:
        """The rows of an entity that are the person's, if they are anybody's, and lie there."""
        if entity.key in self._known:
            return self._known[entity.key]
        found, tie = self.whole.rows(entity), self._ties.get(entity.key)
        if entity.domain == self.scope.domain:
            if entity.key == self.scope.user:
                found = [row for row in found if " ".join(key_of(entity, row)) == self.scope.key]
            elif tie is not None:
                holder = self.world.entities[tie.holder]
                held = self.rows(holder)
                if tie.listed:
                    listed = {as_text(one) for row in held for one in held_under(row, tie.field)}
                    found = [row for row in found if key_of(entity, row)[-1] in listed]
                else:
                    part = named_by(tie.field, holder)
                    owners = {as_text(row.get(part)) for row in held}
                    found = [row for row in found if as_text(row.get(tie.field)) in owners]
            for name, value in self.scope.place.items():
                same = equal_to(value)
                found = [one for one in found if one.get(name) is None or same(one[name])]
        self._known[entity.key] = found
        return found

    def find(self, entity: Entity, key: Key) -> Row | None:
        """The row of this identity, whosever it is."""
        return self.whole.find(entity, key)

    def seen(self, name: str) -> Sequence[Any]:
        """Values that were shown under a name."""
        return self.whole.seen(name)


def find_own_value(rows: Rows, entity: Entity, parameter: ParameterModel, path: str) -> Any:
    """What the person's row says of a leaf of something new of theirs; `MISSING` if nothing."""
    scope = rows.scope if isinstance(rows, OwnRows) else EVERYTHING
    user = rows.world.entities.get(scope.user)
    mine = rows.rows(user) if user is not None and entity.key != scope.user else ()
    if user is None or not mine or entity.key not in find_ties(Same(rows.world), user.key):
        return MISSING
    places = (path, strip_indices(path), parameter.field)
    for one in entity.constraints:
        noun, _, name = (one.equals or "").partition(".")
        if noun == user.noun and one.field in places and name in mine[0]:
            return mine[0][name]
    return MISSING


def full_name(entity: Entity, row: Row) -> str:
    """What a person's row calls them; empty where it does not."""
    for held in (row, *(one for one in row.values() if isinstance(one, dict))):
        said = {snake(name): value for name, value in held.items()}
        if isinstance(said.get("first_name"), str) and isinstance(said.get("last_name"), str):
            return f"{said['first_name']} {said['last_name']}"
    names = [one.name for one in entity.fields.values() if one.semantic == "person_name"]
    return next((str(row[name]) for name in names if isinstance(row.get(name), str)), "")
