"""What a row's parts cost together, where their prices stand in other rows."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from generators.identity_cache import Same
from generators.sandbox.coherence import TOTALS
from generators.sandbox.row_links import Rows
from generators.sandbox.row_values import Row, as_text
from generators.sandbox.schema_validity import fits, kind_of, simple
from generators.world.model import Entity, World
from schemas.record import JsonObject

_PRICES = ("price", "unit_price", "amount", "cost")
_FEES = ("delivery_fee", "shipping_fee", "service_fee")
_PEOPLE = ("passengers", "travelers", "travellers", "guests", "attendees", "tickets")
_QUANTITIES = ("quantity", "qty", "count")


def price(row: JsonObject, entity: Entity, world: World, rows: Rows) -> JsonObject:
    """The row with its total set to what its lines, or the rows that it lists, cost together."""
    if TOTALS.isdisjoint(row):
        return row
    names = [n for n in row if n in TOTALS and n != "amount" and isinstance(row[n], int | float)]
    costs = _costs(row, entity, world, rows) if names else []
    if costs:
        total = round(sum(costs) + _fees(row, entity, world, rows), 2)
        for name in names:
            if fits(total, entity.fields[name].schema):
                row[name] = total
    return row


def _costs(row: Row, entity: Entity, world: World, rows: Rows) -> list[float]:
    """What each listed part costs; none where a price is not known."""
    for field in entity.fields.values():
        parts = row.get(field.name)
        if not isinstance(parts, list) or not parts:
            continue
        target = world.entities.get(field.entity or "")
        costs = [_cost(part, target, entity, world, rows) for part in parts]
        known = [cost for cost in costs if cost is not None]
        if len(known) == len(costs):
            return known
    return _each(row, entity, world, rows)


def _each(row: Row, entity: Entity, world: World, rows: Rows) -> list[float]:
    """What one of what the row is for costs, for each of its people: the flight, for all three."""
    people = next((row[name] for name in _PEOPLE if isinstance(row.get(name), list)), None)
    for field in entity.fields.values():
        target = world.entities.get(field.entity or "")
        if people and target is not None and len(target.identity) == 1:
            cost = _price_of(rows, target, row.get(field.name))
            if cost is not None:
                return [cost] * len(people)
    return []


def _cost(
    part: Any, target: Entity | None, entity: Entity, world: World, rows: Rows
) -> float | None:
    if not isinstance(part, dict):
        return _price_of(rows, target, part) if target is not None else None
    count = next((part[name] for name in _QUANTITIES if name in part), 1)
    own = next((part[name] for name in _PRICES if name in part), None)
    for other in _priced(Same(world), Same(entity)) if own is None else ():
        mark = other.identity[0]
        if own is None and mark in part:
            own = _price_of(rows, other, part[mark])
    return own * count if isinstance(own, int | float) else None


@lru_cache(maxsize=4096)
def _priced(world: Same[World], entity: Same[Entity]) -> tuple[Entity, ...]:
    """The other entities of the domain that have a price and one field that identifies them."""
    return tuple(
        other
        for other in world.it.entities.values()
        if other.domain == entity.it.domain and other.key != entity.it.key
        and len(other.identity) == 1 and any(name in other.fields for name in _PRICES)
    )  # fmt: skip


def _price_of(rows: Rows, target: Entity, identity: Any) -> float | None:
    row: Mapping[str, Any] = rows(target.key).get((as_text(identity),), {})
    found = next((row[name] for name in _PRICES if name in row), None)
    return found if isinstance(found, int | float) else None


def _fees(row: Row, entity: Entity, world: World, rows: Rows) -> float:
    """What bringing the goods costs, as the row that sells them says."""
    for field in entity.fields.values():
        target = world.entities.get(field.entity or "")
        if target is None or len(target.identity) != 1 or kind_of(simple(field.schema)) == "array":
            continue
        other: Mapping[str, Any] = rows(target.key).get((as_text(row.get(field.name)),), {})
        fee = next((other[name] for name in _FEES if name in other), None)
        if isinstance(fee, int | float):
            return fee
    return 0
