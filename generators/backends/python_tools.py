"""The methods of an object as tools: how arguments reach them, and what comes of a call."""

import inspect
import typing
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator
from pydantic import TypeAdapter, ValidationError
from pydantic.errors import PydanticUserError

from generators.backends.plain import NotPlainError, plain
from generators.sandbox.errors import find_invalid
from schemas.authoring import ToolError
from schemas.environment import CallOutcome
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ToolSpec, plain_result, source_arguments


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
    def _result(self) -> Draft202012Validator | None:
        returns = self.spec.returns
        if returns is None or self.spec.returns_from != "source" or self.lenient:
            return None
        return Draft202012Validator(returns)

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
