"""The language in which a world model writes conditions and values over rows and arguments.

::

    doctor.accepts_new_patients or exists(appointment, patient_id=patient_id, doctor_id=doctor_id)
    round(sum(items[].price * items[].quantity) + delivery_fee, 2)
    none(booking, it.start < end and it.end > start, room_id=room_id)
    appointment.date - today >= 1d

A text is Python's syntax for expressions, of which little is let through: nothing in it reaches an
object of Python, and evaluating it never raises an error and always ends.

- **Names** are what the `ExpressionScope` knows: parameters, fields, ``row``, ``today``, ``now``.
  Any word may be one, Python's keywords too (``from``); with other letters:
  ``arguments["user-id"]``.
- **Dots** take a field; where a row has no such field, the row that it refers to by that name:
  ``patient.emergency_contact.name``. ``stops[0]``, ``stops[-1]`` take one value of a list.
- ``items[]`` stands for **each** value of a list: ``items[].price`` are all prices, and what is
  written around them is done for each (``items[].price * items[].quantity``; ``price * 2``). A
  condition over each holds where it holds for all; ``any(…)`` asks for one, and ``not`` is done
  for each too.
- **Unknown** is what a row does not have, and null. What is made of it is unknown: a comparison, a
  sum, ``not``. ``and`` is false where one side is, ``or`` true where one is, whatever the other.
  An unknown condition does not hold. ``x is missing``, ``x is not missing``, ``known(x)`` ask for
  it, ``default(x, 0)`` fills it. What does not fit together (a text less than a number, a division
  by zero) is unknown too.
- **Dates and times** are texts in the ISO form, compared and reckoned with as such: ``due + 2d`` is
  written like ``due``, ``end - start`` is a duration. Durations: ``30min``, ``24h``, ``2d``,
  ``1w``, ``hours(n)``. A date against a moment is compared by the day.
- **Numbers** that agree in nine digits are equal, so that sums of prices are.
- **Functions**: `FUNCTIONS`, and those that go through the rows of an entity (`QUERIES`), in whose
  conditions ``it`` is the row looked at. ``it`` needs no name where fields must be equal:
  ``field=value``, or one of a list: ``status=["active", "overdue"]``.
"""

import ast
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from math import inf
from types import MappingProxyType
from typing import Any, NoReturn, Protocol

from generators.world.expression_values import (
    COMPARISONS,
    DAY,
    FUNCTIONS,
    MISSING,
    OPERATIONS,
    Each,
    apply_each,
    apply_two,
    are_equal,
    contains,
    decide_truth,
    is_known,
    negate,
    order_texts,
    take_each,
    take_one,
)
from schemas.errors import InputError

_MOST_CHARACTERS = 1000
_MOST_NODES = 250
_DEEPEST = 40


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


_NOTHING: Mapping[str, Any] = MappingProxyType({})
_Run = Callable[[ExpressionScope, Any], Any]
"""A compiled text: takes the scope, and the row that ``it`` is."""


class Code:
    """Code that is compiled when it is first run: a world has hundreds of texts, a run uses few."""

    __slots__ = ("run",)
    run: _Run

    def __init__(self, written: str, words: dict[str, Any]) -> None:
        def compile_first(scope: ExpressionScope, it: Any) -> Any:
            self.run = eval(f"lambda scope, it: {written}", words)
            return self.run(scope, it)

        self.run = compile_first


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a comparison that is a path, and what it is compared with: ``date > today``."""

    path: tuple[str, ...]
    operator: str
    """As it is written, the path on its left: ``>=``, ``not in``."""
    other: Code = field(compare=False, repr=False)

    def evaluate(self, scope: ExpressionScope) -> Any:
        """What the path is compared with; `MISSING` where it is unknown."""
        return self.other.run(scope, MISSING)


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the conditions that an expression joins by ``and``."""

    names: tuple[str, ...]
    """The paths that it takes from its scope: ``doctor.full_name``, ``items[].price``."""
    bounds: tuple[Bound, ...]
    """Of a comparison: its sides that are paths."""
    code: Code = field(compare=False, repr=False)

    def holds(self, scope: ExpressionScope) -> bool:
        """Whether it is met; what is unknown is not."""
        found = self.code.run(scope, MISSING)
        return found is True or (type(found) is Each and decide_truth(found) is True)

    def fails(self, scope: ExpressionScope) -> bool:
        """Whether it is known not to be met."""
        found = self.code.run(scope, MISSING)
        return found is False or (type(found) is Each and decide_truth(found) is False)


