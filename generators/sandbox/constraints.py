"""What holds between the fields of a row, as the world model says of its entity.

Fields that follow from others are derived; a condition that a row does not meet is met by drawing
anew what it speaks of: within the bounds that it names, another row to refer to, or whatever comes.
A row is judged three times, as far as it is made by then: by what it holds of its own, with the
rows that it refers to, and with its lists. One that meets its constraints in no way ends in an
InputError.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import chain
from random import Random
from typing import Any
from zlib import crc32

from generators.identity_cache import remembered
from generators.sandbox.row_links import find_referred
from generators.sandbox.row_values import Key, Row
from generators.sandbox.schema_validity import MISSING, adapt, fits, kind_of, simple
from generators.sandbox.times import DAY, day_of
from generators.world.expression import Condition, Expression, parse_expression
from generators.world.expression_code import Code
from generators.world.expression_values import MISSING as UNKNOWN
from generators.world.model import Entity, Field, World
from generators.world.schema_leaves import path_top
from schemas.canonical import copied
from schemas.record import JsonObject

OWN, LINKED, WHOLE = 1, 2, 3
"""Stages, how far a row is made: its own values, those of rows that it refers to, its lists."""
_TRIES, _NEW_TRIES = 80, 16
"""Draws for a seeded row, and for one that a call is to make: that may still be refused."""
_DRAWS = 12
_CLOCK_NAMES = frozenset({"row", "today", "now"})
_DAYS, _QUARTER = 60, 15
_SECOND = len("2026-03-12T14:20:00")

Rows = Callable[[str], Mapping[Key, Row]]
"""Entity key → its rows, as far as they may be looked at."""


class RowScope:
    """What an expression over a row can see: its fields, the rows it refers to, the clock."""

    __slots__ = ("_met", "clock", "entity", "find_rows", "held", "world")

    def __init__(
        self, entity: Entity, row: Row, world: World, find_rows: Rows, clock: datetime
    ) -> None:
        self.entity, self.held, self.world = entity, row, world
        self.find_rows, self.clock = find_rows, clock
        self._met: dict[int, tuple[Row, Entity]] = {}

    def value(self, name: str) -> Any:
        """A field of the row, the row, or the present day or moment."""
        if name not in _CLOCK_NAMES:
            return self.held.get(name, UNKNOWN)
        if name == "row":
            return self.held
        today, now = _write_clock(self.clock)
        return today if name == "today" else now

    def refer(self, row: Row | None, name: str) -> Any:
        """The row to which a row, or an object within it, refers by that name."""
        row = self.held if row is None else row
        # Whose row it is: this one, one met on the way; or it is an object within a row.
        entity = self.entity if row is self.held else self._met.get(id(row), (row, None))[1]
        found = find_referred(row, entity, name, self.world, self.entity.domain)
        if found is None:
            return UNKNOWN
        target, key = found
        other = self.find_rows(target.key).get(key)
        if other is None:
            return UNKNOWN
        self._met[id(other)] = (other, target)
        return other

    def rows(self, entity: str) -> Iterable[Row]:
        """All rows of an entity of the same domain, by its noun."""
        return self.find_rows(f"{self.entity.domain}/{entity}").values()


@lru_cache(maxsize=256)
def _write_clock(clock: datetime) -> tuple[str, str]:
    """The day and the moment as texts."""
    return clock.date().isoformat(), clock.isoformat(timespec="seconds")


@dataclass(frozen=True, eq=False)
class BoundConstraint:
    """A constraint that was read."""

    text: str
    when: Expression | None
    conditions: tuple[Condition, ...]
    """What must hold, one by one; of a field that follows: that it may hold what follows."""
    path: tuple[str, ...]
    """The field that follows, and where in it: ``items[].price`` → items, price."""
    equals: Expression | None
    names: frozenset[str]
    """The first names of all paths that it looks at."""
    followed: frozenset[str]
    """The first names of what the field that follows follows from: a list that was drawn anew has
    lost what follows within it, its first passenger."""
    stage: int
    """How far a row must be made for it to be judged."""

    def applies(self, scope: RowScope) -> bool:
        """Whether it is about such a row."""
        return self.when is None or self.when.holds(scope)

    def find_broken(self, scope: RowScope) -> Condition | None:
        """What must hold and does not; None where all does, or may."""
        if self.equals is None and (self.when is None or self.when.holds(scope)):
            for one in self.conditions:
                if one.fails(scope):
                    return one
        return None


@remembered
def _rules_of(entity: Entity) -> Mapping[int, tuple[BoundConstraint, ...]]:
    """Stage → the entity's constraints that can be judged by then, read."""
    rules = []
    for one in entity.constraints:
        texts = (one.when, one.holds, one.equals)
        when, holds, equals = (parse_expression(text) if text else None for text in texts)
        said = one.holds or f"{one.field} = {one.equals}"
        said = f"{said} (when {one.when})" if one.when else said
        path = tuple(
            (one.field or "").replace("[]", "").replace("[", ".").replace("]", "").split(".")
        )
        parts = [part for part in (when, holds, equals) if part is not None]
        names = frozenset(path_top(name) for part in parts for name in part.names)
        lists = any(part.entities or "[]" in "".join(part.names) for part in parts)
        stage = WHOLE if lists else OWN
        for name in (names | ({path[0]} if equals is not None else set())) - _CLOCK_NAMES:
            held = entity.fields.get(name)
            if held is not None and kind_of(simple(held.schema)) in ("array", "object"):
                stage = WHOLE
            elif held is None or held.entity is not None:
                stage = max(stage, LINKED)
        # Another customer is another address: what is said of the row goes for what names it.
        told = {one.name: one.entity for one in entity.fields.values() if one.entity}
        nouns = {name: key.rpartition("/")[2].replace(" ", "_") for name, key in told.items()}
        names |= {n for n, noun in nouns.items() if {n.removesuffix("_id"), noun} & names}
        conditions = holds.conditions if holds is not None else ()
        if equals is not None:
            conditions = (Condition(equals.names, (), Code("False", {})),)
        followed = names | set(path[:1] if len(path) > 1 else ())
        rules.append(BoundConstraint(said, when, conditions, path, equals, names, followed, stage))
    stages = (OWN, LINKED, WHOLE)
    return {stage: tuple(rule for rule in rules if rule.stage <= stage) for stage in stages}


