"""Tools as methods of a class that is made at run time, with types and docstrings for trainers.

A trainer makes the tool's schema again from what it sees of a method, as near as types come to it;
what they cannot say stands in the description.
"""

import inspect
import json
import keyword
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, Optional

_SECTION = re.compile(r"\b(Args|Returns|Raises):")
_PLAIN = {"string": str, "integer": int, "number": float, "boolean": bool, "null": type(None)}
_BOTH = inspect.Parameter.POSITIONAL_OR_KEYWORD


def make_method(tool: Mapping[str, Any], name: str) -> Callable[..., str]:
    """A method that hands its call to ``self._call``."""
    schema = tool.get("parameters") or {}
    properties, required = schema.get("properties") or {}, set(schema.get("required") or ())
    names: dict[str, str] = {}  # as Python can have it → the parameter
    for one in properties:
        plain = name_parameter(one)
        while plain in names:
            plain += "_"
        names[plain] = one

    def method(self: Any, **given: Any) -> str:
        arguments = {names.get(one, one): value for one, value in given.items()}
        told: str = self._call(tool["name"], arguments)
        return told

    lines = [_line(tool.get("description") or tool["name"])]
    if names:
        told = (f"    {plain}: {_tell(one, properties[one])}" for plain, one in names.items())
        lines += ["", "Args:", *told]
    hints = {plain: _hint(properties[one]) for plain, one in names.items()}
    needed = {plain for plain, one in names.items() if one in required}
    return dress(method, name, "\n".join([*lines, ""]), hints, needed)


def _hint(schema: Any) -> Any:
    """The type from which transformers makes a schema again, as near as types come to it."""
    if not isinstance(schema, dict):
        return Any
    values = schema.get("enum")
    if values and all(isinstance(one, str | int | None) for one in values):
        return Literal[tuple(values)]
    kind = schema.get("type")
    if isinstance(kind, list):
        kinds = [one for one in kind if one != "null"]
        inner = _hint({**schema, "type": kinds[0]}) if len(kinds) == 1 else Any
        return Optional[inner] if "null" in kind and inner is not Any else inner  # noqa: UP045
    if kind == "array":
        return list[_hint(schema.get("items"))]  # type: ignore[misc]
    return dict if kind == "object" else _PLAIN.get(str(kind), Any)


def _tell(name: str, schema: Any) -> str:
    """A parameter's description, in one line; with the schema where a type cannot say it."""
    told = _line(schema.get("description") or name) if isinstance(schema, dict) else name
    if not isinstance(schema, dict) or not {"properties", "anyOf", "oneOf"} & _keys(schema):
        return told
    return f"{told} As JSON Schema: {_line(json.dumps(schema, ensure_ascii=False))}"


def _keys(schema: Any) -> set[str]:
    """All names in a schema, also of what is inside."""
    if isinstance(schema, dict):
        return set(schema).union(*map(_keys, schema.values()))
    return set().union(*map(_keys, schema)) if isinstance(schema, list) else set()


def _line(text: str) -> str:
    """One line without what begins a section of a docstring, or a list of choices."""
    plain = _SECTION.sub(r"\1 –", " ".join(text.split()))
    return plain.replace("(choices:", "(one of:")


def dress(
    method: Callable[..., str], name: str, doc: str, hints: dict[str, Any], required: set[str]
) -> Callable[..., str]:
    """Give a method the name, words and types from which TRL makes a tool."""
    parameters = [inspect.Parameter("self", _BOTH)]
    for one in sorted(hints, key=lambda one: one not in required):
        default = inspect.Parameter.empty if one in required else None
        parameters.append(inspect.Parameter(one, _BOTH, annotation=hints[one], default=default))
    method.__name__ = method.__qualname__ = name
    method.__doc__ = doc
    method.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        parameters, return_annotation=str
    )
    method.__annotations__ = hints | {"return": str}  # of self, a schema can say nothing
    return method


def name_parameter(parameter: str) -> str:
    """A parameter's name as Python can have it: ``from`` → ``from_``, ``X-Id`` → ``X_Id``."""
    plain = re.sub(r"\W", "_", parameter)
    plain = f"p_{plain}" if not plain or plain[0].isdigit() else plain
    return f"{plain}_" if keyword.iskeyword(plain) or plain == "self" else plain