@dataclass(frozen=True, slots=True)
class Expression(Condition):
    """A text that was read, ready to be evaluated."""

    text: str
    queries: tuple[tuple[str, str], ...]
    """Entity and path of what it takes from rows that it goes through."""
    entities: tuple[str, ...]
    """The nouns of the rows that it goes through."""
    path: tuple[str, ...] | None
    """Its steps, where it is one path and nothing else: ``("items", "[]", "price")``."""
    conditions: tuple[Condition, ...]
    """Those that must all hold for it to hold; itself, where it is no ``and`` of several."""

    def evaluate(self, scope: ExpressionScope) -> Any:
        """The value; a list for what was done for each; `MISSING` where it is unknown."""
        value = self.code.run(scope, MISSING)
        return list(value) if type(value) is Each else value


@lru_cache(maxsize=8192)
def parse_expression(text: str) -> Expression:
    """Read a text; raises `InputError` with the place in it where it is none."""
    text = text.strip()
    if len(text) > _MOST_CHARACTERS:
        raise InputError(f"an expression has at most {_MOST_CHARACTERS} characters")
    reader = _Reader(text)
    body = reader.parse()
    path, (whole, names) = reader.find_path(body), reader.read(body)
    parts = []
    for node in _split_conditions(body):
        code, named = (whole, names) if node is body else reader.read(node)
        bounds = [(p, sign, reader.read(other)[0]) for p, sign, other in reader.find_bounds(node)]
        parts.append((code, named, bounds))
    codes = [whole, *(one for code, _, bounds in parts for one in (code, *(b[2] for b in bounds)))]
    runs = reader.compile(codes)
    conditions = tuple(
        Condition(names, tuple(Bound(p, sign, runs[one]) for p, sign, one in bounds), runs[code])
        for code, names, bounds in parts
    )
    return Expression(
        names=names,
        bounds=conditions[0].bounds if len(conditions) == 1 else (),
        code=runs[whole],
        text=text,
        queries=tuple(dict.fromkeys(reader.queries)),
        entities=tuple(dict.fromkeys(reader.entities)),
        path=path,
        conditions=conditions,
    )


@lru_cache(maxsize=1024)
def find_breaking_bounds(text: str) -> tuple[Bound, ...]:
    """Of each comparison in a condition, beyond what it fails: of ``amount <= 100``, more."""
    reader = _Reader(text.strip())
    found = [
        (path, _OPPOSITE[sign], reader.read(other)[0])
        for node in _find_comparisons(reader.parse())
        for path, sign, other in reader.find_bounds(node)
    ]
    runs = reader.compile(code for *_, code in found)
    return tuple(Bound(path, sign, runs[code]) for path, sign, code in found)


QUERIES: Mapping[str, str] = {
    "exists": "whether an entity has such a row: exists(loan, member_id=member_id)",
    "none": "whether an entity has no such row",
    "count": "how many such rows an entity has",
    "rows": "such rows of an entity: rows(transaction, account_id=account_id)[].amount",
}
"""Functions whose first argument is an entity, and what they give."""


