"""Tools without rows: pure functions of their arguments.

Arithmetic that a name asks for or an argument writes down, times in time zones and conversion of
currencies are really computed; an argument that the result names is repeated; what is left is
invented from the arguments alone.
"""

import ast
import math
import operator
import statistics
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from generators.lexicon.names import in_words
from generators.lexicon.tables import word_set
from generators.sandbox import file_values
from generators.sandbox.compiled_tools import CompiledTool, is_currency, pick
from generators.sandbox.errors import call_error
from generators.sandbox.people import People
from generators.sandbox.phrases import read_phrases, text
from generators.sandbox.row_sense import put_right
from generators.sandbox.schema_validity import MISSING, adapt, kind_of, simple
from generators.sandbox.store import SeededTables
from generators.sandbox.values import invent
from generators.world.semantics import semantic_type
from schemas.canonical import canonical_json
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


_TARGET = word_set("target to destination")
_SOURCE = word_set("source from origin base")
_RESULTS = word_set("result value answer converted total output")
_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = MappingProxyType(
    {
        ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
        ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
        ast.USub: operator.neg, ast.UAdd: operator.pos,
    }
)  # fmt: skip
_LARGEST_POWER = 64


def compute(seeds: SeededTables, plan: CompiledTool, arguments: JsonObject) -> Any:
    """The result of a computation. Raises CallError for arguments that cannot be computed with."""
    work = _Work(seeds, plan, arguments)
    return work.show("", plan.returns)


class _Work:
    """One computation: the values that are known by name, and how the rest is shown."""

    def __init__(self, seeds: SeededTables, plan: CompiledTool, arguments: JsonObject) -> None:
        self.seeds, self.plan, self.arguments = seeds, plan, arguments
        self.answer = _evaluated(plan, arguments)
        self.zones = _zones(plan, arguments)
        self.source, self.target = _moments(plan, arguments, self.zones, seeds.clock)
        self.money: tuple[float | None, float] | None = _converted(plan, arguments)
        self.rng = seeds.stream("computed", plan.model.name, canonical_json(arguments))

    def show(self, name: str, rule: JsonObject, side: str = "") -> Any:
        """A part of the result; ``side`` says whether it lies in the source or the target."""
        schema = simple(rule)
        value = adapt(self.known(name, schema, side), schema)
        if value is not MISSING:
            return value
        if kind_of(schema) == "object" and schema.get("properties"):
            words = set(in_words(name).split())
            side = "target" if words & _TARGET else "source" if words & _SOURCE else side
            made = {n: self.show(n, part, side) for n, part in schema["properties"].items()}
            computed = self.answer is not MISSING or self.zones
            return made if computed else put_right(made, schema["properties"])
        return invent(
            semantic_type(name, schema), schema, self.rng, name=name, noun=self.plan.model.noun,
            clock=self.seeds.clock, scene=People(self.rng),
        )  # fmt: skip

    def known(self, name: str, schema: JsonObject, side: str) -> Any:
        """What is computed or given under this name; `MISSING` where nothing is."""
        words = set(in_words(name).split())
        kind = kind_of(schema)
        if kind in ("object", "array"):
            return self.arguments.get(name, MISSING)
        if self.zones:
            found = self._time(in_words(name), kind, side)
            if found is not MISSING:
                return found
        if name in self.arguments:
            return self.arguments[name]
        found = self._amount(words, kind)
        if found is not MISSING:
            return found
        if self.answer is not MISSING and (not name or words & _RESULTS or kind == "number"):
            return self.answer
        lone = not name or len(self.plan.returns.get("properties", {})) == 1
        free = kind == "string" and "format" not in schema
        return self._said(name) if lone and free and not self.zones else MISSING

    def _said(self, name: str) -> str:
        """An answer in words: a difference of file_values, or a sentence."""
        if "diff" in in_words(self.plan.model.name).split():
            return file_values.diff(self.rng)
        return text(self.rng, self.plan.model.noun, name)

    def _time(self, said: str, kind: str, side: str) -> Any:
        when = (
            self.target if side == "target" or (not side and len(self.zones) > 1) else self.source
        )
        last = said.split()[-1] if said else ""
        if "difference" in said or said == "offset":
            hours = (self.target.utcoffset() or timedelta()) - (
                self.source.utcoffset() or timedelta()
            )
            hours_apart = hours.total_seconds() / 3600
            return f"{hours_apart:+.1f}h" if kind == "string" else hours_apart
        if last in ("timezone", "zone", "tz"):
            words = set(said.split())
            pick_source = side == "source" or bool(words & _SOURCE)
            return self.zones[0] if pick_source or len(self.zones) == 1 else self.zones[-1]
        if "dst" in said:
            return bool(when.dst())
        if "day of week" in said or last == "weekday":
            return when.strftime("%A")
        return _clock_text(said, when if not set(said.split()) & _SOURCE else self.source, kind)

    def _amount(self, words: set[str], kind: str) -> Any:
        if self.money is None:
            return MISSING
        if kind == "string" and "date" in words:
            return self.seeds.clock.date().isoformat()  # the rate is today's
        if kind not in ("number", "integer"):
            return MISSING
        amount, rate = self.money
        if "rate" in words:
            return rate
        if words & {"converted", "result", "total", "target", "value", "to"} and amount is not None:
            return round(amount * rate, 2)
        return MISSING


