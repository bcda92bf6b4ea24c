"""Tools without rows: pure functions of their arguments.

Arithmetic that a name asks for or an argument writes down, hashes and encodings of texts, times in
time zones and conversion of currencies are really computed; an argument that the result names is
repeated; what is left is invented from the arguments alone.
"""

import ast
import math
import operator
import re
import statistics
from base64 import b64encode
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeGuard
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from generators.lexicon.names import in_words
from generators.lexicon.tables import read_phrases, word_set
from generators.sandbox.answer_values import make_answer
from generators.sandbox.call_rules import CallScope
from generators.sandbox.compiled_tools import CompiledTool, is_currency, pick
from generators.sandbox.errors_and_faults import call_error
from generators.sandbox.people import People
from generators.sandbox.phrases import text
from generators.sandbox.row_sense import put_right
from generators.sandbox.schema_validity import MISSING, adapt, kind_of, simple
from generators.sandbox.store import Rows
from generators.sandbox.values import invent
from generators.world.expression import parse_expression
from generators.world.expression_values import MISSING as UNKNOWN
from generators.world.known_answers import find_answer
from generators.world.model import ToolModel
from generators.world.schema_leaves import members
from generators.world.semantics import semantic_type
from schemas.canonical import canonical_json
from schemas.record import JsonObject

_CODES: Mapping[str, Callable[[str], str]] = MappingProxyType({
    "base64encode": lambda text: b64encode(text.encode()).decode(),
    "hexencode": lambda text: text.encode().hex(),
    "urlencode": quote,
    "reversestring": lambda text: text[::-1],
    "reversetext": lambda text: text[::-1],
    "uppercase": str.upper,
    "lowercase": str.lower,
})  # fmt: skip


_LARGEST_POWER = 64
_LARGEST = 10**300
"""A whole number beyond is no floating-point number."""
_MOST_TOLD = 15
"""Digits that every floating-point number keeps."""
_EXACT = 2**53
"""A floating-point number beyond does not tell all digits of a whole number."""


def raise_to(base: float, exponent: float) -> float:
    """A power; of whole numbers it is exact. Raises OverflowError beyond all such numbers."""
    power = math.pow(base, exponent)
    whole = isinstance(base, int) and isinstance(exponent, int) and exponent >= 0
    return base**exponent if whole else power


_FACTORIALS = 170
"""Beyond, a factorial is larger than any floating-point number."""
_WORKS: Mapping[str, Mapping[str, Callable[..., float]]] = MappingProxyType({
    "two": {
        "integer division": operator.floordiv,
        "add": operator.add, "sum": operator.add, "subtract": operator.sub, "sub": operator.sub,
        "mul": operator.mul, "div": operator.truediv, "mod": operator.mod, "pow": raise_to,
        "difference": operator.sub, "multiply": operator.mul, "product": operator.mul,
        "divide": operator.truediv, "quotient": operator.truediv, "modulo": operator.mod,
        "power": raise_to, "exponentiate": raise_to, "logarithm": math.log, "log": math.log,
        "percentage": lambda part, whole: 100 * part / whole,
    },
    "one": {
        "absolute": abs, "abs": abs, "square root": math.sqrt, "sqrt": math.sqrt, "round": round,
        "factorial": lambda number: (
            math.factorial(int(number)) if number in range(_FACTORIALS + 1) else math.nan
        ),
    },
    "list": {
        "sum": sum, "add": sum, "total": sum, "mean": statistics.fmean, "average": statistics.fmean,
        "median": statistics.median, "standard deviation": statistics.pstdev,
        "variance": statistics.pvariance, "max": max, "maximum": max, "min": min, "minimum": min,
        "multiply": math.prod, "product": math.prod,
    },
})  # fmt: skip
"""What numbers are given → words of a tool's name → what is made of them."""
_DIGITS = frozenset({"precision", "decimal places", "decimals", "digits", "places", "ndigits"})
_MOST_DIGITS = 10
_TARGET = word_set("target to destination")
_SOURCE = word_set("source from origin base")
_RESULTS = word_set("result value answer converted total output")
_AMOUNTS = word_set("converted exchanged result total target value to")
_OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = MappingProxyType({
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul,
    ast.Div: operator.truediv, ast.FloorDiv: operator.floordiv, ast.Mod: operator.mod,
    ast.USub: operator.neg, ast.UAdd: operator.pos,
})  # fmt: skip


