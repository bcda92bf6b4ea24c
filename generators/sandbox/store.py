"""The rows as they are now: the seeded ones, and over them what has been written.

Only what is written is state. A state never changes, so that it is its own snapshot, and what
follows from it is worked out once: its tables, its hash, what a call does in it. A write that leads
back to the seeded row leaves no trace. How rows are made up is nothing to the store: it is given
seeded tables, such as `generators.sandbox.seeding.Seeds`.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Protocol

from generators.sandbox.people import People
from generators.sandbox.row_values import Key, Row, key_of
from generators.world.model import Entity, World
from schemas.canonical import content_hash, copied
from schemas.environment import CallOutcome, Change
from schemas.record import JsonObject

Overlay = Mapping[str, Mapping[Key, Row | None]]
"""Entity key → row's key → the row as it is now; None where it is gone."""
Step = tuple[str, str, str]
"""A call, its arguments as text, and when it is made."""
_NO_ROWS: Mapping[Key, Row] = {}
_MOST_STEPS = 1024
"""Steps from one state that are kept."""
_MOST_KEPT = 16_384
"""… and from all that come from one beginning."""


class SeededTables(Protocol):
    """The rows that a world begins with, and all that is made up besides, from one seed."""

    world: World
    clock: datetime
    """When it begins."""

    def rows(self, key: str) -> Mapping[Key, Row]:
        """The rows of an entity, in the order in which they were made."""

    def own(self, key: str) -> Mapping[Key, JsonObject]:
        """The same without what they hold of others."""

    def stream(self, *parts: Any) -> Random:
        """A random stream of this seed for a purpose."""

    def invent_row(
        self, entity: Entity, rng: Random, people: People, only: Collection[str]
    ) -> JsonObject:
        """A row as it could be made now, of so many fields."""

    def invent_field(self, entity: Entity, name: str, rng: Random) -> Any:
        """Another value for a field."""

    def invent_around(
        self, entity: Entity, written: JsonObject, fixed: JsonObject, numbered: JsonObject,
        lacking: frozenset[str], attempt: int,
    ) -> Row:  # fmt: skip
        """A new row around what was written and what else is fixed, always the same."""


class Rows(Protocol):
    """What a backend shows of its state, to look rows up in and to propose calls from."""

    @property
    def world(self) -> World:
        """What the tools mean."""

    @property
    def seeds(self) -> SeededTables:
        """What values are made up by, and when they were."""

    @property
    def clock(self) -> datetime:
        """Now."""

    @property
    def ruled(self) -> bool:
        """Whether calls go by the sandbox's rules; else these say what is likely, no more."""

    @property
    def whole(self) -> "Rows":
        """All rows, where these are some of them: what the service itself looks at."""

    def rows(self, entity: Entity) -> Sequence[Row]:
        """All rows of an entity; none where the backend shows none."""

    def find(self, entity: Entity, key: Key) -> Row | None:
        """The row of this identity."""

    def seen(self, name: str) -> Sequence[Any]:
        """Values that were shown under a name besides, in other rows or in results."""


@dataclass
class State:
    """What has been written over the rows of one seed; never changed."""

    written: Overlay
    tables: dict[str, Mapping[Key, Row]] = field(default_factory=dict, compare=False)
    """Those that were asked for, whole."""
    digest: str = field(default="", compare=False)
    """Its hash, once that was asked for."""
    steps: "dict[Step, tuple[CallOutcome, State | None]]" = field(
        default_factory=dict, compare=False
    )
    """What calls returned here, and the states that they led to; None: this one, without a ring."""
    kept: list[int] = field(default_factory=lambda: [0], compare=False)
    """How many steps all states together keep that come from one beginning."""

    def keep(self, step: Step, outcome: CallOutcome, led_to: "State") -> None:
        """Note what a call returned here, and the state that it led to.

        Where too much is kept, a state with nothing written forgets its own, and all after it.
        """
        self.kept[0] += 1
        if len(self.steps) >= _MOST_STEPS or (self.kept[0] > _MOST_KEPT and not self.written):
            self.steps.clear()
            if not self.written:
                self.kept[0] = 0
        kept = CallOutcome(content=copied(outcome.content), is_error=outcome.is_error)
        self.steps[step] = kept, None if led_to is self else led_to

    def recall(self, step: Step) -> "tuple[CallOutcome, State] | None":
        """What `keep` was told, the caller's own; None where it was told nothing."""
        if step not in self.steps:
            return None
        kept, led_to = self.steps[step]
        outcome = CallOutcome(content=copied(kept.content), is_error=kept.is_error)
        return outcome, self if led_to is None else led_to


