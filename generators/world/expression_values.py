"""What an expression does with values: comparing, reckoning, dates and times, functions.

Nothing here raises an error on data: what does not fit is `MISSING`.
"""

import ast
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from operator import add, floordiv, mod, mul, sub, truediv
from typing import Any, Final


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
    for value in values:
        if type(value) is Each:
            return _apply_to_each(work, values)
    for value in values:
        if value is MISSING:
            return MISSING
    try:
        found = work(*values)
    except (ArithmeticError, ValueError, TypeError):  # the data do not fit what is asked of them
        return MISSING
    return MISSING if isinstance(found, float) and not math.isfinite(found) else found


def _apply_to_each(work: Callable[..., Any], values: tuple[Any, ...]) -> Any:
    """``work`` on the first of each, on the second of each, and so on; lists must be as long."""
    lengths = {len(value) for value in values if type(value) is Each}
    if len(lengths) > 1:
        return MISSING
    columns = [value if type(value) is Each else [value] * min(lengths) for value in values]
    return Each(apply_each(work, *row) for row in zip(*columns, strict=True))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


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

_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)?(?P<between>[T ])?"
    r"(?P<time>\d\d:\d\d(?P<seconds>:\d\d(?P<part>\.\d{1,6})?)?)?(?P<zone>Z|[+-]\d\d:?\d\d)?"
)


@lru_cache(maxsize=65_536)
def _read_moment(text: str) -> date | time | datetime | None:
    """The date, time or moment that a text is."""
    found = _MOMENT.fullmatch(text)
    if found is None or not (found["day"] or found["time"]):
        return None
    whole = bool(found["day"] and found["time"])
    if whole != bool(found["between"]) or (found["zone"] and not whole):
        return None
    try:
        if whole:
            return datetime.fromisoformat(text)
        return date.fromisoformat(text) if found["day"] else time.fromisoformat(text)
    except ValueError:  # the 30th of February
        return None


def _moment_of(value: Any) -> date | time | datetime | None:
    return _read_moment(value) if isinstance(value, str) else None


def _write_like(text: str, moment: date | time | datetime) -> str:
    """A moment in the form in which another is written."""
    found = _MOMENT.fullmatch(text)
    assert found is not None
    if not isinstance(moment, datetime):
        short = isinstance(moment, time) and not found["seconds"] and not moment.second
        return moment.isoformat()[:5] if short else moment.isoformat()
    spec = "minutes" if not (found["seconds"] or moment.second) else "auto"
    if found["part"]:
        spec = "milliseconds" if len(found["part"]) <= 4 else "microseconds"
    said = moment.isoformat(sep=found["between"] or "T", timespec=spec)
    return said.removesuffix("+00:00") + "Z" if found["zone"] == "Z" else said


def _shift(text: str, by: timedelta) -> Any:
    """A date, time or moment, so much later; a time of day goes past midnight."""
    moment = _read_moment(text)
    if moment is None:
        return MISSING
    if isinstance(moment, time):
        later = (datetime.combine(date(2000, 1, 2), moment) + timedelta(0, by.total_seconds()),)
        return _write_like(text, later[0].time())
    if isinstance(moment, datetime) or by % timedelta(days=1) == timedelta(0):
        return _write_like(text, moment + by)
    return (datetime.combine(moment, time()) + by).isoformat(timespec="minutes")


def _between(one: str, other: str) -> Any:
    """How much later the first of two texts is than the other."""
    a, b = _read_moment(one), _read_moment(other)
    if isinstance(a, time) and isinstance(b, time):
        day = date(2000, 1, 1)
        return datetime.combine(day, a) - datetime.combine(day, b)
    if a is None or b is None or isinstance(a, time) or isinstance(b, time):
        return MISSING
    whole = [m if isinstance(m, datetime) else datetime.combine(m, time()) for m in (a, b)]
    # Two moments by the same clock: where one has no zone, that of the other is not looked at.
    aligned_one = whole[0]
    aligned_other = whole[1]
    first, second = (
        (aligned_one, aligned_other)
        if (aligned_one.tzinfo is None) == (aligned_other.tzinfo is None)
        else (aligned_one.replace(tzinfo=None), aligned_other.replace(tzinfo=None))
    )
    return first - second


# ---------------------------------------------------------------- comparing

_DAY = len("2026-03-12")


def _may_be_moments(one: str, other: str) -> bool:
    """Whether two texts both begin as a date or a time does: with a digit."""
    return one[:1].isdecimal() and other[:1].isdecimal()