def compute(rows: Rows, tool: CompiledTool, arguments: JsonObject) -> Any:
    """The result of a computation. Raises CallError for arguments that cannot be computed with."""
    answer = find_answer(tool.model.tool) if not tool.model.results else None
    if answer is not None:
        rng = rows.seeds.stream("computed", tool.model.name, canonical_json(arguments))
        now = rows.clock if answer.kind == "time" else rows.seeds.clock
        return make_answer(answer, arguments, rng, now)
    return _Computation(rows, tool, arguments).show("", tool.returns)


def is_worked_out(model: ToolModel) -> bool:
    """Whether the result of a computation is a truth, and not a number that is made up."""
    told = {one.semantic for one in model.parameters}
    if (
        model.results
        or find_answer(model.tool)
        or told & {"expression", "timezone"}
        or find_code(model.tool.name)
    ):
        return True
    if sum(is_currency(one) for one in model.parameters) > 1:
        return True
    shown = {*members(model.returns)}
    if shown and shown <= {one.name for one in model.parameters}:
        return True  # it gives back what it was told
    some = {one.name: [1, 2] if one.path.endswith("[]") else 2 for one in model.parameters}
    return reckon(_say_work(model), some) is not MISSING


def is_told_whole(value: object) -> bool:
    """Whether people and programs tell a number by all its digits: there are 15 at most."""
    if not isinstance(value, int | float):
        return True
    return abs(value) < 10**_MOST_TOLD and float(f"{value:.{_MOST_TOLD}g}") == value


def is_plain_sum(model: ToolModel, arguments: JsonObject) -> bool:
    """Whether anybody can tell the result: it is reckoned from numbers that are all given."""
    if any(one.semantic == "expression" for one in model.parameters):
        return True
    return reckon(_say_work(model), arguments) is not MISSING


def _say_work(model: ToolModel) -> str:
    """What a tool's name says to do with numbers; ``div`` may give the whole part alone."""
    whole = re.search(r"\binteger division\b", model.tool.description, re.IGNORECASE)
    return "integer division" if whole else model.tool.name


