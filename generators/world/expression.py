"""The language in which a world model writes conditions and values over rows and arguments.

::

    doctor.accepts_new_patients or exists(appointment, patient_id=patient_id, doctor_id=doctor_id)
    round(sum(items[].price * items[].quantity) + delivery_fee, 2)
    none(booking, it.start < end and it.end > start, room_id=room_id)
    appointment.date - today >= 1d

A text is Python's syntax for expressions, of which little is let through: nothing in it reaches an
object of Python, and evaluating it never raises an error and always ends.

- **Names** are what the `Scope` knows: parameters, fields, ``row``, ``today``, ``now``. Any word
  may be one, Python's keywords too (``from``); with other letters: ``arguments["user-id"]``.
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
from operator import is_
from typing import Any, NoReturn, Protocol

from generators.world.expression_values import (
    COMPARISONS,
    FUNCTIONS,
    MISSING,
    OPERATIONS,
    Each,
    apply_each,
    are_equal,
    contains,
    decide_truth,
    is_known,
    negate,
    take_each,
    take_one,
)
from schemas.errors import InputError

_MOST_CHARACTERS = 1000
_MOST_NODES = 250
_DEEPEST = 40


class Scope(Protocol):
    """What an expression can see. Each gives `MISSING` where there is nothing by that name."""

    def value(self, name: str) -> Any:
        """A parameter, a field, or a name such as ``row``, ``today``, ``now``."""

    def refer(self, row: Mapping[str, Any] | None, name: str) -> Any:
        """The row to which a row refers by that name; None: to which the arguments do."""

    def rows(self, entity: str) -> Iterable[Mapping[str, Any]]:
        """All rows of an entity, by its noun: ``order item``."""


@dataclass(frozen=True, slots=True)
class Bound:
    """One side of a comparison that is a path, and what it is compared with: ``date > today``."""

    path: tuple[str, ...]
    operator: str
    """As it is written, the path on its left: ``>=``, ``not in``."""
    other: "_Run" = field(compare=False, repr=False)

    def evaluate(self, scope: Scope) -> Any:
        """What the path is compared with; `MISSING` where it is unknown."""
        return self.other(scope, MISSING)


@dataclass(frozen=True, slots=True)
class Condition:
    """One of the conditions that an expression joins by ``and``."""

    names: tuple[str, ...]
    bounds: tuple[Bound, ...]
    """Of a comparison: its sides that are paths."""
    run: "_Run" = field(compare=False, repr=False)

    def fails(self, scope: Scope) -> bool:
        """Whether it is known not to be met."""
        return decide_truth(self.run(scope, MISSING)) is False


@dataclass(frozen=True, slots=True)
class Expression:
    """A text that was read, ready to be evaluated."""

    text: str
    names: tuple[str, ...]
    """The paths that it takes from its scope: ``doctor.full_name``, ``items[].price``."""
    queries: tuple[tuple[str, str], ...]
    """Entity and path of what it takes from rows that it goes through."""
    entities: tuple[str, ...]
    """The nouns of the rows that it goes through."""
    path: tuple[str, ...] | None
    """Its steps, where it is one path and nothing else: ``("items", "[]", "price")``."""
    conditions: tuple[Condition, ...]
    """Those that must all hold for it to hold; itself, where it is no ``and`` of several."""
    run: "_Run" = field(compare=False, repr=False)

    def evaluate(self, scope: Scope) -> Any:
        """The value; a list for what was done for each; `MISSING` where it is unknown."""
        value = self.run(scope, MISSING)
        return list(value) if type(value) is Each else value

    def holds(self, scope: Scope) -> bool:
        """Whether it is a condition that is met; what is unknown is not."""
        return decide_truth(self.run(scope, MISSING)) is True

    def fails(self, scope: Scope) -> bool:
        """Whether it is a condition that is known not to be met."""
        return decide_truth(self.run(scope, MISSING)) is False


@lru_cache(maxsize=8192)
def parse_expression(text: str) -> Expression:
    """Read a text; raises `InputError` with the place in it where it is none."""
    text = text.strip()
    if len(text) > _MOST_CHARACTERS:
        raise InputError(f"an expression has at most {_MOST_CHARACTERS} characters")
    reader = _Reader(text)
    run = reader.read_whole()
    return Expression(
        text=text,
        names=tuple(dict.fromkeys(reader.names)),
        queries=tuple(dict.fromkeys(reader.queries)),
        entities=tuple(dict.fromkeys(reader.entities)),
        path=reader.path,
        conditions=tuple(reader.split_conditions()),
        run=run,
    )


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
_Run = Callable[[Scope, Any], Any]
"""A compiled text: takes the scope, and the row that ``it`` is."""


_Step = str | int | None
"""Of a path: a field, an index, or None for each."""


class _Reader:
    """Reads one text into a function, and keeps what it names."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: list[str] = []
        self.queries: list[tuple[str, str]] = []
        self.entities: list[str] = []
        self.path: tuple[str, ...] | None = None
        self._inside: list[str] = []
        """The entities whose rows ``it`` is here, the innermost last."""
        self._shifts: list[tuple[int, int]] = []
        """Where Python's text goes on, and where ours does."""
        self._source = ""
        self._body: ast.expr = ast.Constant(True)
        self._nodes = 0
        self._constants: dict[str, Any] = {}
        self._parts = 0

    def read_whole(self) -> _Run:
        """The text as a function of Python.

        It is written as one expression of Python out of the few forms that the readers below know,
        so that evaluating it takes one frame, however deeply the text is nested.
        """
        source = self._source = "".join(self._translate()).replace("\n", " ")
        if "\\" in self.text or _MARK in self.text:
            self._refuse("a character that no expression has", None)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # of Python's, on texts that it will not take soon
                body = ast.parse(source, mode="eval").body
        except SyntaxError as error:
            place = self._place((error.offset or 1) - 1)
            raise InputError(f"not an expression: {error.msg}", place=place) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise InputError(f"not an expression: {error}", place=repr(self.text)) from None
        self._body = body
        self.path = self._path_of(body)
        return self._compile(self._read(body, 0))

    def _compile(self, code: str) -> _Run:
        made: _Run = eval(f"lambda scope, it: {code}", {**_WORDS, **self._constants})
        return made

    def _keep(self, value: Any) -> str:
        """A name in the code for a value that the text or a table has."""
        name = f"k{len(self._constants)}"
        self._constants[name] = value
        return name

    def _name_new(self) -> str:
        """A name in the code for a part that is looked at twice."""
        self._parts += 1
        return f"p{self._parts}"

    def _path_of(self, node: ast.expr) -> tuple[str, ...] | None:
        """The steps of a part that is one path and nothing else."""
        if not isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
            return None
        root, steps = self._split_path(node)
        if not isinstance(root, ast.Name) or root.id in _CONSTANTS:
            return None
        return (_unmark(root.id), *("[]" if step is None else str(step) for step in steps))

    def split_conditions(self) -> Iterator[Condition]:
        """The conditions that the whole joins by ``and``, once it was read."""
        waiting = [self._body]
        while waiting:
            node = waiting.pop(0)
            if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
                waiting = [*node.values, *waiting]
            elif isinstance(node, ast.Compare) and len(node.ops) > 1:
                waiting = [*_pairs(node), *waiting]
            else:
                reader = _Reader(self.text)
                run = reader._compile(reader._read(node, 0))
                bounds = tuple(reader._find_bounds(node))
                yield Condition(tuple(dict.fromkeys(reader.names)), bounds, run)

    def _find_bounds(self, node: ast.expr) -> Iterator[Bound]:
        if not isinstance(node, ast.Compare):
            return
        left, op, right = node.left, type(node.ops[0]), node.comparators[0]
        for one, signs, other in ((left, _SIGNS, right), (right, _TURNED, left)):
            path = self._path_of(one)
            if path is not None and op in signs:
                yield Bound(path, signs[op], self._compile(self._read(other, 0)))

    def _translate(self) -> Iterator[str]:
        """The text as Python would write it: ``[:]`` for each, calls for durations."""
        end = length = 0
        for found in _TOKEN.finditer(self.text):
            said = found[0]
            if found["each"]:
                said = "[:]"
            elif found["unit"]:
                said = f"{_UNITS[found['unit']]}({found['amount']})"
            elif found["word"] in _KEYWORDS:
                said += _MARK
            yield self.text[end : found.start()] + said
            length += found.start() - end + len(said)
            end = found.end()
            self._shifts.append((length, end))
        yield self.text[end:]

    def _place(self, offset: int) -> str:
        """An offset in Python's text, as a place in ours."""
        before = [(theirs, ours) for theirs, ours in self._shifts if theirs <= offset]
        theirs, ours = before[-1] if before else (0, 0)
        return f"character {min(ours + offset - theirs, len(self.text)) + 1} of {self.text!r}"

    def _refuse(self, problem: str, node: ast.expr | None) -> NoReturn:
        before = self._source.encode()[: node.col_offset if node else 0]
        raise InputError(problem, place=self._place(len(before.decode())))

    def _read(self, node: ast.expr, depth: int) -> str:
        self._nodes += 1
        if depth > _DEEPEST or self._nodes > _MOST_NODES:
            self._refuse("too large an expression", node)
        for kind, read in _READERS.items():
            if isinstance(node, kind):
                return read(self, node, depth + 1)
        return self._refuse(f"no expression has a {type(node).__name__.lower()}", node)

    def _read_constant(self, node: ast.Constant, _: int) -> str:
        value = node.value
        if not isinstance(value, str | int | float):
            self._refuse("write 'is missing' for what there is not", node)
        return self._keep(value)

    def _read_list(self, node: ast.List, depth: int) -> str:
        return f"[{', '.join(self._read(part, depth) for part in node.elts)}]"

    def _split_path(self, node: ast.expr) -> tuple[ast.expr, list[_Step]]:
        """What a path begins with, and its steps."""
        steps: list[_Step] = []
        while isinstance(node, ast.Attribute | ast.Subscript):
            if isinstance(node, ast.Attribute):
                steps.append(_unmark(node.attr))
            else:
                steps.append(self._read_key(node.slice))
            node = node.value
        return node, steps[::-1]

    def _read_key(self, key: ast.expr) -> _Step:
        if isinstance(key, ast.Slice) and not (key.lower or key.upper or key.step):
            return None
        negative = isinstance(key, ast.UnaryOp) and isinstance(key.op, ast.USub)
        plain = key.operand if isinstance(key, ast.UnaryOp) and negative else key
        if isinstance(plain, ast.Constant) and type(plain.value) in (int, str):
            if isinstance(plain.value, int):
                return -plain.value if negative else plain.value
            if not negative:
                return str(plain.value)
        return self._refuse("only a number, a quoted name or nothing stands in brackets", key)

    def _read_path(self, node: ast.expr, depth: int) -> str:
        root, steps = self._split_path(node)
        if len(steps) > _DEEPEST:
            self._refuse("too long a path", node)
        code = self._read_root(root, steps, depth)
        for step in steps:
            if step is None:
                code = f"take_each({code})"
            elif isinstance(step, int):
                code = f"take_one({code}, {step})"
            else:
                code = f"take(scope, {code}, {self._keep(step)})"
        return code

    def _read_root(self, root: ast.expr, steps: list[_Step], depth: int) -> str:
        """The beginning of a path; keeps whose path it is."""
        if not isinstance(root, ast.Name):
            code = self._read(root, depth)
            if isinstance(root, ast.Call) and isinstance(root.func, ast.Name) and steps:
                entity = _entity(root)
                if root.func.id == "rows" and entity:
                    self.queries.append((entity, _write_steps("", steps).lstrip(".")))
            return code
        name = _unmark(root.id)
        if name in _CONSTANTS and not steps:
            return str(_CONSTANTS[name])
        if name == "it":
            if not self._inside:
                self._refuse("'it' is a row that exists, none, count or rows looks at", root)
            self.queries.append((self._inside[-1], _write_steps("", steps).lstrip(".")))
            return "it"
        self.names.append(_write_steps(name, steps))
        return f"find_named(scope, {self._keep(name)})"

    def _read_call(self, node: ast.Call, depth: int) -> str:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        filtered = len(node.args) > 1 or bool(node.keywords)
        if name in QUERIES and (name != "count" or filtered):
            return self._read_query(name, node, depth)
        if name not in FUNCTIONS or node.keywords:
            self._refuse("no such function: " + (name or "a part that is no name"), node)
        work, (least, most), _ = FUNCTIONS[name]
        if not least <= len(node.args) <= most:
            self._refuse(f"{name} takes {least} to {most} values", node)
        parts = ", ".join(self._read(part, depth) for part in node.args)
        return f"{self._keep(work)}({parts})"

    def _read_query(self, name: str, node: ast.Call, depth: int) -> str:
        entity = _entity(node)
        if entity is None:
            self._refuse(f"{name} begins with the name of an entity", node)
        self.entities.append(entity)
        filters: list[str] = []
        for keyword in node.keywords:
            if keyword.arg is None:
                self._refuse("no expression has a '**'", keyword.value)
            self.queries.append((entity, _unmark(keyword.arg)))
            name_kept = self._keep(_unmark(keyword.arg))
            filters.append(f"({name_kept}, {self._read(keyword.value, depth)})")
        self._inside.append(entity)
        conditions = [f"lambda it: {self._read(part, depth)}" for part in node.args[1:]]
        self._inside.pop()
        summary, noun = self._keep(_SUMMARIES[name]), self._keep(entity)
        return f"query(scope, {summary}, {noun}, [{', '.join(filters)}], [{', '.join(conditions)}])"

    def _read_unary(self, node: ast.UnaryOp, depth: int) -> str:
        part = self._read(node.operand, depth)
        if isinstance(node.op, ast.Not):
            return f"apply_each(negate, {part})"
        if not isinstance(node.op, ast.USub):
            self._refuse("no expression has this sign", node)
        return f"apply_each({self._keep(OPERATIONS[ast.Mult])}, {part}, -1)"

    def _read_logic(self, node: ast.BoolOp, depth: int) -> str:
        ends = isinstance(node.op, ast.Or)  # what one side decides alone: true of "or"
        code, names = "", []
        for part in node.values:
            names.append(self._name_new())
            truth = f"({names[-1]} := decide_truth({self._read(part, depth)}))"
            code += f"{ends} if {truth} is {ends} else "
        unknown = " or ".join(f"{name} is MISSING" for name in names)
        return f"({code}MISSING if {unknown} else {not ends})"

    def _read_choice(self, node: ast.IfExp, depth: int) -> str:
        test, then, otherwise = (
            self._read(part, depth) for part in (node.test, node.body, node.orelse)
        )
        name = self._name_new()
        known = f"{then} if {name} else {otherwise}"
        return f"(MISSING if ({name} := decide_truth({test})) is MISSING else {known})"

    def _read_operation(self, node: ast.BinOp, depth: int) -> str:
        work = OPERATIONS.get(type(node.op))
        if work is None:
            self._refuse(f"no expression has a {type(node.op).__name__.lower()}", node)
        left, right = self._read(node.left, depth), self._read(node.right, depth)
        return f"apply_each({self._keep(work)}, {left}, {right})"

    def _read_comparison(self, node: ast.Compare, depth: int) -> str:
        if len(node.ops) > 1:  # a < b < c
            return self._read_logic(ast.BoolOp(ast.And(), _pairs(node)), depth)
        op, other = node.ops[0], node.comparators[0]
        left = self._read(node.left, depth)
        if isinstance(op, ast.Is | ast.IsNot):
            if not (isinstance(other, ast.Name) and other.id == "missing"):
                self._refuse("after 'is' stands 'missing' only; write '=='", other)
            wanted = isinstance(op, ast.IsNot)
            return f"apply_each({self._keep(partial(is_, wanted))}, is_known({left}))"
        right = self._read(other, depth)
        if isinstance(op, ast.In | ast.NotIn):
            return f"search({left}, {right}, {isinstance(op, ast.NotIn)})"
        return f"apply_each({self._keep(COMPARISONS[type(op)])}, {left}, {right})"


