"""An expression's tree as code of Python, of which nothing reaches an object of Python."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from math import inf
from typing import Any

from generators.world.expression_functions import (
    FUNCTIONS,
    QUERIES,
    SUMMARIES,
    ExpressionScope,
    find_named,
    query,
    search,
    take,
)
from generators.world.expression_text import ExpressionText, pair_sides, unmark
from generators.world.expression_values import (
    COMPARISONS,
    MISSING,
    OPERATIONS,
    Each,
    apply_each,
    apply_two,
    are_equal,
    decide_truth,
    is_known,
    negate,
    order_texts,
    take_each,
    take_one,
)

Run = Callable[[ExpressionScope, Any], Any]
"""A compiled text: takes the scope, and the row that ``it`` is."""
_MOST_NODES = 250
_DEEPEST = 40
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
    "query": query,
    "search": search,
    "str": str,
    "take": take,
    "take_each": take_each,
    "take_one": take_one,
    "type": type,
}
"""What the code of an expression may name, beside functions of the tables."""


class Code:
    """Code that is compiled when it is first run: a world has hundreds of texts, a run uses few."""

    __slots__ = ("run",)
    run: Run

    def __init__(self, written: str, words: dict[str, Any]) -> None:
        def compile_first(scope: ExpressionScope, it: Any) -> Any:
            self.run = eval(f"lambda scope, it: {written}", words)
            return self.run(scope, it)

        self.run = compile_first


class CodeWriter:
    """Writes one text as code of Python, and keeps what it names.

    The code is one expression out of the few forms that the writers below know, so that evaluating
    it takes one frame, however deeply the text is nested.
    """

    def __init__(self, text: ExpressionText) -> None:
        self._text = text
        self.names: list[str] = []
        self.queries: list[tuple[str, str]] = []
        self.entities: list[str] = []
        self._inside: list[str] = []
        """The entities whose rows ``it`` is here, the innermost last."""
        self._settled: list[str] = []
        """The code of parts of a condition on rows that are the same for every row."""
        self._nodes = self._depth = self._parts = 0
        self._words = dict(_WORDS)
        """What the code may name."""

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
        return (unmark(root.id), *names)

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
                    steps.append(f".{unmark(name)}")
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
                    self._text.refuse(
                        "only a number, a quoted name or nothing stands in brackets", key
                    )
            node = node.value
        return node, steps[::-1]

    def write(self, node: ast.AST) -> str:
        """The code of a part."""
        self._nodes += 1
        if self._depth > _DEEPEST or self._nodes > _MOST_NODES:
            self._text.refuse("too large an expression", node)
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
            self._text.refuse(f"no expression has a {kind}", node)
        code: str = write(node)
        self._depth -= 1
        return code

    def write_constant(self, node: ast.Constant) -> str:
        """``4``, ``'red'``."""
        if not isinstance(node.value, str | int | float):
            self._text.refuse("write 'is missing' for what there is not", node)
        return repr(node.value)

    def write_list(self, node: ast.List | ast.Tuple) -> str:
        """``[a, b]``."""
        return f"[{', '.join(map(self.write, node.elts))}]"

    def write_name(self, node: ast.expr) -> str:
        """A path; keeps whose it is."""
        root, steps = self._split_path(node)
        if len(steps) > _DEEPEST:
            self._text.refuse("too long a path", node)
        written = "".join(steps)
        name = unmark(root.id) if isinstance(root, ast.Name) else ""
        if not name:
            code = self.write(root)
            match root:
                case ast.Call(func=ast.Name(id="rows"), args=[ast.Name(id=noun), *_]) if steps:
                    self.queries.append((_as_noun(noun), written.lstrip(".")))
        elif name in _CONSTANTS and not steps:
            code = str(_CONSTANTS[name])
        elif name == "it":
            if not self._inside:
                self._text.refuse("'it' is a row that exists, none, count or rows looks at", root)
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
            self._text.refuse("no such function: " + (name or "a part that is no name"), node)
        work, (least, most), _ = FUNCTIONS[name]
        if not least <= len(node.args) <= most:
            self._text.refuse(f"{name} takes {least} to {most} values", node)
        told = [part.value for part in node.args if isinstance(part, ast.Constant)]
        if len(told) == len(node.args):  # a duration: made once
            return self._keep(work(*told))
        return f"{self._keep(work)}({', '.join(map(self.write, node.args))})"

    def _query(self, name: str, node: ast.Call) -> str:
        """A call that goes through the rows of an entity."""
        if not (node.args and isinstance(node.args[0], ast.Name)):
            self._text.refuse(f"{name} begins with the name of an entity", node)
        entity = _as_noun(node.args[0].id)
        self.entities.append(entity)
        filters: list[str] = []
        for keyword in node.keywords:
            if keyword.arg is None:
                self._text.refuse("no expression has a '**'", keyword.value)
            self.queries.append((entity, unmark(keyword.arg)))
            filters.append(f"({unmark(keyword.arg)!r}, {self.write(keyword.value)})")
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
        summary = self._keep(SUMMARIES["exists" if name == "none" else name])
        code = f"query(scope, {summary}, {entity!r}, [{', '.join(filters)}], {is_such})"
        return self._write_negation(code) if name == "none" else code

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
            self._text.refuse("no expression has this sign", node)
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
            self._text.refuse(f"no expression has a {type(node.op).__name__.lower()}", node)
        return f"apply_two({self._keep(work)}, {self.write(node.left)}, {self.write(node.right)})"

    def write_compare(self, node: ast.Compare) -> str:
        """``a < b``, ``a < b < c``, ``a is missing``, ``a not in b``."""
        if len(node.ops) > 1:
            return self.write_boolop(ast.BoolOp(ast.And(), pair_sides(node)))
        op, other = type(node.ops[0]), node.comparators[0]
        left, one = self.write(node.left), self._name_new()
        if op in (ast.Is, ast.IsNot):
            if not (isinstance(other, ast.Name) and other.id == "missing"):
                self._text.refuse("after 'is' stands 'missing' only; write '=='", other)
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


def _as_noun(name: str) -> str:
    return unmark(name).replace("_", " ")


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