class Store:
    """The tables of a world. Rows are replaced, never changed. Implements `Rows`."""

    ruled = True

    def __init__(self, seeds: SeededTables, initial: State) -> None:
        """``initial``: a state in which nothing is written; of all stores of these tables."""
        self.world, self.seeds, self.clock = seeds.world, seeds, seeds.clock
        self.state = self.initial = initial

    @property
    def whole(self) -> "Store":
        """The store is all that there is."""
        return self

    def plant(self, table: str, key: str, name: str, value: Any) -> None:
        """Put a value into a row of the initial state. Raises KeyError where there is no such row.

        To be done before the first write.
        """
        place = {" ".join(one): one for one in self.seeds.rows(table)}[key]
        row = {**self.table(table)[place], name: value}
        written = {**self.state.written.get(table, {}), place: row}
        self.state = self.initial = State({**self.state.written, table: written})

    def rows(self, entity: Entity) -> list[Row]:
        """All rows: the seeded ones in their order, then the created ones by identity."""
        return list(self.table(entity.key).values())

    def table(self, key: str) -> Mapping[Key, Row]:
        """All rows of an entity by their keys, in the order of `rows`; none of an unknown one."""
        if key not in self.world.entities:
            return _NO_ROWS
        seeded, written = self.seeds.rows(key), self.state.written.get(key)
        if not written:
            return seeded
        if key not in self.state.tables:
            kept = [(name, written.get(name, row)) for name, row in seeded.items()]
            new = sorted((name, row) for name, row in written.items() if name not in seeded and row)
            every = {name: row for name, row in (*kept, *new) if row is not None}
            self.state.tables[key] = every
        return self.state.tables[key]

    def find(self, entity: Entity, key: Key) -> Row | None:
        """The row of this identity."""
        written = self.state.written.get(entity.key)
        if written is not None and key in written:
            return written[key]
        return self.seeds.rows(entity.key).get(key)

    def seen(self, name: str) -> Sequence[Any]:
        """Nothing: all that there is stands in rows."""
        del name
        return ()

    def put(self, entity: Entity, row: Row) -> None:
        """Write a row in the place that its identity names."""
        self._write(entity, key_of(entity, row), row)

    def remove(self, entity: Entity, row: Row) -> None:
        """Take a row away."""
        self._write(entity, key_of(entity, row), None)

    def _write(self, entity: Entity, key: Key, row: Row | None) -> None:
        """Note what is in a place now; nothing where that is what was seeded there."""
        written = dict(self.state.written.get(entity.key, {}))
        if self.seeds.rows(entity.key).get(key) == row:
            written.pop(key, None)
        else:
            written[key] = row
        others = {name: rows for name, rows in self.state.written.items() if name != entity.key}
        now = {**others, entity.key: written} if written else others
        self.state = State(now, kept=self.state.kept)

    def state_hash(self) -> str:
        """Hash of what differs from the seeded rows."""
        self.state.digest = self.state.digest or content_hash({
            table: {json.dumps(key): row and dict(row) for key, row in written.items()}
            for table, written in self.state.written.items()
        })  # fmt: skip
        return self.state.digest

    def changes(self) -> Iterator[Change]:
        """The rows that are not as they were seeded, by table and key."""
        for table, written in sorted(self.state.written.items()):
            seeded, planted = self.seeds.rows(table), self.initial.written.get(table, {})
            for key, row in sorted(written.items()):
                before = planted.get(key, seeded.get(key))
                if row != before:
                    was, now = (None if one is None else copied(one) for one in (before, row))
                    yield Change(table=table, key=" ".join(key), before=was, after=now)
