"""How long a flight takes between two places: along the great circle, with time to climb."""

import math
from collections.abc import Mapping
from functools import cache
from typing import Any

from generators.identity_cache import remembered
from generators.lexicon.names import in_words
from generators.sandbox.people import Place, places
from generators.world.model import Entity

_RADIUS_KM, _KM_PER_MINUTE = 6371.0, 13.5
_ON_THE_GROUND, _A_STOP, _STEP = 35, 95, 5
_FROM, _TO = {"origin", "from", "departure", "source"}, {"destination", "to", "arrival", "target"}


def kilometres(first: Place, second: Place) -> float:
    """Length of the great circle between two places (haversine formula)."""
    north, south = math.radians(first.latitude), math.radians(second.latitude)
    east = math.radians(second.longitude - first.longitude)
    chord = (
        math.sin((south - north) / 2) ** 2
        + math.cos(north) * math.cos(south) * math.sin(east / 2) ** 2
    )
    return 2 * _RADIUS_KM * math.asin(math.sqrt(chord))


def flight_minutes(first: Place, second: Place, stops: int) -> int:
    """Minutes from gate to gate, to five minutes."""
    minutes = kilometres(first, second) / _KM_PER_MINUTE + _ON_THE_GROUND + stops * _A_STOP
    return round(minutes / _STEP) * _STEP


def travel_minutes(row: Mapping[str, Any], entity: Entity) -> int | None:
    """What a row with two places takes by air; None where it names no two that are known."""
    ends: dict[str, Place] = {}
    for name, side in _ends(entity):
        place = _known().get(str(row.get(name, "")))
        if place is not None:
            ends[side] = place
    if len(ends) < 2:
        return None
    stops = next((row[n] for n in ("stops", "layovers") if isinstance(row.get(n), int)), 0)
    return flight_minutes(ends["from"], ends["to"], stops)


@remembered
def _ends(entity: Entity) -> tuple[tuple[str, str], ...]:
    """The fields that hold a place, with the side of the journey that they name."""
    sides = []
    for name, field in entity.fields.items():
        words = set(in_words(name).split())
        side = "from" if words & _FROM else "to" if words & _TO else ""
        if side and field.semantic in ("city", "airport"):
            sides.append((name, side))
    return tuple(sides)


@cache
def _known() -> Mapping[str, Place]:
    return {name: place for place in places() for name in (place.city, place.airport)}
