"""An environment of Python objects: their methods are tools, their attributes the state.

A snapshot is the objects, pickled: a deep copy that later calls cannot touch. The state's hash is
that of its JSON form (`python_tools.plain`).
"""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import Any

from generators.backends.backend import ShownRows, WantedCall
from generators.backends.python_tools import NotPlainError, PythonTool, attributes, failure, plain
from generators.lexicon.names import in_words
from generators.lexicon.nouns import plural, singular
from generators.sandbox.errors_and_faults import strike
from generators.sandbox.propose import Proposal, propose_call
from generators.world.model import World
from schemas.canonical import canonical_json, content_hash
from schemas.environment import CallOutcome, Change
from schemas.errors import InputError
from schemas.message import Fault
from schemas.record import JsonObject

Tables = Mapping[str, Mapping[str, JsonObject]]
"""Table → the row's key, as text → row."""
CLOCK = "clock"
"""The attribute in which an object is told what time it is, where it has one."""
OTHERS = "attributes"
"""The table of what is no table: a row an attribute, its value under ``value``."""
TRIES = 40
"""Of one proposed call, where the rules are in code that nobody has read."""


def tables_of(state: JsonObject) -> Tables:
    """The attributes of a state that are maps or lists of objects, and all others in one table.

    The key of a row in a list is its field ``orders`` → ``order_id`` or ``id``, else its place.
    """
    tables: dict[str, dict[str, JsonObject]] = {}
    others: dict[str, JsonObject] = {}
    for name, value in state.items():
        field = id_field(name)
        held = list(value.values()) if isinstance(value, dict) else value
        if not isinstance(held, list) or not all(isinstance(row, dict) for row in held):
            others[name] = {"value": value}
        elif isinstance(value, dict):
            tables[name] = {
                key: row if field in row or "id" in row else {field: key, **row}
                for key, row in value.items()
            }
        else:
            keys = list(map(str, range(len(held))))
            for one in ("id", field):
                found = [str(row[one]) for row in held if one in row]
                keys = found if len(found) == len(set(found)) == len(held) else keys
            tables[name] = dict(zip(keys, held, strict=True))
    return {**tables, OTHERS: others} if others else tables


def id_field(table: str) -> str:
    """``work_orders`` → ``work_order_id``."""
    return f"{singular(in_words(table)).replace(' ', '_')}_id"


def changes(before: Tables, after: Tables) -> Iterator[Change]:
    """The rows that differ, by table and key; equal numbers do not."""
    for table in sorted({*before, *after}):
        old, new = before.get(table, {}), after.get(table, {})
        for key in sorted({*old, *new}):
            was, now = old.get(key), new.get(key)
            if canonical_json(was) != canonical_json(now):
                yield Change(table=table, key=key, before=was, after=now)


Parts = Mapping[str, Any]
"""Name → object; most environments have one, named by its class."""