def _order(one: Any, other: Any) -> Any:
    """Below, at or above zero as the first is less, equal or more; `MISSING`: no order."""
    if type(one) is int and type(other) is int:
        return one - other
    if type(one) is str and type(other) is str:
        if not _may_be_moments(one, other):
            return MISSING
    elif _is_number(one) and _is_number(other):
        return 0 if math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) else one - other
    elif isinstance(one, timedelta) and isinstance(other, timedelta):
        return (one - other).total_seconds()
    a, b = _moment_of(one), _moment_of(other)
    if a is None or b is None or isinstance(a, time) != isinstance(b, time):
        return MISSING
    if type(a) is date and type(b) is date:
        return (a - b).total_seconds()
    if type(a) is date and isinstance(b, datetime):
        other = b.date().isoformat()
    elif isinstance(a, datetime) and type(b) is date:
        one = a.date().isoformat()
    return _between(one, other).total_seconds()


def are_equal(one: Any, other: Any) -> bool:
    """Whether two known values are the same: numbers in nine digits, moments by the clock."""
    if type(one) is str and type(other) is str:
        if one == other:
            return True
        # Two days, or two times to a tenth of a second, of which each has one form.
        if not _may_be_moments(one, other) or len(one) == len(other) == _DAY:
            return False
    elif isinstance(one, bool) or isinstance(other, bool):
        return one is other
    elif one == other:
        return True
    order = _order(one, other)
    return order is not MISSING and order == 0


def contains(value: Any, whole: Any) -> Any:
    """Whether a list has the value, or a text the part."""
    if isinstance(whole, str):
        return value in whole if isinstance(value, str) else MISSING
    if not isinstance(whole, list | tuple):
        return MISSING
    if any(are_equal(value, one) for one in whole if one is not MISSING):
        return True
    return MISSING if MISSING in whole else False


def _ordering(test: Callable[[float], bool]) -> Callable[[Any, Any], Any]:
    def compare(one: Any, other: Any) -> Any:
        order = _order(one, other)
        return MISSING if order is MISSING else test(order)

    return compare


COMPARISONS: Mapping[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: are_equal,
    ast.NotEq: lambda one, other: not are_equal(one, other),
    ast.Lt: _ordering(lambda order: order < 0),
    ast.LtE: _ordering(lambda order: order <= 0),
    ast.Gt: _ordering(lambda order: order > 0),
    ast.GtE: _ordering(lambda order: order >= 0),
}


# ---------------------------------------------------------------- reckoning


def _plus(one: Any, other: Any) -> Any:
    if isinstance(one, timedelta) and isinstance(other, str):
        one, other = other, one
    if isinstance(one, str) and isinstance(other, timedelta):
        return _shift(one, other)
    if isinstance(one, str) and isinstance(other, str):
        told = _read_moment(one) is not None and _read_moment(other) is not None
        return MISSING if told else one + other
    return _reckon(add)(one, other)


def _minus(one: Any, other: Any) -> Any:
    if isinstance(one, str):
        if isinstance(other, timedelta):
            return _shift(one, -other)
        return _between(one, other) if isinstance(other, str) else MISSING
    return _reckon(sub)(one, other)


