"""What stands at the top of a Python file: functions, classes, names for types and constants.

Only the text is read. What a name means is for `annotations` and `literals` to say, which of the
definitions are tools for `selection`.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeGuard

from generators.importers.python_source import PythonSource
from schemas.errors import InputError

Function = ast.FunctionDef | ast.AsyncFunctionDef

_TYPE_STATEMENT = re.compile(r"(?m)^([ \t]*)type +(\w+)(?:\[[^\]\n]*\])?(?= *=[^=])")


@dataclass(frozen=True)
class Module:
    """The definitions of one file, by their names there, in the order in which they stand."""

    tree: ast.Module
    functions: dict[str, Function]
    classes: dict[str, ast.ClassDef]
    """Classes inside classes too, where no other has their name."""
    values: dict[str, ast.expr]
    """What a name was set to: constants, and other names for types."""
    origins: dict[str, str]
    """Imported name → what it is called at home: ``np`` → ``numpy``."""

    @property
    def exported(self) -> tuple[str, ...] | None:
        """What ``__all__`` lists; None where there is none that can be read."""
        if "__all__" not in self.values:
            return None
        more = [item.value for item in self.tree.body if _extends_exports(item)]
        try:
            parts = [ast.literal_eval(part) for part in (self.values["__all__"], *more)]
            return tuple(str(name) for part in parts for name in part)
        except (ValueError, TypeError, SyntaxError):
            return None

    def name_of(self, node: ast.expr) -> str:
        """The last part of a name as its own module has it: ``Optional`` for ``t.Optional``."""
        dotted = self.dotted(node)
        return dotted.rpartition(".")[2]

    def dotted(self, node: ast.expr) -> str:
        """A name in full; empty for what is none. A call or subscript has the name before it."""
        if isinstance(node, ast.Call):
            return self.dotted(node.func)
        if isinstance(node, ast.Subscript):
            return self.dotted(node.value)
        if isinstance(node, ast.Attribute):
            before = self.dotted(node.value)
            return f"{before}.{node.attr}" if before else node.attr
        return self.origins.get(node.id, node.id) if isinstance(node, ast.Name) else ""


def read_module(source: PythonSource) -> Module:
    """Parse a file. Raises InputError with the line of a fault."""
    tree = _parse(source.text)
    statements = list(open_blocks(tree.body))
    classes = {item.name: item for item in statements if isinstance(item, ast.ClassDef)}
    inner = [item for item in ast.walk(tree) if isinstance(item, ast.ClassDef)]
    return Module(
        tree=tree,
        functions={item.name: item for item in statements if isinstance(item, Function)},
        classes=classes | {item.name: item for item in inner if item.name not in classes},
        values=dict(pair for item in statements for pair in assigned(item)),
        origins=dict(pair for item in ast.walk(tree) for pair in _imported(item)),
    )


def open_blocks(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements, those in ``if``, ``try`` and ``with`` too, but for what only a script does."""
    for item in body:
        if isinstance(item, ast.If) and "__main__" in ast.dump(item.test):
            continue
        if isinstance(item, ast.If | ast.Try | ast.With):
            yield from open_blocks(item.body)
            yield from open_blocks(getattr(item, "orelse", []))
        else:
            yield item


def assigned(item: ast.stmt) -> Iterator[tuple[str, ast.expr]]:
    """Names and values of an assignment or a ``type`` statement."""
    if isinstance(item, ast.Assign):
        for target in item.targets:
            if isinstance(target, ast.Name):
                yield target.id, item.value
    elif isinstance(item, ast.AnnAssign) and item.value and isinstance(item.target, ast.Name):
        yield item.target.id, item.value
    elif type(item).__name__ == "TypeAlias":  # a statement since 3.12
        name, value = getattr(item, "name", None), getattr(item, "value", None)
        if isinstance(name, ast.Name) and isinstance(value, ast.expr):
            yield name.id, value


def _extends_exports(item: ast.stmt) -> TypeGuard[ast.AugAssign]:
    is_sum = isinstance(item, ast.AugAssign) and isinstance(item.target, ast.Name)
    return is_sum and item.target.id == "__all__"  # type: ignore[attr-defined]


def _imported(item: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(item, ast.Import):
        for name in item.names:
            if name.asname:
                yield name.asname, name.name
    elif isinstance(item, ast.ImportFrom):
        for name in item.names:
            yield name.asname or name.name, f"{item.module or ''}.{name.name}".lstrip(".")


def _parse(text: str) -> ast.Module:
    try:
        return _tree(text)
    except SyntaxError as error:
        try:  # Python 3.11 does not know the statement of 3.12
            return _tree(_TYPE_STATEMENT.sub(r"\1\2", text))
        except (SyntaxError, ValueError):
            raise _told(error) from None
    except (RecursionError, MemoryError):
        raise InputError("the code is nested too deep to be read") from None
    except ValueError as error:  # a NUL in the text
        raise InputError(f"not Python: {error}") from None


def _tree(text: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what is odd in the user's code is not ours to tell
        return ast.parse(text)


def _told(error: SyntaxError) -> InputError:
    place = f"line {error.lineno}" if error.lineno else ""
    return InputError(f"not Python: {error.msg}", place=place)
