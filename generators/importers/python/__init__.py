"""Tools as Python code has them: functions, methods of classes, pydantic models.

The source is read and never executed, unless the user asks for it: then `execution` lets pydantic
make the schemas of the same tools in a process of its own. `selection` says which definitions are
tools; `signatures` and `models` read what they take and give, with `annotations`, `constraints`,
`literals` and `docstrings`.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from generators.importers.found import FoundTool, Place, Skipped
from generators.importers.python.annotations import Annotations, TooLargeError, UngivableError
from generators.importers.python.docstrings import Documentation, read_docstring
from generators.importers.python.execution import enrich, enrich_loaded
from generators.importers.python.models import open_annotations
from generators.importers.python.module import Module, read_module
from generators.importers.python.selection import Candidate, select_tools
from generators.importers.python.signatures import Result, parameters_of, result_of
from generators.importers.python_source import PythonSource
from schemas.errors import InputError
from schemas.record import JsonObject

NAME = "python"
FORMS = "Python source (functions, classes, pydantic models)"


def recognises(document: Any) -> bool:
    """Whether it is Python source."""
    return isinstance(document, PythonSource)


def entries(document: Any) -> list[Any] | None:
    """The names of the tools; None for anything but Python. Raises InputError likewise."""
    if not isinstance(document, PythonSource):
        return None
    return [".".join(item.path) for item in _selected(document)[1]]


def tools(document: Any) -> Iterator[FoundTool | Skipped]:
    """Every tool in order. Raises InputError, without a file, for code that is none."""
    if not isinstance(document, PythonSource):
        return
    module, candidates = _selected(document)
    found = [_found(item, number, module) for number, item in enumerate(candidates, start=1)]
    if document.loaded is not None:
        found = enrich_loaded(document.loaded, candidates, found)
    elif document.run:
        found = enrich(document, candidates, found)
    yield from _without_doubles(found)


def _selected(source: PythonSource) -> tuple[Module, list[Candidate]]:
    try:
        module = read_module(source)
        return module, select_tools(module, source.owner)
    except RecursionError:
        raise InputError("the code is nested too deep to be read") from None


def _found(candidate: Candidate, number: int, module: Module) -> FoundTool | Skipped:
    annotations = open_annotations(module)
    name, place = candidate.name(module), f"line {candidate.definition.lineno}"
    try:
        documentation = read_docstring(candidate.definition)
        parameters = _parameters(candidate, documentation, annotations)
        result, repairs = _result(candidate, documentation, annotations)
    except UngivableError as error:
        return Skipped(f"it needs {error}, which no call can give", name, place)
    except (RecursionError, TooLargeError):
        return Skipped("its types are too deep or too many to be read", name, place)
    return FoundTool(
        number=number,
        name=name,
        title=candidate.title(module),
        description=candidate.description(module) or documentation.text,
        parameters=Place("parameters", parameters),
        returns=Place("returns", result.schema) if result else None,
        returns_from=result.source if result else "source",
        read_only=candidate.hint("readOnlyHint"),
        destructive=candidate.hint("destructiveHint"),
        place=place,
        domain=_snake(candidate.owner),
        repairs=(*dict.fromkeys(annotations.repairs), *repairs),
    )


def _parameters(
    candidate: Candidate, documentation: Documentation, annotations: Annotations
) -> JsonObject:
    definition = candidate.definition
    model = candidate.arguments_model(annotations.module)
    if isinstance(definition, ast.ClassDef):
        model = definition
    if model is not None:
        schema = annotations.describe(annotations, model, "parameters")
        schema.pop("description", None)
    elif not isinstance(definition, ast.ClassDef):
        schema = parameters_of(definition, bool(candidate.owner), documentation, annotations)
    return annotations.complete(schema)


def _result(
    candidate: Candidate, documentation: Documentation, annotations: Annotations
) -> tuple[Result | None, tuple[str, ...]]:
    """A result that is no data is none that is told: no reason to leave the tool out."""
    if isinstance(candidate.definition, ast.ClassDef):
        return None, ()
    own = open_annotations(annotations.module)
    try:
        result = result_of(candidate.definition, documentation, own)
    except UngivableError as error:
        return None, (f"returns: {error} is no data, left out",)
    if result is None:
        return None, tuple(dict.fromkeys(own.repairs))
    return replace(result, schema=own.complete(result.schema)), tuple(dict.fromkeys(own.repairs))


def _without_doubles(found: list[FoundTool | Skipped]) -> Iterator[FoundTool | Skipped]:
    seen: set[tuple[str, str]] = set()
    for item in found:
        if isinstance(item, FoundTool):
            if (item.domain, item.name) in seen:
                yield Skipped("another tool of the file has this name", item.name, item.place)
                continue
            seen.add((item.domain, item.name))
        yield item


def _snake(name: str) -> str:
    """``TradingBot`` → ``trading_bot``."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name)
    return apart.lower().strip("_")