@dataclass(frozen=True, slots=True)
class Redraw:
    """How what a row holds may be drawn anew."""

    rng: Random
    """The stream that all is drawn from."""
    draw: Callable[[str], Any]
    """Another value for a field."""
    settled: Collection[str] = ()
    """Fields that stay unless there is no other way: a state, what neighbouring rows share."""
    refer: Callable[[str], Iterator[JsonObject]] = lambda _: iter(())
    """The row with each other row that a field could refer to."""


def has_rules(entity: Entity) -> bool:
    """Whether anything holds between the fields of its rows."""
    return bool(entity.constraints or _keys_of(entity))


@remembered
def _keys_of(entity: Entity) -> Mapping[str, str]:
    """Field that follows from another's value → that other."""
    return {
        name: field.name
        for field in entity.fields.values()
        for held in field.implies.values()
        for name in held
    }


def lists_values(entity: Entity | None, field: Field | None) -> bool:
    """Whether the world model lists a field's values: by themselves, with another's, in rows."""
    if entity is None or field is None:
        return False
    listed = bool(field.examples) or field.name in _keys_of(entity)
    return listed or any(field.name in row for row in entity.rows)


@remembered
def _list_fields(entity: Entity) -> frozenset[str]:
    held = entity.fields.values()
    return frozenset(one.name for one in held if kind_of(simple(one.schema)) == "array")


@remembered
def _leading_fields(entity: Entity) -> tuple[Field, ...]:
    return tuple(one for one in entity.fields.values() if one.implies)


@remembered
def _derived_fields(entity: Entity) -> Mapping[int, tuple[BoundConstraint, ...]]:
    """Stage → the constraints that say what a field is."""
    return {
        stage: tuple(rule for rule in rules if rule.equals is not None)
        for stage, rules in _rules_of(entity).items()
    }


def imply_fields(entity: Entity, row: JsonObject, kept: Collection[str]) -> None:
    """Let a row hold what values of its fields imply; of several values, one by its identity."""
    for lead in _leading_fields(entity):
        held = lead.implies.get(str(row.get(lead.name)), {})
        for name, told in held.items():
            if name in kept or name not in row or row[name] == told:
                continue
            one_of = isinstance(told, list) and name not in _list_fields(entity)
            if not one_of:
                row[name] = copied(told)
            elif row[name] not in told:
                mark = "|".join(str(row.get(part)) for part in entity.identity)
                row[name] = told[crc32(f"{mark}|{name}".encode()) % len(told)]