def _reckon(work: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """``work`` on numbers and durations; Python refuses those that do not go together."""

    def reckon(one: Any, other: Any) -> Any:
        fit = all(_is_number(v) or isinstance(v, timedelta) for v in (one, other))
        return work(one, other) if fit else MISSING

    return reckon


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
    if values is None:
        return MISSING
    if values and all(isinstance(one, timedelta) for one in values):
        return sum(values, timedelta())
    return sum(values) if all(map(_is_number, values)) else MISSING


def _distinct(value: Any) -> Any:
    values = _known_list(value)
    if values is None:
        return MISSING
    found: list[Any] = []
    for one in values:
        if not any(are_equal(one, other) for other in found):
            found.append(one)
    return found


def _count(value: Any) -> Any:
    return len(value) if isinstance(value, str | list | tuple) else MISSING


def _extreme(sign: int) -> Callable[..., Any]:
    def find(*values: Any) -> Any:
        if len(values) > 1:
            return apply_each(lambda *known: best(known), *values)
        known = _known_list(values[0])
        return best(known) if known else MISSING

    def best(values: Iterable[Any]) -> Any:
        found: Any = None
        for value in values:
            order = -1 if found is None else _order(value, found) * sign
            if order < 0:
                found = value
        return found

    return lambda *values: _guard(find, *values)


def _guard(work: Callable[..., Any], *values: Any) -> Any:
    try:
        return work(*values)
    except TypeError:  # values that have no order
        return MISSING


def _round(value: Any, digits: Any = 0) -> Any:
    """Half up, as people round money."""
    if not _is_number(value) or not isinstance(digits, int) or not 0 <= digits <= 9:
        return MISSING
    found = Decimal(repr(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    return float(found) if digits else int(found)


def _measure(unit: timedelta) -> Callable[[Any], Any]:
    """A number as a duration in the unit; a duration as a number of units."""

    def measure(value: Any) -> Any:
        if isinstance(value, timedelta):
            amount = value / unit
            return int(amount) if amount.is_integer() else amount
        return value * unit if _is_number(value) else MISSING

    return measure


def _at(day: Any, hour: Any) -> Any:
    a, b = _moment_of(day), _moment_of(hour)
    if a is None or isinstance(a, time) or not isinstance(b, time):
        return MISSING
    return f"{a.isoformat()[:10]}T{hour}"


def _day_of(value: Any) -> Any:
    moment = _moment_of(value)
    return MISSING if moment is None or isinstance(moment, time) else moment.isoformat()[:10]


def _time_of(value: Any) -> Any:
    moment = _moment_of(value)
    if isinstance(moment, datetime):
        moment = moment.time()
    return moment.isoformat()[:5] if isinstance(moment, time) else MISSING


def _weekday(value: Any) -> Any:
    moment = _moment_of(value)
    if moment is None or isinstance(moment, time):
        return MISSING
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return days[moment.weekday()]


def _texts(work: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: work(*values) if all(isinstance(v, str) for v in values) else MISSING


def _default(value: Any, otherwise: Any) -> Any:
    if type(value) is Each:
        return Each(_default(one, otherwise) for one in value)
    return otherwise if value is MISSING else value


def is_known(value: Any) -> Any:
    """Whether there is a value; of each, for each."""
    return Each(map(is_known, value)) if type(value) is Each else value is not MISSING


def _all(value: Any) -> Any:
    return decide_truth(Each(value)) if isinstance(value, list | tuple) else MISSING


def _any(value: Any) -> Any:
    if not isinstance(value, list | tuple):
        return MISSING
    return negate(_all([negate(decide_truth(one)) for one in value]))


def negate(value: Any) -> Any:
    """The other of true and false."""
    return not value if isinstance(value, bool) else MISSING


def _plain(work: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *values: apply_each(work, *values)


FUNCTIONS: Mapping[str, tuple[Callable[..., Any], tuple[int, int], str]] = {
    "sum": (_sum, (1, 1), "of a list's numbers or durations"),
    "count": (_count, (1, 1), "how many a list has"),
    "len": (_count, (1, 1), "how many a list or characters a text has"),
    "distinct": (_distinct, (1, 1), "a list without what is in it before"),
    "min": (_extreme(1), (1, 5), "the least of a list, or of several"),
    "max": (_extreme(-1), (1, 5), "the greatest of a list, or of several"),
    "all": (_all, (1, 1), "whether a condition holds for each"),
    "any": (_any, (1, 1), "whether a condition holds for one"),
    "known": (is_known, (1, 1), "whether there is a value"),
    "default": (_default, (2, 2), "the value, or another where there is none"),
    "round": (_plain(_round), (1, 2), "half up, to so many digits"),
    "abs": (_plain(lambda v: abs(v) if _is_number(v) else MISSING), (1, 1), "without its sign"),
    "lower": (_plain(_texts(str.lower)), (1, 1), "a text in small letters"),
    "starts_with": (_plain(_texts(str.startswith)), (2, 2), "whether a text begins so"),
    "ends_with": (_plain(_texts(str.endswith)), (2, 2), "whether a text ends so"),
    "minutes": (_plain(_measure(timedelta(minutes=1))), (1, 1), "a duration, or how many it has"),
    "hours": (_plain(_measure(timedelta(hours=1))), (1, 1), "a duration, or how many it has"),
    "days": (_plain(_measure(timedelta(days=1))), (1, 1), "a duration, or how many it has"),
    "weeks": (_plain(_measure(timedelta(weeks=1))), (1, 1), "a duration, or how many it has"),
    "at": (_plain(_at), (2, 2), "the moment of a day and a time"),
    "day": (_plain(_day_of), (1, 1), "the date of a moment"),
    "time": (_plain(_time_of), (1, 1), "the time of day of a moment"),
    "weekday": (_plain(_weekday), (1, 1), "the name of a date's day: 'monday'"),
}
"""Name → what it does to values, the least and most arguments, and what it gives."""
