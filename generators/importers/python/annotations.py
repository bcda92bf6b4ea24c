"""Type annotations as they stand in the source: plain ones become JSON Schema.

Plain are the types of Python and of its standard library that JSON has a word for, in lists, in
mappings and as a choice, and names for such types in the same file. Classes of data of the file
(models of pydantic, dataclasses, typed dictionaries, named tuples) become objects. What only
running them tells (validators, aliases that are made, bases from elsewhere) is not known.
"""

import ast
import re
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any, NamedTuple

from generators.importers.foreign_types import parse_type
from generators.importers.python.definitions import DATA, Module, open_default, read_literal
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


_BOUNDS = {
    "ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf", "pattern": "pattern", "regex": "pattern",
    "min_length": "minLength", "max_length": "maxLength",
}  # fmt: skip
_OF_LISTS = {"minLength": "minItems", "maxLength": "maxItems"}
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum"})
_PLAIN = frozenset({"Generic", "ABC", "Protocol"})
"""Bases that have no fields."""


class _DataField(NamedTuple):
    name: str
    annotation: ast.expr
    default: ast.expr | None
    said: dict[str, ast.expr]


def read_whole_type(node: ast.expr, module: Module) -> ReadType:
    """The schema of a type, of the classes of data in it too. Raises UngivableError likewise."""
    return _Reader(module).read(node)


class _Reader:
    """Reads one type, bounded in what it looks into: names that double must end."""

    def __init__(self, module: Module) -> None:
        self._module, self._left = module, MAX_NAMES

    def read(self, node: ast.expr, inside: tuple[str, ...] = ()) -> ReadType:
        """The schema of a type; ``inside`` are the names in which it stands."""
        module, self._left = self._module, self._left - 1
        if self._left < 0:
            return ReadType({}, False)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                return self.read(ast.parse(node.value.strip(), mode="eval").body, inside)
            except (SyntaxError, ValueError):
                return ReadType({}, False)
        if not any(True for _ in _find_classes(node, module)):
            return read_type(node, module)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return self._read_choice([node.left, node.right], inside)
        name = module.name_of(node)
        if isinstance(node, ast.Name) and name in module.values and name not in inside:
            return self.read(module.values[name], (*inside, name))
        if isinstance(node, ast.Name | ast.Attribute) and name in module.classes:
            return self._read_class(module.classes[name], inside)
        parts = node.slice if isinstance(node, ast.Subscript) else None
        inner = parts.elts if isinstance(parts, ast.Tuple) else [parts] if parts is not None else []
        if name in ("Annotated", "Required", "NotRequired", "ReadOnly") and inner:
            return self.read(inner[0], inside)
        if name in ("Union", "Optional"):
            more = [ast.Constant(None)] if name == "Optional" else []
            return self._read_choice([*inner, *more], inside)
        kind = TYPES.get(name)
        if kind in ("list", "set", "tuple", "dict") and inner:
            found, whole = self.read(inner[kind == "dict" and len(inner) > 1], inside)
            if kind == "dict":
                return ReadType({"type": "object", "additionalProperties": found}, whole)
            return ReadType({"type": "array", "items": found}, whole)
        return ReadType({}, False)

    def _read_choice(self, parts: list[ast.expr], inside: tuple[str, ...]) -> ReadType:
        read = [self.read(part, inside) for part in parts]
        return ReadType({"anyOf": [schema for schema, _ in read]}, all(whole for _, whole in read))

    def _read_class(self, definition: ast.ClassDef, inside: tuple[str, ...]) -> ReadType:
        """An object with the fields of the class and of those that it inherits from."""
        module = self._module
        if definition.name in inside:
            return ReadType({"type": "object"}, False)
        inside = (*inside, definition.name)
        whole = module.kinds(definition) <= DATA | _PLAIN
        properties: dict[str, Any] = {}
        required: dict[str, bool] = {}
        for one in reversed(module.lineage(definition)):
            partial = {item.arg: item.value for item in one.keywords}.get("total")
            optional = isinstance(partial, ast.Constant) and partial.value is False
            for field in _list_fields(one, module):
                schema, known = self.read(field.annotation, inside)
                whole = whole and known
                # The schema with what is said of the field, as far as it is written out.
                made = dict(schema)
                for word, keyword in (*_BOUNDS.items(), ("description", "description")):
                    if word in field.said:
                        listing = made.get("type") == "array"
                        try:
                            value = read_literal(field.said[word], module)
                        except InputError:
                            continue
                        made[_OF_LISTS.get(keyword, keyword) if listing else keyword] = value
                if field.default is not None and "default_factory" not in field.said:
                    with suppress(InputError):
                        made["default"] = read_literal(field.default, module)
                properties[field.name] = made
                needed = module.name_of(field.annotation) == "Required" or not optional
                needed = needed and module.name_of(field.annotation) != "NotRequired"
                required[field.name] = needed and field.default is None
        names = [name for name, needed in required.items() if needed]
        return ReadType({"type": "object", "properties": properties, "required": names}, whole)


def _find_classes(node: ast.expr, module: Module) -> Iterator[str]:
    """The names of classes of data that a type speaks of, also by other names for types."""
    nodes, seen = [node], set[str]()
    for each in nodes:
        for one in ast.walk(each):
            name = module.name_of(one) if isinstance(one, ast.Name | ast.Attribute) else ""
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                name = one.value.strip()
            if not name or name in seen:
                continue
            seen.add(name)
            definition = module.classes.get(name)
            if definition is not None and module.kinds(definition) & (DATA - _ENUMS):
                lineage = module.lineage(definition)
                yield from (name for base in lineage for _ in _list_fields(base, module))
            elif name in module.values:
                nodes.append(module.values[name])


def _list_fields(definition: ast.ClassDef, module: Module) -> Iterator[_DataField]:
    """The annotated names of a class's body, with what is said of them."""
    for item in definition.body:
        if not isinstance(item, ast.AnnAssign) or not isinstance(item.target, ast.Name):
            continue
        name = item.target.id
        if name.startswith("_") or module.name_of(item.annotation) in ("ClassVar", "InitVar"):
            continue
        default, said = open_default(item.annotation, item.value, module)
        alias = said.get("alias")
        if isinstance(alias, ast.Constant) and isinstance(alias.value, str):
            name = alias.value
        if name != "model_config":
            yield _DataField(name, item.annotation, default, said)
