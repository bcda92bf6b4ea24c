"""The tools' side of a conversation: something in which calls really run."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from schemas.message import Fault
from schemas.record import JsonObject, Record


class CallOutcome(Record):
    """What a call returned: a result, or an error object ``{"error": {"code", "message"}}``."""

    content: Any
    is_error: bool = False


class Change(Record):
    """A row that is not as it was at the beginning."""

    table: str
    """Key of the entity, or the name that a hand-written environment gives its table."""
    key: str
    """The row's identity within its table, as text."""
    before: JsonObject | None
    """None where there was no such row."""
    after: JsonObject | None
    """None where it is gone."""


def between(before: Iterable[Change], after: Iterable[Change]) -> tuple[Change, ...]:
    """What has changed from one moment to another, both told as changes since the beginning."""
    earlier = {(change.table, change.key): change for change in before}
    later = {(change.table, change.key): change for change in after}
    found = []
    for place in sorted(earlier.keys() | later.keys()):
        first, second = earlier.get(place), later.get(place)
        initial = (first or second or _NO_CHANGE).before
        was = first.after if first else initial
        now = second.after if second else initial
        if was != now:
            found.append(Change(table=place[0], key=place[1], before=was, after=now))
    return tuple(found)


_NO_CHANGE = Change(table="", key="", before=None, after=None)


class Environment(Protocol):
    """A stateful, deterministic, replayable backend."""

    def call(self, name: str, arguments: JsonObject, fault: Fault | None = None) -> CallOutcome:
        """Run one call by wire name. A fault makes it fail without any effect on the state."""
        ...

    def state_hash(self) -> str:
        """Hash of the present state; equal states hash alike, whatever order of calls led there."""
        ...

    def changes(self) -> tuple[Change, ...]:
        """What differs from the initial state, by table and key."""
        ...

    def rows(self, table: str) -> Sequence[Mapping[str, Any]]:
        """All present rows of a table; none where the backend has no such table."""
        ...

    def snapshot(self) -> Any:
        """The present state, to come back to; later calls do not touch it."""
        ...

    def restore(self, snapshot: Any) -> None:
        """Go back to a state that was taken by `snapshot`."""
        ...


def set_clock(environment: Environment, now: str) -> None:
    """Let it be ``now``, ISO 8601 with offset, for an environment; "": it stays as late as it is.

    One that knows the time has a method ``set_clock(now)``; the clock is no state. In another one
    the time stands still.
    """
    knows = getattr(environment, "set_clock", None)
    if now and knows is not None:
        knows(now)


def call_at(
    environment: Environment, now: str, name: str, arguments: JsonObject, fault: Fault | None = None
) -> CallOutcome:
    """Run one call at a time; see `set_clock`."""
    set_clock(environment, now)
    return environment.call(name, arguments, fault)