class _Computation:
    """One computation: the values that are known by name, and how the rest is shown."""

    def __init__(self, rows: Rows, tool: CompiledTool, arguments: JsonObject) -> None:
        seeds, scope = rows.seeds, CallScope(rows, tool, arguments)
        self.tool, self.arguments, self.now = tool, arguments, rows.clock
        self.began = seeds.clock
        """What is made up is so for this time: the same whenever it is asked for."""
        self.rng = seeds.stream("computed", tool.model.name, canonical_json(arguments))
        self.lone = len(tool.returns.get("properties", {})) < 2
        results = tool.model.results.items()
        self.told = {name: parse_expression(text).evaluate(scope) for name, text in results}
        """What the world model says of the result."""
        self.answer: Any = MISSING
        """The value of the expression given, or of what the name says to do with numbers."""
        written = [one for one in self._given("expression") if isinstance(one, str)]
        if written or self.lone:
            name = tool.model.tool.name
            work = _say_work(tool.model)
            self.answer = evaluate(written[0]) if written else reckon(work, arguments)
            code, texts = find_code(name), [t for t in arguments.values() if isinstance(t, str)]
            if code is not None and len(texts) == 1:
                self.answer = code(texts[0])
        self.zones = [str(zone) for zone in self._given("timezone")]
        self.source = self.target = self.now
        if self.zones:  # the moment that is given, or now, in the first zone and in the last
            self.source = self.now.astimezone(_read_zone(self.zones[0]))
            for said in map(str, self._given("time", "datetime")):
                self.source = _read_time(said, self.source)
            self.target = self.source.astimezone(_read_zone(self.zones[-1]))
        given = (pick(arguments, one.path) for one in tool.slots if is_currency(one.parameter))
        codes = [code.upper() for code in given if isinstance(code, str)]
        self.rate = rate(*codes) if len(codes) == 2 else None
        """Between the two currencies that are given."""

    def _given(self, *semantics: str) -> list[Any]:
        """What the call gives of these meanings."""
        slots = (slot for slot in self.tool.slots if slot.parameter.semantic in semantics)
        found = (pick(self.arguments, slot.path) for slot in slots)
        return [value for value in found if value is not MISSING and value is not None]

    def show(self, name: str, rule: JsonObject, side: str = "") -> Any:
        """A part of the result; ``side`` says whether it lies in the source or the target."""
        schema, noun = simple(rule), self.tool.model.noun
        value = self.told.get(name, UNKNOWN)
        value = adapt(self._known(name, schema, side) if value is UNKNOWN else value, schema)
        if value is not MISSING:
            return value
        if kind_of(schema) == "object" and schema.get("properties"):
            words = set(in_words(name).split())
            side = "target" if words & _TARGET else "source" if words & _SOURCE else side
            made = {n: self.show(n, part, side) for n, part in schema["properties"].items()}
            computed = self.answer is not MISSING or self.zones
            return made if computed else put_right(made, schema["properties"])
        return invent(
            semantic_type(name, schema), schema, self.rng, name=name, noun=noun, clock=self.began,
            scene=People(self.rng),
        )  # fmt: skip

    def _known(self, name: str, schema: JsonObject, side: str) -> Any:
        """What is computed or given under this name; `MISSING` where nothing is."""
        words, kind = set(in_words(name).split()), kind_of(schema)
        if kind in ("object", "array"):
            return self.arguments.get(name, MISSING)
        found = self._tell_time(in_words(name), kind, side) if self.zones else MISSING
        if found is MISSING:
            found = self.arguments.get(name, MISSING)
        if found is MISSING and self.rate is not None:
            amounts = self._given("money", "number", "count")
            amount = next((one for one in amounts if isinstance(one, int | float)), 1)
            if kind == "string" and "date" in words:
                found = self.now.date().isoformat()  # the rate is today's
            elif kind in ("number", "integer") and "rate" in words:
                found = self.rate
            elif kind in ("number", "integer") and words & _AMOUNTS:
                found = round(amount * self.rate, 2) if amounts else self.rate
        if found is not MISSING:
            return found
        if self.answer is not MISSING and (not name or words & _RESULTS or kind == "number"):
            return self.answer
        # The only text that the tool returns is what it is there for.
        lone = not name or (self.lone and self.tool.returns.get("properties"))
        if not lone or kind != "string" or "format" in schema or self.zones:
            return MISSING
        return text(self.rng, self.tool.model.noun, name)

    def _tell_time(self, said: str, kind: str, side: str) -> Any:
        """What a name says of the two moments; `MISSING` where it says nothing."""
        words = said.split()
        last, from_source = words[-1] if words else "text", not _SOURCE.isdisjoint(words)
        when = self.source
        if side == "target" or (not side and len(self.zones) > 1):
            when = self.target
        if "difference" in said or said == "offset":
            offsets = [one.utcoffset() or timedelta() for one in (self.source, self.target)]
            hours = (offsets[1] - offsets[0]).total_seconds() / 3600
            return f"{hours:+.1f}h" if kind == "string" else hours
        if last in ("timezone", "zone", "tz"):
            return self.zones[0 if side == "source" or from_source else -1]
        if "dst" in said:
            return _is_summer_time(when)
        if "day of week" in said or last == "weekday":
            return when.strftime("%A")
        when = self.source if from_source else when
        if kind != "string":
            return int(when.timestamp()) if "timestamp" in said else MISSING
        if said in ("text", "date time", "now") or last in ("datetime", "timestamp", "iso"):
            return when.isoformat(timespec="seconds")
        if last == "time":
            return when.strftime("%H:%M")
        return when.date().isoformat() if last == "date" else MISSING


def _is_summer_time(when: datetime) -> bool:
    """Whether clocks are ahead of what they show in the other half of the year.

    What the zone itself says is the other way round where law calls summer the standard: Dublin.
    """
    usual = min(when.replace(month=month, day=1).utcoffset() or timedelta() for month in (1, 7))
    return (when.utcoffset() or timedelta()) > usual


def _read_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise call_error("no_time_zone", name=name) from error


