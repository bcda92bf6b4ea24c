"""The functions of expressions, on values alone, and the scopes in which names are looked up.

Nothing here raises an error on data: what does not fit is `MISSING`.

What expressions see stands first: fields, the rows that they refer to, and rows that they go
through.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, partial
from types import MappingProxyType
from typing import Any, Protocol

from generators.lexicon.tables import load_table
from generators.world.expression_values import (
    DAY,
    MISSING,
    Each,
    apply_each,
    are_equal,
    contains,
    decide_truth,
    find_moment,
    find_order,
    is_known,
    is_number,
)


def _known_list(value: Any) -> list[Any] | None:
    """The values of a list, where all are known."""
    if not isinstance(value, list | tuple):
        return None
    return None if any(one is MISSING or one is None for one in value) else list(value)


def _sum(value: Any) -> Any:
    values = _known_list(value)
    if values and all(isinstance(one, timedelta) for one in values):
        return sum(values, timedelta())
    return MISSING if values is None or not all(map(is_number, values)) else sum(values)


def _distinct(value: Any) -> Any:
    values = _known_list(value)
    found: list[Any] = []
    for one in values or ():
        if not any(are_equal(one, other) for other in found):
            found.append(one)
    return MISSING if values is None else found


def _count(value: Any) -> Any:
    return len(value) if isinstance(value, str | list | tuple) else MISSING


def _extreme(sign: int) -> Callable[..., Any]:
    def choose(*values: Any) -> Any:
        found = values[0]
        for value in values[1:]:
            if find_order(value, found) * sign < 0:  # a TypeError where they have no order
                found = value
        return found

    def find(*values: Any) -> Any:
        known = values if len(values) > 1 else _known_list(values[0])
        return apply_each(choose, *known) if known else MISSING

    return find


def _round(value: Any, digits: Any = 0) -> Any:
    """Half up, as people round money."""
    if not is_number(value) or not isinstance(digits, int) or not 0 <= digits <= 9:
        return MISSING
    found = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(found) if digits else int(found)


def _measure(value: Any, **unit: int) -> Any:
    """A number as a duration in the unit; a duration as a number of units."""
    if isinstance(value, timedelta):
        amount = value / timedelta(**unit)
        return int(amount) if amount.is_integer() else amount
    return value * timedelta(**unit) if is_number(value) else MISSING


def _day_of(value: Any) -> date:
    """The date or moment that a value is; a TypeError for any other value."""
    moment = find_moment(value)
    if moment is None or isinstance(moment, time):
        raise TypeError(value)
    return moment


def _at(day: Any, hour: Any) -> Any:
    told = isinstance(find_moment(hour), time)
    return f"{_day_of(day).isoformat()[:10]}T{hour}" if told else MISSING


def _time_of(value: Any) -> Any:
    moment = find_moment(value)
    if isinstance(moment, datetime):
        moment = moment.time()
    return moment.isoformat()[:5] if isinstance(moment, time) else MISSING


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@cache
def _sites() -> Mapping[str, tuple[str, float, float]]:
    """City → its country, latitude and longitude."""
    return {row[0]: (row[3], row[6], row[7]) for row in load_table("places")["places"]}


def _country_of(city: Any) -> Any:
    return _sites()[city][0] if isinstance(city, str) and city in _sites() else MISSING


def _distance(one: Any, other: Any) -> Any:
    """Kilometres between two cities, in whole tens."""
    if not (isinstance(one, str) and isinstance(other, str) and {one, other} <= _sites().keys()):
        return MISSING
    (_, lat, lon), (_, to_lat, to_lon) = _sites()[one], _sites()[other]
    a, b, span = math.radians(lat), math.radians(to_lat), math.radians(to_lon - lon)
    cosine = math.sin(a) * math.sin(b) + math.cos(a) * math.cos(b) * math.cos(span)
    return round(6371 * math.acos(max(-1.0, min(1.0, cosine))) / 10) * 10


def _default(value: Any, otherwise: Any) -> Any:
    if type(value) is Each:
        return Each(_default(one, otherwise) for one in value)
    return otherwise if value is MISSING else value


def _quantify(value: Any, *, ends: bool) -> Any:
    """What one value decides alone, true of "any", or else the other where all are known."""
    if not isinstance(value, list | tuple):
        return MISSING
    found = [decide_truth(one) for one in value]
    return ends if ends in found else MISSING if MISSING in found else not ends


def _plain(work: Callable[..., Any], **more: int) -> Callable[..., Any]:
    return partial(apply_each, partial(work, **more) if more else work)


FUNCTIONS: Mapping[str, tuple[Callable[..., Any], tuple[int, int], str]] = {
    "sum": (_sum, (1, 1), "of a list's numbers or durations"),
    "count": (_count, (1, 1), "how many a list has"),
    "len": (_count, (1, 1), "how many a list or characters a text has"),
    "distinct": (_distinct, (1, 1), "a list without what is in it before"),
    "min": (_extreme(1), (1, 5), "the least of a list, or of several"),
    "max": (_extreme(-1), (1, 5), "the greatest of a list, or of several"),
    "all": (partial(_quantify, ends=False), (1, 1), "whether a condition holds for each"),
    "any": (partial(_quantify, ends=True), (1, 1), "whether a condition holds for one"),
    "known": (is_known, (1, 1), "whether there is a value"),
    "default": (_default, (2, 2), "the value, or another where there is none"),
    "round": (_plain(_round), (1, 2), "half up, to so many digits"),
    "abs": (_plain(lambda v: abs(v) if is_number(v) else MISSING), (1, 1), "without its sign"),
    "lower": (_plain(str.lower), (1, 1), "a text in small letters"),
    "country_of": (_plain(_country_of), (1, 1), "the country of a city"),
    "distance": (_plain(_distance), (2, 2), "kilometres between two cities"),
    "starts_with": (_plain(str.startswith), (2, 2), "whether a text begins so"),
    "ends_with": (_plain(str.endswith), (2, 2), "whether a text ends so"),
    **{
        unit: (_plain(_measure, **{unit: 1}), (1, 1), "a duration, or how many it has")
        for unit in ("minutes", "hours", "days", "weeks")
    },
    "at": (_plain(_at), (2, 2), "the moment of a day and a time"),
    "day": (_plain(lambda v: _day_of(v).isoformat()[:10]), (1, 1), "the date of a moment"),
    "time": (_plain(_time_of), (1, 1), "the time of day of a moment"),
    "weekday": (
        _plain(lambda v: _WEEKDAYS[_day_of(v).weekday()]),
        (1, 1),
        "the name of a date's day: 'monday'",
    ),
}
"""Name → what it does to values, the least and most arguments, and what it gives."""


_NOTHING: Mapping[str, Any] = MappingProxyType({})


class ExpressionScope(Protocol):
    """What an expression can see. Each gives `MISSING` where there is nothing by that name."""

    @property
    def held(self) -> Mapping[str, Any]:
        """Of what `value` gives, that which is looked at first: fields, parameters."""
        return _NOTHING

    def value(self, name: str) -> Any:
        """A parameter, a field, or a name such as ``row``, ``today``, ``now``."""

    def refer(self, row: Mapping[str, Any] | None, name: str) -> Any:
        """The row to which a row refers by that name; None: to which the arguments do."""
        del row, name
        return MISSING

    def rows(self, entity: str) -> Iterable[Mapping[str, Any]]:
        """All rows of an entity, by its noun: ``order item``."""
        del entity
        return ()


def take(scope: ExpressionScope, value: Any, name: str) -> Any:
    """A field of a row, or the row that it refers to by that name; of each, all of them."""
    if type(value) is Each:
        return Each(map(partial(take, scope, name=name), value))
    if type(value) is not dict and not isinstance(value, Mapping):  # the first is told sooner
        return MISSING
    found = value[name] if name in value else scope.refer(value, name)
    return MISSING if found is None else found


def find_named(scope: ExpressionScope, name: str) -> Any:
    """What a scope has by that name, or what its arguments refer to by it."""
    value = scope.value(name)
    if value is MISSING:
        value = scope.refer(None, name)
    return MISSING if value is None else value


def search(values: Any, whole: Any) -> Any:
    """Whether values are in a list or text."""
    if type(values) is str and type(whole) is list and values in whole:
        return True
    return apply_each(partial(contains, whole=whole), values)


def query(
    scope: ExpressionScope,
    summarise: Callable[[Iterator[Mapping[str, Any]]], Any],
    entity: str,
    filters: list[tuple[str, Any]],
    is_such: Callable[[Mapping[str, Any]], bool] | None,
) -> Any:
    """Go through the rows of an entity; a row that is not known to be such is none."""
    rows, others = scope.rows(entity), []
    for name, wanted in filters:
        if wanted is MISSING:
            return MISSING
        if type(wanted) is str and not wanted[:1].isdecimal():  # equal to its like alone
            rows = [row for row in rows if row.get(name) == wanted]
        elif type(wanted) is str and len(wanted) == DAY:  # so is a day among days
            rows = [
                row for row in rows
                if (held := row.get(name)) == wanted
                or ((type(held) is not str or len(held) != DAY)
                    and _has_all(scope, row, [(name, wanted)]))
            ]  # fmt: skip
        else:
            others.append((name, wanted))
    if others:
        rows = filter(partial(_has_all, scope, filters=others), rows)
    if is_such is not None:
        rows = filter(is_such, rows)
    listed = [(name, wanted) for name, wanted in others if isinstance(wanted, list)]
    if summarise is list and listed:  # what is named twice is there twice: two of one item
        return [row for row in rows for _ in range(_count_named(scope, row, listed))]
    return summarise(iter(rows))


def _has_all(
    scope: ExpressionScope, row: Mapping[str, Any], filters: list[tuple[str, Any]]
) -> bool:
    """Whether a row is known to have what each field is to be equal to, or one of a list."""
    for name, wanted in filters:
        found = row[name] if name in row else take(scope, row, name)
        if found is MISSING or found is None:
            return False
        if isinstance(wanted, list) and not isinstance(found, list):
            if not any(are_equal(found, one) for one in wanted if one is not MISSING):
                return False
        elif not are_equal(found, wanted):
            return False
    return True


def _count_named(
    scope: ExpressionScope, row: Mapping[str, Any], listed: list[tuple[str, list[Any]]]
) -> int:
    """How often lists of wanted values name the value that the row has."""
    found = ((row[name] if name in row else take(scope, row, name), of) for name, of in listed)
    return max(1, *(sum(are_equal(held, one) for one in of if one is not MISSING)
                    for held, of in found))  # fmt: skip


QUERIES: Mapping[str, str] = {
    "exists": "whether an entity has such a row: exists(loan, member_id=member_id)",
    "none": "whether an entity has no such row",
    "count": "how many such rows an entity has",
    "rows": "such rows of an entity: rows(transaction, account_id=account_id)[].amount",
}
"""Functions whose first argument is an entity, and what they give."""
SUMMARIES: Mapping[str, Callable[[Iterator[Any]], Any]] = {
    "exists": any,
    "count": lambda rows: len(list(rows)),
    "rows": list,
}
"""The same, on the rows that are found; ``none`` is what ``exists`` denies."""
