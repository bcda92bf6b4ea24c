"""What an expression does with values: comparing, reckoning, dates and times, functions.

Nothing here raises an error on data: what does not fit is `MISSING`.
"""

import ast
import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import cache, lru_cache, partial
from operator import add, floordiv, ge, gt, le, lt, mod, mul, sub, truediv
from typing import Any, Final

from generators.lexicon.tables import load_table


class _Missing:
    """The type of `MISSING`."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"

    def __bool__(self) -> bool:
        return False


MISSING: Final = _Missing()
"""A value that nobody knows."""


class Each(list[Any]):
    """Values of a list, for each of which is done what is written."""


def decide_truth(value: Any) -> Any:
    """True, False or `MISSING`; of many, whether all are true."""
    if value is True or value is False:
        return value
    if type(value) is Each:
        found = [decide_truth(one) for one in value]
        return False if False in found else MISSING if MISSING in found else True
    return MISSING


def apply_each(work: Callable[..., Any], *values: Any) -> Any:
    """``work`` on known values; on each where one is each; unknown where it fails."""
    unknown = False
    for value in values:
        if type(value) is Each:
            lengths = {len(value) for value in values if type(value) is Each}
            if len(lengths) > 1:
                return MISSING
            columns = [value if type(value) is Each else [value] * min(lengths) for value in values]
            return Each(map(partial(apply_each, work), *columns))
        if value is MISSING:
            unknown = True
    if unknown:
        return MISSING
    try:
        found = work(*values)
    except (ArithmeticError, ValueError, TypeError):  # the data do not fit what is asked of them
        return MISSING
    return MISSING if type(found) is float and not math.isfinite(found) else found


def apply_two(work: Callable[[Any, Any], Any], one: Any, other: Any) -> Any:
    """The same on two values, which is most of what there is to do."""
    if one is MISSING or other is MISSING or type(one) is Each or type(other) is Each:
        return apply_each(work, one, other)
    try:
        found = work(one, other)
    except (ArithmeticError, ValueError, TypeError):
        return MISSING
    return MISSING if type(found) is float and not math.isfinite(found) else found


def take_each(value: Any) -> Any:
    """The values of a list; of lists, those of all."""
    if type(value) is Each:
        parts = [take_each(one) for one in value]
        return MISSING if MISSING in parts else Each(one for part in parts for one in part)
    if not isinstance(value, list | tuple):
        return MISSING
    return Each(MISSING if one is None else one for one in value)


def take_one(value: Any, index: int) -> Any:
    """The value of a list at that place, counted from its end where it is negative."""
    if type(value) is Each:
        return Each(take_one(one, index) for one in value)
    if not isinstance(value, list | tuple) or not -len(value) <= index < len(value):
        return MISSING
    return MISSING if value[index] is None else value[index]


# ---------------------------------------------------------------- dates and times

Moment = date | time | datetime
_REMEMBERED = 4096
"""What the rows of a few worlds need; of one that is left, nothing is asked again."""
_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)?(?P<between>[T ])?"
    r"(?P<time>\d\d:\d\d(?P<seconds>:\d\d(?P<part>\.\d{1,6})?)?)?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)


@lru_cache(maxsize=_REMEMBERED)
def _read_moment(text: str) -> Moment | None:
    """The date, time or moment that a text is."""
    found = _MOMENT.fullmatch(text)
    if found is None or not (found["day"] or found["time"]):
        return None
    whole = bool(found["day"] and found["time"])
    if whole != bool(found["between"]) or (found["zone"] and not whole):
        return None
    kind = datetime if whole else date if found["day"] else time
    try:
        return kind.fromisoformat(text)
    except ValueError:  # the 30th of February
        return None


def _moment_of(value: Any) -> Moment | None:
    return _read_moment(value) if isinstance(value, str) else None


def _whole(moment: Moment) -> datetime:
    """A date at its midnight; a time of day on a day like any other."""
    if isinstance(moment, time):
        return datetime.combine(date(2000, 1, 2), moment)
    return moment if isinstance(moment, datetime) else datetime.combine(moment, time())


@lru_cache(maxsize=_REMEMBERED)
def _shift(text: str, by: timedelta) -> Any:
    """A date, time or moment so much later, written alike; a time of day goes past midnight."""
    moment, found = _read_moment(text), _MOMENT.fullmatch(text)
    if moment is None or found is None:
        return MISSING
    if isinstance(moment, time):
        later = (_whole(moment) + timedelta(0, by.total_seconds())).time()
        return later.isoformat()[: None if found["seconds"] or later.second else 5]
    if not isinstance(moment, datetime):
        if by % timedelta(days=1):
            return (_whole(moment) + by).isoformat(timespec="minutes")
        return (moment + by).isoformat()
    moment += by
    spec = "auto" if found["seconds"] or moment.second else "minutes"
    if found["part"]:
        spec = "milliseconds" if len(found["part"]) <= 4 else "microseconds"
    said = moment.isoformat(sep=found["between"], timespec=spec)
    return said.removesuffix("+00:00") + "Z" if found["zone"] == "Z" else said


def _difference(one: Moment, other: Moment) -> timedelta:
    """Two moments by the same clock: where one has no zone, that of the other is not looked at."""
    if type(one) is date and type(other) is date:
        return one - other
    a = one if isinstance(one, datetime) else _whole(one)
    b = other if isinstance(other, datetime) else _whole(other)
    if (a.tzinfo is None) != (b.tzinfo is None):
        a, b = a.replace(tzinfo=None), b.replace(tzinfo=None)
    return a - b


# ---------------------------------------------------------------- comparing

DAY = len("2026-03-12")


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _order(one: Any, other: Any) -> Any:
    """Below, at or above zero as the first is less, equal or more; `MISSING`: no order."""
    if type(one) is int and type(other) is int:
        return one - other
    if type(one) is str and type(other) is str:
        return order_texts(one, other)
    if _is_number(one) and _is_number(other):
        return 0 if math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) else one - other
    if isinstance(one, timedelta) and isinstance(other, timedelta):
        return (one - other).total_seconds()
    return MISSING


@lru_cache(maxsize=_REMEMBERED)
def order_texts(one: str, other: str) -> Any:
    """As `_order` does, of two texts: they have an order where both are moments."""
    a, b = _read_moment(one), _read_moment(other)
    if a is None or b is None or isinstance(a, time) != isinstance(b, time):
        return MISSING
    if (type(a) is date) != (type(b) is date):  # a date against a moment: by the day
        a, b = (m.date() if isinstance(m, datetime) else m for m in (a, b))
    return _difference(a, b).total_seconds()


def are_equal(one: Any, other: Any) -> bool:
    """Whether two known values are the same: numbers in nine digits, moments by the clock."""
    if type(one) is str and type(other) is str:
        if one == other:
            return True
        # Two days, or two times to a tenth of a second, of which each has one form.
        if not (one[:1].isdecimal() and other[:1].isdecimal()) or len(one) == len(other) == DAY:
            return False
        between = order_texts(one, other)
        return between is not MISSING and between == 0
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if one == other:
        return True
    order = _order(one, other)
    return order is not MISSING and order == 0


def contains(value: Any, whole: Any) -> Any:
    """Whether a list has the value, or a text the part."""
    if isinstance(whole, str):
        return value in whole if isinstance(value, str) else MISSING
    if not isinstance(whole, list | tuple):
        return MISSING
    is_word = type(value) is str and not value[:1].isdecimal()  # equal to its like alone
    if is_word and value in whole:
        return True
    if not is_word and any(are_equal(value, one) for one in whole if one is not MISSING):
        return True
    return MISSING if MISSING in whole else False


def _ordering(test: Callable[[float, int], bool]) -> Callable[[Any, Any], Any]:
    def compare(one: Any, other: Any) -> Any:
        order = _order(one, other)
        return MISSING if order is MISSING else test(order, 0)

    return compare


COMPARISONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": are_equal,
    "!=": lambda one, other: not are_equal(one, other),
    "<": _ordering(lt),
    "<=": _ordering(le),
    ">": _ordering(gt),
    ">=": _ordering(ge),
}


# ---------------------------------------------------------------- reckoning


def _reckon(work: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """``work`` on numbers and durations; Python refuses those that do not go together."""

    def reckon(one: Any, other: Any) -> Any:
        fit = all(_is_number(v) or isinstance(v, timedelta) for v in (one, other))
        return work(one, other) if fit else MISSING

    return reckon


def _plus(one: Any, other: Any) -> Any:
    if isinstance(other, str) and isinstance(one, timedelta):
        one, other = other, one
    if isinstance(one, str) and isinstance(other, timedelta):
        return _shift(one, other)
    if isinstance(one, str) and isinstance(other, str):
        return MISSING if _read_moment(one) and _read_moment(other) else one + other
    return _reckon(add)(one, other)


def _minus(one: Any, other: Any) -> Any:
    if not isinstance(one, str):
        return _reckon(sub)(one, other)
    if isinstance(other, timedelta):
        return _shift(one, -other)
    a, b = _moment_of(one), _moment_of(other)
    if a is None or b is None or isinstance(a, time) != isinstance(b, time):
        return MISSING
    return _difference(a, b)


OPERATIONS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: _plus,
    ast.Sub: _minus,
    ast.Mult: _reckon(mul),
    ast.Div: _reckon(truediv),
    ast.FloorDiv: _reckon(floordiv),
    ast.Mod: _reckon(mod),
}


# ---------------------------------------------------------------- functions


def _known_list(value: Any) -> list[Any] | None:
    """The values of a list, where all are known."""
    if not isinstance(value, list | tuple):
        return None
    return None if any(one is MISSING or one is None for one in value) else list(value)


def _sum(value: Any) -> Any:
    values = _known_list(value)
    if values and all(isinstance(one, timedelta) for one in values):
        return sum(values, timedelta())
    return MISSING if values is None or not all(map(_is_number, values)) else sum(values)


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
            if _order(value, found) * sign < 0:  # a TypeError where they have no order
                found = value
        return found

    def find(*values: Any) -> Any:
        known = values if len(values) > 1 else _known_list(values[0])
        return apply_each(choose, *known) if known else MISSING

    return find


def _round(value: Any, digits: Any = 0) -> Any:
    """Half up, as people round money."""
    if not _is_number(value) or not isinstance(digits, int) or not 0 <= digits <= 9:
        return MISSING
    found = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(found) if digits else int(found)


def _measure(value: Any, **unit: int) -> Any:
    """A number as a duration in the unit; a duration as a number of units."""
    if isinstance(value, timedelta):
        amount = value / timedelta(**unit)
        return int(amount) if amount.is_integer() else amount
    return value * timedelta(**unit) if _is_number(value) else MISSING


def _day_of(value: Any) -> date:
    """The date or moment that a value is; a TypeError for any other value."""
    moment = _moment_of(value)
    if moment is None or isinstance(moment, time):
        raise TypeError(value)
    return moment


def _at(day: Any, hour: Any) -> Any:
    told = isinstance(_moment_of(hour), time)
    return f"{_day_of(day).isoformat()[:10]}T{hour}" if told else MISSING


def _time_of(value: Any) -> Any:
    moment = _moment_of(value)
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


def is_known(value: Any) -> Any:
    """Whether there is a value; of each, for each."""
    return Each(map(is_known, value)) if type(value) is Each else value is not MISSING


def _quantify(value: Any, *, ends: bool) -> Any:
    """What one value decides alone, true of "any", or else the other where all are known."""
    if not isinstance(value, list | tuple):
        return MISSING
    found = [decide_truth(one) for one in value]
    return ends if ends in found else MISSING if MISSING in found else not ends


def negate(value: Any) -> Any:
    """The other of true and false."""
    return not value if isinstance(value, bool) else MISSING


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
    "abs": (_plain(lambda v: abs(v) if _is_number(v) else MISSING), (1, 1), "without its sign"),
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