def find_implied(entity: Entity, row: Row, name: str) -> list[Any]:
    """The values among which a field's lies by what others of the row imply: a menu's options."""
    for lead in _leading_fields(entity):
        told = lead.implies.get(str(row.get(lead.name)), {}).get(name)
        if isinstance(told, list) and name not in _list_fields(entity):
            return told
    return []


def derive_fields(
    scope: RowScope, row: JsonObject, kept: Collection[str] = (), changed: set[str] | None = None,
    stage: int = WHOLE, first: int = WHOLE + 1,
) -> set[BoundConstraint]:  # fmt: skip
    """Set the fields that follow from others: all, or those that follow from ``changed`` ones.

    ``row`` is the scope's; the fields set join ``changed``. Those that can be told from the stage
    ``first`` on follow in any case. A value is set that the field's schema refuses: in a seeded row
    it counts as a broken condition, and what a call makes is as it is. Gives the rules of those.
    """
    refused: set[BoundConstraint] = set()
    for rule in _derived_fields(scope.entity)[stage]:
        if rule.equals is None:
            continue
        settled = changed is not None and rule.stage < first and rule.followed.isdisjoint(changed)
        if settled or not rule.applies(scope):
            continue
        value = rule.equals.evaluate(scope)
        if value is UNKNOWN:
            continue
        head, *inner = rule.path
        placed = _placed(row.get(head), inner, value, told=bool(inner) and head in kept)
        fitting = adapt(placed, scope.entity.fields[head].schema)
        if fitting is MISSING:
            refused.add(rule)
        if inner or head not in kept:
            value = placed if fitting is MISSING else fitting
            if changed is not None and row.get(head, MISSING) != value:
                changed.add(head)
            row[head] = value
    return refused


def _placed(held: Any, path: Sequence[str], value: Any, *, told: bool = False) -> Any:
    """What a field holds once the value lies at a path within it; of a list, one for each.

    ``told``: what it holds already was told, and stays.
    """
    if isinstance(held, list) and path and path[0].isdecimal():  # ``passengers[0].first_name``
        at = int(path[0])
        return [
            _placed(one, path[1:], value, told=told) if n == at else one
            for n, one in enumerate(held)
        ]
    if isinstance(held, list) and path and isinstance(value, list):
        pairs = zip(held, value, strict=False)
        return [_placed(one, path, part, told=told) for one, part in pairs]
    if isinstance(held, list) and path:
        return [_placed(one, path, value, told=told) for one in held]
    if not path or not isinstance(held, dict):
        return held if told and held is not None else value
    return {**held, path[0]: _placed(held.get(path[0]), path[1:], value, told=told)}


def meet_constraints(
    scope: RowScope, row: JsonObject, stage: int, kept: Collection[str],
    begin: Callable[[], Redraw], *, since: Row | None = None, partly: bool = False,
) -> str:  # fmt: skip
    """Change the row, which is the scope's, until it meets what can be judged by now.

    The ``kept`` fields stay; ``begin`` is called where another has to be drawn anew. ``since`` is
    the row as it met what could be judged at the stage before; of a row that is made ``partly``,
    only what it has is looked at. Gives the constraint that it still does not meet after many
    tries, and nothing where it meets all.
    """
    rules: Sequence[BoundConstraint] = _rules_of(scope.entity)[stage]
    imply_fields(scope.entity, row, kept)
    if not rules:
        return ""
    if partly:
        lacking = scope.entity.fields.keys() - row.keys()
        rules = [rule for rule in rules if rule.names.isdisjoint(lacking)]
    changed = None if since is None else _find_changed(row, since)
    refused = derive_fields(scope, row, kept, changed, stage, first=stage)
    imply_fields(scope.entity, row, kept)
    unsure = [
        number
        for number, rule in enumerate(rules)
        if changed is None or rule.stage == stage or not rule.names.isdisjoint(changed)
    ]
    unsure.reverse()  # the first is looked at first, and is taken from the end
    redraw, tries, most = None, 0, _NEW_TRIES if partly else _TRIES
    while unsure:
        rule = rules[unsure[-1]]
        condition = rule.conditions[0] if rule in refused else rule.find_broken(scope)
        if condition is None:
            unsure.pop()
            continue
        tries += 1
        redraw, before = redraw or begin(), dict(row)
        first = tries <= most // 2  # later what is settled may change too
        fixed = {*kept, *redraw.settled} if first else kept
        if not _mend(scope, row, rules, rule, condition, redraw, fixed):
            tries = most // 2 if first else most
        if tries >= most:
            return rule.text
        changed = _find_changed(row, before)
        refused = {one for one in refused if one.names.isdisjoint(changed)}
        refused |= derive_fields(scope, row, kept, changed, stage)
        touched = {n for n, rule in enumerate(rules) if not rule.names.isdisjoint(changed)}
        unsure = sorted(touched.union(unsure), reverse=True)
    return ""


