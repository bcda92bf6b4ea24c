"""Checks that each write was applied: its result, and the state in the end, hold what it was told.

Decided by the record alone, so that it holds for every backend. The objects among the arguments are
laid beside those of the result and beside the rows that the task asserts, whatever they are wrapped
in: what has one name in both must have one value. Where an object is of something else, it says so
by its place (``owner`` beside the row's ``owner``), and it is compared with its like alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from schemas.canonical import canonical_json
from schemas.check import CheckContext
from schemas.leaves import leaves
from schemas.reasons import reason
from schemas.record import JsonObject
from schemas.task import Assertion
from schemas.trajectory import Trajectory
from schemas.verdict import Reason
from validators.code_check import code_check
from validators.transcript import Exchange, exchanges, writers

_BARE = frozenset({"id", "uuid", "guid", "type", "kind", "href"})
"""Names whose meaning is only that of the object that they stand in: whose id, which type."""
_KEYS = re.compile(r"(?<!\w)(?=[\w#-]*\d)(?=[\w#-]*[^\W\d_])[\w#]+-[\w#-]+(?!\w)")
"""What services number things by: ``CELL-222695``."""


@code_check("writes", level="writes")
def check(context: CheckContext) -> Iterator[Reason]:
    """Find writes that a result or the final state contradicts, and those that carry nothing."""
    trajectory = context.trajectory
    made = exchanges(trajectory.messages)
    names = writers(trajectory)
    writes = [one for one in made if one.call.name in names and one.succeeded]
    results = {one.answered_at: one.result for one in made}
    for write in writes:
        told, shown = write.call.arguments, results[write.answered_at]
        for path, value, held in contradictions(told, shown):
            yield _not_applied(write, path, f"{value!r} is told, the result shows {held!r}")
        earlier = [results[one.answered_at] for one in made
                   if one.succeeded and one.message < write.message]  # fmt: skip
        # Whether all that is told is which row is meant: its key, of which an action is asserted.
        given = [_text(value) for path, value in leaves(told) if path]
        acts = bool(given) and any(
            sorted(_text(one.key).split()) == sorted(" ".join(given).split())
            for one in trajectory.task.acceptance.assertions
        )
        if _carries_nothing(told, trajectory, write) or (
            not acts and _repeats(told, shown, earlier)
        ):
            yield reason("empty_write", write.message, f"{write.place}.arguments", write.call.name)
    asserted = trajectory.task.acceptance.assertions
    for late in _done_to_gone(asserted, writes):
        yield reason("write_to_gone", late.message, f"{late.place}.arguments", late.call.name)
    for wanted in asserted:
        for write, path, value, held in _lost(wanted, asserted, writes, results):
            yield _not_applied(write, path, f"{value!r} is told, the row ends with {held!r}")
    if len(writes) == 1 and trajectory.task.initial_state == trajectory.final_state:
        yield reason("empty_write", writes[0].message, writes[0].place, "the state is as before")


def _not_applied(write: Exchange, path: str, told: str) -> Reason:
    return reason("write_not_applied", write.message, f"{write.place}.arguments.{path}", told)


@dataclass(frozen=True)
class Part:
    """One object within a value, with the scalars that stand in it."""

    path: str
    scalars: JsonObject
    """Name, however it is spelt → value."""
    paths: dict[str, str]
    """Name → the scalar's whole path."""
    lists: dict[str, Any]
    """Path within it → value, of all that lies in its own lists."""

    @property
    def place(self) -> str:
        """Its path without numbers of elements."""
        return re.sub(r"\[\d+\]", "", self.path)

    @property
    def called(self) -> str:
        """What it is called in what it lies in; empty for the whole."""
        return _plain(self.place.rpartition(".")[2])


def _parts(value: Any) -> list[Part]:
    """All objects within a value that have scalars of their own, the outer ones first."""
    found: dict[str, Part] = {}
    within: list[tuple[str, str, Any]] = []
    for path, item in leaves(value):
        place, _, name = path.rpartition(".")
        if name.endswith("]"):
            within.append((place, name, item))
        elif name and isinstance(item, (str, int, float)):
            if (part := found.get(place)) is None:
                part = found[place] = Part(place, {}, {}, {})
            plain = _plain(name)
            part.scalars[plain] = item
            part.paths[plain] = path
    for place, name, item in within:
        if place in found:
            found[place].lists[name] = item
    return sorted(found.values(), key=lambda part: part.path.count("."))


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    """``start_time`` and ``startTime`` are one name."""
    return re.sub(r"[^\w]|_", "", name).casefold()


