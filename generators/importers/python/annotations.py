"""Type annotations as they stand in the source: plain ones become JSON Schema.

Plain are the types of Python and of its standard library that JSON has a word for, in lists, in
mappings and as a choice, and names for such types in the same file. Anything else, models above
all, is known only when the code is run.
"""

import ast
import re
from copy import deepcopy
from typing import Any, NamedTuple

from generators.importers.foreign_types import parse_type
from generators.importers.python.definitions import Module, read_literal
from schemas.errors import InputError
from schemas.record import JsonObject

TYPES = {
    **{name: name for name in "str int float bool bytes None date datetime time".split()},
    **{name: name for name in "Optional Union tuple".split()},
    **dict.fromkeys("list List Sequence Iterable Iterator Collection".split(), "list"),
    **dict.fromkeys("set Set frozenset FrozenSet AbstractSet".split(), "set"),
    **dict.fromkeys("dict Dict Mapping MutableMapping OrderedDict defaultdict".split(), "dict"),
    "Any": "any",
    "object": "any",
    "Decimal": "decimal",
    "NoneType": "None",
    "Path": "path",
    "Tuple": "tuple",
    "UUID": "uuid",
}
"""Names in Python → those in the grammar of `parse_type`."""
_WORDS = {
    **dict.fromkeys(("string", "strings", "text"), "str"),
    **dict.fromkeys(("integer", "integers", "ints"), "int"),
    **dict.fromkeys(("number", "floats"), "float"),
    **dict.fromkeys(("map", "dictionary", "dicts", "dictionaries"), "dict"),
    "boolean": "bool",
    "array": "list",
}
"""Types in docstrings that Python calls otherwise."""
_ASIDE = re.compile(r"(?i),?\s*\b(?:optional|required|default(?:s to)?[ :=].*|by default.*)\s*$")
_OF = re.compile(r"(?i)\b(list|array|set|tuple|sequence|iterable)s? of (.+)$")
MAX_NAMES = 200
"""Names for types that use one another twice double at each step: reading them must end."""


class UngivableError(Exception):
    """A value of this type cannot be written as JSON: the message says what it is."""


class _UnknownTypeError(Exception):
    """The type is none of the plain ones."""


class ReadType(NamedTuple):
    """The schema of a type, and whether it says all that the type says."""

    schema: JsonObject
    whole: bool


def read_type(node: ast.expr, module: Module) -> ReadType:
    """The schema of a plain type; of others, what is plain. Raises UngivableError for functions."""
    spelling = _Spelling(module)
    try:
        parsed = parse_type(spelling.spell(node))
    except (_UnknownTypeError, InputError, SyntaxError, ValueError):
        parsed = None
    return ReadType(deepcopy(parsed or {}), parsed is not None and spelling.whole)


def read_documented_type(text: str, module: Module) -> JsonObject | None:
    """The schema of a type in a docstring, looser than annotations: ``list of str, optional``."""
    text = _ASIDE.sub("", text.strip().strip("`")).strip().rstrip(".").strip()
    of = _OF.search(text)
    if of:
        items = read_documented_type(of[2], module)
        return None if items is None else {"type": "array", "items": items}
    if text.startswith("{") or (text.startswith(("'", '"')) and "," in text):
        text = f"Literal[{text.strip('{}')}]"
    text = re.sub(r"\s+or\s+", " | ", text)
    text = re.sub(r"[A-Za-z]+", lambda word: _WORDS.get(word[0].lower(), word[0]), text)
    try:
        schema, whole = read_type(ast.parse(text, mode="eval").body, module)
        return schema if schema and whole else None
    except (SyntaxError, ValueError, UngivableError, RecursionError):
        return None


class _Spelling:
    """Writes one annotation out with plain names only, bounded in length."""

    def __init__(self, module: Module) -> None:
        self._module, self._left = module, MAX_NAMES
        self.whole = True
        """No part of it was unknown."""

    def spell(self, node: ast.expr) -> str:
        """The annotation for `parse_type`. Raises UngivableError and _UnknownTypeError."""
        self._left -= 1
        if self._left < 0:
            raise _UnknownTypeError
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                return self.spell(ast.parse(node.value.strip(), mode="eval").body)
            return "..." if node.value is ... else str(node.value)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return f"{self.spell(node.left)} | {self.spell(node.right)}"
        name = self._module.name_of(node)
        if name == "Callable":
            raise UngivableError("a function")
        if isinstance(node, ast.Subscript):
            inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
            if name == "Annotated" and inner:
                return self.spell(inner[0])
            if name == "Literal":
                return self._spell_choice([read_literal(item, self._module) for item in inner])
            return f"{self._spell_name(name)}[{', '.join(map(self._spell_part, inner))}]"
        if isinstance(node, ast.Name) and name in self._module.values:
            return self.spell(self._module.values[name])
        if isinstance(node, ast.Name | ast.Attribute):
            return self._spell_name(name)
        raise _UnknownTypeError

    def _spell_part(self, node: ast.expr) -> str:
        """A list of what nobody knows is still a list."""
        try:
            return self.spell(node)
        except _UnknownTypeError:
            self.whole = False
            return "any"

    def _spell_name(self, name: str) -> str:
        definition = self._module.classes.get(name)
        if definition is None and name in TYPES:
            return TYPES[name]
        if definition is None or not any(
            self._module.name_of(base).endswith("Enum") for base in definition.bases
        ):
            raise _UnknownTypeError
        members = (item.value for item in definition.body if isinstance(item, ast.Assign))
        return self._spell_choice([read_literal(value, self._module) for value in members])

    def _spell_choice(self, values: list[Any]) -> str:
        if not all(isinstance(value, str | int) and "\\" not in repr(value) for value in values):
            raise _UnknownTypeError
        return f"Literal[{', '.join(map(repr, values))}]"
