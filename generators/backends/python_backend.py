"""The backend of a hand-written environment: a class of Python, one's own or one that ships.

`open_backend("my_shop:Shop")` makes it. How the class is written is told in
`schemas.authoring`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from pathlib import Path
from random import Random
from typing import Any

from generators.backends.loading import LoadedClass, Policy, load_class, tools_of
from generators.backends.python_environment import PythonEnvironment, frozen
from generators.backends.python_tools import PythonTool, adapters_of
from generators.identity_cache import Same
from generators.sandbox.own_rows import EVERYTHING, Scope
from generators.sandbox.propose import NOTHING, Proposal
from generators.world.infer import infer_world
from generators.world.model import World
from schemas.authoring import ToolError
from schemas.environment import Environment
from schemas.errors import InputError
from schemas.record import JsonObject
from schemas.tool import Catalog


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
        """Changes with the text of the class."""
        return self.loaded.source_hash

    @cached_property
    def world(self) -> World:
        """Inferred from the tools."""
        return infer_world(self.catalog.tools)

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

    def propose(
        self,
        environment: Environment,
        name: str,
        rng: Random,
        given: Mapping[str, Any] = NOTHING,
        optional: int = 1,
        scope: Scope = EVERYTHING,
    ) -> Proposal | None:
        """A call out of the environment's own rows that breaks no policy."""
        own = _own(environment, self.name)
        return own.propose(
            name, rng, given, optional,
            lambda arguments: not self.violations(own, name, arguments), scope,
        )  # fmt: skip


def _own(environment: Environment, name: str) -> PythonEnvironment:
    if not isinstance(environment, PythonEnvironment):
        raise TypeError(f"{type(environment).__name__} is no environment of {name}")
    return environment


def open_backend(reference: str) -> PythonBackend:
    """The backend of a class, by ``module:Class`` or ``file.py:Class``. Raises InputError."""
    loaded = load_class(reference)
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
