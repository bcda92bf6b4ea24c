"""The methods of an object as tools: how arguments reach them, and what comes of a call.

Values of Python become JSON: what states are hashed by, and what results are shown as. Equal values
have the same form, whatever order they were put together in. What lies inside itself is written as
the number of steps back to it, so that a folder may know its parent.
"""

import inspect
import json
import typing
from collections.abc import Mapping, Set
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, localcontext
from enum import Enum
from functools import cached_property
from math import isfinite
from pathlib import PurePath
from random import Random
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from generators.sandbox.errors_and_faults import find_invalid
from generators.sandbox.schema_validity import read_widely
from schemas.authoring import ToolError
from schemas.environment import CallOutcome
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ToolSpec, plain_result, source_arguments

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

MAX_DEPTH = 100


class NotPlainError(ValueError):
    """A value that JSON cannot hold, by the place at which it stands."""


def plain(
    value: Any,
    place: str = "",
    without: frozenset[str] = frozenset(),
    within: tuple[int, ...] = (),
) -> Any:
    """The value as JSON. Raises NotPlainError, which names ``place`` and what stands there.

    Objects become their fields but for those named in ``without``, sets sorted lists, tuples lists,
    enums their values, times ISO 8601. ``within`` is for its own use: what this value lies in.
    """
    simple = _scalar(value)
    if isinstance(simple, float) and not isfinite(simple):
        raise NotPlainError(f"{place} is {simple}, which JSON cannot hold")
    if simple is not _NONE:
        return simple
    if id(value) in within:
        return {"^": len(within) - within.index(id(value))}
    if len(within) > MAX_DEPTH:
        raise NotPlainError(f"{place} is nested more than {MAX_DEPTH} levels deep")
    inner = (*within, id(value))

    def part(item: Any, step: str) -> Any:
        return plain(item, f"{place}{step}", without, inner)

    if isinstance(value, Mapping):
        return {_key(key, place): part(item, f"[{key!r}]") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [part(item, f"[{at}]") for at, item in enumerate(value)]
    if isinstance(value, Set):
        items = [part(item, "{…}") for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    held = attributes(value, place).items()
    return {name: part(item, f".{name}") for name, item in held if name not in without}


def attributes(value: Any, place: str = "") -> JsonObject:
    """The fields of an object, by name. Raises NotPlainError for what has none."""
    if isinstance(value, Random):
        return {"random": value.getstate()}
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, type) or callable(value) or not hasattr(value, "__dict__"):
        raise NotPlainError(f"{place} is a {type(value).__name__}, which JSON cannot hold")
    return dict(vars(value))


_NONE = object()


def _scalar(value: Any) -> Any:
    """What is no container; `_NONE` where it is one."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return float(value)
    return str(value) if isinstance(value, UUID | PurePath) else _NONE


def _key(key: Any, place: str) -> str:
    simple = _scalar(key)
    if simple is _NONE:
        raise NotPlainError(f"{place} has the key {key!r}, which JSON cannot hold")
    return str(simple)


@dataclass(frozen=True)
class PythonTool:
    """One method of one of an environment's objects."""

    spec: ToolSpec
    part: str
    """Which object has the method."""
    method: str
    file: str
    """For messages: where the class was loaded from."""
    adapters: Mapping[str, "TypeAdapter[Any]"] = field(default_factory=dict)
    """Parameter → what makes the annotated type of a JSON value; none are handed on as given."""
    lenient: bool = False
    """Errors are returned as ``{"error": "…"}`` too, any exception is one, and neither arguments
    nor results have to be as announced: the convention of benchmarks."""

    @cached_property
    def _result(self) -> "Draft202012Validator | None":
        returns = self.spec.returns
        if returns is None or self.spec.returns_from != "source" or self.lenient:
            return None
        return read_widely(returns)

    def run(self, target: Any, arguments: JsonObject) -> CallOutcome:
        """Call the method. What it changed before it failed is the caller's to undo.

        Raises InputError, which names class and method, for what can only be a mistake in them.
        """
        wrong = find_invalid({} if self.lenient else self.spec.parameters, arguments)
        if wrong is not None:
            return wrong.outcome
        try:
            # The arguments as the annotations have them. Raises ValidationError.
            ready_arguments = source_arguments(self.spec, arguments)
            ready = {
                name: self.adapters[name].validate_python(value) if name in self.adapters else value
                for name, value in ready_arguments.items()
            }
        except ValidationError as error:
            first = error.errors()[0]
            return failure(
                "invalid_arguments",
                f"{'.'.join(map(str, first['loc'])) or 'An argument'}: {first['msg']}.",
            )
        try:
            with localcontext():  # a tool that sets how decimals are reckoned does it for itself
                result = getattr(target, self.method)(**ready)
        except ToolError as refused:
            return failure(refused.code, refused.message)
        except LookupError as missing:
            return failure("not_found", _said(missing))
        except ValueError as impossible:
            return failure("invalid_request", _said(impossible))
        except Exception as mistake:
            if self.lenient:
                return failure("internal_error", _said(mistake))
            raise self._mistake(f"raises {type(mistake).__name__}: {_said(mistake)}") from mistake
        try:
            content = plain_result(self.spec, plain(result, "its result"))
        except NotPlainError as problem:
            raise self._mistake(str(problem)) from None
        if self.lenient and isinstance(content, dict) and content.get("error") is not None:
            return failure("tool_error", str(content["error"]))
        wrong = next(self._result.iter_errors(content), None) if self._result else None
        if wrong is not None:
            place = wrong.json_path.removeprefix("$").removeprefix(".") or "its result"
            raise self._mistake(f"does not return what it announces: {place}: {wrong.message}")
        return CallOutcome(content=content)

    def _mistake(self, problem: str) -> InputError:
        flat = " ".join(problem.split())
        return InputError(flat[:300], file=self.file, tool=f"{self.part}.{self.method}")


def failure(code: str, message: str) -> CallOutcome:
    """The outcome of a call that is refused."""
    content = {"error": {"code": code, "message": message}}
    return CallOutcome(content=content, is_error=True)


def adapters_of(method: Any) -> dict[str, "TypeAdapter[Any]"]:
    """What makes the annotated types of JSON values; parameters without annotation are left out."""
    hints = typing.get_type_hints(method, include_extras=True)
    adapters = {}
    for name in inspect.signature(method).parameters:
        if name in hints:
            try:
                adapters[name] = TypeAdapter(hints[name])
            except PydanticUserError:  # a type that pydantic does not know: handed on as given
                continue
    return adapters


def _said(error: Exception) -> str:
    """What an exception says; of a KeyError, the key."""
    said = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
    if isinstance(error, KeyError) and " " not in said:
        return f"There is no {said}."
    return said or type(error).__name__