def find_broken(scope: RowScope) -> str:
    """A condition that a row does not meet, and none that lacks what it speaks of; "" for none."""
    rules = _rules_of(scope.entity)[WHOLE]
    return next((one.text for one in rules if one.find_broken(scope) is not None), "")


def _find_changed(row: Row, before: Row) -> set[str]:
    return {name for name, value in row.items() if before.get(name, MISSING) != value}


def _mend(
    scope: RowScope, row: JsonObject, rules: Sequence[BoundConstraint], broken: BoundConstraint,
    condition: Condition, redraw: Redraw, kept: Collection[str],
) -> bool:  # fmt: skip
    """Draw anew one thing that a broken condition speaks of, within the bounds that there are.

    Whether there is any.
    """
    fields = scope.entity.fields
    bounded = [bound.path[0] for bound in condition.bounds if len(bound.path) == 1]
    own = [name for name in bounded if name in fields and name not in kept]
    second: Row | None = None
    if not own:
        kept_all, second = _refer_better(scope, row, rules, broken, redraw)
        if kept_all:
            return True
    heads = dict.fromkeys(map(path_top, condition.names))
    own = own or [name for name in heads if name in fields and name not in kept]
    leads = _keys_of(scope.entity)
    own = [one for name in own if (one := _leading(leads, scope.entity, row, name)) not in kept]
    own = [name for name in own if fields[name].entity is None]
    if not own:
        row.update(second or {})
        return second is not None
    name = redraw.rng.choice(own)
    moved = {name, *(one for one, lead in leads.items() if lead == name)}
    about = [
        one
        for other in rules
        if other.equals is None and moved & other.names and other.applies(scope)
        for one in other.conditions
        if not moved.isdisjoint(map(path_top, one.names))
    ]
    best: tuple[int, Any] = (len(about) + 1, row.get(name))
    implies = name in leads or bool(fields[name].implies)
    tried: list[Any] = []
    for value in _propose(scope, name, about, redraw):
        if value in tried:
            continue
        if len(moved) == 1:  # what follows from it follows from what was there, too
            tried.append(value)
        row[name] = value
        if implies:
            imply_fields(scope.entity, row, kept)
        failed = 0
        for judged in about:
            failed += judged.fails(scope)
            if failed >= best[0]:
                break  # no better than what was drawn before
        else:
            best = failed, value
            if not failed:
                break
    row[name] = best[1]
    imply_fields(scope.entity, row, kept)
    return True


def _refer_better(
    scope: RowScope, row: JsonObject, rules: Sequence[BoundConstraint], broken: BoundConstraint,
    redraw: Redraw,
) -> tuple[bool, Row | None]:  # fmt: skip
    """Let the row refer to another row with which it keeps this rule and all others.

    Whether there is any, and else how it would be with one that keeps this rule alone.
    """
    before, found = dict(row), None
    refusing = broken  # what refuses one row is asked first of the next: mostly it refuses that too
    for name in sorted(broken.names):
        for other in redraw.refer(name):
            row.update(other)
            if found is None and broken.find_broken(scope) is None:
                found = other
            if found is not None:
                moved = _find_changed(row, before)
                touched = [rule for rule in rules if not moved.isdisjoint(rule.names)]
                first = [refusing] if refusing in touched else []
                asked = (*first, broken, *touched)
                refused = next((r for r in asked if r.find_broken(scope) is not None), None)
                if refused is None:
                    return True, None
                refusing = refused
            row.update(before)
    return False, found