def _clock_text(said: str, when: datetime, kind: str) -> Any:
    last = said.split()[-1] if said else "text"
    if kind != "string":
        return int(when.timestamp()) if "timestamp" in said else MISSING
    if said == "text":
        return when.isoformat(timespec="seconds")
    if last in ("datetime", "timestamp", "iso") or said in ("date time", "now"):
        return when.isoformat(timespec="seconds")
    if last == "time":
        return when.strftime("%H:%M")
    return when.date().isoformat() if last == "date" else MISSING


def _of_meaning(plan: CompiledTool, arguments: JsonObject, *semantics: str) -> list[Any]:
    found = [
        pick(arguments, slot.path) for slot in plan.slots if slot.parameter.semantic in semantics
    ]
    return [value for value in found if value is not MISSING and value is not None]


def _zones(plan: CompiledTool, arguments: JsonObject) -> list[str]:
    return [str(zone) for zone in _of_meaning(plan, arguments, "timezone")]


def _moments(
    plan: CompiledTool, arguments: JsonObject, zones: list[str], clock: datetime
) -> tuple[datetime, datetime]:
    """The moment in the first zone and in the last: the time that is given, or now."""
    if not zones:
        return clock, clock
    source = clock.astimezone(_zone(zones[0]))
    for given in map(str, _of_meaning(plan, arguments, "time", "datetime")):
        source = _read_time(given, source)
    return source, source.astimezone(_zone(zones[-1]))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise call_error("no_time_zone", name=name) from error


def _read_time(given: str, day: datetime) -> datetime:
    try:
        if len(given) <= len("09:40:00"):
            hour, minute, *_ = map(int, given.split(":"))
            return day.replace(hour=hour, minute=minute, second=0, microsecond=0)
        when = datetime.fromisoformat(given)
    except ValueError as error:
        raise call_error("no_time", text=given) from error
    return when if when.tzinfo else when.replace(tzinfo=day.tzinfo)


def _converted(plan: CompiledTool, arguments: JsonObject) -> tuple[float | None, float] | None:
    """(amount, rate) where two currencies are given."""
    given = (
        (slot, pick(arguments, slot.path)) for slot in plan.slots if is_currency(slot.parameter)
    )
    codes = [code.upper() for _, code in given if isinstance(code, str)]
    if len(codes) != 2:
        return None
    amounts = _of_meaning(plan, arguments, "money", "number", "count")
    number = next((one for one in amounts if isinstance(one, int | float)), None)
    return number, rate(*codes)


@lru_cache(maxsize=512)
def rate(source: str, target: str) -> float:
    """How many units of ``target`` one of ``source`` is worth. Raises CallError for no currency."""
    units: dict[str, float] = read_phrases("currencies")
    for code in (source, target):
        if code not in units:
            raise call_error("no_currency", code=code)
    return round(units[target] / units[source], 4)


def _evaluated(plan: CompiledTool, arguments: JsonObject) -> Any:
    """The value of the expression among the arguments, or of what the name says to do with numbers.

    `MISSING` where there is neither.
    """
    for expression in _of_meaning(plan, arguments, "expression"):
        if isinstance(expression, str):
            return evaluate(expression)
    lone = len(plan.returns.get("properties", {})) < 2
    return reckon(plan.model.tool.name, arguments) if lone else MISSING


def evaluate(expression: str) -> float:
    """Arithmetic: numbers, + - * / // % **, parentheses. Raises CallError for anything else."""
    try:
        value = _value(ast.parse(expression.strip().replace("^", "**"), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise call_error("no_expression", text=expression) from error
    except ZeroDivisionError as error:
        raise call_error("division_by_zero") from error
    value = round(value, 10)
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _value(node: ast.AST) -> float:
    if isinstance(node, ast.Constant):
        return _number(node.value)
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return float(_OPERATORS[type(node.op)](_value(node.operand)))
    if isinstance(node, ast.BinOp):
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow):
            return _power(left, right)
        return (
            float(_OPERATORS[type(node.op)](left, right)) if type(node.op) in _OPERATORS else _no()
        )
    return _no()


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return _no()
    return value


def _power(base: float, exponent: float) -> float:
    if abs(exponent) > _LARGEST_POWER:
        raise ValueError("exponent")
    value = float(base) ** exponent
    return value if isinstance(value, float) else _no()


def _no() -> float:
    raise ValueError("not arithmetic")
