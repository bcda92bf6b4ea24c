"""Tools as Python code has them: functions, methods of classes, pydantic models.

The source is read and never executed, unless the user asks for it: types, docstrings and defaults
that are written out are known then, and each tool notes what is not. Executed, in a process of its
own, pydantic sees the types themselves.
"""

import re
from collections.abc import Iterator
from typing import Any

from generators.importers.documents import PythonSource
from generators.importers.found_tools import FoundTool, SchemaPlace, Skipped
from generators.importers.python.annotations import UngivableError
from generators.importers.python.definitions import (
    Module,
    ToolDefinition,
    read_flag,
    read_module,
    read_text,
    select_tools,
)
from generators.importers.python.signatures import (
    read_docstring,
    read_model,
    read_parameters,
    read_result,
)
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import ReturnsFrom

_NOT_RUN = "its parameters are those of a model that is known when the code is run only"


def recognises(document: Any) -> bool:
    """Whether it is Python source."""
    return isinstance(document, PythonSource)


def tools(document: PythonSource) -> Iterator[FoundTool | Skipped]:
    """Every tool in order. Raises InputError, without a file, for code that has none."""
    try:
        module = read_module(document.text)
        candidates = select_tools(module, document.owner)
    except RecursionError:
        raise InputError("the code is nested too deep to be read") from None
    if not candidates:
        raise InputError("the catalogue has no tools")
    found = [_read_tool(item, number, module) for number, item in enumerate(candidates, start=1)]
    if document.run or document.loaded is not None:
        # Only then, as pydantic's half of the work takes long to import.
        from generators.importers.python.running import describe_tools

        found = describe_tools(document, candidates, found)
    seen: set[tuple[str, str]] = set()
    for item in found:
        if isinstance(item, Skipped):
            yield item
            continue
        if item.parameters.value is None:
            yield Skipped(f"{_NOT_RUN} (--run-python)", item.name, item.place)
        elif (item.domain, item.name) in seen:
            yield Skipped("another tool of the file has this name", item.name, item.place)
        else:
            yield item
        seen.add((item.domain, item.name))


def _read_tool(candidate: ToolDefinition, number: int, module: Module) -> FoundTool | Skipped:
    """What the source tells of a tool; ``parameters`` without a value where it does not tell."""
    said, place = candidate.said, f"line {candidate.definition.lineno}"
    name = read_text(said, ("name", "name_override"), module) or candidate.definition.name
    parameters: JsonObject | None = None
    result: JsonObject | None = None
    origin: ReturnsFrom = "source"
    repairs: tuple[str, ...] = ()
    try:
        documentation = read_docstring(candidate.definition)
        function = candidate.function
        if candidate.model:
            parameters, repairs = read_model(candidate.model, module)
        elif function is not None:
            is_method = bool(candidate.owner)
            parameters, repairs = read_parameters(function, is_method, documentation, module)
        if function is not None:
            result, origin, notes = read_result(function, documentation, module)
            repairs = (*repairs, *notes)
    except UngivableError as error:
        return Skipped(f"it needs {error}, which no call can give", name, place)
    except RecursionError:
        return Skipped("its types are too deep to be read", name, place)
    description = read_text(said, ("description", "description_override"), module)
    hints = said.get("annotations")
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", candidate.owner)
    return FoundTool(
        number=number,
        name=name,
        parameters=SchemaPlace("parameters", parameters),
        returns=SchemaPlace("returns", result) if result else None,
        returns_from=origin,
        title=read_text(said, ("title",), module),
        description=description or documentation.text,
        read_only=read_flag(hints, "readOnlyHint"),
        destructive=read_flag(hints, "destructiveHint"),
        place=place,
        domain=apart.lower().strip("_"),
        repairs=repairs,
    )
