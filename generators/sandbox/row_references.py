"""Which rows a seeded row refers to: such as may be, in turn, and none twice.

They lie in the same scope, are in a state in which such a row is made of them, and are no younger
than the row itself.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from generators.lexicon.names import in_words
from generators.sandbox.row_links import refer, references
from generators.sandbox.row_skeletons import RowSkeletons
from generators.sandbox.row_states import made_after, options, state_field, state_of
from generators.sandbox.row_times import OVER_WITH, born_on, is_ahead
from generators.sandbox.row_values import Key, Row, key_of
from generators.world.model import Entity, Field, World
from schemas.canonical import copied
from schemas.record import JsonObject

_DAY = len("2026-03-12")
Rows = Callable[[str], Mapping[Key, Row]]
"""Entity key → its rows."""


@dataclass(frozen=True)
class Candidate:
    """A row that others may refer to."""

    key: Key
    row: Row
    state: str
    born: str
    """The day on which it was made, as it says itself; empty where it does not."""


def _ready(known: list[Candidate], entity: Entity, target: Entity) -> list[Candidate]:
    """Those in whose state a row of the entity is made: what is returned has been delivered."""
    after = made_after(entity.noun, target)
    return [one for one in known if one.state in after] or known if after else known


class RowReferences:
    """The references of one world's seeded rows."""

    def __init__(self, world: World, frames: RowSkeletons, own: Rows, whole: Rows) -> None:
        """``own`` gives rows without what they hold of others, ``whole`` the finished ones."""
        self.world, self.frames = world, frames
        self._own_rows, self._whole_rows = own, whole
        self._choices: dict[tuple[str, bool], list[Candidate]] = {}
        self._fitting: dict[tuple[str, str], list[Candidate]] = {}
        self._pointed: dict[str, list[tuple[Field, Entity, bool]]] = {}
        self._orders: dict[tuple[str, str, int], list[int]] = {}

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
        settled: JsonObject = {name: row[name] for name in given if name in row}
        for field, target, common in self._pointers(entity):
            if field.name in given:
                continue
            turn = cluster if common else number
            chosen = composite.get(target.key) if len(target.identity) > 1 else None
            chosen = chosen or self._choose(entity, field, target, row, turn, used, settled)
            if chosen is not None:
                composite.setdefault(target.key, chosen)
                refer(row, field, entity, target, chosen)
                self._not_before(entity, row, chosen)
                if len(target.identity) > 1:
                    settled |= {n: chosen[n] for n in target.identity if n in entity.fields}
        return row

    def _pointers(self, entity: Entity) -> list[tuple[Field, Entity, bool]]:
        """References, composite ones first, with what they name, and whether clusters share it."""
        if entity.key not in self._pointed:
            named = [
                (field, self._target(field), self.frames.is_common(entity, field))
                for field in references(entity, self.world)
            ]
            self._pointed[entity.key] = sorted(named, key=lambda one: -len(one[1].identity))
        return self._pointed[entity.key]

    def _not_before(self, entity: Entity, row: JsonObject, other: Row) -> None:
        """Nothing is flown whose flight is still to leave: the row is in a live state then."""
        name = state_field(entity)
        if not name or name not in row or state_of(row, entity) not in OVER_WITH:
            return
        if is_ahead(other, self.frames.clock):
            live = [one for one in options(entity, name) if in_words(one) not in OVER_WITH]
            row[name] = live[0] if live else row[name]

    def _target(self, field: Field) -> Entity:
        return self.world.entities[field.entity or ""]

    def _choose(
        self, entity: Entity, field: Field, target: Entity, row: Row, turn: int,
        used: set[tuple[str, Key]], settled: Mapping[str, Any],
    ) -> Row | None:  # fmt: skip
        """A row of the target, in the same scope, in turn, and not one that is named already."""
        within = [name for name in target.identity if name in entity.identity and name in row]
        scope = [name for name in target.identity if name in settled and len(target.identity) > 1]
        if within or scope:
            known = self._candidates(entity, target)
            known = [c for c in known if all(c.row[n] == row[n] for n in within)] or known
            known = [c for c in known if all(c.row[n] == settled[n] for n in scope)] or known
            known = _ready(known, entity, target)
        else:
            known = self._ready_ones(entity, target)
        begun = born_on(row)[:_DAY]
        if begun:
            known = [c for c in known if c.born <= begun] or known
        if target.key == entity.key:
            mine = key_of(entity, row)
            known = [c for c in known if c.key != mine]
        order = self._order(entity, field, len(known))
        for step in range(len(known)):
            chosen = known[order[(turn + step) % len(known)]]
            if (target.key, chosen.key) not in used:
                used.add((target.key, chosen.key))
                return chosen.row
        return known[order[turn % len(known)]].row if known else None

    def _candidates(self, entity: Entity, target: Entity) -> list[Candidate]:
        """The rows to which the entity's may refer, with what is asked of them over and over."""
        whole = self.frames.is_made_without(target.key, entity.key)
        if (target.key, whole) not in self._choices:
            rows = self._whole_rows(target.key) if whole else self._own_rows(target.key)
            self._choices[target.key, whole] = [
                Candidate(key, row, state_of(row, target), born_on(row)[:_DAY])
                for key, row in rows.items()
            ]
        return self._choices[target.key, whole]

    def _ready_ones(self, entity: Entity, target: Entity) -> list[Candidate]:
        place = (entity.key, target.key)
        if place not in self._fitting:
            self._fitting[place] = _ready(self._candidates(entity, target), entity, target)
        return self._fitting[place]

    def _order(self, entity: Entity, field: Field, count: int) -> list[int]:
        """The order in which a field's references go through as many rows."""
        place = (entity.key, field.name, count)
        if place not in self._orders:
            self._orders[place] = list(range(count))
            self.frames.stream(entity.key, field.name, "order").shuffle(self._orders[place])
        return self._orders[place]

    def refer_anew(
        self, entity: Entity, row: JsonObject, name: str, rng: Random
    ) -> Iterator[JsonObject]:
        """The row with each other row to which what is called so could refer, at random."""
        for field, target, _ in self._pointers(entity):
            if name not in (field.name, target.noun, field.name.removesuffix("_id")):
                continue
            known = self._ready_ones(entity, target)
            for one in rng.sample(known, k=len(known)):
                other = copied(row)
                refer(other, field, entity, target, one.row)
                yield other
