"""Annotations as they stand in the source: pydantic makes their schemas, and nothing is run.

A name of one of Python's own types stands for that type. A class of data of the file (a model of
pydantic, a dataclass, a typed dictionary, a named tuple) is made anew from its fields, an
enumeration from its members. What only running the file tells (validators, values that are
reckoned, bases from elsewhere) is not known.
"""

import ast
import typing
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import pydantic

from generators.importers.python.definitions import DATA, Module, open_default, read_literal
from generators.importers.subschemas import dereference
from schemas.errors import InputError
from schemas.record import JsonObject

_KNOWN: dict[str, Any] = {
    **{kind.__name__: kind for kind in (str, int, float, bool, bytes, list, set, dict, tuple)},
    **{kind.__name__: kind for kind in (date, datetime, time, timedelta, UUID, Path)},
    **dict.fromkeys("List Sequence Iterable Iterator Collection".split(), list),
    **dict.fromkeys("Set frozenset FrozenSet AbstractSet".split(), set),
    **dict.fromkeys("Dict Mapping MutableMapping OrderedDict defaultdict".split(), dict),
    **{name: getattr(typing, name) for name in ("Any", "Literal", "Optional", "Union")},
    "Decimal": float,
    "NoneType": None,
    "Tuple": tuple,
    "object": Any,
}
"""What the names stand for; JSON has no more kinds of lists, sets and mappings than one."""
TOLD = frozenset("ge le gt lt multiple_of pattern min_length max_length description".split())
"""Words of ``Field`` that are read where their value is written out."""
_PLAIN = frozenset({"Generic", "ABC", "Protocol"})
"""Bases that have no fields."""
MAX_NAMES = 500
"""Names for types that use one another twice double at each step: reading them must end."""


class UngivableError(Exception):
    """A value of this type cannot be written as JSON: the message says what it is."""


class _UnknownTypeError(Exception):
    """Only running the file tells what the type is."""


class ReadType(NamedTuple):
    """The schema of a type, and whether it says all that the type says."""

    schema: JsonObject
    whole: bool


def read_type(
    node: ast.expr, module: Module, said: Mapping[str, ast.expr] | None = None
) -> ReadType:
    """The schema of a type with what is said of it; ``{}`` for one that is not known.

    Raises UngivableError for functions.
    """
    reader = _Reader(module)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a default of another type is mended later
            made = reader.narrow(reader.read(node), said or {})
            schema, _ = dereference(pydantic.TypeAdapter(made).json_schema(), "")
    except (UngivableError, RecursionError):
        raise
    except Exception:  # whatever typing and pydantic have against it
        return ReadType({}, False)
    return ReadType(schema, reader.whole)


class _Reader:
    """Makes the type that one annotation stands for, bounded in what it looks into."""

    def __init__(self, module: Module) -> None:
        self._module, self._left = module, MAX_NAMES
        self.whole = True
        """No part of it was unknown."""

    def read(self, node: ast.expr, inside: tuple[str, ...] = ()) -> Any:
        """The type; ``inside`` are the names in which it stands.

        Raises UngivableError for a function, and _UnknownTypeError.
        """
        module, self._left = self._module, self._left - 1
        if self._left < 0:
            raise _UnknownTypeError
        if isinstance(node, ast.Constant):
            if not isinstance(node.value, str):
                return node.value
            return self.read(ast.parse(node.value.strip(), mode="eval").body, inside)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
            return _KNOWN["Union"][self.read(node.left, inside), self.read(node.right, inside)]
        name = module.name_of(node)
        if name == "Callable":
            raise UngivableError("a function")
        if isinstance(node, ast.Subscript):
            return self._read_parts(name, node, inside)
        if name in module.classes:
            return self._read_class(module.classes[name], inside)
        if isinstance(node, ast.Name) and name in module.values and name not in inside:
            return self.read(module.values[name], (*inside, name))
        if isinstance(node, ast.Name | ast.Attribute) and name in _KNOWN:
            return _KNOWN[name]
        raise _UnknownTypeError

    def narrow(self, kind: Any, said: Mapping[str, ast.expr]) -> Any:
        """The type within the bounds that are written out."""
        told: dict[str, Any] = {}
        for word in sorted(TOLD & said.keys()):
            try:
                told[word] = read_literal(said[word], self._module)
            except InputError:
                self.whole = self.whole and word == "description"
        return typing.Annotated[kind, pydantic.Field(**told)] if told else kind

    def _read_parts(self, name: str, node: ast.Subscript, inside: tuple[str, ...]) -> Any:
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if name in ("Annotated", "Required", "NotRequired", "ReadOnly"):
            _, said = open_default(node, None, self._module)
            return self.narrow(self.read(parts[0], inside), said)
        if name in self._module.classes or name not in _KNOWN:
            raise _UnknownTypeError
        if name == "Literal":
            return _KNOWN[name][tuple(read_literal(part, self._module) for part in parts)]
        if name in ("Optional", "Union"):
            options = [self.read(part, inside) for part in parts]
            return _KNOWN["Union"][(*options, *([None] if name == "Optional" else []))]
        return _KNOWN[name][tuple(self._read_part(part, inside) for part in parts)]

    def _read_part(self, node: ast.expr, inside: tuple[str, ...]) -> Any:
        """A list of what nobody knows is still a list."""
        try:
            return self.read(node, inside)
        except _UnknownTypeError:
            self.whole = False
            return Any

    def _read_class(self, definition: ast.ClassDef, inside: tuple[str, ...]) -> Any:
        """A model of the fields of the class and of those that it inherits from."""
        module, name = self._module, definition.name
        if any(module.name_of(base).endswith("Enum") for base in definition.bases):
            members = (item.value for item in definition.body if isinstance(item, ast.Assign))
            return _KNOWN["Literal"][tuple(read_literal(value, module) for value in members)]
        if name in inside:
            self.whole = False
            return dict
        kinds = module.kinds(definition)
        fields: dict[str, Any] = {}
        for one in reversed(module.lineage(definition) if kinds & DATA else []):
            partial = any(
                item.arg == "total"
                and isinstance(item.value, ast.Constant)
                and item.value.value is False
                for item in one.keywords
            )
            for title, annotation, default, said in _list_fields(one, module):
                marker = module.name_of(annotation)
                told: dict[str, Any] = {"alias": title}
                if default is not None or marker == "NotRequired" or (
                    partial and marker != "Required"
                ):  # fmt: skip
                    told["default_factory"] = lambda: None
                if default is not None and "default_factory" not in said:
                    with suppress(InputError):
                        told["default"] = read_literal(default, module)
                        del told["default_factory"]
                kind = self.narrow(self._read_part(annotation, (*inside, name)), said)
                fields[title] = (kind, pydantic.Field(**told))
        if not fields:
            raise _UnknownTypeError
        self.whole = self.whole and kinds <= DATA | _PLAIN
        # By an alias a field may be called what a model has itself: ``copy``, ``model_fields``.
        numbered = {f"field_{number}": field for number, field in enumerate(fields.values())}
        config = pydantic.ConfigDict(regex_engine="python-re")
        return pydantic.create_model(name, __config__=config, **numbered)


def _list_fields(
    definition: ast.ClassDef, module: Module
) -> Iterator[tuple[str, ast.expr, ast.expr | None, dict[str, ast.expr]]]:
    """The annotated names of a class's body, with their default and what is said of them."""
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
            yield name, item.annotation, default, said
