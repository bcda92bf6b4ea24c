"""Rows that the world model tells whole: which of them a world has, and what they hold.

Their facts hang together, so they stay as they are told; what others tell and one does not, that
one does not have.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from generators.identity_cache import remembered
from generators.sandbox import times
from generators.sandbox.constraints import RowScope
from generators.sandbox.people import People, Place, places
from generators.sandbox.row_values import as_text
from generators.sandbox.schema_validity import MISSING, fits, simple
from generators.world.bind import always_shown
from generators.world.expression import parse_expression
from generators.world.model import Entity, Field, World
from schemas.canonical import copied
from schemas.record import JsonObject

_TO_THE_CLOCK = re.compile(r"(?:today|now)\b")
_WORKING = range(8, 18)
_AREAS = ("city", "state", "country")


@remembered
def told_names(entity: Entity) -> frozenset[str]:
    """The fields that some of its rows tell."""
    return frozenset(name for row in entity.rows for name in row)


def choose_told(
    entity: Entity, world: World, named: Callable[[str], Collection[str]], rng: Random,
    clock: datetime,
) -> list[JsonObject]:  # fmt: skip
    """The rows that a world has, in the order in which they are told.

    Those that name a row that is told and that this world has not are none; of things whose rows
    are drawn, others are named. ``named`` gives the last parts of the identities of an entity's
    rows, as texts.
    """
    found = (_find_named(row, entity, world, named) for row in entity.rows)
    kept = [row for row in found if row is not None]
    most = entity.number[1] if entity.number else len(kept)
    if most < len(kept):
        chosen = sorted(rng.sample(range(len(kept)), rng.randint(entity.number[0], most)))  # type: ignore[index]
        kept = [kept[at] for at in chosen]
    written = (
        {name: _write(value, entity, name, world, clock, rng) for name, value in row.items()}
        for row in kept
    )
    return [row for row in written if MISSING not in row.values()]


def _find_named(
    row: Mapping[str, Any], entity: Entity, world: World, named: Callable[[str], Collection[str]]
) -> Mapping[str, Any] | None:
    """The row with the rows that it names; None where one of these is told and is not there."""
    drawn = set()
    for name, value in row.items():
        target = world.entities.get(entity.fields[name].entity or "")
        if target is None or target.key == entity.key or value is None or isinstance(value, dict):
            continue
        known = named(target.key)
        if all(as_text(one) in known for one in (value if isinstance(value, list) else [value])):
            continue
        if target.rows:
            return None
        drawn.add(name)
    return {name: value for name, value in row.items() if name not in drawn} if drawn else row


def _write(
    value: Any, entity: Entity, name: str, world: World, clock: datetime, rng: Random
) -> Any:
    """What is told; of what is told of the clock, the day or moment in the field's form.

    `MISSING` where the field's schema allows none: there is no such row.
    """
    field = entity.fields[name]
    if not is_to_the_clock(value, field.semantic):
        return copied(value)
    told = parse_expression(value).evaluate(RowScope(entity, {}, world, lambda _: {}, clock))
    when = datetime.fromisoformat(str(told))
    if value.startswith("today"):
        hour, minute = rng.choice(_WORKING), 5 * rng.randrange(12)
        when = when.replace(hour=hour, minute=minute, tzinfo=clock.tzinfo)
        if when.date() == clock.date() and when > clock:
            when = (clock - timedelta(minutes=30)).replace(second=0, microsecond=0)
    return write_moment(when, field)


def is_to_the_clock(value: Any, semantic: str | None) -> bool:
    """Whether a value of a row says how a date lies to the clock: ``today - 3d``."""
    dated = semantic in ("date", "datetime", "time")
    return dated and isinstance(value, str) and _TO_THE_CLOCK.match(value) is not None


def write_moment(when: datetime, field: Field) -> Any:
    """A moment as the field's schema wants it; `MISSING` where it wants none such."""
    schema = simple(field.schema)
    made = times.moment_text(when, schema, field.semantic, field.name)
    forms = (when.strftime(form) for form in times.WRITTEN)
    return next((one for one in (made, *forms) if fits(one, field.schema)), MISSING)


def meet_told(told: JsonObject, entity: Entity, scene: People) -> None:
    """Let what is drawn beside it be of the people and places that a row tells."""
    texts = {name: value for name, value in told.items() if isinstance(value, str)}
    meant = {name: entity.fields[name].semantic for name in texts if name in entity.fields}
    for name, semantic in meant.items():
        if semantic == "person_name":
            scene.meet(name, texts[name])
        elif semantic == "city":
            scene.settle(name, texts[name])
    if scene.sites:
        return
    # Of a town that nobody knows, numbers are those of its state, or at least of its country, which
    # other rows may tell.
    for row in (texts, *entity.rows):
        around = [str(row[name]) for name in row
                  if name in entity.fields and entity.fields[name].semantic in _AREAS]  # fmt: skip
        if (found := find_place(around)) is not None:
            scene.settle("city", found.city)
            return


def find_place(around: Iterable[str]) -> Place | None:
    """A town in a state, or else in a country, of that name or code."""
    named = {one.casefold() for one in around}
    states = (one for one in places() if named & {one.state.casefold(), one.state_code.casefold()})
    countries = (
        one for one in places() if named & {one.country.casefold(), one.country_code.casefold()}
    )
    return next(states, None) or next(countries, None)


def keep_told(row: JsonObject, told: JsonObject, entity: Entity, world: World) -> None:
    """Let the row hold what is told of it, and nothing of what is told of others alone."""
    if not entity.rows:
        return
    row |= copied(told)
    for name in unknown_names(entity, told):
        if name in row and fits(None, entity.fields[name].schema):
            row[name] = None
        elif name not in _needed(world)[entity.key]:
            row.pop(name, None)


def unknown_names(entity: Entity, told: Mapping[str, Any]) -> frozenset[str]:
    """The fields that other rows tell, and this one does not."""
    return told_names(entity) - told.keys() - {*entity.identity}


@remembered
def _needed(world: World) -> Mapping[str, frozenset[str]]:
    """Entity → the fields that a result must show."""
    return {
        key: always_shown(one for one in world.models.values() if one.entity == key)
        for key in world.entities
    }
