"""The rows as they are now: the seeded ones, and over them what has been written.

Only the overlay is state: its hash is the state's hash, a copy of it is a snapshot. A write that
leads back to the seeded row leaves no trace.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any

from generators.identity_cache import Same
from generators.sandbox.constraints import RowScope
from generators.sandbox.people import People
from generators.sandbox.row_skeletons import schemas_of
from generators.sandbox.row_times import begin_now
from generators.sandbox.row_values import Key, Row, copied, key_of
from generators.sandbox.seeding import Seeds
from generators.world.model import Entity, World
from schemas.canonical import content_hash
from schemas.environment import Change
from schemas.record import JsonObject

Overlay = dict[str, dict[Key, Row | None]]
"""Entity key → row's key → the row as it is now; None where it is gone."""


@dataclass(frozen=True)
class Snapshot:
    """A state to come back to."""

    overlay: Mapping[str, Mapping[Key, Row | None]]


EMPTY = Snapshot({})
"""The state that a store begins with."""


class Store:
    """The tables of a world. Rows are replaced, never changed.

    Implements `generators.sandbox.row_values.Rows`.
    """

    ruled = True

    def __init__(self, world: World, seed: int, clock: str) -> None:
        """``clock`` is now, ISO 8601 with offset. Nothing is seeded before it is asked for."""
        self.world = world
        self.seeds = seeds_of(Same(world), seed, clock)
        self._overlay: Overlay = {}
        self.initial = EMPTY

    def plant(self, table: str, key: str, field: str, value: Any) -> None:
        """Put a value into a row of the initial state. Raises KeyError where there is no such row.

        To be done before the first write.
        """
        rows = {" ".join(name): (name, row) for name, row in self.seeds.rows(table).items()}
        name, row = rows[key]
        planted = self._overlay.setdefault(table, {})
        planted[name] = {**(planted.get(name) or row), field: value}
        self.initial = self.snapshot()

    def rows(self, entity: Entity) -> list[Row]:
        """All rows: the seeded ones in their order, then the created ones by identity."""
        return list(self._table(entity.key).values())

    def _table(self, key: str) -> Mapping[Key, Row]:
        """All rows of an entity by their keys, in the order of `rows`."""
        seeded, written = self.seeds.rows(key), self._overlay.get(key)
        if not written:
            return seeded
        kept = [(name, written.get(name, row)) for name, row in seeded.items()]
        created = sorted((name, row) for name, row in written.items() if name not in seeded and row)
        return {name: row for name, row in (*kept, *created) if row is not None}

    def find(self, entity: Entity, key: Key) -> Row | None:
        """The row of this identity."""
        written = self._overlay.get(entity.key)
        if written is not None and key in written:
            return written[key]
        return self.seeds.rows(entity.key).get(key)

    def seen(self, name: str) -> Sequence[Any]:
        """Nothing: all that there is stands in rows."""
        del name
        return ()

    @property
    def clock(self) -> datetime:
        """Now."""
        return self.seeds.frames.clock

    def invent_row(
        self, entity: Entity, rng: Random, people: People, only: Collection[str]
    ) -> JsonObject:
        """A row as it could be made now, of so many fields."""
        row = self.seeds.fill(entity, rng, people, {}, only=only)
        begin_now(row, schemas_of(entity), self.clock, (), rng)
        self.seeds.settle_new(entity, row, (), rng)
        return row

    def invent_field(self, entity: Entity, name: str, rng: Random) -> Any:
        """Another value for a field."""
        return self.seeds.frames.value(entity, name, rng, People(rng))

    def scope(self, entity: Entity, row: Row) -> RowScope:
        """What an expression over a row of the entity can see: all rows as they are now."""

        def find_rows(key: str) -> Mapping[Key, Row]:
            return self._table(key) if key in self.world.entities else {}

        return RowScope(entity, row, self.world, find_rows, self.seeds.frames.clock)

    def put(self, entity: Entity, row: Row) -> None:
        """Write a row in the place that its identity names."""
        key = key_of(entity, row)
        if self.seeds.rows(entity.key).get(key) == row:
            self._forget(entity, key)
        else:
            self._overlay.setdefault(entity.key, {})[key] = row

    def remove(self, entity: Entity, row: Row) -> None:
        """Take a row away."""
        key = key_of(entity, row)
        if key in self.seeds.rows(entity.key):
            self._overlay.setdefault(entity.key, {})[key] = None
        else:
            self._forget(entity, key)

    def _forget(self, entity: Entity, key: Key) -> None:
        written = self._overlay.get(entity.key, {})
        written.pop(key, None)
        if not written:
            self._overlay.pop(entity.key, None)

    def state_hash(self) -> str:
        """Hash of what differs from the seeded rows."""
        return content_hash({name: dict(_named(rows)) for name, rows in self._overlay.items()})

    def changes(self) -> Iterator[Change]:
        """The rows that are not as they were seeded, by table and key."""
        for table, written in sorted(self._overlay.items()):
            seeded, planted = self.seeds.rows(table), self.initial.overlay.get(table, {})
            for key, row in sorted(written.items()):
                before = planted.get(key, seeded.get(key))
                if row == before:
                    continue
                yield Change(
                    table=table,
                    key=" ".join(key),
                    before=None if before is None else copied(before),
                    after=None if row is None else copied(row),
                )

    def snapshot(self) -> Snapshot:
        """The present state; later writes do not touch it."""
        return Snapshot({name: dict(rows) for name, rows in self._overlay.items()})

    def restore(self, snapshot: Snapshot) -> None:
        """Go back to a state."""
        self._overlay = {name: dict(rows) for name, rows in snapshot.overlay.items()}


def _named(rows: Mapping[Key, Row | None]) -> Iterator[tuple[str, Any]]:
    for key, row in rows.items():
        yield json.dumps(key), None if row is None else dict(row)


@lru_cache(maxsize=8)
def seeds_of(world: Same[World], seed: int, clock: str) -> Seeds:
    """The seeded tables; a replay with the same seed finds them made."""
    return Seeds(world.it, seed, clock)
