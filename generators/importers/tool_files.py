"""Reads the tools of one file: finds its lists, normalises their tools, skips what cannot be used.

What is left then, the names that set tools apart from those of other files, `catalog_reader`
decides.
"""

import inspect
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

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
from generators.importers.python.signatures import describe_parameters
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
                # Those of one list are told apart by their names already.
                if len(parts) > 1 and _is_repeated(item, seen):
                    repeated += not part.place
                    continue
                faults += [InputError(one, tool=item.name) for one in item.faults]
                try:
                    file.tools.append(prepare_tool(item, form, file.name, service, longest))
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


def _is_repeated(tool: FoundTool, seen: set[str]) -> bool:
    """Whether a definition has been seen; from now on it has."""
    digest, known = hash_definition(tool), len(seen)
    seen.add(digest)
    return len(seen) == known


def neutralise_texts(tool: FoundTool, longest: int) -> tuple[FoundTool, list[str]]:
    """The tool with title and description that imitate nothing and are of bounded length."""
    notes: list[str] = []
    # A text of megabytes is cut before it is searched.
    title, description = (
        neutralise_values(
            cap_text(inspect.cleandoc(text).strip(), 8 * longest, key, []), key, notes
        )
        for key, text in (("title", tool.title), ("description", tool.description))
    )
    tidy = _with_texts(
        tool,
        cap_text(title, longest, "title", notes),
        cap_text(redact(description), longest, "description", notes),
    )
    return tidy, notes


def _with_texts(tool: FoundTool, title: str, description: str) -> FoundTool:
    """The tool with this title and description: itself, where they are its own."""
    same = (title, description) == (tool.title, tool.description)
    return tool if same else replace(tool, title=title, description=description)


class _Written:
    """A schema and the keyword that it stood under: equal to what is written alike."""

    __slots__ = ("place", "text")

    def __init__(self, place: SchemaPlace) -> None:
        self.place = place
        self.text = f"{place.keyword} {json.dumps(place.value)}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Written) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


class _Schemas(NamedTuple):
    """The schemas of a tool, normalised, and what was done to them, in words."""

    parameters: JsonObject
    returns: JsonObject | None
    notes: tuple[str, ...]
    left_out: tuple[str, ...]
    """Of the result's schema."""


@lru_cache(maxsize=256)
def _read_schemas(
    given: _Written, result: _Written | None, longest: int, *, strict: bool, foreign: bool
) -> _Schemas:
    """Read the schemas of all tools that are written alike once: they share what comes out.

    Raises InputError with the place of a fault.
    """
    said: list[str] = []

    def tell(place: SchemaPlace) -> Any:
        value = neutralise_values(place.value, place.keyword, said)
        return cap_descriptions(value, longest, place.keyword, said)

    keyword, value = given.place.keyword, tell(given.place)
    shown: Any = None if result is None else tell(result.place)
    parameters, repairs = normalise_parameters(value, keyword, strict=strict, foreign=foreign)
    refuse_masses(parameters, keyword)
    notes, returns = tuple[str, ...](), None
    if result is not None and shown != {}:
        keyword = result.place.keyword
        if not looks_like_schema(shown):
            notes = (f"{keyword}: not a JSON Schema, left out",)
        else:
            try:
                returns, notes = normalise_returns(shown, keyword, foreign=foreign)
                refuse_masses(returns, keyword)
            except InputError as error:
                # What a tool takes is known all the same.
                left_out = "the schema of the result was left out"
                returns, notes = None, (f"{error.place}: {error.problem}; {left_out}",)
    if returns is not None and tells_nothing(returns):
        returns, notes = None, (*notes, "returns: an object of which nothing is told, left out")
    return _Schemas(parameters, returns, (*said, *repairs), notes)


def prepare_tool(
    tool: FoundTool, form: str, file: str, service: str = "", longest: int = LONGEST
) -> ToolSpec:
    """The tool, normalised; domain and wire name are those that it alone would have.

    Raises InputError with the place of a fault.
    """
    tool, said = neutralise_texts(describe_parameters(tool, 8 * longest), longest)
    read = _read_schemas(
        _Written(tool.parameters),
        None if tool.returns is None else _Written(tool.returns),
        longest,
        strict=tool.strict,
        foreign=tool.foreign,
    )
    # Documents of OpenAPI say themselves what is a credential; elsewhere its name tells.
    credentials = form != "openapi"
    parameters, dropped = drop_transport(read.parameters, tool.name, credentials=credentials)
    plain = name_plainly(parameters, read.returns)
    # Nothing is lost but keys, indentation, spaces at line ends and runs of empty lines.
    lines = (line.rstrip() for line in tool.description.splitlines())
    description = re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
    guessed = influence(_with_texts(tool, tool.title, description))
    spec = ToolSpec(
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
        source=ToolSource(format=form, path=file, place=tool.place, service=service),
        inferred=guessed.guesses,
        repairs=(
            *tool.faults, *tool.repairs, *said, *read.notes, *dropped, *read.left_out,
            *plain.repairs,
        ),
        renamed=plain.renamed,
    )  # fmt: skip
    # Pydantic copies an object: all tools that are alike in it are to have one and the same.
    return spec.model_copy(update={"parameters": plain.parameters, "returns": plain.returns})