_MARK = "·"
"""Put after a keyword of Python that is a name here; no letter of a name that a person writes."""
_TOKEN = re.compile(
    r"""(?P<text>'[^'\n]*'|"[^"\n]*")
    |(?P<each>(?<=[\w\])])\[\s*\])
    |(?<![\w.])(?P<amount>\d+(?:\.\d+)?)(?P<unit>min|h|d|w)\b
    |(?P<word>[^\W\d]\w*)""",
    re.VERBOSE,
)
_UNITS = {"min": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_KEYWORDS = frozenset(
    "as assert async await break class continue def del elif except finally for from global import "
    "lambda nonlocal pass raise return try while with yield".split()
)
_CONSTANTS = {"true": True, "false": False}
_ALWAYS = frozenset({"row", "today", "now", "arguments"})
"""Names that a scope may have beside its fields."""
_SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_ALIKE = {"attribute": "name", "subscript": "name", "tuple": "list"}
"""Nodes that are written as others are."""
_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
"""The same seen from the right."""

_OPPOSITE = {"==": "!=", "!=": "==", "<": ">=", "<=": ">", ">": "<=", ">=": "<", "in": "not in",
             "not in": "in"}  # fmt: skip


class _Reader:
    """Writes one text as code of Python, and keeps what it names.

    The code is one expression out of the few forms that the writers below know, so that evaluating
    it takes one frame, however deeply the text is nested.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[str] = []
        self.queries: list[tuple[str, str]] = []
        self.entities: list[str] = []
        self._inside: list[str] = []
        """The entities whose rows ``it`` is here, the innermost last."""
        self._settled: list[str] = []
        """The code of parts of a condition on rows that are the same for every row."""
        self._shifts = [(0, 0)]
        """Where Python's text goes on, and where ours does."""
        self._source = ""
        self._nodes = self._depth = self._parts = 0
        self._words = dict(_WORDS)
        """What the code may name."""

    def parse(self) -> ast.expr:
        """The text as Python's tree. Raises `InputError`."""
        self._source = _TOKEN.sub(self._translate, self.text).replace("\n", " ")
        if "\\" in self.text or _MARK in self.text:
            self._refuse("a character that no expression has", None)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # of Python's, on texts that it will not take soon
                return ast.parse(self._source, mode="eval").body
        except SyntaxError as error:
            place = self._place((error.offset or 1) - 1)
            raise InputError(f"not an expression: {error.msg}", place=place) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise InputError(f"not an expression: {error}", place=repr(self.text)) from None

    def _translate(self, token: re.Match[str]) -> str:
        """A token as Python would write it: ``[:]`` for each, calls for durations."""
        said = token[0]
        if token["each"]:
            said = "[:]"
        elif token["unit"]:
            said = f"{_UNITS[token['unit']]}({token['amount']})"
        elif token["word"] in _KEYWORDS:
            said += _MARK
        theirs, ours = self._shifts[-1]
        self._shifts.append((theirs + token.start() - ours + len(said), token.end()))
        return said

    def _place(self, offset: int) -> str:
        """An offset in Python's text, as a place in ours."""
        theirs, ours = [shift for shift in self._shifts if shift[0] <= offset][-1]
        return f"character {min(ours + offset - theirs, len(self.text)) + 1} of {self.text!r}"

    def _refuse(self, problem: str, node: ast.AST | None) -> NoReturn:
        before = self._source.encode()[: getattr(node, "col_offset", 0)]
        raise InputError(problem, place=self._place(len(before.decode())))

    def read(self, node: ast.expr) -> tuple[str, tuple[str, ...]]:
        """The code of a part that stands for itself, and the paths that it takes."""
        before, self._nodes = len(self.names), 0
        return self.write(node), tuple(dict.fromkeys(self.names[before:]))

    def compile(self, codes: Iterable[str]) -> dict[str, Code]:
        """Code → what runs it."""
        return {one: Code(one, self._words) for one in codes}

    def find_path(self, node: ast.expr) -> tuple[str, ...] | None:
        """The steps of a part that is one path and nothing else."""
        root, steps = self._split_path(node)
        if not isinstance(root, ast.Name) or root.id in _CONSTANTS:
            return None
        names = (step[1:] if step[0] == "." else step.strip("[]") or step for step in steps)
        return (_unmark(root.id), *names)

    def find_bounds(self, node: ast.expr) -> Iterator[tuple[tuple[str, ...], str, ast.expr]]:
        """Of a comparison: each side that is a path, the sign behind it, and the other side."""
        if isinstance(node, ast.Compare) and (sign := _SIGNS.get(type(node.ops[0]))):
            left, right = node.left, node.comparators[0]
            for one, seen, other in ((left, sign, right), (right, _TURNED.get(sign), left)):
                if seen and (path := self.find_path(one)) is not None:
                    yield path, seen, other

    def _keep(self, value: Any) -> str:
        """A name in the code for a function that a table has."""
        name = f"k{len(self._words)}"
        self._words[name] = value
        return name

    def _name_new(self) -> str:
        """A name in the code for a part that is looked at twice."""
        self._parts += 1
        return f"p{self._parts}"

    def _split_path(self, node: ast.expr) -> tuple[ast.expr, list[str]]:
        """What a path begins with, and its steps as they are written: ``.sku``, ``[]``, ``[0]``."""
        steps: list[str] = []
        while isinstance(node, ast.Attribute | ast.Subscript):
            match node:
                case ast.Attribute(attr=name):
                    steps.append(f".{_unmark(name)}")
                case ast.Subscript(slice=ast.Constant(value=str(name))):
                    steps.append(f".{name}")
                case ast.Subscript(slice=ast.Slice(lower=None, upper=None, step=None)):
                    steps.append("[]")
                case ast.Subscript(
                    slice=ast.Constant(value=int(at))
                    | ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(at)))
                ) if type(at) is int:
                    steps.append(f"[{ast.unparse(node.slice)}]")
                case ast.Subscript(slice=key):
                    self._refuse("only a number, a quoted name or nothing stands in brackets", key)
            node = node.value
        return node, steps[::-1]

    def write(self, node: ast.AST) -> str:
        """The code of a part."""
        self._nodes += 1
        if self._depth > _DEEPEST or self._nodes > _MOST_NODES:
            self._refuse("too large an expression", node)
        if self._inside and _is_settled(node):
            # A name in the code for what is worked out once, before rows are gone through.
            inside, self._inside = self._inside, []
            self._nodes -= 1
            self._settled.append(self.write(node))
            self._inside = inside
            return f"s{len(self._settled) - 1}"
        self._depth += 1
        kind = type(node).__name__.lower()
        write = getattr(self, f"write_{_ALIKE.get(kind, kind)}", None)
        if write is None:
            self._refuse(f"no expression has a {kind}", node)
        code: str = write(node)
        self._depth -= 1
        return code

    def write_constant(self, node: ast.Constant) -> str:
        """``4``, ``'red'``."""
        if not isinstance(node.value, str | int | float):
            self._refuse("write 'is missing' for what there is not", node)
        return repr(node.value)

    def write_list(self, node: ast.List | ast.Tuple) -> str:
        """``[a, b]``."""
        return f"[{', '.join(map(self.write, node.elts))}]"

    def write_name(self, node: ast.expr) -> str:
        """A path; keeps whose it is."""
        root, steps = self._split_path(node)
        if len(steps) > _DEEPEST:
            self._refuse("too long a path", node)
        written = "".join(steps)
        name = _unmark(root.id) if isinstance(root, ast.Name) else ""
        if not name:
            code = self.write(root)
            match root:
                case ast.Call(func=ast.Name(id="rows"), args=[ast.Name(id=noun), *_]) if steps:
                    self.queries.append((_as_noun(noun), written.lstrip(".")))
        elif name in _CONSTANTS and not steps:
            code = str(_CONSTANTS[name])
        elif name == "it":
            if not self._inside:
                self._refuse("'it' is a row that exists, none, count or rows looks at", root)
            self.queries.append((self._inside[-1], written.lstrip(".")))
            code = "it"
        else:
            self.names.append(name + written)
            code = f"find_named(scope, {name!r})"
            if name not in _ALWAYS:
                part = self._name_new()
                code = f"({part} if ({part} := scope.held.get({name!r})) is not None else {code})"
        for step in steps:
            if code == "it" and step[0] == ".":  # a field of the row that is looked at
                part = self._name_new()
                field = f"{part} if ({part} := it.get({step[1:]!r})) is not None"
                code = f"({field} else take(scope, it, {step[1:]!r}))"
            elif step == "[]":
                code = f"take_each({code})"
            elif step[0] == "[":
                code = f"take_one({code}, {step[1:-1]})"
            else:
                code = f"take(scope, {code}, {step[1:]!r})"
        return code

    def write_call(self, node: ast.Call) -> str:
        """``round(x, 2)``, ``exists(loan, it.due < today, member_id=member_id)``."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        filtered = len(node.args) > 1 or bool(node.keywords)
        if name in QUERIES and (name != "count" or filtered):
            return self._query(name, node)
        if name not in FUNCTIONS or node.keywords:
            self._refuse("no such function: " + (name or "a part that is no name"), node)
        work, (least, most), _ = FUNCTIONS[name]
        if not least <= len(node.args) <= most:
            self._refuse(f"{name} takes {least} to {most} values", node)
        told = [part.value for part in node.args if isinstance(part, ast.Constant)]
        if len(told) == len(node.args):  # a duration: made once
            return self._keep(work(*told))
        return f"{self._keep(work)}({', '.join(map(self.write, node.args))})"

    def _query(self, name: str, node: ast.Call) -> str:
        """A call that goes through the rows of an entity."""
        if not (node.args and isinstance(node.args[0], ast.Name)):
            self._refuse(f"{name} begins with the name of an entity", node)
        entity = _as_noun(node.args[0].id)
        self.entities.append(entity)
        filters: list[str] = []
        for keyword in node.keywords:
            if keyword.arg is None:
                self._refuse("no expression has a '**'", keyword.value)
            self.queries.append((entity, _unmark(keyword.arg)))
            filters.append(f"({_unmark(keyword.arg)!r}, {self.write(keyword.value)})")
        self._inside.append(entity)
        settled, self._settled = self._settled, []
        conditions = [self.write(part) for part in node.args[1:]]
        before, self._settled = self._settled, settled
        self._inside.pop()
        is_such = "None"
        if conditions:
            known = " and ".join(f"({self._write_truth(one)}) is True" for one in conditions)
            names = ", ".join(f"s{number}" for number in range(len(before)))
            is_such = f"(lambda {names}: lambda it: {known})({', '.join(before)})"
        given = f"{entity!r}, [{', '.join(filters)}], {is_such}"
        return f"query(scope, {self._keep(_SUMMARIES[name])}, {given})"

    def _write_truth(self, code: str) -> str:
        """Whether what the code gives is true, false or unknown."""
        part = self._name_new()
        return f"{part} if ({part} := {code}) is True or {part} is False else decide_truth({part})"

    def _write_negation(self, code: str) -> str:
        """The other of true and false, for each where it is each."""
        part = self._name_new()
        plain = f"not {part} if ({part} := {code}) is True or {part} is False"
        return f"({plain} else apply_each(negate, {part}))"

    def write_unaryop(self, node: ast.UnaryOp) -> str:
        """``not a``, ``-a``."""
        part = self.write(node.operand)
        if isinstance(node.op, ast.Not):
            return self._write_negation(part)
        if not isinstance(node.op, ast.USub):
            self._refuse("no expression has this sign", node)
        return f"apply_each({self._keep(OPERATIONS[ast.Mult])}, {part}, -1)"

    def write_boolop(self, node: ast.BoolOp) -> str:
        """``a and b``, ``a or b``."""
        ends = isinstance(node.op, ast.Or)  # what one side decides alone: true of "or"
        code, names = "", []
        for part in node.values:
            names.append(self._name_new())
            truth = self._write_truth(self.write(part))
            code += f"{ends} if ({names[-1]} := {truth}) is {ends} else "
        unknown = " or ".join(f"{name} is MISSING" for name in names)
        return f"({code}MISSING if {unknown} else {not ends})"

    def write_ifexp(self, node: ast.IfExp) -> str:
        """``a if b else c``."""
        test, then, otherwise = map(self.write, (node.test, node.body, node.orelse))
        name = self._name_new()
        known = f"{then} if {name} else {otherwise}"
        return f"(MISSING if ({name} := decide_truth({test})) is MISSING else {known})"

    def write_binop(self, node: ast.BinOp) -> str:
        """``a + b``."""
        work = OPERATIONS.get(type(node.op))
        if work is None:
            self._refuse(f"no expression has a {type(node.op).__name__.lower()}", node)
        return f"apply_two({self._keep(work)}, {self.write(node.left)}, {self.write(node.right)})"

    def write_compare(self, node: ast.Compare) -> str:
        """``a < b``, ``a < b < c``, ``a is missing``, ``a not in b``."""
        if len(node.ops) > 1:
            return self.write_boolop(ast.BoolOp(ast.And(), _pairs(node)))
        op, other = type(node.ops[0]), node.comparators[0]
        left, one = self.write(node.left), self._name_new()
        if op in (ast.Is, ast.IsNot):
            if not (isinstance(other, ast.Name) and other.id == "missing"):
                self._refuse("after 'is' stands 'missing' only; write '=='", other)
            known = f"({one} is not MISSING if type({one} := {left}) is not Each"
            code = f"{known} else is_known({one}))"
        elif op in (ast.In, ast.NotIn):
            words = [part.value for part in getattr(other, "elts", ()) if _is_word(part)]
            right = self.write(other)
            code = f"search({left}, {right})"
            if words and len(words) == len(getattr(other, "elts", ())):
                among = f"{one} in {self._keep(frozenset(words))} if type({one} := {left}) is str"
                code = f"({among} else search({one}, {right}))"
        else:
            code = self._write_comparison(_SIGNS[op], left, other)
        return self._write_negation(code) if op in (ast.Is, ast.NotIn) else code

    def _write_comparison(self, sign: str, left: str, other: ast.expr) -> str:
        """``a < b``: at once for numbers and words that are written out, and for two texts."""
        right, one, two = self.write(other), self._name_new(), self._name_new()
        work = self._keep(COMPARISONS[sign])
        if isinstance(other, ast.Constant) and type(other.value) is int:
            alike, told = f"type({one} := {left}) is int", f"{one} {sign} {right}"
        elif _is_word(other) and sign in ("==", "!="):
            alike, told = f"type({one} := {left}) is str", f"{one} {sign} {right}"
        else:
            alike = f"type({one} := {left}) is type({two} := {right}) is str"
            order = self._name_new()
            told = f"MISSING if ({order} := order_texts({one}, {two})) is MISSING"
            told = f"({told} else {order} {sign} 0)"
            if sign in ("==", "!="):
                told = f"are_equal({one}, {two}) is {sign == '=='}"
            right = two
        return f"({told} if {alike} else apply_two({work}, {one}, {right}))"


def _split_conditions(body: ast.expr) -> Iterator[ast.expr]:
    """The conditions that an expression joins by ``and``."""
    if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And):
        for part in body.values:
            yield from _split_conditions(part)
    elif isinstance(body, ast.Compare) and len(body.ops) > 1:
        yield from _pairs(body)
    else:
        yield body


def _find_comparisons(body: ast.expr) -> Iterator[ast.expr]:
    """The comparisons that an expression joins by ``and``, ``or``."""
    for part in _split_conditions(body):
        if isinstance(part, ast.BoolOp):
            for one in part.values:
                yield from _find_comparisons(one)
        elif isinstance(part, ast.Compare):
            yield part


def _pairs(node: ast.Compare) -> list[ast.expr]:
    """``a < b < c`` → ``a < b`` and ``b < c``."""
    sides = [node.left, *node.comparators]
    return [
        ast.copy_location(ast.Compare(one, [op], [other]), node)
        for one, op, other in zip(sides, node.ops, sides[1:], strict=False)
    ]


def _unmark(name: str) -> str:
    return name.removesuffix(_MARK)


def _as_noun(name: str) -> str:
    return _unmark(name).replace("_", " ")


def _is_word(node: ast.AST) -> bool:
    """Whether it is a text that is equal to its like alone: none that may be a moment."""
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and not node.value[:1].isdecimal()
    )


def _is_settled(node: ast.AST) -> bool:
    """Whether a part has something to work out, which is the same whatever row is looked at."""
    if isinstance(node, ast.Call):
        if all(isinstance(one, ast.Constant) for one in node.args) and not node.keywords:
            return False
    elif not isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.BinOp):
        return False
    named = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    return "it" not in named and not named <= _CONSTANTS.keys()


def take(scope: ExpressionScope, value: Any, name: str) -> Any:
    """A field of a row, or the row that it refers to by that name; of each, all of them."""
    if type(value) is Each:
        return Each(take(scope, one, name) for one in value)
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


def _query(
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


_SUMMARIES: Mapping[str, Callable[[Iterator[Any]], Any]] = {
    "exists": lambda rows: next(rows, None) is not None,
    "none": lambda rows: next(rows, None) is None,
    "count": lambda rows: sum(1 for _ in rows),
    "rows": list,
}
_WORDS: Mapping[str, Any] = {
    "__builtins__": {},
    "Each": Each,
    "MISSING": MISSING,
    "apply_each": apply_each,
    "apply_two": apply_two,
    "are_equal": are_equal,
    "decide_truth": decide_truth,
    "find_named": find_named,
    "inf": inf,
    "int": int,
    "is_known": is_known,
    "negate": negate,
    "order_texts": order_texts,
    "query": _query,
    "search": search,
    "str": str,
    "take": take,
    "take_each": take_each,
    "take_one": take_one,
    "type": type,
}
"""What the code of an expression may name, beside functions of the tables."""
