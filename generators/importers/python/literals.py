"""Values that stand in the source as such: defaults, names, descriptions, choices."""

import ast
import math
from typing import Any

from generators.importers.python.module import Module, assigned

MAX_DEPTH = 20
"""Constants that are set to other constants."""


MAX_SIZE = 100_000
"""Characters and values in one literal that is put together."""
MAX_BITS = 1024
"""Whole numbers above are beyond what other languages read as a number."""


class NotLiteralError(ValueError):
    """The value is known only when the code runs, or JSON does not have it."""


def literal(node: ast.expr | None, module: Module, depth: int = 0) -> Any:
    """The JSON value of an expression. Raises NotLiteralError where the source does not tell."""
    if node is None or depth > MAX_DEPTH:
        raise NotLiteralError
    if isinstance(node, ast.Name) and node.id in module.values:
        return literal(module.values[node.id], module, depth + 1)
    if isinstance(node, ast.Attribute):
        return _member(node, module, depth)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _joined(node, module, depth)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return _several(node.elts, module, depth)
    if isinstance(node, ast.Dict):
        keys = [_key(key, module, depth) for key in node.keys]
        return dict(zip(keys, _several(node.values, module, depth), strict=True))
    return _plain(node)


def text_of(node: ast.expr | None, module: Module) -> str:
    """A text that is written out, or nothing."""
    try:
        value = literal(node, module)
    except NotLiteralError:
        return ""
    return value if isinstance(value, str) else ""


def flag_of(node: ast.expr | None) -> bool | None:
    """True or False where it is written out."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, bool) else None


def keywords_of(call: ast.expr) -> dict[str, ast.expr]:
    """The named arguments of a call; nothing for what is none."""
    named = call.keywords if isinstance(call, ast.Call) else []
    return {item.arg: item.value for item in named if item.arg}


def enum_values(definition: ast.ClassDef, module: Module) -> list[Any]:
    """The values of an enumeration. Raises NotLiteralError where the source does not tell."""
    members = _members(definition, module)
    return [value for number, value in enumerate(members.values()) if value not in
            list(members.values())[:number]]  # fmt: skip


def _members(definition: ast.ClassDef, module: Module) -> dict[str, Any]:
    members: dict[str, Any] = {}
    is_text = any("str" in module.name_of(base).lower() for base in definition.bases)
    for item in definition.body:
        for name, value in assigned(item):
            if name.startswith("_"):
                continue
            if module.name_of(value) == "auto":
                members[name] = name.lower() if is_text else len(members) + 1
            else:
                members[name] = literal(value, module, 1)
    return members


def _member(node: ast.Attribute, module: Module, depth: int) -> Any:
    if node.attr == "value" and isinstance(node.value, ast.Attribute):
        return _member(node.value, module, depth)
    definition = module.classes.get(module.name_of(node.value))
    if definition is None or depth > MAX_DEPTH:
        raise NotLiteralError
    values = dict(pair for item in definition.body for pair in assigned(item))
    if node.attr not in values:
        raise NotLiteralError
    if any(module.name_of(base).endswith(("Enum", "Flag")) for base in definition.bases):
        return _members(definition, module)[node.attr]
    return literal(values[node.attr], module, depth + 1)


def _joined(node: ast.BinOp, module: Module, depth: int) -> str:
    left, right = (literal(side, module, depth + 1) for side in (node.left, node.right))
    if isinstance(left, str) and isinstance(right, str) and len(left) + len(right) <= MAX_SIZE:
        return left + right
    raise NotLiteralError


def _several(nodes: list[ast.expr], module: Module, depth: int) -> list[Any]:
    """Constants that hold one another several times grow at each step: it must end."""
    values: list[Any] = []
    size = 0
    for node in nodes:
        values.append(literal(node, module, depth + 1))
        size += _size(values[-1])
        if size > MAX_SIZE:
            raise NotLiteralError
    return values


def _size(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + sum(map(_size, value.values()))
    if isinstance(value, list):
        return 1 + sum(map(_size, value))
    return 1 + len(value) if isinstance(value, str) else 1


def _key(node: ast.expr | None, module: Module, depth: int) -> str:
    key = literal(node, module, depth + 1)
    if not isinstance(key, str):
        raise NotLiteralError
    return key


def _plain(node: ast.expr) -> Any:
    try:
        value = ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        raise NotLiteralError from None
    if not _is_json(value):
        raise NotLiteralError
    return value


def _is_json(value: Any) -> bool:
    """Whether JSON can hold a single value, and every reader can read it."""
    if isinstance(value, str):
        return not any("\ud800" <= mark <= "\udfff" for mark in value)  # halves of characters
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or (isinstance(value, int) and value.bit_length() <= MAX_BITS)