def contradictions(told: Any, shown: Any) -> Iterator[tuple[str, Any, Any]]:
    """Path of an argument, its value, and the other that the result shows by that name."""
    if _is_sentence(told, shown):
        return
    given, held = _parts(told), _parts(shown)
    found = {part.path: _compare(part, given, held) for part in given}
    # What has scalars of its own, ids aside, is one thing: what lies in it is no row, but a part.
    outer = next((part for part in given if not part.path), None)
    named = [name for name in outer.scalars if not name.endswith("id")] if outer else []
    whole = found[""][0] if named else None
    if named and (whole is None or any(name in whole.scalars for name in named)):
        inner = [part for part in given if part.path]
        found |= {
            part.path: _compare(part, given, [one for one in held if one.called == part.called])
            for part in inner
        }
    for part in given:
        nearest, wrong = found[part.path]
        # Of several rows that are made at once, a result may show one.
        alike = [found[other.path] for other in given if other.place == part.place]
        if len({id(one) for one, _ in alike}) == 1 and any(not lost for _, lost in alike):
            wrong = []
        if nearest is not None and re.search(r"\[[1-9]\d*\]$", part.path) and not nearest.path:
            wrong = []
        if nearest is not None:
            shows = nearest.scalars
            yield from ((part.paths[name], part.scalars[name], shows[name]) for name in wrong)
        # A field that an argument names, beside its new value.
        for new in (name for name in part.scalars if name.endswith("value")):
            meant = {_plain(str(value)) for name, value in part.scalars.items() if name != new}
            rows = [one for one in held if len(meant & one.scalars.keys()) == 1 < len(one.scalars)]
            for one in rows[:1]:
                (field,) = meant & one.scalars.keys()
                if not same(part.scalars[new], one.scalars[field]):
                    yield part.paths[new], part.scalars[new], one.scalars[field]


def _is_sentence(told: Any, shown: Any) -> bool:
    """Whether all that is shown is the service's own words about what it was told, or about a row.

    ``{"content": "The file /a.txt has been created."}``, whatever content it was told.
    """
    said = [item for _, item in leaves(shown)]
    if len(said) != 1 or not isinstance(said[0], str) or len(said[0].split()) < 3:
        return False
    words = [value for _, value in leaves(told) if isinstance(value, str) and value.strip()]
    if said[0] not in words and said[0].endswith(".") and _KEYS.search(said[0]):
        return True
    spoken = (rf"(?<!\w){re.escape(value)}(?!\w)" for value in words)
    return said[0] not in words and any(re.search(word, said[0]) for word in spoken)


def _compare(part: Part, given: list[Part], held: list[Part]) -> tuple[Part | None, list[str]]:
    """The object of the result that is most like this one, and the names in which they differ."""
    said = {(name, _text(value)) for other in given if other.place != part.place
            for name, value in other.scalars.items()}  # fmt: skip
    like = [one for one in held if part.called and one.called == part.called]
    # What lies deeper may be another thing: enough of its names must be the row's.
    least = 1 if not part.path or like else (len(part.scalars) + 1) // 2
    best: tuple[Part | None, list[str]] = (None, [])
    # A row that bears the id: what lies in it is its parent, by the same name.
    ids = {_text(one.scalars[bare]) for one in held for bare in _BARE & one.scalars.keys()}
    rank = (0, 0)
    for one in like or held:
        common = [name for name in part.scalars if name in one.scalars]
        at_home = part.path != "" and part.place == one.place
        telling = [name for name in common if at_home or name not in _BARE]
        wrong = [name for name in telling if not same(part.scalars[name], one.scalars[name])
                 and (name, _text(one.scalars[name])) not in said
                 and not (name.endswith("id") and _text(part.scalars[name]) in ids)]  # fmt: skip
        if telling and len(common) >= least and (len(common), -len(wrong)) > rank:
            rank, best = (len(common), -len(wrong)), (one, wrong)
    return best