def _leading(leads: Mapping[str, str], entity: Entity, row: Row, name: str) -> str:
    """The field whose value decides this one; itself where none does."""
    lead = leads.get(name, "")
    told = entity.fields[lead].implies.get(str(row.get(lead)), {}).get(name) if lead else None
    free = isinstance(told, list) and len(told) > 1
    return name if told is None or free else lead


def _propose(
    scope: RowScope, name: str, conditions: list[Condition], redraw: Redraw
) -> Iterator[Any]:
    """Values for a field that its conditions may allow: named ones, drawn ones, those between."""
    schema, rng = scope.entity.fields[name].schema, redraw.rng
    named: list[Any] = []
    low: Any = simple(schema).get("minimum")
    high: Any = simple(schema).get("maximum")
    for bound in (b for c in conditions for b in c.bounds if b.path == (name,)):
        value = bound.evaluate(scope)
        if value is UNKNOWN:
            continue
        if bound.operator in ("==", "in"):
            named += value if isinstance(value, list) else [value]
        elif bound.operator in (">", ">="):
            low = value if low is None or _is_less(low, value) else low
        elif bound.operator in ("<", "<="):
            high = value if high is None or _is_less(value, high) else high
    rng.shuffle(named)
    yield from (value for value in named if fits(value, schema))
    drawn = redraw.draw(name)
    yield drawn
    if low is not None or high is not None:
        between = (draw_between(low, high, drawn, rng) for _ in range(_DRAWS))
        ends = (_written_like(one, drawn) for one in (low, high))
        fitting = (adapt(one, schema) for one in chain(between, ends) if one is not None)
        yield from (value for value in fitting if value is not MISSING)
    yield from (redraw.draw(name) for _ in range(_DRAWS))


def _written_like(moment: Any, like: Any) -> Any:
    """A moment with its zone written as in another: ``Z`` or ``+00:00``."""
    if isinstance(moment, str) and str(like).endswith("Z") and "T" in moment:
        return moment.removesuffix("+00:00") + "Z" if moment.endswith("+00:00") else moment
    return moment


def _is_less(one: Any, other: Any) -> bool:
    """Whether a number or text is less than another of its kind."""
    kinds = (int | float, str)
    alike = any(isinstance(one, kind) and isinstance(other, kind) for kind in kinds)
    return bool(alike and one < other)


def draw_between(low: Any, high: Any, like: Any, rng: Random) -> Any:
    """A number, day, moment or time of day between two, or beyond one, written like another."""
    sample = low if low is not None else high
    if isinstance(sample, int | float):
        reach = max(10.0, abs(sample) / 2)
        least = low if low is not None else high - reach
        most = high if high is not None else low + reach
        if isinstance(like, int):
            return rng.randint(round(least), max(round(least), round(most)))
        return round(rng.uniform(least, most), 2)
    if not isinstance(sample, str) or not isinstance(like, str):
        return None
    if sample[2:3] == ":":
        begin, end = (
            int(one[:2]) * 60 + int(one[3:5]) for one in (low or "00:00", high or "23:59")
        )
        drawn = rng.randint(begin, max(begin, end))
        minute = max(begin, drawn - drawn % _QUARTER)
        return f"{minute // 60:02}:{minute % 60:02}{like[5:]}"
    try:
        days = [None if one is None else day_of(str(one)) for one in (low, high)]
    except ValueError:  # no dates
        return None
    if "T" in sample and "T" in like and low is not None and high is not None:
        since, until = (
            datetime.fromisoformat(str(one)).replace(tzinfo=None) for one in (low, high)
        )
        if since < until < since + timedelta(days=2):  # to the minute, written like the other
            minutes = int((until - since).total_seconds() // 60)
            drawn_at = since + timedelta(minutes=rng.randint(1, max(1, minutes)))
            return f"{drawn_at:%Y-%m-%dT%H:%M:00}" + like[_SECOND:]
    first = days[0] or (days[1] or date.max) - timedelta(days=_DAYS)
    last = days[1] or first + timedelta(days=_DAYS)
    day = first + timedelta(days=rng.randint(0, max((last - first).days, 0)))
    return day.isoformat() + like[DAY:]
