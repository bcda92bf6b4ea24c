"""Days by which rows are asked for: a meal of today, the holiday that comes next.

They lie where the world model says that they lie to the clock, however the field is called; a day
that is told in parts is one of the calendar, and has not passed long ago.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.sandbox.schema_validity import fits, kind_of, simple
from generators.sandbox.times import moment
from generators.world.model import Entity, Field
from schemas.record import JsonObject

_SPANS: Mapping[str, tuple[int, int]] = {"lately": (-6, 0), "near": (-2, 6), "future": (1, 45),
                                         "past": (-120, -2)}  # fmt: skip
_NOW = 0.4
"""How often a day that lies near is today."""
_PARTS = ("year", "month", "day")


def moment_about(field: Field, noun: str, rng: Random, clock: datetime) -> datetime:
    """A moment of the field's usual hours on a day that lies as its ``when`` says."""
    least, most = _SPANS[field.when or "past"]
    today = least <= 0 <= most and rng.random() < _NOW
    days = 0 if today else rng.randint(least, most)
    made = moment(field.name, noun, rng, clock)
    day = (clock + timedelta(days=days)).date()
    made = made.replace(year=day.year, month=day.month, day=day.day)
    if days == 0 and field.when in ("past", "lately") and made > clock:
        made = clock.replace(second=0, microsecond=0) - timedelta(minutes=30)
    return made


def place_day(
    identity: JsonObject, told: Mapping[str, Any], entity: Entity, clock: datetime
) -> None:
    """Let a day that is told in parts be the next such day; ``told`` parts stay."""
    parts = _day_parts(entity)
    if not parts or any(type(identity.get(name)) is not int for name in parts.values()):
        return
    year, month, day = parts["year"], parts["month"], parts["day"]
    if not 1 <= identity[month] <= 12:
        return
    if day not in told:
        identity[day] = min(identity[day], 28)  # every month has it
    if year in told:
        return
    for wanted in (clock.year, clock.year + 1, clock.year - 1):
        ahead = wanted < clock.year or _is_ahead(wanted, identity[month], identity[day], clock)
        if ahead and fits(wanted, entity.fields[year].schema):
            identity[year] = wanted
            return


def _is_ahead(year: int, month: int, day: int, clock: datetime) -> bool:
    try:
        return date(year, month, day) >= clock.date()
    except ValueError:  # no such day in that year
        return False


@remembered
def _day_parts(entity: Entity) -> Mapping[str, str]:
    """Part of a day → the part of the identity that holds it, as a number; empty without a day."""
    found = {
        in_words(name): name
        for name in entity.identity
        if in_words(name) in _PARTS and name in entity.fields
        and kind_of(simple(entity.fields[name].schema)) == "integer"
        and entity.fields[name].entity is None
    }  # fmt: skip
    return found if found.keys() == {*_PARTS} else {}
