"""Reads files of tools into one catalogue: the way into everything else.

Finds the files, asks each format in turn, and puts together what normalising, naming and guessing
contribute. Every fault of a file is an InputError that names it as the user did.
"""

import inspect
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from generators.importers import mcp, openai
from generators.importers.document import load_document
from generators.importers.effect import influence
from generators.importers.found import FoundTool, Place, Skipped
from generators.importers.keywords import looks_like_schema
from generators.importers.naming import name_apart, name_domain, name_on_wire
from generators.importers.normalise import normalise_parameters, normalise_returns
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSource, ToolSpec


class Format(Protocol):
    """A module that knows one way of writing tools down."""

    NAME: str
    FORMS: str
    """What a user would call it, for the message that nothing fits."""

    def recognises(self, document: Any) -> bool:
        """Whether the document is written in this format."""
        ...

    def entries(self, document: Any) -> list[Any] | None:
        """The list of tools; None where the document has none."""
        ...

    def tools(self, document: Any) -> Iterator[FoundTool | Skipped]:
        """The tools of a document that is recognised. Raises InputError without a file."""
        ...


FORMATS: tuple[Format, ...] = (mcp, openai)


@dataclass(frozen=True)
class _ToolFile:
    given: str
    """As the user wrote it."""
    name: str
    stem: str
    format: str
    tools: tuple[FoundTool, ...]
    notes: tuple[str, ...]


def read_catalog(paths: Sequence[Path]) -> Catalog:
    """Everything that the files hold; of a folder, every ``*.json`` in it, in order of name.

    Raises InputError for whatever cannot be used, with file, tool and place.
    """
    if not paths:
        raise InputError("no file of tools was given")
    files = [_read_file(path) for path in _distinct(_files(paths))]
    domains = name_apart(name_domain(file.stem) for file in files)
    owned = [(file, domain) for file, domain in zip(files, domains, strict=True)]
    named = [(domain, tool.name) for file, domain in owned for tool in file.tools]
    wire_names = iter(name_on_wire(named))
    return Catalog(
        tools=tuple(
            _spec(tool, file, domain, next(wire_names))
            for file, domain in owned
            for tool in file.tools
        ),
        notes=tuple(f"{file.name}: {note}" for file in files for note in file.notes),
    )


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            yield from _files_in(path)
        else:
            yield path


def _files_in(folder: Path) -> list[Path]:
    try:
        inside = sorted(path for path in folder.iterdir() if path.suffix.lower() == ".json")
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror}", file=str(folder)) from None
    files = [path for path in inside if not path.is_dir()]
    if not files:
        raise InputError("the folder holds no .json file", file=str(folder))
    return files


def _distinct(paths: Iterator[Path]) -> list[Path]:
    """A file that is given twice is read once."""
    return list({path.absolute(): path for path in reversed(list(paths))}.values())[::-1]


@contextmanager
def _blaming(file: str, tool: str = "") -> Iterator[None]:
    """Adds to an error what only the caller knows."""
    try:
        yield
    except InputError as error:
        whose = error.tool or tool
        problem, place = _on_one_line(error.problem), _on_one_line(error.place)
        raise InputError(problem, file=file, tool=whose, place=place) from None


def _on_one_line(text: str) -> str:
    """Names of parameters may hold line breaks: they are shown as escapes."""
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


def _read_file(path: Path) -> _ToolFile:
    given = str(path)
    with _blaming(given):
        document = load_document(path)
        form = _format_of(document)
        found = list(form.tools(document))
        tools = tuple(item for item in found if isinstance(item, FoundTool))
        notes = tuple(item.reason for item in found if isinstance(item, Skipped))
        if not tools:
            raise InputError(f"no tools in it: {'; '.join(notes)}")
        _refuse_doubles(tools)
    # A name that is no text on this machine must not end up in a record.
    name = path.name.encode("utf-8", "replace").decode()
    return _ToolFile(given, name, Path(name).stem, form.NAME, tools, notes)


def _format_of(document: Any) -> Format:
    if any(form.entries(document) == [] for form in FORMATS):
        raise InputError("the catalogue has no tools")
    for form in FORMATS:
        if form.recognises(document):
            return form
    understood = "; ".join(form.FORMS for form in FORMATS)
    raise InputError(f"not a catalogue in a form that is understood, which are: {understood}")


def _refuse_doubles(tools: Sequence[FoundTool]) -> None:
    first: dict[str, int] = {}
    for tool in tools:
        if tool.name in first:
            place = f"numbers {first[tool.name]} and {tool.number} of the list"
            raise InputError("two tools have this name", tool=tool.name, place=place)
        first[tool.name] = tool.number


def _spec(tool: FoundTool, file: _ToolFile, domain: str, wire_name: str) -> ToolSpec:
    with _blaming(file.given, tool.name):
        parameters, repairs = normalise_parameters(
            tool.parameters.value, tool.parameters.keyword, strict=tool.strict
        )
        returns, more_repairs = _returns(tool.returns)
    guessed = influence(tool)
    renamed = (f"wire name {wire_name!r}",) if wire_name != tool.name else ()
    return ToolSpec(
        name=tool.name,
        wire_name=wire_name,
        title=" ".join(tool.title.split()),
        description=_tidy(tool.description),
        parameters=parameters,
        returns=returns,
        returns_from=tool.returns_from if returns is not None else None,
        effect=guessed.effect,
        destructive=guessed.destructive,
        domain=domain,
        source=ToolSource(format=file.format, path=file.name, place=tool.place),
        inferred=guessed.guesses,
        repairs=(*renamed, *tool.repairs, *repairs, *more_repairs),
    )


def _returns(given: Place | None) -> tuple[JsonObject | None, tuple[str, ...]]:
    if given is None or given.value == {}:
        return None, ()
    if not looks_like_schema(given.value):
        return None, (f"{given.keyword}: not a JSON Schema, left out",)
    return normalise_returns(given.value, given.keyword)


def _tidy(text: str) -> str:
    """Nothing is lost but indentation, spaces at line ends and runs of empty lines."""
    lines = [line.rstrip() for line in inspect.cleandoc(text).splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
