"""Reads the tools of one file: finds its lists, normalises their tools, skips what cannot be used.

What is left then, the names that set tools apart from those of other files, `catalog_reader`
decides.
"""

import inspect
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from generators.importers.credentials import drop_transport, redact
from generators.importers.effect import influence
from generators.importers.formats import format_of
from generators.importers.found_tools import (
    Found,
    FoundTool,
    Remark,
    SchemaPlace,
    Skipped,
    ToolList,
    split_document,
)
from generators.importers.normalise import normalise_parameters, normalise_returns
from generators.importers.python.docstrings import describe_parameters
from generators.importers.schema_checks import refuse_masses
from generators.importers.subschemas import looks_like_schema, tells_nothing
from generators.importers.texts import cap_descriptions, cap_text, neutralise_values
from generators.importers.wire_names import make_legal, name_plainly, name_service
from schemas.canonical import content_hash
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import SkippedTool, ToolSource, ToolSpec

LONGEST = 1024
"""Characters of a description, where nobody says otherwise: interfaces take no more."""


@dataclass
class ToolFile:
    """A file, or a document that lies in none, and what could be used of it."""

    name: str
    """Without folders; what is no text on this machine is replaced."""
    path: Path | None = None
    tools: list[ToolSpec] = field(default_factory=list)
    skipped: list[SkippedTool] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def read_tools(
    name: str,
    document: Any,
    *,
    strict: bool,
    path: Path | None = None,
    longest: int = LONGEST,
) -> ToolFile:
    """The tools of a document. Raises InputError, without a file, where there are none.

    A tool that cannot be used is skipped with the reason; with ``strict``, that is an InputError.
    """
    file = ToolFile(name.encode("utf-8", "replace").decode(), path)
    parts, service = split_document(document), name_service(document)
    faults: list[InputError] = []
    skipped: list[InputError] = []
    others: list[InputError] = []
    seen = set[str]()
    repeated = 0

    def skip(item: Skipped, part: ToolList) -> None:
        place = ", ".join(filter(None, (part.place, write_on_one_line(item.place))))
        reason = write_on_one_line(item.reason)
        (skipped if item.fault else others).append(InputError(reason, tool=item.tool, place=place))
        file.skipped.append(SkippedTool(file=file.name, tool=item.tool, place=place, reason=reason))

    for part in parts:
        try:
            form, found = _list_found(part)
        except InputError as error:
            if len(parts) == 1:
                raise
            skip(Skipped(error.problem, error.tool, error.place), part)
            continue
        remarks = [item for item in found if isinstance(item, Remark)]
        file.notes += [item.text for item in remarks]
        faults += [InputError(item.text) for item in remarks if item.fault]
        entries = [item for item in found if not isinstance(item, Remark)]
        kept = drop_doubles(entries)
        repeated += len(entries) - len(kept)
        for item in kept:
            if isinstance(item, FoundTool):
                digest = hash_definition(item)
                if digest in seen:
                    repeated += not part.place
                    continue
                seen.add(digest)
                faults += [InputError(one, tool=item.name) for one in item.faults]
                try:
                    spec = prepare_tool(item, form, file.name, longest)
                    source = spec.source.model_copy(update={"service": service})
                    file.tools.append(spec.model_copy(update={"source": source}))
                    continue
                except InputError as error:
                    item = Skipped(error.problem, error.tool or item.name, error.place)
            skip(item, part)
    if strict and (skipped or faults):
        raise (skipped or faults)[0]
    if not file.tools:
        raise (skipped or others or faults)[0]
    if repeated:
        file.notes.append(f"tools that were given again alike, and read once: {repeated}")
    return file


def _list_found(part: ToolList) -> tuple[str, list[Found]]:
    if part.fault:
        raise InputError(part.fault)
    form = format_of(part.document)
    return form.name, list(form.tools(part.document))


def write_on_one_line(text: str) -> str:
    """Names of parameters may hold line breaks: they are shown as escapes."""
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


