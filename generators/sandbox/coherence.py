"""What must agree within one row: dates in the order of events, bounds, sums."""

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise
from typing import Any

from generators.lexicon.names import in_words
from generators.lexicon.tables import word_set
from generators.lexicon.tenses import has_happened, is_birth, stage_of
from generators.sandbox.schema_validity import fits
from generators.sandbox.times import is_dated, shifted
from schemas.record import JsonObject

_PRICES = ("price", "unit_price", "amount", "cost")
_QUANTITIES = ("quantity", "qty", "count")
TOTALS = word_set("total total_price total_amount total_cost subtotal order_total amount")
"""Names of fields that sum up what the row holds."""
_LEAST, _MOST = frozenset({"min", "minimum"}), frozenset({"max", "maximum"})


def put_right(row: JsonObject, schemas: Mapping[str, JsonObject]) -> JsonObject:
    """The row with its dates in order, its bounds the right way round, its totals added up.

    ``schemas`` are those of the fields: a change that would violate one is not made.
    """
    _order_dates(row, schemas)
    _order_bounds(row)
    _add_up(row, schemas)
    return row


def _put(row: JsonObject, name: str, value: Any, schemas: Mapping[str, JsonObject]) -> None:
    if fits(value, schemas.get(name, {})):
        row[name] = value


def _order_dates(row: JsonObject, schemas: Mapping[str, JsonObject]) -> None:
    """Put what has happened in the order of events; move what is planned behind what begins it."""
    dated = [(stage_of(name), name) for name, value in row.items() if is_dated(value)]
    if len(dated) < 2:
        return
    events = sorted((place, name) for place, name in dated if place is not None)
    past = [name for place, name in events if has_happened(name) and not is_birth(name)]
    for length in {len(row[name]): None for name in past}:
        names = [name for name in past if len(row[name]) == length]
        for name, value in zip(names, sorted(row[name] for name in names), strict=True):
            _put(row, name, value, schemas)
    planned = [(place, name) for place, name in events if not has_happened(name)]
    for (before, first), (after, second) in pairwise(planned):
        early, late = row[first], row[second]
        if before < after and len(early) == len(late) and late <= early:
            _put(row, second, _after(early, late), schemas)
    if planned and past:
        _bring_forward(row, past, min(row[name][:10] for _, name in planned), schemas)


def _bring_forward(
    row: JsonObject, names: list[str], latest: str, schemas: Mapping[str, JsonObject]
) -> None:
    """Let what began a row have happened before what it plans: booked before the flight left."""
    begun = [name for name in names if stage_of(name) == 1 and row[name][:10] > latest]
    for name in begun:
        _put(row, name, shifted(latest + row[name][10:], -1 - int(latest[8:10]) % 9), schemas)


def _after(early: str, late: str) -> str:
    """A later moment with the second one's time of day: the same day where that is enough."""
    same_day = early[:10] + late[10:]
    return same_day if same_day > early else shifted(same_day, 1 + int(late[8:10]) % 4)


def _order_bounds(row: JsonObject) -> None:
    for name, other in _pairs(tuple(row)):
        low, high = row[name], row[other]
        if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
            row[name], row[other] = high, low


@lru_cache(maxsize=4096)
def _pairs(names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """(lower bound, upper bound) of the same thing."""
    least = [name for name in names if _bounds(name, _LEAST)]
    most = [name for name in names if _bounds(name, _MOST)] if least else []
    return tuple((low, high) for low in least for high in most if _rest(low) == _rest(high))


def _bounds(name: str, words: frozenset[str]) -> bool:
    return bool(words & set(in_words(name).split()))


def _rest(name: str) -> tuple[str, ...]:
    return tuple(word for word in in_words(name).split() if word not in _LEAST | _MOST)


def _add_up(row: JsonObject, schemas: Mapping[str, JsonObject]) -> None:
    """A total is the sum over the row's lines, or price times quantity."""
    if TOTALS.isdisjoint(row):
        return
    totals = [name for name in row if name in TOTALS and isinstance(row[name], int | float)]
    if not totals:
        return
    lines = [value for value in row.values() if isinstance(value, list) and value]
    sums = [sum(costs) for costs in map(_costs, lines) if costs]
    own = _cost(row) if "amount" not in totals else None
    found = sums[0] if sums else own
    if found is not None:
        for name in totals:
            _put(row, name, round(found, 2), schemas)


def _costs(lines: list[Any]) -> list[float]:
    costs = [_cost(line) for line in lines if isinstance(line, dict)]
    return [cost for cost in costs if cost is not None] if None not in costs else []


def _cost(line: JsonObject) -> float | None:
    price = next((line[name] for name in _PRICES if name in line), None)
    quantity = next((line[name] for name in _QUANTITIES if name in line), None)
    numbers = isinstance(price, int | float) and isinstance(quantity, int | float)
    return price * quantity if numbers and price is not None and quantity is not None else None
