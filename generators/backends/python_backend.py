"""The backend of a hand-written environment: a class of Python, one's own or one that ships.

`open_backend("my_shop:Shop")` makes it; ``file.py:Class`` is found by its path. Whatever is wrong
with it is one InputError that names it as the user did. The code is the user's own: it is imported,
and thereby executed, in this process. How the class is written is told in `schemas.authoring`.
"""

import hashlib
import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

from generators.backends.backend import WantedCall
from generators.backends.python_environment import PythonEnvironment, frozen
from generators.backends.python_tools import PythonTool, adapters_of
from generators.identity_cache import Same
from generators.importers import NamedDocument, read_catalog
from generators.importers.documents import PythonSource
from generators.sandbox.propose import Proposal
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.authoring import POLICY, PolicyMark, ToolError, effect_of
from schemas.canonical import content_hash
from schemas.environment import Environment
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
    def policies(self) -> tuple[Policy, ...]:
        """The marked methods, the bases' first, then the marked functions of the module."""
        known: dict[str, Policy] = {}
        for owner in (*reversed(self.kind.__mro__), self.module):
            for name, value in vars(owner).items():
                rule = getattr(value, POLICY, None)
                if isinstance(rule, PolicyMark):
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


@dataclass(frozen=True)
class PythonBackend:
    """Implements `generators.backends.backend.Backend`."""

    loaded: LoadedClass
    catalog: Catalog
    """The class's tools."""
    pure_reads: bool = False
    """What a method leaves behind is not known."""

    @property
    def name(self) -> str:
        """As the class was named, without folders: ``my_shop:Shop``, ``shop.py:Shop``."""
        place, _, kind = self.loaded.reference.rpartition(":")
        return f"{Path(place).name if place.endswith('.py') else place}:{kind}"

    @property
    def fingerprint(self) -> str:
        """Changes with the text of its file, and of those beside it in its package."""
        file = self.loaded.file
        packaged = (file.parent / "__init__.py").exists()
        files = sorted(file.parent.glob("*.py")) if packaged else [file]
        texts = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in files}
        return content_hash(texts)

    @cached_property
    def world(self) -> World:
        """Inferred from the tools."""
        return replace(infer_world(self.catalog.tools), answered=True)

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The rules that the class brings."""
        return self.loaded.policies

    @property
    def rules(self) -> tuple[str, ...]:
        """The texts of the policies, for the assistant's instructions."""
        return tuple(policy.text for policy in self.policies)

    @cached_property
    def tools(self) -> Mapping[str, PythonTool]:
        """By wire name."""
        kind = self.loaded.kind
        return {
            tool.wire_name: PythonTool(
                tool,
                kind.__name__,
                tool.name,
                self.loaded.reference,
                adapters_of(getattr(kind, tool.name)),
            )
            for tool in self.catalog.tools
        }

    def open(self, seed: int, clock: str) -> PythonEnvironment:
        """A new object of the class. Raises InputError where it cannot be made."""
        initial = _initial(Same(self), seed, clock)
        return PythonEnvironment(self.tools, self.world, initial, clock, self.loaded.reference)

    def violations(
        self, environment: Environment, tool: str, arguments: JsonObject
    ) -> tuple[str, ...]:
        """The texts of the policies that a call, by wire name, would break in the present state.

        A policy that raises ToolError or LookupError has nothing to say: what the call is about
        does not exist, and the call itself will fail. Raises InputError for any other error, and
        for an answer that is neither true nor false; TypeError for an environment of another
        backend.
        """
        called, file = self.tools[tool], self.loaded.reference
        target = _own(environment, self.name).parts[called.part]
        broken: list[str] = []
        for policy in self.policies:
            if policy.tools and called.method not in policy.tools:
                continue
            try:
                allowed = policy.allows(target, called.method, arguments)
            except (ToolError, LookupError):
                continue
            except Exception as error:
                problem = f"the policy raises {type(error).__name__}: {error}"
                raise InputError(problem, file=file, place=policy.name) from error
            if not isinstance(allowed, bool):
                problem = f"the policy must answer true or false, not {allowed!r}"
                raise InputError(problem, file=file, place=policy.name)
            if not allowed:
                broken.append(policy.text)
        return tuple(broken)

    def propose(self, environment: Environment, wanted: WantedCall, rng: Random) -> Proposal | None:
        """A call out of the environment's own rows that breaks no policy."""
        own = _own(environment, self.name)
        return own.propose(
            wanted, rng, lambda arguments: not self.violations(own, wanted.name, arguments)
        )


def _own(environment: Environment, name: str) -> PythonEnvironment:
    if not isinstance(environment, PythonEnvironment):
        raise TypeError(f"{type(environment).__name__} is no environment of {name}")
    return environment


def open_backend(reference: str) -> PythonBackend:
    """The backend of a class, by ``module:Class`` or ``file.py:Class``. Raises InputError."""
    # Import a class. Raises InputError.
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
    loaded = LoadedClass(reference, home, kind)
    loaded.starting_arguments()  # refused at once where there are others
    return PythonBackend(loaded, tools_of(loaded))


@lru_cache(maxsize=8)
def _initial(backend: Same[PythonBackend], seed: int, clock: str) -> bytes:
    """The frozen initial state; a replay with the same seed and clock finds it made."""
    loaded = backend.it.loaded
    given = {"seed": seed, "clock": datetime.fromisoformat(clock)}
    wanted = loaded.starting_arguments()
    try:
        target = loaded.kind(**{name: value for name, value in given.items() if name in wanted})
    except Exception as error:  # whatever the user's constructor raises
        problem = f"cannot be made: {type(error).__name__}: {error}"
        raise InputError(problem, file=loaded.reference, place=loaded.kind.__name__) from error
    return frozen({loaded.kind.__name__: target}, loaded.reference)