def drop_doubles(entries: Sequence[FoundTool | Skipped]) -> list[FoundTool | Skipped]:
    """The entries of one list but for those that only say again what an earlier one says.

    Of two tools with one name that differ, neither can be trusted: both are skipped.
    """
    alike: dict[tuple[str, str], list[FoundTool]] = {}
    for item in entries:
        if isinstance(item, FoundTool):
            alike.setdefault((item.domain, item.name), []).append(item)
    several = {key: same for key, same in alike.items() if len(same) > 1}
    torn = {key for key, same in several.items() if len(set(map(hash_definition, same))) > 1}
    kept: list[FoundTool | Skipped] = []
    for item in entries:
        if isinstance(item, Skipped):
            kept.append(item)
            continue
        same = alike[item.domain, item.name]
        if (item.domain, item.name) in torn:
            numbers = [str(one.number) for one in same]
            place = f"numbers {', '.join(numbers[:-1])} and {numbers[-1]} of the list"
            kept.append(Skipped("two tools have this name", item.name, place))
        elif item is same[0]:
            kept.append(item)
    return kept


def hash_definition(tool: FoundTool) -> str:
    """The same text for two definitions that say the same, wherever they stand."""
    schemas = [None if place is None else place.value for place in (tool.parameters, tool.returns)]
    return content_hash(
        [
            tool.domain, tool.name, tool.title, tool.description, tool.strict, tool.read_only,
            tool.destructive, *schemas,
        ]
    )  # fmt: skip


def neutralise_tool(tool: FoundTool, longest: int) -> tuple[FoundTool, list[str]]:
    """The tool with texts that imitate nothing and are of bounded length; what was done."""
    notes: list[str] = []

    def tell(place: SchemaPlace) -> SchemaPlace:
        value = neutralise_values(place.value, place.keyword, notes)
        return replace(place, value=cap_descriptions(value, longest, place.keyword, notes))

    # A text of megabytes is cut before it is searched.
    title, description = (
        neutralise_values(
            cap_text(inspect.cleandoc(text).strip(), 8 * longest, key, []), key, notes
        )
        for key, text in (("title", tool.title), ("description", tool.description))
    )
    tidy = replace(
        tool,
        title=cap_text(title, longest, "title", notes),
        description=cap_text(redact(description), longest, "description", notes),
        parameters=tell(tool.parameters),
        returns=None if tool.returns is None else tell(tool.returns),
    )
    return tidy, notes


def prepare_tool(tool: FoundTool, form: str, file: str, longest: int = LONGEST) -> ToolSpec:
    """The tool, normalised; domain and wire name are those that it alone would have.

    Raises InputError with the place of a fault.
    """
    tool, said = neutralise_tool(describe_parameters(tool, 8 * longest), longest)
    parameters, repairs = normalise_parameters(
        tool.parameters.value, tool.parameters.keyword, strict=tool.strict, foreign=tool.foreign
    )
    refuse_masses(parameters, tool.parameters.keyword)
    # Documents of OpenAPI say themselves what is a credential; elsewhere its name tells.
    parameters, dropped = drop_transport(parameters, tool.name, credentials=form != "openapi")
    given, notes = tool.returns, tuple[str, ...]()
    returns: JsonObject | None = None
    if given is not None and given.value != {} and not looks_like_schema(given.value):
        notes = (f"{given.keyword}: not a JSON Schema, left out",)
    elif given is not None and given.value != {}:
        try:
            returns, notes = normalise_returns(given.value, given.keyword, foreign=tool.foreign)
            refuse_masses(returns, given.keyword)
        except InputError as error:
            # What a tool takes is known all the same.
            left_out = "the schema of the result was left out"
            returns, notes = None, (f"{error.place}: {error.problem}; {left_out}",)
    if returns is not None and tells_nothing(returns):
        returns, notes = None, (*notes, "returns: an object of which nothing is told, left out")
    plain = name_plainly(parameters, returns)
    # Nothing is lost but keys, indentation, spaces at line ends and runs of empty lines.
    lines = (line.rstrip() for line in tool.description.splitlines())
    description = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    guessed = influence(replace(tool, description=description))
    return ToolSpec(
        name=tool.name,
        wire_name=make_legal(tool.name, "tool"),
        title=" ".join(tool.title.split()),
        description=description,
        parameters=plain.parameters,
        returns=plain.returns,
        returns_from=tool.returns_from if plain.returns is not None else None,
        effect=guessed.effect,
        destructive=guessed.destructive,
        domain=tool.domain,
        source=ToolSource(format=form, path=file, place=tool.place),
        inferred=guessed.guesses,
        repairs=(*tool.faults, *tool.repairs, *said, *repairs, *dropped, *notes, *plain.repairs),
        renamed=plain.renamed,
    )
