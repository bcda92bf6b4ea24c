"""Reads files of tools into one catalogue: the way into everything else.

Asks each file for its tools, names tools and domains apart, and adds the world models that are for
them. A fault of a file is an InputError that names it as the user did; a fault of one tool costs
that tool.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import generators.importers.openapi as openapi
from generators.importers.documents import (
    NamedDocument,
    PythonSource,
    check_writable,
    load_document,
)
from generators.importers.openapi.reference_targets import take_in_files
from generators.importers.tool_files import (
    LONGEST,
    ToolFile,
    read_tools,
    write_on_one_line,
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
from schemas.tool import Catalog, ToolSpec

SUFFIXES = (".json", ".jsonl", ".yaml", ".yml")
"""Of the files that are looked for in a folder."""


def read_catalog(
    paths: Sequence[Path],
    *,
    strict: bool = False,
    run_python: bool = False,
    documents: Sequence[NamedDocument] = (),
    worlds: Sequence[Path] = (),
    longest: int = LONGEST,
) -> Catalog:
    """Everything that the files hold; of a folder, every catalogue in it, in order of name.

    A tool that cannot be used is skipped with the reason; with ``strict``, that is an InputError.
    ``run_python`` lets Python files be executed. ``documents`` are read like files. World
    models that lie beside files and folders are read with them, and hold for their tools; those
    of ``worlds`` for all, and they are the stronger. Descriptions longer than ``longest`` are cut.
    Raises InputError for whatever cannot be
    used, with file, tool and place.
    """
    if not paths and not documents:
        raise InputError("no file of tools was given")
    loaded: list[tuple[Path, Any, list[str]]] = []
    parts = set[Path]()
    for path in find_files(paths):
        with _blaming(str(path)):
            said: list[str] = []
            document = load_document(path, run=run_python, said=said)
            if strict and said:
                raise InputError(said[0])
            if openapi.recognises(document):
                document, taken_in = take_in_files(document, path)
                parts |= taken_in
            loaded.append((path, document, said))
    files: list[ToolFile] = []
    for path, document, said in loaded:
        if path.resolve() in parts and not openapi.recognises(document):
            continue  # a part of another one
        with _blaming(str(path)):
            files.append(read_tools(path.name, document, strict=strict, path=path, longest=longest))
            files[-1].notes += said
    for one in documents:
        with _blaming(one.name):
            held = one.document
            held = held if isinstance(held, PythonSource) else check_writable(held)
            files.append(read_tools(one.name, held, strict=strict, longest=longest))
    owned = _name_tools(files)
    catalog = Catalog(
        tools=tuple(spec for _, spec in owned),
        skipped=tuple(skipped for file in files for skipped in file.skipped),
        notes=tuple(f"{file.name}: {note}" for file in files for note in file.notes),
    )
    # The world models beside the folders, then beside the files, each with the tools meant.
    named_for: list[tuple[Path, Sequence[ToolSpec]]] = []
    for folder in (path.absolute() for path in paths if path.is_dir()):
        inside = [spec for file, spec in owned if file and file.absolute().parent == folder]
        named_for += [(found, inside) for found in find_beside(folder)]
    for path in dict.fromkeys(file for file, _ in owned if file is not None):
        inside = [spec for file, spec in owned if file == path]
        named_for += [(found, inside) for found in find_beside(path)]
    named_for += [(path, catalog.tools) for path in worlds]
    sources = [bind_names(read_world_file(file), file, tools) for file, tools in named_for]
    return with_worlds(catalog, sources) if sources else catalog


def _name_tools(files: Sequence[ToolFile]) -> list[tuple[Path | None, ToolSpec]]:
    """The tools with the names that tell them apart, and the file of each.

    The domain is the part of its file that a tool names, or else the whole file.
    """
    owned = [(number, spec) for number, file in enumerate(files) for spec in file.tools]
    keys = [(number, spec.domain) for number, spec in owned]
    distinct = list(dict.fromkeys(keys))
    plain = [name_domain(part or Path(files[number].name).stem) for number, part in distinct]
    names = dict(zip(distinct, name_apart(plain), strict=True))
    wanted = [(names[key], spec.name) for key, (_, spec) in zip(keys, owned, strict=True)]
    wire_names = name_on_wire(wanted, [spec.description for _, spec in owned])
    named = []
    for (number, spec), (domain, name), wire in zip(owned, wanted, wire_names, strict=True):
        renamed = (f"wire name {wire!r}",) if wire != name else ()
        update = {"domain": domain, "wire_name": wire, "repairs": (*renamed, *spec.repairs)}
        named.append((files[number].path, spec.model_copy(update=update)))
    return named


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
        problem, place = write_on_one_line(error.problem), write_on_one_line(error.place)
        raise InputError(problem, file=file, tool=error.tool, place=place) from None
