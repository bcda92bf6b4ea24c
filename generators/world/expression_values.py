"""What an expression does with values: comparing, reckoning, dates and times.

Nothing here raises an error on data: what does not fit is `MISSING`.
"""

import ast
import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache, partial
from operator import add, floordiv, ge, gt, le, lt, mod, mul, sub, truediv
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


def is_known(value: Any) -> Any:
    """Whether there is a value; of each, for each."""
    return Each(map(is_known, value)) if type(value) is Each else value is not MISSING


def negate(value: Any) -> Any:
    """The other of true and false."""
    return not value if isinstance(value, bool) else MISSING


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


def find_moment(value: Any) -> Moment | None:
    """The date, time or moment that a value is, if it is one."""
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


def is_number(value: Any) -> bool:
    """Whether it is a number, and no truth value."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def find_order(one: Any, other: Any) -> Any:
    """Below, at or above zero as the first is less, equal or more; `MISSING`: no order."""
    if type(one) is int and type(other) is int:
        return one - other
    if type(one) is str and type(other) is str:
        return order_texts(one, other)
    if is_number(one) and is_number(other):
        return 0 if math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) else one - other
    if isinstance(one, timedelta) and isinstance(other, timedelta):
        return (one - other).total_seconds()
    return MISSING


@lru_cache(maxsize=_REMEMBERED)
def order_texts(one: str, other: str) -> Any:
    """As `find_order` does, of two texts: they have an order where both are moments."""
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
    order = find_order(one, other)
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
        order = find_order(one, other)
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
        known = is_number(one) or isinstance(one, timedelta)
        known = known and (is_number(other) or isinstance(other, timedelta))
        return work(one, other) if known else MISSING

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
    a, b = find_moment(one), find_moment(other)
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
