"""Finds the class that ``module:Class`` or ``file.py:Class`` names, and reads its tools.

Whatever is wrong with it is one InputError that names it as the user did. The code is the user's
own: it is imported, and thereby executed, in this process.
"""

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from generators.backends.authoring import effect_of
from generators.importers import NamedDocument, read_catalog
from generators.importers.documents import PythonSource
from schemas.canonical import content_hash
from schemas.errors import InputError
from schemas.tool import Catalog, ToolSpec


@dataclass(frozen=True)
class LoadedClass:
    """A class of a user's, and what it was named as."""

    reference: str
    module: ModuleType
    kind: type[Any]

    @property
    def file(self) -> Path:
        """Where it is written down. Raises InputError for a class without source."""
        try:
            return Path(inspect.getfile(self.kind))
        except (TypeError, OSError):
            raise InputError("its source is not to be found", file=self.reference) from None

    @property
    def source_hash(self) -> str:
        """Hash of its file and of those beside it in its package: another text, other data."""
        file = self.file
        packaged = (file.parent / "__init__.py").exists()
        files = sorted(file.parent.glob("*.py")) if packaged else [file]
        texts = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in files}
        return content_hash(texts)


def load_class(reference: str) -> LoadedClass:
    """Import a class. Raises InputError.

    Modules are found as ``python`` finds them in the working directory, files by their path; what
    stands beside a file can be imported by it.
    """
    place, colon, name = reference.rpartition(":")
    if not colon or not place or not name.isidentifier():
        problem = "must be like my_module:MyClass or folder/file.py:MyClass"
        raise InputError(problem, file=reference)
    module = _file_module(place, reference) if place.endswith(".py") else _module(place, reference)
    kind = getattr(module, name, None)
    if not isinstance(kind, type):
        problem = f"has no class {name}" + (f"; there is {', '.join(_classes(module))}"
                                            if _classes(module) else "")  # fmt: skip
        raise InputError(problem, file=reference)
    home = sys.modules.get(kind.__module__, module)
    return LoadedClass(reference, home, kind)


def _classes(module: ModuleType) -> list[str]:
    return [name for name, value in vars(module).items()
            if isinstance(value, type) and value.__module__ == module.__name__]  # fmt: skip


def _module(name: str, reference: str) -> ModuleType:
    _find_beside(Path.cwd())
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        found = None
    if found is None:
        raise InputError(f"there is no module {name}", file=reference)
    module: ModuleType = _executed(reference, lambda: importlib.import_module(name))
    return module


def _file_module(place: str, reference: str) -> ModuleType:
    path = Path(place).resolve()
    if not path.is_file():
        raise InputError("no such file", file=reference)
    name = f"{path.stem}_{content_hash(str(path), 8)}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError("is no file of Python", file=reference)
    module = importlib.util.module_from_spec(spec)
    _find_beside(path.parent)
    sys.modules[name] = module  # copies of its objects are made by the module's name
    loader = spec.loader
    try:
        _executed(reference, lambda: loader.exec_module(module))
    except InputError:
        del sys.modules[name]
        raise
    return module


def _find_beside(folder: Path) -> None:
    """Let what lies in the folder be imported, after all that could be imported before."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def _executed(reference: str, execute: Any) -> Any:
    try:
        return execute()
    except Exception as error:  # whatever the user's module raises
        lines = str(error).strip().splitlines() or [""]
        problem = f"importing it failed: {type(error).__name__}: {lines[0][:200]}"
        raise InputError(problem, file=reference) from error


def tools_of(loaded: LoadedClass) -> Catalog:
    """The public methods as tools, read from signatures, annotations and docstrings.

    The marks of `generators.backends.authoring` decide what reads and what writes. A result that is
    not annotated may be anything. Raises InputError.
    """
    text = loaded.file.read_text(encoding="utf-8")
    source = PythonSource(text, str(loaded.file), owner=loaded.kind.__name__, loaded=loaded.module)
    try:
        catalog = read_catalog(
            (), strict=True, documents=(NamedDocument(loaded.file.name, source),)
        )
    except InputError as error:
        raise InputError(
            error.problem, file=loaded.reference, tool=error.tool, place=error.place
        ) from None
    tools = tuple(_marked(loaded, tool) for tool in catalog.tools)
    return catalog.model_copy(update={"tools": tools})


def _marked(loaded: LoadedClass, tool: ToolSpec) -> ToolSpec:
    method = inspect.getattr_static(loaded.kind, tool.name)
    method = getattr(method, "__func__", method)
    if inspect.iscoroutinefunction(method) or inspect.isasyncgenfunction(method):
        problem = "is asynchronous; tools of an environment are plain methods"
        raise InputError(problem, file=loaded.reference, tool=tool.name)
    effect = effect_of(method)
    update: dict[str, Any] = {}
    if effect is not None:
        kept = tuple(note for note in tool.inferred if not note.startswith("effect "))
        update |= {"effect": effect, "inferred": kept}
        update["destructive"] = tool.destructive and effect == "write"
    if tool.returns is None:
        update |= {"returns": {}, "returns_from": "source"}
    return tool.model_copy(update=update)


def starting_arguments(loaded: LoadedClass) -> frozenset[str]:
    """Which of ``seed`` and ``clock`` the class is made with. Raises InputError for any other."""
    try:
        parameters = inspect.signature(loaded.kind).parameters.values()
    except (TypeError, ValueError):
        raise InputError("cannot be made: it has no signature", file=loaded.reference) from None
    return frozenset(_taken(parameters, loaded))


def _taken(parameters: Any, loaded: LoadedClass) -> Iterator[str]:
    for parameter in parameters:
        if parameter.name in ("seed", "clock"):
            yield parameter.name
        elif parameter.default is parameter.empty and parameter.kind not in (
            parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD
        ):  # fmt: skip
            problem = f"needs {parameter.name!r}; environments are made with seed and clock only"
            raise InputError(problem, file=loaded.reference)