_READERS: Mapping[type[ast.expr], Callable[[_Reader, Any, int], str]] = {
    ast.Name: _Reader._read_path,
    ast.Attribute: _Reader._read_path,
    ast.Subscript: _Reader._read_path,
    ast.Constant: _Reader._read_constant,
    ast.Compare: _Reader._read_comparison,
    ast.BoolOp: _Reader._read_logic,
    ast.BinOp: _Reader._read_operation,
    ast.Call: _Reader._read_call,
    ast.UnaryOp: _Reader._read_unary,
    ast.IfExp: _Reader._read_choice,
    ast.List: _Reader._read_list,
    ast.Tuple: _Reader._read_list,
}


_SIGNS: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_TURNED: Mapping[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: ">", ast.LtE: ">=", ast.Gt: "<", ast.GtE: "<=",
}  # fmt: skip
"""The same seen from the right."""


def _pairs(node: ast.Compare) -> list[ast.expr]:
    """``a < b < c`` → ``a < b`` and ``b < c``."""
    sides = [node.left, *node.comparators]
    return [
        ast.copy_location(ast.Compare(one, [op], [other]), node)
        for one, op, other in zip(sides, node.ops, sides[1:], strict=False)
    ]


def _unmark(name: str) -> str:
    return name.removesuffix(_MARK)