class PythonEnvironment:
    """Runs the calls of one conversation. Implements `schemas.environment.Environment`."""

    def __init__(
        self,
        tools: Mapping[str, PythonTool],
        world: World,
        initial: bytes,
        clock: str,
        file: str,
        volatile: frozenset[str] = frozenset(),
    ) -> None:
        """``tools`` by wire name; ``initial`` is what `frozen` made of the objects.

        ``clock`` is now, ISO 8601 with offset; ``file`` is named in errors. ``volatile`` are names
        of fields that are no state, such as times that are taken from the machine's clock.
        """
        self.clock, self._volatile = clock, volatile
        self._tools, self._world, self._file = tools, world, file
        self._initial = initial
        self._parts: Parts = pickle.loads(initial)
        self._frozen: bytes | None = initial
        """The present state, until something is called."""
        self._seen: tuple[bytes, JsonObject, Tables] | None = None
        """The state that was looked at last: as a snapshot, as JSON, and as tables."""

    @property
    def parts(self) -> Parts:
        """The objects as they are now: to look at, not to change."""
        return self._parts

    def set_clock(self, now: str) -> None:
        """Tell the time to objects that keep a `CLOCK`: it is no state of theirs."""
        for part in self._parts.values():
            if isinstance(getattr(part, CLOCK, None), datetime):
                setattr(part, CLOCK, datetime.fromisoformat(now))
                self._frozen = None

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        """Run one call by wire name. A call that fails, or is made to fail, changes nothing.

        Raises InputError for a mistake in the environment's own code.
        """
        tool = self._tools.get(name)
        if tool is None:
            return failure("unknown_tool", f"There is no tool named {name}.")
        if fault is not None:
            return strike(self, name, arguments, fault, self._initial)
        before = self.snapshot()
        self._frozen = None
        try:
            outcome = tool.run(self._parts[tool.part], arguments)
        except InputError:
            self.restore(before)
            raise
        if outcome.is_error:
            self.restore(before)
        return outcome

    def _look(self) -> tuple[bytes, JsonObject, Tables]:
        """The present state. Raises InputError for what JSON cannot hold."""
        now = self.snapshot()
        if self._seen is None or self._seen[0] != now:
            state = self._read_state(self._parts)
            self._seen = now, state, tables_of(state)
        return self._seen

    def _read_state(self, parts: Parts) -> JsonObject:
        state = {}
        for place, value in _attributes(parts, self._file).items():
            name = place if len(parts) > 1 else place.partition(".")[2]
            if isinstance(value, datetime) and place.endswith(f".{CLOCK}"):
                continue
            try:
                state[name] = plain(value, place, self._volatile)
            except NotPlainError as error:
                problem = f"the state cannot be hashed: {error}"
                raise InputError(problem, file=self._file) from None
        return state

    def state(self) -> JsonObject:
        """Attribute → value, as JSON."""
        return self._look()[1]

    def state_hash(self) -> str:
        """Hash of all attributes; equal states hash alike."""
        return content_hash(self.state())

    def tables(self) -> Tables:
        """The rows of all attributes that hold rows, and the others in a table of their own."""
        return self._look()[2]

    def changes(self) -> tuple[Change, ...]:
        """The rows that are not as they were at the beginning, by attribute and key."""
        before = tables_of(self._read_state(pickle.loads(self._initial)))
        return tuple(changes(before, self.tables()))

    def rows(self, table: str) -> Sequence[JsonObject]:
        """The rows of an attribute, or of the one that holds an entity's rows.

        That is called after the entity's noun, else after the end of the noun.
        """
        tables = self.tables()
        if table not in tables and (entity := self._world.entities.get(table)) is not None:
            names = {singular(in_words(name)): name for name in tables if name != OTHERS}
            noun = singular(entity.noun)
            longer = (said for said in names if said.endswith(f" {noun}"))
            called = (noun, plural(noun), noun.rpartition(" ")[2], *longer)
            table = next((names[said] for said in called if said in names), "")
        return list(tables.get(table, {}).values())

    def column(self, name: str) -> list[Any]:
        """The values of a field in the rows of all tables."""
        return [
            row[name]
            for table, rows in self.tables().items()
            for row in rows.values()
            if table != OTHERS and row.get(name) is not None
        ]

    def propose(
        self,
        wanted: WantedCall,
        rng: Random,
        allowed: Callable[[JsonObject], bool] = lambda _: True,
    ) -> Proposal | None:
        """A call out of its own rows: see `generators.backends.backend.Backend.propose`."""
        shown = ShownRows(self._world, self, self.column, self.clock)
        tool, rows = shown.compiled(wanted.name), wanted.scope.view(shown)
        given, optional = wanted.given, wanted.optional
        return propose_call(self, rows, tool, rng, given, optional, tries=TRIES, allowed=allowed)

    def snapshot(self) -> bytes:
        """The present state."""
        if self._frozen is None:
            self._frozen = frozen(self._parts, self._file)
        return self._frozen

    def restore(self, snapshot: bytes) -> None:
        """Go back to a state that was taken by `snapshot`."""
        self._parts, self._frozen = pickle.loads(snapshot), snapshot


def frozen(parts: Parts, file: str) -> bytes:
    """The objects, to be brought back. Raises InputError with the attribute that cannot be kept."""
    try:
        return pickle.dumps(dict(parts), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # whatever an object's own pickling raises
        for place, value in _attributes(parts, file).items():
            try:
                pickle.dumps(value)
            except Exception as found:
                problem = f"cannot be copied: {found}"
                raise InputError(problem, file=file, place=place) from None
        raise InputError(f"its state cannot be copied: {error}", file=file) from None


def _attributes(parts: Parts, file: str) -> JsonObject:
    """``Shop.orders`` → value; raises InputError for an object without attributes."""
    try:
        return {
            f"{part}.{name}": value
            for part, target in parts.items()
            for name, value in attributes(target, part).items()
        }
    except NotPlainError as problem:
        raise InputError(str(problem), file=file) from None