def same(told: Any, held: Any) -> bool:
    """Whether two scalars are one value, however it is written: 12 and "12", one moment, one day.

    Case and outer spaces do not count: services tidy what they are told.
    """
    if isinstance(told, bool) or isinstance(held, bool):
        return told is held
    first, second = _text(told), _text(held)
    if first == second:
        return True
    if min(len(first), len(second)) == 10 and first[:10] == second[:10] and first[4:5] == "-":
        return True
    try:
        moments = [datetime.fromisoformat(str(one)) for one in (told, held)]
        return moments[0] == moments[1]
    except (ValueError, TypeError):
        return False


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value.strip().casefold() if isinstance(value, str) else canonical_json(value)


def _lost(
    wanted: Assertion,
    asserted: Sequence[Assertion],
    writes: Sequence[Exchange],
    results: dict[int | None, Any],
) -> Iterator[tuple[Exchange, str, Any, Any]]:
    """The arguments of the last write of an asserted row, where the row holds others.

    A write that names the row, and that another row holds, only refers to it: a task's project.
    """
    for write in reversed(writes if wanted.row is not None else ()):
        told, shown = write.call.arguments, results[write.answered_at]
        named = {_text(value) for whole in (told, shown) for _, value in leaves(whole)}
        others = [one for one in asserted if one is not wanted and _text(one.key) in named]
        if _text(wanted.key) in named and not any(_holds(one.row, told) for one in others):
            yield from ((write, *found) for found in contradictions(told, wanted.row))
            return


def _done_to_gone(asserted: Sequence[Assertion], writes: Sequence[Exchange]) -> Iterator[Exchange]:
    """The writes to a row, or to what lies in it, after the last one that was told its key alone.

    Where the row is not there in the end, that one has taken it away.
    """
    for wanted in asserted:
        key = sorted(_text(wanted.key).split())
        told: set[tuple[str, str]] = set()
        late: list[Exchange] = []
        for write in writes if wanted.row is None else ():
            given = {(name, _text(value)) for name, value in leaves(write.call.arguments)}
            if key == sorted(" ".join(value for _, value in given).split()):
                told, late = given, []
            elif told and told <= given and _BARE.isdisjoint(name for name, _ in told):
                late.append(write)
        yield from late


def _holds(row: JsonObject | None, told: JsonObject) -> bool:
    """Whether the row holds what is told of it, and something of it."""
    given = {name: value for part in _parts(told) for name, value in part.scalars.items()}
    held = {name: value for part in _parts(row) for name, value in part.scalars.items()}
    alike = any(same(given[name], held[name]) for name in given.keys() & held.keys() - _BARE)
    return alike and next(contradictions(told, row), None) is None


def _carries_nothing(told: JsonObject, trajectory: Trajectory, write: Exchange) -> bool:
    """Whether an object or a list that should hold what is written is empty, and nothing else is.

    ``{"id": "a7", "changes": {}}``; but not a list that is emptied beside other things.
    """
    tool = next(one for one in trajectory.tools if one.wire_name == write.call.name)
    given = [(path, value) for path, value in leaves(told) if path]
    empty = [path for path, value in given if value in ({}, [])]
    rest = [path for path, value in given if value not in ({}, [])]
    objects = [path for path in empty if told.get(path) == {}]
    return bool(objects or (empty and not rest)) and all(path in tool.required for path in rest)


def _repeats(told: JsonObject, shown: Any, earlier: Sequence[Any]) -> bool:
    """Whether the row already was as it is told, and the result shows it as it was before."""
    given = _parts(told)
    names = {name: value for part in given for name, value in part.scalars.items()}
    row = max(_parts(shown), key=lambda one: len(one.scalars), default=None)
    if row is None or len(names) < 2 or any(name not in row.scalars for name in names):
        return False
    known = (one for result in reversed(earlier) for one in _parts(result))
    for one in known:
        if all(n in one.scalars and same(value, one.scalars[n]) for n, value in names.items()):
            return one.scalars == row.scalars and one.lists == row.lists
    return False