def _read_time(given: str, day: datetime) -> datetime:
    """A moment, or a time of the day."""
    try:
        if len(given) <= len("09:40:00"):
            hour, minute, *_ = map(int, given.split(":"))
            return day.replace(hour=hour, minute=minute, second=0, microsecond=0)
        when = datetime.fromisoformat(given)
    except ValueError as error:
        raise call_error("no_time", text=given) from error
    return when if when.tzinfo else when.replace(tzinfo=day.tzinfo)


@lru_cache(maxsize=512)
def rate(source: str, target: str) -> float:
    """How many units of ``target`` one of ``source`` is worth. Raises CallError for no currency."""
    units: dict[str, float] = read_phrases("currencies")
    for code in (source, target):
        if code not in units:
            raise call_error("no_currency", code=code)
    return round(units[target] / units[source], 4)


def reckon(name: str, arguments: JsonObject) -> object:
    """What a tool of this name makes of its numbers; `MISSING` where it asks for nothing known.

    Two numbers count in the order of the arguments; one named a precision rounds the result.
    """
    numbers = {key: value for key, value in arguments.items() if _is_number(value)}
    digits = next((value for key, value in numbers.items() if in_words(key) in _DIGITS), None)
    told = [value for key, value in numbers.items() if in_words(key) not in _DIGITS]
    lists = [value for value in arguments.values() if isinstance(value, list)]
    if len(told) + len(lists) + (digits is not None) != len(arguments):
        return MISSING
    kind, said = "", f" {in_words(name)} "
    if len(lists) == 1 and not told and lists[0] and all(map(_is_number, lists[0])):
        kind = "list"
    elif not lists:
        kind = {1: "one", 2: "two"}.get(len(told), "")
    works = _WORKS.get(kind, {}).items()
    work = next((work for sign, work in works if f" {sign} " in said), None)
    try:
        found = math.nan if work is None else work(*(lists or told))
        if not math.isfinite(found):
            return MISSING
    except (ArithmeticError, ValueError):
        return MISSING
    kept = _MOST_DIGITS if digits is None else max(0, min(int(digits), _MOST_DIGITS))
    return _without_point(round(found, kept))


def _without_point(value: float) -> float:
    """A whole number without its decimal point, as long as all its digits are known."""
    return int(value) if abs(value) < _EXACT and value == int(value) else value


def _is_number(value: object) -> TypeGuard[float]:
    whole = isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST
    return whole or isinstance(value, float)


def evaluate(expression: str) -> float:
    """Arithmetic: numbers, + - * / // % **, parentheses. Raises CallError for anything else."""
    try:
        value = _evaluate_node(ast.parse(expression.strip().replace("^", "**"), mode="eval").body)
    except (SyntaxError, ValueError, TypeError, RecursionError, OverflowError) as error:
        raise call_error("no_expression", text=expression) from error
    except ZeroDivisionError as error:
        raise call_error("division_by_zero") from error
    return _without_point(round(value, 10))


def _bounded(value: float) -> float:
    """The value, where it is within the bounds of numbers. Raises OverflowError beyond."""
    if not abs(value) < _LARGEST:
        raise OverflowError("beyond all numbers")
    return value


def _evaluate_node(node: ast.AST) -> float:
    """The value of a part of an expression. Raises ValueError for what is not arithmetic."""
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, int | float) and _is_number(value) and math.isfinite(value):
        return value
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _bounded(_OPERATORS[type(node.op)](_evaluate_node(node.operand)))
    if isinstance(node, ast.BinOp):
        left, right = _evaluate_node(node.left), _evaluate_node(node.right)
        if type(node.op) in _OPERATORS:
            return _bounded(_OPERATORS[type(node.op)](left, right))
        if isinstance(node.op, ast.Pow) and abs(right) <= _LARGEST_POWER:
            return raise_to(left, right)
    raise ValueError("not arithmetic")


def find_code(tool: str) -> Callable[[str], str] | None:
    """What a tool of this name makes of a text; None where the name tells none of these."""
    said = re.sub(r"[\W_]+", "", tool.lower())
    return next((code for name, code in _CODES.items() if said.endswith(name)), None)
