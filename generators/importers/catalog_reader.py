"""Reads files of tools into one catalogue: the way into everything else.

Asks each file for its documents, each document for its format, and puts together what normalising,
naming and guessing contribute. A fault of a file is an InputError that names it as the user did; a
fault of one tool costs that tool.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from generators.importers.documents import (
    NamedDocument,
    PythonSource,
    check_writable,
    load_document,
)
from generators.importers.effect import influence
from generators.importers.formats import format_of
from generators.importers.found_tools import FoundTool, Remark, Skipped
from generators.importers.tool_lists import ToolList, split_document
from generators.importers.tool_preparation import (
    PreparedTool,
    drop_doubles,
    hash_definition,
    prepare_tool,
)
from generators.importers.wire_names import name_apart, name_domain, name_on_wire
from generators.importers.world_files import (
    bind_names,
    find_beside,
    is_world_file,
    read_world_file,
    with_worlds,
)
from schemas.errors import InputError
from schemas.tool import Catalog, SkippedTool, ToolSource, ToolSpec

SUFFIXES = (".json", ".jsonl", ".yaml", ".yml")
"""Of the files that are looked for in a folder."""


@dataclass(frozen=True)
class _ToolFile:
    name: str
    """Without folders; what is no text on this machine is replaced."""
    tools: tuple[PreparedTool, ...]
    skipped: tuple[SkippedTool, ...]
    notes: tuple[str, ...]
    path: Path | None = None
    """None for a document that lies in no file."""


def read_catalog(
    paths: Sequence[Path],
    *,
    strict: bool = False,
    run_python: bool = False,
    documents: Sequence[NamedDocument] = (),
    worlds: Sequence[Path] = (),
) -> Catalog:
    """Everything that the files hold; of a folder, every catalogue in it, in order of name.

    A tool that cannot be used is skipped with the reason; with ``strict``, that is an InputError.
    ``run_python`` lets Python files be executed. ``documents`` are read like files. World
    models that lie beside files and folders are read with them, and hold for their tools; those
    of ``worlds`` for all, and they are the stronger. Raises InputError for whatever cannot be
    used, with file, tool and place.
    """
    if not paths and not documents:
        raise InputError("no file of tools was given")
    files = [_read_path(path, strict, run_python) for path in find_files(paths)]
    files += [_read_document(document, strict) for document in documents]
    owners = [(file, tool) for file in files for tool in file.tools]
    domains = _name_domains(files)
    named = [(domain, tool.found.name) for domain, (_, tool) in zip(domains, owners, strict=True)]
    wire_names = name_on_wire(named)
    specs = [
        _make_spec(tool, file.name, domain, wire_name)
        for (file, tool), domain, wire_name in zip(owners, domains, wire_names, strict=True)
    ]
    catalog = Catalog(
        tools=tuple(specs),
        skipped=tuple(skipped for file in files for skipped in file.skipped),
        notes=tuple(f"{file.name}: {note}" for file in files for note in file.notes),
    )
    of_files = [(file.path, spec) for (file, _), spec in zip(owners, specs, strict=True)]
    named_for = [*_find_worlds(paths, of_files), *((file, specs) for file in worlds)]
    sources = [bind_names(read_world_file(file), file, tools) for file, tools in named_for]
    return with_worlds(catalog, sources) if sources else catalog


def _find_worlds(
    paths: Sequence[Path], of_files: Sequence[tuple[Path | None, ToolSpec]]
) -> Iterator[tuple[Path, list[ToolSpec]]]:
    """The world models beside the folders, then beside the files, each with the tools meant."""
    for folder in (path.absolute() for path in paths if path.is_dir()):
        inside = [spec for path, spec in of_files if path and path.absolute().parent == folder]
        for found in find_beside(folder):
            yield found, inside
    for file in dict.fromkeys(path for path, _ in of_files if path is not None):
        for found in find_beside(file):
            yield found, [spec for path, spec in of_files if path == file]


def _name_domains(files: Sequence[_ToolFile]) -> list[str]:
    """For each tool the domain: the part of its file that it names, or else the whole file."""
    keys = [(number, tool.found.domain) for number, file in enumerate(files) for tool in file.tools]
    distinct = list(dict.fromkeys(keys))
    plain = [name_domain(part or Path(files[number].name).stem) for number, part in distinct]
    names = dict(zip(distinct, name_apart(plain), strict=True))
    return [names[key] for key in keys]


def find_files(paths: Sequence[Path]) -> list[Path]:
    """The files that paths stand for; one that is given twice is read once. Raises InputError.

    A folder stands for the catalogues in it, in order of name; Python is read only where it is
    named.
    """
    found: list[Path] = []
    for path in paths:
        if not path.is_dir():
            found.append(path)
            continue
        try:
            inside = sorted(file for file in path.iterdir() if file.suffix.lower() in SUFFIXES)
        except OSError as error:
            raise InputError(f"cannot be read: {error.strerror}", file=str(path)) from None
        files = [file for file in inside if not file.is_dir() and not is_world_file(file)]
        if not files:
            raise InputError(f"the folder holds no {' or '.join(SUFFIXES)} file", file=str(path))
        found += files
    return list({path.absolute(): path for path in reversed(found)}.values())[::-1]


@contextmanager
def _blaming(file: str) -> Iterator[None]:
    """Adds to an error what only the caller knows."""
    try:
        yield
    except InputError as error:
        problem, place = _write_on_one_line(error.problem), _write_on_one_line(error.place)
        raise InputError(problem, file=file, tool=error.tool, place=place) from None


def _write_on_one_line(text: str) -> str:
    """Names of parameters may hold line breaks: they are shown as escapes."""
    return "".join(mark if mark.isprintable() else repr(mark)[1:-1] for mark in text)


def _read_path(path: Path, strict: bool, run: bool) -> _ToolFile:
    with _blaming(str(path)):
        return replace(_read_file(path.name, load_document(path, run=run), strict), path=path)


def _read_document(document: NamedDocument, strict: bool) -> _ToolFile:
    held = document.document
    with _blaming(document.name):
        held = held if isinstance(held, PythonSource) else check_writable(held)
        return _read_file(document.name, held, strict)


def _read_file(name: str, document: Any, strict: bool) -> _ToolFile:
    name = name.encode("utf-8", "replace").decode()
    parts = split_document(document)
    if not parts:
        raise InputError("the catalogue has no tools")
    gathered = _Gathered(name)
    for part in parts:
        gathered.add(part, single=len(parts) == 1)
    if strict and gathered.faults:
        raise gathered.faults[0]
    if not gathered.tools:
        raise (gathered.faults or gathered.others)[0]
    return gathered.close()


class _Gathered:
    """What the parts of one file hold, as they are read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.tools: list[PreparedTool] = []
        self.faults: list[InputError] = []
        self.others: list[InputError] = []
        """Why entries that are no fault of anybody's were skipped."""
        self._skipped: list[SkippedTool] = []
        self._notes: list[str] = []
        self._repeated = 0
        self._seen = set[str]()

    def add(self, part: ToolList, *, single: bool) -> None:
        """Read a part. Raises InputError if it is the ``single`` one and no catalogue at all."""
        try:
            if part.fault:
                raise InputError(part.fault)
            form = format_of(part.document)
            found = list(form.tools(part.document))
            self._notes += [item.text for item in found if isinstance(item, Remark)]
            entries = [item for item in found if not isinstance(item, Remark)]
            items, repeated = drop_doubles(entries)
            self._repeated += repeated
            for item in items:
                if isinstance(item, Skipped):
                    self._skip_entry(item, part)
                else:
                    self._use_tool(item, form.name, part)
        except InputError as error:
            if single:
                raise
            self._skip_entry(Skipped(error.problem, error.tool, error.place), part)

    def _use_tool(self, tool: FoundTool, form: str, part: ToolList) -> None:
        digest = hash_definition(tool)
        if digest in self._seen:
            self._repeated += not part.place
            return
        self._seen.add(digest)
        try:
            self.tools.append(prepare_tool(tool, form))
        except InputError as error:
            self._skip_entry(Skipped(error.problem, error.tool, error.place), part)

    def _skip_entry(self, item: Skipped, part: ToolList) -> None:
        place = ", ".join(filter(None, (part.place, _write_on_one_line(item.place))))
        reason = _write_on_one_line(item.reason)
        error = InputError(reason, tool=item.tool, place=place)
        (self.faults if item.fault else self.others).append(error)
        skipped = SkippedTool(file=self._name, tool=item.tool, place=place, reason=reason)
        self._skipped.append(skipped)

    def close(self) -> _ToolFile:
        """The file with what was gathered."""
        notes = list(self._notes)
        if self._repeated:
            notes.append(f"tools that were given again alike, and read once: {self._repeated}")
        return _ToolFile(self._name, tuple(self.tools), tuple(self._skipped), tuple(notes))


def _make_spec(tool: PreparedTool, file: str, domain: str, wire_name: str) -> ToolSpec:
    found = tool.found
    guessed = influence(replace(found, description=tool.description))
    renamed = (f"wire name {wire_name!r}",) if wire_name != found.name else ()
    return ToolSpec(
        name=found.name,
        wire_name=wire_name,
        title=" ".join(found.title.split()),
        description=tool.description,
        parameters=tool.parameters,
        returns=tool.returns,
        returns_from=found.returns_from if tool.returns is not None else None,
        effect=guessed.effect,
        destructive=guessed.destructive,
        domain=domain,
        source=ToolSource(format=tool.format, path=file, place=found.place),
        inferred=guessed.guesses,
        repairs=(*renamed, *tool.repairs),
        renamed=tool.renamed,
    )
