"""Finds the class that ``module:Class`` or ``file.py:Class`` names, and reads its tools.

Whatever is wrong with it is one InputError that names it as the user did. The code is the user's
own: it is imported, and thereby executed, in this process.
"""

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from generators.importers import NamedDocument, read_catalog
from generators.importers.documents import PythonSource
from schemas.authoring import effect_of, rule_of
from schemas.canonical import content_hash
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog, ToolSpec


@dataclass(frozen=True)
class Policy:
    """A rule that code can check."""

    name: str
    text: str
    tools: frozenset[str]
    """Methods that it is about; empty: all."""
    allows: Callable[[Any, str, JsonObject], bool]
    """Object, method and arguments → whether the call is allowed in the present state."""


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

    @property
    def policies(self) -> tuple[Policy, ...]:
        """The marked methods, the bases' first, then the marked functions of the module."""
        known: dict[str, Policy] = {}
        for owner in (*reversed(self.kind.__mro__), self.module):
            for name, value in vars(owner).items():
                rule = rule_of(value)
                if rule is not None:
                    known[name] = Policy(name, rule.text, rule.tools, value)
                elif owner is not self.module:
                    known.pop(name, None)
        return tuple(known.values())

    def starting_arguments(self) -> frozenset[str]:
        """Which of ``seed`` and ``clock`` it is made with. Raises InputError for any other."""
        try:
            parameters = inspect.signature(self.kind).parameters.values()
        except (TypeError, ValueError):
            raise InputError("cannot be made: it has no signature", file=self.reference) from None
        named = [one for one in parameters if one.name in ("seed", "clock")]
        for one in parameters:
            gathers = one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD)
            if one not in named and one.default is one.empty and not gathers:
                problem = f"needs {one.name!r}; environments are made with seed and clock only"
                raise InputError(problem, file=self.reference)
        return frozenset(one.name for one in named)


def load_class(reference: str) -> LoadedClass:
    """Import a class. Raises InputError.

    Modules are found as ``python`` finds them in the working directory, files by their path; what
    stands beside a file can be imported by it.
    """
    place, colon, name = reference.rpartition(":")
    if not colon or not place or not name.isidentifier():
        problem = "must be like my_module:MyClass or folder/file.py:MyClass"
        raise InputError(problem, file=reference)
    find = _find_file if place.endswith(".py") else _find_module
    execute = find(place, reference)
    try:
        module = execute()
    except Exception as error:  # whatever the user's module raises
        lines = str(error).strip().splitlines() or [""]
        problem = f"importing it failed: {type(error).__name__}: {lines[0][:200]}"
        raise InputError(problem, file=reference) from error
    kind = getattr(module, name, None)
    if not isinstance(kind, type):
        classes = [
            name
            for name, value in vars(module).items()
            if isinstance(value, type) and value.__module__ == module.__name__
        ]
        others = f"; there is {', '.join(classes)}" if classes else ""
        raise InputError(f"has no class {name}{others}", file=reference)
    home = sys.modules.get(kind.__module__, module)
    return LoadedClass(reference, home, kind)


def _find_module(name: str, reference: str) -> Callable[[], ModuleType]:
    _find_beside(Path.cwd())
    try:
        found = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        found = None
    if found is None:
        raise InputError(f"there is no module {name}", file=reference)
    return lambda: importlib.import_module(name)


def _find_file(place: str, reference: str) -> Callable[[], ModuleType]:
    path = Path(place).resolve()
    if not path.is_file():
        raise InputError("no such file", file=reference)
    name = f"{path.stem}_{content_hash(str(path), 8)}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError("is no file of Python", file=reference)
    loader, module = spec.loader, importlib.util.module_from_spec(spec)

    def execute() -> ModuleType:
        if name not in sys.modules:
            _find_beside(path.parent)
            sys.modules[name] = module  # copies of its objects are made by the module's name
            try:
                loader.exec_module(module)
            except Exception:
                del sys.modules[name]
                raise
        return sys.modules[name]

    return execute


def _find_beside(folder: Path) -> None:
    """Let what lies in the folder be imported, after all that could be imported before."""
    if str(folder) not in sys.path:
        sys.path.append(str(folder))


def tools_of(loaded: LoadedClass) -> Catalog:
    """The public methods as tools, read from signatures, annotations and docstrings.

    The marks of `schemas.authoring` decide what reads and what writes. A result that is
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
    tools: list[ToolSpec] = []
    for tool in catalog.tools:
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
        tools.append(tool.model_copy(update=update))
    return catalog.model_copy(update={"tools": tuple(tools)})
