"""One tool of a file: its schemas normalised, its texts tidied, its doubles found.

What is left then, the names that set it apart from tools of other files, `catalog_reader` decides.
"""

import inspect
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generators.importers.found_tools import FoundTool, Skipped
from generators.importers.normalise import normalise_parameters, normalise_returns
from generators.importers.secrets import redact
from generators.importers.subschemas import looks_like_schema
from generators.importers.wire_names import name_plainly
from schemas.canonical import content_hash
from schemas.errors import InputError
from schemas.record import JsonObject


@dataclass(frozen=True)
class PreparedTool:
    """A tool that can be used."""

    found: FoundTool
    format: str
    description: str
    parameters: JsonObject
    returns: JsonObject | None
    repairs: tuple[str, ...]
    renamed: Mapping[str, str]
    """Names of properties: here → in the source."""


def prepare_tool(tool: FoundTool, form: str) -> PreparedTool:
    """Normalise a tool. Raises InputError that names it."""
    try:
        parameters, repairs = normalise_parameters(
            tool.parameters.value, tool.parameters.keyword, strict=tool.strict, foreign=tool.foreign
        )
        returns, more_repairs = _normalise_result(tool)
    except InputError as error:
        whose = error.tool or tool.name
        raise InputError(error.problem, tool=whose, place=error.place) from None
    plain = name_plainly(parameters, returns)
    # Nothing is lost but keys, indentation, spaces at line ends and runs of empty lines.
    lines = (line.rstrip() for line in inspect.cleandoc(redact(tool.description)).splitlines())
    return PreparedTool(
        found=tool,
        format=form,
        description=re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip(),
        parameters=plain.parameters,
        returns=plain.returns,
        repairs=(*tool.repairs, *repairs, *more_repairs, *plain.repairs),
        renamed=plain.renamed,
    )


def drop_doubles(
    tools: Sequence[FoundTool | Skipped],
) -> tuple[tuple[FoundTool | Skipped, ...], int]:
    """The entries of one list, and how many only said again what an earlier one says.

    Of two tools with one name that differ, neither can be trusted: both are skipped.
    """
    alike: dict[tuple[str, str], list[FoundTool]] = {}
    for tool in tools:
        if isinstance(tool, FoundTool):
            alike.setdefault((tool.domain, tool.name), []).append(tool)
    torn = {key for key, same in alike.items() if len(set(map(hash_definition, same))) > 1}
    kept: list[FoundTool | Skipped] = []
    seen = set[tuple[str, str]]()
    for tool in tools:
        if isinstance(tool, Skipped):
            kept.append(tool)
            continue
        key = tool.domain, tool.name
        if key in torn:
            numbers = [str(one.number) for one in alike[key]]
            place = f"numbers {', '.join(numbers[:-1])} and {numbers[-1]} of the list"
            kept.append(Skipped("two tools have this name", tool.name, place))
        elif key not in seen:
            kept.append(tool)
        seen.add(key)
    return tuple(kept), len(tools) - len(kept)


def hash_definition(tool: FoundTool) -> str:
    """The same text for two definitions that say the same, wherever they stand."""
    schemas = [None if place is None else place.value for place in (tool.parameters, tool.returns)]
    return content_hash(
        [
            tool.domain, tool.name, tool.title, tool.description, tool.strict, tool.read_only,
            tool.destructive, *schemas,
        ]
    )  # fmt: skip


def _normalise_result(tool: FoundTool) -> tuple[JsonObject | None, tuple[str, ...]]:
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
