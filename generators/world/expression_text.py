"""An expression's text as Python's tree: words that Python keeps for itself, durations, places."""

import ast
import re
import warnings
from collections.abc import Iterator
from typing import NoReturn

from schemas.errors import InputError

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


class ExpressionText:
    """One text, and where in it the parts of its tree stand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._shifts = [(0, 0)]
        """Where Python's text goes on, and where ours does."""
        self._source = ""

    def parse(self) -> ast.expr:
        """The text as Python's tree. Raises `InputError`."""

        def translate(token: re.Match[str]) -> str:  # ``[:]`` for each, calls for durations
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

        self._source = _TOKEN.sub(translate, self.text).replace("\n", " ")
        if "\\" in self.text or _MARK in self.text:
            self.refuse("a character that no expression has", None)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # of Python's, on texts that it will not take soon
                return ast.parse(self._source, mode="eval").body
        except SyntaxError as error:
            place = self._place((error.offset or 1) - 1)
            raise InputError(f"not an expression: {error.msg}", place=place) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise InputError(f"not an expression: {error}", place=repr(self.text)) from None

    def _place(self, offset: int) -> str:
        """An offset in Python's text, as a place in ours."""
        theirs, ours = [shift for shift in self._shifts if shift[0] <= offset][-1]
        return f"character {min(ours + offset - theirs, len(self.text)) + 1} of {self.text!r}"

    def refuse(self, problem: str, node: ast.AST | None) -> NoReturn:
        """Raise `InputError` about a part of the text; None: about its beginning."""
        before = self._source.encode()[: getattr(node, "col_offset", 0)]
        raise InputError(problem, place=self._place(len(before.decode())))


def split_conditions(body: ast.expr) -> Iterator[ast.expr]:
    """The conditions that an expression joins by ``and``."""
    if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And):
        for part in body.values:
            yield from split_conditions(part)
    elif isinstance(body, ast.Compare) and len(body.ops) > 1:
        yield from pair_sides(body)
    else:
        yield body


def find_comparisons(body: ast.expr) -> Iterator[ast.expr]:
    """The comparisons that an expression joins by ``and``, ``or``."""
    for part in split_conditions(body):
        if isinstance(part, ast.BoolOp):
            for one in part.values:
                yield from find_comparisons(one)
        elif isinstance(part, ast.Compare):
            yield part


def pair_sides(node: ast.Compare) -> list[ast.expr]:
    """``a < b < c`` → ``a < b`` and ``b < c``."""
    sides = [node.left, *node.comparators]
    return [
        ast.copy_location(ast.Compare(one, [op], [other]), node)
        for one, op, other in zip(sides, node.ops, sides[1:], strict=False)
    ]


def unmark(name: str) -> str:
    """A name as it was written, without the mark of a keyword."""
    return name.removesuffix(_MARK)
