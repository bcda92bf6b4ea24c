"""What stands beside a type: ``Annotated[...]``, ``Field(...)`` and the bounds of annotated-types.

Bounds become keywords of the part of a schema that they fit: the length of a text, of a list.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from generators.importers.python.literals import NotLiteralError, keywords_of, literal, text_of
from generators.importers.python.module import Module
from schemas.record import JsonObject

FIELDS = frozenset({"Body", "Field", "Form", "Header", "Path", "Query", "field"})
"""Calls that describe one field or parameter."""

_NUMBERS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
    "multiple_of": "multipleOf",
}
_TEXTS = {"pattern": "pattern", "regex": "pattern"}
_LENGTHS = {"min_length": "min", "max_length": "max", "min_items": "min", "max_items": "max"}
_SIZED = {"string": "Length", "array": "Items", "object": "Properties"}
_SINGLE = {
    "Ge": "ge",
    "Gt": "gt",
    "Le": "le",
    "Lt": "lt",
    "MultipleOf": "multiple_of",
    "MinLen": "min_length",
    "MaxLen": "max_length",
    "Doc": "description",
}
"""Calls with one argument, and the keyword of ``Field`` that says the same."""
_SEVERAL = frozenset({"Interval", "Len", "StringConstraints", *FIELDS})


@dataclass(frozen=True)
class Details:
    """What the calls and texts beside a type say."""

    keywords: dict[str, ast.expr] = field(default_factory=dict)

    @property
    def default(self) -> ast.expr | None:
        """The expression of a default; ``...`` stands for none."""
        given = self.keywords.get("default")
        return None if isinstance(given, ast.Constant) and given.value is ... else given

    @property
    def is_optional(self) -> bool:
        """Whether there is a default of any kind."""
        return self.default is not None or "default_factory" in self.keywords


def read_details(metadata: Iterable[ast.expr], module: Module) -> Details:
    """Join everything that stands beside a type; the last one that says a thing has it."""
    keywords: dict[str, ast.expr] = {}
    for node in metadata:
        keywords |= _keywords(node, module)
    return Details(keywords)


def is_field(node: ast.expr | None, module: Module) -> bool:
    """Whether an assigned value describes a field and is no value."""
    return isinstance(node, ast.Call) and module.name_of(node) in FIELDS


def constrain(schema: JsonObject, details: Details, module: Module) -> JsonObject:
    """The schema with description, examples and bounds."""
    told = _literals(details, module)
    schema = _bounded(schema, told)
    if isinstance(told.get("description"), str):
        schema = {**schema, "description": told["description"]}
    if isinstance(told.get("examples"), list):
        schema = {**schema, "examples": told["examples"]}
    return schema


def _keywords(node: ast.expr, module: Module) -> dict[str, ast.expr]:
    if not isinstance(node, ast.Call):
        return {"description": node} if text_of(node, module) else {}
    name = module.name_of(node)
    if name in _SINGLE:
        given = [*node.args, *keywords_of(node).values()]
        return {_SINGLE[name]: given[0]} if given else {}
    if name not in _SEVERAL:
        return {}
    positional = {"default": node.args[0]} if node.args and name in FIELDS else {}
    return positional | keywords_of(node)


def _literals(details: Details, module: Module) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for keyword, node in details.keywords.items():
        try:
            found[keyword] = literal(node, module)
        except NotLiteralError:
            continue
    return found


def _bounded(schema: JsonObject, told: dict[str, Any]) -> JsonObject:
    if "anyOf" in schema:
        return {**schema, "anyOf": [_bounded(item, told) for item in schema["anyOf"]]}
    kind = str(schema.get("type"))
    numbers = {key: value for key, value in told.items() if type(value) in (int, float)}
    bounds: JsonObject = {}
    if kind in ("integer", "number"):
        bounds = {_NUMBERS[key]: value for key, value in numbers.items() if key in _NUMBERS}
    if kind == "string":
        texts = {key: value for key, value in told.items() if isinstance(value, str)}
        bounds = {_TEXTS[key]: value for key, value in texts.items() if key in _TEXTS}
    if kind in _SIZED:
        size = _SIZED[kind]
        bounds |= {_LENGTHS[key] + size: value for key, value in numbers.items() if key in _LENGTHS}
    return {**schema, **bounds}