def _entity(call: ast.Call) -> str | None:
    """The noun with which a query begins."""
    first = call.args[0] if call.args else None
    return _unmark(first.id).replace("_", " ") if isinstance(first, ast.Name) else None


def _write_steps(name: str, steps: Iterable[_Step]) -> str:
    """A path as its text has it."""
    for step in steps:
        name += "[]" if step is None else f"[{step}]" if isinstance(step, int) else f".{step}"
    return name


def _take(scope: Scope, value: Any, name: str) -> Any:
    """A field of a row, or the row that it refers to by that name; of each, all of them."""
    if type(value) is Each:
        return Each(_take(scope, one, name) for one in value)
    if not isinstance(value, Mapping):
        return MISSING
    found = value[name] if name in value else scope.refer(value, name)
    return MISSING if found is None else found


def _find_named(scope: Scope, name: str) -> Any:
    """What a scope has by that name, or what its arguments refer to by it."""
    value = scope.value(name)
    if value is MISSING:
        value = scope.refer(None, name)
    return MISSING if value is None else value


def _search(values: Any, whole: Any, negated: bool) -> Any:
    """Whether values are in a list or text, or are not."""

    def search(value: Any) -> Any:
        found = MISSING if whole is MISSING else contains(value, whole)
        return found if found is MISSING else found is not negated

    return apply_each(search, values)


