"""Arithmetic that a tool's name asks for: ``multiply`` of two numbers, ``mean`` of a list.

Expressions that stand in an argument are worked out in `generators.sandbox.compute`.
"""

import math
import operator
import statistics
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

from generators.lexicon.names import in_words
from generators.sandbox.schema_validity import MISSING
from schemas.record import JsonObject

Numbers = Sequence[float]
_MOST_FACTORS = 170
"""Beyond, a factorial is larger than any floating-point number."""

_OF_TWO: Mapping[str, Callable[[float, float], float]] = MappingProxyType(
    {
        "add": operator.add, "sum": operator.add, "subtract": operator.sub,
        "difference": operator.sub, "multiply": operator.mul, "product": operator.mul,
        "divide": operator.truediv, "quotient": operator.truediv, "modulo": operator.mod,
        "power": math.pow, "exponentiate": math.pow, "logarithm": math.log, "log": math.log,
        "percentage": lambda part, whole: 100 * part / whole,
    }
)  # fmt: skip


def _factorial(number: float) -> float:
    if number > _MOST_FACTORS or number != int(number):
        raise ValueError("no factorial that a result can hold")
    return math.factorial(int(number))


_OF_ONE: Mapping[str, Callable[[float], float]] = MappingProxyType(
    {
        "absolute": abs, "abs": abs, "square root": math.sqrt, "sqrt": math.sqrt,
        "factorial": _factorial, "round": round,
    }
)  # fmt: skip
_OF_LIST: Mapping[str, Callable[[Numbers], float]] = MappingProxyType(
    {
        "sum": sum, "add": sum, "total": sum, "mean": statistics.fmean, "average": statistics.fmean,
        "median": statistics.median, "standard deviation": statistics.pstdev,
        "variance": statistics.pvariance, "max": max, "maximum": max, "min": min, "minimum": min,
        "multiply": math.prod, "product": math.prod,
    }
)  # fmt: skip
_DIGITS = frozenset({"precision", "decimal places", "decimals", "digits", "places", "ndigits"})
_MOST_DIGITS = 10


def reckon(name: str, arguments: JsonObject) -> object:
    """What a tool of this name makes of its numbers; `MISSING` where it asks for nothing known.

    Two numbers count in the order of the arguments; one named a precision rounds the result.
    """
    numbers = {key: value for key, value in arguments.items() if _is_number(value)}
    digits = next((value for key, value in numbers.items() if in_words(key) in _DIGITS), None)
    told = [float(value) for key, value in numbers.items() if in_words(key) not in _DIGITS]
    lists = [value for value in arguments.values() if isinstance(value, list)]
    if len(told) + len(lists) + (digits is not None) != len(arguments):
        return MISSING
    try:
        found = _worked_out(f" {in_words(name)} ", told, lists)
    except (ArithmeticError, ValueError):
        return MISSING
    if found is None or not math.isfinite(found):
        return MISSING
    kept = _MOST_DIGITS if digits is None else max(0, min(int(digits), _MOST_DIGITS))
    whole = round(found, kept)
    return int(whole) if whole == int(whole) else whole


def _worked_out(said: str, told: list[float], lists: list[list[float]]) -> float | None:
    listed = lists[0] if len(lists) == 1 and not told else []
    if listed and all(map(_is_number, listed)):
        return next((work(listed) for sign, work in _OF_LIST.items() if f" {sign} " in said), None)
    if len(told) == 2 and not lists:
        return next((work(*told) for sign, work in _OF_TWO.items() if f" {sign} " in said), None)
    if len(told) == 1 and not lists:
        return next((work(told[0]) for sign, work in _OF_ONE.items() if f" {sign} " in said), None)
    return None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
