"""One tool of a file: its schemas normalised, its texts tidied, its doubles found.

What is left then, the names that set it apart from tools of other files, `read` decides.
"""

import inspect
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generators.importers.found_tools import FoundTool, Place, Skipped
from generators.importers.normalise import normalise_parameters, normalise_returns
from generators.importers.schema_keywords import looks_like_schema
from generators.importers.secrets import redact
from generators.importers.wire_names import name_plainly
from schemas.canonical import content_hash
from schemas.errors import InputError
from schemas.record import JsonObject

Key = tuple[str, str]
"""Domain and name."""


@dataclass(frozen=True)
class Prepared:
    """A tool that can be used."""

    found: FoundTool
    format: str
    description: str
    parameters: JsonObject
    returns: JsonObject | None
    repairs: tuple[str, ...]
    renamed: Mapping[str, str]
    """Names of properties: here → in the source."""


def prepare(tool: FoundTool, form: str) -> Prepared:
    """Normalise a tool. Raises InputError that names it."""
    try:
        parameters, repairs = normalise_parameters(
            tool.parameters.value, tool.parameters.keyword, strict=tool.strict, foreign=tool.foreign
        )
        returns, more_repairs = _returns(tool)
    except InputError as error:
        whose = error.tool or tool.name
        raise InputError(error.problem, tool=whose, place=error.place) from None
    plain = name_plainly(parameters, returns)
    return Prepared(
        found=tool,
        format=form,
        description=_tidy(redact(tool.description)),
        parameters=plain.parameters,
        returns=plain.returns,
        repairs=(*tool.repairs, *repairs, *more_repairs, *plain.repairs),
        renamed=plain.renamed,
    )


def without_doubles(
    tools: Sequence[FoundTool | Skipped],
) -> tuple[tuple[FoundTool | Skipped, ...], int]:
    """The entries of one list, and how many only said again what an earlier one says.

    Of two tools with one name that differ, neither can be trusted: both are skipped.
    """
    alike: dict[Key, list[FoundTool]] = {}
    for tool in _found(tools):
        alike.setdefault(key_of(tool), []).append(tool)
    torn = {key for key, same in alike.items() if len(same) > 1 and _differ(same)}
    kept: list[FoundTool | Skipped] = []
    seen = set[Key]()
    for item in tools:
        if isinstance(item, FoundTool) and key_of(item) in torn:
            numbers = [tool.number for tool in alike[key_of(item)]]
            place = f"numbers {_counted(numbers)} of the list"
            kept.append(Skipped("two tools have this name", item.name, place))
        elif isinstance(item, Skipped) or key_of(item) not in seen:
            kept.append(item)
        if isinstance(item, FoundTool):
            seen.add(key_of(item))
    return tuple(kept), len(tools) - len(kept)


def _differ(tools: Sequence[FoundTool]) -> bool:
    return len({likeness(tool) for tool in tools}) > 1


def key_of(tool: FoundTool) -> Key:
    """What tells tools of one list apart."""
    return tool.domain, tool.name


def likeness(tool: FoundTool) -> str:
    """The same text for two definitions that say the same, wherever they stand."""
    return content_hash(
        [
            tool.domain, tool.name, tool.title, tool.description, tool.strict, tool.read_only,
            tool.destructive, _plain(tool.parameters), _plain(tool.returns),
        ]
    )  # fmt: skip


def _found(tools: Sequence[FoundTool | Skipped]) -> Iterator[FoundTool]:
    return (tool for tool in tools if isinstance(tool, FoundTool))


def _plain(place: Place | None) -> Any:
    return None if place is None else place.value


def _counted(numbers: list[int]) -> str:
    return f"{', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def _returns(tool: FoundTool) -> tuple[JsonObject | None, tuple[str, ...]]:
    """A schema that the source gives must be right; one from anywhere else may be left out."""
    given = tool.returns
    if given is None or given.value == {}:
        return None, ()
    if not looks_like_schema(given.value):
        return None, (f"{given.keyword}: not a JSON Schema, left out",)
    try:
        return normalise_returns(given.value, given.keyword, foreign=tool.foreign)
    except InputError as error:
        if tool.returns_from == "source":
            raise
        return None, (f"{error.place}: {error.problem}; the schema of the result was left out",)


def _tidy(text: str) -> str:
    """Nothing is lost but indentation, spaces at line ends and runs of empty lines."""
    lines = [line.rstrip() for line in inspect.cleandoc(text).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