def _query(
    scope: Scope,
    summarise: Callable[[Iterator[Mapping[str, Any]]], Any],
    entity: str,
    filters: list[tuple[str, Any]],
    conditions: list[Callable[[Any], Any]],
) -> Any:
    """Go through the rows of an entity; a row that is not known to be such is none."""
    if any(value is MISSING for _, value in filters):
        return MISSING
    return summarise(row for row in scope.rows(entity) if _is_such(scope, row, filters, conditions))


def _is_such(
    scope: Scope,
    row: Mapping[str, Any],
    filters: list[tuple[str, Any]],
    conditions: list[Callable[[Any], Any]],
) -> bool:
    """Whether a row is known to have what the filters name, and to meet the conditions."""
    for name, wanted in filters:
        if not _meets(_take(scope, row, name), wanted):
            return False
    return all(decide_truth(condition(row)) is True for condition in conditions)


_SUMMARIES: Mapping[str, Callable[[Iterator[Any]], Any]] = {
    "exists": lambda rows: next(rows, None) is not None,
    "none": lambda rows: next(rows, None) is None,
    "count": lambda rows: sum(1 for _ in rows),
    "rows": list,
}


def _meets(found: Any, wanted: Any) -> bool:
    if found is MISSING:
        return False
    if isinstance(wanted, list) and not isinstance(found, list):
        return any(are_equal(found, one) for one in wanted if one is not MISSING)
    return are_equal(found, wanted)


_WORDS: Mapping[str, Any] = {
    "__builtins__": {},
    "MISSING": MISSING,
    "apply_each": apply_each,
    "decide_truth": decide_truth,
    "find_named": _find_named,
    "is_known": is_known,
    "negate": negate,
    "query": _query,
    "search": _search,
    "take": _take,
    "take_each": take_each,
    "take_one": take_one,
}
"""What the code of an expression may name, beside its own constants."""
